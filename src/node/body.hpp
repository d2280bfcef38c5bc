// The inside of node::node: the chat thread's state and what it does. node.cpp has the loop and the outside,
// arrivals.cpp what comes in, departures.cpp what leaves, questions.cpp whom a client's command has to wait for.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <thread>

#include "node/fan_out.hpp"
#include "node/inbox.hpp"
#include "node/links.hpp"
#include "node/node.hpp"
#include "node/output_commit.hpp"

namespace brusio::node {

// Input that waits for the chat thread or for the store, in bytes, before sockets are left unread.
inline constexpr std::int64_t input_high = std::int64_t{16} << 20U;

inline std::int64_t cost(const net::event& e) { return static_cast<std::int64_t>(sizeof e + e.body.size()); }

// Everything below runs on the chat thread, where not said otherwise.
struct node::body {
    body(node_options o, std::unique_ptr<store::engine> s)
        : options(std::move(o)),
          memory(std::move(s)),
          engine(engine_options()),
          waiting(engine.gate(), input_high),
          door(options.frame),
          state(chat_settings()),
          table(options.workers),
          spread(engine),
          commit(
              *memory, [this](auto& released, std::int64_t sum) { release(released, sum); },
              [this](store::answer a) { in.post(a); }) {}

    net::engine_options engine_options() {
        net::engine_options e;
        e.workers = options.workers;
        e.limits = options.limits;
        e.log = options.log;
        e.sink = [this](std::vector<net::event>&& events) {
            std::int64_t sum = 0;
            for (const auto& x : events) sum += cost(x);
            waiting.add(sum);
            in.post(std::move(events));
        };
        if (!options.own_chat_thread) {
            e.hosted = [this] { return turn(); };
            e.hosted_has_work = [this] { return !in.empty(); };
        }
        return e;
    }
    chat::settings chat_settings() const {
        auto s = options.chat;
        s.remembers = memory->remembers();
        return s;
    }

    // The loop.
    void run();
    std::optional<std::int64_t> turn();
    void apply(chat::command what);
    void take(arrival& a);

    // Events from the workers.
    void on_event(net::event& e);
    void on_input(link& l, net::event& e);
    void on_opened(net::event& e);
    void on_closed(link& l, const net::event& e);
    void on_probed(const net::event& e);
    void act(link& l, std::vector<door::action>& actions);
    void answered(const store::answer& a);

    // Effects that may leave.
    void release(std::vector<chat::effect>& effects, std::int64_t sum);
    void leave_for(chat::effect& e);
    void to_session(chat::session_id session, const chat::effect& e);
    void reply_to(link& l, door::reply r);
    void apply_for(link& l, chat::command what);
    void apply_next(chat::command what);
    void make_busy(link& l);
    void hear_later(link& l);
    bool more_to_come(const link& l) const;
    template <class Refused>
    bool ask_holder(link& l);
    void end_session(link& l, std::string reason);

    void advance_shutdown(std::int64_t now);
    void log(std::string text) const { options.log(net::severity::info, std::move(text)); }

    node_options options;
    std::unique_ptr<store::engine> memory;
    inbox in;
    net::engine engine;
    net::meter waiting;
    door::frame::frame_door door;
    chat::state state;
    links table;
    fan_out spread;
    output_commit commit;

    std::vector<arrival> arrivals;
    std::vector<chat::effect> effects;
    std::int64_t turn_cost = 0;
    std::deque<chat::command> next_turn;  // commands that follow from answers: a long one's next slice, say
    struct asking {
        chat::session_id session;
        chat::command again;
    };
    std::map<std::uint64_t, asking> asked_holders;  // what to try again when a name's holder has been asked
    std::uint64_t last_token = 0;

    enum class phase { running, draining, closing, done } stage = phase::running;
    std::uint32_t workers_ready = 0;
    std::int64_t shutdown_by = 0;
    std::function<void()> when_done;

    std::thread own_thread;
    std::atomic<bool> stop_thread{false};
};

}  // namespace brusio::node
