#include "irc_stream.hpp"

#include <cstring>

#include <fmt/format.h>

namespace brusio::bench {

irc_stream::irc_stream(std::string_view channel, std::size_t text_bytes) : times_(slots) {
    const auto head = fmt::format("PRIVMSG {} :", channel);
    // The blank makes every server keep the colon.
    const auto line = fmt::format("{}{:016x} {}\r\n", head, 0, std::string(text_bytes - 17, 'x'));
    head_bytes_ = head.size();
    line_bytes_ = line.size();
    ring_.reserve(line_bytes_ * slots);
    for (std::size_t i = 0; i < slots; ++i) ring_ += line;
}

std::string_view irc_stream::make(std::int64_t time) {
    const auto slot = static_cast<std::size_t>(made_ % slots);
    times_[slot] = time;
    char* const begin = ring_.data() + slot * line_bytes_;
    char* const text = begin + head_bytes_;
    fmt::format_to_n(text, 16, "{:016x}", made_);
    // The rest changes too, so that a server that mixes up bytes is found out.
    std::memset(text + 17, static_cast<int>('a' + made_ % 26), line_bytes_ - head_bytes_ - 19);
    ++made_;
    return {begin, line_bytes_};
}

}  // namespace brusio::bench
