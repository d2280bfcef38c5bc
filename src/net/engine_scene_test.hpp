// The engine on loopback, driven by the test as the chat thread would. Messages are lines; blank ones say nothing.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>

#include <gtest/gtest.h>

#include "net/engine.hpp"

namespace brusio::net {

class line_splitter final : public splitter {
  public:
    explicit line_splitter(bool skips) : skips_(skips) {}
    split next(std::string_view input, std::uint64_t limit) const override {
        const auto blank = std::min(input.find_first_not_of('\n'), input.size());
        const auto rest = input.substr(blank);
        const auto end = rest.find('\n');
        if (rest.starts_with("garbage")) return {split_status::not_this_protocol, {}, 0};
        if (limit != 0 && std::min(end, rest.size()) > limit) {
            return {skips_ ? split_status::skip : split_status::too_long, {}, blank};
        }
        if (end == std::string_view::npos) return {split_status::need_more, {}, blank};
        const auto what = rest.starts_with("begin")   ? part::begins
                          : rest.starts_with("part ") ? part::piece
                          : rest.starts_with("end")   ? part::ends
                                                      : part::none;
        return {split_status::message, rest.substr(0, end), blank + end + 1, what};
    }
    std::size_t skip(std::string_view input, bool& found_end) const override {
        const auto end = input.find('\n');
        found_end = end != std::string_view::npos;
        return found_end ? end + 1 : input.size();
    }

  private:
    bool skips_;
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
    int number() const { return fd_; }
    void send(std::string_view bytes) const { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    // As much as the kernel takes without waiting; returns how much that was.
    std::size_t send_what_fits(std::string_view bytes) const {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const auto n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
        return sent;
    }
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
        o.hosted = hosted_;
        o.hosted_has_work = [] { return false; };
        o.sink = [this](std::vector<event>&& batch) {
            if (before_) before_(batch);
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
        listener_.at = loopback;
        listener_.protocol = std::make_shared<line_splitter>(skips_);
        listener_.hold_until_admitted = hold_;
        at_ = engine_->listen(listener_).value();
        engine_->start();
    }

    socket_file connect() {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        const int small = 4096;
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&at_.address), at_.length), 0);
        return socket_file(fd);
    }

    // Waits until something is true of the events so far.
    template <class Condition>
    bool eventually(Condition condition, std::chrono::milliseconds most = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, most, condition);
    }
    // Until all orders so far have been obeyed on the connection's worker.
    void settle(conn_id with) {
        engine_->probe(with, 99);
        engine_->publish();
        EXPECT_EQ(next(event_kind::probed).token, 99U);
    }

    // Until whatever the workers tell each other has been obeyed: a question, its answer, and what follows from that.
    void settle_all() {
        for (int round = 0; round < 3; ++round) {
            for (std::uint32_t w = 0; w < engine_->workers(); ++w)
                settle({.worker = w, .slot = 1'000, .generation = 1});
        }
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
    void forget() {
        const std::lock_guard lock(mutex_);
        events_.clear();
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
    bool skips_ = false;
    listener_options listener_;
    std::function<void(const std::vector<event>&)> before_;  // on the worker, before its events are here
    std::function<std::optional<std::int64_t>()> hosted_;    // in each turn of worker 0
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<event> events_;
    endpoint at_;
    std::unique_ptr<engine> engine_;
};

}  // namespace brusio::net
