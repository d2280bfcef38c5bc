// Random command sequences. What must hold after every step is checked twice: by the state's own invariants, and by an
// onlooker who sees nothing but the effects.
#include <gtest/gtest.h>

#include "chat/dice_test.hpp"
#include "chat/notary_test.hpp"
#include "chat/release_test.hpp"

namespace brusio::chat::test {
namespace {

// ── the runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct run_case {
    unsigned seed;
    bool remembers;
};

class random_run : public testing::TestWithParam<run_case> {
  protected:
    static constexpr int steps = 24'000;

    // Commands that are made up while they run, because some answer what came before.
    void play() {
        dice d(GetParam().seed);
        state chat(options_);
        release order(eyes_);
        notary books;
        for (int step = 0; step < steps; ++step) {
            stamped c = d.roll(order.unanswered(), chat);
            commands_.push_back(c);
            effects out;
            chat.apply(c, out);
            ASSERT_EQ(chat.broken_invariant(), "") << "after step " << step;
            if (const auto wrong = order.take(c, out); !wrong.empty())
                FAIL() << wrong << ", at step " << step << ", after a command of kind " << c.what.index();
            if (const auto wrong = books.see(c, out, chat); !wrong.empty())
                FAIL() << wrong << ", at step " << step << ", after a command of kind " << c.what.index();
            effects_.push_back(out);
        }
        digest_ = chat.digest();
        EXPECT_GT(books.attached(), 10);
        EXPECT_GT(books.came_as(), 50);
        EXPECT_GT(books.turned_away(), 20);
        finish(chat, order);
    }
    // Lets everything out that still waits, so that the onlooker sees what the state says of itself.
    void finish(state& chat, release& order) {
        const stamped all_committed{.at_ms = 0, .what = store_answer{store_verdict::committed, {~std::uint64_t{0}}}};
        effects out;
        chat.apply(all_committed, out);
        ASSERT_EQ(order.take(all_committed, out), "");
        ASSERT_EQ(eyes_.sessions(), chat.sessions());
        ASSERT_EQ(eyes_.people(), chat.users());
    }
    // Applies commands [from, to) and compares with what followed the first time.
    void replay(state& chat, std::size_t from, std::size_t to) {
        for (auto i = from; i < to; ++i) {
            effects out;
            chat.apply(commands_[i], out);
            ASSERT_EQ(out, effects_[i]) << "step " << i;
        }
    }

    static settings options(bool remembers) {
        auto o = usual(remembers);
        o.grace_ms = 60'000;
        o.always_on = always_on_policy::opt_in;
        o.always_on_expires_ms = 40 * 3'600'000;
        return o;
    }

    settings options_ = options(GetParam().remembers);
    onlooker eyes_{options_};
    std::vector<stamped> commands_;
    std::vector<effects> effects_;
    std::uint64_t digest_ = 0;
};

TEST_P(random_run, keeps_its_promises) {
    ASSERT_NO_FATAL_FAILURE(play());
    for (std::size_t kind = 0; kind < std::variant_size_v<effect::variant>; ++kind) {
        const std::set of_store{effect(remember{}).index(), effect(not_stored{}).index(),
                                effect(redaction_asked{}).index(), effect(redacted{}).index()};
        const bool of_the_store = of_store.contains(kind);
        EXPECT_EQ(eyes_.seen().contains(kind), GetParam().remembers || !of_the_store) << "effect " << kind;
    }
    for (auto why :
         {name_refusal::taken, name_refusal::looks_like_another, name_refusal::reserved, name_refusal::registered}) {
        EXPECT_GT(eyes_.name_refusals().at(why), 10);
    }
}

TEST_P(random_run, replayed_gives_the_same_effects_and_digest) {
    ASSERT_NO_FATAL_FAILURE(play());
    state again(options_);
    ASSERT_NO_FATAL_FAILURE(replay(again, 0, commands_.size()));
    EXPECT_EQ(again.digest(), digest_);
}

TEST_P(random_run, saved_half_way_loaded_and_replayed_gives_the_same) {
    ASSERT_NO_FATAL_FAILURE(play());
    dice d(GetParam().seed + 1'000);
    for (int round = 0; round < 8; ++round) {
        const auto half = d.below(commands_.size());
        state first(options_);
        ASSERT_NO_FATAL_FAILURE(replay(first, 0, half));
        const auto bytes = first.save();
        auto second = state::load(options_, bytes);
        ASSERT_TRUE(second) << "saved after " << half;
        ASSERT_EQ(second->save(), bytes);
        ASSERT_EQ(second->digest(), first.digest());
        ASSERT_NO_FATAL_FAILURE(replay(*second, half, commands_.size()));
        EXPECT_EQ(second->digest(), digest_) << "saved after " << half;
    }
}

TEST_P(random_run, saved_and_loaded_after_every_step_gives_the_same) {
    constexpr std::size_t often = 1'000;
    ASSERT_NO_FATAL_FAILURE(play());
    state chat(options_);
    for (std::size_t i = 0; i < often; ++i) {
        ASSERT_NO_FATAL_FAILURE(replay(chat, i, i + 1));
        auto loaded = state::load(options_, chat.save());
        ASSERT_TRUE(loaded) << "saved after " << i;
        chat = std::move(*loaded);
    }
    ASSERT_NO_FATAL_FAILURE(replay(chat, often, commands_.size()));
    EXPECT_EQ(chat.digest(), digest_);
}

TEST_P(random_run, saved_and_damaged_is_refused_or_goes_on) {
    ASSERT_NO_FATAL_FAILURE(play());
    dice d(GetParam().seed + 2'000);
    state chat(options_);
    const auto half = commands_.size() / 2 + d.below(100);
    ASSERT_NO_FATAL_FAILURE(replay(chat, 0, half));
    const auto good = chat.save();
    for (int round = 0; round < 500; ++round) {
        auto bytes = good;
        for (auto flips = 1 + d.below(3); flips > 0; --flips)
            bytes[d.below(bytes.size())] = static_cast<char>(d.below(256));
        if (d.below(4) == 0) bytes.resize(d.below(bytes.size()));
        auto loaded = state::load(options_, bytes);
        if (!loaded) continue;
        ASSERT_EQ(loaded->broken_invariant(), "");
        effects out;
        for (auto i = half; i < half + 200; ++i) loaded->apply(commands_[i], out);
        ASSERT_EQ(loaded->broken_invariant(), "") << "round " << round;
    }
}

INSTANTIATE_TEST_SUITE_P(seeds, random_run,
                         testing::Values(run_case{1, false}, run_case{2, true}, run_case{3, true}, run_case{4, false},
                                         run_case{5, true}, run_case{6, true}),
                         [](const auto& info) {
                             return (info.param.remembers ? "remembering_" : "forgetful_") +
                                    std::to_string(info.param.seed);
                         });

}  // namespace
}  // namespace brusio::chat::test
