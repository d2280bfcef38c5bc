// Checking passwords costs tens of milliseconds each, so one thread of its own does it, one after the other. A session
// waits for its answer before it says anything else, so there is at most one check for each; more than a bounded number
// at once are answered with *no* unchecked.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace brusio::node {

class password_checks {
  public:
    // Both on the thread of the checks.
    using check = std::function<bool(const std::string& kept, const std::string& given)>;
    using answer = std::function<void(bool right)>;

    explicit password_checks(check is_password) : is_password_(std::move(is_password)) {}
    ~password_checks();

    // Chat thread.
    void ask(std::string kept, std::string given, answer then);

  private:
    struct question {
        std::string kept;
        std::string given;
        answer then;
    };
    void run();

    check is_password_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<question> questions_;
    bool stop_ = false;
    std::thread thread_;  // from the first question on
};

}  // namespace brusio::node
