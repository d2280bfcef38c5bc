// What comes out of `chat`: plain values, as the commands are. `session` is whose command it follows from. Who gets to
// see an effect is told by its members, the same way in all:
//
//   channel         everyone in that channel
//   channels        everyone who shares one of these with the user
//   sessions        all sessions of the user it is about
//   to              these sessions
//   none of them    `session` alone
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chat/commands.hpp"

namespace brusio::chat {

// Somebody as others see them.
struct person {
    std::string name;     // as typed
    std::string mask;     // "nick!user@host", with the shown host
    std::string account;  // empty: none
    bool bot = false;
    bool operator==(const person&) const = default;
    std::string_view nick() const { return std::string_view(mask).substr(0, mask.find('!')); }
};

// ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

// Why a name was not given.
enum class name_refusal : std::uint8_t { taken, looks_like_another, reserved };

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
    too_many_invitations,
    channel_name_in_use,   // channel, detail: the new name
    channel_is_permanent,  // channel, detail: the new name
    no_such_ban,           // detail
    bad_mask,              // detail
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
// A new host, by a server operator.
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
struct own_modes_changed {
    session_id session;
    std::vector<session_id> sessions;
    person who;
    user_flags set = 0;
    user_flags unset = 0;
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
// A session is ended by others: killed, banned, or removed from the channel that it is bound to. Its `left` follows.
enum class end_cause : std::uint8_t { killed, banned_by_server, kicked, banned_from_channel };
struct ended {
    session_id session;
    std::vector<session_id> to;  // one
    end_cause why = end_cause::killed;
    person by;
    std::string reason;
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

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct topic {
    std::string text;
    std::string by;  // a mask
    std::int64_t at_ms = 0;
    bool operator==(const topic&) const = default;
};

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
// To who was invited (`to`), to the channel, and to who invited.
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
    bool same_name = false;  // only written otherwise
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
// What the store must have before the effects of the same batch leave. Comes just before its `said`.
struct remember {
    message_id id;
    std::int64_t at_ms = 0;
    std::string channel_fold;
    person who;
    message what;
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
    std::vector<server_ban> bans;  // of add and remove: that one
    bool operator==(const server_bans_are&) const = default;
};

// ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
// Of a sliced one `asked` is the question for the next slice, and `more` says whether there is one.

struct member_entry {
    person who;
    ranks has = 0;
    bool away = false;
    bool operator==(const member_entry&) const = default;
};
struct names_are {
    session_id session;
    ask_names asked;
    bool first = true;
    bool more = false;
    bool secret = false;
    std::uint64_t total = 0;
    std::vector<member_entry> people;
    bool operator==(const names_are&) const = default;
};
struct who_entry {
    person who;
    std::string real_name;
    std::string channel;  // empty: none that may be told
    ranks has = 0;
    bool away = false;
    bool server_operator = false;
    std::string address;  // when the asker may know it
    std::int64_t idle_ms = 0;
    bool operator==(const who_entry&) const = default;
};
struct who_are {
    session_id session;
    ask_who asked;
    bool more = false;
    std::vector<who_entry> people;
    bool operator==(const who_are&) const = default;
};
struct whois_is {
    session_id session;
    std::string asked;
    bool found = false;
    person who;
    std::string real_name;
    std::string away;
    std::string operator_name;  // empty: no operator
    bool server_operator = false;
    bool secure = false;
    std::string address;      // when the asker may know it
    std::string certificate;  //
    user_flags modes = 0;     //
    std::int64_t idle_ms = 0;
    std::int64_t since_ms = 0;
    struct seat {
        std::string channel;
        ranks has = 0;
        bool operator==(const seat&) const = default;
    };
    std::vector<seat> channels;
    bool operator==(const whois_is&) const = default;
};
struct was_here {
    person who;
    std::string real_name;
    std::string address;  // when the asker may know it
    std::int64_t until_ms = 0;
    bool operator==(const was_here&) const = default;
};
struct whowas_is {
    session_id session;
    std::string asked;
    std::vector<was_here> people;  // the latest first
    bool operator==(const whowas_is&) const = default;
};
struct channel_entry {
    std::string name;
    std::uint64_t members = 0;
    std::string topic;
    bool operator==(const channel_entry&) const = default;
};
struct channels_are {
    session_id session;
    ask_channels asked;
    bool first = true;
    bool more = false;
    std::vector<channel_entry> channels;
    bool operator==(const channels_are&) const = default;
};
struct counts_are {
    session_id session;
    head_count count;
    bool operator==(const counts_are&) const = default;
};
struct presence {
    std::string nick;
    std::string host;  // user@host
    bool away = false;
    bool server_operator = false;
    bool operator==(const presence&) const = default;
};
struct present_are {
    session_id session;
    bool hosts = false;
    std::vector<presence> people;
    bool operator==(const present_are&) const = default;
};
struct topic_is {
    session_id session;
    std::string channel;
    topic now;
    bool asked = true;  // false: told because one joined
    bool operator==(const topic_is&) const = default;
};
struct modes_are {
    session_id session;
    std::string channel;
    std::vector<mode_change> modes;
    std::int64_t created_ms = 0;
    bool operator==(const modes_are&) const = default;
};
struct list_entry {
    std::string mask;
    std::string by;
    std::int64_t at_ms = 0;
    bool operator==(const list_entry&) const = default;
};
struct list_is {
    session_id session;
    std::string channel;
    char letter = 'b';
    std::vector<list_entry> entries;
    bool operator==(const list_is&) const = default;
};
struct invitations_are {
    session_id session;
    std::vector<std::string> channels;
    bool operator==(const invitations_are&) const = default;
};
struct operators_are {
    session_id session;
    struct one {
        person who;
        std::string name;
        bool operator==(const one&) const = default;
    };
    std::vector<one> people;
    bool operator==(const operators_are&) const = default;
};
struct door_asked {
    session_id session;
    std::string topic;
    bool operator==(const door_asked&) const = default;
};

using effect =
    std::variant<refused, logged_in, log_in_refused, not_let_in, renamed, rename_refused, away_set, real_name_set,
                 host_set, own_modes_changed, own_modes_are, left, ended, came_or_went, monitored, silence_changed,
                 silence_is, joined, parted, kicked, invited, topic_changed, modes_changed, channel_renamed, said, told,
                 is_away, called_out, remember, not_stored, became_operator, kill_done, account_requirement,
                 server_bans_are, names_are, who_are, whois_is, whowas_is, channels_are, counts_are, present_are,
                 topic_is, modes_are, list_is, invitations_are, operators_are, door_asked>;

}  // namespace brusio::chat
