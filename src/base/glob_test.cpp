#include "base/glob.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::base {
namespace {

TEST(glob, wildcards_and_plain_bytes) {
    EXPECT_TRUE(glob_match("", ""));
    EXPECT_FALSE(glob_match("", "a"));
    EXPECT_TRUE(glob_match("*", ""));
    EXPECT_TRUE(glob_match("***", "anything"));
    EXPECT_FALSE(glob_match("?", ""));
    EXPECT_TRUE(glob_match("anna!*@*", "anna!a@host"));
    EXPECT_FALSE(glob_match("ann!*@*", "anna!a@host"));
    EXPECT_TRUE(glob_match("*!*@*.example.org", "anna!a@x.example.org"));
    EXPECT_FALSE(glob_match("*!*@*.example.org", "anna!a@x.example.orgy"));
    EXPECT_TRUE(glob_match("*!*@2001:db8:*", "anna!a@2001:db8::1"));
    EXPECT_TRUE(glob_match("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(glob_match("a*b*c", "a-c-b"));
    EXPECT_TRUE(glob_match("*a?", "aaab"));
    EXPECT_TRUE(glob_match("\\*", "\\x"));
}

TEST(glob, what_is_before_and_behind_the_wildcards_does_not_overlap) {
    EXPECT_FALSE(glob_match("ab*ba", "aba"));
    EXPECT_TRUE(glob_match("ab*ba", "abba"));
    EXPECT_FALSE(glob_match("a?a", "aa"));
}

TEST(glob, a_question_mark_is_one_character) {
    EXPECT_TRUE(glob_match("caff?", "caffè"));
    EXPECT_FALSE(glob_match("caff??", "caffè"));
    EXPECT_TRUE(glob_match("?x", "😀x"));
    EXPECT_FALSE(glob_match("??x", "😀x"));
    EXPECT_TRUE(glob_match("*??", "è😀"));
    EXPECT_FALSE(glob_match("*???", "è😀"));
    EXPECT_TRUE(glob_match("*?è*", "xxè"));
}

TEST(glob, canonical_masks) {
    EXPECT_EQ(canonical_mask("*?*?"), "??*");
    EXPECT_EQ(canonical_mask("a**b?*c??"), "a*b?*c??");
    EXPECT_EQ(canonical_mask(""), "");
    EXPECT_EQ(canonical_mask("plain"), "plain");
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string s;
    while (times-- > 0) s += piece;
    return s;
}

TEST(glob, hostile_masks_cost_no_more_than_others) {
    const std::string text(100000, 'a');
    for (const auto& mask : {repeated("*?", 100) + "*a*?*b*", repeated("*a", 149) + "*b*",
                             repeated("*?a*a?", 50) + "b*", "*" + std::string(298, 'a') + "?b*", repeated("?*", 150)}) {
        ASSERT_LE(mask.size(), 303U);
        std::uint64_t steps = 0;
        EXPECT_EQ(glob_match(mask, text, &steps), !mask.contains('b'));
        EXPECT_GT(steps, 0U);
        EXPECT_LE(steps, text.size() * (1 + mask.size() / 64)) << mask;
    }
}

// The plain definition, over characters, by dynamic programming.
bool defined_match(const std::vector<std::string>& mask, const std::vector<std::string>& text) {
    std::vector<char> reached(text.size() + 1);
    reached[0] = 1;
    for (const auto& token : mask) {
        std::vector<char> next(text.size() + 1);
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (token == "*") {
                next[i] = reached[i] != 0 || (i > 0 && next[i - 1] != 0);
            } else if (i > 0) {
                next[i] = reached[i - 1] != 0 && (token == "?" || token == text[i - 1]);
            }
        }
        reached = next;
    }
    return reached.back() != 0;
}

std::string joined(const std::vector<std::string>& characters) {
    std::string s;
    for (const auto& c : characters) s += c;
    return s;
}

// Property: as defined, also for masks of more than one word, and a mask matches the same in its canonical form.
TEST(glob, matches_as_defined) {
    const std::vector<std::string> letters{"a", "b", "è", "é", "😀"};
    std::mt19937 random(7);
    int matched = 0;
    for (int round = 0; round < 30000; ++round) {
        const std::size_t most = round % 10 == 0 ? 200 : 12;
        std::vector<std::string> text(random() % most);
        for (auto& c : text) c = letters[random() % (round % 3 == 0 ? 2 : letters.size())];
        std::vector<std::string> mask;
        for (const auto& c : text) {  // most of the text, so that about half match
            const auto dice = random() % 40;
            if (dice < 4) mask.emplace_back("*");
            if (dice == 0 || dice == 39) continue;
            mask.push_back(dice < 3 ? letters[random() % letters.size()] : dice < 12 ? "?" : c);
        }
        if (random() % 2 == 0) mask.emplace_back("*");
        const bool expected = defined_match(mask, text);
        matched += expected ? 1 : 0;
        ASSERT_EQ(glob_match(joined(mask), joined(text)), expected) << joined(mask) << " | " << joined(text);
        const auto canonical = canonical_mask(joined(mask));
        ASSERT_EQ(glob_match(canonical, joined(text)), expected) << canonical << " | " << joined(text);
        ASSERT_EQ(canonical_mask(canonical), canonical);
    }
    EXPECT_GT(matched, 5000);
    EXPECT_LT(matched, 25000);
}

TEST(glob, bytes_that_are_not_utf8_are_harmless) {
    EXPECT_TRUE(glob_match("?", "\xC3"));
    EXPECT_FALSE(glob_match("?", "\x80"));
    EXPECT_TRUE(glob_match("*", "\x80\xFF"));
    EXPECT_TRUE(glob_match("*\xFF*", "a\xFF\xFE"));
}

}  // namespace
}  // namespace brusio::base
