// What a state is made of: users, channels, sessions, accounts. Only the inside of chat knows them (body.hpp).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/derived.hpp"
#include "chat/values.hpp"

namespace brusio::chat {

struct invitation {
    channel_id channel;
    bool by_operator = false;  // goes past +i, +l, +k and +R
    user_id by;                // the first, or the first operator
    bool operator==(const invitation&) const = default;
};

// When somebody spoke last in a channel that they have left while its slow mode still told them to wait.
struct slowed {
    channel_id channel;
    std::int64_t spoke_ms = 0;
    bool operator==(const slowed&) const = default;
};

// What bans say of somebody, as of these versions of the bans and of what they are compared with.
struct verdict {
    static constexpr auto never = ~std::uint32_t{0};
    std::uint32_t of_bans = never;
    std::uint32_t of_user = never;
    bool banned = false;
    bool muted = false;
};

struct user {
    user_id id;
    identity who;
    origin from;
    user_flags modes = 0;
    std::string account;
    std::string account_fold;
    account_id owner;           // its account; none: none
    bool has_own_past = false;  // without an account: something that was told it, or that it told, is kept
    bool absent = false;        // it has no session, and is away for that reason
    bool never_here = false;    // nor has it had one since the server started
    std::string away;           // empty: here
    std::string operator_name;
    std::int64_t came_ms = 0;
    std::int64_t active_ms = 0;
    std::vector<session_id> sessions;      // in the order of their log-in
    std::vector<channel_id> channels;      // sorted
    std::vector<nick_name> silenced;       // masks
    std::vector<invitation> invitations;   // in the order in which they came
    std::vector<slowed> slow_in;           // in the order in which the channels were left
    std::vector<metadata_value> metadata;  // without an account; sorted by key
    base::derived<std::uint32_t> version;  // of what masks are compared with: nick, username, host, account
    base::derived<verdict> by_server;      // muted, by the server's bans

    bool has(user_flags f) const { return (modes & f) != 0; }
    std::string mask() const {
        std::string text;
        text.reserve(who.nick.size() + from.username.size() + from.host.size() + 2);
        return text.append(who.nick).append(1, '!').append(from.username).append(1, '@').append(from.host);
    }
    person shown() const { return {who.name, mask(), account, has(bot)}; }
    // Whose its direct messages are.
    party_id party() const { return {owner ? owner.value : id.value}; }
};

struct member {
    user_id user;
    ranks has = 0;
    std::int64_t spoke_ms = 0;  // for slow mode; 0: not yet
    message_id since;           // what came before was said before it was there
    base::derived<verdict> by_channel;
    bool operator==(const member&) const = default;
};

using mask_entry = mask_record;

// An account's place in a channel, whether somebody sits there or not.
struct held_seat {
    account_id account;
    ranks has = 0;
    message_id since;
    bool out = false;
    bool operator==(const held_seat&) const = default;
};

struct channel {
    channel_id id;
    channel_name name;
    std::vector<member> members;  // sorted by user, which is the order in which their users came
    channel_looks looks;
    bool permanent = false;
    channel_flags flags = no_outside_messages | topic_locked;
    std::string key;
    std::uint32_t limit = 0;         // 0: none
    std::uint32_t slow_seconds = 0;  // 0: off
    topic now;
    std::int64_t created_ms = 0;
    std::vector<mask_entry> bans;
    std::vector<mask_entry> exceptions;
    std::vector<mask_entry> invited;
    account_id founder;  // none: not registered
    std::int64_t registered_ms = 0;
    std::int64_t empty_ms = 0;  // since when it has waited for those who have seats; 0: it does not
    history_policy history = history_policy::standard;
    std::int64_t keep_ms = 0;
    std::vector<access_record> access;     // sorted by account
    std::vector<held_seat> seats;          // sorted by account
    std::vector<metadata_value> metadata;  // sorted by key
    bool kept = false;                     // there is a record of it, given to the store or waiting for it to be well
    bool stored = false;                   // the store was given something of it
    account_id topic_account;              // who set the topic, if it had one
    base::derived<std::uint32_t> version;  // of bans and exceptions

