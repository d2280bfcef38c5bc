// The search index: a second file, with an FTS5 table whose row ids are message ids. It is no part of a batch: a thread
// of its own follows the entries, in large transactions (which FTS5 needs to be fast) that no commit waits for. How far
// it came stands in the same transactions, so it goes on there after a crash; a missing or damaged file is made anew.
//
// Whether an index file belongs to the store's file as it is now: each start writes a new random word into both, so a
// file that was restored or exchanged does not match.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/sqlite/shared.hpp"
#include "store/sqlite/sql.hpp"
#include "store/sqlite/writer.hpp"

namespace brusio::store::sqlite {

// The index, opened to be written; made anew when it is not of `opening_before`. For the start.
void adopt_index(shared& s);
connection open_index(const shared& s, access how);

class indexer {
  public:
    indexer(shared& s, writer& w);
    ~indexer();
    indexer(const indexer&) = delete;
    indexer& operator=(const indexer&) = delete;

    // Any thread but the indexer's; waits. Nothing that was deleted is left in the file.
    base::result<void> purge();

  private:
    struct desk {
        explicit desk(const shared& s)
            : entries(s.options.file, access::read, s.options.vfs), index(open_index(s, access::write)) {}
        connection entries;
        connection index;
    };
    struct row {
        std::int64_t id = 0;
        bool searched = false;
        std::string text;
    };
    struct work {
        std::vector<row> again;
        std::int64_t again_up_to = 0;  // in index_todo
        std::vector<row> fresh;
        std::int64_t complete_up_to = 0;
        bool more = false;
    };

    void run();
    bool step();  // whether there is more to do
    work find_work();
    void write(const work& w);
    void sweep();
    void failed(const SQLite::Exception& e);

    shared& s_;
    writer& writer_;
    std::optional<desk> desk_;  // the indexer's thread only
    bool well_ = true;          //
    bool at_index_ = false;     // what is done just now is done to the index, not to the entries
    std::mutex mutex_;
    std::condition_variable swept_;
    base::result<void>* purge_ = nullptr;  // where its outcome goes
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace brusio::store::sqlite
