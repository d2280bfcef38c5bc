// What is told of accounts, registered channels, and of the past. Who gets to see it: effects.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chat/commands.hpp"

namespace brusio::chat {

// ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────

// The user's account is another one now; `who` has it, or has none.
struct account_set {
    session_id session;
    std::vector<session_id> sessions;
    std::vector<channel_id> channels;
    std::vector<session_id> watchers;
    person who;
    std::int64_t at_ms = 0;
    bool operator==(const account_set&) const = default;
};

// What was done at the wish of `session`; `id` is that of its record: when it could not be stored, `not_stored` stands
// here instead.
enum class deed : std::uint8_t {
    account_registered,
    account_needs_code,
    account_verified,
    account_dropped,
    account_suspended,
    account_unsuspended,
    credential_added,    // detail: its id
    credential_removed,  // detail: its id
    password_changed,
    nick_grouped,    // detail: the nick
    nick_ungrouped,  // detail
    ghost_gone,      // detail: the nick
    session_ended,
    always_on_set,       // detail: yes, no
    channel_registered,  // name: the channel
    channel_dropped,
    channel_transferred,  // detail: the account
    access_changed,       // detail: the account
    ranks_given,
    history_set,
    keep_set,
    account_forgotten,  // what it has said is being erased
};
struct done {
    session_id session;
    message_id id;
    deed what = deed::account_registered;
    std::string name;  // of the account or channel
    std::string detail;
    bool operator==(const done&) const = default;
};

// Why not. In the comments: what `name` and `detail` say.
enum class account_refusal : std::uint8_t {
    no_such_account,         // name
    account_exists,          // name: it is taken as an account or a nick
    name_not_allowed,        // name
    not_logged_in,           //
    already_logged_in,       // name: one's account
    suspended,               // name, detail: why
    proof_too_old,           // the credential has changed meanwhile
    wrong_code,              // name
    needs_management,        // another's account, and one may not
    too_many,                // detail: of what
    no_such_credential,      // detail: its id
    credential_in_use,       // detail: a certificate that another account has
    nick_is_not_yours,       // detail: the nick
    nick_is_the_name,        // detail: the account's own name cannot be taken from it
    no_such_nick,            // detail
    no_such_session,         //
    always_on_is_off,        // by the server's settings
    no_such_channel,         // name
    channel_not_registered,  // name
    channel_is_registered,   // name
    channel_is_the_lobby,    // name
    needs_channel_operator,  // name
    needs_founder,           // name
    not_in_list,             // detail: the account
    registration_is_closed,  //
    not_before_log_in,       //
    may_only_listen,         // the session came by a credential that may not change anything
    account_needed,          // one may not be here without an account
};
struct account_refused {
    session_id session;
    account_refusal why = account_refusal::no_such_account;
    std::string name;
    std::string detail;
    bool operator==(const account_refused&) const = default;
};

struct account_is {
    session_id session;
    account_question what = account_question::info;
    account_record account;  // its nicks' names only; email and the rest for those who may know
    bool owner = false;      // all may be told
    bool present = false;    // somebody is attached
    struct session_info {
        session_id id;
        std::uint64_t number = 0;
        std::string nick;
        std::string address;
        std::string credential;  // its label
        std::int64_t since_ms = 0;
        bool own = false;  // the one that asks
        bool operator==(const session_info&) const = default;
    };
    std::vector<session_info> sessions;
    std::vector<credential_record> credentials;
    std::vector<std::string> channels;  // of which it is the founder
    bool operator==(const account_is&) const = default;
};
struct accounts_are {
    session_id session;
    ask_accounts asked;
    bool more = false;
    std::vector<account_record> accounts;
    bool operator==(const accounts_are&) const = default;
};
struct registration_is {
    session_id session;
    std::string channel;
    std::string founder;
    std::int64_t created_ms = 0;
    std::int64_t registered_ms = 0;
    history_policy history = history_policy::standard;
    std::int64_t keep_ms = 0;
    bool with_access = false;
    struct row {
        std::string account;
        ranks gets = 0;
        bool operator==(const row&) const = default;
    };
    std::vector<row> access;
    bool operator==(const registration_is&) const = default;
};

// A session has come to a user that is here already: this channel is one of theirs. For the session alone.
struct seated {
    session_id session;
    user_id user;
    channel_id channel;
    std::string channel_name;
    person who;
    std::string real_name;
    ranks has = 0;
    std::int64_t at_ms = 0;
    bool operator==(const seated&) const = default;
};

// ── the past ────────────────────────────────────────────────────────────────────────────────────────────────────────

// What the session may read of what it asked for; the store answers.
struct past_granted {
    session_id session;
    std::string asked;
    // A channel, with nothing before `from`; or a conversation: of `owner` with `peer`, or with whoever was called so.
    struct part {
        channel_id channel;
        std::string name;  // of the channel, or of the peer
        message_id from;
        party_id owner;
        party_id peer;
        std::string peer_fold;
        bool operator==(const part&) const = default;
    };
    std::vector<part> parts;  // without a target in the question: all channels, and the owner without a peer
    bool operator==(const past_granted&) const = default;
};
// It may not read that, or there is no such thing: which of the two is not told.
struct past_refused {
    session_id session;
    std::string asked;
    std::string target;
    bool operator==(const past_refused&) const = default;
};

// Before it is decided who may take it back, its entry is looked up.
struct redaction_asked {
    session_id session;
    redact what;
    past_granted::part part;
    bool operator==(const redaction_asked&) const = default;
};
enum class redaction_refusal : std::uint8_t { no_such_target, no_such_message, not_allowed, not_stored };
struct redaction_refused {
    session_id session;
    redaction_refusal why = redaction_refusal::no_such_target;
    std::string target;
    message_id of;
    bool operator==(const redaction_refused&) const = default;
};
// To everyone who was told the message: the channel, or the sessions of the two.
struct redacted {
    message_id id;
    session_id session;
    channel_id channel;
    std::vector<session_id> to;
    std::string target;  // the channel, or the nick as the one who takes it back named it
    person by;
    message_id of;
    std::string reason;
    std::int64_t at_ms = 0;
    bool operator==(const redacted&) const = default;
};

// How far the session's account has read there; to all its sessions when it has changed.
struct marker_is {
    session_id session;
    std::vector<session_id> to;
    std::string target;
    std::int64_t at_ms = 0;  // 0: nothing
    bool operator==(const marker_is&) const = default;
};
struct marker_refused {
    session_id session;
    std::string target;
    bool operator==(const marker_refused&) const = default;
};

// ── metadata ────────────────────────────────────────────────────────────────────────────────────────────────────────

// The answer to `metadata`: of `set` and `clear` what has changed. With `told`, nobody asked: what a session that
// subscribes to keys is told when it monitors somebody, or `metadata::told`. What is set in a channel that it enters,
// or when it subscribes, is not told by itself: there may be more of it than one answer holds.
struct metadata_is {
    session_id session;
    metadata asked;
    std::string target;  // as shown; with slices, of all of them
    bool told = false;
    bool first = true;
    bool more = false;
    struct part {
        std::string target;  // a channel, or a nick
        std::vector<metadata_value> values;
        bool operator==(const part&) const = default;
    };
    std::vector<part> parts;
    bool operator==(const metadata_is&) const = default;
};
// To the user's other sessions, whatever they subscribe to, and to others who subscribe to the key.
struct metadata_changed {
    session_id session;
    std::vector<session_id> to;
    std::string target;  // a channel, or a nick
    person by;
    metadata_value now;
    std::int64_t at_ms = 0;
    bool operator==(const metadata_changed&) const = default;
};
// In the comments: what `key` is.
enum class metadata_refusal : std::uint8_t {
    no_such_target,  //
    no_permission,   // the key, or "*"
    key_invalid,     // the key
    key_not_set,     // the key
    limit,           // the key: there are too many
    too_large,       // the key: of the value
    not_stored,      // the key, or "*": the store takes nothing now
};
struct metadata_refused {
    session_id session;
    metadata_refusal why = metadata_refusal::no_such_target;
    std::string target;
    std::string key;
    bool operator==(const metadata_refused&) const = default;
};
// The answer to `subscribe`: of `add` and `remove` the keys that it is now, or is no more, subscribed to (of those that
// are none, `metadata_refused` tells), of `list` all.
struct subscriptions_are {
    session_id session;
    list_action what = list_action::list;
    std::vector<std::string> keys;
    std::string too_many;  // the first for which there was no room; it and what came after it was not looked at
    bool fresh = false;    // of `add`: to some of them it was not subscribed before
    bool operator==(const subscriptions_are&) const = default;
};

}  // namespace brusio::chat
