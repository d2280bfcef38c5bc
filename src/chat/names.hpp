// What people, channels and messages are called and made of: the values that commands, effects and records share.
// Plain values with an encoder (base/archive.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/identity.hpp"
#include "base/ids.hpp"

namespace brusio::chat {

using base::account_id;
using base::channel_id;
using base::identity;
using base::message_id;
using base::party_id;
using base::session_id;
using base::user_id;

// Sessions of this node are none of the chat's: the administrator of the process speaks through them, who may do all
// that owners may.
inline constexpr std::uint32_t administrators_node = ~std::uint32_t{0};
inline bool is_administrator(session_id session) { return session.node == administrators_node; }

// A name as typed or shown, and as compared.
struct channel_name {
    std::string name;
    std::string fold;
    bool operator==(const channel_name&) const = default;
};
// What a channel's name looks like (base::channel_look). Channels have it for those who might imitate them.
struct channel_looks {
    std::string look;
    std::string cased_look;
    bool ascii = true;
    bool operator==(const channel_looks&) const = default;
};
struct nick_name {
    std::string name;
    std::string fold;
    bool operator==(const nick_name&) const = default;
};

// An address for the comparison with networks: IPv6, or IPv4 as ::ffff:a.b.c.d, in two halves.
struct ip_bits {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const ip_bits&) const = default;
};

// Where a session comes from, and what it says of itself beside its name.
struct origin {
    std::string username;     // "~mario"
    std::string real_name;    //
    std::string host;         // what everybody sees
    std::string address;      // the real one; for operators and oneself
    ip_bits ip;               //
    std::string certificate;  // its fingerprint, hexadecimal; for operators and oneself
    bool secure = false;      // over TLS
    bool operator==(const origin&) const = default;
};

// Somebody as others see them.
struct person {
    std::string name;     // as typed
    std::string mask;     // "nick!user@host", with the shown host
    std::string account;  // empty: none
    bool bot = false;
    bool operator==(const person&) const = default;
    std::string_view nick() const { return std::string_view(mask).substr(0, mask.find('!')); }
};

enum class list_action : std::uint8_t { add, remove, clear, list, status };

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

enum class speech : std::uint8_t {
    text,
    action,       // /me
    notice,       // what no program answers
    ctcp,         // a request to a program, "VERSION"
    ctcp_answer,  // and its answer
    tags,         // nothing but tags: somebody is typing, say
};

struct message {
    speech kind = speech::text;
    std::string body;                   // any bytes; lines are separated by LF
    std::vector<std::uint32_t> breaks;  // where its sender cut a long line, as offsets; ascending
    std::string tags;                   // client-only tags as on the wire: "+typing=active;+reply=x"
    bool formatted = false;             // the body may have IRC's formatting codes
    bool operator==(const message&) const = default;
};

}  // namespace brusio::chat
