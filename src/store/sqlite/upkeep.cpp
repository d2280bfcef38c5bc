#include "store/sqlite/upkeep.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <limits>
#include <tuple>

#include <pthread.h>

#include "store/sqlite/scrub.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr int pages_to_checkpoint = 1'000;       // 4 MiB
constexpr int pages_to_restart = 24'000;         // 96 MiB: then the writer has to help, so that the log begins anew
constexpr int slice = 100;                       // rows that a chore deletes: about a millisecond
constexpr std::uint32_t pages_to_scrub = 1'000;  // in a chore: some milliseconds
constexpr auto retention_pause = std::chrono::minutes(1);

// The entry leaves this past; with the last one that it is in, it is deleted.
void detach(connection& c, std::int64_t id, std::int64_t timeline) {
    if (c.run("UPDATE entries SET other = NULL WHERE id = ? AND other = ?", id, timeline) > 0) return;
    if (c.run("UPDATE entries SET timeline = other, other = NULL WHERE id = ? AND timeline = ? AND other IS NOT NULL",
              id, timeline) > 0) {
        return;
    }
    if (c.run("DELETE FROM entries WHERE id = ? AND timeline = ?", id, timeline) > 0) {
        c.run("INSERT INTO index_todo (id) VALUES (?)", id);
    }
}

// Unless something was said in it again.
void delete_empty_conversation(connection& c, std::int64_t id, std::int64_t latest_before) {
    c.run(
        "DELETE FROM conversations WHERE id = ?1 AND latest < ?2 AND NOT EXISTS (SELECT 1 FROM entries WHERE timeline "
        "= "
        "?1) AND NOT EXISTS (SELECT 1 FROM entries WHERE other = ?1)",
        id, latest_before);
}

std::vector<past> both_columns(std::int64_t timeline) {
    std::vector<past> out{{timeline, false, 0}};
    if (timeline < 0) out.push_back({timeline, true, 0});
    return out;
}

// Deletes what a timeline has before an entry, in slices.
base::result<void> delete_before(shared& s, writer& w, connection& c, std::int64_t timeline, std::int64_t before) {
    while (!s.stopping) {
        const auto ids = ids_in(c, both_columns(timeline), {.before = before, .events = true}, slice);
        if (ids.empty()) return {};
        auto done = w.chore(writer::chore_kind::unsynced, [&](connection& writes) {
            for (const auto id : ids) detach(writes, id, timeline);
        });
        if (!done) return done;
        s.index_bell.ring();
    }
    return base::fail("the server is stopping");
}

struct doomed_past {
    std::int64_t timeline = 0;
    std::int64_t up_to = 0;
};

std::vector<doomed_past> doomed_pasts(connection& c) {
    std::vector<doomed_past> out;
    use find(c["SELECT timeline, up_to FROM doomed ORDER BY timeline"]);
    while (find.next()) {
        out.push_back({.timeline = find.number()});
        out.back().up_to = find.number();
    }
    return out;
}

// All timelines that there are, without reading all entries: from one to the next.
std::vector<std::int64_t> timelines(connection& c) {
    std::vector<std::int64_t> out;
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    while (true) {
        use find(c["SELECT timeline FROM entries WHERE timeline > ? ORDER BY timeline LIMIT 1"], last);
        if (!find.next()) break;
        last = find.number();
        out.push_back(last);
    }
    last = std::numeric_limits<std::int64_t>::min();
    while (true) {
        use find(c["SELECT other FROM entries WHERE other > ? ORDER BY other LIMIT 1"], last);
        if (!find.next()) break;
        last = find.number();
        out.push_back(last);
    }
    return out;
}

// The first id that is kept; 0: all are.
std::int64_t cut(std::int64_t now_ms, std::int64_t keep_ms) {
    return keep_ms > 0 && now_ms > keep_ms ? (now_ms - keep_ms) * 65'536 : 0;
}

}  // namespace

base::result<void> delete_doomed(shared& s, writer& w, connection& c) {
    for (const auto& d : doomed_pasts(c)) {
        const auto before = d.up_to == whole_past ? whole_past : d.up_to + 1;
        if (auto done = delete_before(s, w, c, d.timeline, before); !done) return done;
        auto done = w.chore(writer::chore_kind::unsynced, [&](connection& writes) {
            writes.run("DELETE FROM doomed WHERE timeline = ? AND up_to = ?", d.timeline, d.up_to);
            delete_empty_conversation(writes, d.timeline, 1);
        });
        if (!done) return done;
    }
    return {};
}

