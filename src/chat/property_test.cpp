// Random command sequences. What must hold after every step is checked twice: by the state's own invariants, and by an
// onlooker who sees nothing but the effects.
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "chat/onlooker_test.hpp"

namespace brusio::chat::test {
namespace {

// ── random commands ─────────────────────────────────────────────────────────────────────────────────────────────────

// Few names, many of them equal or alike, so that collisions are the rule.
const std::vector<std::string> names{"Anna",
                                     "ANNA",
                                     "\u0391nna",
                                     "\u0410nna",
                                     "\u0391\u039D\u039D\u0391",
                                     "Mario",
                                     "rnario",
                                     "m\u0430rio",
                                     "Mario Rossi",
                                     "mario_rossi",
                                     "MARIO_ROSSI",
                                     "zo\u00EB",
                                     "ZO\u00CB",
                                     "Zoe",
                                     "Il",
                                     "ll",
                                     "I1",
                                     "7 nani",
                                     "_7_nani",
                                     "Bruno",
                                     "Carla",
                                     "brusio.localhost",
                                     "brusi\u043E.localhost",
                                     "brusio localhost"};
const std::vector<std::string> rooms{"#piazza", "#PIAZZA", "#bar", "#Bar", "#caff\u00E8", "#x"};

class dice {
  public:
    explicit dice(unsigned seed) : random_(seed) {
        for (const auto& n : names) identities_.push_back(who(n));
    }
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    stamped roll(const std::set<message_id>& unanswered) {
        now_ms_ += static_cast<std::int64_t>(below(20)) - 5;
        return {.at_ms = now_ms_, .what = what(unanswered)};
    }

  private:
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[below(all.size())];
    }
    session_id any_session() { return {1 + static_cast<std::uint32_t>(below(2)), 1 + below(7)}; }
    channel_name any_room() { return room(one_of(rooms)); }
    speech any_speech() { return below(4) == 0 ? speech::action : speech::text; }

    command what(const std::set<message_id>& unanswered) {
        const auto s = any_session();
        const auto n = below(100);
        if (n < 20) return log_in{s, one_of(identities_), below(2) == 0 ? std::optional(any_room()) : std::nullopt};
        if (n < 32) return rename{s, one_of(identities_)};
        if (n < 45) return join{s, any_room()};
        if (n < 52) return part{s, any_room()};
        if (n < 70) return say{s, any_room(), any_speech(), std::string(below(30), 'x')};
        if (n < 77) {
            const auto& to = one_of(identities_);
            return tell{s, to.nick, to.nick_fold, any_speech(), "psst"};
        }
        if (n < 84) return leave{s, "gone"};
        if (n < 91)
            return ask_who{s, any_room(), {below(2) == 0 ? 0 : below(1'000)}, static_cast<std::uint32_t>(below(6))};
        if (n < 93) return ask_door{s, "help"};
        return store_answer{any_verdict(), any_message(unanswered)};
    }
    store_verdict any_verdict() {
        const auto n = below(10);
        return n < 7 ? store_verdict::committed : n < 8 ? store_verdict::unknown : store_verdict::refused;
    }
    // One that waits, or all; sometimes one that nobody knows.
    message_id any_message(const std::set<message_id>& unanswered) {
        if (unanswered.empty() || below(8) == 0) return {below(100)};
        return *std::next(unanswered.begin(), static_cast<std::ptrdiff_t>(below(unanswered.size())));
    }

    std::mt19937 random_;
    std::vector<identity> identities_;
    std::int64_t now_ms_ = 1'000;
};

// ── the runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct run_case {
    unsigned seed;
    bool remembers;
};

class random_run : public testing::TestWithParam<run_case> {
  protected:
    static constexpr int steps = 4'000;

    // Commands that are made up while they run, because some answer what came before.
    void play() {
        dice d(GetParam().seed);
        state chat(options_);
        release order(eyes_);
        for (int step = 0; step < steps; ++step) {
            stamped c = d.roll(order.unanswered());
            commands_.push_back(c);
            effects out;
            chat.apply(c, out);
            ASSERT_EQ(chat.broken_invariant(), "") << "after step " << step;
            if (const auto wrong = order.take(c, out); !wrong.empty()) FAIL() << wrong << ", at step " << step;
            effects_.push_back(out);
        }
        digest_ = chat.digest();
        finish(chat, order);
    }
    // Lets everything out that still waits, so that the onlooker sees what the state says of itself.
    void finish(state& chat, release& order) {
        const stamped all_committed{.at_ms = 0, .what = store_answer{store_verdict::committed, {~std::uint64_t{0}}}};
        effects out;
        chat.apply(all_committed, out);
        ASSERT_EQ(order.take(all_committed, out), "");
        ASSERT_EQ(eyes_.people(), chat.sessions());
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

    settings options_ = usual(GetParam().remembers);
    onlooker eyes_{options_};
    std::vector<stamped> commands_;
    std::vector<effects> effects_;
    std::uint64_t digest_ = 0;
};

TEST_P(random_run, keeps_its_promises) {
    ASSERT_NO_FATAL_FAILURE(play());
    const auto saw = [&]<class T>(std::type_identity<T> /*kind*/) {
        return eyes_.seen().contains(effect(T{}).index());
    };
    EXPECT_TRUE(saw(std::type_identity<logged_in>{}));
    EXPECT_TRUE(saw(std::type_identity<log_in_refused>{}));
    EXPECT_TRUE(saw(std::type_identity<renamed>{}));
    EXPECT_TRUE(saw(std::type_identity<rename_refused>{}));
    EXPECT_TRUE(saw(std::type_identity<joined>{}));
    EXPECT_TRUE(saw(std::type_identity<parted>{}));
    EXPECT_TRUE(saw(std::type_identity<said>{}));
    EXPECT_TRUE(saw(std::type_identity<told>{}));
    EXPECT_TRUE(saw(std::type_identity<no_such_nick>{}));
    EXPECT_TRUE(saw(std::type_identity<no_such_channel>{}));
    EXPECT_TRUE(saw(std::type_identity<who_is_here>{}));
    EXPECT_TRUE(saw(std::type_identity<door_asked>{}));
    EXPECT_TRUE(saw(std::type_identity<left>{}));
    EXPECT_EQ(saw(std::type_identity<remember>{}), GetParam().remembers);
    EXPECT_EQ(saw(std::type_identity<not_stored>{}), GetParam().remembers);
    for (auto why : {name_refusal::taken, name_refusal::looks_like_another, name_refusal::reserved}) {
        EXPECT_GT(eyes_.seen_refusals(why), 10);
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
