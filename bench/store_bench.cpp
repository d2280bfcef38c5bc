// The store alone: how many messages a second are durable, how far the index lags behind, and how long pages and
// searches take with all of them in the file.
//
//   brusio-store-bench FOLDER [MESSAGES] [BATCH]      1,000,000 messages in batches of 200 by default
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <random>

#include "histogram.hpp"
#include "store/sqlite/sqlite.hpp"

namespace {

using namespace brusio;
using clock_type = std::chrono::steady_clock;

constexpr std::uint64_t channels = 100;

double seconds(clock_type::duration d) { return std::chrono::duration<double>(d).count(); }

class run {
  public:
    run(std::string folder, std::size_t messages, std::size_t batch)
        : folder_(std::move(folder)), messages_(messages), batch_(batch) {
        auto opened = store::open_sqlite({.file = folder_ + "/brusio.db", .log = [](auto, const auto& line) {
                                              std::printf("log: %s\n", line.c_str());
                                          }});
        if (!opened) {
            std::fprintf(stderr, "%s\n", opened.error().text.c_str());
            std::exit(1);
        }
        store_ = std::move(*opened);
    }

    void all() {
        fill("commit, batches of " + std::to_string(batch_), messages_, batch_);
        catch_up();
        fill("commit, one at a time", 2'000, 1);
        catch_up();
        lag();
        pages(false);
        pages(true);
        searches("rare word", "rare", 300);
        searches("word in half of all", "half", 50);
        searches("its prefix", "hal", 50, true);
        searches("prefix of most words", "word", 20, true);
        searches("longer prefix", "word1", 20, true);
        job("backup", [&](const auto& done) { store_->back_up(folder_ + "/copy.db", done); });
        job("erasing 1 of 200 people", [&](const auto& done) { store_->erase_party({7}, done); });
        job("forgetting a channel of 10,000", [&](const auto& done) {
            store_->commit({.number = ++number_,
                            .records = {chat::remember{{(std::uint64_t{1'700'000'000'000} << 16U) + said_ * 65'536},
                                                       chat::forget_record{{8}, {}}}}},
                           [done](const auto&) { done(std::string("(it goes on behind)")); });
        });
    }

  private:
    // Says "half" in every second message, "rare" in one of 50,000.
    chat::remember message(const std::string& extra = {}) {
        const auto n = said_++;
        chat::entry_record r;
        r.channel = {1 + n * 7 % channels};
        auto& e = r.what;
        e.id = {(std::uint64_t{1'700'000'000'000} << 16U) + n * 65'536};
        e.at_ms = static_cast<std::int64_t>(e.id.value >> 16U);
        e.who = {"Anna", "anna!~anna@host.example.org", "anna", false};
        e.from = {1 + n % 200};
        e.target = "#channel" + std::to_string(r.channel.value);
        e.what.body = n % 2 == 0 ? "half of all messages say " : "others speak of ";
        for (int i = 0; i < 5; ++i) e.what.body += "word" + std::to_string(dice_() % 20'000) + ' ';
        if (n % 50'000 == 25'000) e.what.body += "rare ";
        e.what.body += extra;
        return {e.id, std::move(r)};
    }
    void commit(store::batch b) {
        std::promise<chat::store_verdict> told;
        store_->commit(std::move(b), [&](const store::answer& a) {
            if (a.verdict != chat::store_verdict::committed) std::printf("not committed: %s\n", a.why.c_str());
            told.set_value(a.verdict);
        });
        told.get_future().wait();
    }
    void fill(const std::string& what, std::size_t messages, std::size_t together) {
        bench::histogram times;
        clock_type::duration waited{};
        const auto begin = clock_type::now();
        for (std::size_t done = 0; done < messages; done += together) {
            store::batch b{.number = ++number_};
            for (std::size_t i = 0; i < together; ++i) b.records.push_back(message());
            const auto start = clock_type::now();
            commit(std::move(b));
            const auto took = clock_type::now() - start;
            waited += took;
            times.record(std::chrono::nanoseconds(took).count());
        }
        const auto took = clock_type::now() - begin;
        std::error_code none;
        const auto log = std::filesystem::file_size(folder_ + "/brusio.db-wal", none);
        std::printf("%-34s %9.0f MB\n", "  the log's file", none ? 0. : static_cast<double>(log) / 1e6);
        std::printf("%-34s %9.0f messages/s (%.0f with making them), p50 %.2f p99 %.2f max %.2f ms\n", what.c_str(),
                    static_cast<double>(messages) / seconds(waited), static_cast<double>(messages) / seconds(took),
                    ms(times, 0.5), ms(times, 0.99), ms(times, 1));
    }
    static double ms(const bench::histogram& h, double part) { return static_cast<double>(h.quantile(part)) / 1e6; }

    template <class T>
    T ask(store::question q) {
        std::promise<base::result<store::reply>> told;
        store_->ask(std::move(q), [&](base::result<store::reply> r) { told.set_value(std::move(r)); });
        auto r = told.get_future().get();
        if (!r) {
            std::printf("no answer: %s\n", r.error().text.c_str());
            return {};
        }
        return std::get<T>(std::move(*r));
    }
    store::search_query search_for(const std::string& word, bool prefix) {
        store::search_query q{.terms = {{{word}, prefix}}};
        for (std::uint64_t c = 1; c <= channels; ++c) q.in.push_back({.channel = {c}});
        return q;
    }
    void catch_up() {
        const auto start = clock_type::now();
        while (!ask<store::found>(search_for("nothing", false)).up_to_date) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        std::printf("%-34s %9.2f s\n", "the index has caught up after", seconds(clock_type::now() - start));
    }
    // 2,000 messages a second; how long until the last one can be found.
    void lag() {
        bench::histogram lags;
        const auto begin = clock_type::now();
        std::jthread searching;
        std::atomic<bool> found = true;
        for (int step = 0; step < 2'000; ++step) {
            std::this_thread::sleep_until(begin + step * std::chrono::milliseconds(5));
            store::batch b{.number = ++number_};
            for (int i = 0; i < 9; ++i) b.records.push_back(message());
            const bool probe = found.exchange(false);
            const auto word = "probe" + std::to_string(step);
            b.records.push_back(message(probe ? word : ""));
            commit(std::move(b));
            if (!probe) continue;
            searching = std::jthread([&, word, since = clock_type::now()] {
                while (ask<store::found>(search_for(word, false)).entries.empty()) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                }
                lags.record(std::chrono::nanoseconds(clock_type::now() - since).count());
                found = true;
            });
        }
        searching.join();
        std::printf("%-34s p50 %.0f max %.0f ms (%lu probes)\n", "lag of the index at 2,000/s", ms(lags, 0.5),
                    ms(lags, 1), static_cast<unsigned long>(lags.count()));
    }
    void pages(bool while_committing) {
        std::atomic<bool> stop = false;
        std::jthread writing;
        if (while_committing) {
            writing = std::jthread([&] {
                while (!stop) {
                    store::batch b{.number = ++number_};
                    for (int i = 0; i < 20; ++i) b.records.push_back(message());
                    commit(std::move(b));
                }
            });
        }
        bench::histogram times;
        const auto last = said_;
        std::mt19937 dice(1);
        for (int i = 0; i < 5'000; ++i) {
            const auto at = (std::uint64_t{1'700'000'000'000} << 16U) + dice() % last * 65'536;
            const auto start = clock_type::now();
            const auto p =
                ask<store::page>(store::page_query{.of = {.channel = {1 + dice() % channels}},
                                                   .which = i % 2 == 0 ? store::span::latest : store::span::before,
                                                   .before = {i % 2 == 0 ? 0 : at}});
            times.record(std::chrono::nanoseconds(clock_type::now() - start).count());
        }
        stop = true;
        std::printf("%-34s p50 %.2f p99 %.2f max %.2f ms\n",
                    while_committing ? "page of 100, while committing" : "page of 100", ms(times, 0.5), ms(times, 0.99),
                    ms(times, 1));
    }
    // A job, and what it does to commits meanwhile.
    void job(const char* what, const std::function<void(store::engine::outcome)>& begin) {
        bench::histogram times;
        std::promise<base::result<std::string>> told;
        auto outcome = told.get_future();
        const auto start = clock_type::now();
        begin([&](base::result<std::string> r) { told.set_value(std::move(r)); });
        do {
            store::batch b{.number = ++number_};
            for (int i = 0; i < 10; ++i) b.records.push_back(message());
            const auto asked = clock_type::now();
            commit(std::move(b));
            times.record(std::chrono::nanoseconds(clock_type::now() - asked).count());
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        } while (outcome.wait_for(std::chrono::seconds(0)) != std::future_status::ready || times.count() < 200);
        const auto r = outcome.get();
        std::printf("%-34s %9.2f s, commits meanwhile p50 %.2f p99 %.2f max %.2f ms\n  %s\n", what,
                    seconds(clock_type::now() - start), ms(times, 0.5), ms(times, 0.99), ms(times, 1),
                    (r ? *r : r.error().text).c_str());
    }
    void searches(const char* what, const std::string& word, int times_asked, bool prefix = false) {
        bench::histogram times;
        std::size_t hits = 0;
        for (int i = 0; i < times_asked; ++i) {
            auto q = search_for(word, prefix);
            if (word != "rare") q.from_fold = "nobody";  // so that all that may be looked at is
            const auto start = clock_type::now();
            hits = ask<store::found>(q).entries.size();
            times.record(std::chrono::nanoseconds(clock_type::now() - start).count());
        }
        std::printf("search: %-26s p50 %.2f p99 %.2f max %.2f ms (%zu found)\n", what, ms(times, 0.5), ms(times, 0.99),
                    ms(times, 1), hits);
    }

    std::string folder_;
    std::size_t messages_;
    std::size_t batch_;
    std::unique_ptr<store::engine> store_;
    std::uint64_t number_ = 0;
    std::uint64_t said_ = 0;
    std::mt19937 dice_{7};
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: brusio-store-bench FOLDER [MESSAGES] [BATCH]\n");
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    run(argv[1], argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1'000'000,
        argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 200)
        .all();
}
