// PROXY headers: whatever comes is complete, begun or bad; a complete one does not depend on what follows it, and no
// beginning of it is anything but begun.
#include <cstdlib>
#include <string_view>

#include "net/proxy.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace brusio::net;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto whole = read_proxy(input);
    require(whole.status == proxy_status::complete || (whole.size == 0 && !whole.from));
    if (whole.status == proxy_status::need_more) require(size < proxy_header_bytes);
    if (whole.status == proxy_status::complete) {
        require(whole.size >= 15 && whole.size <= size && whole.size <= proxy_header_bytes);
        const auto alone = read_proxy(input.substr(0, whole.size));
        require(alone.status == proxy_status::complete && alone.size == whole.size);
        require(alone.from.has_value() == whole.from.has_value());
        if (whole.from) require(alone.from->ip == whole.from->ip && alone.from->port == whole.from->port);
        if (whole.from) require(!whole.from->local && !whole.from->text().empty());
    }
    const auto most = whole.status == proxy_status::complete ? whole.size : std::min<std::size_t>(size, 300);
    for (std::size_t n = 0; n < most; ++n) {
        const auto begun = read_proxy(input.substr(0, n)).status;
        if (whole.status == proxy_status::bad) {
            require(begun != proxy_status::complete);
        } else {
            require(begun == proxy_status::need_more);
        }
    }
    return 0;
}
