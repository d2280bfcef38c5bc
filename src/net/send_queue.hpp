// What a connection is still to be sent, in order. Only a connection whose socket is full, or whose bytes of this loop
// turn do not lie in one piece, has anything here. Not thread-safe: one worker's.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "net/types.hpp"

namespace brusio::net {

// Bodies from this size on are queued by reference instead of copied.
inline constexpr std::size_t by_reference_bytes = 4096;

// The bytes that a group is sent in one loop turn, once for all its members; or one large buffer by reference.
struct turn_buffer {
    std::string bytes;
    buffer whole;
    std::string_view view() const { return whole ? std::string_view(*whole) : std::string_view(bytes); }
};

// A contiguous piece of a turn buffer. Valid until the end of the loop turn.
struct turn_range {
    const turn_buffer* source = nullptr;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool empty() const { return begin == end; }
    std::string_view view() const {
        return source == nullptr ? std::string_view{} : source->view().substr(begin, end - begin);
    }
};

class send_queue {
  public:
    void append(std::string_view bytes);  // copies
    void append(buffer bytes, std::size_t offset = 0);
    void append(const turn_range& range);

    // The next bytes to send; empty when nothing is queued.
    std::string_view front() const;
    void pop(std::size_t n);  // n <= front().size()

    bool empty() const { return bytes_ == 0; }
    std::size_t bytes() const { return bytes_; }

  private:
    struct piece {
        buffer shared;  // or, when null,
        std::string own;
        std::size_t offset = 0;
        std::string_view view() const { return std::string_view(shared ? *shared : own).substr(offset); }
    };
    std::deque<piece> pieces_;
    std::size_t bytes_ = 0;
};

}  // namespace brusio::net
