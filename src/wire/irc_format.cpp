#include "wire/irc_format.hpp"

#include <algorithm>

namespace brusio::wire {
namespace {

constexpr std::string_view codes = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f";
constexpr std::string_view decimal = "0123456789";
constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";

// How many bytes at the front of `text` are one colour: at least `least` and at most `most` of `digits`.
std::size_t colour(std::string_view text, std::string_view digits, std::size_t least, std::size_t most) {
    const auto n = std::min({text.find_first_not_of(digits), text.size(), most});
    return n < least ? 0 : n;
}

// A colour for the letters, and perhaps, after a comma, one for what is behind them.
std::size_t colours(std::string_view text, std::string_view digits, std::size_t least, std::size_t most) {
    const auto front = colour(text, digits, least, most);
    if (front == 0 || front == text.size() || text[front] != ',') return front;
    const auto back = colour(text.substr(front + 1), digits, least, most);
    return back == 0 ? front : front + 1 + back;
}

}  // namespace

std::string strip_formatting(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto plain = text.substr(0, text.find_first_of(codes));
        out += plain;
        text.remove_prefix(plain.size());
        if (text.empty()) break;
        const char code = text.front();
        text.remove_prefix(1);
        if (code == '\x03') text.remove_prefix(colours(text, decimal, 1, 2));
        if (code == '\x04') text.remove_prefix(colours(text, hexadecimal, 6, 6));
    }
    return out;
}

}  // namespace brusio::wire
