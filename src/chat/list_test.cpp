// Which channels are listed.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

// #a is made at 1 s, #b at 2 s, #c at 3 s, with one, two and three members; #b has a topic since 10 s. Asked at 11 s.
struct market : scene {
    market() {
        for (std::uint64_t i = 1; i <= 3; ++i) enter(i, "Anna " + std::to_string(i));
        const std::vector<std::string> names{"#a", "#B", "#c"};
        for (std::size_t i = 0; i < 3; ++i) {
            now_ms = static_cast<std::int64_t>(i + 1) * 1'000;
            for (std::uint64_t n = 1; n <= i + 1; ++n) go(n, names[i]);
        }
        now_ms = 10'000;
        run(set_topic{session(1), room("#b"), "caff\u00E8"});
        now_ms = 11'000;
    }
    std::string list(ask_channels question) {
        question.session = session(1);
        std::string all;
        for (const auto& c : first<channels_are>(run(question)).channels) all += c.name.substr(1);
        return all;
    }
};

TEST(list, has_all_with_members_and_no_empty_lobby) {
    market s;
    EXPECT_EQ(first<channels_are>(s.run(ask_channels{.session = session(1)})).channels,
              (std::vector<channel_entry>{{"#a", 1, ""}, {"#B", 2, "caff\u00E8"}, {"#c", 3, ""}}));
    s.go(1, lobby.name);
    EXPECT_EQ(s.list({}), "piazzaaBc");
    EXPECT_EQ(s.list({.named = {lobby}}), "piazza");
    s.stay_away(1, lobby.name);
    EXPECT_EQ(s.list({.named = {lobby}}), "");
}

TEST(list, by_name) {
    market s;
    EXPECT_EQ(s.list({.named = {room("#C"), room("#nowhere"), room("#A")}}), "ca");
    EXPECT_EQ(s.list({.masks = {"#b"}}), "B");
    EXPECT_EQ(s.list({.masks = {"#?"}}), "aBc");
    EXPECT_EQ(s.list({.masks = {"#a", "*c"}}), "ac");
    EXPECT_EQ(s.list({.not_masks = {"#a", "*c"}}), "B");
    EXPECT_EQ(s.list({.masks = {"*"}, .not_masks = {"#b"}}), "ac");
    EXPECT_EQ(s.list({.masks = {"#nowhere"}}), "");
}

TEST(list, by_members) {
    market s;
    EXPECT_EQ(s.list({.more_than = 1}), "Bc");
    EXPECT_EQ(s.list({.more_than = 3}), "");
    EXPECT_EQ(s.list({.more_than = 0}), "aBc");
    EXPECT_EQ(s.list({.less_than = 2}), "a");
    EXPECT_EQ(s.list({.less_than = 0}), "");
    EXPECT_EQ(s.list({.more_than = 1, .less_than = 3}), "B");
    EXPECT_EQ(s.list({.named = {room("#a"), room("#b")}, .more_than = 1}), "B");
}

TEST(list, by_age_and_by_the_topics_age) {
    market s;  // ages: 10, 9 and 8 s; the topic's: 1 s
    EXPECT_EQ(s.list({.created_after_ms = 9'000}), "c");
    EXPECT_EQ(s.list({.created_after_ms = 9'001}), "Bc");
    EXPECT_EQ(s.list({.created_after_ms = 0}), "");
    EXPECT_EQ(s.list({.created_before_ms = 9'000}), "a");
    EXPECT_EQ(s.list({.created_before_ms = 8'999}), "aB");
    EXPECT_EQ(s.list({.created_before_ms = 0}), "aBc");
    EXPECT_EQ(s.list({.topic_after_ms = 1'001}), "B");
    EXPECT_EQ(s.list({.topic_after_ms = 1'000}), "");
    EXPECT_EQ(s.list({.topic_before_ms = 999}), "B");
    EXPECT_EQ(s.list({.topic_before_ms = 1'000}), "");
}

TEST(list, the_lobby_is_as_old_as_the_first_command) {
    scene s;
    s.now_ms = 5'000;
    s.enter(1, "Anna");
    s.now_ms = 6'000;
    s.go(1, lobby.name);
    EXPECT_EQ(first<modes_are>(s.run(ask_modes{session(1), lobby})).created_ms, 5'000);
}

TEST(list, in_slices) {
    market s;
    ask_channels question{.session = session(1), .masks = {"#?"}, .limit = 2};
    auto answer = first<channels_are>(s.run(question));
    EXPECT_TRUE(answer.first);
    EXPECT_TRUE(answer.more);
    EXPECT_EQ(answer.channels.size(), 1U) << "the lobby took a place";
    answer = first<channels_are>(s.run(answer.asked));
    EXPECT_FALSE(answer.first);
    EXPECT_FALSE(answer.more);
    EXPECT_EQ(answer.channels.size(), 2U);
    s.stay_away(1, "#a");
    answer = first<channels_are>(s.run(question));
    EXPECT_EQ(answer.channels.size(), 1U);
    EXPECT_TRUE(answer.more);
}

}  // namespace
}  // namespace brusio::chat::test
