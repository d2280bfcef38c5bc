// mail: one short text to one person, through a program of the machine (sendmail and its like) that reads the message
// from its standard input. It knows the form of a mail and how to run a program; it does not know what the text is for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"

namespace brusio::brusiod {

struct mail {
    std::string to;
    std::string from;     // "": the program chooses
    std::string subject;  // UTF-8
    std::string text;     // UTF-8, lines end with a line feed
};

// The message as it is given to the program (RFC 5322, RFC 2047, RFC 3834: made by a machine), with line feeds alone as
// local programs expect. The recipient stands in "To", where `sendmail -t` looks for it; so an address that could be
// read as two, as an option, or as more header lines is an error, and so is a subject with control characters. Pure.
base::result<std::string> mail_message(const mail& m, std::chrono::sys_seconds at);

struct mail_limits {
    std::size_t waiting = 100;                                    // with the one that is sent now
    std::chrono::milliseconds within = std::chrono::seconds(30);  // one run of the program; then it is killed
};

// Sends one mail at a time, on a thread of its own. Any thread may call.
class mail_sender {
  public:
    // Called once, on the sender's thread: what came of it. The program has taken the mail, no more is known.
    using done = std::function<void(base::result<void>)>;

    // A program's absolute path and its arguments. It is run without a shell, in /, with the environment of this
    // process less what is the service manager's, in a process group of its own, and has no file of this process open.
    explicit mail_sender(std::vector<std::string> command, mail_limits limits = {});
    // Kills what runs; whoever waits is told that nothing was sent.
    ~mail_sender();
    mail_sender(const mail_sender&) = delete;
    mail_sender& operator=(const mail_sender&) = delete;

    void set_command(std::vector<std::string> command);  // for what is sent from now on

    // An error, and `then` is never called, when no such mail can be written, or too many wait.
    base::result<void> send(const mail& m, done then);

  private:
    struct job {
        std::string message;
        done then;
    };
    void run();

    const mail_limits limits_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<std::string> command_;
    std::deque<job> jobs_;
    bool sending_ = false;
    bool stopping_ = false;
    int stop_ = -1;  // an eventfd: wakes who waits for the program
    std::thread thread_;
};

}  // namespace brusio::brusiod
