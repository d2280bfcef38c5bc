// People and channels: who may have which name, who is where. speech_test.cpp has the messages.
#include <gtest/gtest.h>

#include "chat/chat.hpp"
#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr auto latin = "Anna";
constexpr auto greek = "\u0391nna";     // GREEK CAPITAL LETTER ALPHA
constexpr auto cyrillic = "\u0410nna";  // CYRILLIC CAPITAL LETTER A
constexpr auto greek_capitals = "\u0391\u039D\u039D\u0391";

void expect_log_in_refused(const effects& got, name_refusal why, session_id holder) {
    const auto* refused = only<log_in_refused>(got);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->why, why);
    EXPECT_EQ(refused->holder, holder);
}

void expect_rename_refused(const effects& got, name_refusal why, session_id holder) {
    const auto* refused = only<rename_refused>(got);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->why, why);
    EXPECT_EQ(refused->holder, holder);
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(log_in, gives_a_number_and_shows_the_name_as_typed) {
    scene s;
    EXPECT_EQ(s.enter(1, "Mario Rossi"), (effects{logged_in{session(1), {1}, {"Mario Rossi", "Mario_Rossi"}}}));
    EXPECT_EQ(s.enter(2, "Anna"), (effects{logged_in{session(2), {2}, {"Anna", "Anna"}}}));
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_EQ(s.chat.sessions(), 2U);
}

TEST(log_in, joins_in_the_same_step) {
    scene s;
    EXPECT_EQ(s.enter_lobby(1, "Anna"), (effects{logged_in{session(1), {1}, shown("Anna")},
                                                 joined{session(1), {1}, lobby_id, shown("Anna"), "#piazza"}}));
}

TEST(log_in, twice_by_one_session_changes_nothing) {
    scene s;
    s.enter(1, "Anna");
    const auto before = s.chat.digest();
    EXPECT_EQ(s.enter_lobby(1, "Bruno"), effects{});
    EXPECT_EQ(s.enter_lobby(1, "Anna"), effects{});
    EXPECT_EQ(s.chat.digest(), before);
}

TEST(log_in, the_refusal_carries_what_is_needed_to_try_again) {
    scene s;
    s.enter(1, "Anna");
    const log_in second{session(2), who("anna"), lobby};
    EXPECT_EQ(s.run(second), (effects{log_in_refused{session(2), name_refusal::taken, session(1), second}}));
    EXPECT_EQ(s.chat.users(), 1U);
    s.go_away(1);
    EXPECT_EQ(s.run(second).size(), 2U);
}

TEST(log_in, one_counter_on_two_nodes_is_two_sessions) {
    scene s;
    EXPECT_EQ(s.run(log_in{{1, 7}, who("Anna"), std::nullopt}).size(), 1U);
    EXPECT_NE(only<logged_in>(s.run(log_in{{2, 7}, who("Bruno"), std::nullopt})), nullptr);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(names, equal_over_case_and_nick) {
    for (auto [first, second] : {std::pair{"MARIO", "mario"},
                                 {"mario", "Mario"},
                                 {"Mario Rossi", "mario_rossi"},
                                 {"mario_rossi", "Mario  Rossi"},
                                 {"ZO\u00CB", "zo\u00EB"},
                                 {"7 nani", "_7_nani"}}) {
        scene s;
        s.enter(1, first);
        expect_log_in_refused(s.enter(2, second), name_refusal::taken, session(1));
        s.enter(3, "Bruno");
        expect_rename_refused(s.call(3, second), name_refusal::taken, session(1));
    }
}

// Only where a nick is cut at its 32 bytes can equal names have different nicks; the rule holds there too.
TEST(names, equal_by_name_alone) {
    scene s;
    s.enter(1, "Anna");
    auto other = who("Bruno");
    other.name_fold = who("Anna").name_fold;
    expect_log_in_refused(s.run(log_in{session(2), other, std::nullopt}), name_refusal::taken, session(1));
}

TEST(names, the_holder_of_a_taken_name_is_its_session) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    s.go_away(1);
    s.enter(9, "ANNA");
    expect_log_in_refused(s.enter(3, "anna"), name_refusal::taken, session(9));
}

TEST(names, two_ascii_names_may_look_alike) {
    for (auto [first, second] : {std::pair{"mario", "rnario"}, {"rnario", "mario"}, {"Il", "ll"}, {"Il", "I1"}}) {
        scene s;
        s.enter(1, first);
        EXPECT_NE(only<logged_in>(s.enter(2, second)), nullptr) << first << ' ' << second;
        EXPECT_NE(only<renamed>(s.call(1, "Zeno")), nullptr);
        EXPECT_NE(only<renamed>(s.call(1, first)), nullptr);
    }
}

