// Messages: to a channel, to one person, questions, the numbers and times they get, and output commit.
#include <gtest/gtest.h>

#include "chat/chat.hpp"
#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

template <class T>
const T& first(const effects& all) {
    return std::get<T>(all.at(0));
}

// ── messages and questions ──────────────────────────────────────────────────────────────────────────────────────────

TEST(say, goes_to_the_channel_with_all_that_a_door_needs) {
    scene s;
    s.enter_lobby(1, "Mario Rossi");
    const std::string body("any\0bytes\xff", 10);
    const auto all = s.run(say{session(1), room("#PIAZZA"), speech::action, body});
    EXPECT_EQ(
        all,
        (effects{said{
            {1'000U << 16U}, 1'000, session(1), {1}, {"Mario Rossi", "Mario_Rossi"}, lobby_id, speech::action, body}}));
}

TEST(say, an_empty_message_is_one) {
    scene s;
    s.enter_lobby(1, "Anna");
    EXPECT_EQ(first<said>(s.speak(1, "")).body, "");
}

TEST(say, only_where_one_is) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    s.go(2, "#bar");
    EXPECT_EQ(s.speak(1, "x"), (effects{no_such_channel{session(1), "#piazza"}}));
    EXPECT_EQ(s.speak(1, "x", room("#bar")), (effects{no_such_channel{session(1), "#bar"}}));
    EXPECT_EQ(s.speak(1, "x", room("#nowhere")), (effects{no_such_channel{session(1), "#nowhere"}}));
    s.go(1, "#bar");
    EXPECT_EQ(first<said>(s.speak(1, "x", room("#Bar"))).channel, channel_id{2});
    s.stay_away(1, "#bar");
    EXPECT_EQ(s.speak(1, "x", room("#bar")), (effects{no_such_channel{session(1), "#bar"}}));
}

TEST(tell, goes_to_the_nick_wherever_its_person_is) {
    scene s;
    s.enter(1, "Mario Rossi");
    s.enter(2, "Anna");
    EXPECT_EQ(s.run(tell{session(2), "MARIO_ROSSI", base::fold("MARIO_ROSSI"), speech::action, "waves"}),
              (effects{told{{1'000U << 16U}, 1'000, session(2), shown("Anna"), session(1), speech::action, "waves"}}));
    EXPECT_EQ(first<told>(s.whisper(1, "Mario_Rossi", "myself")).to, session(1));
}

TEST(tell, nobody_there) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(s.whisper(1, "Carla", "x"), (effects{no_such_nick{session(1), "Carla"}}));
    s.go_away(2);
    EXPECT_EQ(s.whisper(1, "Bruno", "x"), (effects{no_such_nick{session(1), "Bruno"}}));
    s.call(1, "Dario");
    EXPECT_EQ(s.whisper(1, "Anna", "x"), (effects{no_such_nick{session(1), "Anna"}}));
    EXPECT_EQ(first<told>(s.whisper(1, "dario", "x")).to, session(1));
}

TEST(ask_who, in_slices_in_the_order_in_which_people_came) {
    scene s;
    const std::vector<std::string> names{"Anna", "Bruno", "Carla", "Dario", "Elena"};
    for (std::size_t i = 0; i < names.size(); ++i) s.enter(i + 1, names[i]);
    for (const std::uint64_t i : {4U, 2U, 5U, 1U, 3U}) s.go(i, "#piazza");

    std::vector<person> seen;
    ask_who question{session(3), lobby, {}, 2};
    std::vector<std::size_t> sizes;
    do {
        const auto answer = first<who_is_here>(s.run(question));
        EXPECT_EQ(answer.session, session(3));
        EXPECT_EQ(answer.asked, question);
        EXPECT_EQ(answer.total, 5U);
        sizes.push_back(answer.people.size());
        seen.insert(seen.end(), answer.people.begin(), answer.people.end());
        question.after = answer.more;
    } while (question.after);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1}));
    ASSERT_EQ(seen.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(seen[i], shown(names[i]));
}

