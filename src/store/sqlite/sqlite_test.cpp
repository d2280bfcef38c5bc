// What only this engine promises: its files, what it refuses to open, and what it makes anew.
#include <sys/stat.h>

#include <condition_variable>
#include <fstream>

#include "store/sqlite/place_test.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/scrub.hpp"
#include "store/sqlite/words.hpp"

namespace brusio::store {
namespace {

using sqlite::access;
using sqlite::connection;
using sqlite::sqlite_place;

INSTANTIATE_TEST_SUITE_P(sqlite, contract, ::testing::Values(sqlite::make_sqlite_place));

class sqlite_files : public ::testing::Test {
  protected:
    connection file() { return {where.file().string(), access::write, {}}; }
    void write(const std::string& bytes) { std::ofstream(where.file(), std::ios::binary) << bytes; }

    chat::entry_record entry(std::string body) {
        chat::entry_record r{.channel = {7}};
        r.what.id = {++last};
        r.what.what.body = std::move(body);
        r.what.from = {3};
        return r;
    }
    chat::store_verdict remember(engine& store, std::vector<chat::record> records) {
        batch b{.number = ++number};
        for (auto& r : records) b.records.push_back({{++last}, std::move(r)});
        std::promise<answer> told;
        store.commit(std::move(b), [&](answer a) { told.set_value(std::move(a)); });
        return told.get_future().get().verdict;
    }
    static base::result<reply> ask(engine& store, question q) {
        std::promise<base::result<reply>> told;
        store.ask(std::move(q), [&](base::result<reply> r) { told.set_value(std::move(r)); });
        return told.get_future().get();
    }
    static std::size_t messages(engine& store) {
        return std::get<page>(*ask(store, page_query{.of = {.channel = {7}}, .limit = page_max})).entries.size();
    }
    static std::size_t hits(engine& store, const std::string& word) {
        while (true) {
            const auto r = ask(store, search_query{.in = {{.channel = {7}}}, .terms = {{{word}}}});
            if (r && std::get<found>(*r).up_to_date) return std::get<found>(*r).entries.size();
            std::this_thread::yield();
        }
    }

