// What is told of channels, of messages and of the server. Who gets to see it: effects.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chat/effects_people.hpp"

namespace brusio::chat {

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

// `sessions`: those of the user that hear the channel.
struct joined {
    session_id session;
    user_id user;
    std::vector<session_id> sessions;
    channel_id channel;
    std::string channel_name;
    person who;
    std::string real_name;
    std::string away;
    ranks given = 0;
    std::int64_t at_ms = 0;
    message_id last;  // the latest id given before
    bool operator==(const joined&) const = default;
};
struct parted {
    session_id session;
    user_id user;
    std::vector<session_id> sessions;
    channel_id channel;
    std::string channel_name;
    person who;
    std::string reason;
    std::int64_t at_ms = 0;
    bool operator==(const parted&) const = default;
};
struct kicked {
    session_id session;
    user_id user;
    std::vector<session_id> sessions;
    channel_id channel;
    std::string channel_name;
    person by;
    std::string nick;
    std::string reason;
    std::int64_t at_ms = 0;
    bool operator==(const kicked&) const = default;
};
// To who was invited (`to`), to the channel, and to who invited. To the last alone, without `to` and `channel`, when
// who was invited silences them: they are not to notice.
struct invited {
    session_id session;
    std::vector<session_id> to;
    channel_id channel;
    std::string channel_name;
    person by;
    std::string nick;
    std::int64_t at_ms = 0;
    bool operator==(const invited&) const = default;
};
struct topic_changed {
    session_id session;
    channel_id channel;
    std::string channel_name;
    person by;
    std::string text;
    std::int64_t at_ms = 0;
    bool operator==(const topic_changed&) const = default;
};
struct modes_changed {
    session_id session;
    channel_id channel;
    std::string channel_name;
    person by;
    std::vector<mode_change> changes;  // as they took effect
    std::int64_t at_ms = 0;
    bool operator==(const modes_changed&) const = default;
};
// Told to each member by itself: who does not know of renaming sees a part and a join.
struct channel_renamed {
    session_id session;
    std::vector<session_id> to;
    std::vector<std::string> real_names;  // of the users of `to`
    std::string before;
    std::string after;
    person by;
    std::string reason;
    topic now;
    bool same_name = false;  // but for the case of ASCII letters
    std::int64_t at_ms = 0;
    bool operator==(const channel_renamed&) const = default;
};

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

// A message for everyone in the channel but the session that sent it. With `at_least`, only for the sessions of `to`.
struct said {
    message_id id;
    std::int64_t at_ms = 0;
    session_id session;
    user_id user;
    person who;
    channel_id channel;
    std::string channel_name;
    ranks at_least = 0;
    std::vector<session_id> to;
    message what;
    bool operator==(const said&) const = default;
};
// A message for the sessions of one person, and for the other sessions of its sender.
struct told {
    message_id id;
    std::int64_t at_ms = 0;
    session_id session;
    person who;
    std::string nick;
    std::vector<session_id> to;
    message what;
    bool operator==(const told&) const = default;
};
// Whom one wrote to is away.
struct is_away {
    session_id session;
    std::string nick;
    std::string text;
    bool operator==(const is_away&) const = default;
};
struct called_out {
    session_id session;
    std::vector<session_id> to;
    person who;
    std::string text;
    std::int64_t at_ms = 0;
    bool operator==(const called_out&) const = default;
};
// What the store must have before the effects of the same batch leave. Comes just before the effect that shows it. Ids
// grow; they are those of the messages, or take numbers among them.
struct remember {
    message_id id;
    record what;
    bool operator==(const remember&) const = default;
};
// The store did not take this message: nobody saw it, and its sender is told. Takes the place of its `said`; without an
// id, the message was refused before it was given one, because the store had already failed.
struct not_stored {
    session_id session;
    message_id id;
    std::string channel_name;
    bool operator==(const not_stored&) const = default;
};

// ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────

struct became_operator {
    session_id session;
    std::string name;
    bool operator==(const became_operator&) const = default;
};
struct kill_done {
    session_id session;
    std::string nick;
    bool operator==(const kill_done&) const = default;
};
struct account_requirement {
    session_id session;
    bool on = false;
    bool operator==(const account_requirement&) const = default;
};
struct server_bans_are {
    session_id session;
    list_action what = list_action::list;
    std::vector<server_ban> bans;   // of add and remove: that one
    std::vector<std::string> gone;  // of add: the nicks of those whom it puts out, in the order in which they go
    bool operator==(const server_bans_are&) const = default;
};

}  // namespace brusio::chat
