#include "node/node.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "base/text.hpp"
#include "node/fan_out.hpp"
#include "node/inbox.hpp"
#include "node/links.hpp"
#include "node/output_commit.hpp"

namespace brusio::node {
namespace {

// Input that waits for the chat thread or for the store, in bytes, before sockets are left unread.
constexpr std::int64_t input_high = std::int64_t{16} << 20U;
constexpr std::int64_t shutdown_ms = 5'000;

std::int64_t cost(const net::event& e) { return static_cast<std::int64_t>(sizeof e + e.body.size()); }

std::string in_words(net::why_closed why) {
    switch (why) {
        case net::why_closed::by_order:
            return "closed";
        case net::why_closed::reset:
            return "connection lost";
        case net::why_closed::login_timeout:
            return "no log-in in time";
        case net::why_closed::frame_timeout:
            return "a message was begun and not finished in time";
        case net::why_closed::slow_consumer:
            return "it did not read: its send queue is full";
        case net::why_closed::send_memory:
            return "it did not read: send memory is full and it had the largest queue";
        case net::why_closed::tls_failure:
            return "TLS failed";
        case net::why_closed::unflushed:
            break;
    }
    return "it did not read its last messages";
}

}  // namespace

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

// ── the loop ────────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::run() {
    while (!stop_thread.load()) {
        const auto next = turn();
        const auto wait = next ? std::max<std::int64_t>(*next - net::now_ms(), 0) : -1;
        if (wait != 0) in.wait(wait, stop_thread);
    }
}

std::optional<std::int64_t> node::body::turn() {
    const auto now = net::now_ms();
    for (auto n = next_turn.size(); n > 0; --n) {
        auto command = std::move(next_turn.front());
        next_turn.pop_front();
        apply_next(std::move(command));
    }
    in.take(arrivals);
    for (auto& a : arrivals) take(a);
    arrivals.clear();
    commit.add(effects, std::exchange(turn_cost, 0));
    commit.end_turn();
    auto next = commit.tick(now);
    if (stage != phase::running) {
        advance_shutdown(now);
        if (stage != phase::done) next = next ? std::min(*next, shutdown_by) : shutdown_by;
    }
    engine.publish();
    return next_turn.empty() ? next : now;
}

void node::body::take(arrival& a) {
    if (auto* events = std::get_if<std::vector<net::event>>(&a)) {
        for (auto& e : *events) {
            turn_cost += cost(e);
            on_event(e);
        }
    } else if (const auto* answer = std::get_if<store::answer>(&a)) {
        answered(*answer);
    } else {
        std::get<request>(a).run();
    }
}

void node::body::apply(chat::command what) { state.apply({options.wall_ms(), std::move(what)}, effects); }

void node::body::answered(const store::answer& a) {
    // What was applied in this turn so far belongs before the answer.
    commit.add(effects, std::exchange(turn_cost, 0));
    const auto for_chat = commit.on_answer(a, net::now_ms());
    if (!for_chat) return;
    if (a.verdict != chat::store_verdict::committed) {
        options.log(net::severity::error,
                    a.verdict == chat::store_verdict::refused
                        ? "The store refuses messages; nobody sees them, their senders are told"
                        : "The store does not know whether it has the last messages; asking again");
    }
    apply(*for_chat);
    commit.decided(effects);
}

// ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::on_event(net::event& e) {
    switch (e.kind) {
        case net::event_kind::opened:
            return on_opened(e);
        case net::event_kind::probed:
            return on_probed(e);
        case net::event_kind::drained:
        case net::event_kind::emptied:
            ++workers_ready;
            return;
        default:
            break;
    }
    auto* l = table.find(e.conn);
    if (l == nullptr) return;
    if (e.kind == net::event_kind::closed) return on_closed(*l, e);
    if (l->busy) {
        l->later.push_back(std::move(e));
    } else {
        on_input(*l, e);
    }
}

void node::body::on_input(link& l, net::event& e) {
    if (l.closing) return;  // refused for its address, say, while its name was on the way
    std::vector<door::action> actions;
    switch (e.kind) {
        case net::event_kind::message:
            l.talk->hear(std::move(e.body), actions);
            break;
        case net::event_kind::broken:
            if (e.status == net::split_status::not_this_protocol)
                l.closing_reason = "it does not speak the frame protocol";
            l.talk->hear_broken(e.status, actions);
            break;
        default:
            l.talk->hear_end(actions);
    }
    act(l, actions);
}

