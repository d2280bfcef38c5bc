// irc.hpp: IRC's lines as they come in (RFC 1459 section 2.3, modern.ircdocs.horse, IRCv3 message-tags): bytes into
// lines, a line into its parts. What a verb means is the door's business. Nothing here checks UTF-8
// (base::valid_utf8) or allocates. Pure functions, any thread; all views are into the input.
//
// Near it: irc_tags.hpp (tags), irc_line.hpp (lines that go out), irc_text.hpp (long or foreign text), irc_format.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

namespace brusio::wire {

// In bytes. What a server takes from its clients by default.
struct irc_limits {
    std::size_t tags = 4096;  // the tag section with its '@' and the blank that ends it
    std::size_t body = 510;   // the rest, without CR LF
};

struct irc_split {
    enum class status : std::uint8_t {
        need_more,  // no whole line yet
        line,
        too_long,  // certain already, even before the line's end has come
    };
    status what = status::need_more;
    std::string_view line;     // without CR LF; never empty, never blanks only
    std::size_t consumed = 0;  // drop so many bytes, whatever the status: empty lines before it are gone. A line that
                               // is too long is not among them: skip_irc_line drops it
};

// The first line of `input`, which begins where a line begins. A line ends in LF or CR LF; lines that are empty or only
// blanks are skipped. While it says need_more, at most tags + body + 1 bytes of the input are left unconsumed, so
// scanning from the start again after each arrival costs no more than a constant for each byte.
irc_split split_irc_line(std::string_view input, const irc_limits& limits = {});

struct irc_skip {
    std::size_t consumed = 0;  // up to and with the LF, or all of the input
    bool found_end = false;    // false: the line goes on, skip in the next input too
};

// Drops a line that is too long.
irc_skip skip_irc_line(std::string_view input);

enum class irc_parse_error : std::uint8_t {
    bad_byte,  // NUL, CR or LF inside the line
    no_verb,
};

inline constexpr std::size_t irc_max_params = 15;

struct irc_message {
    std::string_view tags;    // raw, without '@' and blank (irc_tags.hpp); empty when there are none
    std::string_view source;  // without ':'; empty when there is none. Servers ignore what clients put here
    std::string_view verb;    // never empty; as it came: not folded, perhaps not well formed (is_irc_verb)
    std::array<std::string_view, irc_max_params> all_params;
    std::size_t param_count = 0;
    bool has_trailing = false;  // the last parameter came behind a ':'

    std::span<const std::string_view> params() const { return {all_params.data(), param_count}; }
    // Empty when there is no such parameter.
    std::string_view param(std::size_t i) const { return i < param_count ? all_params[i] : std::string_view{}; }
};

// One line without its CR LF. Blanks may come first and may repeat; the 15th parameter takes the rest of the line, with
// or without ':'.
std::expected<irc_message, irc_parse_error> parse_irc(std::string_view line);

// ASCII letters, or three digits. Any other verb is merely one that no server knows (421).
bool is_irc_verb(std::string_view verb);

}  // namespace brusio::wire
