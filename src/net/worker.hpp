// One worker: a thread, its epoll, its connections and groups. Public functions: any thread, where not said otherwise.
// worker.cpp has the loop, the timers and the orders; worker_life.cpp the life of a connection; worker_address.cpp
// those that are from elsewhere than their socket says; worker_input.cpp reads; worker_output.cpp sends.
#pragma once

#include <atomic>
#include <memory>
#include <queue>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/connection.hpp"
#include "net/engine.hpp"
#include "net/gate.hpp"
#include "net/latency.hpp"
#include "net/mailbox.hpp"
#include "net/types.hpp"

namespace brusio::net {

class worker;

// What all workers share.
struct shared {
    explicit shared(std::function<void()> on_open);
    ~shared();
    net::gate gate;
    event_sink sink;
    std::function<void(severity, std::string)> log;
    std::vector<std::unique_ptr<worker>> workers;
    // Filled before start, not changed after. Index: listener number.
    std::vector<std::shared_ptr<const splitter>> protocols;
    std::vector<bool> holds;
    std::vector<std::uint64_t> read_queues;
    std::atomic<std::uint64_t> queued_bytes{0};  // of all send queues
    latency times;
};

class worker {
  public:
    worker(shared& all, std::uint32_t number, const limits& limits);
    ~worker();

    void start();
    void stop();  // not from the worker itself; returns when the thread has ended

    // Appends the batch and empties it; wakes the worker when it sleeps.
    void post(std::vector<order>& batch);
    void post_one(order o);
    void wake();
    // Wakes it only when it sleeps (the hosted task has work, say).
    void wake_if_asleep() {
        if (orders_.claim_wake()) wake();
    }

    // Before start.
    void host(std::function<std::optional<std::int64_t>()> task, std::function<bool()> has_work) {
        hosted_ = std::move(task);
        hosted_has_work_ = std::move(has_work);
    }
    void accept_with(acceptor* a) { acceptor_ = a; }

    // This worker's thread only (the acceptor's, and its own files').
    void adopt(const adopted& socket);
    int epoll() const { return epoll_; }
    std::int64_t now() const { return now_; }

  private:
    struct slot {
        std::unique_ptr<connection> conn;
        std::uint32_t generation = 0;
    };
    struct timer {
        std::int64_t at_ms;
        conn_id conn;
        bool operator<(const timer& other) const { return at_ms > other.at_ms; }
    };

    // worker.cpp
    void run();
    int wait_ms();
    void run_timers();
    void set_timer(connection& c, std::int64_t at_ms);
    void set_deadline(connection& c, std::int64_t in_ms, why_closed why);
    void check_timer(connection& c);
    bool tell_too_late(connection& c);
    void take_orders();
    void obey(order& o);
    void obey_for(connection& c, order& o);
    void bury();
    event& tell(event_kind kind, const connection& c);
    void hand_over();
    void note_latency();

    // worker_life.cpp
    connection* find(conn_id id);
    void announce(connection& c, refusal refused);
    void drop(connection& c, why_closed why);
    group& group_of(group_id id);
    void join(connection& c, group& g);
    void leave(connection& c, group& g);

    // worker_input.cpp
    void on_ready(connection& c, std::uint32_t events);
    void read(connection& c);
    void discard(connection& c);
    bool may_read(const connection& c) const;
    io_result receive(connection& c, std::span<char> into);
    void feed(connection& c, std::string_view fresh);
    void keep_waiting(connection& c, std::string_view fresh);
    std::size_t split_all(connection& c, std::string_view input);
    std::size_t skip_some(connection& c, std::string_view input);
    bool pay(connection& c, std::size_t tokens);
    void break_input(connection& c, split_status status);
    void greet(connection& c);
    void end_of_input(connection& c);
    void resume(connection& c);
    void read_later(connection& c);
    void run_ready_list();
    void probe(connection& c, order& o);
    void answer_held_probes();

    // worker_address.cpp
    void read_proxy_header(connection& c, std::uint32_t events);
    void begin(connection& c, refusal refused);
    void ask_about(connection& c, const peer& from);
    void judge(order& o);
    void judged(connection& c, const judgement& verdict);
    void give_back(const judgement& verdict);

    // worker_output.cpp
    void append(connection& c, const turn_buffer& source, std::uint32_t begin, std::uint32_t end);
    void multicast(order& o);
    void multicast_to(order& o);
    void send_one(connection& c, buffer bytes);
    void mark_dirty(connection& c);
    void settle_range(connection& c);
    bool check_queue(connection& c);
    void account(std::int64_t change);
    void shed();
    worker& with_largest_queue();
    void flush_all();
    void flush(connection& c);
    io_result transmit(connection& c, std::string_view bytes);
    bool flush_queue(connection& c);
    void close_gracefully(connection& c);
    void finish_closing(connection& c);

    shared& all_;
    const std::uint32_t number_;
    std::shared_ptr<const limits> limits_;
    mailbox<order> orders_;
    meter backlog_;
    int epoll_ = -1;
    int wakeup_ = -1;
    std::thread thread_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> largest_queue_{0};  // bytes; never too small, and right after `shed`
    std::function<std::optional<std::int64_t>()> hosted_;
    std::function<bool()> hosted_has_work_;
    std::optional<std::int64_t> hosted_at_;
    acceptor* acceptor_ = nullptr;

    std::int64_t now_ = 0;
    std::int64_t turn_us_ = 0;
    std::vector<std::pair<std::int64_t, std::uint32_t>> marks_;  // when what is flushed in this turn was read
    std::vector<slot> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::size_t open_ = 0;
    std::vector<std::unique_ptr<connection>> graveyard_;
    std::unordered_map<std::uint64_t, std::unique_ptr<group>> groups_;
    std::vector<group*> used_groups_;
    std::deque<turn_buffer> large_;  // this turn's buffers by reference
    turn_buffer mixed_;              // this turn's bytes to several groups at once
    std::uint32_t stamp_ = 0;
    std::vector<connection*> dirty_;
    std::deque<connection*> heavy_;      // dirty, with much to get: flushed some in each turn
    std::size_t buffered_ = 0;           // bytes in the turn buffers and in `large_`
    std::vector<conn_id> ready_list_;    // readable, and not read to the end
    std::vector<conn_id> stalled_;       // … but the gate is closed
    std::vector<order> held_probes_;     // of connections that have ended and whose log-in is not released yet
    std::priority_queue<timer> timers_;  // deadlines
    std::priority_queue<timer> rests_;   // of connections over their rate
    std::vector<event> events_;
    std::vector<order> taken_;
    std::vector<char> read_buffer_;
    bool reading_ = true;
    bool hurried_ = false;  // the one that is read now has ended: all of it, whatever that takes
    bool closing_all_ = false;
};

}  // namespace brusio::net