void node::body::on_opened(net::event& e) {
    auto& l = table.open(e.conn);
    l.from = e.from;
    l.talk = door.open(l.session);
    if (e.refused != net::refusal::none) {
        reply_to(l, {door.refuse(e.refused), true,
                     e.refused == net::refusal::too_many ? "too many connections from its address"
                                                         : "too many new connections from its address"});
    }
}

void node::body::on_closed(link& l, const net::event& e) {
    auto why = in_words(e.why);
    if (e.why == net::why_closed::by_order) why = l.closing_reason.empty() ? "the server shuts down" : l.closing_reason;
    if (l.name.empty()) {
        log(fmt::format("Closed connection from: {} (not logged in), {}", l.from.text(), why));
    } else {
        log(fmt::format("Closed connection from: {}, {}", l.name, why));
    }
    if (!l.session_over) apply(chat::leave{l.session, why});
    spread.forget(l);
    table.close(l);
}

void node::body::act(link& l, std::vector<door::action>& actions) {
    for (auto& a : actions) {
        if (auto* r = std::get_if<door::reply>(&a)) {
            reply_to(l, std::move(*r));
            continue;
        }
        auto& command = std::get<chat::command>(a);
        if (std::holds_alternative<chat::leave>(command)) l.session_over = true;
        apply_for(l, std::move(command));
    }
}

void node::body::end_session(link& l, std::string reason) {
    if (std::exchange(l.session_over, true)) return;
    next_turn.emplace_back(chat::leave{l.session, std::move(reason)});
}

// ── effects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::release(std::vector<chat::effect>& released, std::int64_t sum) {
    for (auto& e : released) leave_for(e);
    if (sum != 0) waiting.subtract(sum);
}

void node::body::leave_for(chat::effect& e) {
    if (auto* s = std::get_if<chat::said>(&e)) {
        if (options.log_messages) {
            log(fmt::format("Received message from {}: {}{}", base::clean_line(s->who.name),
                            s->kind == chat::speech::action ? "* " : "", base::clean_line(s->body)));
        }
        const auto* from = table.find(s->from);
        spread.send(s->channel, door.render(e), from == nullptr ? net::conn_id{} : from->conn);
    } else if (const auto* in_effect = std::get_if<chat::logged_in>(&e)) {
        if (auto* l = table.find(in_effect->session)) {
            l->name = base::clean_line(in_effect->who.name);
            engine.admit(l->conn);
            log(fmt::format("Accepted new connection from {}, username: {}", l->from.text(), l->name));
        }
        to_session(in_effect->session, e);
    } else if (const auto* n = std::get_if<chat::renamed>(&e)) {
        if (auto* l = table.find(n->session)) {
            log(fmt::format("{} is now {}", l->name, base::clean_line(n->after.name)));
            l->name = base::clean_line(n->after.name);
        }
        to_session(n->session, e);
    } else if (const auto* j = std::get_if<chat::joined>(&e)) {
        if (auto* l = table.find(j->session)) spread.join(*l, j->channel);
        spread.send(j->channel, door.render(e), {});
    } else if (const auto* p = std::get_if<chat::parted>(&e)) {
        if (auto* l = table.find(p->session)) spread.leave(*l, p->channel);
        spread.send(p->channel, door.render(e), {});
    } else if (const auto* t = std::get_if<chat::told>(&e)) {
        to_session(t->to, e);
    } else if (const auto* w = std::get_if<chat::who_is_here>(&e)) {
        to_session(w->session, e);
        if (w->more) {
            auto rest = w->asked;
            rest.after = w->more;
            next_turn.emplace_back(std::move(rest));
        }
    } else {
        std::visit(
            [&](const auto& x) {
                if constexpr (requires { x.session; }) to_session(x.session, e);
            },
            e);
    }
}

void node::body::to_session(chat::session_id session, const chat::effect& e) {
    if (auto* l = table.find(session); l != nullptr && !l->closing) reply_to(*l, l->talk->answer(e));
}

void node::body::reply_to(link& l, door::reply r) {
    if (l.closing) return;
    if (!r.bytes.empty()) engine.send(l.conn, std::make_shared<const std::string>(std::move(r.bytes)));
    if (!r.close) return;
    l.closing = true;
    if (l.closing_reason.empty()) l.closing_reason = r.reason;
    engine.close(l.conn);
    end_session(l, std::move(r.reason));
}

// ── taken names ─────────────────────────────────────────────────────────────────────────────────────────────────────

// People reconnect faster than the kernel tells us that they are gone: before a name is refused as taken, the holder's
// worker is asked whether that connection has ended. Until it has answered, whatever else this client says waits.
void node::body::apply_for(link& l, chat::command what) {
    apply(std::move(what));
    if (effects.empty()) return;
    if (more_to_come(l)) make_busy(l);
    if (ask_holder<chat::log_in_refused>(l) || ask_holder<chat::rename_refused>(l)) effects.pop_back();
}

