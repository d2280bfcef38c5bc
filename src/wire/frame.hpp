// wire: codecs, sans-IO: bytes in, values out, and back. It knows byte layouts; it does not know sockets, threads,
// people, channels, or what a message means.
//
// frame.hpp: the seed's frame protocol (docs/protocol/frame.md): a header of 10 bytes, the body's length in bytes as
// ASCII decimal, left-aligned and padded with blanks, then the body, which is any bytes. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace brusio::wire {

inline constexpr std::size_t frame_header_bytes = 10;
inline constexpr std::uint64_t frame_no_limit = ~std::uint64_t{0};

enum class frame_error : std::uint8_t {
    not_a_length,  // the header is blank or has anything but blanks around one decimal number with at most one leading
                   // `+`
    too_long,      // a length, but over the limit
};

// The length that a header of exactly 10 bytes announces. Reads no body and allocates nothing.
std::expected<std::uint64_t, frame_error> parse_frame_header(std::string_view header, std::uint64_t limit);

struct frame_split {
    bool complete = false;     // false: more bytes are needed, nothing was consumed
    std::string_view body;     // a view into the input
    std::size_t consumed = 0;  // bytes of the input that this frame took
};

// The first frame of `input`, whatever follows it. The header is checked as soon as it is whole.
std::expected<frame_split, frame_error> split_frame(std::string_view input, std::uint64_t limit);

// Appends header and body. The body must be shorter than 10^10 bytes.
void append_frame(std::string& out, std::string_view body);

}  // namespace brusio::wire
