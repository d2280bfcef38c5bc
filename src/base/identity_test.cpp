#include "base/identity.hpp"

#include <unicode/uchar.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <random>

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
    EXPECT_EQ(nick_of("a🎭b c☕"), "a_b_c");
    EXPECT_EQ(nick_of("🎭 mario"), "mario");
    EXPECT_EQ(nick_of("D’Angelo"), "D_Angelo");
    EXPECT_EQ(nick_of("٣x"), "_٣x");
    EXPECT_EQ(nick_of("²x"), "_2x");
    EXPECT_EQ(nick_of("〇"), "_〇");
    EXPECT_EQ(nick_of("\u0300x"), "x");
}

TEST(identity, a_mark_stays_with_its_letter) {
    EXPECT_EQ(nick_of("हिन्दी"), "हिन्दी");
    EXPECT_EQ(nick_of("x\u0300"), "x\u0300");  // there is no x with a grave accent
    EXPECT_EQ(nick_of("_\u0300"), "_\u0300");
    EXPECT_EQ(nick_of("\u0300\u20dd\u0903x"), "x");
    EXPECT_EQ(nick_of("a \u0300b"), "a_b");
    EXPECT_EQ(nick_of("a☕\u0300b"), "a_b");
    EXPECT_EQ(nick_of("!\u0300"), "refused: a name needs at least one letter or digit");
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
    for (auto bad : {"😀", "🎭☕", "!?", "\u0300", "\u2800", "。", "€", "👨🏽"}) {
        EXPECT_EQ(nick_of(bad), "refused: a name needs at least one letter or digit") << bad;
    }
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
    // m looks like rn, and these like M.
    EXPECT_EQ(make_identity("ꓟario")->skeleton, make_identity("mario")->skeleton);
    EXPECT_EQ(make_identity("Мario")->cased_skeleton, make_identity("mario")->skeleton);
    EXPECT_EQ(make_identity("Mario")->cased_skeleton, "");
}

void expect_settled(const std::string& name) {
    const auto who = make_identity(name);
    if (!who) return;
    const auto again = make_identity(who->nick);
    ASSERT_TRUE(again) << name << ": " << again.error().text;
    ASSERT_EQ(again->nick, who->nick) << name;
    ASSERT_EQ(again->nick_fold, who->nick_fold) << name;
    ASSERT_LE(who->nick.size(), nick_bytes_max) << name;
    UChar32 first = 0;
    U8_GET(reinterpret_cast<const std::uint8_t*>(who->nick.data()), 0, 0, static_cast<std::int32_t>(who->nick.size()),
           first);
    ASSERT_TRUE((U_GET_GC_MASK(first) & U_GC_L_MASK) != 0 ||
                (first < 0x80 && std::string_view("[]\\`_^{|}").contains(static_cast<char>(first))))
        << name << " → " << who->nick;
}

TEST(identity, a_nick_is_its_own_nick) {
    for (auto name : {"Mario Rossi", "007", "#x", "mario: ciao", "perché no?", "ｍａ ｒｉｏ", "Ａ：Ｂ", "´x",
                      "e\u034f\u0301" /* an accent behind what is not shown */, "a\ufe0f\u0323\u0301"}) {
        ASSERT_TRUE(make_identity(name)) << name;
        expect_settled(name);
    }
}

TEST(identity, every_character_makes_a_nick_that_is_its_own_and_begins_as_nicks_do) {
    for (UChar32 c = 1; c <= 0x10FFFF; ++c) {
        if (U_IS_SURROGATE(c) || !u_isdefined(c)) continue;
        const bool alike = u_hasBinaryProperty(c, UCHAR_UNIFIED_IDEOGRAPH) || (c >= 0xAC00 && c <= 0xD7A3);
        if (alike && c % 97 != 0) continue;  // Han and Hangul are most of them
        char buffer[U8_MAX_LENGTH];
        std::int32_t n = 0;
        U8_APPEND_UNSAFE(buffer, n, c);
        const std::string one(buffer, static_cast<std::size_t>(n));
        expect_settled(one);
        expect_settled(one + "x");
        expect_settled("x" + one);
        if (HasFatalFailure()) return;
    }
}

