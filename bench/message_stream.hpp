// What the sender has said, kept as every receiver is to see it: name frame and message frame, one after the other. All
// are equally long and nobody else talks, so a receiver that joined at message n must be sent exactly the bytes from
// the start of n on: checking every byte is one comparison of memory, and its position tells which messages it has.
//
// A message begins with its number (16 hexadecimal digits), so a receiver that has just joined can tell where it
// stands. Single-threaded. Positions are bytes from the start of message 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::bench {

class message_stream {
  public:
    static constexpr std::size_t slots = 16384;  // messages kept; no receiver may be further behind than this
    static constexpr std::size_t body_bytes_min = 16;

    message_stream(std::string_view sender, std::size_t body_bytes);

    // Makes the next message and returns its frame as the sender sends it, valid until `slots` further ones were made.
    // `time` (ns) is when it was sent or was to be sent.
    std::string_view make(std::int64_t time);

    std::uint64_t made() const { return made_; }
    std::uint64_t end() const { return made_ * delivered_bytes_; }  // position after the last message
    std::uint64_t message_at(std::uint64_t position) const { return position / delivered_bytes_; }
    std::int64_t time_of(std::uint64_t message) const { return times_[message % slots]; }
    std::size_t delivered_bytes() const { return delivered_bytes_; }

    // Whether `bytes` are what is to be received from `position` on.
    bool matches(std::uint64_t position, std::string_view bytes) const;

    // The bytes of a first delivery that tell where it belongs; fewer are not enough for `locate`.
    std::size_t locating_bytes() const { return name_frame_.size() + 26; }
    // The position at which bytes that begin with a whole delivery's start belong, or nothing when they are no message
    // of ours.
    std::optional<std::uint64_t> locate(std::string_view bytes) const;

  private:
    std::string name_frame_;
    std::size_t delivered_bytes_ = 0;
    std::uint64_t made_ = 0;
    std::string ring_;
    std::vector<std::int64_t> times_;
};

}  // namespace brusio::bench
