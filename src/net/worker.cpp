#include "net/worker.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <cstdlib>

#include "net/acceptor.hpp"

namespace brusio::net {
namespace {

constexpr std::int64_t last_words_ms = 2'000;  // for whoever did not log in in time
// Orders that may wait for one worker before sockets are left unread.
constexpr std::int64_t backlog_high = 16384;
constexpr std::size_t read_buffer_bytes = std::size_t{64} << 10U;
constexpr std::uint64_t wakeup_key = ~std::uint64_t{0};

std::int64_t cost(const order& o) { return 1 + static_cast<std::int64_t>(o.bytes ? o.bytes->size() / 4096 : 0); }

}  // namespace

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

shared::shared(std::function<void()> on_open) : gate(std::move(on_open)) {}
shared::~shared() = default;

worker::worker(shared& all, std::uint32_t number, const limits& limits)
    : all_(all),
      number_(number),
      limits_(std::make_shared<net::limits>(limits)),
      backlog_(all.gate, backlog_high),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_(now_ms()),
      read_buffer_(read_buffer_bytes) {
    if (epoll_ < 0 || wakeup_ < 0) std::abort();  // at start only: there is nothing to serve yet
    epoll_event e{.events = EPOLLIN | EPOLLET, .data = {.u64 = wakeup_key}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &e);
}

worker::~worker() {
    stop();
    for (auto& s : slots_) {
        if (s.conn) ::close(s.conn->fd);
    }
    ::close(wakeup_);
    ::close(epoll_);
}

void worker::start() {
    thread_ = std::thread([this] { run(); });
}

void worker::stop() {
    stop_.store(true);
    wake();
    if (thread_.joinable()) thread_.join();
}

void worker::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wakeup_, &one, sizeof one);  // full means it is awake anyway
}

void worker::post(std::vector<order>& batch) {
    std::int64_t sum = 0;
    for (const auto& o : batch) sum += cost(o);
    backlog_.add(sum);
    if (orders_.post(batch)) wake();
}

void worker::post_one(order o) {
    std::vector<order> batch;
    batch.push_back(std::move(o));
    post(batch);
}

// ── the loop ────────────────────────────────────────────────────────────────────────────────────────────────────────

void worker::run() {
    std::array<epoll_event, 512> ready{};
    while (!stop_.load(std::memory_order_relaxed)) {
        int wait = wait_ms();
        if (wait != 0 && (!orders_.fall_asleep() || (hosted_ && hosted_has_work_()))) wait = 0;
        const int n = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), wait);
        orders_.awake();
        turn_us_ = now_us();
        now_ = turn_us_ / 1000;
        for (int i = 0; i < n; ++i) {
            const auto& e = ready[static_cast<std::size_t>(i)];
            if (e.data.u64 == wakeup_key) {
                std::uint64_t drained = 0;
                [[maybe_unused]] const auto r = ::read(wakeup_, &drained, sizeof drained);
            } else if (acceptor_ != nullptr && acceptor_->owns(e.data.u64)) {
                acceptor_->on_ready(e.data.u64);
            } else {
                const conn_id id{number_, static_cast<std::uint32_t>(e.data.u64),
                                 static_cast<std::uint32_t>(e.data.u64 >> 32U)};
                if (auto* c = find(id)) on_ready(*c, e.events);
            }
        }
        run_ready_list();
        run_timers();
        hand_over();
        if (hosted_) hosted_at_ = hosted_();
        take_orders();
        flush_all();
        note_latency();
        hand_over();
        bury();
    }
}

void worker::note_latency() {
    if (marks_.empty()) return;
    const auto now = now_us();
    for (const auto& [since, commands] : marks_) all_.times.add(now - since, commands);
    marks_.clear();
}