TEST(names, look_alikes_in_both_directions) {
    for (auto [first, second] : {std::pair{latin, greek},
                                 {greek, latin},
                                 {cyrillic, latin},
                                 {greek, cyrillic},
                                 {cyrillic, greek},
                                 {latin, greek_capitals},
                                 {greek_capitals, latin}}) {
        scene s;
        s.enter(1, first);
        expect_log_in_refused(s.enter(2, second), name_refusal::looks_like_another, {});
        s.enter(3, "Bruno");
        expect_rename_refused(s.call(3, second), name_refusal::looks_like_another, {});
    }
}

TEST(names, a_look_is_free_again_after_leave_and_rename) {
    scene s;
    s.enter(1, latin);
    s.enter(2, "Bruno");
    expect_rename_refused(s.call(2, greek), name_refusal::looks_like_another, {});
    s.go_away(1);
    EXPECT_NE(only<renamed>(s.call(2, greek)), nullptr);
    expect_log_in_refused(s.enter(3, latin), name_refusal::looks_like_another, {});
    EXPECT_NE(only<renamed>(s.call(2, "Bruno")), nullptr);
    EXPECT_NE(only<logged_in>(s.enter(3, latin)), nullptr);
}

TEST(names, a_look_stays_taken_while_one_of_two_has_it) {
    scene s;
    s.enter(1, "mario");
    s.enter(2, "rnario");
    s.enter(3, "Bruno");
    const auto* look_alike = "m\u0430rio";  // CYRILLIC SMALL LETTER A
    expect_rename_refused(s.call(3, look_alike), name_refusal::looks_like_another, {});
    s.go_away(1);
    expect_rename_refused(s.call(3, look_alike), name_refusal::looks_like_another, {});
    s.go_away(2);
    EXPECT_NE(only<renamed>(s.call(3, look_alike)), nullptr);
}

TEST(names, nobody_looks_like_oneself) {
    scene s;
    s.enter(1, latin);
    EXPECT_NE(only<renamed>(s.call(1, greek)), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, cyrillic)), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, greek_capitals)), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, latin)), nullptr);
    s.go_away(1);
    EXPECT_NE(only<logged_in>(s.enter(2, greek)), nullptr);
}

TEST(names, the_reserved_and_what_looks_like_them) {
    scene s;
    s.enter(1, "Anna");
    for (const auto* name : {"brusio.localhost", "Brusio.LocalHost", "brusio_localhost", "brusio localhost"}) {
        expect_log_in_refused(s.enter(2, name), name_refusal::reserved, {});
        expect_rename_refused(s.call(1, name), name_refusal::reserved, {});
    }
    const auto* look_alike = "brusi\u043E.localhost";  // CYRILLIC SMALL LETTER O
    expect_log_in_refused(s.enter(2, look_alike), name_refusal::looks_like_another, {});
    expect_rename_refused(s.call(1, look_alike), name_refusal::looks_like_another, {});
}

TEST(names, reserved_looks_count_as_those_of_people_do) {
    scene ascii({.lobby = lobby, .reserved = {who(latin)}, .remembers = false});
    expect_log_in_refused(ascii.enter(1, greek), name_refusal::looks_like_another, {});
    expect_log_in_refused(ascii.enter(1, greek_capitals), name_refusal::looks_like_another, {});
    scene other({.lobby = lobby, .reserved = {who(greek)}, .remembers = false});
    expect_log_in_refused(other.enter(1, latin), name_refusal::looks_like_another, {});
    scene both({.lobby = lobby, .reserved = {who("mario")}, .remembers = false});
    EXPECT_NE(only<logged_in>(both.enter(1, "rnario")), nullptr);
}

TEST(rename, shows_both_names_and_frees_the_old_one) {
    scene s;
    s.enter(1, "Anna");
    EXPECT_EQ(s.call(1, "Anna Rossi"), (effects{renamed{session(1), {1}, shown("Anna"), shown("Anna Rossi")}}));
    EXPECT_NE(only<logged_in>(s.enter(2, "ANNA")), nullptr);
    expect_log_in_refused(s.enter(3, "anna_rossi"), name_refusal::taken, session(1));
}

TEST(rename, to_ones_own_name_in_another_case_or_shape) {
    scene s;
    s.enter(1, "anna rossi");
    EXPECT_EQ(s.call(1, "Anna Rossi"), (effects{renamed{session(1), {1}, shown("anna rossi"), shown("Anna Rossi")}}));
    EXPECT_EQ(s.call(1, "ANNA_ROSSI"), (effects{renamed{session(1), {1}, shown("Anna Rossi"), shown("ANNA_ROSSI")}}));
}