TEST(identity, mixed_characters_make_a_nick_that_is_its_own) {
    const std::string_view parts[] = {"a",      "E",      "7",      "-",      "_",      " ",      ":",      "!",
                                      "٣",      "é",      "\u0301", "\u0323", "\u034f", "\ufe0f", "\u3164", "漢",
                                      "😀",     "\u1100", "\u1161", "\u11a8", "ﷺ",      "Ａ",     "：",     "\u0345",
                                      "\u093f", "क",      "´",      "½",      "ß",      "İ",      "\u00a0", "·"};
    std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
    for (int i = 0; i < 50'000; ++i) {
        std::string name;
        for (auto left = dice() % 12 + 1; left > 0; --left) name += parts[dice() % std::size(parts)];
        expect_settled(name);
        if (HasFatalFailure()) return;
    }
}

TEST(channel_name, what_it_may_be) {
    for (auto good : {"#", "#piazza", "#Piazza-2", "#c++", "##", "#perché", "#漢字", "#🎭", "#a:b!@~&"}) {
        EXPECT_TRUE(is_channel_name(good)) << good;
    }
    for (auto bad : {"", "piazza", "&piazza", "#a b", "#a,b", "#a\tb", "#a\x07", "#a\u00a0b", "#a\u200bb", "#\xff"}) {
        EXPECT_FALSE(is_channel_name(bad)) << clean_line(bad);
    }
    EXPECT_TRUE(is_channel_name("#" + std::string(63, 'a')));
    EXPECT_FALSE(is_channel_name("#" + std::string(64, 'a')));
}

TEST(channel_name, no_mask_could_name_one_with_wildcards) {
    for (auto bad : {"#*", "#a*", "#a?b", "#è*", "#a＊", "#a？", "#a﹡", "#a⁉"})
        EXPECT_FALSE(is_channel_name(bad)) << bad;
}

bool look_alike(std::string_view a, std::string_view b) {
    for (const auto& x : {channel_look(a), channel_cased_look(a)}) {
        if (!x.empty() && (x == channel_look(b) || x == channel_cased_look(b))) return true;
    }
    return false;
}

TEST(channel_name, looks) {
    EXPECT_EQ(channel_look("#wild"), "#wild");
    EXPECT_TRUE(look_alike("#wild", "#wіld"));  // a Ukrainian і
    EXPECT_TRUE(look_alike("#WILD", "#wіld"));
    EXPECT_TRUE(look_alike("#piazza", "#ріаzzа"));
    EXPECT_TRUE(look_alike("#HOME", "#НОМЕ"));  // the Cyrillic letters look so as capitals only
    EXPECT_TRUE(look_alike("#home", "#НОМЕ"));
    EXPECT_TRUE(look_alike("#wild", "#wi1d"));  // both ASCII: chat does not mind
    EXPECT_FALSE(look_alike("#wild", "#wilde"));
    EXPECT_FALSE(look_alike("#perche", "#perché"));
    EXPECT_FALSE(look_alike("#漢字", "#漢子"));
    EXPECT_EQ(channel_look("#Piazza"), channel_look("#piazza"));
    EXPECT_EQ(channel_cased_look("#piazza"), "");
    EXPECT_FALSE(channel_cased_look("#Piazza").empty());
}

TEST(channel_name, a_look_of_any_length_is_made) {
    std::string phrases = "#";  // each stands for 18 characters
    for (int i = 0; i < 21; ++i) phrases += "ﷺ";
    ASSERT_TRUE(is_channel_name(phrases));
    EXPECT_GT(channel_look(phrases).size(), 512U);
    EXPECT_GT(channel_cased_look(phrases).size(), 512U);
}

}  // namespace
}  // namespace brusio::base
