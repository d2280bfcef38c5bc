// What goes through the engine, in which order, and how connections end.
#include "net/engine_scene_test.hpp"

namespace brusio::net {
namespace {

TEST_F(engine_test, messages_arrive_whole_in_order_and_before_the_end) {
    start();
    auto c = connect();
    c.send("one\ntw");
    c.send("o\nthree\nrest without an end");
    c.end();
    EXPECT_EQ(next(event_kind::message).body, "one");
    EXPECT_EQ(next(event_kind::message).body, "two");
    EXPECT_EQ(next(event_kind::message).body, "three");
    next(event_kind::input_ended);
    EXPECT_EQ(count(event_kind::message), 0U);
}

TEST_F(engine_test, input_waits_until_admitted) {
    hold_ = true;
    start();
    auto c = connect();
    c.send("name\none\ntwo\n");
    c.end();
    const auto first = next(event_kind::message);
    EXPECT_EQ(first.body, "name");
    auto other = connect();  // its event shows that the workers have gone on
    next(event_kind::opened);
    next(event_kind::opened);
    EXPECT_EQ(count(event_kind::message), 0U);
    EXPECT_EQ(count(event_kind::input_ended), 0U);
    engine_->admit(first.conn);
    engine_->publish();
    EXPECT_EQ(next(event_kind::message).body, "one");
    EXPECT_EQ(next(event_kind::message).body, "two");
    next(event_kind::input_ended);
}

TEST_F(engine_test, a_multicast_reaches_all_members_but_one_and_keeps_its_place_among_sends) {
    start();
    auto [a, a_id] = member();
    auto [b, b_id] = member();
    auto [c, c_id] = member();
    engine_->send(b_id, std::make_shared<const std::string>("1"));
    to_group("2", a_id);
    engine_->send(b_id, std::make_shared<const std::string>("3"));
    to_group("4", c_id);
    to_group(std::string(5000, '5'), a_id);
    to_group("6");
    EXPECT_EQ(a.read(2), "46");
    EXPECT_EQ(b.read(5005), "1234" + std::string(5000, '5') + "6");
    EXPECT_EQ(c.read(5002), "2" + std::string(5000, '5') + "6");
}

TEST_F(engine_test, a_stale_handle_is_harmless) {
    start(1);
    conn_id stale;
    {
        auto [a, id] = member();
        stale = id;
    }
    next(event_kind::input_ended);
    engine_->close(stale);
    engine_->publish();
    next(event_kind::closed);
    auto [b, b_id] = member();
    EXPECT_EQ(b_id.slot, stale.slot);
    engine_->send(stale, std::make_shared<const std::string>("for the dead"));
    engine_->close(stale);
    engine_->leave(stale, group_id{1});
    to_group("for the living");
    EXPECT_EQ(b.read(14), "for the living");
}

TEST_F(engine_test, the_last_words_are_read_though_the_peer_goes_on_sending) {
    start();
    auto [c, id] = member();
    for (int i = 0; i < 20; ++i) c.send(std::string(10'000, 'x'));
    engine_->send(id, std::make_shared<const std::string>("last words"));
    engine_->close(id);
    engine_->publish();
    for (int i = 0; i < 20; ++i) c.send(std::string(10'000, 'x'));
    EXPECT_EQ(c.read(100), "last words");
    c.close();
    EXPECT_EQ(next(event_kind::closed).why, why_closed::by_order);
}

TEST_F(engine_test, a_peer_that_never_ends_is_closed_after_its_time) {
    start();
    auto [c, id] = member();
    engine_->close(id);
    engine_->publish();
    EXPECT_EQ(next(event_kind::closed).why, why_closed::by_order);  // 2 s later
}

TEST_F(engine_test, a_probe_tells_whether_the_peer_has_ended_after_all_it_sent) {
    limits_.messages = {0.001, 1};  // the second message rests for ever …
    start();
    auto [c, id] = member();
    auto [living, living_id] = member();
    c.send("one\ntwo\n");
    EXPECT_EQ(next(event_kind::message).body, "one");
    c.end();
    engine_->probe(id, 7);
    engine_->probe(living_id, 8);
    engine_->publish();
    EXPECT_EQ(next(event_kind::message).body, "two");  // … but not for one who has gone
    next(event_kind::input_ended);
    for (int i = 0; i < 2; ++i) {
        const auto e = next(event_kind::probed);
        EXPECT_EQ(e.ended, e.token == 7) << e.token;
    }
}

// What it sent behind its first message is handed over when it is admitted, and the answer comes after that.
TEST_F(engine_test, a_probe_of_one_who_ended_before_it_is_admitted_waits) {
    hold_ = true;
    start(1);
    auto c = connect();
    c.send("name\none\n");
    const auto id = next(event_kind::message).conn;
    c.end();
    engine_->probe(id, 1);
    auto other = connect();
    other.send("other\n");
    settle(next(event_kind::message).conn);  // is answered at once, and after the first probe was taken
    EXPECT_EQ(count(event_kind::probed) + count(event_kind::message) + count(event_kind::input_ended), 0U);
    engine_->admit(id);
    engine_->publish();
    const auto answer = next(event_kind::probed);
    EXPECT_EQ(answer.token, 1U);
    EXPECT_TRUE(answer.ended);
    EXPECT_EQ(count(event_kind::message) + count(event_kind::input_ended), 2U);
}

TEST_F(engine_test, a_probe_of_a_reset_connection) {
    start();
    auto [c, id] = member();
    c.reset();
    engine_->probe(id, 1);
    engine_->publish();
    EXPECT_TRUE(next(event_kind::probed).ended);
    next(event_kind::closed);
}

TEST_F(engine_test, while_the_gate_is_closed_sockets_are_left_unread) {
    start();
    auto [c, id] = member();
    meter m(engine_->gate(), 10);
    m.add(11);
    c.send("waits\n");
    auto other = connect();
    next(event_kind::opened);
    EXPECT_EQ(count(event_kind::message), 0U);
    m.subtract(11);
    EXPECT_EQ(next(event_kind::message).body, "waits");
}

TEST_F(engine_test, close_all_delivers_what_is_queued_first) {
    start();
    auto [c, id] = member();
    to_group(std::string(500'000, 'x'));
    engine_->stop_accepting();
    engine_->stop_reading();
    engine_->close_all();
    engine_->publish();
    EXPECT_EQ(c.read(600'000).size(), 500'000U);
    c.close();
    for (std::uint32_t w = 0; w < engine_->workers(); ++w) {
        next(event_kind::drained);
        next(event_kind::emptied);
    }
}

// More than may wait for one worker at once: what has been obeyed counts no more.
TEST_F(engine_test, after_any_number_of_orders_the_workers_still_read) {
    start();
    auto [a, a_id] = member();
    auto [b, b_id] = member();
    const auto word = std::make_shared<const std::string>("x");
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i < 500; ++i) {
            engine_->send(a_id, word);
            engine_->send(b_id, word);
        }
        engine_->publish();
        ASSERT_EQ(a.read(500), std::string(500, 'x'));
        ASSERT_EQ(b.read(500), std::string(500, 'x'));
    }
    a.send("heard\n");
    EXPECT_EQ(next(event_kind::message).body, "heard");
    b.send("heard, too\n");
    EXPECT_EQ(next(event_kind::message).body, "heard, too");
}

TEST_F(engine_test, new_connections_go_where_others_have_left) {
    start(2);
    std::array<std::vector<std::pair<socket_file, conn_id>>, 2> on;
    const auto four_on_each = [&] { return on[0].size() == 4 && on[1].size() == 4; };
    const auto come = [&] {
        auto m = member();
        on.at(m.second.worker).push_back(std::move(m));
    };
    for (int i = 0; i < 8; ++i) come();
    EXPECT_TRUE(four_on_each());
    for (const auto emptied : {1U, 0U, 1U}) {
        for (auto& m : on.at(emptied)) {
            m.first.reset();
            next(event_kind::closed);
        }
        on.at(emptied).clear();
        // Worker 0 counts, and has been told before the `closed` events came here: once it answers, it knows.
        settle({.worker = 0, .slot = 1'000, .generation = 1});
        for (int i = 0; i < 4; ++i) come();
        EXPECT_TRUE(four_on_each());
    }
}

TEST_F(engine_test, a_connection_that_is_made_while_reading_has_stopped_is_closed) {
    start();
    engine_->stop_reading();
    engine_->publish();
    for (std::uint32_t w = 0; w < engine_->workers(); ++w) next(event_kind::drained);
    auto c = connect();
    c.send("too late\n");
    EXPECT_EQ(c.read(1), "");
    c.close();
    EXPECT_EQ(next(event_kind::closed).why, why_closed::by_order);
    EXPECT_EQ(count(event_kind::message), 0U);
}

}  // namespace
}  // namespace brusio::net
