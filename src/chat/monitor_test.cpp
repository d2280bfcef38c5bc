// Watching for nicks to come and go.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

struct watching : scene {
    watching() { enter(1, "Anna"); }
    effects watch(list_action what, const std::vector<std::string>& names = {}, std::uint64_t n = 1) {
        monitor m{session(n), what, {}};
        for (const auto& name : names) m.nicks.push_back(nick(name));
        return run(m);
    }
};
came_or_went comes(std::uint64_t n, std::string_view name, bool here = true) {
    return {session(n), {session(1)}, here, shown(name, n)};
}

TEST(monitor, tells_at_once_who_is_here) {
    watching s;
    s.enter(2, "Bruno");
    EXPECT_EQ(s.watch(list_action::add, {"BRUNO", "Carla"}),
              (effects{monitored{session(1), list_action::add, {{"Bruno", mask_of("Bruno", 2)}, {"Carla", ""}}}}));
    EXPECT_EQ(s.watch(list_action::status),
              (effects{monitored{session(1), list_action::status, {{"Bruno", mask_of("Bruno", 2)}, {"Carla", ""}}}}));
    EXPECT_EQ(s.watch(list_action::list),
              (effects{monitored{session(1), list_action::list, {{"BRUNO", ""}, {"Carla", ""}}}}));
}

TEST(monitor, tells_of_coming_and_going) {
    watching s;
    s.watch(list_action::add, {"bruno"});
    const auto here = s.enter(2, "Bruno");
    ASSERT_EQ(here.size(), 2U);
    EXPECT_EQ(here[1], effect(comes(2, "Bruno")));
    const auto gone = s.go_away(2);
    ASSERT_EQ(gone.size(), 2U);
    EXPECT_EQ(gone[0], effect(comes(2, "Bruno", false))) << "before the last effect of that session";
    EXPECT_TRUE(std::holds_alternative<left>(gone[1]));
}

TEST(monitor, a_new_nick_is_somebody_who_goes_and_somebody_who_comes) {
    watching s;
    s.watch(list_action::add, {"Bruno", "Carla"});
    s.enter(2, "Bruno");
    const auto all = s.call(2, "Carla");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], effect(comes(2, "Bruno", false)));
    EXPECT_TRUE(std::holds_alternative<renamed>(all[1]));
    EXPECT_EQ(all[2], effect(comes(2, "Carla")));
    EXPECT_FALSE(has<came_or_went>(s.call(2, "CARLA"))) << "another case is no other nick";
    EXPECT_EQ(s.call(2, "Dario").size(), 2U);
    EXPECT_EQ(s.call(2, "Elena").size(), 1U);
}

TEST(monitor, what_is_removed_is_not_told) {
    watching s;
    s.watch(list_action::add, {"Bruno", "Carla", "Dario"});
    EXPECT_EQ(s.watch(list_action::remove, {"BRUNO", "nobody"}), effects{});
    EXPECT_FALSE(has<came_or_went>(s.enter(2, "Bruno")));
    EXPECT_TRUE(has<came_or_went>(s.enter(3, "Carla")));
    EXPECT_EQ(s.watch(list_action::clear), effects{});
    EXPECT_FALSE(has<came_or_went>(s.enter(4, "Dario")));
    EXPECT_TRUE(first<monitored>(s.watch(list_action::list)).nicks.empty());
}

TEST(monitor, ends_with_the_session) {
    watching s;
    s.watch(list_action::add, {"Bruno"});
    s.go_away(1);
    EXPECT_FALSE(has<came_or_went>(s.enter(2, "Bruno")));
    s.enter(1, "Anna");
    EXPECT_TRUE(first<monitored>(s.watch(list_action::list)).nicks.empty());
}

TEST(monitor, several_who_watch_are_told_together) {
    watching s;
    s.enter(5, "Elena");
    s.watch(list_action::add, {"Bruno"}, 5);
    s.watch(list_action::add, {"Bruno"}, 1);
    EXPECT_EQ(find<came_or_went>(s.enter(2, "Bruno")).to, (std::vector{session(1), session(5)}));
}

TEST(monitor, is_bounded_and_a_nick_counts_once) {
    watching s;
    std::vector<std::string> many;
    for (std::size_t i = 0; i + 1 < watched_max; ++i) many.push_back("n" + std::to_string(i));
    s.watch(list_action::add, many);
    const auto all = s.watch(list_action::add, {"N0", "x", "X", "y", "n1", "z"});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(first<monitored>(all).nicks, (std::vector<watched>{{"N0", ""}, {"x", ""}, {"X", ""}, {"n1", ""}}));
    EXPECT_EQ(all[1], (effect{refused{session(1), refusal::too_many_monitored, {}, {}, "y,z"}}));
    EXPECT_EQ(why(s.watch(list_action::add, {"y"})), refusal::too_many_monitored);
    s.watch(list_action::remove, {"x"});
    EXPECT_NE(only<monitored>(s.watch(list_action::add, {"y"})), nullptr);
    EXPECT_EQ(first<monitored>(s.watch(list_action::list)).nicks.size(), watched_max);
}

TEST(monitor, killed_banned_and_kicked_people_go_too) {
    watching s;
    s.rule(1);
    s.watch(list_action::add, {"Bruno"});
    s.enter(2, "Bruno");
    EXPECT_TRUE(has<came_or_went>(s.run(kill{session(1), nick("Bruno"), "x"})));
    s.enter_bound(2, "Bruno");
    EXPECT_TRUE(has<came_or_went>(s.remove(1, lobby.name, "Bruno")));
    s.enter_bound(2, "Bruno");
    EXPECT_TRUE(has<came_or_went>(s.mode(1, lobby.name, "+b", {"bruno"})));
}

}  // namespace
}  // namespace brusio::chat::test
