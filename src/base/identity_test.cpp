#include "base/identity.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace brusio::base {
namespace {

std::string nick_of(std::string_view name) {
    auto who = make_identity(name);
    return who ? who->nick : "refused: " + who.error().text;
}

// The table of docs/protocol/frame.md.
TEST(identity, nick_table) {
    EXPECT_EQ(nick_of("mario"), "mario");
    EXPECT_EQ(nick_of("  Mario Rossi\r\n"), "Mario_Rossi");
    EXPECT_EQ(nick_of("Mario \t  Rossi"), "refused: a name cannot have control or invisible characters");
    EXPECT_EQ(nick_of("Mario   Rossi"), "Mario_Rossi");
    EXPECT_EQ(nick_of("#mario"), "mario");
    EXPECT_EQ(nick_of("Mario!"), "Mario");
    EXPECT_EQ(nick_of("a.b@c"), "a_b_c");
    EXPECT_EQ(nick_of("~@+&%mario"), "mario");
    EXPECT_EQ(nick_of("mario: ciao a tutti"), "mario");
    EXPECT_EQ(nick_of(":mario"), "mario");
    EXPECT_EQ(nick_of("007"), "_007");
    EXPECT_EQ(nick_of("-x-"), "_-x-");
    EXPECT_EQ(nick_of("perché"), "perché");
    EXPECT_EQ(nick_of("ｍａｒｉｏ"), "mario");
    EXPECT_EQ(nick_of("漢字"), "漢字");
    EXPECT_EQ(nick_of(std::string(40, 'a')), std::string(32, 'a'));
    EXPECT_EQ(nick_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé"), std::string(31, 'a'));  // never half a character
    EXPECT_EQ(nick_of("[x]\\`_^{|}-"), "[x]\\`_^{|}-");
}

TEST(identity, refused) {
    EXPECT_EQ(nick_of(""), "refused: a name cannot be empty");
    EXPECT_EQ(nick_of(" \r\n"), "refused: a name cannot be empty");
    EXPECT_EQ(nick_of(std::string(65, 'a')), "refused: a name has at most 64 bytes");
    EXPECT_EQ(nick_of(std::string(64, 'a')).size(), 32U);
    EXPECT_EQ(nick_of("a\xff"), "refused: a name must be UTF-8 text");
    for (auto bad :
         {"a\x1b[1m", "a\x7f", "a\u0085z", "a\u200bz", "a\u202ez", "a\ue000", "a\u0378", "a\u2028z", "a\u2029z"}) {
        EXPECT_EQ(nick_of(bad), "refused: a name cannot have control or invisible characters") << clean_line(bad);
    }
    EXPECT_EQ(nick_of("###"), "refused: a name needs at least one letter or digit");
    EXPECT_EQ(nick_of("\u3164"), "refused: a name needs at least one letter or digit");  // Hangul filler: looks empty
}

TEST(identity, equality) {
    EXPECT_EQ(make_identity("MARIO")->nick_fold, make_identity("mario")->nick_fold);
    EXPECT_EQ(make_identity("Mario Rossi")->nick_fold, make_identity("mario_rossi")->nick_fold);
    EXPECT_EQ(make_identity("STRASSE")->name_fold, make_identity("straße")->name_fold);
    EXPECT_EQ(make_identity("ﬁne")->nick_fold, make_identity("FINE")->nick_fold);
    EXPECT_EQ(make_identity("mario\u3164")->nick_fold, "mario");
    EXPECT_NE(make_identity("mario")->nick_fold, make_identity("maria")->nick_fold);
}

TEST(identity, look_alikes) {
    const auto real = *make_identity("paypal");
    for (auto fake : {"pаypal", "PАYPАL", "раураl"}) {  // Cyrillic letters inside
        EXPECT_FALSE(make_identity(fake)->ascii);
        EXPECT_EQ(make_identity(fake)->skeleton, real.skeleton) << fake;
    }
    EXPECT_TRUE(real.ascii);
    EXPECT_NE(make_identity("perché")->skeleton, real.skeleton);
}

TEST(identity, a_nick_is_its_own_nick) {
    for (auto name : {"Mario Rossi", "007", "#x", "mario: ciao", "perché no?", "ｍａ ｒｉｏ", "Ａ：Ｂ", "´x"}) {
        const auto who = *make_identity(name);
        const auto again = make_identity(who.nick);
        ASSERT_TRUE(again) << name;
        EXPECT_EQ(again->nick, who.nick);
        EXPECT_EQ(again->nick_fold, who.nick_fold);
        EXPECT_LE(who.nick.size(), nick_bytes_max);
    }
}

}  // namespace
}  // namespace brusio::base
