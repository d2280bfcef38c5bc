#include "login/mail_address.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace brusio::login {
namespace {

TEST(mail_address, what_people_have) {
    for (std::string_view good :
         {"alice@example.org", "a@b.it", "first.last+tag@sub.example.co.uk", "o'brien@example.org", "R&D@example.org",
          "_x@example.org", "1@2.example", "a-b@my-host.example", "x@xn--bcher-kva.example", "a@4.3.2.museum"}) {
        EXPECT_TRUE(is_mail_address(good)) << good;
    }
}

TEST(mail_address, what_is_none_or_may_not_be_given_to_a_command) {
    EXPECT_FALSE(is_mail_address(std::string("al\0ice@example.org", 18)));
    for (std::string_view wrong : {"",
                                   "@",
                                   "alice",
                                   "alice@",
                                   "@example.org",
                                   "alice@example",
                                   "a@b@example.org",
                                   "alice@@example.org",
                                   "-f@example.org",
                                   "--help@example.org",
                                   "|sh@example.org",
                                   "/etc/passwd@example.org",
                                   "a/b@example.org",
                                   "a!b@example.org",
                                   "a%b@example.org",
                                   "`id`@example.org",
                                   "$HOME@example.org",
                                   ".a@example.org",
                                   "a.@example.org",
                                   "a..b@example.org",
                                   "a b@example.org",
                                   " a@example.org",
                                   "a@example.org ",
                                   "a@example.org\n",
                                   "a@example.org\r\nBcc: b@c.de",
                                   "a\tb@example.org",
                                   "\"a\"@example.org",
                                   "a@-example.org",
                                   "a@example-.org",
                                   "a@.example.org",
                                   "a@example..org",
                                   "a@example.org.",
                                   "a@exa_mple.org",
                                   "a@127.0.0.1",
                                   "a@[127.0.0.1]",
                                   "a@example.123",
                                   "a,b@example.org",
                                   "a;b@example.org",
                                   "<a@example.org>",
                                   "a(b)@example.org",
                                   "a:b@example.org",
                                   "a\\b@example.org",
                                   "\u00E9@example.org",
                                   "a@\u00E9.org",
                                   "a\x7F@example.org"}) {
        EXPECT_FALSE(is_mail_address(wrong)) << wrong;
    }
}

TEST(mail_address, lengths_are_bounded) {
    const auto local = [](std::size_t n) { return std::string(n, 'a') + "@example.org"; };
    EXPECT_TRUE(is_mail_address(local(64)));
    EXPECT_FALSE(is_mail_address(local(65)));
    EXPECT_TRUE(is_mail_address("a@" + std::string(63, 'b') + ".org"));
    EXPECT_FALSE(is_mail_address("a@" + std::string(64, 'b') + ".org"));
    const auto whole = [](std::size_t n) {
        std::string text = "a@";
        while (text.size() + 5 < n) text += "b.";
        return text + std::string(n - text.size(), 'c');
    };
    ASSERT_EQ(whole(254).size(), 254U);
    EXPECT_TRUE(is_mail_address(whole(254)));
    EXPECT_FALSE(is_mail_address(whole(255)));
}

TEST(mail_address, nothing_that_is_taken_has_a_dangerous_byte) {
    std::mt19937 random(21);  // NOLINT: the same each time
    int taken = 0;
    for (int round = 0; round < 200'000; ++round) {
        std::string text = "alice.b@example.org";
        for (auto n = random() % 3; n > 0; --n) text[random() % text.size()] = static_cast<char>(random());
        if (!is_mail_address(text)) continue;
        ++taken;
        EXPECT_NE(text[0], '-');
        EXPECT_EQ(std::ranges::count(text, '@'), 1);
        for (const char c : text) {
            EXPECT_TRUE(c > ' ' && c < 0x7F) << text;
            EXPECT_FALSE(std::string_view("|/!%`$\"\\<>();:,").contains(c)) << text;
        }
    }
    EXPECT_GT(taken, 1000);
}

TEST(code, is_easy_to_type_and_never_the_same) {
    std::set<std::string> seen;
    std::set<char> characters;
    for (int i = 0; i < 2000; ++i) {
        const auto code = make_code();
        EXPECT_EQ(code.size(), code_length);
        EXPECT_TRUE(seen.insert(code).second);
        characters.insert(code.begin(), code.end());
    }
    EXPECT_EQ(characters.size(), 32U) << "5 bits each";
    for (const char c : {'0', 'O', '1', 'I'}) EXPECT_FALSE(characters.contains(c)) << c;
}

TEST(code, is_recognised_as_people_type_it) {
    for (std::string_view typed : {"AB23CD45", "ab23cd45", "AB23-CD45", " ab23 cd45 ", "a b 2 3 c d 4 5"}) {
        EXPECT_TRUE(is_code("AB23CD45", typed)) << typed;
    }
    for (std::string_view typed : {"", "AB23CD4", "AB23CD456", "AB23CD46", "AB23_CD45", "BB23CD45"}) {
        EXPECT_FALSE(is_code("AB23CD45", typed)) << typed;
    }
    EXPECT_FALSE(is_code("AB23CD45", "AB23CD45" + std::string(30, ' ') + "X")) << "nothing is cut";
    EXPECT_FALSE(is_code("", ""));
    EXPECT_FALSE(is_code("", " "));
}

}  // namespace
}  // namespace brusio::login
