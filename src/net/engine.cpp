#include "net/engine.hpp"

#include "net/acceptor.hpp"
#include "net/worker.hpp"

namespace brusio::net {

struct engine::body {
    explicit body(engine_options o)
        : options(std::move(o)),
          all([this] {
              for (auto& w : all.workers) w->wake();
          }),
          doorkeeper(all, options.limits) {}

    engine_options options;
    shared all;
    acceptor doorkeeper;
    std::vector<std::vector<order>> outbox;  // for each worker; the driving thread's
    bool started = false;
};

engine::engine(engine_options options) : body_(std::make_unique<body>(std::move(options))) {
    auto& b = *body_;
    b.all.sink = b.options.sink;
    b.all.log = b.options.log;
    for (std::uint32_t i = 0; i < b.options.workers; ++i) {
        b.all.workers.push_back(std::make_unique<worker>(b.all, i, b.options.limits));
    }
    b.outbox.resize(b.options.workers);
    b.all.workers[0]->accept_with(&b.doorkeeper);
    if (b.options.hosted) b.all.workers[0]->host(b.options.hosted, b.options.hosted_has_work);
}

engine::~engine() { stop(); }

base::result<endpoint> engine::listen(listener_options options) {
    auto bound = body_->doorkeeper.listen(options);
    if (bound) {
        body_->all.protocols.push_back(std::move(options.protocol));
        body_->all.holds.push_back(options.hold_until_admitted);
        body_->all.read_queues.push_back(options.read_queue_bytes);
    }
    return bound;
}

void engine::start() {
    body_->started = true;
    body_->doorkeeper.start(body_->all.workers[0]->epoll());
    for (auto& w : body_->all.workers) w->start();
}

void engine::stop() {
    for (auto& w : body_->all.workers) w->stop();
}

net::gate& engine::gate() { return body_->all.gate; }
std::uint32_t engine::workers() const { return static_cast<std::uint32_t>(body_->all.workers.size()); }

// ── any thread ──────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {
void post_one(worker& to, order_kind kind, std::shared_ptr<const void> extra) {
    std::vector<order> batch(1);
    batch[0].kind = kind;
    batch[0].extra = std::move(extra);
    to.post(batch);
}
}  // namespace

void engine::set_limits(const limits& limits) {
    const auto shared_limits = std::make_shared<const net::limits>(limits);
    for (auto& w : body_->all.workers) post_one(*w, order_kind::set_limits, shared_limits);
}

void engine::replace_tls(const tls_context& context) {
    post_one(*body_->all.workers[0], order_kind::replace_tls, context);
}

void engine::stop_accepting() { post_one(*body_->all.workers[0], order_kind::stop_accepting, nullptr); }
void engine::wake_host() { body_->all.workers[0]->wake_if_asleep(); }

// ── the driving thread ──────────────────────────────────────────────────────────────────────────────────────────────

void engine::give(std::uint32_t worker, order o) { body_->outbox[worker].push_back(std::move(o)); }

void engine::give_all(order_kind kind) {
    for (std::uint32_t i = 0; i < workers(); ++i) give(i, {.kind = kind});
}

void engine::admit(conn_id conn) { give(conn.worker, {.kind = order_kind::admit, .conn = conn}); }
void engine::hold(conn_id conn) { give(conn.worker, {.kind = order_kind::hold, .conn = conn}); }
void engine::unhold(conn_id conn) { give(conn.worker, {.kind = order_kind::unhold, .conn = conn}); }
void engine::join(conn_id conn, group_id group) {
    give(conn.worker, {.kind = order_kind::join, .conn = conn, .group = group});
}
void engine::leave(conn_id conn, group_id group) {
    give(conn.worker, {.kind = order_kind::leave, .conn = conn, .group = group});
}
void engine::send(conn_id conn, buffer bytes) {
    give(conn.worker, {.kind = order_kind::send, .conn = conn, .bytes = std::move(bytes)});
}
void engine::multicast(std::uint32_t worker, group_id group, buffer bytes, conn_id except) {
    give(worker, {.kind = order_kind::multicast, .conn = except, .group = group, .bytes = std::move(bytes)});
}
void engine::multicast(std::uint32_t worker, std::vector<group_id> groups, buffer bytes, std::vector<conn_id> except) {
    if (groups.size() == 1 && except.size() <= 1) {
        return multicast(worker, groups[0], std::move(bytes), except.empty() ? conn_id{} : except[0]);
    }
    if (groups.empty()) return;
    auto to = std::make_shared<const audience>(std::move(groups), std::move(except));
    give(worker, {.kind = order_kind::multicast_to, .bytes = std::move(bytes), .extra = std::move(to)});
}
void engine::readdress(conn_id conn, const peer& from) {
    give(conn.worker, {.kind = order_kind::readdress, .conn = conn, .extra = std::make_shared<const peer>(from)});
}
void engine::close(conn_id conn) { give(conn.worker, {.kind = order_kind::close, .conn = conn}); }
void engine::probe(conn_id conn, std::uint64_t token) {
    give(conn.worker, {.kind = order_kind::probe, .conn = conn, .token = token});
}
void engine::stop_reading() { give_all(order_kind::stop_reading); }
void engine::close_all() { give_all(order_kind::close_all); }

void engine::mark(std::int64_t read_us, std::uint32_t messages) {
    bool first = true;
    for (auto& batch : body_->outbox) {
        if (batch.empty()) continue;
        auto& o = batch.emplace_back();
        o.kind = order_kind::mark;
        o.token = static_cast<std::uint64_t>(read_us);
        o.conn.slot = first ? messages : 0;  // counted once, on the first worker that has any of it
        first = false;
    }
}

latency& engine::times() { return body_->all.times; }

void engine::publish() {
    for (std::uint32_t i = 0; i < workers(); ++i) {
        if (!body_->outbox[i].empty()) body_->all.workers[i]->post(body_->outbox[i]);
    }
}

}  // namespace brusio::net
