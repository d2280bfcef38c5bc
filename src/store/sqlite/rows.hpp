// Rows of `entries` and what stands in them.
#pragma once

#include <string>
#include <vector>

#include "chat/values.hpp"
#include "store/sqlite/sql.hpp"

namespace brusio::store::sqlite {

// Whether search looks into them.
inline bool is_searched(chat::entry_kind kind) { return kind <= chat::entry_kind::notice; }

// Inserts it unless there is one with its id; whether there was none. `other`: 0 for none.
bool insert_entry(connection& c, const chat::entry& e, std::int64_t timeline, std::int64_t other);

// The entry with this id. `timeline` and `other` (0: none) say where it belongs.
struct entry_row {
    chat::entry what;
    std::int64_t timeline = 0;
    std::int64_t other = 0;
};
bool read_entry(connection& c, chat::message_id id, entry_row& into);

std::string join_breaks(const std::vector<std::uint32_t>& breaks);
std::vector<std::uint32_t> split_breaks(std::string_view text);

}  // namespace brusio::store::sqlite
