#include "node/output_commit.hpp"

#include <random>

#include <gtest/gtest.h>

#include "chat/chat.hpp"
#include "store/fake_engine.hpp"

namespace brusio::node {
namespace {

using chat::store_verdict;

const chat::channel_name lobby{"#piazza", "#piazza"};

// Chat and output commit joined as the node joins them, with a store that the test decides for and no network.
class commit_test : public testing::Test {
  protected:
    commit_test()
        : state_({.lobby = lobby, .reserved = {}, .remembers = true}),
          commit_(
              store_, [this](auto& effects, std::int64_t) { std::ranges::move(effects, std::back_inserter(seen_)); },
              [this](store::answer a) { answers_.push_back(a); }) {}

    void apply(chat::command c) { state_.apply({++now_, std::move(c)}, effects_); }
    void end_turn() {
        commit_.add(effects_, 0);
        commit_.end_turn();
        commit_.tick(now_);
        take_answers();
    }
    void turn(chat::command c) {
        apply(std::move(c));
        end_turn();
    }
    void take_answers() {
        while (!answers_.empty()) {
            for (const auto& a : std::exchange(answers_, {})) {
                commit_.add(effects_, 0);
                if (const auto for_chat = commit_.on_answer(a, now_)) {
                    apply(*for_chat);
                    commit_.decided(effects_);
                }
                commit_.end_turn();
            }
        }
    }
    void decide(store_verdict v, bool kept = false) {
        store_.decide(v, kept);
        take_answers();
    }
    void pass_ms(std::int64_t ms) {
        now_ += ms;
        commit_.tick(now_);
        take_answers();
    }

    void log_in(std::uint64_t n, std::string name) {
        turn(chat::log_in{{1, n}, *base::make_identity(name), {}, lobby, {}});
    }
    void say(std::uint64_t n, std::string text) { turn(chat::say{{1, n}, lobby, 0, {.body = std::move(text)}}); }

    // What has left, in short: "said a", "renamed", "who", "not_stored".
    std::vector<std::string> left() {
        std::vector<std::string> out;
        for (const auto& e : std::exchange(seen_, {})) {
            if (const auto* s = std::get_if<chat::said>(&e)) out.push_back("said " + s->what.body);
            if (std::holds_alternative<chat::renamed>(e)) out.emplace_back("renamed");
            if (std::holds_alternative<chat::names_are>(e)) out.emplace_back("who");
            if (std::holds_alternative<chat::not_stored>(e)) out.emplace_back("not_stored");
            if (std::holds_alternative<chat::logged_in>(e)) out.emplace_back("logged_in");
        }
        return out;
    }

