// Messages as lines of text for a terminal or a pipe. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "brusio/pairs.hpp"

namespace brusio::client {

struct line_style {
    bool raw = false;     // write the bytes as they came: no cleaning, no continuation lines
    bool colour = false;  // the name in its colour (SGR sequences)
};

// "name > text\n". A body of several lines (LF or CRLF) goes on in lines that begin with `continuation`, so that no
// body can pose as another person's line; one line end at the very end of a body is dropped. In a cleaned name, " >" is
// shown as " ›" for the same reason.
std::string render(const pair& message, line_style style);

inline constexpr std::string_view continuation = "      | ";

// A name as it is shown (without colour).
std::string shown_name(std::string_view name);

// The SGR foreground code of a name: always the same for the same name, one of those of the 16 colours that can be read
// on a light and on a dark ground.
int colour_of(std::string_view name);

// Whether colours may be used on a terminal: NO_COLOR is unset or empty, TERM is set and not "dumb".
bool colours_wanted();

}  // namespace brusio::client
