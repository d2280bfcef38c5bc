// What a client may ask for (IRCv3 capability-negotiation): one table, from which CAP LS, the documentation and the
// wire shapes are made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::door::irc {

struct settings;

enum cap : std::uint64_t {
    message_tags = std::uint64_t{1} << 0U,
    server_time = std::uint64_t{1} << 1U,
    account_tag = std::uint64_t{1} << 2U,
    batch = std::uint64_t{1} << 3U,
    multiline = std::uint64_t{1} << 4U,
    extended_join = std::uint64_t{1} << 5U,
    away_notify = std::uint64_t{1} << 6U,
    account_notify = std::uint64_t{1} << 7U,
    chghost = std::uint64_t{1} << 8U,
    setname = std::uint64_t{1} << 9U,
    invite_notify = std::uint64_t{1} << 10U,
    channel_rename = std::uint64_t{1} << 11U,
    message_redaction = std::uint64_t{1} << 12U,
    // What others say looks the same with these or without:
    echo_message = std::uint64_t{1} << 13U,
    labeled_response = std::uint64_t{1} << 14U,
    cap_notify = std::uint64_t{1} << 15U,
    multi_prefix = std::uint64_t{1} << 16U,
    userhost_in_names = std::uint64_t{1} << 17U,
    extended_monitor = std::uint64_t{1} << 18U,
    no_implicit_names = std::uint64_t{1} << 19U,
    extended_isupport = std::uint64_t{1} << 20U,
    pre_away = std::uint64_t{1} << 21U,
    standard_replies = std::uint64_t{1} << 22U,
    sts = std::uint64_t{1} << 23U,
    draft_no_implicit_names = std::uint64_t{1} << 24U,
    sasl = std::uint64_t{1} << 25U,
    account_registration = std::uint64_t{1} << 26U,
    chathistory = std::uint64_t{1} << 27U,
    event_playback = std::uint64_t{1} << 28U,
    read_marker = std::uint64_t{1} << 29U,
    self_message = std::uint64_t{1} << 30U,
    search = std::uint64_t{1} << 31U,
    metadata_2 = std::uint64_t{1} << 32U,
    metadata_3 = std::uint64_t{1} << 33U,
};
using caps = std::uint64_t;

// The wire shape of a connection: those of its capabilities that change what it is sent about others.
inline constexpr caps shape_caps = (std::uint64_t{1} << 13U) - 1;

// How a client comes; `tls_named`: it asked for a name that the server's certificate is for; `certified`: it has a
// certificate of its own. `secret`: without TLS, but where passwords may be sent all the same.
enum class way : std::uint8_t { plain, secret, tls, tls_named, tls_certified, tls_named_certified };
inline constexpr std::size_t ways = 6;
constexpr bool over_tls(way by) { return by >= way::tls; }
constexpr bool has_certificate(way by) { return by >= way::tls_certified; }

inline constexpr std::size_t cap_room = 380;  // bytes of names in a line of CAP

struct capability_row {
    std::string_view name;
    cap bit;
    bool requestable;
    // Its value in CAP LS 302; nothing when the capability is not offered now.
    bool (*value)(const settings& s, way by, std::string& out);
    std::string_view specification;  // ircv3.net/specs/…, or a whole address
};
std::span<const capability_row> capability_table();
const capability_row* find_capability(std::string_view name);

// "message-tags server-time=…", in lists that fit in lines of `room` bytes. `values`: with CAP LS 302.
std::vector<std::string> offered(const settings& s, way by, bool values, std::size_t room);
std::vector<std::string> names_of(caps enabled, std::size_t room);
// Those that are there now, or whose value is another one now, as CAP NEW tells them; of STS, the policy is withdrawn.
std::vector<std::string> renewed(const settings& before, way was_by, const settings& now, way by, std::size_t room);
// Those that are there no more.
caps withdrawn(const settings& before, way was_by, const settings& now, way by);

// "PLAIN,SCRAM-SHA-256": by what one can log in here.
std::string sasl_mechanisms(way by);
// Whether an account can be registered before the log-in. Not where it would take the place of the server's password.
bool registers_before_log_in(const settings& s);

}  // namespace brusio::door::irc
