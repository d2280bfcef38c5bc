// What an operator asks for, and may take long: one job after the other, on a thread of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "store/sqlite/indexer.hpp"
#include "store/sqlite/writer.hpp"

namespace brusio::store::sqlite {

class jobs {
  public:
    using outcome = base::result<std::string>;
    struct job {
        std::function<outcome()> work;  // may throw SQLite::Exception
        std::function<void(outcome)> done;
    };
    jobs();
    ~jobs();  // what has not begun gets an error
    jobs(const jobs&) = delete;
    jobs& operator=(const jobs&) = delete;

    void add(job j);  // any thread

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<job> jobs_;
    bool stop_ = false;
    std::thread thread_;
};

// The jobs themselves. They give up when `s.stopping`.
jobs::outcome back_up(const shared& s, const std::string& file);
jobs::outcome export_party(const shared& s, chat::party_id who, const std::function<bool(std::string_view)>& sink);
jobs::outcome erase_party(shared& s, writer& w, indexer& index, chat::party_id who);
// Erasures that a crash has interrupted: whose.
std::vector<chat::party_id> begun_erasures(connection& c);

}  // namespace brusio::store::sqlite
