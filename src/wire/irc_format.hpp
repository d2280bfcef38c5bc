// irc_format.hpp: the control characters with which IRC's people colour their text (as mIRC has them, see
// modern.ircdocs.horse/formatting). Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

namespace brusio::wire {

// Without formatting: bold, italics, underline, strikethrough, monospace, reverse, reset, \x03 with its colours (one or
// two digits, and after a comma again) and \x04 with its colours (six hexadecimal digits each). All else stays.
std::string strip_formatting(std::string_view text);

}  // namespace brusio::wire
