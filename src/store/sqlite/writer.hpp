// The only one who writes to the file: batches, and between them chores of other threads, in slices that end soon.
// Public functions: any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/sqlite/records.hpp"
#include "store/sqlite/shared.hpp"

namespace brusio::store::sqlite {

class writer {
  public:
    explicit writer(shared& s);
    ~writer();  // what has been taken is written first
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    void commit(batch what, std::function<void(answer)> done);

    // With `async`: returns when what was answered *committed* so far can be read, or cannot be written.
    void settle();

    enum class chore_kind : std::uint8_t {
        unsynced,  // in a transaction that need not be durable yet
        synced,    // in a transaction
        anew,      // without one, on a connection that has nothing in its cache
        bare,      // without one
    };
    // Waits until the writer has done it. It should not take more than a millisecond.
    base::result<void> chore(chore_kind kind, std::function<void(connection&)> what);

  private:
    using clock = std::chrono::steady_clock;
    struct item {
        batch what;
        std::function<void(answer)> done;  // empty: answered already
        std::size_t bytes = 0;
    };
    struct waiting_chore {
        chore_kind kind;
        std::function<void(connection&)> what;
        clock::time_point since;
        base::result<void>* outcome;
        bool* done;
    };
    struct desk {
        explicit desk(shared& s) : c(s.options.file, access::write, s.options.vfs), records(c) {}
        connection c;
        recorder records;
    };

    void run();
    bool batches_due(clock::time_point now) const;
    std::optional<clock::time_point> next_due() const;
    std::vector<item> take_batches();
    void write(std::vector<item> items);
    void wrote(const std::vector<item>& items);
    chat::store_verdict verdict_now() const;
    void failed(std::vector<item> items, chat::store_verdict verdict, const std::string& reason);
    void do_chore(waiting_chore& chore);
    desk& open_desk();
    void is_well(bool well, const std::string& reason);

    shared& s_;
    std::optional<desk> desk_;  // the writer's thread only
    // Since when: an earlier COMMIT failed, and what it wrote may still count after a crash.
    std::optional<clock::time_point> unsettled_since_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable moved_;  // chores done, batches applied
    std::deque<item> items_;
    std::deque<waiting_chore> chores_;
    std::size_t backlog_ = 0;  // bytes in items_
    clock::time_point oldest_;
    clock::time_point retry_at_;
    std::uint64_t taken_ = 0;    // batches that came in
    std::uint64_t applied_ = 0;  // and were written or refused
    bool flush_ = false;
    bool well_ = true;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace brusio::store::sqlite
