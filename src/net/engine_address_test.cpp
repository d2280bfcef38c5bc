// Connections that are from elsewhere than their socket says: behind a proxy, or of a gateway.
#include <latch>

#include "net/engine_scene_test.hpp"

namespace brusio::net {
namespace {

peer at(std::uint8_t last, std::uint16_t port = 1) {
    peer p;
    p.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last};
    p.port = port;
    return p;
}

std::string header(std::uint8_t last) { return fmt::format("PROXY TCP4 192.0.2.{} 198.51.100.1 56324 443\r\n", last); }

class engine_proxy_test : public engine_test {
  protected:
    engine_proxy_test() {
        listener_.proxies = [](const peer& p) { return p.text().starts_with("127.0.0.1:"); };
        limits_.connects_per_minute_per_ip = 1'000;
    }
    socket_file connect_from(std::uint8_t last) {
        auto c = connect();
        c.send(header(last));
        return c;
    }
};

TEST_F(engine_proxy_test, a_connection_is_opened_when_its_header_is_complete_and_from_where_that_says) {
    for (const auto workers : {1U, 2U}) {
        start(workers);
        for (int round = 0; round < 2; ++round) {
            auto c = connect();
            const auto all = header(1) + "hello\n";
            c.send(all.substr(0, 20));
            for (int i = 0; i < 2; ++i) settle_all();
            EXPECT_EQ(count(event_kind::opened), 0U);
            c.send(all.substr(20));
            const auto e = next(event_kind::opened);
            EXPECT_EQ(e.from.text(), "192.0.2.1:56324");
            EXPECT_FALSE(e.secure);
            EXPECT_EQ(e.refused, refusal::none);
            EXPECT_EQ(next(event_kind::message).body, "hello");
            engine_->send(e.conn, std::make_shared<const std::string>("answer"));
            engine_->publish();
            EXPECT_EQ(c.read(6), "answer");
        }
        engine_.reset();
        forget();
    }
}

TEST_F(engine_proxy_test, exactly_the_header_is_taken_in_version_2_too) {
    start();
    auto c = connect();
    c.send(
        std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xc0\0\x02\x07\xc6\x33\x64\x01\0\x50\x01\xbb\x04\0\x01x", 32));
    c.send("one\ntwo\n");
    EXPECT_EQ(next(event_kind::opened).from.text(), "192.0.2.7:80");
    EXPECT_EQ(next(event_kind::message).body, "one");
    EXPECT_EQ(next(event_kind::message).body, "two");
}

TEST_F(engine_proxy_test, a_proxy_that_speaks_for_itself_has_its_own_address_and_does_not_count) {
    limits_.connections_per_ip = 1;
    start();
    for (int i = 0; i < 3; ++i) {
        auto c = connect();
        c.send("PROXY UNKNOWN\r\nhello\n");
        const auto e = next(event_kind::opened);
        EXPECT_TRUE(e.from.text().starts_with("127.0.0.1:"));
        EXPECT_EQ(e.refused, refusal::none);
        EXPECT_EQ(next(event_kind::message).body, "hello");
    }
}

TEST_F(engine_proxy_test, what_a_proxy_brings_frees_no_place_of_its_own_address) {
    limits_.connections_per_ip = 1;
    std::atomic<bool> is_proxy = false;
    listener_.proxies = [&](const peer&) { return is_proxy.load(); };
    start();
    auto direct = connect();
    EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
    is_proxy = true;
    for (const auto* begin : {"PROXY UNKNOWN\r\n", "bad\r\n"}) {
        auto c = connect();
        c.send(begin);
        if (*begin == 'P') next(event_kind::opened);
        c.reset();
        next(event_kind::closed);
        settle_all();
    }
    is_proxy = false;
    auto second = connect();
    EXPECT_EQ(next(event_kind::opened).refused, refusal::too_many);
    engine_.reset();  // before what it asks
}

TEST_F(engine_proxy_test, without_a_good_header_it_is_closed_and_was_never_opened) {
    start();
    auto bad = connect();
    bad.send("NICK mario\n");
    const auto e = next(event_kind::closed);
    EXPECT_EQ(e.why, why_closed::bad_proxy_header);
    EXPECT_TRUE(e.from.text().starts_with("127.0.0.1:"));
    EXPECT_TRUE(bad.read(1).starts_with(" ("));  // reset: what it sent was not read
    auto half = connect();
    half.send("PROXY TCP4 192.0.2.1");
    half.end();
    EXPECT_EQ(next(event_kind::closed).why, why_closed::bad_proxy_header);
    auto silent = connect();
    silent.end();
    EXPECT_EQ(next(event_kind::closed).why, why_closed::bad_proxy_header);
    EXPECT_EQ(count(event_kind::opened) + count(event_kind::message), 0U);
}

TEST_F(engine_proxy_test, a_header_has_to_come_within_the_time_for_the_log_in) {
    limits_.login_timeout_ms = 50;
    start();
    auto c = connect();
    c.send("PROXY TCP4 192.0.2.1");
    EXPECT_EQ(next(event_kind::closed).why, why_closed::login_timeout);
    EXPECT_EQ(count(event_kind::opened), 0U);
}

TEST_F(engine_proxy_test, others_need_no_header) {
    listener_.proxies = [](const peer&) { return false; };
    start();
    auto c = connect_from(1);
    EXPECT_TRUE(next(event_kind::opened).from.text().starts_with("127.0.0.1:"));
    EXPECT_TRUE(next(event_kind::message).body.starts_with("PROXY"));
}

TEST_F(engine_proxy_test, the_limits_are_those_of_the_address_that_is_named) {
    limits_.connections_per_ip = 1;
    limits_.exempt = [](const peer& p) { return p.text().starts_with("192.0.2.99:"); };
    start();
    auto a = connect_from(1);
    const auto first = next(event_kind::opened);
    EXPECT_EQ(first.refused, refusal::none);
    auto b = connect_from(2);
    EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
    std::vector<socket_file> refused;
    for (int i = 0; i < 16; ++i) {
        refused.push_back(connect_from(1));
        EXPECT_EQ(next(event_kind::opened).refused, refusal::too_many);
    }
    auto one_more = connect_from(1);  // is not even told so
    EXPECT_EQ(next(event_kind::closed).why, why_closed::by_order);
    EXPECT_EQ(count(event_kind::opened), 0U);
    for (int i = 0; i < 3; ++i) {
        auto c = connect_from(99);
        EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
    }
    a.reset();
    next(event_kind::closed);
    settle_all();
    auto again = connect_from(1);
    EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
}

// The connection is on worker 1, its address is judged on worker 0, and that takes longer than the log-in may.
TEST_F(engine_proxy_test, one_who_goes_while_its_address_is_judged_counts_no_more) {
    limits_.connections_per_ip = 1;
    limits_.login_timeout_ms = 300;
    std::latch in_the_way(1);
    std::latch out_of_it(1);
    before_ = [&](const std::vector<event>& batch) {
        if (std::ranges::find(batch, "wait", &event::body) == batch.end()) return;
        in_the_way.count_down();
        out_of_it.wait();
    };
    start(2);
    auto busy = connect_from(7);
    const auto busy_id = next(event_kind::opened).conn;
    engine_->admit(busy_id);
    engine_->publish();
    EXPECT_EQ(busy_id.worker, 0U);
    auto c = connect();
    auto third = connect_from(8);  // is accepted after that
    engine_->admit(next(event_kind::opened).conn);
    engine_->publish();
    busy.send("wait\n");
    in_the_way.wait();
    c.send(header(1));
    EXPECT_EQ(next(event_kind::closed).why, why_closed::login_timeout);
    out_of_it.count_down();
    settle_all();
    EXPECT_EQ(count(event_kind::opened), 0U);
    auto again = connect_from(1);
    EXPECT_EQ(next(event_kind::opened).refused, refusal::none);
}

TEST_F(engine_proxy_test, at_shutdown_one_whose_header_never_came_goes_at_once) {
    start();
    auto c = connect();
    auto d = connect_from(1);
    next(event_kind::opened);
    const auto before = now_ms();
    engine_->stop_accepting();
    engine_->stop_reading();
    engine_->close_all();
    engine_->publish();
    EXPECT_EQ(c.read(1), "");
    d.close();
    for (std::uint32_t w = 0; w < engine_->workers(); ++w) {
        next(event_kind::drained);
        next(event_kind::emptied);
    }
    EXPECT_LT(now_ms() - before, 1'500);  // nobody waits for its end, as for that of others
}

// ── gateways ────────────────────────────────────────────────────────────────────────────────────────────────────────

class engine_gateway_test : public engine_test {
  protected:
    engine_gateway_test() {
        limits_.connections_per_ip = 2;
        limits_.connects_per_minute_per_ip = 1'000;
    }
    refusal move(conn_id id, const peer& to) {
        engine_->readdress(id, to);
        engine_->publish();
        const auto e = next(event_kind::readdressed);
        EXPECT_EQ(e.conn, id);
        EXPECT_EQ(e.from.text(), to.text());
        return e.refused;
    }
    std::pair<socket_file, conn_id> come(refusal expected = refusal::none) {
        auto c = connect();
        const auto e = next(event_kind::opened);
        EXPECT_EQ(e.refused, expected);
        return {std::move(c), e.conn};
    }
    void go(std::pair<socket_file, conn_id>& c) {
        c.first.reset();
        EXPECT_EQ(next(event_kind::closed).conn, c.second);
        settle_all();
    }
};

TEST_F(engine_gateway_test, a_connection_counts_under_the_address_it_is_given) {
    start();
    auto a = come();
    auto b = come();
    EXPECT_EQ(move(a.second, at(1)), refusal::none);
    auto c = come();  // the place that was left
    auto d = come(refusal::too_many);
    go(d);
    EXPECT_EQ(move(b.second, at(1, 2)), refusal::none);
    EXPECT_EQ(move(b.second, at(1, 3)), refusal::none);  // it is there already
    EXPECT_EQ(move(c.second, at(1)), refusal::too_many);
    EXPECT_EQ(move(c.second, at(2)), refusal::none);
    auto e = come();
    EXPECT_EQ(move(e.second, at(1)), refusal::too_many);
    go(a);
    go(e);  // was refused, and frees nothing
    auto f = come();
    EXPECT_EQ(move(f.second, at(1)), refusal::none);
    auto g = come();
    EXPECT_EQ(move(g.second, at(1)), refusal::too_many);
    f.first.send("still heard\n");
    EXPECT_EQ(next(event_kind::message).body, "still heard");
}

TEST_F(engine_gateway_test, given_two_addresses_at_once_it_counts_under_the_last) {
    for (const auto workers : {1U, 2U}) {
        start(workers);
        auto a = come();
        auto b = come();
        for (const auto id : {a.second, b.second}) {
            engine_->readdress(id, at(1));
            engine_->readdress(id, at(2));
        }
        engine_->publish();
        for (int i = 0; i < 4; ++i) next(event_kind::readdressed);
        settle_all();
        auto c = come();
        auto d = come();
        EXPECT_EQ(move(c.second, at(1)), refusal::none);
        EXPECT_EQ(move(d.second, at(1)), refusal::none);
        auto e = come();
        EXPECT_EQ(move(e.second, at(2)), refusal::too_many);
        engine_.reset();
        forget();
    }
}

TEST_F(engine_gateway_test, whether_it_is_exempt_goes_with_the_address) {
    limits_.messages = {0.001, 1};
    limits_.exempt = [](const peer& p) { return p.text().starts_with("192.0.2.9:"); };
    start(1);
    auto a = come();
    a.first.send("1\n2\n");
    EXPECT_EQ(next(event_kind::message).body, "1");
    auto b = come();
    EXPECT_EQ(move(b.second, at(9)), refusal::none);
    b.first.send("1\n2\n3\n");
    for (int i = 0; i < 3; ++i) next(event_kind::message);
    for (int i = 0; i < 4; ++i) {
        auto c = come();
        EXPECT_EQ(move(c.second, at(9)), refusal::none);
    }
}

}  // namespace
}  // namespace brusio::net
