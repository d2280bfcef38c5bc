#include "wire/irc_text.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace brusio::wire {
namespace {

using pieces = std::vector<std::string_view>;

TEST(irc_text, cut_between_characters) {
    EXPECT_EQ(utf8_cut("caffè", 5), 4U);
    EXPECT_EQ(utf8_cut("caffè", 6), 6U);
    EXPECT_EQ(utf8_cut("😀😀", 7), 4U);
    EXPECT_EQ(utf8_cut("😀😀", 0), 4U);
    EXPECT_EQ(utf8_cut("", 9), 0U);
    EXPECT_GT(utf8_cut(std::string(20, '\x80'), 10), 0U);
    EXPECT_GT(utf8_cut(std::string(20, '\xF0'), 4), 0U);
}

TEST(irc_text, short_text_is_one_piece) {
    EXPECT_EQ(split_text("one two ", 8), pieces{"one two "});
    EXPECT_EQ(split_text("", 8), pieces{});
}

TEST(irc_text, split_at_the_last_blank) {
    EXPECT_EQ(split_text("one two three", 8), (pieces{"one two", "three"}));
    EXPECT_EQ(split_text("one two three", 8, cut_blank::keep), (pieces{"one two ", "three"}));
    EXPECT_EQ(split_text("one two three", 7), (pieces{"one two", "three"}));
    EXPECT_EQ(split_text("one two three", 7, cut_blank::keep), (pieces{"one ", "two ", "three"}));
}

TEST(irc_text, a_blank_in_the_first_half_is_not_worth_a_cut) {
    EXPECT_EQ(split_text("abc defghijk", 8), (pieces{"abc defg", "hijk"}));
    EXPECT_EQ(split_text("èèèè", 5), (pieces{"èè", "èè"}));
}

// Property: no piece is too long, empty, or ends inside a character; with the blanks kept they are the text.
TEST(irc_text, pieces_of_any_text) {
    const std::string_view parts[] = {"a", "bc", " ", "è", "😀", "\x80", "\xF0\x9F", "  "};
    std::mt19937 random(8);
    for (int round = 0; round < 4000; ++round) {
        std::string text;
        const auto kinds = round % 2 == 0 ? 5U : 8U;  // even rounds: valid UTF-8
        for (auto n = random() % 60; n > 0; --n) text += parts[random() % kinds];
        const std::size_t most = random() % 20;
        std::string joined;
        for (auto piece : split_text(text, most, cut_blank::keep)) joined += piece;
        ASSERT_EQ(joined, text);
        for (auto blank : {cut_blank::keep, cut_blank::drop}) {
            for (auto piece : split_text(text, most, blank)) {
                ASSERT_FALSE(piece.empty());
                ASSERT_LE(piece.size(), std::max<std::size_t>(most, 4));
                ASSERT_EQ(base::valid_utf8(piece) || kinds == 8, true) << text;
            }
        }
    }
}

TEST(irc_text, any_bytes_become_utf8) {
    EXPECT_EQ(clean_for_irc("caffè\nlatte"), "caffè\nlatte");
    EXPECT_EQ(clean_for_irc("a\r\nb\rc"), "a\nbc");
    EXPECT_EQ(clean_for_irc(std::string_view("a\0b", 3)), "ab");
    EXPECT_EQ(clean_for_irc("caff\xE8!\xFF"), "caff\xEF\xBF\xBD!\xEF\xBF\xBD");
    EXPECT_EQ(clean_for_irc("\xC3\r\xA8"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    std::mt19937 random(9);
    for (int round = 0; round < 2000; ++round) {
        std::string body(random() % 30, ' ');
        for (auto& c : body) c = static_cast<char>(random());
        const auto clean = clean_for_irc(body);
        ASSERT_TRUE(base::valid_utf8(clean));
        ASSERT_EQ(clean.find_first_of(std::string_view("\0\r", 2)), std::string::npos);
        ASSERT_EQ(clean_for_irc(clean), clean);
    }
}

}  // namespace
}  // namespace brusio::wire
