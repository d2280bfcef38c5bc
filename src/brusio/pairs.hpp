// What a server sends: pairs of a name frame and a message frame. Sans-IO; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::client {

// A frame that announces more is not taken for a message: the peer speaks something else.
inline constexpr std::uint64_t frame_bytes_max = 64ULL << 20U;

// The word with which a server begins its explanation just before it closes a connection (docs/protocol/frame.md).
inline constexpr std::string_view explanation_word = "Closing: ";

struct pair {
    std::string name;  // any bytes, as all that comes from outside
    std::string body;

    bool operator==(const pair&) const = default;
    bool explains() const { return body.starts_with(explanation_word); }
};

class pair_reader {
  public:
    void append(std::string_view bytes) { input_.append(bytes); }
    // The next whole pair, nothing when more bytes are needed, or a sentence when this is not the frame protocol; after
    // that the reader must not be used any more.
    base::result<std::optional<pair>> next();
    // Something of an unfinished pair is here.
    bool in_the_middle() const { return name_ || at_ < input_.size(); }

  private:
    base::result<std::optional<std::string>> next_frame();

    std::string input_;
    std::size_t at_ = 0;  // start of what is not consumed yet
    std::optional<std::string> name_;
    bool first_ = true;
};

// True for "/quit" and "/quit anything": a command is the whole first word.
bool is_quit(std::string_view line);

}  // namespace brusio::client
