// What goes into `chat` and what comes out: plain values with an encoder (base/archive.hpp), so that they can be
// logged, sent to another node, and replayed. No pointers, no connection handles, no callbacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/identity.hpp"
#include "base/ids.hpp"

namespace brusio::chat {

using base::channel_id;
using base::identity;
using base::message_id;
using base::session_id;
using base::user_id;

// A channel's name as shown and as compared; like an identity, computed before the command is made.
struct channel_name {
    std::string name;
    std::string fold;
    bool operator==(const channel_name&) const = default;
    template <class A>
    void fields(A& a) {
        a(name, fold);
    }
};

enum class speech : std::uint8_t { text, action };

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

// A new session takes a name; with `into`, it joins that channel in the same step.
struct log_in {
    session_id session;
    identity who;
    std::optional<channel_name> into;
    bool operator==(const log_in&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, who, into);
    }
};
struct rename {
    session_id session;
    identity who;
    bool operator==(const rename&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, who);
    }
};
struct join {
    session_id session;
    channel_name channel;
    bool operator==(const join&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, channel);
    }
};
struct part {
    session_id session;
    channel_name channel;
    bool operator==(const part&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, channel);
    }
};
// A message to a channel. `body` is any bytes.
struct say {
    session_id session;
    channel_name channel;
    speech kind = speech::text;
    std::string body;
    bool operator==(const say&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, channel, kind, body);
    }
};
// A message to one person, named by nick.
struct tell {
    session_id session;
    std::string nick;  // as typed, for the answer when nobody has it
    std::string nick_fold;
    speech kind = speech::text;
    std::string body;
    bool operator==(const tell&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, nick, nick_fold, kind, body);
    }
};
// The session ends, for whatever reason. Unknown sessions are ignored: leaving twice is harmless.
struct leave {
    session_id session;
    std::string reason;
    bool operator==(const leave&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, reason);
    }
};
// What the store said of all messages up to `up_to` that it had not answered yet (or, with none of them, of itself).
enum class store_verdict : std::uint8_t { committed, refused, unknown };
struct store_answer {
    store_verdict verdict = store_verdict::committed;
    message_id up_to;
    bool operator==(const store_answer&) const = default;
    template <class A>
    void fields(A& a) {
        a(verdict, up_to);
    }
};

// Questions, in the same order as commands and answered when they are applied.

// Who is in a channel: at most `limit` people after `after`, in the order in which they came.
struct ask_who {
    session_id session;
    channel_name channel;
    user_id after;
    std::uint32_t limit = 250;
    bool operator==(const ask_who&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, channel, after, limit);
    }
};
// A question to the door itself (its help, say), that only wants its place in the order.
struct ask_door {
    session_id session;
    std::string topic;
    bool operator==(const ask_door&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, topic);
    }
};

using command = std::variant<log_in, rename, join, part, say, tell, leave, store_answer, ask_who, ask_door>;

// A command with the time it was ordered at. Whoever orders commands (one node's chat thread, or several nodes' log)
// gives the time, in milliseconds since 1970; `chat` never reads a clock.
struct stamped {
    std::int64_t at_ms = 0;
    command what;
    bool operator==(const stamped&) const = default;
    template <class A>
    void fields(A& a) {
        a(at_ms, what);
    }
};

// ── effects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// Why a name was not given. `holder` is a session that has it, when there is one to be asked whether it still lives.
enum class name_refusal : std::uint8_t { taken, looks_like_another, reserved };

struct person {
    std::string name;
    std::string nick;
    bool operator==(const person&) const = default;
    template <class A>
    void fields(A& a) {
        a(name, nick);
    }
};

struct logged_in {
    session_id session;
    user_id user;
    person who;
    bool operator==(const logged_in&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, user, who);
    }
};
struct log_in_refused {
    session_id session;
    name_refusal why = name_refusal::taken;
    session_id holder;
    log_in asked;  // so that it can be tried again when the holder turns out to be gone
    bool operator==(const log_in_refused&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, why, holder, asked);
    }
};
struct renamed {
    session_id session;
    user_id user;
    person before;
    person after;
    bool operator==(const renamed&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, user, before, after);
    }
};
struct rename_refused {
    session_id session;
    name_refusal why = name_refusal::taken;
    session_id holder;
    rename asked;
    bool operator==(const rename_refused&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, why, holder, asked);
    }
};
struct joined {
    session_id session;
    user_id user;
    channel_id channel;
    person who;
    std::string channel_name;
    bool operator==(const joined&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, user, channel, who, channel_name);
    }
};
struct parted {
    session_id session;
    user_id user;
    channel_id channel;
    person who;
    bool operator==(const parted&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, user, channel, who);
    }
};
// A message for everyone in the channel but the session that sent it.
struct said {
    message_id id;
    std::int64_t at_ms = 0;
    session_id from;
    user_id user;
    person who;
    channel_id channel;
    speech kind = speech::text;
    std::string body;
    bool operator==(const said&) const = default;
    template <class A>
    void fields(A& a) {
        a(id, at_ms, from, user, who, channel, kind, body);
    }
};
// A message for one session of the person it is for.
struct told {
    message_id id;
    std::int64_t at_ms = 0;
    session_id from;
    person who;
    session_id to;
    speech kind = speech::text;
    std::string body;
    bool operator==(const told&) const = default;
    template <class A>
    void fields(A& a) {
        a(id, at_ms, from, who, to, kind, body);
    }
};
// What the store must have before the effects of the same batch leave. Comes just before its `said`.
struct remember {
    message_id id;
    std::int64_t at_ms = 0;
    std::string channel_fold;
    person who;
    speech kind = speech::text;
    std::string body;
    bool operator==(const remember&) const = default;
    template <class A>
    void fields(A& a) {
        a(id, at_ms, channel_fold, who, kind, body);
    }
};
// The store did not take this message: nobody saw it, and its sender is told. Takes the place of its `said`; without an
// id, the message was refused before it was given one, because the store had already failed.
struct not_stored {
    session_id session;
    message_id id;
    bool operator==(const not_stored&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, id);
    }
};
struct no_such_nick {
    session_id session;
    std::string nick;
    bool operator==(const no_such_nick&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, nick);
    }
};
struct no_such_channel {
    session_id session;
    std::string name;
    bool operator==(const no_such_channel&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, name);
    }
};
// One slice of an answer to `ask_who`; `more` is set when another slice follows, and is asked for with `after = more`.
struct who_is_here {
    session_id session;
    ask_who asked;
    std::uint64_t total = 0;
    std::vector<person> people;
    user_id more;
    bool operator==(const who_is_here&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, asked, total, people, more);
    }
};
struct door_asked {
    session_id session;
    std::string topic;
    bool operator==(const door_asked&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, topic);
    }
};
// The session is no more; it comes after its `parted` effects and is, in the order of release, the last effect to name
// it.
struct left {
    session_id session;
    user_id user;
    person who;
    std::string reason;
    bool operator==(const left&) const = default;
    template <class A>
    void fields(A& a) {
        a(session, user, who, reason);
    }
};

using effect = std::variant<logged_in, log_in_refused, renamed, rename_refused, joined, parted, said, told, remember,
                            not_stored, no_such_nick, no_such_channel, who_is_here, door_asked, left>;

}  // namespace brusio::chat
