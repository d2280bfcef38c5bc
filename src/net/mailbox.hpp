// Many writers, one reader: a batch goes in under one lock, everything comes out under one lock. The reader says before
// it sleeps that it will, and only then a writer has to wake it.
#pragma once

#include <atomic>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace brusio::net {

template <class T>
class mailbox {
  public:
    // Any thread. Appends and empties `batch`. True when the reader sleeps and must be woken by the caller.
    bool post(std::vector<T>& batch) {
        if (batch.empty()) return false;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.empty()) {
                waiting_.swap(batch);
            } else {
                waiting_.insert(waiting_.end(), std::make_move_iterator(batch.begin()),
                                std::make_move_iterator(batch.end()));
            }
            filled_.store(true);
        }
        batch.clear();
        return claim_wake();
    }

    // Any thread. True for one caller when the reader sleeps: that one must wake it.
    bool claim_wake() { return asleep_.load() && asleep_.exchange(false); }

    // The reader. Everything that waits, in order; `into` must be empty.
    void take(std::vector<T>& into) {
        if (!filled_.load()) return;
        const std::lock_guard lock(mutex_);
        into.swap(waiting_);
        filled_.store(false);
    }
    bool empty() const { return !filled_.load(); }

    // The reader, around its sleep. `fall_asleep` is false when something came in the meantime.
    bool fall_asleep() {
        asleep_.store(true);
        if (empty()) return true;
        asleep_.store(false);
        return false;
    }
    void awake() { asleep_.store(false); }

  private:
    std::mutex mutex_;
    std::vector<T> waiting_;
    std::atomic<bool> filled_{false};
    std::atomic<bool> asleep_{false};
};

}  // namespace brusio::net
