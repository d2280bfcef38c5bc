#include "brusio/target.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <charconv>

#include "base/text.hpp"

namespace brusio::client {
namespace {

constexpr std::string_view unix_prefix = "unix:";

base::result<std::uint16_t> parse_port(std::string_view digits) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535) {
        return base::fail("\"{}\" is not a port: it must be a number from 1 to 65535", base::clean_line(digits));
    }
    return static_cast<std::uint16_t>(port);
}

bool is_ipv6(const std::string& text) {
    in6_addr address{};
    return inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &address) == 1;
}

base::result<target> parse_host(std::string_view rest, target found) {
    std::string_view port;
    bool has_port = false;
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) return base::fail("\"{}\" has '[' but no ']'", base::clean_line(rest));
        found.host = rest.substr(1, end - 1);
        const auto after = rest.substr(end + 1);
        if (!is_ipv6(found.host)) return base::fail("\"{}\" is not an IPv6 address", base::clean_line(found.host));
        if (!after.empty() && after.front() != ':') {
            return base::fail("after the ']' of \"{}\" only :PORT may follow", base::clean_line(rest));
        }
        has_port = !after.empty();
        if (has_port) port = after.substr(1);
    } else {
        const auto colon = rest.find(':');
        found.host = rest.substr(0, colon);
        has_port = colon != std::string_view::npos;
        if (has_port) port = rest.substr(colon + 1);
        if (has_port && is_ipv6(std::string(rest))) {
            return base::fail("write an IPv6 address in brackets: [{}]:{}", rest, default_port);
        }
    }
    if (found.host.empty())
        return base::fail("there is no host in \"{}\": write HOST or HOST:PORT", base::clean_line(rest));
    for (const char c : found.host) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '\x7F') {
            return base::fail("\"{}\" is not a host name", base::clean_line(found.host));
        }
    }
    if (has_port) {
        const auto number = parse_port(port);
        if (!number) return std::unexpected(number.error());
        found.port = *number;
    }
    return found;
}

}  // namespace

base::result<target> parse_target(std::string_view typed) {
    target found;
    auto rest = typed;
    const auto local = typed.find("@unix:");
    const auto at = typed.starts_with(unix_prefix)    ? std::string_view::npos
                    : local != std::string_view::npos ? local
                                                      : typed.rfind('@');
    if (at != std::string_view::npos) {
        found.name = typed.substr(0, at);
        rest = typed.substr(at + 1);
        if (base::trim(*found.name).empty()) return base::fail("the name before '@' is empty");
    }
    if (!rest.starts_with(unix_prefix)) return parse_host(rest, std::move(found));
    found.path = rest.substr(unix_prefix.size());
    if (found.path.empty()) return base::fail("there is no path after \"unix:\"");
    if (found.path.size() >= sizeof(sockaddr_un::sun_path)) {
        return base::fail("the path of a unix socket has at most {} bytes", sizeof(sockaddr_un::sun_path) - 1);
    }
    return found;
}

std::string describe(const target& where) {
    if (where.local()) return base::clean_line("unix:" + where.path);
    const bool brackets = where.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", brackets ? "[" : "", where.host, brackets ? "]" : "", where.port);
}

}  // namespace brusio::client
