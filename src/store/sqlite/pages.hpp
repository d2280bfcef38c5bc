// Pages of the past. What they cost grows with their limit, not with the past.
#pragma once

#include "store/sqlite/rows.hpp"
#include "store/store.hpp"

namespace brusio::store::sqlite {

// A part of a timeline: what `entries` has under this number, in one of its two columns, after `floor`.
struct past {
    std::int64_t timeline = 0;
    bool other = false;
    std::int64_t floor = 0;
};
// Of the whole timeline: a channel is one past; a conversation two for each party that was called so.
std::vector<past> pasts_of(connection& c, const timeline& of);

// Up to which entry a past is forgotten; 0: it is not.
std::int64_t doomed_up_to(connection& c, std::int64_t timeline);

struct reach {
    std::int64_t after = 0;  // exclusive
    std::int64_t before = 0;
    bool newest = false;  // first; else the oldest
    bool events = false;
};
// The first `most` ids, in their order.
std::vector<std::int64_t> ids_in(connection& c, const std::vector<past>& pasts, const reach& where, std::size_t most);

page read_page(connection& c, const page_query& q);
page read_one(connection& c, const entry_query& q);
targets read_targets(connection& c, const targets_query& q);
credentials read_credentials(connection& c, const credentials_query& q);
dropped read_dropped(connection& c, const dropped_query& q);

}  // namespace brusio::store::sqlite
