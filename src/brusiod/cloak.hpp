// cloak: what others see in place of somebody's address: a name from which the address cannot be found without the key,
// but which is the same each time, and whose parts stand for its networks, so that a channel can ban a network without
// knowing it. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::brusiod {

class cloak {
  public:
    using key = std::array<std::uint8_t, 32>;
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

// The key of this server, in a file of `data_folder`, which must exist. The first call makes it (mode
// 0600); it is never replaced, because each ban of a cloak would be lost: a broken file is an error.
base::result<cloak::key> load_or_make_key(const std::filesystem::path& data_folder,
                                          std::string_view name = "cloak.key");

}  // namespace brusio::brusiod
