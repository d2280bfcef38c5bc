// irc_text.hpp: text from elsewhere made fit for IRC's lines. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace brusio::wire {

// The longest beginning of `text` of at most `max_bytes` (at least 4, UTF-8's longest character) that ends between two
// characters, in bytes. Never 0 for text that is not empty, also when it is not UTF-8.
std::size_t utf8_cut(std::string_view text, std::size_t max_bytes);

enum class cut_blank : bool {
    keep,  // at the end of its piece: the pieces joined are the text (draft/multiline-concat)
    drop,  // gone: each piece is a line of its own
};

// Pieces of at most `max_bytes` (taken as 4 when less), none empty, cut after the last blank when it is in the piece's
// second half, else between two characters. Views into `text`. Linear in the text.
std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes,
                                         cut_blank blank = cut_blank::drop);

// Any bytes as valid UTF-8: what is not becomes U+FFFD; NUL and CR are dropped. LF stays, for the caller to split at.
std::string clean_for_irc(std::string_view body);

}  // namespace brusio::wire
