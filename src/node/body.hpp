// The inside of node::node: the chat thread's state and what it does. node.cpp has the loop and the outside,
// arrivals.cpp what comes in, departures.cpp what leaves, questions.cpp what a client has to wait for, log_ins.cpp who
// somebody is, administration.cpp what the machine's administrator asks for.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <thread>

#include "login/throttle.hpp"
#include "node/fan_out.hpp"
#include "node/inbox.hpp"
#include "node/links.hpp"
#include "node/node.hpp"
#include "node/output_commit.hpp"
#include "node/slow_work.hpp"

namespace brusio::node {

// Input that waits for the chat thread or for the store, in bytes, before sockets are left unread.
inline constexpr std::int64_t input_high = std::int64_t{16} << 20U;
// Events of the workers in one turn; the rest waits for the next.
inline constexpr std::size_t events_a_turn = 1024;
// Slices of long answers in one turn, of all connections together: nobody waits for more than these.
inline constexpr std::size_t slices_a_turn = 16;

inline std::int64_t cost(const net::event& e) { return static_cast<std::int64_t>(sizeof e + e.body.size()); }

// Everything below runs on the chat thread, where not said otherwise.
struct node::body {
    body(node_options o, std::unique_ptr<store::engine> s)
        : options(std::move(o)),
          memory(std::move(s)),
          engine(engine_options()),
          waiting(engine.gate(), input_high),
          frames(options.frame),
          irc(options.irc),
          throttle({}, options.log_in_key),
          state(chat_settings(), know_places(std::move(options.memory))),
          table(options.workers),
          spread(engine),
          commit(
              *memory, [this](auto& released, std::int64_t sum) { release(released, sum); },
              [this](store::answer a) { in.post(std::move(a)); }),
          work(options.slow_threads) {}

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
    chat::memory know_places(chat::memory from) {
        for (const auto& a : from.accounts) {
            for (const auto& place : a.known_from) throttle.know(a.name.fold, place);
        }
        return from;
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
    void take_some();
    bool take(arrival& a, std::size_t& left);

    // Events from the workers.
    void on_event(net::event& e);
    void on_input(link& l, net::event& e);
    void on_opened(net::event& e);
    void on_closed(link& l, const net::event& e);
    void on_probed(const net::event& e);
    void on_readdressed(link& l, const net::event& e);
    door::caller caller_of(const link& l) const;
    void act(link& l, std::vector<door::action>& actions);
    void act(link& l, door::action& a);
    void answered(const store::answer& a);

    // Effects that may leave.
    void release(std::vector<chat::effect>& effects, std::int64_t sum);
    void leave_for(const chat::effect& e);
    void erase_said_by(const std::string& account);
    void do_with_data(chat::session_id session, bool erase, std::vector<chat::account_id> of,
                      const std::shared_ptr<administrator>& who);
    void export_next(std::vector<chat::account_id> of, const std::shared_ptr<administrator>& who);
    void erase_next(chat::session_id session);
    void let_in(const chat::logged_in& e);
    void log_in_decided(chat::session_id session);
    void tell_cause(chat::session_id session, const chat::effect& e);
    void tell_others(const std::vector<chat::session_id>& sessions, chat::session_id cause, const chat::effect& e);
    void tell_peers(const std::vector<chat::channel_id>& channels, const std::vector<chat::session_id>& but,
                    const chat::effect& e);
    net::conn_id connection_of(chat::session_id session);
    void reply_to(link& l, door::reply r);
    void end_session(link& l, std::string reason);

    // What a client has to wait for.
    void apply_for(link& l, chat::command what);
    void apply_slice(chat::command what);
    void wait(link& l, wait_bit why);
    void go_on(link& l, wait_bit why);
    bool more_to_come(const link& l) const;
    template <class Refused>
    bool ask_holder(link& l);
    void ask_password(link& l, door::check_password& question);
    void look_up(link& l, store::question what);
    void found(link& l, const base::result<store::reply>& what);
    void look_up_entry(const chat::redaction_asked& e);
    void pass_time(std::int64_t now);

    // Who somebody is.
    struct attempt;
    void prove(link& l, door::show what);
    void prove_by_secret(attempt a, std::string secret);
    void prove_by_credential(attempt a, chat::credential_kind kind, std::string id, const std::string& secret);
    void begin_scram(link& l, attempt a, const std::string& message);
    void finish_scram(link& l, attempt a, const std::string& message);
    void proved(const attempt& a, door::shown what);
    void make_password(link& l, door::make_password& what);

    // The administrator.
    void administer(std::vector<std::string> words, std::string input, std::shared_ptr<administrator> who);
    void tell_administrator(chat::session_id session, const chat::effect& e);
    void end_administrator(chat::session_id session, int code);
    void ask_reload(link& l);
    // Runs `then` on the chat thread with the session's link, if it is still there. Any thread may call what it
    // returns.
    template <class Then>
    auto later_for(const link& l, Then then) {
        return [this, session = l.session, then = std::move(then)](auto&&... with) {
            in.post(request{[this, session, then, ... with = std::forward<decltype(with)>(with)]() mutable {
                if (auto* there = table.find(session); there != nullptr && !there->session_over) {
                    then(*there, with...);
                }
            }});
        };
    }

    void set_irc(door::irc::settings with);
    void advance_shutdown(std::int64_t now);
    void log(std::string text) const { options.log(net::severity::info, std::move(text)); }

    node_options options;
    std::unique_ptr<store::engine> memory;
    inbox in;
    net::engine engine;
    net::meter waiting;
    door::frame::frame_door frames;
    door::irc::irc_door irc;
    std::vector<door::door*> doors;  // by listener
    login::throttle throttle;
    chat::state state;
    links table;
    fan_out spread;
    output_commit commit;

    std::deque<arrival> arrivals;
    std::size_t taken_of_first = 0;  // events of the first arrival that were dealt with
    std::vector<chat::effect> effects;
    std::int64_t turn_cost = 0;
    std::uint32_t messages = 0;  // of this turn
    std::int64_t first_read_us = 0;
    struct resume {
        chat::session_id session;
        wait_bit why = for_log_in;
    };
    std::deque<std::variant<chat::command, resume>> next_turn;  // what follows from what was released
    std::deque<chat::command> slices;                           // questions with long answers
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

    std::set<chat::account_id> erasing;                                  // whose words are being erased now
    std::map<chat::session_id, std::vector<chat::account_id>> erasures;  // that an administrator waits for
    std::int64_t next_look_at_time_ms = 0;                               // whether something of chat's is due
    std::map<chat::session_id, std::shared_ptr<administrator>> administrators;
    std::uint64_t last_administrator = 0;
    slow_work work;  // after all that its work uses

    std::thread own_thread;
    std::atomic<bool> stop_thread{false};
};

}  // namespace brusio::node
