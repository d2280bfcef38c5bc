// Work that costs tens of milliseconds a piece (hashing passwords) and must delay nobody: a few threads of the lowest
// priority, which run when nothing else wants to, and a bounded queue.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace brusio::node {

inline constexpr std::size_t slow_work_max = 4'096;

class slow_work {
  public:
    explicit slow_work(std::uint32_t threads) : wanted_(threads) {}
    ~slow_work();  // what has not begun is dropped

    // Any thread. False when too much waits already: then nothing will be done.
    bool post(std::function<void()> work);

  private:
    void run();

    const std::uint32_t wanted_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    bool stop_ = false;
    std::vector<std::thread> threads_;  // from the first piece of work on
};

}  // namespace brusio::node
