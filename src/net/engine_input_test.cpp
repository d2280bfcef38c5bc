// Input: what is too long, what it costs, what waits, and how it is held.
#include "net/engine_scene_test.hpp"

namespace brusio::net {
namespace {

TEST_F(engine_test, a_message_that_is_too_long_is_dropped_whole_and_the_next_one_is_heard) {
    limits_.message_bytes = 10;
    skips_ = true;
    start();
    auto [c, id] = member();
    c.send("before\n");
    EXPECT_EQ(next(event_kind::message).body, "before");
    c.send(std::string(9'000, 'x'));
    EXPECT_EQ(next(event_kind::overlong).conn, id);
    settle(id);
    c.send("xxx\nafter\n" + std::string(11, 'y') + "\nlast\n");
    EXPECT_EQ(next(event_kind::message).body, "after");
    EXPECT_EQ(next(event_kind::message).body, "last");
    EXPECT_EQ(count(event_kind::overlong), 1U);
    EXPECT_EQ(count(event_kind::broken), 0U);
}

TEST_F(engine_test, the_time_for_a_message_that_is_dropped_runs_from_its_first_byte) {
    limits_.message_bytes = 10;
    limits_.frame_timeout_ms = 200;
    skips_ = true;
    start();
    auto [c, id] = member();
    const auto before = now_ms();
    c.send(std::string(20, 'x'));
    const auto closed = [&] { return !events_.empty() && events_.back().kind == event_kind::closed; };
    while (now_ms() - before < 5'000 && !eventually(closed, std::chrono::milliseconds(10))) c.send("x");
    EXPECT_EQ(next(event_kind::closed).why, why_closed::frame_timeout);
    EXPECT_LT(now_ms() - before, 4'000);
}

TEST_F(engine_test, every_begun_512_bytes_cost_a_token) {
    limits_.messages = {0.001, 4};
    start(1);
    for (const auto& [bytes, more] : {std::pair{511U, 3U}, {512U, 2U}, {1'535U, 1U}, {1'536U, 0U}}) {
        auto [c, id] = member();
        c.send(std::string(bytes, 'x') + "\na\na\na\na\n");
        EXPECT_EQ(next(event_kind::message).body.size(), bytes);
        settle(id);
        EXPECT_EQ(count(event_kind::message), more) << bytes;
        forget();
    }
}

TEST_F(engine_test, what_is_dropped_costs_as_much) {
    limits_.messages = {0.001, 5};
    limits_.message_bytes = 10;
    skips_ = true;
    start(1);
    for (const auto& [bytes, more] : {std::pair{511U, 4U}, {512U, 3U}, {2'047U, 1U}, {2'048U, 0U}}) {
        auto [c, id] = member();
        c.send(std::string(bytes - 300, 'x'));  // in two pieces: it is the sum that counts
        next(event_kind::overlong);
        settle(id);
        c.send(std::string(300, 'x') + "\na\na\na\na\na\n");
        EXPECT_TRUE(eventually([&] { return std::ranges::count(events_, event_kind::message, &event::kind) == more; }));
        for (int i = 0; i < 2; ++i) settle(id);
        EXPECT_EQ(count(event_kind::message), more) << bytes;
        EXPECT_EQ(count(event_kind::overlong), 0U);
        forget();
    }
}

TEST_F(engine_test, a_message_that_costs_more_than_the_burst_is_heard_and_the_next_one_waits) {
    limits_.messages = {20, 2};
    start();
    auto [c, id] = member();
    const auto before = now_ms();
    c.send(std::string(2'000, 'x') + "\nnext\n");
    EXPECT_EQ(next(event_kind::message).body.size(), 2'000U);
    EXPECT_EQ(next(event_kind::message).body, "next");
    EXPECT_GE(now_ms() - before, 140);  // three tokens were owed
}

// ── more than the rate ──────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(engine_test, more_than_may_wait_over_the_rate_is_a_flood) {
    limits_.messages = {0.001, 1};
    listener_.read_queue_bytes = 10'000;
    std::atomic<int> turns = 0;
    hosted_ = [&]() -> std::optional<std::int64_t> {
        ++turns;
        return std::nullopt;
    };
    start(1);
    auto [c, id] = member();
    const auto line = std::string(99, 'x') + "\n";
    for (int i = 0; i < 101; ++i) c.send(line);
    next(event_kind::message);
    for (int i = 0; i < 2; ++i) settle(id);
    const int before = turns;
    EXPECT_FALSE(eventually([&] { return !events_.empty(); }, std::chrono::milliseconds(100)));
    EXPECT_LT(turns - before, 50) << "it waits awake";
    c.send("x");
    EXPECT_EQ(next(event_kind::broken).status, split_status::flooded);
    c.send(line);
    settle(id);
    EXPECT_EQ(count(event_kind::message) + count(event_kind::broken), 0U);
    engine_.reset();  // before what it counts in
}

TEST_F(engine_test, what_waits_over_the_rate_is_heard_in_order_and_then_the_end) {
    limits_.messages = {200, 1};
    listener_.read_queue_bytes = 10'000;
    start();
    auto [c, id] = member();
    for (int i = 0; i < 20; ++i) {
        c.send(std::to_string(i) + "\n" + std::to_string(i));
        settle(id);
        c.send("\n");
    }
    c.end();
    for (int i = 0; i < 40; ++i) EXPECT_EQ(next(event_kind::message).body, std::to_string(i / 2));
    next(event_kind::input_ended);
    EXPECT_EQ(count(event_kind::broken), 0U);
}

TEST_F(engine_test, one_who_is_exempt_cannot_flood) {
    limits_.messages = {0.001, 1};
    limits_.exempt = [](const peer&) { return true; };
    listener_.read_queue_bytes = 100;
    start();
    auto [c, id] = member();
    std::string lines;
    for (int i = 0; i < 500; ++i) lines += "line\n";
    c.send(lines);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(next(event_kind::message).body, "line");
}

// ── held ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(engine_test, before_it_is_admitted_input_can_be_held_and_let_flow_under_the_deadline) {
    limits_.login_timeout_ms = 500;
    start(1);
    auto c = connect();
    const auto id = next(event_kind::opened).conn;
    c.send("one\ntwo\n");
    EXPECT_EQ(next(event_kind::message).body, "one");
    EXPECT_EQ(next(event_kind::message).body, "two");
    engine_->hold(id);
    settle(id);
    c.send("three\n");
    for (int i = 0; i < 2; ++i) settle(id);
    EXPECT_EQ(count(event_kind::message), 0U);
    engine_->unhold(id);
    engine_->publish();
    EXPECT_EQ(next(event_kind::message).body, "three");
    EXPECT_EQ(next(event_kind::closed).why, why_closed::login_timeout);
}

TEST_F(engine_test, held_before_its_admission_it_waits_for_that) {
    limits_.login_timeout_ms = 300;
    start(1);
    auto c = connect();
    const auto id = next(event_kind::opened).conn;
    engine_->hold(id);
    settle(id);
    c.send("one\n");
    c.end();
    for (int i = 0; i < 2; ++i) settle({.worker = 0, .slot = 1'000, .generation = 1});
    EXPECT_EQ(count(event_kind::message) + count(event_kind::input_ended), 0U);
    engine_->admit(id);
    engine_->publish();
    EXPECT_EQ(next(event_kind::message).body, "one");
    next(event_kind::input_ended);
    EXPECT_FALSE(eventually([&] { return !events_.empty(); }, std::chrono::milliseconds(400)));  // no deadline
}

TEST_F(engine_test, a_probe_of_one_who_ended_while_held_before_its_admission_is_answered_when_input_flows) {
    start(1);
    auto c = connect();
    const auto id = next(event_kind::opened).conn;
    engine_->hold(id);
    settle(id);
    c.send("one\n");
    c.end();
    engine_->probe(id, 1);
    settle({.worker = 0, .slot = 1'000, .generation = 1});
    EXPECT_EQ(count(event_kind::probed) + count(event_kind::message), 0U);
    engine_->unhold(id);
    engine_->publish();
    EXPECT_TRUE(next(event_kind::probed).ended);
    EXPECT_EQ(count(event_kind::message) + count(event_kind::input_ended), 2U);
}

}  // namespace
}  // namespace brusio::net
