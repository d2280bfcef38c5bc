// Output commit: what follows a message until the store has answered for it (chat.hpp).
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

struct remembering : scene {
    remembering() : scene(usual(true)) {
        enter_lobby(1, "Anna");
        enter_lobby(2, "Bruno");
        answer(store_verdict::committed);
    }
    message_id says(std::uint64_t counter, std::string_view body = "x") {
        return first<remember>(speak(counter, body)).id;
    }
    bool takes_messages() { return speak(1, "probe").size() == 2; }
};

TEST(output_commit, remember_comes_just_before_said) {
    remembering s;
    const message waves{speech::action, "waves", {}, {}};
    const auto all = s.run(say{session(1), room("#PIAZZA"), 0, waves});
    const auto id = first<remember>(all).id;
    EXPECT_EQ(id.value >> 16U, 1'000U) << "milliseconds, and a count";
    const auto anna = shown("Anna", 1);
    const auto user = find<said>(all).user;
    entry kept{.id = id,
               .at_ms = 1'000,
               .kind = entry_kind::action,
               .who = anna,
               .from = {user.value},
               .target = "#piazza",
               .what = waves};
    EXPECT_EQ(all, (effects{remember{id, entry_record{lobby_id, {}, kept}},
                            said{id, 1'000, session(1), user, anna, lobby_id, "#piazza", 0, {}, waves}}));
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
    EXPECT_EQ(s.answer(store_verdict::refused, b),
              (effects{not_stored{session(2), b, "#piazza"}, not_stored{session(1), c, "#piazza"}}));
    EXPECT_EQ(s.answer(store_verdict::refused, c), effects{});
}

TEST(output_commit, after_refused_messages_are_refused_and_the_rest_goes_on) {
    remembering s;
    s.answer(store_verdict::refused, s.says(1));
    const auto before = s.chat.digest();
    EXPECT_EQ(s.speak(1, "x"), (effects{not_stored{session(1), {}, "#piazza"}}));
    EXPECT_EQ(s.chat.digest(), before);
    EXPECT_EQ(why(s.speak(1, "x", room("#nowhere"))), refusal::no_such_channel);
    EXPECT_EQ(s.whisper(1, "bruno", "x"), (effects{not_stored{session(1), {}, "Bruno"}}));
    EXPECT_NE(only<told>(s.run(tell{session(1), nick("bruno"), of_kind(speech::tags)})), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, "Carla")), nullptr);
    EXPECT_NE(only<joined>(s.go(1, "#bar")), nullptr);
    EXPECT_NE(only<names_are>(s.run(ask_names{session(1), lobby, {}, 10})), nullptr);
    EXPECT_NE(only<left>(s.go_away(1)), nullptr);
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
    EXPECT_EQ(all[0], (effect{not_stored{session(2), b, "#piazza"}}));
    EXPECT_EQ(first<not_stored>({all[1]}).session, session(1));
}

TEST(output_commit, unknown_then_refused) {
    remembering s;
    const auto a = s.says(1);
    s.answer(store_verdict::unknown, a);
    EXPECT_EQ(s.answer(store_verdict::refused, a), (effects{not_stored{session(1), a, "#piazza"}}));
    EXPECT_FALSE(s.takes_messages());
}

// A client that sends and half-closes leaves before the store answers. Its `left` waits behind the message, so the
// explanation, which takes the place of the message, still comes before it.
TEST(output_commit, a_sender_that_has_left_is_told_in_the_place_of_its_message) {
    remembering s;
    const auto a = s.says(1);
    EXPECT_NE(only<left>(s.go_away(1)), nullptr);
    EXPECT_EQ(s.answer(store_verdict::refused, a), (effects{not_stored{session(1), a, "#piazza"}}));
}

TEST(output_commit, survives_save_and_load) {
    remembering s;
    const auto a = s.says(1);
    s.answer(store_verdict::unknown, a);
    auto loaded = state::load(usual(true), s.chat.save());
    ASSERT_TRUE(loaded);
    s.chat = std::move(*loaded);
    EXPECT_FALSE(s.takes_messages());
    EXPECT_EQ(s.answer(store_verdict::refused, a), (effects{not_stored{session(1), a, "#piazza"}}));
}

TEST(output_commit, what_is_not_for_all_or_no_text_is_not_remembered) {
    remembering s;
    EXPECT_NE(only<said>(s.speak(1, "x", lobby, channel_operator)), nullptr) << "for operators only";
    EXPECT_NE(only<said>(s.utter(1, lobby.name, speech::tags)), nullptr);
    EXPECT_EQ(s.utter(1, lobby.name, speech::notice).size(), 2U);
    s.answer(store_verdict::refused);
    EXPECT_NE(only<said>(s.utter(1, lobby.name, speech::tags)), nullptr) << "and needs no store";
}

TEST(output_commit, a_message_that_the_store_could_not_take_costs_no_slow_mode) {
    remembering s;
    s.enter_operator(3, "Olga");
    s.mode(3, lobby.name, "+W", {"60"});
    s.answer(store_verdict::unknown);
    EXPECT_NE(only<not_stored>(s.speak(1, "x")), nullptr);
    s.answer(store_verdict::committed);
    EXPECT_TRUE(speaks(s.speak(1, "x")));
    EXPECT_EQ(why(s.speak(1, "x")), refusal::cannot_speak_so_fast);
}

}  // namespace
}  // namespace brusio::chat::test
