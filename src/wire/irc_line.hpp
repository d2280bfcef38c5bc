// irc_line.hpp: IRC's lines as a server sends them, appended to a buffer part by part.
//
//   irc_line(out).tag("time", now).source(server).numeric(433).param(nick).param(wanted).trailing("In use").end();
//
// Whatever is passed, what is appended is exactly one line: a value can neither end it nor become another part of it.
// Any thread, one at a time for each buffer; values must not be views into the buffer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/irc.hpp"

namespace brusio::wire {

class irc_line {
  public:
    static constexpr std::size_t max_tags = 8191;  // bytes, with '@' and blank
    static constexpr std::size_t max_body = 510;   // bytes, without CR LF

    explicit irc_line(std::string& out) : out_(out), start_(out.size()), body_(out.size()) {}

    // In this order: tags (a server's own before clients', says message-tags), source, verb or numeric, parameters,
    // end. Another order aborts.

    // A tag for which there is no room, or whose key cannot be written (empty; blank, ';', '=', NUL, CR, LF), is left
    // out whole. Keys are not compared: the same one twice is written twice.
    irc_line& tag(std::string_view key, std::string_view value = {});
    // The value is as it came from the wire and goes out unchanged, but for ';', blanks, NUL, CR, LF: these become '_'.
    irc_line& escaped_tag(std::string_view key, std::string_view escaped_value);

    // Empty: none. NUL, CR, LF and blanks become '_'.
    irc_line& source(std::string_view who);
    // As with param; a '@' in front becomes '_' too.
    irc_line& verb(std::string_view word);
    // Below 1000; three digits.
    irc_line& numeric(unsigned number);

    // One word: an empty value becomes '*'; blanks, NUL, CR, LF, and a ':' in front become '_'. After 14 of them the
    // next one is written as trailing, and any more are left out.
    irc_line& param(std::string_view word);
    // The last parameter, always with ':'. NUL, CR and LF become blanks.
    irc_line& trailing(std::string_view text);

    // How many bytes trailing() may have before end() cuts them.
    std::size_t room() const;

    // Cuts what is over max_body between two characters (tags are not counted), and appends CR LF.
    void end();

  private:
    enum class stage : std::uint8_t { tags, source, verb, params, trailing, ended };

    void enter(stage next);
    bool begin_tag(std::string_view key);
    irc_line& end_tag(std::size_t before);
    void append_word(std::string_view word);

    std::string& out_;
    std::size_t start_;  // where the line begins in out_
    std::size_t body_;   // where it begins behind its tags
    std::size_t params_ = 0;
    stage stage_ = stage::tags;
};

}  // namespace brusio::wire
