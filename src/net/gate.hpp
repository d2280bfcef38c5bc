// Back-pressure without blocking: meters count what waits between threads; while any of them is over its mark, the gate
// is closed and workers leave sockets unread. All functions: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace brusio::net {

class gate {
  public:
    // `on_open` is called, on whatever thread, each time the gate opens again.
    explicit gate(std::function<void()> on_open) : on_open_(std::move(on_open)) {}
    bool open() const { return closed_by_.load() == 0; }

  private:
    friend class meter;
    void close_once() {
        if (closed_by_.fetch_add(1) < 0) on_open_();
    }
    void open_once() {
        if (closed_by_.fetch_sub(1) == 1) on_open_();
    }
    std::atomic<int> closed_by_{0};
    std::function<void()> on_open_;
};

class meter {
  public:
    // Over `high` the meter closes the gate; under half of it, it opens it.
    meter(gate& g, std::int64_t high) : gate_(g), high_(high) {}

    void add(std::int64_t n) {
        if (level_.fetch_add(n) + n > high_ && !over_.exchange(true)) {
            gate_.close_once();
            // Everything may have been taken between the two lines, and then nobody else would open it.
            reopen(level_.load());
        }
    }
    void subtract(std::int64_t n) { reopen(level_.fetch_sub(n) - n); }
    std::int64_t level() const { return level_.load(); }

  private:
    void reopen(std::int64_t level) {
        if (level <= high_ / 2 && over_.load() && over_.exchange(false)) gate_.open_once();
    }
    gate& gate_;
    const std::int64_t high_;
    std::atomic<std::int64_t> level_{0};
    std::atomic<bool> over_{false};
};

}  // namespace brusio::net
