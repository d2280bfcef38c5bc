// One person's stay on a server: log-in, messages both ways, the end and, when wished, connecting again. It knows
// frames; it does not know a terminal or a pipe: whoever shows things implements `session_view` and runs the poll loop
//
//     pollfd {s.fd(), s.events()}, until s.deadline() → s.advance(now) → … until s.ended()
//
// One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "brusio/connection.hpp"
#include "brusio/pairs.hpp"
#include "brusio/target.hpp"

namespace brusio::client {

// How a run ended; the numbers are the exit codes that --help documents.
enum class exit_code : int { left = 0, failed = 1, usage = 2, refused = 3, interrupted = 130 };

struct ending {
    exit_code code = exit_code::left;
    std::string sentence;  // for stderr; may be empty
};

class session_view {
  public:
    virtual ~session_view() = default;
    virtual void on_connected() = 0;
    virtual void on_pair(const pair& message) = 0;
    virtual void on_notice(const std::string& sentence) = 0;  // about the connection; no final full stop
};

struct session_options {
    target where;
    std::string name;
    std::shared_ptr<tls_context> tls;  // null: plain text
    bool reconnect = false;
};

class session {
  public:
    session(session_options options, session_view& view, clock::time_point now);
    ~session();

    int fd() const;  // −1 while there is nothing to wait for but the deadline
    short events() const;
    std::optional<clock::time_point> deadline() const;
    void advance(clock::time_point now);

    bool connected() const;  // say() would be sent
    std::size_t unsent() const;
    void say(std::string_view line);
    // There is nothing more to say: what is queued is sent, then the sending side is closed, and the server's end
    // awaited.
    void finish();
    // The person goes: as finish(), but the server has two seconds.
    void leave(clock::time_point now);

    const std::optional<ending>& ended() const { return ended_; }

  private:
    void connect(clock::time_point now);
    void read_pairs(clock::time_point now);
    void show(pair message, clock::time_point now);
    void release_held();
    void connection_ended(clock::time_point now);
    void end(exit_code code, std::string sentence);
    void try_again(const std::string& why, clock::time_point now);

    session_options options_;
    session_view& view_;
    std::unique_ptr<connection> connection_;  // null while waiting to try again
    pair_reader reader_;
    bool announced_ = false;  // the view knows that we are connected
    bool ever_connected_ = false;
    bool finishing_ = false;
    std::optional<clock::time_point> leave_until_;
    std::optional<clock::time_point> try_at_;
    clock::time_point connected_at_;
    std::chrono::seconds pause_{1};
    // A pair that may be the explanation before the end is not shown at once: it may have to go elsewhere.
    std::optional<pair> held_;
    clock::time_point hold_until_;
    std::optional<pair> last_;  // the last pair, when it may be an explanation
    std::optional<ending> ended_;
};

// Milliseconds for poll() until the earliest of the deadlines; −1: for ever.
int poll_timeout(clock::time_point now, std::initializer_list<std::optional<clock::time_point>> deadlines);

// "brusio: SENTENCE." on stderr.
void complain(std::string_view sentence);

}  // namespace brusio::client
