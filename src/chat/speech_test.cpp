// Messages: to a channel, to one person, and the numbers and times they get. speaking_test.cpp has who may speak.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

TEST(say, goes_to_the_channel_with_all_that_a_door_needs) {
    scene s;
    s.enter_lobby(1, "Mario Rossi");
    const message what{speech::action, std::string("any\0bytes\xff", 10), {3, 5}, "+typing=done"};
    EXPECT_EQ(s.run(say{session(1), room("#PIAZZA"), 0, what}), (effects{said{{1'000U << 16U},
                                                                              1'000,
                                                                              session(1),
                                                                              s.user(1),
                                                                              shown("Mario Rossi", 1),
                                                                              lobby_id,
                                                                              "#piazza",
                                                                              0,
                                                                              {},
                                                                              what}}));
}

TEST(say, an_empty_message_is_one) {
    scene s;
    s.enter_lobby(1, "Anna");
    EXPECT_EQ(first<said>(s.speak(1, "")).what.body, "");
}

TEST(say, only_where_one_is) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    s.go(2, "#bar");
    EXPECT_EQ(s.speak(1, "x"), (effects{refused{session(1), refusal::cannot_speak_outside, "#piazza", {}, {}}}));
    EXPECT_EQ(why(s.speak(1, "x", room("#bar"))), refusal::cannot_speak_outside);
    EXPECT_EQ(s.speak(1, "x", room("#nowhere")),
              (effects{refused{session(1), refusal::no_such_channel, "#nowhere", {}, {}}}));
    s.go(1, "#bar");
    EXPECT_EQ(first<said>(s.speak(1, "x", room("#Bar"))).channel, s.id("#bar"));
    s.stay_away(1, "#bar");
    EXPECT_EQ(why(s.speak(1, "x", room("#bar"))), refusal::cannot_speak_outside);
}

TEST(tell, goes_to_the_nick_wherever_its_person_is) {
    scene s;
    s.enter(1, "Mario Rossi");
    s.enter(2, "Anna");
    const message waves{speech::action, "waves", {}, {}};
    EXPECT_EQ(
        s.run(tell{session(2), nick("MARIO_ROSSI"), waves}),
        (effects{told{{1'000U << 16U}, 1'000, session(2), shown("Anna", 2), "Mario_Rossi", {session(1)}, waves}}));
    EXPECT_EQ(first<told>(s.whisper(1, "Mario_Rossi", "myself")).to, std::vector{session(1)});
}

TEST(tell, nobody_there) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(s.whisper(1, "Carla", "x"), (effects{refused{session(1), refusal::no_such_nick, {}, "Carla", {}}}));
    s.go_away(2);
    EXPECT_EQ(why(s.whisper(1, "Bruno", "x")), refusal::no_such_nick);
    s.call(1, "Dario");
    EXPECT_EQ(why(s.whisper(1, "Anna", "x")), refusal::no_such_nick);
    EXPECT_EQ(first<told>(s.whisper(1, "dario", "x")).to, std::vector{session(1)});
}

TEST(ask_door, keeps_its_place_in_the_order) {
    scene s;
    s.enter(1, "Anna");
    EXPECT_EQ(s.run(ask_door{session(1), "help", false}), (effects{door_asked{session(1), "help"}}));
}

// ── times and numbers ───────────────────────────────────────────────────────────────────────────────────────────────

TEST(time, never_goes_back) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.now_ms = 5'000;
    EXPECT_EQ(first<said>(s.speak(1, "a")).at_ms, 5'000);
    s.now_ms = 4'000;
    EXPECT_EQ(first<said>(s.speak(1, "b")).at_ms, 5'000);
    s.now_ms = -1;
    EXPECT_EQ(first<told>(s.whisper(1, "anna", "c")).at_ms, 5'000);
    s.now_ms = 5'001;
    EXPECT_EQ(first<said>(s.speak(1, "d")).at_ms, 5'001);
}

TEST(time, every_command_moves_it_even_one_without_effect) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.now_ms = 9'000;
    s.go_away(77);
    s.now_ms = 1'000;
    EXPECT_EQ(first<said>(s.speak(1, "a")).at_ms, 9'000);
}

TEST(message_ids, grow_with_every_message_whatever_the_clock_does) {
    scene s;
    s.enter_lobby(1, "Anna");
    message_id last;
    for (const std::int64_t at : {1'000, 1'000, 2'000, 500, 0, -7, 2'000, 2'001}) {
        s.now_ms = at;
        const auto id = first<said>(s.speak(1, "x")).id;
        EXPECT_GT(id, last);
        last = id;
        const auto private_id = first<told>(s.whisper(1, "anna", "x")).id;
        EXPECT_GT(private_id, last);
        last = private_id;
    }
    EXPECT_EQ(last.value >> 16U, 2'001U);
}

TEST(message_ids, more_in_one_millisecond_than_its_count_holds) {
    scene s;
    s.enter_lobby(1, "Anna");
    effects out;
    message_id last;
    for (int i = 0; i < 70'000; ++i) {
        out.clear();
        s.chat.apply({.at_ms = 1'000, .what = say{session(1), lobby, 0, {}}}, out);
        const auto id = first<said>(out).id;
        ASSERT_GT(id, last);
        last = id;
    }
    s.now_ms = 1'001;
    EXPECT_GT(first<said>(s.speak(1, "x")).id, last);
}

}  // namespace
}  // namespace brusio::chat::test
