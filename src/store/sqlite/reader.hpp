// A thread that answers questions, one after the other. Public functions: any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "store/store.hpp"

namespace brusio::store::sqlite {

class reader {
  public:
    using done = std::function<void(base::result<reply>)>;
    // On the reader's own thread; one answer for all who ask the same at the same time.
    using answerer = std::function<base::result<reply>(const question&)>;

    reader(const char* name, std::size_t questions_max, answerer answer);
    ~reader();  // who still waits gets an error
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;

    void ask(question what, done tell);

  private:
    struct waiting {
        question what;
        std::string key;  // of what can be shared; empty: nothing
        std::vector<done> tell;
    };
    void run();

    answerer answer_;
    std::size_t questions_max_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<waiting>> waiting_;
    std::unordered_map<std::string, std::shared_ptr<waiting>> by_key_;
    std::size_t asked_ = 0;  // that wait
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace brusio::store::sqlite
