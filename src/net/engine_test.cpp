// The engine on loopback, driven by the test as the chat thread would. Messages are lines.
#include "net/engine.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>

#include <gtest/gtest.h>

namespace brusio::net {
namespace {

class line_splitter final : public splitter {
  public:
    split next(std::string_view input, std::uint64_t limit) const override {
        const auto end = input.find('\n');
        if (input.starts_with("garbage")) return {split_status::not_this_protocol, {}, 0};
        if (limit != 0 && std::min(end, input.size()) > limit) return {split_status::too_long, {}, 0};
        if (end == std::string_view::npos) return {split_status::need_more, {}, 0};
        return {split_status::message, input.substr(0, end), end + 1};
    }
};

class socket_file {
  public:
    explicit socket_file(int fd) : fd_(fd) {}
    socket_file(socket_file&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;
    ~socket_file() { close(); }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    void send(std::string_view bytes) const { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void end() const { ::shutdown(fd_, SHUT_WR); }
    void reset() {
        const linger now{1, 0};
        setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }
    // Exactly n bytes, or what came before the end.
    std::string read(std::size_t n) const {
        std::string out;
        while (out.size() < n) {
            pollfd p{fd_, POLLIN, 0};
            if (poll(&p, 1, 10'000) <= 0) return out + " (nothing more in 10 s)";
            char buffer[65536];
            const auto got = ::recv(fd_, buffer, std::min(n - out.size(), sizeof buffer), 0);
            if (got == 0) return out;
            if (got < 0) return out + " (" + std::strerror(errno) + ")";
            out.append(buffer, static_cast<std::size_t>(got));
        }
        return out;
    }

  private:
    int fd_;
};

class engine_test : public testing::Test {
  protected:
    engine_test() {
        limits_.exempt = [](const peer&) { return false; };
        limits_.messages = {0, 1};
    }
    ~engine_test() override { engine_.reset(); }

    void start(std::uint32_t workers = 2) {
        engine_options o;
        o.workers = workers;
        o.limits = limits_;
        o.sink = [this](std::vector<event>&& batch) {
            const std::lock_guard lock(mutex_);
            std::ranges::move(batch, std::back_inserter(events_));
            changed_.notify_all();
        };
        o.log = [](severity, const std::string&) {};
        engine_ = std::make_unique<engine>(std::move(o));
        endpoint loopback;
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::memcpy(&loopback.address, &a, sizeof a);
        loopback.length = sizeof a;
        at_ =
            engine_
                ->listen({.at = loopback, .protocol = std::make_shared<line_splitter>(), .hold_until_admitted = hold_})
                .value();
        engine_->start();
    }

    socket_file connect() {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        const int small = 4096;
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&at_.address), at_.length), 0);
        return socket_file(fd);
    }

    // Takes the next event of a kind (others before it stay).
    event next(event_kind kind) {
        std::unique_lock lock(mutex_);
        auto at = events_.end();
        changed_.wait_for(lock, std::chrono::seconds(10), [&] {
            at = std::ranges::find(events_, kind, &event::kind);
            return at != events_.end();
        });
        if (at == events_.end()) {
            ADD_FAILURE() << "no event of kind " << int(kind) << " in 10 s";
            return {};
        }
        auto e = std::move(*at);
        events_.erase(at);
        return e;
    }
    std::size_t count(event_kind kind) {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count(events_, kind, &event::kind));
    }
    // A client that is admitted and in group 1.
    std::pair<socket_file, conn_id> member() {
        auto s = connect();
        const auto id = next(event_kind::opened).conn;
        engine_->admit(id);
        engine_->join(id, group_id{1});
        engine_->publish();
        return {std::move(s), id};
    }
    void to_group(std::string bytes, conn_id except = {}) {
        const auto b = std::make_shared<const std::string>(std::move(bytes));
        for (std::uint32_t w = 0; w < engine_->workers(); ++w) engine_->multicast(w, group_id{1}, b, except);
        engine_->publish();
    }

    limits limits_;
    bool hold_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<event> events_;
    endpoint at_;
    std::unique_ptr<engine> engine_;
};

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

TEST_F(engine_test, a_probe_of_a_reset_connection) {
    start();
    auto [c, id] = member();
    c.reset();
    engine_->probe(id, 1);
    engine_->publish();
    EXPECT_TRUE(next(event_kind::probed).ended);
    next(event_kind::closed);
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

}  // namespace
}  // namespace brusio::net
