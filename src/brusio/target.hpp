// brusio: the console client. It knows one connection, the frame protocol and a terminal or a pair of pipes; it does
// not know who is in the chat, what a command means (but /quit), or how a server works.
//
// target.hpp: where to connect and under which name, as typed on the command line. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::client {

inline constexpr std::uint16_t default_port = 1234;

struct target {
    std::optional<std::string> name;  // what stood before the '@'
    std::string host = "127.0.0.1";   // a host name or an address without brackets; unused when `path` is set
    std::uint16_t port = default_port;
    std::string path;  // of a unix socket; empty: host and port

    bool local() const { return !path.empty(); }
    bool operator==(const target&) const = default;
};

// [NAME@]HOST[:PORT], unix:PATH or NAME@unix:PATH; IPv6 addresses stand in brackets. A name may contain blanks and '@':
// the last '@' divides it from the host, the first "@unix:" from a path.
base::result<target> parse_target(std::string_view typed);

// "127.0.0.1:1234", "[::1]:1234" or "unix:/path": for sentences.
std::string describe(const target& where);

}  // namespace brusio::client
