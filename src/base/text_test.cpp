#include "base/text.hpp"

#include <array>

#include <gtest/gtest.h>

namespace brusio::base {
namespace {

TEST(text, valid_utf8) {
    EXPECT_TRUE(valid_utf8(""));
    EXPECT_TRUE(valid_utf8("perché 漢字 🙂"));
    EXPECT_FALSE(valid_utf8("\xff"));
    EXPECT_FALSE(valid_utf8("\xc3"));
    EXPECT_FALSE(valid_utf8("\xc0\xaf"));          // overlong
    EXPECT_FALSE(valid_utf8("\xed\xa0\x80"));      // surrogate
    EXPECT_FALSE(valid_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
}

TEST(text, clean_line_keeps_what_is_harmless) {
    EXPECT_EQ(clean_line("perché 漢字 🙂 👩‍🚀"), "perché 漢字 🙂 👩‍🚀");
}

TEST(text, clean_line_disarms_terminals) {
    EXPECT_EQ(clean_line("a\x1b[31mb"), "a␛[31mb");
    EXPECT_EQ(clean_line("a\nb\r\0c"), "a␊b␍");  // the literal ends at its NUL
    EXPECT_EQ(clean_line(std::string_view("\0\x7f\t", 3)), "␀␡ ");
    EXPECT_EQ(clean_line("\xc2\x9b[2J"), "\uFFFD[2J");  // C1 CSI
    EXPECT_EQ(clean_line("abc\u202Egnp.exe"), "abc\uFFFDgnp.exe");
    EXPECT_EQ(clean_line("\u2028"), "\uFFFD");
    EXPECT_EQ(clean_line("\x80\x04\x95"), "\uFFFD␄\uFFFD");  // a pickle's head
}

TEST(text, clean_line_is_always_valid_and_settled) {
    std::string bytes;
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            bytes = {static_cast<char>(a), static_cast<char>(b), 'x'};
            auto once = clean_line(bytes);
            ASSERT_TRUE(valid_utf8(once));
            ASSERT_EQ(clean_line(once), once);
        }
    }
}

TEST(text, is_ascii) {
    EXPECT_TRUE(is_ascii(""));
    EXPECT_TRUE(is_ascii(std::string_view("\0 ~\x7f", 4)));
    EXPECT_FALSE(is_ascii("perché"));
    EXPECT_FALSE(is_ascii("\x80"));
}

TEST(text, without_controls_leaves_text_and_its_lines) {
    EXPECT_EQ(without_controls(""), "");
    EXPECT_EQ(without_controls("perché\t漢字\n🙂 ~\u00a0"), "perché\t漢字\n🙂 ~\u00a0");
    EXPECT_EQ(without_controls("\x1b[31mesc \x07"), "[31mesc ");
    EXPECT_EQ(without_controls(std::string_view("a\0\r\x7f\x1f\x01z", 7)), "az");
    EXPECT_EQ(without_controls("a\u0080\u009b2J\u009fz"), "a2Jz");
    EXPECT_EQ(without_controls("a\x9b\xffz"), "a\uFFFD\uFFFDz");
}

TEST(text, without_controls_never_makes_one) {
    for (int c = 0; c < 256; ++c) {  // whatever stands between the two bytes of U+009B
        const std::string bytes{'\xc2', static_cast<char>(c), '\x9b'};
        const auto once = without_controls(bytes);
        ASSERT_TRUE(valid_utf8(once)) << c;
        ASSERT_FALSE(once.contains("\u009b")) << c;
        ASSERT_EQ(without_controls(once), once) << c;
    }
}

TEST(text, trim) {
    EXPECT_EQ(trim("  Mario Rossi \r\n"), "Mario Rossi");
    EXPECT_EQ(trim("\u00a0\u3000x\u2003"), "x");
    EXPECT_EQ(trim(" \t\n"), "");
    EXPECT_EQ(trim("\xff "), "\xff");
}

TEST(text, nearest) {
    std::array<std::string_view, 3> known{"certificate", "key", "workers"};
    EXPECT_EQ(nearest("certificat", known), "certificate");
    EXPECT_EQ(nearest("worker", known), "workers");
    EXPECT_EQ(nearest("kex", known), "key");
    EXPECT_EQ(nearest("zzzzzz", known), "");
}

}  // namespace
}  // namespace brusio::base
