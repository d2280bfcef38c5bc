// What the store answers when the disk fails, and whether it was true.
#include <random>
#include <set>

#include "store/sqlite/faulty_vfs_test.hpp"
#include "store/sqlite/place_test.hpp"
#include "store/sqlite/sql.hpp"

namespace brusio::store::sqlite {
namespace {

using chat::store_verdict;

class faults : public ::testing::Test {
  protected:
    void open(const std::string& layer = {}) {
        where->wanted.vfs = layer;
        store = where->open();
        ASSERT_NE(store, nullptr);
    }
    batch next_batch(int messages) {
        batch b{.number = ++number};
        for (int i = 0; i < messages; ++i) {
            chat::entry_record r;
            r.channel = {7};
            r.what.id = {++last};
            r.what.what.body = std::string(100 + last % 900, 'x');
            b.records.push_back({r.what.id, std::move(r)});
        }
        return b;
    }
    answer put(const batch& b) {
        std::promise<answer> told;
        store->commit(b, [&](answer a) { told.set_value(std::move(a)); });
        return told.get_future().get();
    }
    std::vector<std::uint64_t> ids() {
        std::vector<std::uint64_t> out;
        page p;
        do {
            std::promise<page> told;
            const page_query q{.of = {.channel = {7}},
                               .which = span::after,
                               .after = {out.empty() ? 0 : out.back()},
                               .limit = page_max};
            store->ask(q, [&](base::result<reply> r) {
                EXPECT_TRUE(r) << r.error().text;
                told.set_value(r ? std::get<page>(*r) : page{});
            });
            p = told.get_future().get();
            for (const auto& e : p.entries) out.push_back(e.id.value);
        } while (p.more);
        return out;
    }
    void expect_sound() {
        connection c(where->file().string(), access::read, {});
        EXPECT_EQ(c.base().execAndGet("PRAGMA integrity_check").getString(), "ok");
    }

