// Commands about accounts and registered channels. What a secret is, and whether it was right, was found out before
// (login/); chat decides what follows. Part of commands.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/records.hpp"

namespace brusio::chat {

// Somebody has shown that they are this account's owner, by this credential as it was at that epoch. Whether it still
// counts is decided where it is used (`authorize_log_in`).
struct proof {
    account_id account;
    credential_kind kind = credential_kind::password;
    std::string credential;   // its id
    std::uint64_t epoch = 0;  // of the account
    bool operator==(const proof&) const = default;
};

// Without a proof: the session's user has no account any more. A user with several sessions, or one that is always on,
// stays of its account: the others have shown no other one. Nor does anybody put off the account that they are let in
// for, or go over from a credential that may only listen.
struct set_account {
    session_id session;
    std::optional<proof> as;
    bool operator==(const set_account&) const = default;
};

// `name` is the account's name and its first nick. With `code`, a hash, the account counts only after `verify_account`
// has shown it. The credentials come without account and time.
struct register_account {
    session_id session;
    bool before_log_in = false;  // the session is none of chat's yet; it asks for `nick` meanwhile
    identity name;
    std::string nick_fold;
    std::string email;
    std::string code;
    std::vector<credential_record> credentials;
    bool operator==(const register_account&) const = default;
};
struct verify_account {
    session_id session;
    bool before_log_in = false;
    nick_name account;
    std::string code;  // hashed
    bool operator==(const verify_account&) const = default;
};
// Of the session's own account; with `of`, by whoever may manage others'. `gone` removes.
struct change_credential {
    session_id session;
    std::optional<nick_name> of;
    credential_record what;
    bool end_others = false;  // sessions that came by what is gone now, or by the old password, end
    bool operator==(const change_credential&) const = default;
};
// What an account's owner, or whoever may manage others', decides about it.
enum class account_change : std::uint8_t {
    group,        // nick: reserved for it from now on
    ungroup,      // nick
    drop,         // and all that is kept of it, but for what it has said to others
    always_on,    // value: yes, no
    ghost,        // nick: whoever has it goes, or loses it
    suspend,      // value: why
    unsuspend,    //
    end_session,  // number: which of `ask_account`'s
    forget,       // all that it has said is erased for ever: its topics here, the rest node has the store erase.
                  // The administrator may name an account that was dropped, by its number
};
struct change_account {
    session_id session;
    std::optional<nick_name> of;  // none: one's own
    account_change what = account_change::group;
    std::optional<identity> nick;
    std::string value;
    std::uint64_t number = 0;
    bool operator==(const change_account&) const = default;
};
// With sessions and credentials for its owner and those who may manage it.
enum class account_question : std::uint8_t { info, sessions, credentials };
struct ask_account {
    session_id session;
    std::optional<nick_name> of;  // none: one's own
    account_question what = account_question::info;
    bool operator==(const ask_account&) const = default;
};
// For the process's administrator.
struct ask_accounts {
    session_id session;
    std::string mask;   // folded
    std::string after;  // folded name
    std::uint32_t limit = 200;
    bool operator==(const ask_accounts&) const = default;
};

enum class registration_change : std::uint8_t {
    add,       // the channel is registered; who asks is its founder
    drop,      // it is no more; its past goes as an unregistered one's does
    transfer,  // account: the new founder
    access,    // account, gets: what it is given on joining; 0: nothing any more
    up,        // who asks gets what the access list gives
    history,   // policy
    keep,      // keep_ms
};
struct change_registration {
    session_id session;
    channel_name channel;
    registration_change what = registration_change::add;
    std::optional<nick_name> account;
    ranks gets = 0;
    history_policy history = history_policy::standard;
    std::int64_t keep_ms = 0;
    bool operator==(const change_registration&) const = default;
};
// Founder, dates, policy; with `access`, the list.
struct ask_registration {
    session_id session;
    channel_name channel;
    bool access = false;
    bool operator==(const ask_registration&) const = default;
};

// What the server's configuration says of accounts.
struct account_rules {
    bool required = false;  // nobody comes in without
    bool registration = true;
    bool before_log_in = true;  // registering is possible before the log-in
    bool channels = true;       // may be registered
    std::uint32_t channels_per_account = 20;
    bool operator==(const account_rules&) const = default;
};
struct set_rules {
    account_rules now;
    bool operator==(const set_rules&) const = default;
};

// The account was logged into from there (account_record::known_from).
struct note_place {
    account_id account;
    std::string place;
    bool operator==(const note_place&) const = default;
};

// Time passes: what has an end, ends.
struct pass_time {
    bool operator==(const pass_time&) const = default;
};

}  // namespace brusio::chat
