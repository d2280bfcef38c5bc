#include <future>

#include "store/sqlite/indexer.hpp"
#include "store/sqlite/jobs.hpp"
#include "store/sqlite/memory.hpp"
#include "store/sqlite/opening.hpp"
#include "store/sqlite/pages.hpp"
#include "store/sqlite/reader.hpp"
#include "store/sqlite/search.hpp"
#include "store/sqlite/upkeep.hpp"
#include "store/sqlite/writer.hpp"

namespace brusio::store {
namespace sqlite {
namespace {

base::result<reply> answer_from(connection& c, const question& what) {
    if (const auto* q = std::get_if<page_query>(&what)) return read_page(c, *q);
    if (const auto* q = std::get_if<targets_query>(&what)) return read_targets(c, *q);
    if (const auto* q = std::get_if<entry_query>(&what)) return read_one(c, *q);
    if (const auto* q = std::get_if<credentials_query>(&what)) return read_credentials(c, *q);
    if (const auto* q = std::get_if<dropped_query>(&what)) return read_dropped(c, *q);
    return base::fail("nobody answers such a question");
}

class sqlite_engine final : public engine {
  public:
    sqlite_engine(std::unique_ptr<shared> s, file_lock held)
        : s_(std::move(s)),
          lock_(std::move(held)),
          writer_(*s_),
          index_(*s_, writer_),
          upkeep_(*s_, writer_),
          pages_("store-pages", s_->options.questions_max, [this](const question& q) { return read(q); }),
          searches_("store-search", s_->options.questions_max, [this](const question& q) { return search(q); }) {
        connection c(s_->options.file, access::read, s_->options.vfs);
        for (const auto who : begun_erasures(c))
            erase_party(who, [this](const auto& done) {
                s_->log(severity::info,
                        "store: an erasure that had been interrupted: " + (done ? *done : done.error().text));
            });
    }
    ~sqlite_engine() override { s_->stopping = true; }

    bool remembers() const override { return true; }

    base::result<chat::memory> load() override {
        try {
            connection c(s_->options.file, access::read, s_->options.vfs);
            return read_memory(c);
        } catch (const SQLite::Exception& e) {
            return base::fail("{} cannot be read: {}; restore a backup (docs/operations.md, Restore)", s_->options.file,
                              why(e));
        }
    }

    base::result<void> forget_others(const chat::memory& than) override {
        batch all;
        try {
            connection c(s_->options.file, access::read, s_->options.vfs);
            all.records = others_than(c, than);
        } catch (const SQLite::Exception& e) {
            return base::fail("{} cannot be read: {}", s_->options.file, why(e));
        }
        if (all.records.empty()) return {};
        std::promise<answer> told;
        writer_.commit(std::move(all), [&](answer a) { told.set_value(std::move(a)); });
        const auto a = told.get_future().get();
        if (a.verdict != chat::store_verdict::committed)
            return base::fail("the store does not take anything: {}", a.why);
        return {};
    }

    void commit(batch what, std::function<void(answer)> done) override {
        writer_.commit(std::move(what), std::move(done));
    }

    void ask(question what, std::function<void(base::result<reply>)> done) override {
        auto& who = std::holds_alternative<search_query>(what) ? searches_ : pages_;
        who.ask(std::move(what), std::move(done));
    }

    void back_up(std::string file, outcome done) override {
        jobs_.add({[this, file = std::move(file)] {
                       writer_.settle();
                       return sqlite::back_up(*s_, file);
                   },
                   std::move(done)});
    }
    void export_party(chat::party_id who, std::function<bool(std::string_view)> sink, outcome done) override {
        jobs_.add({[this, who, sink = std::move(sink)] {
                       writer_.settle();
                       return sqlite::export_party(*s_, who, sink);
                   },
                   std::move(done)});
    }
    void erase_party(chat::party_id who, outcome done) override {
        jobs_.add({[this, who] { return sqlite::erase_party(*s_, writer_, index_, who); }, std::move(done)});
    }
    void set_retention(retention now) override { upkeep_.set_retention(now); }

  private:
    // Each on its reader's thread.
    base::result<reply> read(const question& q) {
        writer_.settle();
        try {
            if (!pages_from_) pages_from_.emplace(s_->options.file, access::read, s_->options.vfs);
            return answer_from(*pages_from_, q);
        } catch (const SQLite::Exception& e) {
            pages_from_.reset();
            // One line a server, however often somebody comes upon it: it does not mend itself.
            const auto reason = why(e);
            if (std::exchange(readable_, false)) {
                s_->log(severity::error,
                        fmt::format("store: {}: something in it cannot be read: {}; the rest can. Stop the "
                                    "server and restore a backup (docs/operations.md, Restore)",
                                    s_->options.file, reason));
            }
            return base::fail("the history cannot be read: {}", reason);
        }
    }
    base::result<reply> search(const question& q) {
        writer_.settle();
        try {
            if (!searcher_) searcher_.emplace(*s_);
            return searcher_->answer(std::get<search_query>(q));
        } catch (const SQLite::Exception& e) {
            searcher_.reset();
            return base::fail("the history cannot be searched: {}", why(e));
        }
    }

    std::unique_ptr<shared> s_;
    file_lock lock_;
    std::optional<connection> pages_from_;
    bool readable_ = true;
    std::optional<searcher> searcher_;
    // In the order in which they need each other; they end in the other one.
    writer writer_;
    indexer index_;
    upkeep upkeep_;
    jobs jobs_;
    reader pages_;
    reader searches_;
};

}  // namespace
}  // namespace sqlite

base::result<std::unique_ptr<engine>> open_sqlite(sqlite_options options) {
    auto s = std::make_unique<sqlite::shared>();
    s->options = std::move(options);
    auto held = sqlite::open_file(*s);
    if (!held) return std::unexpected(held.error());
    try {
        return std::make_unique<sqlite::sqlite_engine>(std::move(s), *std::move(held));
    } catch (const SQLite::Exception& e) {
        return base::fail("the store cannot be opened: {}", sqlite::why(e));
    }
}

}  // namespace brusio::store
