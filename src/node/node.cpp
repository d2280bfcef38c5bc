#include "node/node.hpp"

#include <chrono>

#include <fmt/format.h>

#include "node/body.hpp"

namespace brusio::node {
namespace {

constexpr std::int64_t shutdown_ms = 5'000;

}  // namespace

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
        auto next = std::move(next_turn.front());
        next_turn.pop_front();
        if (auto* command = std::get_if<chat::command>(&next)) {
            const auto* question = std::get_if<chat::ask_past>(command);
            auto* asker = question == nullptr ? nullptr : table.find(question->session);
            asker == nullptr ? apply(std::move(*command)) : apply_for(*asker, std::move(*command));
        } else {
            const auto& r = std::get<resume>(next);
            if (auto* l = table.find(r.session)) go_on(*l, r.why);
        }
    }
    // While much is coming in, long answers take their time.
    for (auto n = std::min(slices.size(), arrivals.empty() ? slices_a_turn : slices_a_turn / 8); n > 0; --n) {
        auto question = std::move(slices.front());
        slices.pop_front();
        apply_slice(std::move(question));
    }
    take_some();
    pass_time(now);
    commit.add(effects, std::exchange(turn_cost, 0));
    commit.end_turn();
    auto next = commit.tick(now);
    next = next ? std::min(*next, next_look_at_time_ms) : next_look_at_time_ms;
    if (stage != phase::running) {
        advance_shutdown(now);
        if (stage != phase::done) next = next ? std::min(*next, shutdown_by) : shutdown_by;
    }
    if (messages != 0) engine.mark(std::exchange(first_read_us, 0), std::exchange(messages, 0));
    engine.publish();
    return next_turn.empty() && slices.empty() && arrivals.empty() ? next : now;
}

// Some things end by themselves. Few and slow ones, so that a look every few seconds is enough.
void node::body::pass_time(std::int64_t now) {
    constexpr std::int64_t look_again_ms = 5'000;
    if (now < next_look_at_time_ms) return;
    next_look_at_time_ms = now + look_again_ms;
    if (state.is_due(options.wall_ms())) apply(chat::pass_time{});
}

// No more than so many in a turn: after it, the workers see whether what was answered is read.
void node::body::take_some() {
    in.take(arrivals);
    std::size_t left = events_a_turn;
    while (!arrivals.empty() && left > 0) {
        if (!take(arrivals.front(), left)) return;
        arrivals.pop_front();
    }
}

// False when there was more of it than may be taken now.
bool node::body::take(arrival& a, std::size_t& left) {
    if (auto* events = std::get_if<std::vector<net::event>>(&a)) {
        while (taken_of_first < events->size()) {
            if (left-- == 0) {
                left = 0;
                return false;
            }
            auto& e = (*events)[taken_of_first++];
            turn_cost += cost(e);
            if (e.kind == net::event_kind::message) {
                const auto read = static_cast<std::int64_t>(e.token);
                first_read_us = messages++ == 0 ? read : std::min(first_read_us, read);
            }
            on_event(e);
        }
        taken_of_first = 0;
    } else if (const auto* answer = std::get_if<store::answer>(&a)) {
        answered(*answer);
    } else {
        std::get<request>(a).run();
    }
    return true;
}

void node::body::apply(chat::command what) { state.apply({options.wall_ms(), std::move(what)}, effects); }

void node::body::answered(const store::answer& a) {
    // What was applied in this turn so far belongs before the answer.
    commit.add(effects, std::exchange(turn_cost, 0));
    const auto for_chat = commit.on_answer(a, net::now_ms());
    if (!for_chat) return;
    apply(*for_chat);
    commit.decided(effects);
}

// ── shutdown ────────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::advance_shutdown(std::int64_t now) {
    if (stage == phase::draining && workers_ready == engine.workers() && commit.idle() && next_turn.empty() &&
        arrivals.empty() && slices.empty()) {
        stage = phase::closing;
        workers_ready = 0;
        table.for_each([this](link& l) {
            if (!l.closing) reply_to(l, {l.at->farewell()});
        });
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
    : body_(std::make_unique<body>(std::move(options), std::move(store))) {
    body_->set_irc(body_->options.irc);
}

void node::body::set_irc(door::irc::settings with) {
    with.timings = [this] {
        const auto f = engine.times().take();
        return std::vector{
            fmt::format("{} commands since the last STATS t, from read to written: p50 {} us, p99 {} us, "
                        "longest {} us",
                        f.commands, f.p50, f.p99, f.most)};
    };
    irc.set(std::move(with));
}

node::~node() {
    body_->stop_thread.store(true);
    body_->in.notify();
    if (body_->own_thread.joinable()) body_->own_thread.join();
    body_->engine.stop();
    body_->memory.reset();  // it may still be answering
}

base::result<net::endpoint> node::listen(const listening& l) {
    door::door* at = &body_->frames;
    if (l.door == body_->irc.name()) at = &body_->irc;
    auto bound = body_->engine.listen({.at = l.at,
                                       .protocol = at->splitter(),
                                       .hold_until_admitted = at->first_message_logs_in(),
                                       .tls = l.tls,
                                       .read_queue_bytes = at->closes_floods() ? body_->options.read_queue_bytes : 0,
                                       .proxies = l.proxies});
    if (bound) body_->doors.push_back(at);
    return bound;
}

void node::start() {
    if (!body_->options.own_chat_thread) body_->in.wake_with([this] { body_->engine.wake_host(); });
    body_->engine.start();
    if (body_->options.own_chat_thread) body_->own_thread = std::thread([this] { body_->run(); });
}

void node::administer(std::vector<std::string> words, std::string input, std::shared_ptr<administrator> who) {
    body_->in.post(request{[this, words = std::move(words), input = std::move(input), who = std::move(who)]() mutable {
        body_->administer(std::move(words), std::move(input), std::move(who));
    }});
}

void node::set(const net::limits& limits, const door::frame::settings& frame, const door::irc::settings& irc,
               const log_in_rules& log_ins, const chat::account_rules& accounts) {
    body_->engine.set_limits(limits);
    body_->in.post(request{[this, limits, frame, irc, log_ins, accounts] {
        body_->options.limits = limits;
        body_->options.log_ins = log_ins;
        body_->apply(chat::set_rules{accounts});
        body_->frames.set(frame);
        body_->set_irc(irc);
        body_->table.for_each(
            [this](link& l) { body_->reply_to(l, l.talk->hear_settings(body_->caller_of(l).takes_secrets)); });
    }});
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