base::result<void> scrub_file(shared& s, writer& w) {
    std::uint32_t from = 1;
    for (int attempt = 0; attempt < 1'000 && !s.stopping;) {
        std::optional<std::uint32_t> next;
        auto done = w.chore(writer::chore_kind::anew, [&](connection& c) { next = scrub(c, from, pages_to_scrub); });
        if (!done) return done;
        if (next && *next == 0) return {};
        if (next) {
            from = *next;
        } else {
            ++attempt;  // somebody reads the history just now
            s.upkeep_bell.pause(std::chrono::milliseconds(5));
        }
    }
    return base::fail("the write-ahead log is in use");
}

upkeep::upkeep(shared& s, writer& w)
    : s_(s), writer_(w), thread_([this] {
          pthread_setname_np(pthread_self(), "store-upkeep");
          setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
          run();
      }) {}

upkeep::~upkeep() {
    s_.stopping = true;
    s_.upkeep_bell.ring(true);
    thread_.join();
}

void upkeep::set_retention(retention now) {
    {
        const std::lock_guard lock(mutex_);
        retention_ = now;
        retention_is_new_ = true;
    }
    s_.upkeep_bell.ring();
}

void upkeep::run() {
    using clock = std::chrono::steady_clock;
    auto next_retention = clock::now() + retention_pause;
    std::optional<desk> desk;
    s_.upkeep_bell.ring();
    while (!s_.stopping) {
        s_.upkeep_bell.wait_for(std::chrono::ceil<std::chrono::milliseconds>(next_retention - clock::now()));
        if (s_.stopping) break;
        try {
            if (!desk) desk.emplace(s_);
            checkpoint(desk->c);
            std::ignore = delete_doomed(s_, writer_, desk->c);  // what it cannot now, it can the next time
            bool due = clock::now() >= next_retention;
            {
                const std::lock_guard lock(mutex_);
                due = std::exchange(retention_is_new_, false) || due;
            }
            if (due) {
                delete_old(desk->c);
                next_retention = clock::now() + retention_pause;
            }
            well_ = true;
        } catch (const SQLite::Exception& e) {
            desk.reset();
            if (std::exchange(well_, false)) {
                s_.log(severity::error, fmt::format("store: upkeep of {} fails: {}", s_.options.file, why(e)));
            }
            next_retention = clock::now() + retention_pause;
        }
    }
}

void upkeep::checkpoint(connection& c) {
    if (s_.log_pages < pages_to_checkpoint) return;
    c.number("PRAGMA wal_checkpoint(PASSIVE)");
    if (s_.log_pages < pages_to_restart) return;
    // What came in meanwhile is little. When the writer itself has seen to it that all of the log is in the file, it
    // begins the log anew.
    c.number("PRAGMA wal_checkpoint(PASSIVE)");
    std::ignore =
        writer_.chore(writer::chore_kind::bare, [](connection& w) { w.number("PRAGMA wal_checkpoint(PASSIVE)"); });
}

void upkeep::delete_old(connection& c) {
    retention keep;
    {
        const std::lock_guard lock(mutex_);
        keep = retention_;
    }
    std::vector<doomed_past> own;  // of channels that say so themselves
    {
        use find(c["SELECT id, keep_ms FROM channels WHERE keep_ms > 0 ORDER BY id"]);
        while (find.next()) {
            own.push_back({.timeline = find.number()});
            own.back().up_to = find.number();
        }
    }
    if (keep.channels_ms == 0 && keep.direct_ms == 0 && own.empty()) return;
    const auto now = s_.now_ms();
    for (const auto timeline : timelines(c)) {
        auto keep_ms = timeline < 0 ? keep.direct_ms : keep.channels_ms;
        const auto said = std::ranges::lower_bound(own, timeline, {}, &doomed_past::timeline);
        if (said != own.end() && said->timeline == timeline) keep_ms = said->up_to;
        const auto before = cut(now, keep_ms);
        if (before > 0 && !delete_before(s_, writer_, c, timeline, before)) return;
    }
    if (const auto before = cut(now, keep.direct_ms); before > 0) delete_silent(c, before);
}

// Conversations of which nothing is left.
void upkeep::delete_silent(connection& c, std::int64_t before) {
    std::vector<std::int64_t> ids;
    {
        use find(c["SELECT id FROM conversations WHERE latest < ?"], before);
        while (find.next()) ids.push_back(find.number());
    }
    for (std::size_t at = 0; at < ids.size() && !s_.stopping; at += slice) {
        std::ignore = writer_.chore(writer::chore_kind::unsynced, [&](connection& writes) {
            for (auto i = at; i < std::min(ids.size(), at + slice); ++i)
                delete_empty_conversation(writes, ids[i], before);
        });
    }
}

}  // namespace brusio::store::sqlite
