#include "wire/frame.hpp"

#include <charconv>

namespace brusio::wire {

std::expected<std::uint64_t, frame_error> parse_frame_header(std::string_view header, std::uint64_t limit) {
    const auto first = header.find_first_not_of(' ');
    if (header.size() != frame_header_bytes || first == std::string_view::npos) {
        return std::unexpected(frame_error::not_a_length);
    }
    auto digits = header.substr(first, header.find_last_not_of(' ') - first + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    if (digits.empty()) return std::unexpected(frame_error::not_a_length);
    std::uint64_t length = 0;  // ten digits at most: cannot overflow
    for (char c : digits) {
        if (c < '0' || c > '9') return std::unexpected(frame_error::not_a_length);
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (length > limit) return std::unexpected(frame_error::too_long);
    return length;
}

std::expected<frame_split, frame_error> split_frame(std::string_view input, std::uint64_t limit) {
    if (input.size() < frame_header_bytes) return frame_split{};
    const auto length = parse_frame_header(input.substr(0, frame_header_bytes), limit);
    if (!length) return std::unexpected(length.error());
    if (input.size() - frame_header_bytes < *length) return frame_split{};
    const auto size = static_cast<std::size_t>(*length);
    return frame_split{true, input.substr(frame_header_bytes, size), frame_header_bytes + size};
}

void append_frame(std::string& out, std::string_view body) {
    char header[frame_header_bytes + 10];
    auto* end = std::to_chars(header, header + sizeof header, body.size()).ptr;
    while (end < header + frame_header_bytes) *end++ = ' ';
    out.append(header, frame_header_bytes);
    out.append(body);
}

}  // namespace brusio::wire
