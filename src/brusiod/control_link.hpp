// control_link: one connection of the control socket, as the server sees it. The server's thread does its input and
// output; what is marked *any thread* may be called by whoever answers.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "brusiod/control.hpp"

namespace brusio::brusiod {

// Wakes the server's thread from its poll.
class control_wake {
  public:
    control_wake();
    ~control_wake();
    control_wake(const control_wake&) = delete;
    control_wake& operator=(const control_wake&) = delete;
    void wake() const;  // any thread
    void clear() const;
    int file() const { return file_; }

  private:
    int file_;
};

class control_link {
  public:
    using steady = std::chrono::steady_clock;

    // Owns `fd`, which does not block. To be made on the server's thread.
    control_link(int fd, std::shared_ptr<control_wake> wake, const control_limits& limits);
    ~control_link();
    control_link(const control_link&) = delete;
    control_link& operator=(const control_link&) = delete;

    // For poll.
    int file() const { return fd_; }
    short events() const;
    steady::time_point deadline() const;  // when `serve` is to be called if nothing happens; max: never
    void saw(short revents) { revents_ = revents; }

    // Reads and writes what can be, and closes what is finished, broken or too late.
    void serve(steady::time_point now);
    std::optional<control_request> take_request();  // once, when it is whole
    bool is_closed() const { return fd_ < 0; }
    void finish();  // writes what can be at once, and closes

    // Any thread; see control_client.
    bool out(std::string_view text);
    void err(std::string_view sentence);
    void end(std::uint8_t code);

  private:
    void read();
    void refuse(std::string_view sentence);
    void write(steady::time_point now);
    void close();
    bool wait_for_room(std::unique_lock<std::mutex>& lock);
    // These two under the lock.
    bool has_room() const { return queue_.size() - sent_ < limits_.queue_bytes; }
    void append(const control_reply& reply);

    const control_limits limits_;
    const std::shared_ptr<control_wake> wake_;
    const std::thread::id server_ = std::this_thread::get_id();

    // The server's thread only.
    int fd_;
    short revents_ = 0;
    bool asking_ = true;  // its request is not whole yet
    std::string input_;
    std::optional<control_request> request_;
    const steady::time_point asked_by_;
    std::optional<steady::time_point> read_by_;  // while something waits for it to be read

    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::string queue_;     // frames
    std::size_t sent_ = 0;  // of `queue_`
    bool gone_ = false;
    bool ended_ = false;
};

// What a handler holds: says so when it is dropped without an answer.
class answering final : public control_client {
  public:
    explicit answering(std::shared_ptr<control_link> link) : link_(std::move(link)) {}
    ~answering() override;
    bool out(std::string_view text) override { return !ended_ && link_->out(text); }
    void err(std::string_view sentence) override;
    void end(std::uint8_t code) override;

  private:
    std::shared_ptr<control_link> link_;
    std::atomic<bool> ended_ = false;
};

}  // namespace brusio::brusiod
