#include "wire/irc_tags.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace brusio::wire {
namespace {

std::string unescaped(std::string_view value) {
    std::string out;
    unescape_tag_value(out, value);
    return out;
}

std::string escaped(std::string_view value) {
    std::string out;
    escape_tag_value(out, value);
    return out;
}

TEST(irc_tags, keys_and_values) {
    std::string seen;
    for_each_tag("aaa=bbb;ccc;example.com/ddd=e=e;+f=;;=x;",
                 [&](auto key, auto value) { seen.append(key).append("<").append(value).append("> "); });
    EXPECT_EQ(seen, "aaa<bbb> ccc<> example.com/ddd<e=e> +f<> ");
}

TEST(irc_tags, the_last_one_counts) {
    EXPECT_EQ(find_tag("a=1;b=2;a=3", "a"), "3");
    EXPECT_EQ(find_tag("a=1;a", "a"), "");
    EXPECT_EQ(find_tag("a=1", "A"), std::nullopt);
    EXPECT_EQ(find_tag("", ""), std::nullopt);
    const auto tags = final_tags("a=1;b=2;a=3;c;b=4");
    ASSERT_EQ(tags.size(), 3U);
    EXPECT_EQ(tags[0].key, "a");
    EXPECT_EQ(tags[0].escaped_value, "3");
    EXPECT_EQ(tags[1].key, "c");
    EXPECT_EQ(tags[2].escaped_value, "4");
}

TEST(irc_tags, final_tags_are_those_that_find_tag_finds) {
    std::mt19937 random(5);
    for (int round = 0; round < 2000; ++round) {
        std::string raw(random() % 40, ' ');
        for (auto& c : raw) c = "ab;;=x\\"[random() % 7];
        std::map<std::string_view, std::string_view> expected;
        for_each_tag(raw, [&](auto key, auto value) { expected[key] = value; });
        const auto tags = final_tags(raw);
        ASSERT_EQ(tags.size(), expected.size()) << raw;
        for (const auto& tag : tags) {
            ASSERT_EQ(expected.at(tag.key), tag.escaped_value) << raw;
            ASSERT_EQ(find_tag(raw, tag.key), tag.escaped_value) << raw;
        }
    }
}

TEST(irc_tags, escapes_of_the_specification) {
    EXPECT_EQ(escaped("raw+:=,escaped; \\"), R"(raw+:=,escaped\:\s\\)");
    EXPECT_EQ(unescaped(R"(raw+:=,escaped\:\s\\)"), "raw+:=,escaped; \\");
    EXPECT_EQ(escaped("\r\n"), R"(\r\n)");
    EXPECT_EQ(unescaped(R"(test\)"), "test");
    EXPECT_EQ(unescaped(R"(\b\)"), "b");
    EXPECT_EQ(unescaped(R"(\\\)"), "\\");
    EXPECT_EQ(unescaped(R"(\\s)"), "\\s");
    EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "ab");
}

TEST(irc_tags, values_come_back) {
    std::mt19937 random(6);
    for (int round = 0; round < 2000; ++round) {
        std::string value(random() % 30, ' ');
        for (auto& c : value)
            c = random() % 2 == 0 ? "; \\\r\n:s"[random() % 7] : static_cast<char>(1 + random() % 255);
        const auto wire = escaped(value);
        ASSERT_EQ(wire.find_first_of(std::string_view("; \r\n\0", 5)), std::string::npos);
        ASSERT_EQ(unescaped(wire), value);
    }
}

TEST(irc_tags, keys) {
    EXPECT_TRUE(is_client_tag("+typing"));
    EXPECT_FALSE(is_client_tag("typing"));
}

}  // namespace
}  // namespace brusio::wire