    sqlite_place where;
    std::uint64_t number = 0;
    std::uint64_t last = std::uint64_t{1'700'000'000'000} << 16U;
};

TEST_F(sqlite_files, Only_their_owner_may_read_them) {
    const auto store = where.open();
    EXPECT_EQ(remember(*store, {entry("x")}), chat::store_verdict::committed);
    EXPECT_EQ(hits(*store, "x"), 1U);
    std::promise<void> done;
    store->back_up(where.new_file(), [&](const auto& r) {
        EXPECT_TRUE(r);
        done.set_value();
    });
    done.get_future().wait();
    int files = 0;
    for (const auto& f : std::filesystem::directory_iterator(where.folder())) {
        struct stat s{};
        ASSERT_EQ(::stat(f.path().c_str(), &s), 0);
        EXPECT_EQ(s.st_mode & 0777U, 0600U) << f.path();
        ++files;
    }
    EXPECT_EQ(files, 8) << "the file, its log and that one's index, three of the search index, the lock, the backup";
}

TEST_F(sqlite_files, A_second_server_is_refused) {
    const auto store = where.open();
    EXPECT_TRUE(where.why_not().contains("in use by another brusiod")) << where.why_not();
}

TEST_F(sqlite_files, A_newer_file_is_refused) {
    where.open();
    file().execute("PRAGMA user_version = 1000");
    EXPECT_TRUE(where.why_not().contains("newer version of brusiod")) << where.why_not();
    EXPECT_EQ(file().number("PRAGMA user_version"), 1000);
}

TEST_F(sqlite_files, What_is_no_database_is_refused_and_left_alone) {
    const std::string text(10'000, 'x');
    write(text);
    EXPECT_TRUE(where.why_not().contains("restore a backup")) << where.why_not();
    std::ifstream in(where.file(), std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), text);
}

TEST_F(sqlite_files, Another_programs_database_is_refused_and_left_alone) {
    file().execute("CREATE TABLE theirs (x)");
    EXPECT_TRUE(where.why_not().contains("another program")) << where.why_not();
    EXPECT_EQ(file().number("SELECT count(*) FROM sqlite_schema"), 1);
    EXPECT_EQ(file().base().execAndGet("PRAGMA journal_mode").getString(), "delete");
}

TEST_F(sqlite_files, A_damaged_file_is_refused) {
    {
        const auto store = where.open();
        for (int i = 0; i < 50; ++i)
            EXPECT_EQ(remember(*store, {entry(std::string(500, 'x'))}), chat::store_verdict::committed);
    }
    std::fstream f(where.file(), std::ios::binary | std::ios::in | std::ios::out);
    f.seekp(4096);
    f << std::string(4096 * 3, '\xAA');
    f.close();
    EXPECT_TRUE(where.why_not().contains("restore a backup")) << where.why_not();
}

TEST_F(sqlite_files, A_cut_file_is_refused) {
    where.open();
    std::filesystem::resize_file(where.file(), 8192);
    EXPECT_TRUE(where.why_not().contains("restore a backup")) << where.why_not();
}

TEST_F(sqlite_files, A_folder_that_is_not_there_is_told) {
    auto options = where.options();
    options.file = "/no/such/folder/brusio.db";
    const auto opened = open_sqlite(options);
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().text.contains("/no/such/folder")) << opened.error().text;
}

TEST_F(sqlite_files, Migrations_are_walked_in_order_and_each_once) {
    auto c = file();
    const sqlite::migration first[] = {{1, "one", "CREATE TABLE a (x); INSERT INTO a VALUES (1)"}};
    const sqlite::migration more[] = {first[0],
                                      {2, "two", "UPDATE a SET x = x + 10"},
                                      {3, "three", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 100"}};
    ASSERT_TRUE(sqlite::migrate(c, "f", first));
    EXPECT_EQ(c.number("PRAGMA user_version"), 1);
    ASSERT_TRUE(sqlite::migrate(c, "f", more));
    ASSERT_TRUE(sqlite::migrate(c, "f", more));
    EXPECT_EQ(c.number("PRAGMA user_version"), 3);
    EXPECT_EQ(c.number("SELECT y FROM a"), 111);
    EXPECT_FALSE(sqlite::migrate(c, "f", first));
    const sqlite::migration broken[] = {
        more[0], more[1], more[2], {4, "four", "UPDATE a SET x = 0; UPDATE nothing SET x = 1"}};
    EXPECT_THROW((void)sqlite::migrate(c, "f", broken), SQLite::Exception);
    EXPECT_EQ(c.number("PRAGMA user_version"), 3);
    EXPECT_EQ(c.number("SELECT x FROM a"), 11) << "all of a migration, or none";
}

TEST_F(sqlite_files, Migrations_are_numbered_from_one_without_gaps) {
    int n = 0;
    for (const auto& m : sqlite::migrations()) EXPECT_EQ(m.number, ++n) << m.name;
    EXPECT_GT(n, 0);
}

// For each version a dump of a file that it wrote: migrations/dumps_test/NNNN.sql.
TEST_F(sqlite_files, Files_of_all_earlier_versions_are_brought_here) {
    for (const auto& m : sqlite::migrations()) {
        sqlite_place old;
        const auto dump = std::filesystem::path(BRUSIO_MIGRATIONS) / "dumps_test" / fmt::format("{:04}.sql", m.number);
        std::ifstream in(dump);
        ASSERT_TRUE(in) << dump << " is missing";
        connection(old.file().string(), access::write, {}).execute(std::string(std::istreambuf_iterator<char>(in), {}));
        const auto store = old.open();
        ASSERT_NE(store, nullptr) << dump;
        const auto memory = store->load();
        ASSERT_TRUE(memory) << memory.error().text;
        EXPECT_EQ(memory->accounts.size(), 1U);
        EXPECT_EQ(memory->accounts.at(0).name.name, "Anna");
        EXPECT_EQ(memory->channels.at(0).name.name, "#piazza");
        EXPECT_EQ(memory->channels.at(0).topic_account, chat::account_id{3}) << "or it could not be erased";
        EXPECT_EQ(messages(*store), 2U);
        EXPECT_EQ(hits(*store, "ciao"), 1U);
    }
}

TEST_F(sqlite_files, The_search_index_is_made_anew_when_it_is_missing_damaged_or_somebody_elses) {
    EXPECT_EQ(remember(*where.open(), {entry("one word"), entry("two")}), chat::store_verdict::committed);
    const auto index = where.file().string() + ".index";
    sqlite_place other;
    EXPECT_EQ(remember(*other.open(), {entry("word word"), entry("word")}), chat::store_verdict::committed);
    for (int i = 0; i < 4; ++i) {
        if (i == 0) std::filesystem::remove(index);
        if (i == 1) std::ofstream(index, std::ios::binary) << std::string(9'000, '?');
        if (i == 2)
            std::filesystem::copy_file(other.file().string() + ".index", index,
                                       std::filesystem::copy_options::overwrite_existing);
        if (i == 3) connection(index, access::write, {}).execute("DROP TABLE words");
        const auto store = where.open();
        ASSERT_NE(store, nullptr);
        EXPECT_EQ(hits(*store, "word"), 1U) << i;
    }
}

TEST_F(sqlite_files, Async_answers_at_once_and_questions_see_it) {
    where.wanted.durable = durability::async;
    auto store = where.open();
    for (int i = 0; i < 100; ++i) {
        bool told = false;
        batch b{.number = ++number};
        auto e = entry("x");
        b.records.push_back({e.what.id, e});
        store->commit(std::move(b), [&](const answer& a) {
            EXPECT_EQ(a.verdict, chat::store_verdict::committed);
            told = true;
        });
        EXPECT_TRUE(told);
        EXPECT_EQ(messages(*store), static_cast<std::size_t>(i + 1));
    }
    EXPECT_EQ(remember(*store, {entry("the last")}), chat::store_verdict::committed);
    store.reset();
    EXPECT_EQ(messages(*where.open()), 101U) << "an orderly end loses nothing";
}

TEST_F(sqlite_files, An_erasure_goes_on_after_a_crash) {
    {
        const auto store = where.open();
        EXPECT_EQ(remember(*store, {entry("xyzzy secret"), entry("xyzzy other")}), chat::store_verdict::committed);
    }
    file().execute(fmt::format("INSERT INTO erasures VALUES (3, {})", last));
    const auto store = where.open();
    while (where.has_bytes("xyzzy")) std::this_thread::yield();
    EXPECT_EQ(messages(*store), 2U);
}

TEST_F(sqlite_files, The_same_page_is_read_once_for_all_who_wait) {
    const auto store = where.open();
    EXPECT_EQ(remember(*store, {entry("x")}), chat::store_verdict::committed);
    std::promise<void> go;
    auto gone = go.get_future().share();
    std::promise<void> began;
    store->ask(page_query{.of = {.channel = {1}}}, [&](auto) {
        began.set_value();
        gone.wait();
    });
    began.get_future().wait();
    // All of these wait now. They are told one after the other, by one reading.
    std::atomic<int> told = 0;
    std::vector<int> order;
    std::promise<void> done;
    const auto tell = [&](int who) {
        return [&, who](base::result<reply> r) {
            EXPECT_TRUE(r && std::get<page>(*r).entries.size() == 1);
            order.push_back(who);
            if (++told == 5) done.set_value();
        };
    };
    const page_query same{.of = {.channel = {7}}};
    const page_query different{.of = {.channel = {7}}, .limit = 5};
    store->ask(same, tell(1));
    store->ask(different, tell(4));
    store->ask(same, tell(2));
    store->ask(different, tell(5));
    store->ask(same, tell(3));
    go.set_value();
    done.get_future().wait();
    EXPECT_EQ(order, (std::vector{1, 2, 3, 4, 5}));
}

TEST_F(sqlite_files, The_log_does_not_grow_for_ever) {
    const auto store = where.open();
    for (int i = 0; i < 60; ++i) {
        std::vector<chat::record> records;
        for (int k = 0; k < 500; ++k) records.emplace_back(entry(std::string(3'000, 'x')));
        EXPECT_EQ(remember(*store, std::move(records)), chat::store_verdict::committed);
    }
    // 90 MB were written.
    EXPECT_LT(std::filesystem::file_size(where.file().string() + "-wal"), 200U << 20U);
}

// A page costs what its limit is, not what lies between: each of its questions is one range of an index.
TEST_F(sqlite_files, Pages_are_ranges_of_an_index) {
    where.open();
    auto c = file();
    for (const std::string column : {"timeline", "other"}) {
        for (const auto* order : {"id", "id DESC"}) {
            const auto plan = fmt::format(
                "EXPLAIN QUERY PLAN SELECT id FROM entries WHERE {} = ? AND event = ? AND id > ? AND id < ? ORDER BY "
                "{} "
                "LIMIT ?",
                column, order);
            SQLite::Statement s(c.base(), plan);
            ASSERT_TRUE(s.executeStep());
            EXPECT_TRUE(
                s.getColumn(3).getString().ends_with(fmt::format("({}=? AND event=? AND rowid>? AND rowid<?)", column)))
                << s.getColumn(3).getString();
            EXPECT_FALSE(s.executeStep()) << "nothing is sorted";
        }
    }
}

TEST(scrub, What_nothing_refers_to_is_blanked_and_nothing_else) {
    sqlite_place where;
    connection c(where.file().string(), access::write, {});
    c.execute(
        "PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, x, y); "
        "CREATE INDEX t_x ON t (x)");
    c.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
        "INSERT INTO t SELECT i * 7919 % 3001, 'xyzzy' || i, zeroblob(i % 300) FROM n");
    c.execute("UPDATE t SET x = 'plugh' || id WHERE id % 10 <> 0; DELETE FROM t WHERE id % 10 = 0");
    const auto sum = c.number("SELECT sum(id * length(x)) FROM t");
    ASSERT_TRUE(sqlite::scrub(c, 1, 5).has_value());
    ASSERT_TRUE(where.has_bytes("xyzzy")) << "or this proves nothing";
    EXPECT_EQ(sqlite::scrub(c, 1, sqlite::whole_file), 0U);
    EXPECT_FALSE(where.has_bytes("xyzzy"));
    connection again(where.file().string(), access::write, {});
    EXPECT_EQ(again.base().execAndGet("PRAGMA integrity_check").getString(), "ok");
    EXPECT_EQ(again.number("SELECT sum(id * length(x)) FROM t"), sum);
}

TEST(words, Terms_become_quoted_phrases) {
    const auto with = [](std::vector<search_term> terms) { return sqlite::match_of(terms).with; };
    EXPECT_EQ(with({{{"a"}}, {{"b", "c"}}}), R"("a" AND "b c")");
    EXPECT_EQ(with({{{"a\"b"}, true}}), R"("a""b" *)");
    EXPECT_EQ(with({{{"--"}}, {{"x", "??"}, true}}), R"("x")");
    const auto m = sqlite::match_of({{{"a"}, false, true}, {{"b"}, true, true}});
    EXPECT_EQ(m.with, "");
    EXPECT_EQ(m.without, R"("a" OR "b" *)");
    EXPECT_FALSE(m.nothing);
    EXPECT_TRUE(sqlite::match_of({{{"!"}}}).nothing);
}

}  // namespace
}  // namespace brusio::store
