#include "node/slow_work.hpp"

#include <sys/resource.h>

namespace brusio::node {

slow_work::~slow_work() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        changed_.notify_all();
    }
    for (auto& t : threads_) t.join();
}

bool slow_work::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= slow_work_max) return false;
    queue_.push_back(std::move(work));
    if (threads_.size() < wanted_ && threads_.size() < queue_.size()) threads_.emplace_back([this] { run(); });
    changed_.notify_one();
    return true;
}

void slow_work::run() {
    // The lowest, but not SCHED_IDLE: beside another busy program nobody would ever log in. 0: the calling thread.
    ::setpriority(PRIO_PROCESS, 0, 19);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
        if (stop_) return;
        auto work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
        work = nullptr;  // what it holds goes before the lock is taken again
        lock.lock();
    }
}

}  // namespace brusio::node