TEST(ask_who, a_last_slice_that_is_full_says_so) {
    scene s;
    for (std::uint64_t i = 1; i <= 4; ++i) s.enter_lobby(i, "Anna " + std::to_string(i));
    EXPECT_EQ(first<who_is_here>(s.run(ask_who{session(1), lobby, {2}, 2})).more, user_id{});
    EXPECT_EQ(first<who_is_here>(s.run(ask_who{session(1), lobby, {1}, 2})).more, user_id{3});
    EXPECT_EQ(first<who_is_here>(s.run(ask_who{session(1), lobby, {4}, 2})).people.size(), 0U);
}

TEST(ask_who, goes_on_where_the_last_one_seen_has_left) {
    scene s;
    for (std::uint64_t i = 1; i <= 4; ++i) s.enter_lobby(i, "Anna " + std::to_string(i));
    const auto slice = first<who_is_here>(s.run(ask_who{session(1), lobby, {}, 2}));
    s.go_away(2);
    const auto rest = first<who_is_here>(s.run(ask_who{session(1), lobby, slice.more, 2}));
    EXPECT_EQ(rest.total, 3U);
    EXPECT_EQ(rest.people, (std::vector{shown("Anna 3"), shown("Anna 4")}));
}

TEST(ask_who, an_empty_lobby_a_channel_that_is_not_there_and_no_room_for_an_answer) {
    scene s;
    s.enter(1, "Anna");
    const ask_who lobby_question{session(1), lobby, {}, 10};
    EXPECT_EQ(s.run(lobby_question), (effects{who_is_here{session(1), lobby_question, 0, {}, {}}}));
    EXPECT_EQ(s.run(ask_who{session(1), room("#bar"), {}, 10}), (effects{no_such_channel{session(1), "#bar"}}));
    s.go(1, "#piazza");
    const ask_who nothing{session(1), lobby, {}, 0};
    EXPECT_EQ(s.run(nothing), (effects{who_is_here{session(1), nothing, 1, {}, {}}}));
}