TEST(rename, refused_leaves_the_old_name) {
    scene s;
    s.enter(1, "Anna");
    s.enter_lobby(2, "Bruno");
    const rename wish{session(2), who("ANNA")};
    EXPECT_EQ(s.run(wish), (effects{rename_refused{session(2), name_refusal::taken, session(1), wish}}));
    expect_log_in_refused(s.enter(3, "bruno"), name_refusal::taken, session(2));
    EXPECT_EQ(std::get<said>(s.speak(2, "x").at(0)).who, shown("Bruno"));
}

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(join, makes_the_channel_with_the_first_spelling_of_its_name) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(s.go(1, "#Bar"), (effects{joined{session(1), {1}, {2}, shown("Anna"), "#Bar"}}));
    EXPECT_EQ(s.go(2, "#BAR"), (effects{joined{session(2), {2}, {2}, shown("Bruno"), "#Bar"}}));
    EXPECT_EQ(s.go(2, "#bar"), effects{});
}

TEST(join, a_channel_ends_with_its_last_member_and_its_number_is_not_used_again) {
    scene s;
    s.enter(1, "Anna");
    s.go(1, "#bar");
    EXPECT_EQ(s.stay_away(1, "#BAR"), (effects{parted{session(1), {1}, {2}, shown("Anna")}}));
    EXPECT_EQ(s.run(ask_who{session(1), room("#bar"), {}, 10}), (effects{no_such_channel{session(1), "#bar"}}));
    EXPECT_EQ(s.go(1, "#BAR"), (effects{joined{session(1), {1}, {3}, shown("Anna"), "#BAR"}}));
}

TEST(part, the_lobby_stays_when_all_have_left) {
    scene s;
    s.enter_lobby(1, "Anna");
    EXPECT_EQ(s.stay_away(1, "#piazza"), (effects{parted{session(1), {1}, lobby_id, shown("Anna")}}));
    EXPECT_EQ(s.go(1, "#PIAZZA"), (effects{joined{session(1), {1}, lobby_id, shown("Anna"), "#piazza"}}));
    s.go_away(1);
    s.enter_lobby(2, "Bruno");
    EXPECT_EQ(s.stay_away(2, "#piazza").size(), 1U);
}

TEST(part, from_where_one_is_not) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(s.stay_away(1, "#nowhere"), (effects{no_such_channel{session(1), "#nowhere"}}));
    EXPECT_EQ(s.stay_away(2, "#piazza"), (effects{no_such_channel{session(2), "#piazza"}}));
}

TEST(leave, parts_everywhere_and_then_is_the_last_word) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.go(1, "#bar");
    s.go(1, "#caff\u00E8");
    const auto all = s.go_away(1);
    ASSERT_EQ(all.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(all[i], (effect{parted{session(1), {1}, channel_id{3 - i}, shown("Anna")}}));
    }
    EXPECT_EQ(all[3], (effect{left{session(1), {1}, shown("Anna"), "gone"}}));
    EXPECT_EQ(s.go_away(1), effects{});
    EXPECT_EQ(s.chat.users(), 0U);
    EXPECT_EQ(s.chat.sessions(), 0U);
}

TEST(leave, a_number_is_not_used_again) {
    scene s;
    s.enter(1, "Anna");
    s.go_away(1);
    EXPECT_EQ(s.enter(2, "Anna"), (effects{logged_in{session(2), {2}, shown("Anna")}}));
}

TEST(unknown_sessions, have_no_effect) {
    scene s;
    s.enter_lobby(1, "Anna");
    const auto before = s.chat.digest();
    for (const auto id : {session_id{1, 2}, session_id{2, 1}, session_id{}}) {
        EXPECT_EQ(s.run(rename{id, who("Bruno")}), effects{});
        EXPECT_EQ(s.run(rename{id, who("Anna")}), effects{});
        EXPECT_EQ(s.run(join{id, room("#bar")}), effects{});
        EXPECT_EQ(s.run(part{id, lobby}), effects{});
        EXPECT_EQ(s.run(say{id, lobby, speech::text, "x"}), effects{});
        EXPECT_EQ(s.run(tell{id, "Anna", "anna", speech::text, "x"}), effects{});
        EXPECT_EQ(s.run(tell{id, "Nobody", "nobody", speech::text, "x"}), effects{});
        EXPECT_EQ(s.run(leave{id, "x"}), effects{});
        EXPECT_EQ(s.run(ask_who{id, lobby, {}, 10}), effects{});
        EXPECT_EQ(s.run(ask_door{id, "help"}), effects{});
    }
    EXPECT_EQ(s.chat.digest(), before);
}

}  // namespace
}  // namespace brusio::chat::test