int worker::wait_ms() {
    if (!events_.empty() || !ready_list_.empty() || !orders_.empty() || !heavy_.empty()) return 0;
    if (!stalled_.empty() && all_.gate.open()) return 0;
    std::int64_t next = INT64_MAX;
    if (!timers_.empty()) next = timers_.top().at_ms;
    if (!rests_.empty()) next = std::min(next, rests_.top().at_ms);
    if (hosted_at_) next = std::min(next, *hosted_at_);
    if (acceptor_ != nullptr && acceptor_->resume_ms() != 0) next = std::min(next, acceptor_->resume_ms());
    if (next == INT64_MAX) return -1;
    return static_cast<int>(std::clamp<std::int64_t>(next - now_ms(), 0, 60'000));
}

// Messages of one turn were read at the same time, for all that anybody can tell.
void worker::hand_over() {
    if (events_.empty()) return;
    for (auto& e : events_) {
        if (e.kind == event_kind::message) e.token = static_cast<std::uint64_t>(turn_us_);
    }
    all_.sink(std::move(events_));
    events_.clear();
}

event& worker::tell(event_kind kind, const connection& c) {
    auto& e = events_.emplace_back();
    e.kind = kind;
    e.conn = c.id;
    e.listener = c.listener;
    return e;
}

// ── timers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// A connection has at most a few entries in the heap: a later deadline waits for the earlier entry to look again.
void worker::set_timer(connection& c, std::int64_t at_ms) {
    if (c.timer_ms != 0 && c.timer_ms <= at_ms) return;
    c.timer_ms = at_ms;
    timers_.push({at_ms, c.id});
}

void worker::set_deadline(connection& c, std::int64_t in_ms, why_closed why) {
    if (in_ms == 0) {
        c.deadline_ms = 0;
        return;
    }
    c.deadline_ms = now_ + in_ms;
    c.deadline_why = why;
    set_timer(c, c.deadline_ms);
}

void worker::run_timers() {
    if (acceptor_ != nullptr) acceptor_->on_time(now_);
    while (!timers_.empty() && timers_.top().at_ms <= now_) {
        const auto due = timers_.top();
        timers_.pop();
        auto* c = find(due.conn);
        if (c == nullptr || c->timer_ms != due.at_ms) continue;
        c->timer_ms = 0;
        check_timer(*c);
    }
    while (!rests_.empty() && rests_.top().at_ms <= now_) {
        auto* c = find(rests_.top().conn);
        rests_.pop();
        if (c == nullptr || !c->throttled) continue;
        c->throttled = false;
        resume(*c);
    }
}

void worker::check_timer(connection& c) {
    if (c.deadline_ms != 0 && c.deadline_ms <= now_) {
        // It is we who are slow: what it sent is being decided, or its password checked behind many others.
        if (c.held && !c.closing && c.deadline_why == why_closed::login_timeout) {
            return set_deadline(c, limits_->login_timeout_ms, why_closed::login_timeout);
        }
        if (tell_too_late(c)) return;
        // A peer that only keeps its end open while we close has been given its time.
        return drop(c, c.output_ended ? why_closed::by_order : c.deadline_why);
    }
    if (c.deadline_ms != 0) set_timer(c, c.deadline_ms);
}

// A protocol that talks before the log-in may say that its time is over; then it has a moment to do so.
bool worker::tell_too_late(connection& c) {
    const bool talks = c.opened && !c.closing && !c.admitted && !c.input_broken && !all_.holds[c.listener] &&
                       (!c.tls || tls_established(*c.tls));
    if (!talks || c.deadline_why != why_closed::login_timeout) return false;
    c.input_broken = true;
    tell(event_kind::broken, c).status = split_status::too_late;
    set_deadline(c, last_words_ms, why_closed::login_timeout);
    return true;
}

// ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void worker::take_orders() {
    orders_.take(taken_);
    std::int64_t sum = 0;
    for (auto& o : taken_) {
        sum += cost(o);
        obey(o);
    }
    taken_.clear();
    if (sum != 0) backlog_.subtract(sum);
}

void worker::obey(order& o) {
    switch (o.kind) {
        case order_kind::multicast:
            return multicast(o);
        case order_kind::multicast_to:
            return multicast_to(o);
        case order_kind::mark:
            marks_.emplace_back(static_cast<std::int64_t>(o.token), o.conn.slot);
            return;
        case order_kind::adopt:
            return adopt(*static_cast<const adopted*>(o.extra.get()));
        case order_kind::shed:
            return shed();
        case order_kind::set_limits:
            limits_ = std::static_pointer_cast<const limits>(o.extra);
            if (acceptor_ != nullptr) acceptor_->set_limits(limits_);
            return;
        case order_kind::released:
            return acceptor_->release(*static_cast<const peer*>(o.extra.get()), o.conn.worker, o.conn.slot != 0,
                                      o.token != 0);
        case order_kind::uncount:
            return acceptor_->uncount(*static_cast<const peer*>(o.extra.get()), o.token != 0);
        case order_kind::judge:
            return judge(o);
        case order_kind::stop_accepting:
            return acceptor_->close();
        case order_kind::replace_tls:
            return acceptor_->replace_tls(std::static_pointer_cast<ssl_ctx_st>(std::const_pointer_cast<void>(o.extra)));
        case order_kind::stop_reading:
            reading_ = false;
            events_.emplace_back().kind = event_kind::drained;
            events_.back().conn.worker = number_;
            return;
        case order_kind::close_all:
            closing_all_ = true;
            for (auto& s : slots_) {
                if (!s.conn || s.conn->dead || s.conn->closing) continue;
                if (s.conn->opened) {
                    close_gracefully(*s.conn);
                } else {
                    drop(*s.conn, why_closed::by_order);
                }
            }
            if (open_ == 0) {
                events_.emplace_back().kind = event_kind::emptied;
                events_.back().conn.worker = number_;
            }
            return;
        default:
            if (auto* c = find(o.conn)) return obey_for(*c, o);
            if (o.kind == order_kind::probe) {  // gone: its `closed` was told before
                auto& e = events_.emplace_back();
                e.kind = event_kind::probed;
                e.conn = o.conn;
                e.token = o.token;
                e.ended = true;
            } else if (o.kind == order_kind::judged) {  // gone while it was judged
                give_back(*static_cast<const judgement*>(o.extra.get()));
            }
    }
}

void worker::obey_for(connection& c, order& o) {
    switch (o.kind) {
        case order_kind::admit:
            if (c.closing) return;  // its deadline is another one now
            c.admitted = true;
            c.held = false;
            c.deadline_ms = 0;
            resume(c);
            return answer_held_probes();
        case order_kind::hold:
            c.held = !c.closing;
            return;
        case order_kind::unhold:
            if (c.closing || !c.held) return;
            c.held = false;
            resume(c);
            return answer_held_probes();
        case order_kind::readdress:
            return ask_about(c, *static_cast<const peer*>(o.extra.get()));
        case order_kind::judged:
            return judged(c, *static_cast<const judgement*>(o.extra.get()));
        case order_kind::join:
            return join(c, group_of(o.group));
        case order_kind::leave:
            return leave(c, group_of(o.group));
        case order_kind::send:
            return send_one(c, std::move(o.bytes));
        case order_kind::close:
            if (!c.closing) close_gracefully(c);
            return;
        case order_kind::probe:
            return probe(c, o);
        default:
            std::abort();
    }
}

// Dirty lists and ranges point at connections and groups until all is flushed; only then they are freed.
void worker::bury() {
    constexpr std::size_t keep = std::size_t{1} << 20U;
    if (!graveyard_.empty()) {
        std::erase_if(heavy_, [](const connection* c) { return c->dead; });
        graveyard_.clear();
    }
    if (!heavy_.empty()) return;  // their ranges point into the buffers
    buffered_ = 0;
    large_.clear();
    if (mixed_.bytes.capacity() > keep) mixed_.bytes = {};
    mixed_.bytes.clear();
    for (auto* g : used_groups_) {
        g->used_this_turn = false;
        if (g->members.empty()) {
            groups_.erase(static_cast<std::uint64_t>(g->id));
            continue;
        }
        if (g->turn.bytes.capacity() > keep) g->turn.bytes = {};
        g->turn.bytes.clear();
    }
    used_groups_.clear();
}

}  // namespace brusio::net
