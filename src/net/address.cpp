#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include <fmt/format.h>

#include "net/types.hpp"

namespace brusio::net {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(const std::array<std::uint8_t, 16>& ip) {
    return std::equal(v4_mapped.begin(), v4_mapped.end(), ip.begin());
}

}  // namespace

peer peer_of(const sockaddr_storage& address) {
    peer p;
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::ranges::copy(v4_mapped, p.ip.begin());
        std::memcpy(p.ip.data() + v4_mapped.size(), &v4.sin_addr, 4);
        p.port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        std::memcpy(p.ip.data(), &v6.sin6_addr, 16);
        p.port = ntohs(v6.sin6_port);
    } else {
        p.local = true;
    }
    return p;
}

std::optional<peer> peer_from(const std::string& address) {
    peer p;
    if (inet_pton(AF_INET, address.c_str(), p.ip.data() + v4_mapped.size()) == 1) {
        std::ranges::copy(v4_mapped, p.ip.begin());
        return p;
    }
    if (inet_pton(AF_INET6, address.c_str(), p.ip.data()) == 1) return p;
    return std::nullopt;
}

std::array<std::uint8_t, 16> peer::prefix() const {
    auto whole = ip;
    if (!is_v4(ip)) std::fill(whole.begin() + 8, whole.end(), std::uint8_t{0});
    return whole;
}

std::string peer::address() const {
    if (local) return "unix";
    char text[INET6_ADDRSTRLEN] = "";
    if (is_v4(ip)) {
        inet_ntop(AF_INET, ip.data() + v4_mapped.size(), text, sizeof text);
    } else {
        inet_ntop(AF_INET6, ip.data(), text, sizeof text);
    }
    return text;
}

std::string peer::text() const {
    if (local) return "unix";
    return is_v4(ip) ? fmt::format("{}:{}", address(), port) : fmt::format("[{}]:{}", address(), port);
}

std::string endpoint::text() const {
    if (address.ss_family == AF_UNIX) return "unix:" + unix_path;
    return peer_of(address).text();
}

}  // namespace brusio::net
