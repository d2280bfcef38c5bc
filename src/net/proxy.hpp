// The header with which a proxy says whose connection it passes on: the PROXY protocol, versions 1 (text) and 2
// (binary), as specified with HAProxy (proxy-protocol.txt). Sans-IO, stateless, any thread.
#pragma once

#include <optional>
#include <string_view>

#include "net/types.hpp"

namespace brusio::net {

// A header is at most so long. Version 2 could be 65,551 bytes; what makes it long is what we do not read.
inline constexpr std::size_t proxy_header_bytes = std::size_t{16} << 10U;

enum class proxy_status : std::uint8_t { complete, need_more, bad };

struct proxy_header {
    proxy_status status = proxy_status::need_more;
    std::size_t size = 0;      // when complete: its bytes; the rest of the input is not the proxy's
    std::optional<peer> from;  // when complete: nothing means the connection's own address (LOCAL, UNKNOWN, no TCP)
};

proxy_header read_proxy(std::string_view input);

}  // namespace brusio::net
