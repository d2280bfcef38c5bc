// Modes and ranks: the tables that say what there is. Rules read them here, doors advertise from them, the
// documentation is made from them. Pure values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace brusio::chat {

// ── ranks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// What a member may be in a channel; a member can be several at once, so these are bits.
enum rank_bit : std::uint8_t { voice = 1, half_operator = 2, channel_operator = 4, protected_member = 8, founder = 16 };
using ranks = std::uint8_t;

struct rank_row {
    ranks bit;
    char letter;
    char prefix;
    std::string_view name;
};
// Highest first, as PREFIX and NAMES want them.
std::span<const rank_row> rank_table();

ranks highest(ranks of);
// Whether somebody with `mine` may kick, or take a rank from, somebody with `theirs`.
bool stands_over(ranks mine, ranks theirs);
// Whether somebody with `mine` may give or take `given`.
bool may_grant(ranks mine, ranks given);

// ── channel modes ───────────────────────────────────────────────────────────────────────────────────────────────────

// The four kinds of ISUPPORT CHANMODES, in its order.
enum class mode_kind : std::uint8_t { list, always_with_value, value_when_set, flag };

enum channel_flag : std::uint32_t {
    invite_only = 1,
    moderated = 2,
    no_outside_messages = 4,
    secret = 8,
    topic_locked = 16,
    no_ctcp = 32,
    registered_speak = 64,
    registered_join = 128,
};
using channel_flags = std::uint32_t;

struct channel_mode_row {
    char letter;
    mode_kind kind;
    channel_flags flag;  // of a flag
    std::string_view name;
    std::string_view what;
};
std::span<const channel_mode_row> channel_mode_table();
const channel_mode_row* find_channel_mode(char letter);
const rank_row* find_rank(char letter);

// ── user modes ──────────────────────────────────────────────────────────────────────────────────────────────────────

enum user_flag : std::uint32_t {
    invisible = 1,
    server_operator = 2,
    hears_wallops = 4,
    bot = 8,
    secure = 16,
    registered_tell = 32,
};
using user_flags = std::uint32_t;

struct user_mode_row {
    char letter;
    user_flags flag;
    bool can_set;    // by oneself
    bool can_unset;  // by oneself
    std::string_view name;
    std::string_view what;
};
std::span<const user_mode_row> user_mode_table();
const user_mode_row* find_user_mode(char letter);
std::string letters_of(user_flags flags);  // "iw", in alphabetical order

// ── limits that every door shares ───────────────────────────────────────────────────────────────────────────────────

inline constexpr std::size_t topic_bytes_max = 390;
inline constexpr std::size_t reason_bytes_max = 390;  // of a kick, a part, a quit
inline constexpr std::size_t away_bytes_max = 390;
inline constexpr std::size_t real_name_bytes_max = 150;
inline constexpr std::size_t key_bytes_max = 32;
inline constexpr std::size_t mask_bytes_max = 200;
inline constexpr std::size_t list_entries_max = 100;  // of all lists of a channel together
inline constexpr std::size_t changes_max = 13;        // modes with values in one command: what a line of IRC holds
inline constexpr std::size_t watched_max = 100;       // nicks that one session monitors
inline constexpr std::size_t silence_max = 30;
inline constexpr std::size_t invitations_max = 50;    // open ones of one user
inline constexpr std::size_t slowed_max = 100;        // channels that one has left and is slow in when one is back
inline constexpr std::size_t whowas_max = 1000;       // people remembered after they left
inline constexpr std::size_t metadata_keys_max = 50;  // of a target
inline constexpr std::size_t metadata_key_bytes_max = 64;
inline constexpr std::size_t metadata_value_bytes_max = 300;
inline constexpr std::size_t metadata_subscriptions_max = 50;  // of a session
inline constexpr std::uint32_t members_limit_max = 1'000'000;
inline constexpr std::uint32_t slow_seconds_max = 21'600;

// A mask as typed, made whole: "mario" → "mario!*@*", "a@b" → "*!a@b", "$m:mario" → "$m:mario!*@*"; "$a:name" stays.
// Nothing when it is no mask: empty, too long, or with blanks.
std::optional<std::string> whole_mask(std::string_view typed);

}  // namespace brusio::chat
