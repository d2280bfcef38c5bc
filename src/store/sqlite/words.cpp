#include "store/sqlite/words.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/text.hpp"

namespace brusio::store::sqlite {
namespace {

// How many bytes at the front of `text` are a colour of `most` digits.
std::size_t digits(std::string_view text, std::string_view of, std::size_t most) {
    return std::min({text.find_first_not_of(of), text.size(), most});
}

// Colours are the only codes that bring printable characters with them: \x03 up to two digits, and after a comma again;
// \x04 six hexadecimal ones in the same way.
std::string without_colours(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto plain = text.substr(0, text.find_first_of("\x03\x04"));
        out += plain;
        text.remove_prefix(plain.size());
        if (text.empty()) break;
        const bool hex = text.front() == '\x04';
        const std::string_view of = hex ? "0123456789abcdefABCDEF" : "0123456789";
        const std::size_t most = hex ? 6 : 2;
        text.remove_prefix(1);
        auto n = digits(text, of, most);
        if (hex && n < most) n = 0;
        if (n > 0 && n < text.size() && text[n] == ',') {
            const auto back = digits(text.substr(n + 1), of, most);
            if (back > 0 && (!hex || back == most)) n += 1 + back;
        }
        text.remove_prefix(n);
    }
    return out;
}

// Whether FTS5's unicode61 makes a token of any of it.
bool says_something(std::string_view word) {
    const auto* s = reinterpret_cast<const uint8_t*>(word.data());
    const auto length = static_cast<int32_t>(word.size());
    for (int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U8_NEXT(s, i, length, c);
        if (c >= 0 && (U_MASK(u_charType(c)) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_CO_MASK)) != 0) return true;
    }
    return false;
}

// "two words"*: whatever else FTS5's language has, means nothing between quotes.
std::string phrase_of(const search_term& term) {
    std::string out;
    for (const auto& word : term.words) {
        if (!says_something(word)) continue;
        out += out.empty() ? '"' : ' ';
        for (const char c : word) {
            if (c == '"') out += '"';
            if (c != '\0') out += c;
        }
    }
    if (out.empty()) return out;
    out += '"';
    if (term.prefix && says_something(term.words.back())) out += " *";
    return out;
}

}  // namespace

std::string searched_text(const std::string& body, bool formatted) {
    return base::without_controls(formatted ? without_colours(body) : body);
}

match match_of(const std::vector<search_term>& terms) {
    match out;
    bool wanted = false;
    for (const auto& term : terms) {
        wanted = wanted || !term.without;
        const auto phrase = phrase_of(term);
        if (phrase.empty()) continue;
        auto& side = term.without ? out.without : out.with;
        if (!side.empty()) side += term.without ? " OR " : " AND ";
        side += phrase;
    }
    out.nothing = wanted && out.with.empty();
    return out;
}

}  // namespace brusio::store::sqlite
