// What people are beside their names: away, their real names, their own modes.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

TEST(away, is_told_to_channels_and_to_who_watches_from_afar) {
    scene s;
    s.enter_into(1, "Anna", "#x");
    s.enter_into(2, "Bruno", "#x");
    s.enter(3, "Carla");
    for (const std::uint64_t n : {1U, 2U, 3U}) s.run(monitor{session(n), list_action::add, {nick("anna")}});
    EXPECT_EQ(
        s.run(set_away{session(1), "asleep"}),
        (effects{away_set{session(1), {session(1)}, {s.id("#x")}, {session(3)}, shown("Anna", 1), "asleep", 1'000}}));
    EXPECT_EQ(s.run(set_away{session(1), "asleep"}),
              (effects{away_set{session(1), {}, {}, {}, shown("Anna", 1), "asleep", 1'000}}))
        << "what was so already is only for who asked";
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(2), nick("Anna")})).away, "asleep");
    EXPECT_EQ(first<names_are>(s.run(ask_names{session(2), room("#x"), {}})).people.at(0).away, true);
    EXPECT_EQ(find<joined>(s.go(1, "#y")).away, "asleep");
    EXPECT_EQ(find<away_set>(s.run(set_away{session(1), ""})).channels.size(), 2U);
    EXPECT_FALSE(has<is_away>(s.whisper(2, "Anna", "x")));
}

TEST(away, from_the_beginning) {
    scene s;
    s.run(log_in{session(1), who("Anna"), from(1), std::nullopt, "at work"});
    s.enter(2, "Bruno");
    EXPECT_EQ(find<is_away>(s.whisper(2, "Anna", "x")).text, "at work");
}

TEST(real_name, is_told_and_shown) {
    scene s;
    s.enter_into(1, "Anna", "#x");
    EXPECT_EQ(
        s.run(set_real_name{session(1), "Anna Rossi"}),
        (effects{real_name_set{session(1), {session(1)}, {s.id("#x")}, {}, shown("Anna", 1), "Anna Rossi", 1'000}}));
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(1), nick("Anna")})).real_name, "Anna Rossi");
    EXPECT_EQ(find<joined>(s.go(1, "#y")).real_name, "Anna Rossi");
}

// ── one's own modes ─────────────────────────────────────────────────────────────────────────────────────────────────

TEST(own_modes, what_one_can_set_and_unset) {
    for (const auto& row : user_mode_table()) {
        scene s;
        s.enter(1, "Anna");
        const std::string letter(1, row.letter);
        EXPECT_EQ(has<own_modes_changed>(s.own_mode(1, "Anna", "+" + letter)), row.can_set) << letter;
        EXPECT_EQ(has<own_modes_changed>(s.own_mode(1, "Anna", "-" + letter)), row.can_set && row.can_unset) << letter;
    }
}

TEST(own_modes, only_what_changed_is_told) {
    scene s;
    s.enter(1, "Anna");
    EXPECT_EQ(
        s.own_mode(1, "anna", "+iw"),
        (effects{own_modes_changed{session(1), {session(1)}, shown("Anna", 1), invisible | hears_wallops, 0, 1'000}}));
    EXPECT_EQ(s.own_mode(1, "Anna", "+iw"), effects{});
    const auto all = s.own_mode(1, "Anna", "+B-i+Zox");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(first<own_modes_changed>(all).set, bot);
    EXPECT_EQ(first<own_modes_changed>(all).unset, invisible);
    EXPECT_EQ(find<refused>(all).why, refusal::bad_own_mode) << "after what was done";
    EXPECT_EQ(s.own_mode(1, "Anna", ""), (effects{own_modes_are{session(1), hears_wallops | bot}}));
    EXPECT_TRUE(find<told>(s.whisper(1, "Anna", "x")).who.bot);
}

TEST(own_modes, of_others_are_their_own) {
    scene s;
    s.enter(1, "Anna");
    s.enter_operator(2, "Olga");
    EXPECT_EQ(why(s.own_mode(2, "Anna", "+i")), refusal::modes_of_others);
    EXPECT_EQ(why(s.own_mode(1, "Olga", "")), refusal::modes_of_others);
    EXPECT_EQ(why(s.own_mode(1, "Nobody", "+i")), refusal::no_such_nick);
}

TEST(own_modes, secure_is_what_the_connection_is) {
    scene s;
    auto tls = from(1);
    tls.secure = true;
    EXPECT_EQ(first<logged_in>(s.run(log_in{session(1), who("Anna"), tls, {}, {}})).modes, secure);
    EXPECT_EQ(s.own_mode(1, "Anna", "-Z"), effects{});
    EXPECT_TRUE(first<whois_is>(s.run(ask_whois{session(1), nick("Anna")})).secure);
}

TEST(counts, follow_modes_and_people) {
    scene s;
    const auto counts = [&] { return first<counts_are>(s.run(ask_counts{session(1)})).count; };
    s.enter(1, "Anna");
    EXPECT_EQ(counts(), (head_count{1, 0, 0, 0, 1}));
    s.enter_lobby(2, "Bruno");
    s.go(2, "#x");
    EXPECT_EQ(counts(), (head_count{2, 0, 0, 2, 2}));
    s.own_mode(2, "Bruno", "+i");
    s.rule(2);
    EXPECT_EQ(counts(), (head_count{2, 1, 1, 2, 2}));
    s.own_mode(2, "Bruno", "-io");
    EXPECT_EQ(counts(), (head_count{2, 0, 0, 2, 2}));
    s.own_mode(2, "Bruno", "+i");
    s.rule(2);
    s.go_away(2);
    EXPECT_EQ(counts(), (head_count{1, 0, 0, 0, 2})) << "an empty lobby does not count";
    scene none({.lobby = std::nullopt});
    none.enter(1, "Anna");
    EXPECT_EQ(first<counts_are>(none.run(ask_counts{session(1)})).count.channels, 0U);
}

}  // namespace
}  // namespace brusio::chat::test
