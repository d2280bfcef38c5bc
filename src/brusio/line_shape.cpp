#include "brusio/line_shape.hpp"

#include <algorithm>
#include <cstdio>
#include <cwchar>
#include <cwctype>

namespace brusio::client {
namespace {

struct pen {
    std::size_t columns;
    std::size_t row = 0;
    std::size_t column = 0;

    void next_row() {
        ++row;
        column = 0;
    }
    void put(std::size_t width) {
        if (width <= columns && column + width > columns) next_row();
        column += width;
        if (column >= columns) next_row();
    }
    void draw(wchar_t c) {
        if (c == L'\t') {
            do put(1);
            while (column % 8 != 0);
        } else if (c == L'\n') {
            next_row();
        } else if (c < 0x100 && std::iswcntrl(static_cast<std::wint_t>(c)) != 0) {
            put(1);  // ^X
            put(1);
        } else if (std::iswprint(static_cast<std::wint_t>(c)) != 0) {
            put(static_cast<std::size_t>(std::max(0, wcwidth(c))));
        } else {
            const int letters = std::snprintf(nullptr, 0, "\\U+%04lx", static_cast<unsigned long>(c));
            for (int i = 0; i < letters; ++i) put(1);
        }
    }
};

}  // namespace

line_shape shape_of(std::wstring_view prompt, std::wstring_view text, std::size_t cursor, screen_size screen) {
    pen p{std::max<std::size_t>(screen.columns, 2)};
    for (const wchar_t c : prompt) p.draw(c);
    std::size_t cursor_row = p.row;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == cursor) {
            // A wide character that does not fit is drawn in the next row, and the cursor stands on it.
            const auto width = static_cast<std::size_t>(std::max(0, wcwidth(text[i])));
            cursor_row = p.row + (width > 1 && p.column + width > p.columns ? 1 : 0);
        }
        p.draw(text[i]);
    }
    if (cursor >= text.size()) cursor_row = p.row;
    const std::size_t bottom = std::max<std::size_t>(screen.rows, 1) - 1;  // a longer line scrolls inside the screen
    return {std::min(cursor_row, bottom), std::min(p.row, bottom)};
}

}  // namespace brusio::client
