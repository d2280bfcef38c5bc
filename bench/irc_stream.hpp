// What the sender says to one channel, line by line: "PRIVMSG #channel :NUMBER fill\r\n". What a server puts before it
// (tags, the source) is its own affair and may differ for each receiver, so a delivery is known by its end: exactly the
// line that was sent. Each line has its number (16 hexadecimal digits), so what is lost, repeated or out of order is
// found out.
//
// Single-threaded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::bench {

class irc_stream {
  public:
    static constexpr std::size_t slots = 4096;  // lines kept; no receiver may be further behind than this
    static constexpr std::size_t text_bytes_min = 24;

    // `text_bytes`: of the text behind the colon.
    irc_stream(std::string_view channel, std::size_t text_bytes);

    // Makes the next line, valid until `slots` further ones were made. `time` (ns) is when it is sent or was to be
    // sent.
    std::string_view make(std::int64_t time);

    std::uint64_t made() const { return made_; }
    std::string_view line(std::uint64_t number) const {
        return std::string_view(ring_).substr(number % slots * line_bytes_, line_bytes_);
    }
    std::int64_t time_of(std::uint64_t number) const { return times_[number % slots]; }
    // What a line of ours has in it and no other line has.
    std::string_view marker() const { return std::string_view(ring_).substr(0, head_bytes_); }
    // Whether `line` is a delivery of message `number`.
    bool delivers(std::string_view line, std::uint64_t number) const {
        return number < made_ && line.size() > line_bytes_ && line.ends_with(this->line(number));
    }

  private:
    std::size_t head_bytes_ = 0;  // "PRIVMSG #channel :"
    std::size_t line_bytes_ = 0;
    std::uint64_t made_ = 0;
    std::string ring_;
    std::vector<std::int64_t> times_;
};

}  // namespace brusio::bench
