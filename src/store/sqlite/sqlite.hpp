// The store in one SQLite file (docs/storage.md), with a search index in a second one that is made anew when it is
// missing or damaged.
//
// Threads: the writer commits batches and, between them, small slices of upkeep; one reads pages, one searches, one
// keeps the index, one makes checkpoints and deletes what is old, one does backups, exports and erasures. Each has
// connections of its own, so none waits for another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "store/store.hpp"

namespace brusio::store {

enum class durability : std::uint8_t {
    commit,  // a batch is answered when it is on the disk
    async,   // at once; it is on the disk within a second
};

enum class severity : std::uint8_t { info, warning, error };

struct sqlite_options {
    std::string
        file;  // "/var/lib/brusio/brusio.db"; the folder exists. Others stand beside it: -wal, -shm, .lock, .index
    durability durable = durability::commit;
    std::function<void(severity, const std::string&)> log;  // any thread; one line for each change of state
    std::function<std::int64_t()> now_ms;                   // any thread; for what is too old. Without it: the clock
    std::size_t questions_max = 10'000;                     // that wait
    std::size_t backlog_max = std::size_t{64} << 20U;       // bytes that async may be behind
    std::chrono::milliseconds unknown_max{3'000};           // for so long it may be unknown whether a batch is stored
    std::string vfs;                                        // of SQLite, for tests; empty: its own
};

// Opens the file, or makes it (mode 0600) and brings it to this version. Refuses, with what to do about it: files of
// newer versions, damaged ones, others' databases, and a file that another server has open.
base::result<std::unique_ptr<engine>> open_sqlite(sqlite_options options);

}  // namespace brusio::store
