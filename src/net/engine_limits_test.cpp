// What the engine bounds: time, memory, rates, and how much of a turn one connection gets.
#include "net/engine_scene_test.hpp"

namespace brusio::net {
namespace {

TEST_F(engine_test, a_slow_consumer_is_closed_and_others_go_on) {
    limits_.send_queue_bytes = 100'000;
    start();
    auto [slow, slow_id] = member();
    auto [quick, quick_id] = member();
    for (int i = 0; i < 400 && count(event_kind::closed) == 0; ++i) {
        to_group(std::string(3000, 'x'));
        ASSERT_EQ(quick.read(3000).size(), 3000U);
    }
    const auto e = next(event_kind::closed);
    EXPECT_EQ(e.conn, slow_id);
    EXPECT_EQ(e.why, why_closed::slow_consumer);
}

TEST_F(engine_test, the_largest_queue_is_closed_when_all_together_are_too_large) {
    limits_.send_queue_bytes = 0;
    limits_.send_memory_bytes = 1'500'000;
    for (const auto workers : {1U, 2U, 3U}) {
        start(workers);
        std::vector<std::pair<socket_file, conn_id>> all;
        for (int i = 0; i < 4; ++i) all.push_back(member());
        const auto fill = [&](std::size_t i, int times) {
            for (int k = 0; k < times; ++k)
                engine_->send(all[i].second, std::make_shared<const std::string>(100'000, 'x'));
            engine_->publish();
        };
        // The third has most; it is another one, on another worker, that brings the sum over the limit.
        fill(2, 12);
        engine_->probe(all[2].second, 1);
        engine_->publish();
        next(event_kind::probed);
        fill(0, 6);
        fill(1, 6);
        fill(3, 6);
        const auto e = next(event_kind::closed);
        EXPECT_EQ(e.conn, all[2].second) << workers;
        EXPECT_EQ(e.why, why_closed::send_memory);
        engine_.reset();
        events_.clear();
    }
}

TEST_F(engine_test, deadlines) {
    limits_.login_timeout_ms = 50;
    limits_.frame_timeout_ms = 60;
    start();
    auto silent = connect();
    EXPECT_EQ(next(event_kind::closed).why, why_closed::login_timeout);
    next(event_kind::opened);
    auto [idle, idle_id] = member();
    auto [half, half_id] = member();
    half.send("whole\nbegun");
    const auto e = next(event_kind::closed);
    EXPECT_EQ(e.why, why_closed::frame_timeout);
    EXPECT_EQ(e.conn, half_id);
    to_group("still here");
    EXPECT_EQ(idle.read(10), "still here");
}

TEST_F(engine_test, input_over_the_rate_is_late_but_not_lost) {
    limits_.messages = {100, 2};
    start();
    auto [c, id] = member();
    std::string all;
    for (int i = 0; i < 20; ++i) all += std::to_string(i) + "\n";
    const auto before = now_ms();
    c.send(all);
    c.end();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(next(event_kind::message).body, std::to_string(i));
    next(event_kind::input_ended);
    EXPECT_GE(now_ms() - before, 170);
}

// Whoever is over a rate that never comes back, and sends more than may wait, is a flood: so it shows what was paid.
class flood_test : public engine_test {
  protected:
    flood_test() {
        limits_.messages = {0.001, 4};
        listener_.read_queue_bytes = 1000;
    }
    // Sends it, and waits until it has been read: the second time in a turn that began after it was sent.
    void send_apart(const socket_file& c, conn_id id, std::string_view bytes) {
        c.send(bytes);
        for (int i = 0; i < 2; ++i) settle(id);
    }
    void expect_spent(const socket_file& c) {
        const auto before = count(event_kind::message);
        c.send("over the rate\n" + std::string(1'500, 'x'));
        EXPECT_EQ(next(event_kind::broken).status, split_status::flooded);
        EXPECT_EQ(count(event_kind::message), before);
    }
};

TEST_F(flood_test, blank_lines_cost_what_their_bytes_cost) {
    start();
    auto [c, id] = member();
    send_apart(c, id, std::string(3 * token_bytes + 1, '\n'));
    expect_spent(c);
}

TEST_F(flood_test, blank_lines_before_a_message_that_is_too_long_cost_what_their_bytes_cost) {
    limits_.message_bytes = 10;
    skips_ = true;
    start();
    auto [c, id] = member();
    c.send(std::string(3 * token_bytes, '\n') + std::string(token_bytes, 'x') + "\n");
    next(event_kind::overlong);
    c.send("over\n" + std::string(1'500, 'x'));
    EXPECT_EQ(next(event_kind::broken).status, split_status::flooded);
    EXPECT_EQ(count(event_kind::message), 0U);
}

TEST_F(flood_test, the_pieces_of_a_message_cost_what_their_bytes_cost) {
    start();
    auto [c, id] = member();
    settle(id);  // admitted: before that, nothing is a piece
    const std::string piece = "part of something\n";
    std::string pieces;
    while (pieces.size() + piece.size() <= token_bytes) pieces += piece;
    const auto all = pieces.size() / piece.size();
    send_apart(c, id, "begin\n" + pieces);  // a token each
    ASSERT_EQ(count(event_kind::message), 1 + all);
    c.send("end\n" + piece);  // this one is a message by itself
    for (std::size_t i = 0; i < 1 + all; ++i) next(event_kind::message);
    EXPECT_EQ(next(event_kind::message).body, "end");
    EXPECT_EQ(next(event_kind::message).body, "part of something");
    expect_spent(c);
}

TEST_F(flood_test, pieces_of_nothing_cost_what_messages_cost) {
    start();
    auto [c, id] = member();
    for (int i = 0; i < 4; ++i) c.send("part of nothing\n");
    for (int i = 0; i < 4; ++i) next(event_kind::message);
    expect_spent(c);
}

TEST_F(flood_test, what_follows_blank_lines_is_paid_once) {
    start();
    auto [c, id] = member();
    send_apart(c, id, std::string(token_bytes, '\n') + "be");  // one token
    c.send("gun\n");                                           // one
    EXPECT_EQ(next(event_kind::message).body, "begun");
    for (const auto* line : {"third", "fourth"}) {
        c.send(std::string(line) + "\n");
        EXPECT_EQ(next(event_kind::message).body, line);
    }
    expect_spent(c);
}

TEST_F(flood_test, a_message_too_long_and_the_blank_lines_before_it_are_paid_once) {
    limits_.message_bytes = 10;
    skips_ = true;
    start();
    auto [c, id] = member();
    c.send(std::string(100, '\n') + std::string(2 * token_bytes - 101, 'x') + "\n");  // two tokens together
    next(event_kind::overlong);
    for (const auto* line : {"third", "fourth"}) {
        c.send(std::string(line) + "\n");
        EXPECT_EQ(next(event_kind::message).body, line);
    }
    expect_spent(c);
}

// Blank lines that had to wait are taken later, and the end of the input with them.
TEST_F(engine_test, blank_lines_over_the_rate_are_late_and_end) {
    limits_.messages = {100, 2};
    start();
    auto [c, id] = member();
    const auto before = now_ms();
    c.send(std::string(20 * token_bytes, '\n') + "a\nb\n" + std::string(token_bytes, '\n'));
    c.end();
    EXPECT_EQ(next(event_kind::message).body, "a");
    EXPECT_EQ(next(event_kind::message).body, "b");
    EXPECT_GE(now_ms() - before, 185);
    next(event_kind::input_ended);
}

TEST_F(engine_test, garbage_and_too_long) {
    limits_.message_bytes = 10;
    start();
    auto a = connect();
    a.send("fine\ngarbage and more\n");
    EXPECT_EQ(next(event_kind::broken).status, split_status::not_this_protocol);
    EXPECT_EQ(next(event_kind::message).body, "fine");
    auto b = connect();
    b.send("01234567890");
    EXPECT_EQ(next(event_kind::broken).status, split_status::too_long);
}

TEST_F(engine_test, limits_of_one_address) {
    limits_.connections_per_ip = 2;
    limits_.connects_per_minute_per_ip = 4;
    start();
    auto a = connect();
    auto b = connect();
    EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
    EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
    auto c = connect();
    const auto refused = next(event_kind::opened);
    EXPECT_EQ(refused.refused, refusal::too_many);
    engine_->close(refused.conn);
    engine_->publish();
    a.reset();
    next(event_kind::closed);
    // Four connects a minute: two are left, and the third is too fast.
    for (const auto expected : {refusal::none, refusal::none, refusal::too_fast}) {
        auto d = connect();
        const auto e = next(event_kind::opened);
        EXPECT_EQ(e.refused, expected);
        d.reset();
        auto closed = next(event_kind::closed);
        while (closed.conn != e.conn) closed = next(event_kind::closed);
    }
}

// What it has not read is not worth keeping: it goes at once, also what the kernel has of it.
TEST_F(engine_test, a_slow_consumer_is_reset) {
    limits_.send_queue_bytes = 100'000;
    start();
    auto [slow, slow_id] = member();
    for (int i = 0; i < 400 && count(event_kind::closed) == 0; ++i) {
        to_group(std::string(3000, 'x'));
        settle(slow_id);
    }
    EXPECT_EQ(next(event_kind::closed).why, why_closed::slow_consumer);
    EXPECT_TRUE(slow.read(10'000'000).ends_with(" (Connection reset by peer)"));
}

TEST_F(engine_test, what_was_queued_for_one_who_is_gone_counts_no_more) {
    limits_.send_queue_bytes = 0;
    limits_.send_memory_bytes = 1'500'000;
    start();
    const auto fill = [&](conn_id id, int times) {
        for (int k = 0; k < times; ++k) engine_->send(id, std::make_shared<const std::string>(100'000, 'x'));
        engine_->publish();
    };
    for (int round = 0; round < 3; ++round) {
        auto [slow, slow_id] = member();
        fill(slow_id, 22);
        EXPECT_EQ(next(event_kind::closed).why, why_closed::send_memory);
        auto [leaving, leaving_id] = member();
        fill(leaving_id, 10);
        settle(leaving_id);
        leaving.reset();
        EXPECT_EQ(next(event_kind::closed).why, why_closed::reset);
        auto [c, id] = member();
        fill(id, 10);
        settle(id);
        EXPECT_EQ(count(event_kind::closed), 0U) << round;
        EXPECT_EQ(c.read(1'000'000).size(), 1'000'000U);
        c.reset();
        next(event_kind::closed);
    }
}

TEST_F(engine_test, bytes_that_trickle_in_do_not_extend_the_time_for_a_message) {
    limits_.frame_timeout_ms = 200;
    start();
    auto [c, id] = member();
    const auto before = now_ms();
    const auto closed = [&] { return !events_.empty() && events_.back().kind == event_kind::closed; };
    while (now_ms() - before < 5'000 && !eventually(closed, std::chrono::milliseconds(10))) c.send("x");
    EXPECT_EQ(next(event_kind::closed).why, why_closed::frame_timeout);
    EXPECT_GE(now_ms() - before, 190);
    EXPECT_LT(now_ms() - before, 4'000);
}

TEST_F(engine_test, one_who_sends_without_end_leaves_others_their_turns) {
    start(1);
    auto [loud, loud_id] = member();
    auto [quiet, quiet_id] = member();
    meter m(engine_->gate(), 10);
    m.add(11);  // both have something to say before either is read
    std::string flood;
    const std::string line = "sixty-four bytes are as good as any other number of them, really\n";
    while (flood.size() < 4'000'000) flood += line;
    const auto lines = loud.send_what_fits(flood) / line.size();
    EXPECT_GT(lines, 2'500U);
    quiet.send("excuse me\n");
    for (int i = 0; i < 2; ++i) settle(quiet_id);  // the second time in a turn that began after that was sent
    m.subtract(11);
    EXPECT_TRUE(eventually([&] { return events_.size() == lines + 1; }));
    // One turn's share is 64 KiB; the kernel alone holds more for the worker to read.
    const auto waited = [&] {
        const std::lock_guard lock(mutex_);
        return std::ranges::find(events_, "excuse me", &event::body) - events_.begin();
    }();
    EXPECT_LT(waited, 1'500) << "of " << lines;
}

// A limit's tokens come with the time that has really passed, and not only with that of the worker's last turn.
TEST_F(engine_test, limits_of_an_address_count_with_the_present_time_after_an_idle_one) {
    limits_.connections_per_ip = 0;
    limits_.connects_per_minute_per_ip = 300;
    limits_.login_timeout_ms = 0;
    start(1);
    const auto come_and_go = [&] {
        auto c = connect();
        const auto e = next(event_kind::opened);
        c.reset();
        next(event_kind::closed);
        return e.refused;
    };
    int let_in = 0;
    while (let_in < 3'000 && come_and_go() == refusal::none) ++let_in;
    EXPECT_GE(let_in, 300);
    EXPECT_LT(let_in, 3'000);
    // Five tokens a second: here it is time itself that has to pass, and nothing else may happen in it.
    EXPECT_FALSE(eventually([&] { return !events_.empty(); }, std::chrono::milliseconds(450)));
    EXPECT_EQ(come_and_go(), refusal::none);
}

}  // namespace
}  // namespace brusio::net
