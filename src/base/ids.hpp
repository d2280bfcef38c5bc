// Strong ids: numbers that cannot be mistaken for one another. All are plain values, ordered, and the same on every
// machine that replays the same commands.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace brusio::base {

// One log-in. `node` tells which server made it, `counter` never repeats on that node while it runs.
struct session_id {
    std::uint32_t node = 0;
    std::uint64_t counter = 0;
    auto operator<=>(const session_id&) const = default;
    explicit operator bool() const { return counter != 0; }
};

// A nick on the network. Numbered by `chat` in the order in which people came.
struct user_id {
    std::uint64_t value = 0;
    auto operator<=>(const user_id&) const = default;
    explicit operator bool() const { return value != 0; }
};

// A channel that exists now. Numbered by `chat`; a channel that is made again has a new number.
struct channel_id {
    std::uint64_t value = 0;
    auto operator<=>(const channel_id&) const = default;
    explicit operator bool() const { return value != 0; }
};

// A registered account. Its number is nobody's else's, nor ever a user's.
struct account_id {
    std::uint64_t value = 0;
    auto operator<=>(const account_id&) const = default;
    explicit operator bool() const { return value != 0; }
};

// Whose a direct message is: an account, or a user without one. The two are numbered together.
struct party_id {
    std::uint64_t value = 0;
    auto operator<=>(const party_id&) const = default;
    explicit operator bool() const { return value != 0; }
};

// A message. Grows with every message, so ids sort as the messages were said.
struct message_id {
    std::uint64_t value = 0;
    auto operator<=>(const message_id&) const = default;
    explicit operator bool() const { return value != 0; }
};

// Multiplying by an odd constant spreads consecutive numbers over the high bits, which open-addressing tables use.
inline std::size_t spread(std::uint64_t x) {
    x *= 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(x ^ (x >> 32U));
}

}  // namespace brusio::base

template <>
struct std::hash<brusio::base::session_id> {
    std::size_t operator()(const brusio::base::session_id& id) const noexcept {
        return brusio::base::spread(id.counter ^ (std::uint64_t{id.node} << 48U));
    }
};
template <>
struct std::hash<brusio::base::user_id> {
    std::size_t operator()(const brusio::base::user_id& id) const noexcept { return brusio::base::spread(id.value); }
};
template <>
struct std::hash<brusio::base::channel_id> {
    std::size_t operator()(const brusio::base::channel_id& id) const noexcept { return brusio::base::spread(id.value); }
};
template <>
struct std::hash<brusio::base::account_id> {
    std::size_t operator()(const brusio::base::account_id& id) const noexcept { return brusio::base::spread(id.value); }
};
template <>
struct std::hash<brusio::base::party_id> {
    std::size_t operator()(const brusio::base::party_id& id) const noexcept { return brusio::base::spread(id.value); }
};
