#include "node/password_checks.hpp"

namespace brusio::node {
namespace {

constexpr std::size_t questions_max = 256;

}  // namespace

password_checks::~password_checks() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void password_checks::ask(std::string kept, std::string given, answer then) {
    {
        const std::lock_guard lock(mutex_);
        if (questions_.size() < questions_max && is_password_) {
            questions_.push_back({std::move(kept), std::move(given), std::move(then)});
            if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
            changed_.notify_one();
            return;
        }
    }
    then(false);
}

void password_checks::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stop_ || !questions_.empty(); });
        if (stop_) return;
        auto q = std::move(questions_.front());
        questions_.pop_front();
        lock.unlock();
        q.then(is_password_(q.kept, q.given));
        lock.lock();
    }
}

}  // namespace brusio::node
