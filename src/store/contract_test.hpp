// What every engine has to keep (contract_test.cpp, contract_*_test.cpp). An engine's own tests instantiate it:
//
//   INSTANTIATE_TEST_SUITE_P(sqlite, contract, ::testing::Values(make_sqlite_place));
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/identity.hpp"
#include "store/store.hpp"

namespace brusio::store {

// Where an engine keeps its things. One store is open at a time.
class place {
  public:
    virtual ~place() = default;
    virtual std::unique_ptr<engine> open() = 0;  // anew, or again
    // As if the power of the process had been cut: what was not committed is lost. The engine is still there, and is
    // destroyed later.
    virtual std::unique_ptr<place> copied_while_open() = 0;
    virtual std::string new_file() = 0;  // that does not exist yet
    virtual std::unique_ptr<place> restored(const std::string& backup) = 0;
    // Whether these bytes stand anywhere in what the engine keeps, closed or open.
    virtual bool has_bytes(const std::string& bytes) = 0;
    std::atomic<std::int64_t> now_ms = 1'700'000'000'000;  // what the engine takes for the time
    std::size_t questions_max = 10'000;
};
using make_place = std::unique_ptr<place> (*)();

class contract : public ::testing::TestWithParam<make_place> {
  protected:
    contract() : where(GetParam()()), store(where->open()) {}

    std::unique_ptr<place> where;
    std::unique_ptr<engine> store;
    std::uint64_t number = 0;
    std::uint64_t last = std::uint64_t{1'700'000'000'000} << 16U;

    void reopen() {
        store.reset();
        store = where->open();
        ASSERT_NE(store, nullptr);
    }
    std::uint64_t next_id() { return ++last; }

    answer put(batch b) {
        std::promise<answer> told;
        store->commit(std::move(b), [&](answer a) { told.set_value(std::move(a)); });
        return told.get_future().get();
    }
    // One batch, which has to be committed; each record gets an id unless it is an entry that has one.
    void remember(std::vector<chat::record> records) {
        batch b{.number = ++number};
        for (auto& r : records) {
            const auto* e = std::get_if<chat::entry_record>(&r);
            const chat::message_id id = e != nullptr && e->what.id ? e->what.id : chat::message_id{next_id()};
            b.records.push_back({id, std::move(r)});
        }
        const auto a = put(b);
        ASSERT_EQ(a.verdict, chat::store_verdict::committed) << a.why;
        ASSERT_EQ(a.number, b.number);
    }
    base::result<reply> try_ask(question q) {
        std::promise<base::result<reply>> told;
        store->ask(std::move(q), [&](base::result<reply> r) { told.set_value(std::move(r)); });
        return told.get_future().get();
    }
    template <class T>
    T ask(question q) {
        auto r = try_ask(std::move(q));
        if (!r) {
            ADD_FAILURE() << r.error().text;
            return {};
        }
        if (!std::holds_alternative<T>(*r)) {
            ADD_FAILURE() << "an answer to something else";
            return {};
        }
        return std::get<T>(std::move(*r));
    }
    // Asks until the index has all.
    found search(const search_query& q) {
        while (true) {
            auto f = ask<found>(q);
            if (f.up_to_date) return f;
            std::this_thread::yield();
        }
    }
    // The bodies in channel 7 that have these terms.
    std::vector<std::string> hits(const std::vector<search_term>& terms) {
        return bodies(search({.in = {channel(7)}, .terms = terms}).entries);
    }
    base::result<std::string> wait(const std::function<void(engine::outcome)>& begin) {
        std::promise<base::result<std::string>> told;
        begin([&](base::result<std::string> r) { told.set_value(std::move(r)); });
        return told.get_future().get();
    }
    chat::memory load() {
        auto m = store->load();
        if (!m) ADD_FAILURE() << m.error().text;
        return m ? *m : chat::memory{};
    }

    // Something said in channel 7 by party 3.
    chat::entry said(std::string body, chat::entry_kind kind = chat::entry_kind::text) {
        chat::entry e;
        e.id = {next_id()};
        e.at_ms = static_cast<std::int64_t>(e.id.value >> 16U);
        e.kind = kind;
        e.who = {"Anna", "anna!~a@host", "anna", false};
        e.from = {3};
        e.target = "#piazza";
        e.what.body = std::move(body);
        if (kind <= chat::entry_kind::tags) e.what.kind = static_cast<chat::speech>(kind);
        return e;
    }
    static chat::entry_record in_channel(chat::entry e, std::uint64_t channel = 7) {
        return {{channel}, {}, std::move(e)};
    }
    static chat::conversation_side side(std::uint64_t owner, std::uint64_t peer, const std::string& nick) {
        return {{owner}, {peer}, {nick, nick}};
    }
    static timeline channel(std::uint64_t id, std::uint64_t from = 0) { return {.channel = {id}, .from = {from}}; }
    static timeline direct(std::uint64_t owner, std::uint64_t peer, std::string fold = {}) {
        return {.owner = {owner}, .peer = {peer}, .peer_fold = std::move(fold)};
    }
    page latest(const timeline& of, std::uint32_t limit = page_max, bool events = true) {
        return ask<page>(page_query{.of = of, .limit = limit, .events = events});
    }
    static std::vector<std::string> bodies(const std::vector<chat::entry>& entries) {
        std::vector<std::string> out;
        for (const auto& e : entries) out.push_back(e.what.body);
        return out;
    }
};

}  // namespace brusio::store
