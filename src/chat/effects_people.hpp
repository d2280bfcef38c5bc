// What is told of people: refusals, who comes and goes, what they change about themselves, who watches them. Who gets
// to see it: effects.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/commands.hpp"

namespace brusio::chat {

// ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

// Why a name was not given.
enum class name_refusal : std::uint8_t { taken, looks_like_another, reserved, registered };

// Why a command was not obeyed. In the comments: what `channel`, `nick` and `detail` of the refusal name.
enum class refusal : std::uint8_t {
    no_such_nick,           // nick
    no_such_channel,        // channel
    not_a_member,           // channel: oneself
    they_are_not_a_member,  // channel, nick
    already_a_member,       // channel, nick
    too_many_channels,      // channel
    channel_is_full,        // channel
    channel_is_invite_only,
    banned_from_channel,
    wrong_key,
    channel_needs_account,
    cannot_speak_outside,  // +n
    cannot_speak_moderated,
    cannot_speak_banned,
    cannot_speak_muted,
    cannot_speak_without_account,
    cannot_speak_ctcp,
    cannot_speak_so_fast,    // detail: seconds to wait
    silenced_by_server,      // a server ban that mutes
    needs_channel_operator,  // channel
    needs_higher_rank,       // channel
    needs_server_operator,
    list_is_full,                         // channel, detail: the letter
    no_such_mode,                         // channel, detail: the letter
    bad_mode_value,                       // channel, detail: letter and value, parted by a blank
    bad_own_mode,                         // an unknown letter
    modes_of_others,                      // somebody else's
    no_private_messages_without_account,  // nick
    too_many_monitored,                   // detail: the nicks, parted by commas
    too_many_silenced,                    // detail: the mask
    channel_name_in_use,                  // channel, detail: the new name
    channel_is_permanent,                 // channel, detail: the new name
    no_such_ban,                          // detail
    bad_mask,                             // detail
    list_has_it,                          // channel, nick: the mask, detail: the letter
    list_lacks_it,                        // channel, nick: the mask, detail: the letter
    channel_looks_like_another,           // channel: the new name
    channel_has_that_name,                // channel, detail: the name
    may_only_listen,                      // the session came by a credential that may not speak
};

struct refused {
    session_id session;
    refusal why = refusal::no_such_nick;
    std::string channel;
    std::string nick;
    std::string detail;
    bool operator==(const refused&) const = default;
};

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

struct head_count {
    std::uint64_t users = 0;  // all of them
    std::uint64_t invisible = 0;
    std::uint64_t operators = 0;
    std::uint64_t channels = 0;
    std::uint64_t most_users = 0;
    bool operator==(const head_count&) const = default;
};

struct logged_in {
    session_id session;
    user_id user;
    person who;
    user_flags modes = 0;
    head_count count;
    bool attached = false;                 // to a user that was here before; its channels follow as `seated`
    std::vector<metadata_value> metadata;  // the user's
    std::int64_t missed_since_ms = 0;      // when its account was last here; 0: has missed nothing
    message_id last;                       // the latest id given before: what comes after it, the session hears itself
    bool operator==(const logged_in&) const = default;
};
// `holder` is a session that has the name, when there is one to be asked whether it still lives.
struct log_in_refused {
    session_id session;
    name_refusal why = name_refusal::taken;
    session_id holder;
    log_in asked;  // so that it can be tried again when the holder turns out to be gone
    bool operator==(const log_in_refused&) const = default;
};
// Not because of the name: by a server ban, or by the channel that it wanted to be bound to.
struct not_let_in {
    session_id session;
    std::optional<refusal> channel_says;
    std::string reason;         // of the ban
    bool need_account = false;  // an account would help
    bool bad_account = false;   // the account that it was to come as does not count any more
    bool operator==(const not_let_in&) const = default;
};
struct renamed {
    session_id session;
    user_id user;
    std::vector<session_id> sessions;
    std::vector<channel_id> channels;
    person before;
    person after;
    std::int64_t at_ms = 0;
    bool operator==(const renamed&) const = default;
};
struct rename_refused {
    session_id session;
    name_refusal why = name_refusal::taken;
    session_id holder;
    rename asked;
    bool operator==(const rename_refused&) const = default;
};
struct away_set {
    session_id session;
    std::vector<session_id> sessions;
    std::vector<channel_id> channels;
    std::vector<session_id> watchers;  // who monitor the nick and share no channel
    person who;
    std::string text;  // empty: here again
    std::int64_t at_ms = 0;
    bool operator==(const away_set&) const = default;
};
struct real_name_set {
    session_id session;
    std::vector<session_id> sessions;
    std::vector<channel_id> channels;
    std::vector<session_id> watchers;
    person who;
    std::string text;
    std::int64_t at_ms = 0;
    bool operator==(const real_name_set&) const = default;
};
// A new host, by a server operator. A `host_shown` for each channel of the user follows. When it is the host that they
// have already, `before` is equal to `after` and nobody but the operator is told.
struct host_set {
    session_id session;
    std::vector<session_id> sessions;
    std::vector<channel_id> channels;
    std::vector<session_id> watchers;
    person before;
    person after;
    std::int64_t at_ms = 0;
    bool operator==(const host_set&) const = default;
};
// What comes after `host_set`, for who took it for the user's leaving: the user is in this channel, with this rank.
struct host_shown {
    session_id session;
    user_id user;
    std::vector<session_id> sessions;  // the user's own, who need not be told
    channel_id channel;
    std::string channel_name;
    person who;  // with the new host
    std::string real_name;
    std::string away;
    ranks has = 0;
    std::int64_t at_ms = 0;
    bool operator==(const host_shown&) const = default;
};
struct own_modes_changed {
    session_id session;
    std::vector<session_id> sessions;
    person who;
    user_flags set = 0;
    user_flags unset = 0;
    std::int64_t at_ms = 0;
    bool operator==(const own_modes_changed&) const = default;
};
struct own_modes_are {
    session_id session;
    user_flags modes = 0;
    bool operator==(const own_modes_are&) const = default;
};
// The session is no more; in the order of release, the last effect to name it. `last` when its user went with it; then
// `channels` are those it was in, and nobody needs to be told anything else.
struct left {
    session_id session;
    user_id user;
    bool last = true;
    std::vector<channel_id> channels;
    person who;
    std::string reason;
    std::int64_t at_ms = 0;
    bool operator==(const left&) const = default;
};
// A session is ended by others: killed, banned, or or out of the channel that it is bound to. Its `left` follows.
enum class end_cause : std::uint8_t {
    killed,
    banned_by_server,
    kicked,
    banned_from_channel,
    ghosted,     // by the owner of its nick
    suspended,   // its account is
    logged_out,  // by its account's owner
    parted,      // its user has left the channel that it is bound to, with another session
};
struct ended {
    session_id session;
    std::vector<session_id> to;  // one
    end_cause why = end_cause::killed;
    person by;
    std::string reason;
    std::int64_t at_ms = 0;
    bool operator==(const ended&) const = default;
};

// ── monitoring ──────────────────────────────────────────────────────────────────────────────────────────────────────

struct came_or_went {
    session_id session;
    std::vector<session_id> to;
    bool here = true;
    person who;
    bool operator==(const came_or_went&) const = default;
};
struct watched {
    std::string nick;
    std::string mask;  // empty: not here
    bool operator==(const watched&) const = default;
};
// The answer to `monitor`: of `add` and `status` who is here and who is not, of `list` all names.
struct monitored {
    session_id session;
    list_action what = list_action::add;
    std::vector<watched> nicks;
    bool operator==(const monitored&) const = default;
};
struct silence_changed {
    session_id session;
    std::vector<session_id> sessions;
    person who;
    bool add = true;
    std::string mask;
    bool operator==(const silence_changed&) const = default;
};
struct silence_is {
    session_id session;
    std::vector<std::string> masks;
    bool operator==(const silence_is&) const = default;
};

}  // namespace brusio::chat
