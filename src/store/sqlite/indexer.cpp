#include "store/sqlite/indexer.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <tuple>

#include <pthread.h>
#include <sqlite3.h>

#include "store/sqlite/rows.hpp"
#include "store/sqlite/scrub.hpp"
#include "store/sqlite/words.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr int format = 1;  // of the index file; another one is made anew
constexpr int rows_together = 4'000;
constexpr int again_together = 500;
constexpr auto gather = std::chrono::milliseconds(100);  // before a transaction, so that it is worth its while
constexpr auto retry_pause = std::chrono::seconds(1);

void remove_index(const shared& s) {
    std::error_code ignored;
    for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(s.index_file + end, ignored);
}

bool belongs(connection& c, const shared& s) {
    if (c.number("SELECT count(*) FROM sqlite_schema WHERE name IN ('about', 'words')") != 2) return false;
    use about(c["SELECT format, opening FROM about"]);
    return about.next() && about.number() == format && about.text() == s.opening_before;
}

void make_index(connection& c) {
    transaction whole(c, true);
    c.execute("CREATE TABLE about (format INTEGER NOT NULL, opening TEXT NOT NULL, indexed INTEGER NOT NULL) STRICT");
    c.execute("INSERT INTO about VALUES (0, '', 0)");
    c.execute(
        "CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3 4 "
        "5', "
        "columnsize = 0)");
    whole.commit();
}

void take_over(connection& c, shared& s) {
    use mark(c["UPDATE about SET format = ?, opening = ?"], format, s.opening);
    mark.run();
    s.indexed = c.number("SELECT indexed FROM about");
}

}  // namespace

connection open_index(const shared& s, access how) {
    // So that it gets this mode, and -wal and -shm with it. Closing a file that SQLite has open would take its locks
    // away.
    if (how == access::write && ::access(s.index_file.c_str(), F_OK) != 0) {
        const int fd = ::open(s.index_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0) ::close(fd);
    }
    connection c(s.index_file, how, s.options.vfs);
    if (how == access::write) {
        c.execute("PRAGMA journal_mode=WAL");
        c.execute("PRAGMA wal_autocheckpoint=1000");
    }
    return c;
}

void adopt_index(shared& s) {
    try {
        auto c = open_index(s, access::write);
        if (belongs(c, s)) return take_over(c, s);
    } catch (const SQLite::Exception&) {  // made anew
    }
    remove_index(s);
    auto c = open_index(s, access::write);
    make_index(c);
    take_over(c, s);
}

indexer::indexer(shared& s, writer& w)
    : s_(s), writer_(w), thread_([this] {
          pthread_setname_np(pthread_self(), "store-index");
          setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);  // search may lag; the chat may not
          run();
      }) {}

indexer::~indexer() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    s_.index_bell.ring(true);
    thread_.join();
}

base::result<void> indexer::purge() {
    std::unique_lock lock(mutex_);
    swept_.wait(lock, [this] { return purge_ == nullptr || stop_; });
    if (stop_) return base::fail("the server is stopping");
    base::result<void> outcome;
    purge_ = &outcome;
    s_.index_bell.ring(true);
    swept_.wait(lock, [&] { return purge_ != &outcome; });
    return outcome;
}

// ── the indexer's thread ────────────────────────────────────────────────────────────────────────────────────────────

void indexer::run() {
    s_.index_bell.ring();
    std::unique_lock lock(mutex_);
    while (!stop_) {
        auto* const purge = purge_;
        lock.unlock();
        base::result<void> outcome;
        try {
            while (step()) {
                if (s_.stopping) break;
            }
            if (purge != nullptr) sweep();
        } catch (const SQLite::Exception& e) {
            failed(e);
            outcome = base::fail("the search index: {}", why(e));
        }
        if (!outcome) {
            s_.index_bell.ring();
            s_.index_bell.pause(retry_pause);
        }
        lock.lock();
        if (purge != nullptr) {
            *purge = outcome;
            purge_ = nullptr;
            swept_.notify_all();
        }
        if (stop_ || purge_ != nullptr) continue;
        lock.unlock();
        s_.index_bell.wait_for(std::chrono::hours(1));
        s_.index_bell.pause(gather);
        lock.lock();
    }
    if (purge_ != nullptr) *std::exchange(purge_, nullptr) = base::fail("the server is stopping");
    swept_.notify_all();
    lock.unlock();
    desk_.reset();
}

