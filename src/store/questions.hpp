// What is asked of a store, and what it answers: plain values. Doors make the questions and read the answers; node
// carries them, and whoever asks has been allowed to (chat::past_granted).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "chat/values.hpp"

namespace brusio::store {

// ── questions about the past ────────────────────────────────────────────────────────────────────────────────────────

// What a page is read from: a channel's past, or a party's conversation with whoever is `peer` or was last called
// `peer_fold`. Nothing before `from` is told.
struct timeline {
    chat::channel_id channel;
    chat::party_id owner;
    chat::party_id peer;
    std::string peer_fold;
    chat::message_id from;
    bool operator==(const timeline&) const = default;
};

// `after`, `before`: exclusive bounds. With both zero, `latest` is the newest. Ids are times (id = ms << 16), so a time
// is a bound as well. At most page_max entries are told.
enum class span : std::uint8_t {
    latest,   // the newest after `after`
    before,   // the last before `before`
    after,    // the first after `after`
    around,   // half before `after`, then what has that id or comes after it
    between,  // the first after `after` and before `before`; when after > before, the last between the two
};
inline constexpr std::uint32_t page_max = 1000;

struct page_query {
    timeline of;
    span which = span::latest;
    chat::message_id after;
    chat::message_id before;
    std::uint32_t limit = 100;
    bool events = false;  // joins, topics and the like, too; without them only messages are counted
    bool operator==(const page_query&) const = default;
};
struct page {
    std::vector<chat::entry> entries;  // oldest first
    bool more = false;                 // in the direction that was read
};

// Which conversations have something new: of the channels given and of all that a party has.
struct targets_query {
    struct channel {
        chat::channel_id id;
        std::string name;
        chat::message_id from;
    };
    std::vector<channel> channels;
    chat::party_id owner;
    chat::message_id after;  // exclusive bounds of the latest message
    chat::message_id before;
    std::uint32_t limit = 50;
};
struct targets {
    struct one {
        std::string name;  // of the channel, or of the peer as last called
        chat::message_id latest;
    };
    std::vector<one> all;  // the longest silent first
};

// One entry of a past, by its id; none when it is not in there.
struct entry_query {
    timeline of;
    chat::message_id id;
};

// ── search ──────────────────────────────────────────────────────────────────────────────────────────────────────────

struct search_term {
    std::vector<std::string> words;  // several: a phrase
    bool prefix = false;             // the last one may go on
    bool without = false;            // may not be in it
    bool operator==(const search_term&) const = default;
};
struct search_query {
    std::vector<timeline> in;        // what the asker may read; nothing else is told. A channel or owner stands once;
                                     // an owner without a peer stands for all conversations of that party
    std::vector<search_term> terms;  // all of them; none: whatever else is asked for
    std::string from_fold;           // nick or account, folded; empty: anybody
    chat::message_id after;          // exclusive; zero: no bound
    chat::message_id before;         //
    std::uint32_t limit = 50;
    std::uint32_t look_at = 10'000;  // at most so many messages are checked
};
struct found {
    std::vector<chat::entry> entries;  // newest first
    chat::message_id go_on_before;     // there may be more before this one; zero: that was all
    bool up_to_date = true;            // false: the latest messages cannot be found yet
};

// ── credentials ─────────────────────────────────────────────────────────────────────────────────────────────────────

// All of an account's, or whoever has this certificate or token.
struct credentials_query {
    chat::account_id account;  // or:
    chat::credential_kind kind = chat::credential_kind::password;
    std::string id;
};
struct credentials {
    std::vector<chat::credential_record> all;
};

// The accounts of that name that were dropped, and of which something may be left.
struct dropped_query {
    std::string fold;
};
struct dropped {
    std::vector<chat::account_id> all;  // the latest first
};

using question = std::variant<page_query, targets_query, entry_query, search_query, credentials_query, dropped_query>;
using reply = std::variant<page, targets, found, credentials, dropped>;

}  // namespace brusio::store
