#include "store/sqlite/writer.hpp"

#include <pthread.h>
#include <sqlite3.h>

namespace brusio::store::sqlite {
namespace {

constexpr auto async_pause = std::chrono::milliseconds(250);  // how far behind `async` is
constexpr auto retry_pause = std::chrono::seconds(1);
constexpr auto chore_patience = std::chrono::milliseconds(20);  // then a chore goes before a batch
constexpr std::size_t records_together = 20'000;                // in a transaction
constexpr int pages_a_ring = 1'000;

std::size_t bytes_of(const batch& b) {
    std::size_t sum = sizeof b;
    for (const auto& r : b.records) {
        sum += sizeof r;
        if (const auto* e = std::get_if<chat::entry_record>(&r.what)) {
            sum += e->what.what.body.size() + e->what.what.tags.size() + 128;
        }
    }
    return sum;
}

int report_pages(void* to, sqlite3* /*db*/, const char* /*name*/, int pages) {
    auto& s = *static_cast<shared*>(to);
    const auto before = s.log_pages.exchange(pages);
    if (before / pages_a_ring != pages / pages_a_ring) s.upkeep_bell.ring();
    return SQLITE_OK;
}

}  // namespace

writer::writer(shared& s) : s_(s) {
    open_desk();
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "store-writer");
        run();
    });
}

writer::~writer() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void writer::commit(batch what, std::function<void(answer)> done) {
    answer now{.number = what.number};
    std::function<void(answer)> tell;  // at once
    {
        const std::lock_guard lock(mutex_);
        item next{.what = std::move(what), .done = std::move(done)};
        if (s_.options.durable == durability::async) {
            const bool room = backlog_ < s_.options.backlog_max;
            const bool question = next.what.records.empty();
            if (room && well_) tell = std::exchange(next.done, {});
            if (!well_ && !question) {
                tell = std::exchange(next.done, {});
                now.verdict = chat::store_verdict::refused;
                now.why = "the store has failed";
            }
            if (next.done) flush_ = true;
            if (question && !well_) retry_at_ = {};
        }
        if (now.verdict == chat::store_verdict::committed) {
            next.bytes = bytes_of(next.what);
            backlog_ += next.bytes;
            if (items_.empty()) oldest_ = clock::now();
            items_.push_back(std::move(next));
            ++taken_;
        }
    }
    wake_.notify_one();
    if (tell) tell(std::move(now));
}

void writer::settle() {
    if (s_.options.durable != durability::async) return;
    std::unique_lock lock(mutex_);
    const auto wanted = taken_;
    if (applied_ >= wanted) return;
    flush_ = true;
    wake_.notify_one();
    moved_.wait(lock, [&] { return applied_ >= wanted || !well_ || stop_; });
}

base::result<void> writer::chore(chore_kind kind, std::function<void(connection&)> what) {
    base::result<void> outcome;
    bool done = false;
    std::unique_lock lock(mutex_);
    if (stop_) return base::fail("the server is stopping");
    chores_.push_back({kind, std::move(what), clock::now(), &outcome, &done});
    wake_.notify_one();
    moved_.wait(lock, [&] { return done; });
    return outcome;
}

// ── the writer's thread ─────────────────────────────────────────────────────────────────────────────────────────────

bool writer::batches_due(clock::time_point now) const {
    if (items_.empty()) return false;
    if (s_.options.durable == durability::commit || stop_) return true;
    if (now < retry_at_) return false;
    return flush_ || now >= oldest_ + async_pause || backlog_ >= s_.options.backlog_max / 4;
}

std::optional<writer::clock::time_point> writer::next_due() const {
    if (items_.empty()) return std::nullopt;
    return std::max(retry_at_, flush_ ? clock::time_point{} : oldest_ + async_pause);
}

void writer::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        const auto now = clock::now();
        const bool due = batches_due(now);
        const bool impatient = !chores_.empty() && now - chores_.front().since > chore_patience;
        if (!chores_.empty() && (!due || impatient)) {
            auto next = std::move(chores_.front());
            chores_.pop_front();
            lock.unlock();
            do_chore(next);
            lock.lock();
            *next.done = true;
            moved_.notify_all();
            if (!impatient || !due) continue;
        }
        if (due) {
            auto items = take_batches();
            lock.unlock();
            write(std::move(items));
            lock.lock();
            moved_.notify_all();
            if (stop_ && !well_) break;
            continue;
        }
        if (stop_) break;
        if (const auto at = next_due()) {
            wake_.wait_until(lock, *at);
        } else {
            wake_.wait(lock);
        }
    }
    if (!items_.empty()) {
        s_.log(severity::error, fmt::format("store: {} batches could not be written before the end", items_.size()));
    }
    for (auto& c : chores_) {
        *c.outcome = base::fail("the server is stopping");
        *c.done = true;
    }
    moved_.notify_all();
    lock.unlock();
    desk_.reset();
}

