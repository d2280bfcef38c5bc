#include "store/sqlite/reader.hpp"

#include <pthread.h>

#include "base/archive.hpp"

namespace brusio::store::sqlite {

reader::reader(const char* name, std::size_t questions_max, answerer answer)
    : answer_(std::move(answer)), questions_max_(questions_max), thread_([this, name] {
          pthread_setname_np(pthread_self(), name);
          run();
      }) {}

reader::~reader() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (const auto& w : waiting_) {
        for (const auto& t : w->tell) t(base::fail("the server is stopping"));
    }
}

void reader::ask(question what, done tell) {
    std::string key;
    if (const auto* page = std::get_if<page_query>(&what)) key = base::encode(*page);
    {
        const std::lock_guard lock(mutex_);
        if (!stop_ && asked_ < questions_max_) {
            ++asked_;
            if (!key.empty()) {
                if (const auto at = by_key_.find(key); at != by_key_.end()) {
                    at->second->tell.push_back(std::move(tell));
                    return;
                }
            }
            auto w = std::make_shared<waiting>();
            w->what = std::move(what);
            w->key = std::move(key);
            w->tell.push_back(std::move(tell));
            if (!w->key.empty()) by_key_.emplace(w->key, w);
            waiting_.push_back(std::move(w));
            wake_.notify_one();
            return;
        }
    }
    tell(base::fail("too many questions about the past wait; ask again later"));
}

void reader::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
        if (stop_) return;
        const auto w = std::move(waiting_.front());
        waiting_.pop_front();
        // Whoever asks from now on may have seen more than this answer will have.
        if (!w->key.empty()) by_key_.erase(w->key);
        asked_ -= w->tell.size();
        lock.unlock();
        auto answer = answer_(w->what);
        for (std::size_t i = 0; i + 1 < w->tell.size(); ++i) w->tell[i](answer);
        w->tell.back()(std::move(answer));
        lock.lock();
    }
}

}  // namespace brusio::store::sqlite
