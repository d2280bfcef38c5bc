#include "wire/irc_line.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::wire {
namespace {

TEST(irc_line, a_whole_line) {
    std::string out = "before\r\n";
    irc_line(out)
        .tag("time", "now; or")
        .tag("bot")
        .escaped_tag("+x", R"(a\sb=)")
        .source("irc.example.org")
        .numeric(5)
        .param("anna")
        .trailing("")
        .end();
    EXPECT_EQ(out, "before\r\n@time=now\\:\\sor;bot;+x=a\\sb= :irc.example.org 005 anna :\r\n");
}

TEST(irc_line, the_least) {
    std::string out;
    irc_line(out).verb("PING").end();
    irc_line(out).source("").verb("PONG").param("x").end();
    EXPECT_EQ(out, "PING\r\nPONG x\r\n");
}

TEST(irc_line, words_stay_words) {
    std::string out;
    irc_line(out)
        .source(": x\r\n")
        .verb("@V:")
        .param("")
        .param(":a")
        .param("b c")
        .param(std::string_view("\0", 1))
        .end();
    EXPECT_EQ(out, "::_x__ _V: * _a b_c _\r\n");
}

TEST(irc_line, tags_that_cannot_be_written_are_left_out) {
    std::string out;
    irc_line(out)
        .tag("")
        .tag("a b")
        .tag("a=b")
        .tag("a;b")
        .tag("a\n")
        .tag("z", std::string_view("\0", 1))
        .verb("V")
        .end();
    EXPECT_EQ(out, "@z V\r\n");
    out.clear();
    irc_line(out).escaped_tag("", "x").escaped_tag("k", "a b;c\r=").verb("V").end();
    EXPECT_EQ(out, "@k=a_b_c_= V\r\n");
    out.clear();
    irc_line(out).tag("=").verb("V").end();
    EXPECT_EQ(out, "V\r\n");
}

TEST(irc_line, tags_have_a_limit_and_are_never_cut) {
    std::string out;
    irc_line(out).tag("a", std::string(8187, 'x')).tag("b").verb("V").end();
    EXPECT_EQ(out.find(' ') + 1, irc_line::max_tags);
    EXPECT_FALSE(out.contains(";b"));
    out.clear();
    irc_line(out).tag("a", std::string(8188, 'x')).tag("b").verb("V").end();
    EXPECT_EQ(out, "@b V\r\n");
}

TEST(irc_line, the_body_is_cut_between_characters) {
    std::string out = "x";
    irc_line line(out);
    line.tag("t", std::string(1000, 't')).source("s").verb("PRIVMSG").param("#a");
    const auto room = line.room();
    line.trailing(std::string(room - 1, 'x') + "èèè").end();
    EXPECT_EQ(out.size(), 1 + 1004 + 510 - 1 + 2);
    EXPECT_TRUE(base::valid_utf8(out));
    out.clear();
    irc_line exact(out);
    exact.source("s").verb("PRIVMSG").param("#a");
    exact.trailing(std::string(exact.room(), 'x')).end();
    EXPECT_EQ(out.size(), 512U);
    out.clear();
    irc_line none(out);
    EXPECT_EQ(none.verb(std::string(600, 'V')).room(), 0U);
    none.end();
    EXPECT_EQ(out.size(), 512U);
}

TEST(irc_line, parameters_after_the_fifteenth_are_left_out) {
    std::string out;
    irc_line line(out);
    line.verb("V");
    for (int i = 1; i <= 17; ++i) line.param(std::to_string(i));
    line.trailing("rest").end();
    EXPECT_EQ(out, "V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15\r\n");
}

TEST(irc_line_death, another_order_aborts) {
    std::string out;
    EXPECT_DEATH(irc_line(out).param("x"), "");
    EXPECT_DEATH(irc_line(out).verb("V").tag("x"), "");
    EXPECT_DEATH(irc_line(out).verb("V").verb("V"), "");
    EXPECT_DEATH(irc_line(out).source("x").end(), "");
    EXPECT_DEATH(irc_line(out).verb("V").trailing("x").param("x"), "");
}

std::string bytes(std::mt19937& random, std::size_t most, std::string_view of) {
    std::string s(random() % most, ' ');
    for (auto& c : s) c = of.empty() ? static_cast<char>(random()) : of[random() % of.size()];
    return s;
}

// Property: what is written from values that can be written is read as the same values.
TEST(irc_line, round_trip) {
    constexpr std::string_view safe = "abc:@;=,!\\";
    constexpr std::string_view with_blanks = "ab :@;=\\";
    std::mt19937 random(10);
    for (int round = 0; round < 5000; ++round) {
        std::vector<std::pair<std::string, std::string>> tags;
        for (auto n = random() % 4; n > 0; --n) {
            tags.emplace_back("k" + std::to_string(n), bytes(random, 12, "ab; \\\r\n=:"));
        }
        const auto source = bytes(random, 10, safe);
        std::vector<std::string> params;
        for (auto n = random() % 15; n > 0; --n) params.push_back("p" + bytes(random, 12, safe));
        params.push_back(bytes(random, 20, with_blanks));
        std::string out;
        irc_line line(out);
        for (const auto& [key, value] : tags) line.tag(key, value);
        line.source(source).verb("VERB");
        for (std::size_t i = 0; i + 1 < params.size(); ++i) line.param(params[i]);
        line.trailing(params.back()).end();

        const auto split = split_irc_line(out);
        ASSERT_EQ(split.what, irc_split::status::line);
        ASSERT_EQ(split.consumed, out.size());
        const auto m = parse_irc(split.line);
        ASSERT_TRUE(m) << out;
        ASSERT_EQ(m->source, source);
        ASSERT_EQ(m->verb, "VERB");
        ASSERT_EQ(std::vector<std::string>(m->params().begin(), m->params().end()), params) << out;
        ASSERT_EQ(final_tags(m->tags).size(), tags.size());
        for (const auto& [key, value] : tags) {
            std::string read;
            unescape_tag_value(read, find_tag(m->tags, key).value());
            ASSERT_EQ(read, value);
        }
    }
}

// Property: whatever is passed, one line comes out, with as many parameters as were passed, in bounds.
TEST(irc_line, any_bytes_make_one_line) {
    std::mt19937 random(11);
    for (int round = 0; round < 5000; ++round) {
        const std::string_view of = round % 2 == 0 ? std::string_view{} : std::string_view(" \r\n\0:@;=a", 9);
        std::string out;
        irc_line line(out);
        line.tag(bytes(random, 4, of), bytes(random, 9, of)).escaped_tag(bytes(random, 4, of), bytes(random, 9, of));
        line.source(bytes(random, 9, of)).verb("V" + bytes(random, 9, of));
        const auto count = random() % 14;
        for (std::size_t i = 0; i < count; ++i) line.param(bytes(random, 9, of));
        line.trailing(bytes(random, 30, of)).end();
        ASSERT_TRUE(out.ends_with("\r\n"));
        const auto m = parse_irc(std::string_view(out).substr(0, out.size() - 2));
        ASSERT_TRUE(m) << out;
        ASSERT_TRUE(m->verb.starts_with('V'));
        ASSERT_EQ(m->param_count, count + 1) << out;
    }
}

}  // namespace
}  // namespace brusio::wire