std::vector<writer::item> writer::take_batches() {
    std::vector<item> out;
    std::size_t records = 0;
    while (!items_.empty() && records < records_together) {
        records += items_.front().what.records.size();
        out.push_back(std::move(items_.front()));
        items_.pop_front();
    }
    if (items_.empty()) flush_ = false;
    return out;
}

writer::desk& writer::open_desk() {
    if (!desk_) {
        desk_.emplace(s_);
        sqlite3_wal_hook(desk_->c.base().getHandle(), report_pages, &s_);
        s_.last_entry = desk_->records.last_entry();
    }
    return *desk_;
}

void writer::write(std::vector<item> items) {
    bool committing = false;
    try {
        auto& d = open_desk();
        transaction whole(d.c, true);
        for (const auto& i : items) d.records.apply(i.what);
        d.records.finish();
        committing = true;
        whole.commit();
        return wrote(items);
    } catch (const SQLite::Exception& e) {
        // When COMMIT says that the disk is full, its last page, which is what makes the rest count, was not written.
        // After any other error it may have been, and then counts after a crash: unless something else is written
        // over it, which the next success does.
        const auto code = e.getErrorCode() & 0xFF;
        if (committing && code != SQLITE_FULL && code != SQLITE_BUSY && !unsettled_since_) {
            unsettled_since_ = clock::now();
        }
        desk_.reset();
        failed(std::move(items), verdict_now(), why(e));
    } catch (const std::exception& e) {
        desk_.reset();
        failed(std::move(items), verdict_now(), e.what());
    }
}

// Everybody waits while it is not known. So after a while it is refused: nobody has seen what may still be found after
// a crash.
chat::store_verdict writer::verdict_now() const {
    const bool unknown = unsettled_since_ && clock::now() - *unsettled_since_ < s_.options.unknown_max;
    return unknown ? chat::store_verdict::unknown : chat::store_verdict::refused;
}

void writer::wrote(const std::vector<item>& items) {
    unsettled_since_.reset();
    auto& records = desk_->records;
    const bool more = s_.last_entry.exchange(records.last_entry()) != records.last_entry();
    const bool index_work = records.take_index_work();
    if (more || index_work) s_.index_bell.ring();
    if (records.take_doomed()) s_.upkeep_bell.ring();
    is_well(true, {});
    {
        const std::lock_guard lock(mutex_);
        for (const auto& i : items) backlog_ -= i.bytes;
        applied_ += items.size();
        oldest_ = clock::now();
    }
    for (const auto& i : items) {
        if (i.done) i.done({.number = i.what.number});
    }
}

void writer::failed(std::vector<item> items, chat::store_verdict verdict, const std::string& reason) {
    is_well(false, reason);
    std::vector<item> told;
    {
        const std::lock_guard lock(mutex_);
        while (!items.empty()) {
            auto i = std::move(items.back());
            items.pop_back();
            if (i.done) {
                backlog_ -= i.bytes;
                ++applied_;
                told.push_back(std::move(i));
            } else {
                items_.push_front(std::move(i));  // nobody else knows of it any more: until it is written
            }
        }
        retry_at_ = clock::now() + retry_pause;
    }
    for (auto at = told.rbegin(); at != told.rend(); ++at) at->done({at->what.number, verdict, reason});
}

void writer::do_chore(waiting_chore& chore) {
    try {
        if (chore.kind == chore_kind::anew) desk_.reset();
        auto& c = open_desk().c;
        desk_->records.look_again();
        if (chore.kind == chore_kind::bare) return chore.what(c);
        if (chore.kind == chore_kind::anew) {
            chore.what(c);
            return desk_.reset();
        }
        std::optional<unsynced> light;
        if (chore.kind == chore_kind::unsynced) light.emplace(c);
        transaction whole(c, true);
        chore.what(c);
        whole.commit();
    } catch (const SQLite::Exception& e) {
        desk_.reset();
        *chore.outcome = base::fail("{}", why(e));
    } catch (const std::exception& e) {
        desk_.reset();
        *chore.outcome = base::fail("{}", e.what());
    }
}

void writer::is_well(bool well, const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        if (well_ == well) return;
        well_ = well;
    }
    if (well) {
        s_.log(severity::info, fmt::format("store: {} can be written to again", s_.options.file));
    } else {
        s_.log(severity::error,
               fmt::format("store: {} cannot be written to: {}; messages that are to be remembered are "
                           "refused until it can",
                           s_.options.file, reason));
    }
}

}  // namespace brusio::store::sqlite
