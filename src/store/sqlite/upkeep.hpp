// What goes on behind everybody's back: checkpoints of the write-ahead log, and deleting what is forgotten or too old,
// in slices that the writer does between batches. All of it goes on where it ended after a crash.
#pragma once

#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/sqlite/pages.hpp"
#include "store/sqlite/writer.hpp"

namespace brusio::store::sqlite {

class upkeep {
  public:
    upkeep(shared& s, writer& w);
    ~upkeep();
    upkeep(const upkeep&) = delete;
    upkeep& operator=(const upkeep&) = delete;

    void set_retention(retention now);

  private:
    struct desk {
        explicit desk(const shared& s) : c(s.options.file, access::write, s.options.vfs) {}
        connection c;
    };
    void run();
    void checkpoint(connection& c);
    void delete_old(connection& c);
    void delete_silent(connection& c, std::int64_t before);

    shared& s_;
    writer& writer_;
    std::mutex mutex_;
    retention retention_;
    bool retention_is_new_ = false;
    bool well_ = true;  // the thread's own
    std::thread thread_;
};

// On another thread than the writer's; throws SQLite::Exception.

// Deletes all pasts that are forgotten. An error is the writer's.
base::result<void> delete_doomed(shared& s, writer& w, connection& c);
// Nothing that was overwritten or deleted is left in the file or in its log then.
base::result<void> scrub_file(shared& s, writer& w);

}  // namespace brusio::store::sqlite
