#include "base/glob.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace brusio::base {
namespace {

constexpr std::string_view wildcards = "*?";

constexpr bool continues_character(unsigned char c) { return (c & 0xC0U) == 0x80U; }

// The mask as an automaton whose states are bits: state i means that i of its tokens (bytes and `?`) are matched. All
// states advance together with a shift and an `and` for each word, so there is nothing to go back to.
// A state stays for any byte where a `*` stands, and after `?` for the rest of that character.
class automaton {
  public:
    explicit automaton(std::string_view mask)
        : tokens_(static_cast<std::size_t>(std::ranges::count_if(mask, [](char c) { return c != '*'; }))),
          words_(tokens_ / 64 + 1) {
        std::uint16_t rows = first_byte;
        for (unsigned char c : mask) {
            if (c != '*' && c != '?' && row_of_[c] == no_byte) row_of_[c] = rows++;
        }
        bits_.resize(rows * words_);
        set(states, 0);
        std::size_t i = 0;
        for (unsigned char c : mask) {
            if (c == '*') {
                set(star, i);
                continue;
            }
            if (c == '?') {
                set(any, i);
                set(after_any, i + 1);
            } else {
                set(row_of_[c], i);
            }
            ++i;
        }
    }

    // Once: it uses up the states.
    bool matches(std::string_view text, std::uint64_t& steps) {
        for (unsigned char c : text) {
            const auto* accepts = row(row_of_[c]);
            const std::uint64_t begins = continues_character(c) ? 0 : ~std::uint64_t{0};
            std::uint64_t carry = 0;
            std::uint64_t alive = 0;
            for (std::size_t w = 0; w < words_; ++w) {
                auto& state = row(states)[w];
                const auto taken = state & (accepts[w] | (row(any)[w] & begins));
                state = (taken << 1U) | carry | (state & (row(star)[w] | (row(after_any)[w] & ~begins)));
                carry = taken >> 63U;
                alive |= state;
            }
            steps += words_;
            if (alive == 0) return false;
        }
        return (row(states)[tokens_ / 64] >> (tokens_ % 64) & 1U) != 0;
    }

  private:
    // Rows of bits, one for each state.
    static constexpr std::uint16_t no_byte = 0;     // the states whose token is a byte that is not in the mask: none
    static constexpr std::uint16_t states = 1;      // those that are reached
    static constexpr std::uint16_t any = 2;         // whose token is `?`
    static constexpr std::uint16_t star = 3;        // with a `*`
    static constexpr std::uint16_t after_any = 4;   // behind a `?`
    static constexpr std::uint16_t first_byte = 5;  // from here on one for each byte of the mask: whose token it is

    std::uint64_t* row(std::uint16_t r) { return bits_.data() + r * words_; }
    void set(std::uint16_t r, std::size_t bit) { row(r)[bit / 64] |= std::uint64_t{1} << (bit % 64); }

    std::size_t tokens_;
    std::size_t words_;
    std::array<std::uint16_t, 256> row_of_{};  // a byte's row
    std::vector<std::uint64_t> bits_;          // all rows, each of words_
};

}  // namespace

bool glob_match(std::string_view mask, std::string_view text, std::uint64_t* steps) {
    // Most masks are decided by what is before their first wildcard or behind their last one.
    const auto first = mask.find_first_of(wildcards);
    if (first == std::string_view::npos) return mask == text;
    if (text.substr(0, first) != mask.substr(0, first)) return false;
    mask.remove_prefix(first);
    text.remove_prefix(first);
    const auto end = mask.find_last_of(wildcards) + 1;
    if (!text.ends_with(mask.substr(end))) return false;
    text.remove_suffix(mask.size() - end);
    mask = mask.substr(0, end);
    if (mask == "*") return true;
    std::uint64_t uncounted = 0;
    return automaton(mask).matches(text, steps != nullptr ? *steps : uncounted);
}

std::string canonical_mask(std::string_view mask) {
    std::string out;
    out.reserve(mask.size());
    while (!mask.empty()) {
        const auto plain = mask.substr(0, mask.find_first_of(wildcards));
        out += plain;
        mask.remove_prefix(plain.size());
        const auto run = mask.substr(0, mask.find_first_not_of(wildcards));
        out.append(static_cast<std::size_t>(std::ranges::count(run, '?')), '?');
        if (run.contains('*')) out.push_back('*');
        mask.remove_prefix(run.size());
    }
    return out;
}

}  // namespace brusio::base
