// The whole node on loopback, with a store that the test decides for.
#include "node/node.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>

#include <gtest/gtest.h>

#include "store/fake_engine.hpp"
#include "wire/frame.hpp"

namespace brusio::node {
namespace {

using chat::store_verdict;
using pair_of_text = std::pair<std::string, std::string>;

// A blocking frame client with a deadline.
class client {
  public:
    client(const net::endpoint& at, std::string_view name) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval most{.tv_sec = 10, .tv_usec = 0};
        setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&at.address), at.length), 0);
        send(name);
    }
    ~client() { ::close(fd_); }
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    void send(std::string_view body) const {
        std::string bytes;
        wire::append_frame(bytes, body);
        EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    void half_close() const { ::shutdown(fd_, SHUT_WR); }

    // The next pair; {"", ""} at the end.
    pair_of_text pair() {
        auto name = frame();
        return name ? pair_of_text{*name, frame().value_or("")} : pair_of_text{};
    }
    bool nothing_there() const { return nothing_within(0); }
    bool nothing_within(int ms) const {
        if (!pending_.empty()) return false;
        pollfd p{fd_, POLLIN, 0};
        return poll(&p, 1, ms) == 0;
    }

  private:
    std::optional<std::string> frame() {
        for (;;) {
            const auto split = wire::split_frame(pending_, wire::frame_no_limit);
            if (split && split->complete) {
                std::string body(split->body);
                pending_.erase(0, split->consumed);
                return body;
            }
            pollfd p{fd_, POLLIN, 0};
            char buffer[4096];
            if (poll(&p, 1, 10'000) <= 0) {
                ADD_FAILURE() << "nothing came in 10 s";
                return std::nullopt;
            }
            const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
            if (n <= 0) return std::nullopt;
            pending_.append(buffer, static_cast<std::size_t>(n));
        }
    }
    int fd_;
    std::string pending_;
};

class node_test : public testing::TestWithParam<std::pair<std::uint32_t, bool>> {
  protected:
    node_test() {
        auto store = std::make_unique<store::fake_engine>();
        store_ = store.get();
        node_options o;
        o.workers = GetParam().first;
        o.own_chat_thread = GetParam().second;
        o.limits.exempt = [](const net::peer&) { return true; };
        o.frame = {.server_name = "brusio.localhost", .lobby = {"#piazza", "#piazza"}};
        o.chat = {.lobby = o.frame.lobby, .reserved = {*base::make_identity("brusio.localhost")}};
        o.log = [this](net::severity, const std::string& line) { note(line); };
        o.wall_ms = [] { return std::int64_t{1'700'000'000'000}; };
        node_ = std::make_unique<node>(std::move(o), std::move(store));
        net::endpoint loopback;
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::memcpy(&loopback.address, &a, sizeof a);
        loopback.length = sizeof a;
        at_ = node_->listen({.door = "frame", .at = loopback, .tls = {}, .proxies = {}}).value();
        node_->start();
    }

    void note(const std::string& line) {
        const std::lock_guard lock(mutex_);
        log_.push_back(line);
        changed_.notify_all();
    }
    bool logged(std::string_view part) {
        const std::lock_guard lock(mutex_);
        return std::ranges::any_of(log_, [&](const auto& line) { return line.contains(part); });
    }
    void wait_for_log(std::string_view part) {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait_for(lock, std::chrono::seconds(10), [&] {
            return std::ranges::any_of(log_, [&](const auto& line) { return line.contains(part); });
        });
        EXPECT_TRUE(came) << "not in the log: " << part;
    }
    std::unique_ptr<client> join(std::string name) {
        auto c = std::make_unique<client>(at_, name);
        wait_for_log("username: " + name);
        return c;
    }
    // Until the store has been asked for something.
    void wait_for_store() const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (store_->waiting() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        ASSERT_GT(store_->records_waiting(), 0U);
    }

    store::fake_engine* store_ = nullptr;
    net::endpoint at_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> log_;
    std::unique_ptr<node> node_;  // last: its threads end first
};

TEST_P(node_test, with_a_slow_store_nothing_overtakes) {
    auto anna = join("anna");
    auto bruno = join("bruno");
    anna->send("one");
    wait_for_store();
    anna->send("/nick Anna B");
    anna->send("/who");
    bruno->send("/who");
    // Carla's log-in is behind all of it, and so not released: the store still works on "one".
    const client carla(at_, "carla");
    EXPECT_TRUE(bruno->nothing_there());
    EXPECT_TRUE(anna->nothing_there());
    store_->decide(store_verdict::committed);
    EXPECT_EQ(bruno->pair(), pair_of_text("anna", "one"));
    EXPECT_EQ(anna->pair(), pair_of_text("brusio.localhost", "You are now Anna B."));
    EXPECT_TRUE(anna->pair().second.contains("Anna B (Anna_B)"));
    EXPECT_EQ(bruno->pair().first, "brusio.localhost");
    wait_for_log("username: carla");
}

TEST_P(node_test, a_refused_message_is_seen_by_nobody_and_explained_and_others_go_on) {
    auto anna = join("anna");
    auto bruno = join("bruno");
    anna->send("lost");
    wait_for_store();
    store_->decide(store_verdict::refused);
    const auto words = anna->pair();
    EXPECT_EQ(words.first, "brusio.localhost");
    EXPECT_TRUE(words.second.starts_with("Closing: ")) << words.second;
    EXPECT_EQ(anna->pair(), pair_of_text());
    bruno->send("/who");
    EXPECT_EQ(bruno->pair().second, "1 person is here: bruno");
    EXPECT_TRUE(store_->stored().empty());
}

TEST_P(node_test, what_was_sent_before_the_end_of_input_is_committed_and_seen) {
    auto bruno = join("bruno");
    {
        const client anna(at_, "anna");
        anna.send("first");
        anna.send("last");
        anna.half_close();
        wait_for_store();
    }
    for (std::size_t seen = 0; seen < 2;) {
        wait_for_store();
        seen += store_->records_waiting();
        store_->decide(store_verdict::committed);
    }
    EXPECT_EQ(bruno->pair(), pair_of_text("anna", "first"));
    EXPECT_EQ(bruno->pair(), pair_of_text("anna", "last"));
}

TEST_P(node_test, a_crash_before_the_answer_shows_nobody_anything) {
    auto anna = join("anna");
    auto bruno = join("bruno");
    anna->send("never stored");
    wait_for_store();
    node_.reset();  // ends at once, as a crash would
    EXPECT_EQ(bruno->pair(), pair_of_text());
}

TEST_P(node_test, a_dead_holder_of_a_name_makes_room) {
    auto bruno = join("bruno");
    for (int i = 0; i < 50; ++i) {
        const client anna(at_, "anna");
        anna.send("hello " + std::to_string(i));
        wait_for_store();
        store_->decide(store_verdict::committed);
        EXPECT_EQ(bruno->pair(), pair_of_text("anna", "hello " + std::to_string(i)));
    }
}

// Its log-in waits for the store, and so does its end: the worker may say that it is gone only after both.
TEST_P(node_test, a_holder_that_ends_before_its_log_in_is_released_makes_room) {
    auto bruno = join("bruno");
    bruno->send("one");
    wait_for_store();
    std::vector<std::unique_ptr<client>> seconds;
    const auto name = [](int i) { return "anna" + std::to_string(i); };
    for (int i = 0; i < 20; ++i) {
        {
            const client first(at_, name(i));
        }
        seconds.push_back(std::make_unique<client>(at_, name(i)));
    }
    for (const auto& s : seconds) s->send("/msg bruno here");
    EXPECT_TRUE(std::ranges::all_of(seconds, [](const auto& s) { return s->nothing_there(); }));
    store_->decide(store_verdict::committed);
    for (int i = 0; i < 20 && !HasFailure(); ++i) {
        while (bruno->nothing_within(20)) {  // what they say waits for the store, too
            if (store_->waiting() > 0) store_->decide(store_verdict::committed);
        }
        EXPECT_EQ(bruno->pair().second, "[private] here");
    }
}

TEST_P(node_test, the_name_of_one_who_has_ended_is_free_for_nick) {
    auto bruno = join("bruno");
    for (int i = 0; i < 30; ++i) {
        const auto name = "anna" + std::to_string(i);
        join(name).reset();
        bruno->send("/nick " + name);
        EXPECT_EQ(bruno->pair().second, "You are now " + name + ".");
    }
}

// More than may wait at once: what has been dealt with counts no more.
TEST_P(node_test, twenty_mebibytes_of_input_in_all_are_heard) {
    auto anna = join("anna");
    const std::string filler(16'000, 'x');
    for (int round = 0; round < 13 && !HasFailure(); ++round) {
        for (int i = 0; i < 100; ++i) anna->send("/msg nobody " + filler);
        for (int i = 0; i < 100 && !HasFailure(); ++i) EXPECT_EQ(anna->pair().first, "brusio.localhost");
    }
}

TEST_P(node_test, what_was_said_before_the_shutdown_is_committed_and_seen_first) {
    auto anna = join("anna");
    auto bruno = join("bruno");
    anna->send("last words");
    wait_for_store();
    node_->stop([this] { note("done"); });
    EXPECT_TRUE(bruno->nothing_within(200));  // no end either: the store still works
    EXPECT_FALSE(logged("done"));
    store_->decide(store_verdict::committed);
    EXPECT_EQ(bruno->pair(), pair_of_text("anna", "last words"));
    EXPECT_EQ(bruno->pair(), pair_of_text());
    EXPECT_EQ(anna->pair(), pair_of_text());
    anna.reset();
    bruno.reset();
    wait_for_log("done");
    EXPECT_EQ(store_->stored().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(threads, node_test,
                         testing::Values(std::pair(1U, false), std::pair(2U, false), std::pair(2U, true),
                                         std::pair(3U, true)),
                         [](const auto& p) {
                             return std::to_string(p.param.first) + (p.param.second ? "_own" : "_shared");
                         });

}  // namespace
}  // namespace brusio::node
