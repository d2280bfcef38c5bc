// What a client may ask for (IRCv3 capability-negotiation): one table, from which CAP LS, the documentation and the
// wire shapes are made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace brusio::door::irc {

struct settings;

enum cap : std::uint32_t {
    message_tags = 1U << 0U,
    server_time = 1U << 1U,
    account_tag = 1U << 2U,
    batch = 1U << 3U,
    multiline = 1U << 4U,
    extended_join = 1U << 5U,
    away_notify = 1U << 6U,
    account_notify = 1U << 7U,
    chghost = 1U << 8U,
    setname = 1U << 9U,
    invite_notify = 1U << 10U,
    channel_rename = 1U << 11U,
    // What others say looks the same with these or without:
    echo_message = 1U << 12U,
    labeled_response = 1U << 13U,
    cap_notify = 1U << 14U,
    multi_prefix = 1U << 15U,
    userhost_in_names = 1U << 16U,
    extended_monitor = 1U << 17U,
    no_implicit_names = 1U << 18U,
    extended_isupport = 1U << 19U,
    pre_away = 1U << 20U,
    standard_replies = 1U << 21U,
    sts = 1U << 22U,
    draft_no_implicit_names = 1U << 23U,
};
using caps = std::uint32_t;

// The wire shape of a connection: those of its capabilities that change what it is sent about others.
inline constexpr caps shape_caps = (1U << 12U) - 1;

// How a client comes; `tls_named`: it asked for a name that the server's certificate is for.
enum class way : std::uint8_t { plain, tls, tls_named };

inline constexpr std::size_t cap_room = 380;  // bytes of names in a line of CAP

struct capability_row {
    std::string_view name;
    cap bit;
    bool requestable;
    // Its value in CAP LS 302; nothing when the capability is not offered now.
    bool (*value)(const settings& s, way by, std::string& out);
    std::string_view specification;  // ircv3.net/specs/…
};
std::span<const capability_row> capability_table();
const capability_row* find_capability(std::string_view name);

// "message-tags server-time=…", in lists that fit in lines of `room` bytes. `values`: with CAP LS 302.
std::vector<std::string> offered(const settings& s, way by, bool values, std::size_t room);
std::vector<std::string> names_of(caps enabled, std::size_t room);
// Those whose value is another one now, as CAP NEW tells them. None goes away; of STS, the policy is withdrawn.
std::vector<std::string> renewed(const settings& before, const settings& now, way by, std::size_t room);

}  // namespace brusio::door::irc