    bool registered() const { return static_cast<bool>(founder); }
    held_seat* seat_of(account_id a);
    bool has(channel_flags f) const { return (flags & f) != 0; }
    member* find(user_id u);
    const member* find(user_id u) const;
};

// How far a session without an account has read.
struct marker {
    std::string target_fold;
    std::int64_t at_ms = 0;
    bool operator==(const marker&) const = default;
};

// What an account can make the chat keep.
inline constexpr std::size_t nicks_max = 10;
inline constexpr std::size_t credentials_max = 30;
inline constexpr std::size_t known_places_max = 16;
inline constexpr std::size_t markers_max = 1'000;                           // as many for a session without an account
inline constexpr std::size_t target_bytes_max = 200;                        // of what a marker is for, folded
inline constexpr std::size_t label_bytes_max = 100;                         // of a credential
inline constexpr std::int64_t long_time_ms = 100LL * 366 * 24 * 3'600'000;  // no deadline is further away

struct live_session {
    user* who = nullptr;
    channel_id bound_to;
    std::vector<nick_name> watches;
    std::optional<proof> by;  // how it showed whose it is
    bool may_only_listen = false;
    std::string address;
    ip_bits ip;
    std::int64_t since_ms = 0;
    std::vector<marker> markers;
    std::vector<std::string> subscribed;  // to these keys; sorted
};

struct account {
    account_record kept;
    std::vector<credential_record> credentials;  // without their secrets
    std::vector<marker> markers;                 // sorted by target
    std::vector<channel_id> seats;               // where it has one; sorted
    std::vector<metadata_value> metadata;        // sorted by key
    base::derived<std::vector<user_id>> users;   // who is here as it; sorted
    bool operator==(const account&) const = default;
};

// What masks are compared with: nick!user@host, all of it in the form in which masks are.
std::string compared(const user& u, std::string_view host);

// Somebody whom bans of the server are tried on: they see the real address, too.
class ban_subject {
  public:
    explicit ban_subject(const user& u) : ban_subject(u, u.from.address, u.from.ip) {}
    ban_subject(const user& u, const std::string& address, ip_bits ip);
    bool by(const server_ban& ban) const;

  private:
    const user& who_;
    ip_bits ip_;
    std::string shown_;
    std::string real_;
};

// What a record is about: a later one about the same takes its place. Empty of what was said.
std::string key_of(const record& what);

// A record that the store has not answered for.
struct unanswered {
    message_id id;
    session_id from;  // who is to be told when it was not stored
    std::string about;
};
// The same, of what stays changed when it was not stored: it has to be written once the store is well.
struct unwritten {
    message_id id;
    record what;
};

struct was_user {
    std::string nick_fold;
    was_here seen;
};

// How many users have a look: two of them may share one only while all their names are ASCII.
struct look_count {
    std::uint32_t ascii = 0;
    std::uint32_t other = 0;
    bool operator==(const look_count&) const = default;
};

template <class T>
void insert_sorted(std::vector<T>& list, const T& value) {
    list.insert(std::ranges::lower_bound(list, value), value);
}
template <class T>
void erase_sorted(std::vector<T>& list, const T& value) {
    const auto at = std::ranges::lower_bound(list, value);
    if (at != list.end() && *at == value) list.erase(at);
}

// ── who may do what (permissions.cpp) ───────────────────────────────────────────────────────────────────────────────

struct subject {
    const user* who = nullptr;
    const account* as = nullptr;
    bool administrator = false;  // of the process: whoever speaks through its control socket
    bool only_listens = false;   // came by a credential that may not change anything
};
// At most one of them is meant.
struct object {
    const channel* room = nullptr;
    const account* of = nullptr;
    party_id said_by;
    const user* whose = nullptr;
};
enum class action : std::uint8_t {
    read_past,          // of a channel
    redact,             // in a channel, or one's own
    manage_account,     // all that its owner may
    suspend_account,    //
    see_account,        // its sessions and credentials
    register_channel,   //
    manage_channel,     // drop, transfer
    rename_registered,  //
    read_metadata,      // of a channel, or of somebody
    set_metadata,       //
    erase_said,         // all that an account has said
    change_access,      // of a registered channel
};

inline auto find_credential(auto& all, credential_kind kind, std::string_view id) {
    return std::ranges::find_if(all, [&](const credential_record& c) { return c.kind == kind && c.id == id; });
}

}  // namespace brusio::chat