template <class Refused>
bool node::body::ask_holder(link& l) {
    auto* refused = std::get_if<Refused>(&effects.back());
    if (refused == nullptr || refused->session != l.session) return false;
    if (std::ranges::find(l.asked, refused->holder) != l.asked.end()) return false;
    const auto* holder = table.find(refused->holder);
    if (holder == nullptr) return false;
    l.asked.push_back(refused->holder);
    make_busy(l);
    asked_holders.emplace(++last_token, asking{l.session, std::move(refused->asked)});
    engine.probe(holder->conn, last_token);
    return true;
}

// The holder's last messages and its end came before this answer. It may be another who has the name now; then that one
// is asked.
void node::body::on_probed(const net::event& e) {
    const auto at = asked_holders.find(e.token);
    if (at == asked_holders.end()) return;
    auto [session, again] = std::move(at->second);
    asked_holders.erase(at);
    auto* l = table.find(session);
    if (l == nullptr || l->session_over) return;  // whoever asked is gone, too
    l->busy = false;
    apply_for(*l, std::move(again));
    // What was said in the meantime was said before this answer: nobody is asked a second time for it.
    hear_later(*l);
}

void node::body::make_busy(link& l) {
    l.busy = true;
    if (l.name.empty() || std::exchange(l.held, true)) return;  // before the log-in, its worker holds it anyway
    engine.hold(l.conn);
}

void node::body::hear_later(link& l) {
    while (!l.busy && !l.later.empty()) {
        auto next = std::move(l.later.front());
        l.later.pop_front();
        on_input(l, next);
    }
    if (l.busy) return;
    l.asked.clear();
    if (std::exchange(l.held, false)) engine.admit(l.conn);
}

// The next slice of a long answer. What its asker said after the question waits until the last one is applied.
void node::body::apply_next(chat::command what) {
    const auto* question = std::get_if<chat::ask_who>(&what);
    const auto session = question == nullptr ? chat::session_id{} : question->session;
    const auto before = effects.size();
    apply(std::move(what));
    auto* l = table.find(session);
    if (l == nullptr || (effects.size() > before && more_to_come(*l))) return;
    l->busy = false;
    hear_later(*l);
}

bool node::body::more_to_come(const link& l) const {
    const auto* answer = std::get_if<chat::who_is_here>(&effects.back());
    return answer != nullptr && answer->session == l.session && answer->more;
}

// ── shutdown ────────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::advance_shutdown(std::int64_t now) {
    if (stage == phase::draining && workers_ready == engine.workers() && commit.idle() && next_turn.empty()) {
        stage = phase::closing;
        workers_ready = 0;
        engine.close_all();
    }
    const bool over = stage == phase::closing && workers_ready == engine.workers();
    if (stage != phase::done && (over || now >= shutdown_by)) {
        stage = phase::done;
        when_done();
    }
}

// ── the outside ─────────────────────────────────────────────────────────────────────────────────────────────────────

node::node(node_options options, std::unique_ptr<store::engine> store)
    : body_(std::make_unique<body>(std::move(options), std::move(store))) {}

node::~node() {
    body_->stop_thread.store(true);
    body_->in.notify();
    if (body_->own_thread.joinable()) body_->own_thread.join();
    body_->engine.stop();
}

base::result<net::endpoint> node::listen_frames(const net::endpoint& at, net::tls_context tls) {
    return body_->engine.listen(
        {.at = at, .protocol = body_->door.splitter(), .hold_until_admitted = true, .tls = std::move(tls)});
}

void node::start() {
    if (!body_->options.own_chat_thread) body_->in.wake_with([this] { body_->engine.wake_host(); });
    body_->engine.start();
    if (body_->options.own_chat_thread) body_->own_thread = std::thread([this] { body_->run(); });
}

void node::set(const net::limits& limits, const door::frame::settings& frame) {
    body_->engine.set_limits(limits);
    body_->in.post(request{[this, frame] { body_->door.set(frame); }});
}

void node::replace_tls(const net::tls_context& context) { body_->engine.replace_tls(context); }

void node::stop(std::function<void()> when_done) {
    body_->engine.stop_accepting();
    body_->in.post(request{[this, done = std::move(when_done)]() mutable {
        body_->stage = body::phase::draining;
        body_->when_done = std::move(done);
        body_->shutdown_by = net::now_ms() + shutdown_ms;
        body_->engine.stop_reading();
    }});
}

}  // namespace brusio::node
