#include "brusiod/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;
using ip_bytes = std::array<std::uint8_t, 16>;

constexpr ip_bytes mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned mapped_bits = 96;

bool is_mapped(const ip_bytes& ip) { return std::memcmp(ip.data(), mapped_prefix.data(), mapped_bits / 8) == 0; }

// Digits only: no sign, no blanks. Nothing when it is no number or over `max`.
std::optional<unsigned> small_number(std::string_view text, unsigned max) {
    unsigned number = 0;
    if (text.empty() || text.size() > 5 || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size() || number > max) return std::nullopt;
    return number;
}

// `inet_pton` wants a terminated string, so a NUL inside would hide what follows it.
bool read_ip(int family, std::string_view text, void* out) {
    return text.find('\0') == std::string_view::npos && inet_pton(family, std::string(text).c_str(), out) == 1;
}

std::string write_ip(int family, const void* bytes) {
    char buffer[INET6_ADDRSTRLEN] = {};
    return inet_ntop(family, bytes, buffer, sizeof buffer) == nullptr ? std::string() : std::string(buffer);
}

ip_bytes mapped(const void* ipv4) {
    ip_bytes ip = mapped_prefix;
    std::memcpy(ip.data() + mapped_bits / 8, ipv4, 4);
    return ip;
}

std::optional<ip_bytes> ip_of(const sockaddr* peer) {
    if (peer->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, peer, sizeof in);
        return mapped(&in.sin_addr);
    }
    if (peer->sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, peer, sizeof in);
        ip_bytes ip;
        std::memcpy(ip.data(), &in.sin6_addr, ip.size());
        return ip;
    }
    return std::nullopt;
}

// Sets every bit after the first `bits` to 0.
ip_bytes masked(ip_bytes ip, unsigned bits) {
    for (unsigned i = 0; i < ip.size(); ++i) {
        const unsigned keep = bits <= i * 8 ? 0 : std::min(bits - i * 8, 8U);
        ip[i] = static_cast<std::uint8_t>(ip[i] & (0xFF00U >> keep));
    }
    return ip;
}

base::result<std::string> unix_path(std::string_view path) {
    if (path.empty()) return fail("\"unix:\" needs a path, such as unix:/run/brusio.sock");
    if (path.find('\0') != std::string_view::npos) return fail("the path of a unix socket cannot have a NUL character");
    if (path.front() == '@')
        return fail("abstract unix sockets are not supported; write a path, such as unix:/run/x.sock");
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return fail("the path of a unix socket has at most {} bytes", sizeof(sockaddr_un::sun_path) - 1);
    }
    return std::string(path);
}

// Why `host` could not be read as an address, for a person.
base::error not_an_ip(std::string_view host) {
    const auto shown = base::clean_line(host);
    if (host.empty()) return {"the address before the port is missing; for all addresses write 0.0.0.0 or [::]"};
    if (host.find(':') != std::string_view::npos) {
        return {fmt::format("\"{}\" is not an IPv6 address", shown)};
    }
    if (host.find_first_not_of("0123456789.") == std::string_view::npos) {
        return {fmt::format("\"{}\" is not an IPv4 address", shown)};
    }
    return {fmt::format("\"{}\" is not an IP address; host names are not looked up here", shown)};
}

}  // namespace

base::result<address> address::parse(std::string_view text) {
    address a;
    if (text.starts_with("unix:")) {
        const auto path = unix_path(text.substr(5));
        if (!path) return std::unexpected(path.error());
        sockaddr_un un{};
        un.sun_family = AF_UNIX;
        std::memcpy(un.sun_path, path->data(), path->size());
        a.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size() + 1);
        std::memcpy(&a.storage_, &un, a.size_);
        a.text_ = "unix:" + *path;
        return a;
    }

    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.ends_with(']')) {
        return fail("\"{}\" has no port; write 127.0.0.1:1234, [::1]:1234 or unix:/path", base::clean_line(text));
    }
    auto host = text.substr(0, colon);
    const bool brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (!brackets && host.find(':') != std::string_view::npos) {
        return fail("\"{}\" is not an address; an IPv6 address stands in brackets, as in [::1]:1234",
                    base::clean_line(text));
    }
    const auto port = small_number(text.substr(colon + 1), 65535);
    if (!port) return fail("\"{}\" is not a port; ports are 0 to 65535", base::clean_line(text.substr(colon + 1)));
    a.any_port_ = *port == 0;
    a.port_ = static_cast<std::uint16_t>(*port);

    if (brackets) {
        host = host.substr(1, host.size() - 2);
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(a.port_);
        if (!read_ip(AF_INET6, host, &in.sin6_addr)) {
            return fail("\"{}\" is not an IPv6 address", base::clean_line(host));
        }
        a.size_ = sizeof in;
        std::memcpy(&a.storage_, &in, sizeof in);
        a.text_ = fmt::format("[{}]:{}", write_ip(AF_INET6, &in.sin6_addr), *port);
    } else {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(a.port_);
        if (!read_ip(AF_INET, host, &in.sin_addr)) return std::unexpected(not_an_ip(host));
        a.size_ = sizeof in;
        std::memcpy(&a.storage_, &in, sizeof in);
        a.text_ = fmt::format("{}:{}", write_ip(AF_INET, &in.sin_addr), *port);
    }
    return a;
}

base::result<cidr> cidr::parse(std::string_view text) {
    const auto shown = base::clean_line(text);
    const auto slash = text.find('/');
    const auto host = text.substr(0, slash);
    cidr network;
    unsigned bits = 128;
    in_addr ipv4{};
    if (read_ip(AF_INET, host, &ipv4)) {
        network.network_ = mapped(&ipv4);
        bits = 32;
    } else if (!read_ip(AF_INET6, host, network.network_.data())) {
        return fail("\"{}\" is not a network; write 127.0.0.0/8, ::1 or 2001:db8::/32", shown);
    }
    unsigned prefix = bits;
    if (slash != std::string_view::npos) {
        const auto given = small_number(text.substr(slash + 1), bits);
        if (!given) return fail("\"{}\" is not a network: after the / comes a number from 0 to {}", shown, bits);
        prefix = *given;
    }
    network.prefix_ = prefix + (128 - bits);
    const auto given = network.network_;
    network.network_ = masked(given, network.prefix_);
    if (network.network_ != given) {
        return fail("\"{}\" is not a network: bits after the first {} are set; write {}", shown, prefix,
                    network.text());
    }
    return network;
}

bool cidr::contains(const sockaddr* peer) const {
    const auto ip = ip_of(peer);
    if (!ip) return false;
    if (is_mapped(*ip) && prefix_ < mapped_bits) return false;  // `::/0` speaks of IPv6 only
    return masked(*ip, prefix_) == network_;
}

std::string cidr::text() const {
    const bool ipv4 = prefix_ >= mapped_bits && is_mapped(network_);
    const auto bits = ipv4 ? prefix_ - mapped_bits : prefix_;
    const auto ip = ipv4 ? write_ip(AF_INET, network_.data() + mapped_bits / 8) : write_ip(AF_INET6, network_.data());
    return prefix_ == 128 ? ip : fmt::format("{}/{}", ip, bits);
}

bool is_exempt(std::span<const cidr> networks, const sockaddr* peer) {
    return peer->sa_family == AF_UNIX ||
           std::ranges::any_of(networks, [peer](const cidr& network) { return network.contains(peer); });
}

}  // namespace brusio::brusiod
