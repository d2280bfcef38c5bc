// A store for tests that does as it is told: it keeps every batch until the test decides what becomes of it.
#pragma once

#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "store/store.hpp"

namespace brusio::store {

class fake_engine final : public engine {
  public:
    bool remembers() const override { return true; }

    void commit(batch what, std::function<void(answer)> done) override {
        const std::lock_guard lock(mutex_);
        asked_.emplace_back(std::move(what), std::move(done));
    }

    // The batches that wait for an answer.
    std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return asked_.size();
    }
    // Records in the first batch that waits.
    std::size_t records_waiting() const {
        const std::lock_guard lock(mutex_);
        return asked_.empty() ? 0 : asked_.front().first.records.size();
    }

    // Answers the first batch that waits; there has to be one. With *unknown*, `kept` says whether it was stored.
    void decide(chat::store_verdict verdict, bool kept = false) {
        std::pair<batch, std::function<void(answer)>> first;
        {
            const std::lock_guard lock(mutex_);
            if (asked_.empty()) throw std::logic_error("the test decides about a batch that nobody has asked for");
            first = std::move(asked_.front());
            asked_.pop_front();
            if (verdict == chat::store_verdict::committed || kept) {
                for (auto& r : first.first.records) {
                    if (stored_.empty() || stored_.back().id < r.id) stored_.push_back(std::move(r));
                }
            }
        }
        first.second({first.first.number, verdict});
    }

    // What survives a crash: nothing that was not decided.
    std::vector<chat::remember> stored() const {
        const std::lock_guard lock(mutex_);
        return stored_;
    }

  private:
    mutable std::mutex mutex_;
    std::deque<std::pair<batch, std::function<void(answer)>>> asked_;
    std::vector<chat::remember> stored_;
};

}  // namespace brusio::store
