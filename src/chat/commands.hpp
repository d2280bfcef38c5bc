// What goes into `chat`: plain values with an encoder (base/archive.hpp), so that they can be logged, sent to another
// node, and replayed. No pointers, no connection handles, no callbacks. Everything that depends on a library's version
// (folded names, look-alike forms, masks) is computed before and carried along.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chat/commands_accounts.hpp"  // IWYU pragma: export
#include "chat/commands_memory.hpp"    // IWYU pragma: export
#include "chat/records.hpp"            // IWYU pragma: export

namespace brusio::chat {

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// A new session takes a name. With `bound_to` it joins that channel in the same step and lives there only: it hears
// nothing of others, and when its user is removed from it, or leaves it, the session ends. With a proof, and a nick
// that its account has already on a user here, the session comes to that user.
struct log_in {
    session_id session;
    identity who;
    origin from;
    std::optional<channel_name> bound_to;
    std::string away;  // empty: here
    std::optional<proof> as;
    std::vector<metadata_value> metadata;  // what it has set of itself before
    std::vector<std::string> subscribes;   // to these keys, as with `subscribe`, but nobody is told which of them
    bool operator==(const log_in&) const = default;
};
struct rename {
    session_id session;
    identity who;
    std::string real_name;  // empty: stays
    bool operator==(const rename&) const = default;
};
// The session ends, for whatever reason. Unknown sessions are ignored: leaving twice is harmless.
struct leave {
    session_id session;
    std::string reason;
    bool operator==(const leave&) const = default;
};
struct set_away {
    session_id session;
    std::string text;  // empty: here again
    bool operator==(const set_away&) const = default;
};
struct set_real_name {
    session_id session;
    std::string text;
    bool operator==(const set_real_name&) const = default;
};
struct mode_change {
    bool add = true;
    char letter = 0;
    std::string value;
    std::string fold;  // of a nick, or of a whole mask
    bool operator==(const mode_change&) const = default;
};
// Without changes: a question.
struct change_own_modes {
    session_id session;
    nick_name of;
    std::vector<mode_change> changes;
    bool operator==(const change_own_modes&) const = default;
};
// Whose coming and going a session wants to hear of.
struct monitor {
    session_id session;
    list_action what = list_action::add;
    std::vector<nick_name> nicks;
    bool operator==(const monitor&) const = default;
};
// Whose private messages a user does not want. `fold` of a whole mask.
struct silence {
    session_id session;
    list_action what = list_action::list;
    std::string mask;
    std::string fold;
    bool operator==(const silence&) const = default;
};

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct join {
    session_id session;
    channel_name channel;
    std::string key;
    bool names = false;       // who joins wants to be told who is there
    bool nicks_only = false;  // … by nick alone
    channel_looks looks;      // should it be a new channel
    bool operator==(const join&) const = default;
};
struct part {
    session_id session;
    channel_name channel;
    std::string reason;
    bool operator==(const part&) const = default;
};
struct part_all {
    session_id session;
    bool operator==(const part_all&) const = default;
};
struct kick {
    session_id session;
    channel_name channel;
    nick_name nick;
    std::string reason;
    bool operator==(const kick&) const = default;
};
struct invite {
    session_id session;
    nick_name nick;
    channel_name channel;
    bool operator==(const invite&) const = default;
};
// To the text that it has: a question.
struct set_topic {
    session_id session;
    channel_name channel;
    std::string text;
    bool operator==(const set_topic&) const = default;
};
struct change_modes {
    session_id session;
    channel_name channel;
    std::vector<mode_change> changes;
    bool operator==(const change_modes&) const = default;
};
struct rename_channel {
    session_id session;
    channel_name from;
    channel_name to;
    std::string reason;
    bool names = false;  // who renames wants to be told who is there, if it is another name
    bool nicks_only = false;
    channel_looks looks;  // of `to`
    bool operator==(const rename_channel&) const = default;
};

// ── speaking ────────────────────────────────────────────────────────────────────────────────────────────────────────

// To a channel; with `at_least`, to its members of that rank and above.
struct say {
    session_id session;
    channel_name channel;
    ranks at_least = 0;
    message what;
    bool operator==(const say&) const = default;
};
// To one person.
struct tell {
    session_id session;
    nick_name nick;
    message what;
    bool operator==(const tell&) const = default;
};

// ── operators of the server ─────────────────────────────────────────────────────────────────────────────────────────

// Its password was right.
struct become_operator {
    session_id session;
    std::string name;
    bool operator==(const become_operator&) const = default;
};
struct kill {
    session_id session;
    nick_name nick;
    std::string reason;
    bool operator==(const kill&) const = default;
};
// To everybody with +w.
struct call_out {
    session_id session;
    std::string text;
    bool operator==(const call_out&) const = default;
};
struct set_host {
    session_id session;
    nick_name nick;
    std::string host;
    bool operator==(const set_host&) const = default;
};
struct require_account {
    session_id session;
    std::optional<bool> on;  // none: a question
    bool operator==(const require_account&) const = default;
};

struct change_server_bans {
    session_id session;
    list_action what = list_action::list;
    server_ban ban;
    bool operator==(const change_server_bans&) const = default;
};

// ── the store ───────────────────────────────────────────────────────────────────────────────────────────────────────

// What the store said of all messages up to `up_to` that it had not answered yet (or, with none of them, of itself).
enum class store_verdict : std::uint8_t { committed, refused, unknown };
struct store_answer {
    store_verdict verdict = store_verdict::committed;
    message_id up_to;
    bool operator==(const store_answer&) const = default;
};

// ── questions, in the same order as commands and answered when they are applied ─────────────────────────────────────
// Long answers come in slices: `after` is where one begins, `limit` how much it holds.

// Who is in a channel, in the order in which they came to the chat.
struct ask_names {
    session_id session;
    channel_name channel;
    user_id after;
    std::uint32_t limit = 250;
    bool nicks_only = false;  // of each person only the nick is told: cheaper, where thousands ask at once
    bool operator==(const ask_names&) const = default;
};
// Who is in a channel, or whoever matches a mask: by nick, user name, host or real name, or (with `!` or `@` in it) by
// nick!user@host.
struct ask_who {
    session_id session;
    std::optional<channel_name> channel;
    std::string mask;        // as asked, for the answer
    std::string fold;        // canonical; of the mask
    bool operators = false;  // only server operators
    std::string fields;      // WHOX; for the door
    std::string token;       //
    user_id after;
    std::uint32_t limit = 250;
    bool operator==(const ask_who&) const = default;
};
struct ask_whois {
    session_id session;
    nick_name nick;
    bool operator==(const ask_whois&) const = default;
};
struct ask_whowas {
    session_id session;
    nick_name nick;
    std::uint32_t limit = 0;  // 0: all
    bool operator==(const ask_whowas&) const = default;
};
// Channels: those named, or all that match.
struct ask_channels {
    session_id session;
    std::vector<channel_name> named;
    std::vector<std::string> masks;      // folded; any of them
    std::vector<std::string> not_masks;  // folded; none of them
    std::optional<std::uint32_t> more_than;
    std::optional<std::uint32_t> less_than;
    std::optional<std::int64_t> created_after_ms;  // as ages in the command: milliseconds ago
    std::optional<std::int64_t> created_before_ms;
    std::optional<std::int64_t> topic_after_ms;
    std::optional<std::int64_t> topic_before_ms;
    channel_id after;
    std::uint32_t limit = 200;
    bool operator==(const ask_channels&) const = default;
};
struct ask_counts {
    session_id session;
    bool operator==(const ask_counts&) const = default;
};
// Which of these are here (ISON, USERHOST).
struct ask_present {
    session_id session;
    std::vector<nick_name> nicks;
    bool hosts = false;  // for the door: how the answer is told
    bool operator==(const ask_present&) const = default;
};
struct ask_topic {
    session_id session;
    channel_name channel;
    bool operator==(const ask_topic&) const = default;
};
struct ask_modes {
    session_id session;
    channel_name channel;
    bool operator==(const ask_modes&) const = default;
};
// A list mode's entries.
struct ask_list {
    session_id session;
    channel_name channel;
    char letter = 'b';
    bool operator==(const ask_list&) const = default;
};
struct ask_invitations {
    session_id session;
    bool operator==(const ask_invitations&) const = default;
};
struct ask_operators {
    session_id session;
    bool operator==(const ask_operators&) const = default;
};
// A question to the door itself (its help, say), that only wants its place in the order. `operators_only`: others are
// refused.
struct ask_door {
    session_id session;
    std::string topic;
    bool operators_only = false;
    bool operator==(const ask_door&) const = default;
};

// One of these; see `effect` for why it is more than a name.
struct command
    : std::variant<log_in, rename, leave, set_away, set_real_name, change_own_modes, monitor, silence, join, part,
                   part_all, kick, invite, set_topic, change_modes, rename_channel, say, tell, become_operator, kill,
                   call_out, set_host, require_account, change_server_bans, store_answer, pass_time, set_rules,
                   set_account, register_account, verify_account, change_credential, change_account, ask_account,
                   ask_accounts, change_registration, ask_registration, ask_past, redact, mark_read, ask_names, ask_who,
                   ask_whois, ask_whowas, ask_channels, ask_counts, ask_present, ask_topic, ask_modes, ask_list,
                   ask_invitations, ask_operators, ask_door, metadata, subscribe, note_place> {
    using variant::variant;
    command();
    command(const command& other);
    command(command&& other) noexcept;
    command& operator=(const command& other);
    command& operator=(command&& other) noexcept;
    ~command();
    bool operator==(const command& other) const;
};

// A command with the time it was ordered at. Whoever orders commands (one node's chat thread, or several nodes' log)
// gives the time, in milliseconds since 1970; `chat` never reads a clock.
struct stamped {
    std::int64_t at_ms = 0;
    command what;
    bool operator==(const stamped&) const = default;
};

}  // namespace brusio::chat