TEST(ask_door, keeps_its_place_in_the_order) {
    scene s;
    s.enter(1, "Anna");
    EXPECT_EQ(s.run(ask_door{session(1), "help"}), (effects{door_asked{session(1), "help"}}));
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
        s.chat.apply({.at_ms = 1'000, .what = say{session(1), lobby, speech::text, {}}}, out);
        const auto id = first<said>(out).id;
        ASSERT_GT(id, last);
        last = id;
    }
    s.now_ms = 1'001;
    EXPECT_GT(first<said>(s.speak(1, "x")).id, last);
}

// ── output commit ───────────────────────────────────────────────────────────────────────────────────────────────────

struct remembering : scene {
    remembering() : scene(usual(true)) {
        enter_lobby(1, "Anna");
        enter_lobby(2, "Bruno");
    }
    message_id says(std::uint64_t counter, std::string_view body = "x") {
        return first<remember>(speak(counter, body)).id;
    }
    effects answer(store_verdict verdict, message_id up_to = {}) { return run(store_answer{verdict, up_to}); }
    bool takes_messages() { return speak(1, "probe").size() == 2; }
};

TEST(output_commit, remember_comes_just_before_said) {
    remembering s;
    const auto all = s.run(say{session(1), room("#PIAZZA"), speech::action, "waves"});
    const message_id id{1'000U << 16U};
    EXPECT_EQ(all, (effects{remember{id, 1'000, lobby.fold, shown("Anna"), speech::action, "waves"},
                            said{id, 1'000, session(1), {1}, shown("Anna"), lobby_id, speech::action, "waves"}}));
}

TEST(output_commit, without_a_memory_nothing_is_remembered) {
    scene s;
    s.enter_lobby(1, "Anna");
    EXPECT_EQ(s.run(store_answer{store_verdict::refused, {}}), effects{});
    EXPECT_NE(only<said>(s.speak(1, "x")), nullptr);
}

TEST(output_commit, committed_says_nothing) {
    remembering s;
    s.says(1);
    const auto second = s.says(2);
    EXPECT_EQ(s.answer(store_verdict::committed, second), effects{});
    EXPECT_EQ(s.answer(store_verdict::refused, second), effects{});
}

TEST(output_commit, refused_takes_all_that_waits_with_it) {
    remembering s;
    const auto a = s.says(1);
    const auto b = s.says(2);
    const auto c = s.says(1);
    EXPECT_EQ(s.answer(store_verdict::committed, a), effects{});
    EXPECT_EQ(s.answer(store_verdict::refused, b), (effects{not_stored{session(2), b}, not_stored{session(1), c}}));
    EXPECT_EQ(s.answer(store_verdict::refused, c), effects{});
}

TEST(output_commit, after_refused_messages_are_refused_and_the_rest_goes_on) {
    remembering s;
    s.answer(store_verdict::refused, s.says(1));
    const auto before = s.chat.digest();
    EXPECT_EQ(s.speak(1, "x"), (effects{not_stored{session(1), {}}}));
    EXPECT_EQ(s.chat.digest(), before);
    EXPECT_EQ(s.speak(1, "x", room("#nowhere")), (effects{no_such_channel{session(1), "#nowhere"}}));
    EXPECT_NE(only<told>(s.whisper(1, "bruno", "x")), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, "Carla")), nullptr);
    EXPECT_NE(only<joined>(s.go(1, "#bar")), nullptr);
    EXPECT_NE(only<who_is_here>(s.run(ask_who{session(1), lobby, {}, 10})), nullptr);
    EXPECT_EQ(s.go_away(1).size(), 3U);
    EXPECT_NE(s.enter(3, "Dario"), effects{});
}

TEST(output_commit, committed_lets_messages_pass_again) {
    remembering s;
    const auto refused = s.says(1);
    s.answer(store_verdict::refused, refused);
    EXPECT_FALSE(s.takes_messages());
    EXPECT_EQ(s.answer(store_verdict::committed), effects{});
    const auto next = s.says(1);
    EXPECT_GT(next, refused);
    EXPECT_EQ(s.answer(store_verdict::committed, next), effects{});
}

TEST(output_commit, unknown_decides_nothing_yet) {
    remembering s;
    const auto a = s.says(1);
    const auto b = s.says(2);
    EXPECT_EQ(s.answer(store_verdict::unknown, b), effects{});
    EXPECT_FALSE(s.takes_messages());
    EXPECT_EQ(s.answer(store_verdict::committed, a), effects{});
    EXPECT_TRUE(s.takes_messages());
    const auto all = s.answer(store_verdict::refused, b);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0], (effect{not_stored{session(2), b}}));
    EXPECT_EQ(first<not_stored>({all[1]}).session, session(1));
}

TEST(output_commit, unknown_then_refused) {
    remembering s;
    const auto a = s.says(1);
    s.answer(store_verdict::unknown, a);
    EXPECT_EQ(s.answer(store_verdict::refused, a), (effects{not_stored{session(1), a}}));
    EXPECT_FALSE(s.takes_messages());
}

// A client that sends and half-closes leaves before the store answers. Its `left` waits behind the message, so the
// explanation, which takes the place of the message, still comes before it.
TEST(output_commit, a_sender_that_has_left_is_told_in_the_place_of_its_message) {
    remembering s;
    const auto a = s.says(1);
    EXPECT_EQ(s.go_away(1).size(), 2U);
    EXPECT_EQ(s.answer(store_verdict::refused, a), (effects{not_stored{session(1), a}}));
}

TEST(output_commit, survives_save_and_load) {
    remembering s;
    const auto a = s.says(1);
    s.answer(store_verdict::unknown, a);
    auto loaded = state::load(usual(true), s.chat.save());
    ASSERT_TRUE(loaded);
    s.chat = std::move(*loaded);
    EXPECT_FALSE(s.takes_messages());
    EXPECT_EQ(s.answer(store_verdict::refused, a), (effects{not_stored{session(1), a}}));
}

}  // namespace
}  // namespace brusio::chat::test
