// Channels: who is where, topics, renaming. joining_test.cpp has who may come in.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

joined join_of(const scene& s, std::uint64_t n, std::string_view name, channel_id channel,
               std::string_view channel_name, ranks given) {
    return {.session = session(n),
            .user = s.user(n),
            .sessions = {session(n)},
            .channel = channel,
            .channel_name = std::string(channel_name),
            .who = shown(name, n),
            .real_name = "Number " + std::to_string(n),
            .away = {},
            .given = given,
            .at_ms = 1'000};
}
parted part_of(const scene& s, std::uint64_t n, std::string_view name, channel_id channel,
               std::string_view channel_name) {
    return {session(n), s.user(n), {session(n)}, channel, std::string(channel_name), shown(name, n), "bye", 1'000};
}

TEST(join, makes_the_channel_with_the_first_spelling_of_its_name) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(but_markers(s.go(1, "#Bar")), (effects{join_of(s, 1, "Anna", s.id("#bar"), "#Bar", channel_operator)}));
    EXPECT_EQ(but_markers(s.go(2, "#BAR")), (effects{join_of(s, 2, "Bruno", s.id("#bar"), "#Bar", 0)}));
    EXPECT_EQ(s.go(2, "#bar"), effects{});
}

TEST(join, a_channel_ends_with_its_last_member_and_its_number_is_not_used_again) {
    scene s;
    s.enter(1, "Anna");
    s.go(1, "#bar");
    s.mode(1, "#bar", "+ms");
    EXPECT_EQ(s.stay_away(1, "#BAR"), (effects{part_of(s, 1, "Anna", s.id("#bar"), "#bar")}));
    EXPECT_EQ(why(s.run(ask_modes{session(1), room("#bar")})), refusal::no_such_channel);
    const auto before = s.id("#bar");
    EXPECT_EQ(but_markers(s.go(1, "#BAR")), (effects{join_of(s, 1, "Anna", s.id("#bar"), "#BAR", channel_operator)}));
    EXPECT_GT(s.id("#bar"), before);
    EXPECT_EQ(first<modes_are>(s.run(ask_modes{session(1), room("#bar")})).modes, changes("+nt"));
}

TEST(join, tells_the_topic_and_when_asked_who_is_there) {
    scene s;
    s.enter_into(1, "Anna", "#bar");
    s.enter(2, "Bruno");
    s.run(set_topic{session(1), room("#bar"), "caff\u00E8"});
    const auto all = but_markers(s.run(join{session(2), room("#BAR"), {}, true}));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[1], (effect{topic_is{session(2), "#bar", {"caff\u00E8", mask_of("Anna", 1), 1'000}, false}}));
    const auto& names = std::get<names_are>(all[2]);  // that there is something to ask for, slice by slice
    EXPECT_TRUE(names.first);
    EXPECT_TRUE(names.more);
    EXPECT_EQ(names.total, 2U);
    EXPECT_TRUE(names.people.empty());
    const auto answer = first<names_are>(s.run(names.asked));
    EXPECT_FALSE(answer.more);
    EXPECT_EQ(answer.people,
              (std::vector<member_entry>{{shown("Anna", 1), channel_operator, false}, {shown("Bruno", 2), 0, false}}));
}

TEST(join, at_most_so_many_channels) {
    auto options = usual();
    options.channels_per_user = 2;
    scene s(options);
    s.enter(1, "Anna");
    EXPECT_TRUE(joins(s.go(1, "#a")));
    EXPECT_TRUE(joins(s.go(1, "#b")));
    EXPECT_EQ(why(s.go(1, "#c")), refusal::too_many_channels);
    s.stay_away(1, "#a");
    EXPECT_TRUE(joins(s.go(1, "#c")));
}

TEST(part, the_lobby_stays_when_all_have_left) {
    scene s;
    s.enter_lobby(1, "Anna");
    EXPECT_EQ(s.stay_away(1, "#piazza"), (effects{part_of(s, 1, "Anna", lobby_id, "#piazza")}));
    EXPECT_EQ(but_markers(s.go(1, "#PIAZZA")), (effects{join_of(s, 1, "Anna", lobby_id, "#piazza", 0)}));
    s.go_away(1);
    s.enter_lobby(2, "Bruno");
    EXPECT_EQ(s.stay_away(2, "#piazza").size(), 1U);
}

TEST(part, from_where_one_is_not) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(s.stay_away(1, "#nowhere"), (effects{refused{session(1), refusal::no_such_channel, "#nowhere", {}, {}}}));
    EXPECT_EQ(s.stay_away(2, "#Piazza"), (effects{refused{session(2), refusal::not_a_member, "#piazza", {}, {}}}));
}

TEST(part, everywhere) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.go(1, "#a");
    s.go(1, "#b");
    const auto all = s.run(part_all{session(1)});
    ASSERT_EQ(all.size(), 3U);
    for (const auto& e : all) EXPECT_TRUE(std::holds_alternative<parted>(e));
    EXPECT_EQ(s.run(part_all{session(1)}), effects{});
    EXPECT_EQ(s.chat.users(), 1U);
}

TEST(leave, names_all_channels_and_is_the_last_word) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.go(1, "#bar");
    s.go(1, "#caff\u00E8");
    EXPECT_EQ(s.go_away(1), (effects{left{session(1),
                                          s.user(1),
                                          true,
                                          {lobby_id, s.id("#bar"), s.id("#caff\u00E8")},
                                          shown("Anna", 1),
                                          "gone",
                                          1'000}}));
    EXPECT_EQ(s.go_away(1), effects{});
    EXPECT_EQ(s.chat.users(), 0U);
    EXPECT_EQ(s.chat.sessions(), 0U);
}

TEST(leave, a_number_is_not_used_again) {
    scene s;
    s.enter(1, "Anna");
    s.go_away(1);
    EXPECT_GT(first<logged_in>(s.enter(2, "Anna")).user, s.user(1));
}

// ── topics ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(topic, is_set_told_and_cleared) {
    scene s;
    s.enter_into(1, "Anna", "#bar");
    EXPECT_EQ(first<topic_is>(s.run(ask_topic{session(1), room("#bar")})).now, topic{});
    EXPECT_EQ(s.run(set_topic{session(1), room("#BAR"), "x"}),
              (effects{topic_changed{session(1), s.id("#bar"), "#bar", shown("Anna", 1), "x", 1'000}}));
    EXPECT_EQ(s.run(ask_topic{session(1), room("#Bar")}),
              (effects{topic_is{session(1), "#bar", {"x", mask_of("Anna", 1), 1'000}, true}}));
    EXPECT_EQ(find<topic_changed>(s.run(set_topic{session(1), room("#bar"), ""})).text, "");
}

TEST(topic, set_to_what_it_is_is_answered_and_told_to_nobody) {
    scene s;
    s.enter_into(1, "Anna", "#bar");
    s.enter_into(2, "Bruno", "#bar");
    s.mode(1, "#bar", "-t");
    const auto set = [&](std::uint64_t n, std::string_view text) {
        return s.run(set_topic{session(n), room("#BAR"), std::string(text)});
    };
    EXPECT_EQ(set(1, ""), (effects{topic_is{session(1), "#bar", {}, true}}));
    set(1, "x");
    s.now_ms = 2'000;
    const topic as_set{"x", mask_of("Anna", 1), 1'000};
    EXPECT_EQ(set(2, "x"), (effects{topic_is{session(2), "#bar", as_set, true}}));
    EXPECT_EQ(first<topic_is>(s.run(ask_topic{session(1), room("#bar")})).now, as_set) << "nor is it another's now";
    s.mode(1, "#bar", "+t");
    EXPECT_EQ(why(set(2, "x")), refusal::needs_channel_operator);
}

TEST(topic, is_locked_by_t_for_who_is_no_half_operator) {
    scene s;
    s.enter_into(1, "Anna", "#bar");
    s.enter_into(2, "Bruno", "#bar");
    s.enter(3, "Carla");
    std::string text;
    const auto set = [&](std::uint64_t n) { return s.run(set_topic{session(n), room("#bar"), text += 'x'}); };
    EXPECT_EQ(why(set(2)), refusal::needs_channel_operator);
    s.mode(1, "#bar", "+v", {"Bruno"});
    EXPECT_EQ(why(set(2)), refusal::needs_channel_operator);
    s.mode(1, "#bar", "+h", {"Bruno"});
    EXPECT_TRUE(has<topic_changed>(set(2)));
    EXPECT_EQ(why(set(3)), refusal::not_a_member);
    s.mode(1, "#bar", "-th", {"Bruno"});
    EXPECT_TRUE(has<topic_changed>(set(2)));
    EXPECT_EQ(why(set(3)), refusal::not_a_member);
    EXPECT_EQ(why(s.run(set_topic{session(1), room("#nowhere"), "x"})), refusal::no_such_channel);
}

TEST(topic, of_the_lobby_is_the_server_operators) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.enter_operator(2, "Olga");
    EXPECT_EQ(why(s.run(set_topic{session(1), lobby, "x"})), refusal::needs_channel_operator);
    EXPECT_TRUE(has<topic_changed>(s.run(set_topic{session(2), lobby, "x"})));
    s.enter_into(3, "Carla", "#bar");
    EXPECT_EQ(why(s.run(set_topic{session(2), room("#bar"), "x"})), refusal::not_a_member);
}

// ── another name ────────────────────────────────────────────────────────────────────────────────────────────────────

struct renaming : scene {
    renaming() {
        enter_into(1, "Anna", "#bar");
        enter_into(2, "Bruno", "#bar");
    }
    effects name(std::uint64_t n, std::string_view before, std::string_view after) {
        return run(rename_channel{session(n), room(before), room(after), "why not"});
    }
};

TEST(rename_channel, tells_every_member) {
    renaming s;
    s.run(set_topic{session(1), room("#bar"), "x"});
    EXPECT_EQ(s.name(1, "#BAR", "#Caff\u00E8"), (effects{channel_renamed{session(1),
                                                                         {session(1), session(2)},
                                                                         {"Number 1", "Number 2"},
                                                                         "#bar",
                                                                         "#Caff\u00E8",
                                                                         shown("Anna", 1),
                                                                         "why not",
                                                                         {"x", mask_of("Anna", 1), 1'000},
                                                                         false,
                                                                         1'000}}));
    EXPECT_TRUE(speaks(s.utter(2, "#CAFF\u00C8")));
    EXPECT_EQ(why(s.utter(2, "#bar")), refusal::no_such_channel);
    EXPECT_EQ(find<joined>(s.enter_into(3, "Carla", "#bar")).given, channel_operator);
    EXPECT_EQ(find<joined>(s.go(3, "#caff\u00E8")).given, 0);
}

TEST(rename_channel, only_in_another_case) {
    renaming s;
    const auto renamed = find<channel_renamed>(s.name(1, "#bar", "#BAR"));
    EXPECT_TRUE(renamed.same_name);
    EXPECT_EQ(renamed.after, "#BAR");
    EXPECT_EQ(find<said>(s.utter(2, "#bar")).channel_name, "#BAR");
    // Clients compare letters of ASCII only: to them this is another name, and it comes with who is there.
    s.enter_into(5, "Dora", "#\u00C8");
    const auto other = s.run(rename_channel{session(5), room("#\u00C8"), room("#\u00E8"), "", true, false});
    EXPECT_FALSE(find<channel_renamed>(other).same_name);
    EXPECT_TRUE(has<names_are>(other));
}

TEST(rename_channel, to_the_name_that_it_has) {
    renaming s;
    EXPECT_EQ(s.name(1, "#BAR", "#bar"),
              (effects{refused{session(1), refusal::channel_has_that_name, "#bar", {}, "#bar"}}));
    EXPECT_EQ(why(s.name(2, "#bar", "#bar")), refusal::needs_channel_operator);
    s.rule(1);
    s.go(1, "#piazza");
    EXPECT_EQ(why(s.name(1, "#piazza", "#piazza")), refusal::channel_has_that_name);
}

TEST(rename_channel, tells_who_asks_for_it_who_is_there_when_the_name_is_another) {
    renaming s;
    const auto rename_to = [&](std::string_view name) {
        return s.run(rename_channel{session(1), room("#bar"), room(name), {}, true});
    };
    EXPECT_FALSE(has<names_are>(rename_to("#BAR")));
    const auto names = find<names_are>(rename_to("#x"));
    EXPECT_TRUE(names.more);
    EXPECT_EQ(first<names_are>(s.run(names.asked)).people.size(), 2U);
}

TEST(rename_channel, by_operators_to_a_free_name) {
    renaming s;
    s.enter_into(3, "Carla", "#x");
    EXPECT_EQ(why(s.name(2, "#bar", "#y")), refusal::needs_channel_operator);
    s.mode(1, "#bar", "+h", {"Bruno"});
    EXPECT_EQ(why(s.name(2, "#bar", "#y")), refusal::needs_channel_operator);
    EXPECT_EQ(why(s.name(3, "#bar", "#y")), refusal::not_a_member);
    EXPECT_EQ(why(s.name(1, "#y", "#z")), refusal::no_such_channel);
    EXPECT_EQ(s.name(1, "#bar", "#X"), (effects{refused{session(1), refusal::channel_name_in_use, "#bar", {}, "#X"}}));
    EXPECT_EQ(why(s.name(1, "#bar", "#Piazza")), refusal::channel_name_in_use);
    s.rule(1);
    s.go(1, "#piazza");
    EXPECT_EQ(why(s.name(1, "#piazza", "#y")), refusal::channel_is_permanent);
    EXPECT_EQ(why(s.name(1, "#piazza", "#Piazza")), refusal::channel_is_permanent);
}

TEST(rename_channel, invitations_stay_good) {
    renaming s;
    s.enter(3, "Carla");
    s.mode(1, "#bar", "+i");
    s.call_in(1, "Carla", "#bar");
    s.name(1, "#bar", "#y");
    EXPECT_EQ(first<invitations_are>(s.run(ask_invitations{session(3)})).channels, std::vector<std::string>{"#y"});
    EXPECT_TRUE(joins(s.go(3, "#y")));
}

}  // namespace
}  // namespace brusio::chat::test
