// address: where to listen, and which addresses the limits leave alone. It knows how addresses are written and what
// they are as bytes; it opens no sockets and asks no name server. Plain values, any thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::brusiod {

// `127.0.0.1:1234`, `[::1]:1234` or `unix:/path`. Port 0 lets the system choose one. Two addresses are equal when they
// are the same however they were written.
class address {
  public:
    static base::result<address> parse(std::string_view text);

    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }
    const sockaddr_storage& storage() const { return storage_; }
    int family() const { return storage_.ss_family; }  // AF_INET, AF_INET6 or AF_UNIX
    bool any_port() const { return any_port_; }        // port 0
    std::uint16_t port() const { return port_; }       // 0 of a unix socket too
    const std::string& text() const { return text_; }  // in its shortest usual form

    bool operator==(const address& other) const { return text_ == other.text_; }

  private:
    address() = default;

    sockaddr_storage storage_{};
    socklen_t size_ = 0;
    bool any_port_ = false;
    std::uint16_t port_ = 0;
    std::string text_;
};

// A network such as `127.0.0.0/8` or `2001:db8::/32`; an address alone is a network of one. An IPv4 address and its
// IPv4-mapped IPv6 form (`::ffff:127.0.0.1`) are the same; other IPv6 networks, `::/0` too, hold no IPv4 address.
class cidr {
  public:
    static base::result<cidr> parse(std::string_view text);

    // `peer` must have as many bytes behind it as its family needs. Unix sockets are in no network.
    bool contains(const sockaddr* peer) const;
    std::string text() const;

    bool operator==(const cidr&) const = default;

  private:
    cidr() = default;

    std::array<std::uint8_t, 16> network_{};  // IPv4 in its mapped form
    unsigned prefix_ = 128;                   // bits of `network_` that count
};

// True when `peer` is in one of `networks` or came through a unix socket, which always is exempt.
bool is_exempt(std::span<const cidr> networks, const sockaddr* peer);

}  // namespace brusio::brusiod
