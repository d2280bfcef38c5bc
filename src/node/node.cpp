#include "node/node.hpp"

#include <chrono>

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
