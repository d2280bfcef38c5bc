// Commands about what was said: reading it again, taking it back, how far one has read.
// Part of commands.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/records.hpp"

namespace brusio::chat {

// Whose past is meant: a channel's, or the conversation with a nick.
struct past_of {
    std::optional<channel_name> channel;
    nick_name nick;
    bool operator==(const past_of&) const = default;
};

// A question about the past. Chat only says whether the session may ask, and of what (`past_granted`); the store
// answers it, and `asked` says to the door what for.
struct ask_past {
    session_id session;
    std::optional<past_of> of;  // none: all that the session may read (targets, search)
    std::string asked;          // the door's, as it is
    bool operator==(const ask_past&) const = default;
};

// Somebody wants to take back a message; its entry, and whether it is there at all, comes from the store.
struct redact {
    session_id session;
    past_of of;
    message_id id;
    std::string reason;
    bool found = false;  // false: not looked up yet
    party_id from;       // who said it
    bool operator==(const redact&) const = default;
};

// Without a time: a question.
struct mark_read {
    session_id session;
    past_of of;
    std::optional<std::int64_t> at_ms;
    bool operator==(const mark_read&) const = default;
};

// ── metadata: what people say of themselves, and operators of channels, as keys and values ──────────────────────────
// docs: IRCv3 draft/metadata-2. A key is 1 to 64 of a-z 0-9 _ . / -, a value at most 300 bytes of UTF-8, which whoever
// makes the command has checked. An account's is shared by all its users, and kept, as a registered channel's and the
// lobby's is; others' ends with them.

enum class metadata_action : std::uint8_t {
    get,    // of `keys`, in their order
    list,   // all
    set,    // keys: one; without a value: no more
    clear,  // all of them no more
    sync,   // those that the session subscribes to (of `keys`, if there are any); of a channel, its members' as well
};
struct metadata {
    session_id session;
    metadata_action what = metadata_action::get;
    std::optional<channel_name> channel;
    std::optional<nick_name> nick;  // neither: oneself
    std::vector<std::string> keys;
    std::optional<std::string> value;
    user_id after;              // of `sync`, which comes in slices: the member after whom this one begins
    std::uint32_t limit = 100;  // and of how many members it tells
    bool all = false;           // of `sync`, instead of a target: oneself, one's channels and whom one monitors
    channel_id in;              // of `all`: the channel whose slice begins after `after`
    bool told = false;          // of `sync`: nobody has asked but the door, when its client entered a channel, say
    bool operator==(const metadata&) const = default;
};
// Which keys' changes a session is told: of members of its channels, of these, and of those whom it monitors.
struct subscribe {
    session_id session;
    list_action what = list_action::list;  // `status` as `list`
    std::vector<std::string> keys;
    bool operator==(const subscribe&) const = default;
};

}  // namespace brusio::chat
