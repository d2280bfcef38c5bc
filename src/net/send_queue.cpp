#include "net/send_queue.hpp"

namespace brusio::net {
namespace {
// A piece of our own grows to this size, then another begins: sent bytes are freed piece by piece.
constexpr std::size_t own_piece_bytes = std::size_t{64} << 10U;
}  // namespace

void send_queue::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (pieces_.empty() || pieces_.back().shared || pieces_.back().own.size() > own_piece_bytes) pieces_.emplace_back();
    pieces_.back().own.append(bytes);
    bytes_ += bytes.size();
}

void send_queue::append(buffer bytes, std::size_t offset) {
    if (bytes->size() - offset < by_reference_bytes) return append(std::string_view(*bytes).substr(offset));
    bytes_ += bytes->size() - offset;
    pieces_.push_back({std::move(bytes), {}, offset});
}

void send_queue::append(const turn_range& range) {
    if (range.empty()) return;
    if (range.source->whole) {
        append(range.source->whole, range.begin);
    } else {
        append(range.view());
    }
}

std::string_view send_queue::front() const { return pieces_.empty() ? std::string_view{} : pieces_.front().view(); }

void send_queue::pop(std::size_t n) {
    bytes_ -= n;
    auto& piece = pieces_.front();
    piece.offset += n;
    if (piece.view().empty()) pieces_.pop_front();
}

}  // namespace brusio::net