    std::unique_ptr<faulty_vfs> vfs = std::make_unique<faulty_vfs>();
    std::unique_ptr<sqlite_place> where = std::make_unique<sqlite_place>();
    std::unique_ptr<engine> store;
    std::uint64_t number = 0;
    std::uint64_t last = std::uint64_t{1'700'000'000'000} << 16U;
};

TEST_F(faults, A_full_disk_refuses_and_recovers_when_there_is_room) {
    open(vfs->name());
    const auto kept = next_batch(3);
    EXPECT_EQ(put(kept).verdict, store_verdict::committed);
    vfs->fail(0, 1'000'000, SQLITE_FULL);
    for (int i = 0; i < 5; ++i) {
        const auto a = put(next_batch(3));
        EXPECT_EQ(a.verdict, store_verdict::refused);
        EXPECT_EQ(a.why, "the disk is full");
    }
    EXPECT_EQ(put({.number = ++number}).verdict, store_verdict::refused) << "the store is not well";
    EXPECT_EQ(ids().size(), 3U) << "what is there can be read meanwhile";
    vfs->well();
    EXPECT_EQ(put({.number = ++number}).verdict, store_verdict::committed);
    EXPECT_EQ(put(next_batch(3)).verdict, store_verdict::committed);
    EXPECT_EQ(ids().size(), 6U);
    int failed = 0;
    int well = 0;
    for (const auto& line : where->log()) {
        if (line.contains("cannot be written to: the disk is full") && !line.contains("index")) ++failed;
        if (line.contains("can be written to again") && !line.contains("index")) ++well;
    }
    EXPECT_EQ(failed, 1) << "one line for a change";
    EXPECT_EQ(well, 1);
    store.reset();
    open();
    EXPECT_EQ(ids().size(), 6U);
    expect_sound();
}

TEST_F(faults, A_failed_sync_is_unknown_until_it_is_asked_again) {
    open(vfs->name());
    EXPECT_EQ(put(next_batch(1)).verdict, store_verdict::committed);
    vfs->fail(0, 1'000'000, SQLITE_IOERR_FSYNC, ".db-wal");
    const auto b = next_batch(2);
    EXPECT_EQ(put(b).verdict, store_verdict::unknown);
    EXPECT_EQ(put(b).verdict, store_verdict::unknown);
    vfs->fail(0, 1'000'000, SQLITE_FULL, ".db-wal");
    EXPECT_EQ(put(b).verdict, store_verdict::unknown) << "the first attempt may still count";
    vfs->well();
    EXPECT_EQ(put(b).verdict, store_verdict::committed);
    EXPECT_EQ(ids().size(), 3U);
    vfs->fail(0, 1'000'000, SQLITE_FULL, ".db-wal");
    EXPECT_EQ(put(next_batch(1)).verdict, store_verdict::refused) << "that is settled now";
}

TEST_F(faults, What_is_unknown_for_too_long_is_refused) {
    where->wanted.unknown_max = std::chrono::milliseconds(0);
    open(vfs->name());
    EXPECT_EQ(put(next_batch(1)).verdict, store_verdict::committed);
    vfs->fail(0, 1'000'000, SQLITE_IOERR_FSYNC, ".db-wal");
    EXPECT_EQ(put(next_batch(2)).verdict, store_verdict::refused);
    EXPECT_EQ(put({.number = ++number}).verdict, store_verdict::refused) << "it is not well";
    vfs->well();
    EXPECT_EQ(put({.number = ++number}).verdict, store_verdict::committed);
    EXPECT_EQ(put(next_batch(1)).verdict, store_verdict::committed);
    EXPECT_EQ(ids().size(), 2U);
    store.reset();
    open();
    EXPECT_EQ(ids().size(), 2U) << "and what came later was written over it";
    expect_sound();
}

TEST_F(faults, Async_keeps_what_it_has_taken_and_refuses_the_rest) {
    where->wanted.durable = durability::async;
    where->wanted.backlog_max = 50'000;
    open(vfs->name());
    vfs->fail(0, 1'000'000, SQLITE_FULL);
    std::size_t taken = 0;
    store_verdict verdict{};
    // Once the store is known to have failed, it says so.
    while ((verdict = put(next_batch(1)).verdict) == store_verdict::committed) ++taken;
    EXPECT_EQ(verdict, store_verdict::refused);
    EXPECT_GT(taken, 10U);
    EXPECT_NE(put({.number = ++number}).verdict, store_verdict::committed);
    vfs->well();
    while (put({.number = ++number}).verdict != store_verdict::committed) std::this_thread::yield();
    while (ids().size() < taken) std::this_thread::yield();
    EXPECT_EQ(put(next_batch(1)).verdict, store_verdict::committed);
    store.reset();
    open();
    EXPECT_EQ(ids().size(), taken + 1);
}

// Whatever fails whenever, and however the power is cut: what was answered is true.
TEST_F(faults, Answers_are_true_whatever_fails) {
    const auto* said = std::getenv("BRUSIO_STORE_SEED");
    std::mt19937 dice(said != nullptr ? static_cast<unsigned>(std::strtoul(said, nullptr, 10)) : 4'711U);
    const auto* more = std::getenv("BRUSIO_STORE_ROUNDS");
    const int rounds = more != nullptr ? std::atoi(more) : 20;
    std::set<std::uint64_t> must;
    std::set<std::uint64_t> must_not;
    int unknown = 0;
    int refused = 0;
    for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        open(vfs->name());
        std::set<std::uint64_t> may;
        for (int i = 0; i < 25; ++i) {
            if (dice() % 3 == 0) {
                constexpr int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC};
                vfs->fail(static_cast<int>(dice() % 30), 1 + static_cast<int>(dice() % 4), codes[dice() % 3],
                          dice() % 4 == 0 ? "" : ".db-wal");
            }
            const auto b = next_batch(static_cast<int>(1 + dice() % (dice() % 10 == 0 ? 400 : 20)));
            auto verdict = put(b).verdict;
            for (int again = 0; verdict == store_verdict::unknown && again < 10; ++again) {
                ++unknown;
                if (dice() % 8 == 0) break;  // the power is cut before anybody knows
                verdict = put(b).verdict;
            }
            auto& where_to = verdict == store_verdict::committed ? must
                             : verdict == store_verdict::refused ? must_not
                                                                 : may;
            for (const auto& r : b.records) where_to.insert(r.id.value);
            if (verdict == store_verdict::refused) ++refused;
            if (verdict == store_verdict::unknown) break;
            if (dice() % 60 == 0) break;
        }
        vfs->cut_power();
        auto next = std::make_unique<sqlite_place>();
        vfs->save_what_is_left(next->folder(), dice);
        store.reset();
        vfs = std::make_unique<faulty_vfs>();
        where = std::move(next);
        open();
        const auto there = ids();
        const std::set<std::uint64_t> is(there.begin(), there.end());
        for (const auto id : must) ASSERT_TRUE(is.contains(id)) << "committed, and lost";
        for (const auto id : is) ASSERT_TRUE(must.contains(id) || may.contains(id)) << "refused, and there";
        must = is;
        store.reset();
        expect_sound();
        if (HasFailure()) return;
    }
    EXPECT_GT(unknown, 0);
    EXPECT_GT(refused, 0);
    EXPECT_GT(must.size(), 1'000U);
}

}  // namespace
}  // namespace brusio::store::sqlite
