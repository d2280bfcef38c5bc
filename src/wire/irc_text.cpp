#include "wire/irc_text.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"

namespace brusio::wire {
namespace {

constexpr std::size_t longest_character = 4;

}  // namespace

std::size_t utf8_cut(std::string_view text, std::size_t max_bytes) {
    max_bytes = std::max(max_bytes, longest_character);
    if (text.size() <= max_bytes) return text.size();
    // Only the last character matters: at most three of its bytes are before the cut.
    const auto tail = text.substr(max_bytes - longest_character, longest_character);
    const auto* s = reinterpret_cast<const uint8_t*>(tail.data());
    auto whole = static_cast<int32_t>(longest_character);
    U8_TRUNCATE_IF_INCOMPLETE(s, 0, whole);
    return max_bytes - longest_character + static_cast<std::size_t>(whole);
}

std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes, cut_blank blank) {
    max_bytes = std::max(max_bytes, longest_character);
    std::vector<std::string_view> pieces;
    while (text.size() > max_bytes) {
        // A blank that is dropped may stand just behind a full piece.
        const auto last = text.rfind(' ', blank == cut_blank::drop ? max_bytes : max_bytes - 1);
        if (last != std::string_view::npos && last >= max_bytes / 2) {
            pieces.push_back(text.substr(0, blank == cut_blank::drop ? last : last + 1));
            text.remove_prefix(last + 1);
        } else {
            pieces.push_back(text.substr(0, utf8_cut(text, max_bytes)));
            text.remove_prefix(pieces.back().size());
        }
    }
    if (!text.empty()) pieces.push_back(text);
    return pieces;
}

std::string clean_for_irc(std::string_view body) {
    constexpr std::string_view dropped("\0\r", 2);
    if (body.find_first_of(dropped) == std::string_view::npos && base::valid_utf8(body)) return std::string(body);
    std::string out;
    out.reserve(body.size());
    const auto* s = reinterpret_cast<const uint8_t*>(body.data());
    const auto length = static_cast<int32_t>(body.size());
    for (int32_t i = 0; i < length;) {
        const auto start = i;
        UChar32 c = 0;
        U8_NEXT(s, i, length, c);
        if (c < 0) {
            out += "\xEF\xBF\xBD";
        } else if (c != '\0' && c != '\r') {
            out.append(body, static_cast<std::size_t>(start), static_cast<std::size_t>(i - start));
        }
    }
    return out;
}

}  // namespace brusio::wire
