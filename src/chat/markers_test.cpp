// Markers: how far somebody has read.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

// Anna and Bruno have accounts, Carla and Dario have none.
struct talk : scene {
    talk() : scene(usual(true)) {
        found("Anna");
        found("Bruno");
        enter_as(1, "Anna");
        enter_as(2, "Bruno");
        enter(3, "Carla");
        enter(4, "Dario");
        go(1, "#bar");
        now_ms = 2'000;
        answer(store_verdict::committed);
    }
};

effects mark(scene& s, std::uint64_t n, std::string_view target, std::optional<std::int64_t> at_ms = {}) {
    past_of of;
    if (target.starts_with('#')) of.channel = room(target);
    if (!target.starts_with('#')) of.nick = nick(target);
    return s.run(mark_read{session(n), of, at_ms});
}

TEST(markers, only_go_forward_and_are_told_to_all_of_the_account) {
    talk s;
    s.enter_as(5, "Anna");
    s.enter_as(6, "Zoe", s.proof_of("Anna"));
    EXPECT_EQ(only<marker_is>(mark(s, 1, "#bar"))->at_ms, 0);
    const auto all = mark(s, 1, "#BAR", 500);
    EXPECT_EQ(records<marker_record>(all).at(0), (marker_record{s.chat.find_account("anna")->id, "#bar", 500}));
    EXPECT_EQ(find<marker_is>(all).to, (std::vector{session(1), session(5), session(6)}));
    EXPECT_EQ(only<marker_is>(mark(s, 5, "#bar"))->at_ms, 500);
    const auto back = mark(s, 6, "#bar", 400);
    EXPECT_EQ(find<marker_is>(back).at_ms, 500);
    EXPECT_TRUE(find<marker_is>(back).to.empty());
    EXPECT_TRUE(records<marker_record>(back).empty());
    EXPECT_EQ(only<marker_is>(mark(s, 2, "#bar"))->at_ms, 0) << "each account has its own";
    EXPECT_EQ(find<marker_is>(mark(s, 1, "bruno", 100)).at_ms, 100) << "of people, too";
}

TEST(markers, nobody_has_read_what_is_still_to_come) {
    talk s;
    EXPECT_EQ(find<marker_is>(mark(s, 1, "#bar", s.now_ms + 1'000'000)).at_ms, s.now_ms);
    EXPECT_EQ(find<marker_is>(mark(s, 1, "#x", -5)).at_ms, 0);
}

TEST(markers, without_an_account_last_as_long_as_the_session) {
    talk s;
    EXPECT_TRUE(records<marker_record>(mark(s, 3, "#bar", 500)).empty());
    EXPECT_EQ(only<marker_is>(mark(s, 3, "#bar"))->at_ms, 500);
    EXPECT_EQ(find<marker_is>(s.go(3, "#bar")).at_ms, 500) << "and are told on joining";
    s.go_away(3);
    s.enter(3, "Carla");
    EXPECT_EQ(only<marker_is>(mark(s, 3, "#bar"))->at_ms, 0);
}

TEST(markers, are_bounded) {
    talk s;
    for (int i = 0; i < 1'000; ++i) mark(s, 3, "x" + std::to_string(i), 1);
    EXPECT_TRUE(has<marker_refused>(mark(s, 3, "#bar", 1)));
    EXPECT_FALSE(has<marker_refused>(mark(s, 3, "#bar")));
    EXPECT_EQ(find<marker_is>(mark(s, 3, "x5", 2)).at_ms, 2);
    EXPECT_TRUE(has<marker_refused>(mark(s, 1, "#" + std::string(300, 'x'), 1)));
}

}  // namespace
}  // namespace brusio::chat::test
