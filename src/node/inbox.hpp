// What waits for the chat thread: batches of events from the workers, answers of the store, requests of the process.
// Posting is for any thread; taking for the chat thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <variant>
#include <vector>

#include "net/mailbox.hpp"
#include "net/types.hpp"
#include "store/store.hpp"

namespace brusio::node {

struct request {
    std::function<void()> run;  // on the chat thread
};
using arrival = std::variant<std::vector<net::event>, store::answer, request>;

class inbox {
  public:
    // Replaces the own sleep when the chat thread is hosted by a worker.
    void wake_with(std::function<void()> wake) { wake_ = std::move(wake); }

    void post(arrival a) {
        std::vector<arrival> one;
        one.push_back(std::move(a));
        arrivals_.post(one);
        if (wake_) return wake_();
        const std::lock_guard lock(mutex_);
        ready_.notify_one();
    }
    // Appends what there is.
    void take(std::deque<arrival>& into) {
        arrivals_.take(taken_);
        for (auto& a : taken_) into.push_back(std::move(a));
        taken_.clear();
    }
    bool empty() const { return arrivals_.empty(); }

    // Sleeps until something is there, `stop` is set (then notify), or `ms` milliseconds are over (< 0: no limit).
    void wait(std::int64_t ms, const std::atomic<bool>& stop) {
        std::unique_lock lock(mutex_);
        const auto ready = [&] { return !arrivals_.empty() || stop.load(); };
        if (ms < 0) {
            ready_.wait(lock, ready);
        } else {
            ready_.wait_for(lock, std::chrono::milliseconds(ms), ready);
        }
    }
    void notify() {
        const std::lock_guard lock(mutex_);
        ready_.notify_one();
    }

  private:
    net::mailbox<arrival> arrivals_;
    std::vector<arrival> taken_;
    std::function<void()> wake_;
    std::mutex mutex_;
    std::condition_variable ready_;
};

}  // namespace brusio::node
