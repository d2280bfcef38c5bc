// Retention, backup, export, erasing, crashes, and many who ask at the same time.
#include <atomic>
#include <fstream>
#include <iterator>

#include "store/contract_test.hpp"

namespace brusio::store {
namespace {

using strings = std::vector<std::string>;
constexpr std::int64_t day = 86'400'000;

class aged {
  public:
    explicit aged(std::int64_t now_ms) : now_ms_(now_ms) {}
    chat::entry operator()(chat::entry e, std::int64_t days) {
        e.at_ms = now_ms_ - days * day;
        e.id = {(static_cast<std::uint64_t>(e.at_ms) << 16U) + ++counter_};
        return e;
    }

  private:
    std::int64_t now_ms_;
    std::uint64_t counter_ = 0;
};

TEST_P(contract, What_is_too_old_is_deleted) {
    aged age(where->now_ms);
    chat::channel_record own;
    own.id = {8};
    own.name = {"#b", "#b"};
    own.keep_ms = 2 * day;
    auto all = own;
    all.id = {9};
    all.name = {"#c", "#c"};
    all.keep_ms = 1'000 * day;
    std::vector<chat::record> records;
    for (int i = 0; i < 300; ++i) records.emplace_back(in_channel(age(said("ancient"), 20)));
    for (const std::int64_t days : {20, 11, 9, 3, 1}) {
        for (const std::uint64_t c : {7, 8, 9})
            records.emplace_back(in_channel(age(said("d" + std::to_string(days)), days), c));
        records.emplace_back(chat::entry_record{
            {}, {side(3, 4, "bruno"), side(4, 3, "anna")}, age(said("d" + std::to_string(days)), days)});
    }
    records.emplace_back(chat::entry_record{{}, {side(3, 5, "carla")}, age(said("long ago"), 50)});
    records.emplace_back(own);
    records.emplace_back(all);
    remember(records);
    store->set_retention({.channels_ms = 10 * day, .direct_ms = 5 * day});
    const auto until = [&](const timeline& of, const strings& wanted) {
        while (bodies(latest(of).entries) != wanted) std::this_thread::yield();
    };
    until(channel(7), {"d9", "d3", "d1"});
    until(channel(8), {"d1"});
    until(channel(9), {"d20", "d11", "d9", "d3", "d1"});
    until(direct(3, 4), {"d3", "d1"});
    until(direct(4, 3), {"d3", "d1"});
    while (ask<targets>(targets_query{.owner = {3}}).all.size() != 1) std::this_thread::yield();
    while (!hits({{{"ancient"}}}).empty()) std::this_thread::yield();
    store->set_retention({});
    where->now_ms += 1'000 * day;
    reopen();
    EXPECT_EQ(bodies(latest(channel(7)).entries), (strings{"d9", "d3", "d1"})) << "0 is for ever";
    // The numbers of conversations that are gone are nobody else's.
    remember({chat::entry_record{{}, {side(3, 5, "carla")}, said("again")}});
    EXPECT_EQ(bodies(latest(direct(3, 5)).entries), strings{"again"});
}

TEST_P(contract, A_backup_has_all_and_can_be_restored) {
    chat::account_record a;
    a.id = {3};
    a.name = {"anna", "anna"};
    std::vector<chat::record> records{a};
    for (int i = 0; i < 2'000; ++i) records.emplace_back(in_channel(said("word " + std::to_string(i))));
    remember(records);
    const auto file = where->new_file();
    const auto told = wait([&](auto done) { store->back_up(file, done); });
    ASSERT_TRUE(told) << told.error().text;
    EXPECT_NE(told->find("2000 messages"), std::string::npos) << *told;
    const auto again = wait([&](auto done) { store->back_up(file, done); });
    ASSERT_FALSE(again) << "an existing file is nobody's to overwrite";
    EXPECT_FALSE(wait([&](auto done) { store->back_up("/no/such/folder/file", done); }));
    const auto memory = load();
    const auto p = latest(channel(7));
    remember({in_channel(said("after the backup"))});

    store.reset();
    const auto copy = where->restored(file);
    store = copy->open();
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(load(), memory);
    EXPECT_EQ(latest(channel(7)).entries, p.entries);
    EXPECT_EQ(hits({{{"1999"}}}).size(), 1U);
    EXPECT_TRUE(hits({{{"backup"}}}).empty());
    remember({in_channel(said("goes on"))});
    EXPECT_EQ(hits({{{"goes"}}}).size(), 1U);
    store.reset();
}

TEST_P(contract, A_backup_is_of_one_moment_while_writing_goes_on) {
    std::vector<chat::record> records;
    for (int i = 0; i < 20'000; ++i) records.emplace_back(in_channel(said("m")));
    remember(records);
    const auto file = where->new_file();
    std::promise<base::result<std::string>> told;
    auto outcome = told.get_future();
    store->back_up(file, [&](auto r) { told.set_value(std::move(r)); });
    std::uint64_t committed = 0;
    while (outcome.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        remember({in_channel(said("a"), 8), in_channel(said("b"), 9)});
        ++committed;
    }
    const auto r = outcome.get();
    ASSERT_TRUE(r) << r.error().text;
    EXPECT_GT(committed, 0U);
    store.reset();
    const auto copy = where->restored(file);
    store = copy->open();
    EXPECT_EQ(latest(channel(8)).entries.size(), latest(channel(9)).entries.size()) << "whole transactions";
    store.reset();
}

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

TEST_P(contract, An_export_has_all_that_somebody_said) {
    chat::account_record a;
    a.id = {3};
    a.name = {"Anna", "anna"};
    a.nicks = {*base::make_identity("Anna")};
    auto strange = said("\"quoted\"\n\\ \x01 \xff end");
    auto others = said("not hers");
    others.from = {4};
    remember({a,
              chat::credential_record{
                  {3}, chat::credential_kind::password, "", false, "the-secret", "the-scram", "", 1, 0, false},
              chat::marker_record{{3}, "#piazza", 50}, chat::metadata_record{{3}, {}, "url", false, "http://x"},
              in_channel(said("first")), in_channel(others), in_channel(strange),
              chat::entry_record{{}, {side(3, 4, "bruno"), side(4, 3, "anna")}, said("to bruno")}});
    std::string out;
    const auto told = wait([&](auto done) {
        store->export_party(
            {3},
            [&](std::string_view text) {
                out += text;
                return true;
            },
            done);
    });
    ASSERT_TRUE(told) << told.error().text;
    EXPECT_EQ(lines(out), 8U) << out;
    for (const auto* part : {"\"Anna\"", "\"#piazza\"", "\"http://x\"", "\"first\"", "\"to bruno\"",
                             R"(\"quoted\"\u000a\\ \u0001 )"
                             "\xEF\xBF\xBD end\"",
                             "\"body_base64\":\"InF1b3RlZCIKXCABIP8gZW5k\""}) {
        EXPECT_TRUE(out.contains(part)) << part << " in\n" << out;
    }
    EXPECT_FALSE(out.contains("not hers"));
    EXPECT_FALSE(out.contains("the-secret"));
    EXPECT_FALSE(out.contains("the-scram"));
    EXPECT_LT(out.find("first"), out.find("to bruno"));
    EXPECT_FALSE(wait([&](auto done) { store->export_party({3}, [](std::string_view) { return false; }, done); }));
}

TEST_P(contract, Nothing_is_left_of_what_is_erased) {
    std::vector<chat::record> records;
    for (int i = 0; i < 3'000; ++i) {
        const auto n = std::to_string(i);
        auto hers = said("xyzzyplugh" + n + " was here");
        if (i % 50 == 0) hers.what.body += std::string(6'000, 'q') + " quxfrobnicate";
        hers.what.tags = "+x=grault" + n;
        hers.detail = "garply";
        auto others = said("waldo" + n);
        others.from = {4};
        if (i % 3 == 0) {
            records.emplace_back(chat::entry_record{{}, {side(3, 4, "fredthud"), side(4, 3, "anna")}, hers});
            records.emplace_back(chat::entry_record{{}, {side(4, 3, "anna"), side(3, 4, "fredthud")}, others});
        } else {
            records.emplace_back(in_channel(hers));
            records.emplace_back(in_channel(others));
        }
        if (records.size() < 400) continue;
        remember(std::exchange(records, {}));
    }
    remember(records);
    search({.in = {channel(7)}, .terms = {{{"xyzzyplugh1"}}}});
    ASSERT_TRUE(where->has_bytes("xyzzyplugh"));
    const auto hidden = latest(direct(3, 4)).entries.size();
    EXPECT_GT(hidden, 0U);
    const auto told = wait([&](auto done) { store->erase_party({3}, done); });
    ASSERT_TRUE(told) << told.error().text;
    for (const auto* word : {"xyzzy", "plugh", "yzzyplu", "quxfrob", "frobnicate", "grault", "garply", "fredthud"}) {
        EXPECT_FALSE(where->has_bytes(word)) << word;
    }
    EXPECT_TRUE(where->has_bytes("waldo"));
    EXPECT_TRUE(latest(direct(3, 4)).entries.empty());
    const auto left = latest(direct(4, 3)).entries;
    ASSERT_EQ(left.size(), 1'000U);
    for (const auto& e : left) {
        EXPECT_EQ(e.redacted, e.from == chat::party_id{3});
        EXPECT_EQ(e.what.body.empty(), e.redacted);
    }
    EXPECT_TRUE(hits({{{"was"}}}).empty());
    EXPECT_EQ(hits({{{"waldo1"}}}).size(), 1U);
    remember({in_channel(said("she may speak again"))});
    EXPECT_EQ(hits({{{"speak"}}}).size(), 1U);
}

TEST_P(contract, Who_was_dropped_is_known_until_it_is_erased) {
    const auto with_name = [&](std::uint64_t id, std::string_view fold) {
        return chat::account_record{.id = {id}, .gone = true, .name = {std::string(fold), std::string(fold)}};
    };
    const auto dropped_of = [&](std::string_view fold) { return ask<dropped>(dropped_query{std::string(fold)}).all; };
    remember({with_name(3, "anna"), with_name(5, "anna"), with_name(4, "bruno")});
    reopen();
    EXPECT_EQ(dropped_of("anna"), (std::vector<chat::account_id>{{5}, {3}})) << "the latest first";
    EXPECT_TRUE(dropped_of("carla").empty());
    ASSERT_TRUE(wait([&](auto done) { store->erase_party({5}, done); }));
    EXPECT_EQ(dropped_of("anna"), std::vector<chat::account_id>{{3}});
    EXPECT_EQ(dropped_of("bruno").size(), 1U);
}

TEST_P(contract, What_was_committed_is_there_after_a_crash) {
    for (int i = 0; i < 50; ++i) remember({in_channel(said("m" + std::to_string(i)))});
    const auto copy = where->copied_while_open();
    store.reset();
    store = copy->open();
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(latest(channel(7)).entries.size(), 50U);
    EXPECT_EQ(load().last.value, last);
    store.reset();
}

TEST_P(contract, Questions_see_what_was_committed_before_them) {
    std::atomic<bool> stop = false;
    std::atomic<int> answers = 0;
    std::vector<std::thread> askers;
    for (int i = 0; i < 3; ++i) {
        askers.emplace_back([&] {
            while (!stop) {
                (void)latest(channel(7), 50);
                (void)ask<found>(search_query{.in = {channel(7)}, .terms = {{{"word"}}}});
                ++answers;
            }
        });
    }
    for (int i = 0; i < 300; ++i) {
        const auto e = said("word " + std::to_string(i));
        remember({in_channel(e)});
        const auto p = latest(channel(7), 1);
        ASSERT_EQ(p.entries.size(), 1U);
        EXPECT_EQ(p.entries.front(), e);
    }
    stop = true;
    for (auto& t : askers) t.join();
    EXPECT_GT(answers, 0);
}

TEST_P(contract, Everybody_who_asks_gets_an_answer_and_not_too_many_wait) {
    store.reset();
    where->questions_max = 10;
    store = where->open();
    remember({in_channel(said("x"))});
    // The first answer is kept from ending until all others have been asked for.
    std::promise<void> asked_all;
    auto asked = asked_all.get_future().share();
    std::promise<void> first_began;
    store->ask(page_query{.of = channel(7)}, [&first_began, asked](auto) {
        first_began.set_value();
        asked.wait();
    });
    first_began.get_future().wait();
    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;
    constexpr int many = 50;
    std::promise<void> done;
    for (int i = 0; i < many; ++i) {
        store->ask(page_query{.of = channel(7), .limit = 1 + static_cast<std::uint32_t>(i % 2)}, [&](auto r) {
            ++(r ? good : bad);
            if (good + bad == many) done.set_value();
        });
    }
    asked_all.set_value();
    done.get_future().wait();
    EXPECT_EQ(good, 10);
    EXPECT_EQ(bad, many - 10);
}

TEST_P(contract, Who_waits_at_the_end_is_answered) {
    std::atomic<int> answers = 0;
    for (int i = 0; i < 200; ++i) {
        batch b{.number = ++number};
        const auto e = said("m");
        b.records.push_back({e.id, in_channel(e)});
        store->commit(std::move(b), [&](const answer&) { ++answers; });
        store->ask(page_query{.of = channel(7), .limit = static_cast<std::uint32_t>(i)},
                   [&](const auto&) { ++answers; });
    }
    store->back_up(where->new_file(), [&](const auto&) { ++answers; });
    store->erase_party({3}, [&](const auto&) { ++answers; });
    store->export_party({3}, [](auto) { return true; }, [&](const auto&) { ++answers; });
    store.reset();
    EXPECT_EQ(answers, 403);
    store = where->open();
    EXPECT_EQ(latest(channel(7)).entries.size(), 200U);
}

}  // namespace
}  // namespace brusio::store
