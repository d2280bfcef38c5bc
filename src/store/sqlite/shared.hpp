// What the engine's threads share.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "store/sqlite/sqlite.hpp"

namespace brusio::store::sqlite {

// Wakes one thread. Any thread may ring.
class bell {
  public:
    void ring(bool urgently = false) {
        const std::lock_guard lock(mutex_);
        const bool news = !rung_ || (urgently && !urgent_);
        rung_ = true;
        urgent_ = urgent_ || urgently;
        if (news) wake_.notify_all();
    }
    // Until it rings, or has since the last time.
    void wait_for(std::chrono::milliseconds most) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, most, [this] { return rung_; });
        rung_ = urgent_;
    }
    // Not to be woken but urgently.
    void pause(std::chrono::milliseconds how_long) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, how_long, [this] { return urgent_; });
        urgent_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool rung_ = false;
    bool urgent_ = false;
};

struct shared {
    sqlite_options options;
    std::string index_file;
    std::string opening;  // this start's name; see indexer.hpp
    std::string opening_before;

    bell index_bell;   // entries were stored, or are to be indexed again
    bell upkeep_bell;  // the write-ahead log has grown, or a past is to be deleted

    std::atomic<std::int64_t> last_entry = 0;    // that is committed
    std::atomic<std::int64_t> indexed = 0;       // up to here the index is complete
    std::atomic<std::uint64_t> index_files = 1;  // grows when the index file is made anew
    std::atomic<int> log_pages = 0;              // in the write-ahead log
    std::atomic<bool> stopping = false;

    void log(severity how, const std::string& sentence) const {
        if (options.log) options.log(how, sentence);
    }
    std::int64_t now_ms() const {
        if (options.now_ms) return options.now_ms();
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
};

}  // namespace brusio::store::sqlite