void indexer::failed(const SQLite::Exception& e) {
    desk_.reset();
    const auto code = e.getErrorCode() & 0xFF;
    if (!at_index_) {
        if (!std::exchange(well_, false)) return;
        s_.log(severity::error,
               fmt::format("store: {} cannot be read: {}; search will not find what is said until it can",
                           s_.options.file, why(e)));
    } else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR) {
        s_.log(severity::warning, fmt::format("store: the search index {} is made anew: {}", s_.index_file, e.what()));
        remove_index(s_);
        try {
            auto c = open_index(s_, access::write);
            make_index(c);
            take_over(c, s_);
        } catch (const SQLite::Exception&) {  // tried again
        }
        ++s_.index_files;
    } else if (std::exchange(well_, false)) {
        s_.log(severity::error, fmt::format("store: the search index {} cannot be written to: {}; search will not find "
                                            "what is said until it can",
                                            s_.index_file, why(e)));
    }
}

bool indexer::step() {
    at_index_ = true;
    if (!desk_) desk_.emplace(s_);
    at_index_ = false;
    const auto w = find_work();
    at_index_ = true;
    write(w);
    s_.indexed = w.complete_up_to;
    if (w.again_up_to > 0) {
        std::ignore = writer_.chore(writer::chore_kind::unsynced, [up_to = w.again_up_to](connection& c) {
            c.run("DELETE FROM index_todo WHERE seq <= ?", up_to);
        });
    }
    if (!std::exchange(well_, true)) s_.log(severity::info, "store: the search index can be written to again");
    return w.more;
}

indexer::work indexer::find_work() {
    work w;
    const auto last = s_.last_entry.load();  // the moment that follows has all up to here
    auto& c = desk_->entries;
    const transaction one_moment(c);
    {
        use again(c["SELECT t.seq, t.id, ifnull(e.kind, 99), ifnull(e.redacted, 1), ifnull(e.formatted, 0), "
                    "ifnull(e.body, '') FROM index_todo t LEFT JOIN entries e ON e.id = t.id ORDER BY t.seq LIMIT ?"],
                  again_together);
        while (again.next()) {
            w.again_up_to = again.number();
            row r{.id = again.number()};
            r.searched = is_searched(again.as<chat::entry_kind>()) && !again.flag();
            const bool formatted = again.flag();
            if (r.searched) r.text = searched_text(again.text(), formatted);
            w.again.push_back(std::move(r));
        }
    }
    use fresh(c["SELECT id, kind, redacted, formatted, body FROM entries WHERE id > ? ORDER BY id LIMIT ?"],
              s_.indexed.load(), rows_together);
    int seen = 0;
    while (fresh.next()) {
        ++seen;
        row r{.id = fresh.number()};
        w.complete_up_to = r.id;
        r.searched = is_searched(fresh.as<chat::entry_kind>()) && !fresh.flag();
        const bool formatted = fresh.flag();
        if (!r.searched) continue;
        r.text = searched_text(fresh.text(), formatted);
        w.fresh.push_back(std::move(r));
    }
    w.more = seen == rows_together || w.again.size() == again_together;
    w.complete_up_to = std::max({w.complete_up_to, s_.indexed.load(), seen < rows_together ? last : 0});
    return w;
}

void indexer::write(const work& w) {
    auto& c = desk_->index;
    // What was deleted must not come back after a power cut: its text cannot be found out any more.
    std::optional<unsynced> light;
    if (w.again.empty()) light.emplace(c);
    transaction whole(c, true);
    for (const auto& r : w.again) {
        c.run("DELETE FROM words WHERE rowid = ?", r.id);
        if (r.searched) c.run("INSERT INTO words (rowid, body) VALUES (?,?)", r.id, r.text);
    }
    for (const auto& r : w.fresh) c.run("INSERT OR REPLACE INTO words (rowid, body) VALUES (?,?)", r.id, r.text);
    c.run("UPDATE about SET indexed = ?", w.complete_up_to);
    whole.commit();
}

// FTS5 marks what is deleted, and drops it when it merges: so everything is merged, in steps.
void indexer::sweep() {
    auto& c = desk_->index;
    while (!s_.stopping) {
        const auto before = c.number("SELECT total_changes()");
        c.execute("INSERT INTO words (words, rank) VALUES ('merge', -500)");
        if (c.number("SELECT total_changes()") - before < 2) break;
    }
    desk_.reset();  // and what it has in its cache
    desk_.emplace(s_);
    for (int attempt = 0; attempt < 100 && !s_.stopping; ++attempt) {
        const bool done = scrub(desk_->index, 1, whole_file).has_value();
        desk_.reset();
        if (done) return;
        desk_.emplace(s_);
        s_.index_bell.pause(std::chrono::milliseconds(20));  // somebody searches just now
    }
    throw SQLite::Exception("the search index is in use", SQLITE_BUSY);
}

}  // namespace brusio::store::sqlite
