#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include <fmt/format.h>

#include "net/types.hpp"

namespace brusio::net {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string host_and_port(const std::array<std::uint8_t, 16>& ip, std::uint16_t port) {
    char text[INET6_ADDRSTRLEN] = "";
    if (std::equal(v4_mapped.begin(), v4_mapped.end(), ip.begin())) {
        inet_ntop(AF_INET, ip.data() + v4_mapped.size(), text, sizeof text);
        return fmt::format("{}:{}", text, port);
    }
    inet_ntop(AF_INET6, ip.data(), text, sizeof text);
    return fmt::format("[{}]:{}", text, port);
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

std::string peer::text() const { return local ? "unix" : host_and_port(ip, port); }

std::string endpoint::text() const {
    if (address.ss_family == AF_UNIX) return "unix:" + unix_path;
    return peer_of(address).text();
}

}  // namespace brusio::net
