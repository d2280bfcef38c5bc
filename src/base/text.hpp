// Text as it may be shown to people: what came from outside is cleaned before it reaches a terminal, a log or a door
// whose protocol is text. Pure functions, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace brusio::base {

bool valid_utf8(std::string_view bytes);
bool is_ascii(std::string_view bytes);

// One line that is safe to show: invalid UTF-8 becomes U+FFFD, a tab one blank; other C0 controls become their pictures
// (ESC is shown as ␛, a line feed as ␊), so that no terminal obeys them; C1 controls, bidirectional controls (U+061C,
// U+200E–F, U+202A–E, U+2066–9) and line or paragraph separators become U+FFFD.
std::string clean_line(std::string_view bytes);

// Text of any number of lines that no terminal obeys: C0 controls but tab and line feed, DEL and C1 controls
// (U+0080–9F) are left out, invalid UTF-8 becomes U+FFFD, all else stays.
std::string without_controls(std::string_view bytes);

// Without the blanks around it (Unicode White_Space, CR and LF included). `bytes` need not be valid UTF-8.
std::string_view trim(std::string_view bytes);

// Of `known`, the word nearest to `word` (at most a third of its letters, rounded up, differ), or "" when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace brusio::base
