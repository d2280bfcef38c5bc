// cloak: what others see in place of somebody's address: a name from which the address cannot be found without the key,
// but which is the same each time, and whose parts stand for its networks, so that a channel can ban a network without
// knowing it. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "brusiod/key_file.hpp"

namespace brusio::brusiod {

class cloak {
  public:
    using key = secret_key;
    using ip_bytes = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d

    explicit cloak(const key& with) : key_(with) {}

    // `aaaaaaaa.bbbbbbbb.cccccccc.ip`: keyed hashes of the address, its /24 and its /16; for IPv6 of its /64, /48 and
    // /32. `*!*@*.bbbbbbbb.cccccccc.ip` is everyone of one /24 (IPv6: /48). Without an address (`local`: it came
    // through a unix socket) "unix".
    std::string host(const ip_bytes& ip, bool local) const;

  private:
    key key_;
};

// The host without a cloak: the address as text, which never begins with ':' ("0::1"), or "localhost" when `local`.
std::string plain_host(const cloak::ip_bytes& ip, bool local);

}  // namespace brusio::brusiod
