// How many rows of the screen the line being edited takes, in the way libedit lays it out: libedit does not tell, and
// whoever prints above the line must know. Pure; uses the locale's character widths.
#pragma once

#include <cstddef>
#include <string_view>

namespace brusio::client {

struct line_shape {
    std::size_t cursor_row = 0;  // 0: the row in which the prompt begins
    std::size_t last_row = 0;

    bool operator==(const line_shape&) const = default;
};

struct screen_size {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

// `cursor` is an index into `text`, at most its size.
line_shape shape_of(std::wstring_view prompt, std::wstring_view text, std::size_t cursor, screen_size screen);

}  // namespace brusio::client
