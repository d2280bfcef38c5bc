#include "message_stream.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "wire/frame.hpp"

namespace brusio::bench {

message_stream::message_stream(std::string_view sender, std::size_t body_bytes) : times_(slots) {
    wire::append_frame(name_frame_, sender);
    std::string delivery = name_frame_;
    wire::append_frame(delivery, std::string(body_bytes, 'x'));
    delivered_bytes_ = delivery.size();
    ring_.reserve(delivered_bytes_ * slots);
    for (std::size_t i = 0; i < slots; ++i) ring_ += delivery;
}

std::string_view message_stream::make(std::int64_t time) {
    const auto slot = static_cast<std::size_t>(made_ % slots);
    times_[slot] = time;
    char* delivery = ring_.data() + slot * delivered_bytes_;
    char* body = delivery + locating_bytes() - 16;
    fmt::format_to_n(body, 16, "{:016x}", made_);
    // The rest changes too, so that a server that repeats or mixes up bytes is found out.
    std::memset(body + 16, static_cast<int>('a' + made_ % 26),
                static_cast<std::size_t>(delivery + delivered_bytes_ - body) - 16);
    ++made_;
    return {delivery + name_frame_.size(), delivered_bytes_ - name_frame_.size()};
}

bool message_stream::matches(std::uint64_t position, std::string_view bytes) const {
    if (position + bytes.size() > end()) return false;
    if (message_at(position) + slots < made_) return false;
    while (!bytes.empty()) {
        const auto at = static_cast<std::size_t>(position % ring_.size());
        const auto n = std::min(bytes.size(), ring_.size() - at);
        if (std::memcmp(ring_.data() + at, bytes.data(), n) != 0) return false;
        bytes.remove_prefix(n);
        position += n;
    }
    return true;
}

std::optional<std::uint64_t> message_stream::locate(std::string_view bytes) const {
    if (bytes.size() < locating_bytes()) return std::nullopt;
    const auto digits = bytes.substr(locating_bytes() - 16, 16);
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (parsed.ptr != digits.data() + digits.size() || number >= made_) return std::nullopt;
    return number * delivered_bytes_;
}

}  // namespace brusio::bench
