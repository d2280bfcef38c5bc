#include "wire/irc.hpp"

#include <algorithm>

namespace brusio::wire {
namespace {

// Every prefix of a line that fits, fits: so an unfinished line that does not fit never will.
bool fits(std::string_view line, const irc_limits& limits) {
    if (!line.starts_with('@')) return line.size() <= limits.body;
    const auto blank = line.substr(0, limits.tags).find(' ');
    if (blank == std::string_view::npos) return line.size() < limits.tags;  // the blank must still have room
    return line.size() - blank - 1 <= limits.body;
}

bool has_bad_byte(std::string_view line) {
    bool bad = false;  // no early way out: the loop is vectorised
    for (char c : line) bad |= (c == '\0') | (c == '\r') | (c == '\n');
    return bad;
}

void skip_blanks(std::string_view& rest) { rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size())); }

// Up to the next blank, with the blanks after it gone.
std::string_view take_word(std::string_view& rest) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    skip_blanks(rest);
    return word;
}

}  // namespace

irc_split split_irc_line(std::string_view input, const irc_limits& limits) {
    std::size_t start = 0;
    for (;;) {
        const auto rest = input.substr(start);
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);  // an unfinished line's CR may be half of its end
        if (!fits(line, limits)) return {irc_split::status::too_long, {}, start};
        if (end == std::string_view::npos) return {irc_split::status::need_more, {}, start};
        start += end + 1;
        if (line.find_first_not_of(' ') != std::string_view::npos) return {irc_split::status::line, line, start};
    }
}

irc_skip skip_irc_line(std::string_view input) {
    const auto end = input.find('\n');
    if (end == std::string_view::npos) return {input.size(), false};
    return {end + 1, true};
}

std::expected<irc_message, irc_parse_error> parse_irc(std::string_view line) {
    if (has_bad_byte(line)) return std::unexpected(irc_parse_error::bad_byte);
    irc_message m;
    skip_blanks(line);
    if (line.starts_with('@')) m.tags = take_word(line).substr(1);
    if (line.starts_with(':')) m.source = take_word(line).substr(1);
    m.verb = take_word(line);
    if (m.verb.empty()) return std::unexpected(irc_parse_error::no_verb);
    while (!line.empty()) {
        const bool rest = line.starts_with(':');
        if (rest) {
            line.remove_prefix(1);
            m.has_trailing = true;
        }
        if (rest || m.param_count + 1 == irc_max_params) {
            m.all_params[m.param_count++] = line;
            break;
        }
        m.all_params[m.param_count++] = take_word(line);
    }
    return m;
}

bool is_irc_verb(std::string_view verb) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return (verb.size() == 3 && std::ranges::all_of(verb, digit)) ||
           (!verb.empty() && std::ranges::all_of(verb, letter));
}

}  // namespace brusio::wire