    store::fake_engine store_;
    chat::state state_;
    std::vector<chat::effect> effects_;
    std::vector<chat::effect> seen_;
    std::vector<store::answer> answers_;
    output_commit commit_;
    std::int64_t now_ = 1'000'000;
};

using strings = std::vector<std::string>;

TEST_F(commit_test, what_needs_no_memory_leaves_at_once) {
    log_in(1, "anna");
    EXPECT_EQ(left(), strings{"logged_in"});
    EXPECT_EQ(store_.waiting(), 0U);
    EXPECT_TRUE(commit_.idle());
}

TEST_F(commit_test, with_a_slow_store_nothing_overtakes) {
    log_in(1, "anna");
    left();
    say(1, "a");
    turn(chat::rename{{1, 1}, *base::make_identity("bea")});
    turn(chat::ask_names{.session = {1, 1}, .channel = lobby, .after = {}});
    EXPECT_EQ(left(), strings{});
    decide(store_verdict::committed);
    EXPECT_EQ(left(), (strings{"said a", "renamed", "who"}));
    EXPECT_TRUE(commit_.idle());
}

TEST_F(commit_test, messages_collect_while_the_store_works) {
    log_in(1, "anna");
    left();
    for (auto text : {"a", "b", "c", "d"}) say(1, text);
    EXPECT_EQ(store_.waiting(), 1U);
    EXPECT_EQ(store_.records_waiting(), 1U);
    decide(store_verdict::committed);
    EXPECT_EQ(left(), strings{"said a"});
    EXPECT_EQ(store_.records_waiting(), 3U);
    decide(store_verdict::committed);
    EXPECT_EQ(left(), (strings{"said b", "said c", "said d"}));
}

TEST_F(commit_test, refused_messages_are_seen_by_nobody_and_their_senders_are_told_in_place) {
    log_in(1, "anna");
    log_in(2, "bruno");
    left();
    say(1, "a");
    turn(chat::rename{{1, 1}, *base::make_identity("bea")});
    say(2, "b");
    turn(chat::ask_names{.session = {1, 1}, .channel = lobby, .after = {}});
    decide(store_verdict::refused);
    EXPECT_EQ(left(), (strings{"not_stored", "renamed", "not_stored", "who"}));
    EXPECT_TRUE(store_.stored().empty());
    EXPECT_TRUE(commit_.idle());
}

TEST_F(commit_test, after_a_refusal_messages_are_refused_until_the_store_is_well_and_the_rest_goes_on) {
    log_in(1, "anna");
    left();
    say(1, "a");
    decide(store_verdict::refused);
    left();
    say(1, "b");
    turn(chat::ask_names{.session = {1, 1}, .channel = lobby, .after = {}});
    EXPECT_EQ(left(), (strings{"not_stored", "who"}));
    EXPECT_EQ(store_.waiting(), 0U);
    pass_ms(1'000);  // is it well?
    EXPECT_EQ(store_.waiting(), 1U);
    turn(chat::ask_names{.session = {1, 1}, .channel = lobby, .after = {}});
    EXPECT_EQ(left(), strings{"who"});  // does not wait for the question
    decide(store_verdict::refused);
    say(1, "c");
    EXPECT_EQ(left(), strings{"not_stored"});
    pass_ms(1'000);
    decide(store_verdict::committed);
    say(1, "d");
    EXPECT_EQ(left(), strings{});
    decide(store_verdict::committed);
    EXPECT_EQ(left(), strings{"said d"});
}

TEST_F(commit_test, an_unknown_answer_is_asked_again_and_nothing_leaves_before) {
    log_in(1, "anna");
    left();
    say(1, "a");
    turn(chat::ask_names{.session = {1, 1}, .channel = lobby, .after = {}});
    decide(store_verdict::unknown, true);
    EXPECT_EQ(left(), strings{});
    say(1, "b");  // refused, but in its place
    EXPECT_EQ(store_.waiting(), 0U);
    pass_ms(250);
    EXPECT_EQ(store_.records_waiting(), 1U);
    decide(store_verdict::committed);
    EXPECT_EQ(left(), (strings{"said a", "who", "not_stored"}));
    EXPECT_EQ(store_.stored().size(), 1U);
    say(1, "c");
    decide(store_verdict::committed);
    EXPECT_EQ(left(), strings{"said c"});
}

TEST_F(commit_test, unknown_and_then_refused) {
    log_in(1, "anna");
    left();
    say(1, "a");
    say(1, "b");
    decide(store_verdict::unknown);
    pass_ms(250);
    decide(store_verdict::refused);
    EXPECT_EQ(left(), (strings{"not_stored", "not_stored"}));
    EXPECT_TRUE(commit_.idle());
}

// Property: whatever the store does and whenever the server crashes, what anybody has seen is stored, in order and
// once; and while it runs, each message is either seen or its sender told.
TEST_F(commit_test, what_was_seen_survives_any_crash) {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        store::fake_engine store;
        chat::state state({.lobby = lobby, .reserved = {}, .remembers = true});
        std::vector<chat::effect> effects;
        std::vector<chat::message_id> seen;
        std::size_t told = 0;
        std::vector<store::answer> answers;
        output_commit commit(
            store,
            [&](auto& released, std::int64_t) {
                for (const auto& e : released) {
                    if (const auto* s = std::get_if<chat::said>(&e)) seen.push_back(s->id);
                    if (std::holds_alternative<chat::not_stored>(e)) ++told;
                }
            },
            [&](store::answer a) { answers.push_back(a); });
        std::mt19937 random(seed);
        std::int64_t now = 1;
        std::size_t said = 0;
        state.apply({now, chat::log_in{{1, 1}, *base::make_identity("anna"), {}, lobby, {}}}, effects);
        const auto step = [&](bool orderly) {
            switch (orderly ? 1 : random() % 3) {
                case 0:
                    ++said;
                    state.apply({now, chat::say{{1, 1}, lobby, 0, {.body = "x"}}}, effects);
                    break;
                case 1:
                    if (store.waiting() > 0) {
                        const auto v = orderly ? store_verdict::committed : static_cast<store_verdict>(random() % 3);
                        store.decide(v, random() % 2 == 0);
                    }
                    break;
                default:
                    now += 300;
            }
            if (orderly) now += 2000;
            for (const auto& a : std::exchange(answers, {})) {
                commit.add(effects, 0);
                if (const auto c = commit.on_answer(a, now)) {
                    state.apply({now, *c}, effects);
                    commit.decided(effects);
                }
            }
            commit.add(effects, 0);
            commit.end_turn();
            commit.tick(now);
            // A crash at this moment: only what the store has is left.
            const auto stored = store.stored();
            for (const auto id : seen) {
                ASSERT_TRUE(std::ranges::any_of(stored, [&](const auto& r) { return r.id == id; })) << "seed " << seed;
            }
        };
        for (int i = 0; i < 120; ++i) step(false);
        for (int i = 0; i < 10; ++i) step(true);
        EXPECT_TRUE(std::ranges::is_sorted(seen));
        EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
        EXPECT_EQ(seen.size() + told, said) << "seed " << seed;
    }
}

}  // namespace
}  // namespace brusio::node
