// A store for tests that does as it is told: it keeps every batch with something said in it until the test decides what
// becomes of it. Whatever else is to be remembered (that somebody came, say) it takes at once.
#pragma once

#include <algorithm>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "store/store.hpp"

namespace brusio::store {

class fake_engine final : public engine {
  public:
    bool remembers() const override { return true; }
    base::result<chat::memory> load() override { return chat::memory{}; }
    base::result<void> forget_others(const chat::memory& /*than*/) override { return {}; }

    void commit(batch what, std::function<void(answer)> done) override {
        {
            const std::lock_guard lock(mutex_);
            if (what.records.empty() || said_in(what) != 0) {
                asked_.emplace_back(std::move(what), std::move(done));
                return;
            }
        }
        done({what.number, chat::store_verdict::committed, {}});
    }

    // The batches that wait for an answer.
    std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return asked_.size();
    }
    // Messages in the first batch that waits.
    std::size_t records_waiting() const {
        const std::lock_guard lock(mutex_);
        return asked_.empty() ? 0 : said_in(asked_.front().first);
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
                    if (is_said(r) && (stored_.empty() || stored_.back().id < r.id)) stored_.push_back(std::move(r));
                }
            }
        }
        first.second({first.first.number, verdict, {}});
    }

    // Questions are answered as the test says; by default with an error.
    std::function<base::result<reply>(const question&)> answers;
    void ask(question what, std::function<void(base::result<reply>)> done) override {
        done(answers ? answers(what) : base::fail("the test has no answer"));
    }
    void back_up(std::string /*file*/, outcome done) override { done(base::fail("not in this test")); }
    void export_party(chat::party_id /*who*/, std::function<bool(std::string_view)> /*sink*/, outcome done) override {
        done(base::fail("not in this test"));
    }
    void erase_party(chat::party_id /*who*/, outcome done) override { done(base::fail("not in this test")); }
    void set_retention(retention /*now*/) override {}

    // The messages that survive a crash: none that was not decided.
    std::vector<chat::remember> stored() const {
        const std::lock_guard lock(mutex_);
        return stored_;
    }

  private:
    static bool is_said(const chat::remember& r) {
        const auto* e = std::get_if<chat::entry_record>(&r.what);
        return e != nullptr && !chat::is_event(e->what.kind);
    }
    static std::size_t said_in(const batch& b) {
        return static_cast<std::size_t>(std::ranges::count_if(b.records, is_said));
    }

    mutable std::mutex mutex_;
    std::deque<std::pair<batch, std::function<void(answer)>>> asked_;
    std::vector<chat::remember> stored_;
};

}  // namespace brusio::store
