#include "wire/irc.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::wire {
namespace {

using status = irc_split::status;

TEST(irc, lines_end_in_lf_or_cr_lf) {
    const auto first = split_irc_line("NICK anna\r\nUSER a\n");
    EXPECT_EQ(first.what, status::line);
    EXPECT_EQ(first.line, "NICK anna");
    EXPECT_EQ(first.consumed, 11U);
    EXPECT_EQ(split_irc_line("USER a\n").line, "USER a");
    EXPECT_EQ(split_irc_line("USER a\r").what, status::need_more);
    EXPECT_EQ(split_irc_line("").what, status::need_more);
}

TEST(irc, empty_lines_are_skipped_and_consumed) {
    const auto s = split_irc_line("\r\n\n   \r\n \nPING x\r\nrest");
    EXPECT_EQ(s.line, "PING x");
    EXPECT_EQ(s.consumed, 18U);
    const auto none = split_irc_line("\n\r\n  \nNI");
    EXPECT_EQ(none.what, status::need_more);
    EXPECT_EQ(none.consumed, 6U);
    const auto long_one = split_irc_line("\n" + std::string(600, 'x'));
    EXPECT_EQ(long_one.what, status::too_long);
    EXPECT_EQ(long_one.consumed, 1U);
}

// What a whole line says must not differ from what its beginnings say before.
void expect_longest(const std::string& fits, const std::string& too_long) {
    for (const std::string end : {"\n", "\r\n"}) {
        EXPECT_EQ(split_irc_line(fits + end).what, status::line);
        EXPECT_EQ(split_irc_line(fits + end).line, fits);
        EXPECT_EQ(split_irc_line(too_long + end).what, status::too_long);
    }
    EXPECT_EQ(split_irc_line(fits).what, status::need_more);
    EXPECT_EQ(split_irc_line(fits + "\r").what, status::need_more);
    EXPECT_EQ(split_irc_line(too_long).what, status::too_long);
}

TEST(irc, the_longest_lines) {
    const std::string tags = "@" + std::string(4094, 't') + " ";
    expect_longest(std::string(510, 'x'), std::string(511, 'x'));
    expect_longest(tags + std::string(510, 'x'), tags + std::string(511, 'x'));
    expect_longest(tags + "TAGMSG #a", "@" + std::string(4095, 't') + " TAGMSG #a");
    expect_longest("@" + std::string(4094, 't'), "@" + std::string(4095, 't'));
    expect_longest("@t " + std::string(510, 'x'), "@t " + std::string(511, 'x'));
}

TEST(irc, a_line_too_long_is_skipped_to_its_end) {
    EXPECT_FALSE(skip_irc_line("xxx").found_end);
    EXPECT_EQ(skip_irc_line("xxx").consumed, 3U);
    EXPECT_TRUE(skip_irc_line("xx\r\nPING").found_end);
    EXPECT_EQ(skip_irc_line("xx\r\nPING").consumed, 4U);
}

std::vector<std::string> in_pieces(std::string_view input, std::size_t piece) {
    std::vector<std::string> lines;
    std::string pending;
    bool skipping = false;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        pending += input.substr(at, piece);
        for (;;) {
            if (skipping) {
                const auto skip = skip_irc_line(pending);
                pending.erase(0, skip.consumed);
                if (!skip.found_end) break;
                skipping = false;
            }
            const auto s = split_irc_line(pending);
            if (s.what == status::line) lines.emplace_back(s.line);
            pending.erase(0, s.consumed);
            if (s.what == status::need_more) {
                EXPECT_LE(pending.size(), irc_limits{}.tags + irc_limits{}.body + 1);
                break;
            }
            skipping = s.what == status::too_long;
            if (skipping) lines.emplace_back("too long");
        }
    }
    return lines;
}

TEST(irc, the_same_lines_in_any_pieces) {
    std::mt19937 random(3);
    for (int round = 0; round < 60; ++round) {
        std::string input;
        for (int i = 0; i < 12; ++i) {
            if (random() % 3 == 0) input += "@" + std::string(random() % 3 == 0 ? 4085 + random() % 20 : 9, 't') + " ";
            input.append(random() % 4 == 0 ? 500 + random() % 20 : random() % 8, random() % 5 == 0 ? ' ' : 'x');
            if (random() % 8 == 0) input += '\r';
            input += random() % 2 == 0 ? "\r\n" : "\n";
        }
        const auto whole = in_pieces(input, input.size());
        ASSERT_EQ(in_pieces(input, 1), whole);
        ASSERT_EQ(in_pieces(input, 1 + random() % 700), whole);
    }
}

TEST(irc, the_parts_of_a_line) {
    const auto m = parse_irc("@id=1;+x :anna!a@host PRIVMSG  #a   b :c  :d ");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->tags, "id=1;+x");
    EXPECT_EQ(m->source, "anna!a@host");
    EXPECT_EQ(m->verb, "PRIVMSG");
    ASSERT_EQ(m->params().size(), 3U);
    EXPECT_EQ(m->param(0), "#a");
    EXPECT_EQ(m->param(1), "b");
    EXPECT_EQ(m->param(2), "c  :d ");
    EXPECT_EQ(m->param(3), "");
    EXPECT_EQ(m->param(100), "");
}

TEST(irc, odd_lines) {
    EXPECT_EQ(parse_irc("  PING  ")->verb, "PING");
    EXPECT_EQ(parse_irc("PING  ")->param_count, 0U);
    EXPECT_EQ(parse_irc("PING :")->param_count, 1U);
    EXPECT_EQ(parse_irc("PING a:b")->param(0), "a:b");
    EXPECT_EQ(parse_irc("@ : PING")->verb, "PING");
    EXPECT_EQ(parse_irc(":a :b c")->verb, ":b");
    EXPECT_EQ(parse_irc("@a   :b   c")->source, "b");
    EXPECT_EQ(parse_irc("\xFF")->verb, "\xFF");
}

TEST(irc, the_fifteenth_parameter_takes_the_rest) {
    const auto m = parse_irc("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14  15 16  :17");
    EXPECT_EQ(m->param_count, 15U);
    EXPECT_EQ(m->param(13), "14");
    EXPECT_EQ(m->param(14), "15 16  :17");
    EXPECT_EQ(parse_irc("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16")->param(14), "15 16");
    EXPECT_EQ(parse_irc("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 ")->param_count, 14U);
}

TEST(irc, lines_without_a_verb_or_with_bad_bytes) {
    for (auto line : {"", "   ", "@a=b", "@a ", ":x", ":x ", "@a :x "}) {
        EXPECT_EQ(parse_irc(line).error(), irc_parse_error::no_verb) << line;
    }
    for (char bad : {'\0', '\r', '\n'}) {
        EXPECT_EQ(parse_irc(std::string("PING a") + bad + "b").error(), irc_parse_error::bad_byte);
        EXPECT_EQ(parse_irc(std::string(1, bad)).error(), irc_parse_error::bad_byte);
    }
}

TEST(irc, verbs) {
    for (auto verb : {"PRIVMSG", "privmsg", "001", "a"}) EXPECT_TRUE(is_irc_verb(verb)) << verb;
    for (auto verb : {"", "01", "0001", "A1", ":A", "caffè", "A-B"}) EXPECT_FALSE(is_irc_verb(verb)) << verb;
}

}  // namespace
}  // namespace brusio::wire
