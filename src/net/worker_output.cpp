// Sending: one append for each group and message, one flush for each dirty connection and turn. Plain and TLS
// connections take the same way; only `transmit` tells them apart.
#include <sys/socket.h>

#include <algorithm>

#include "net/worker.hpp"

namespace brusio::net {
namespace {

// What is flushed at once; and how long a turn may spend on connections with more, unless the buffers that these hold
// have grown too large.
constexpr std::uint32_t light_bytes = 4096;
constexpr std::int64_t heavy_us = 500;
constexpr std::size_t buffered_bytes = std::size_t{4} << 20U;
constexpr std::int64_t linger_ms = 2'000;        // input discarded after our last word
constexpr std::int64_t flush_grace_ms = 30'000;  // for a closing peer to read what is queued
constexpr std::int64_t shutdown_grace_ms = 5'000;

}  // namespace

void worker::mark_dirty(connection& c) {
    if (c.dirty) return;
    c.dirty = true;
    dirty_.push_back(&c);
}

// Bytes of this turn for one connection that has none yet, or none that these follow.
void worker::append(connection& c, const turn_buffer& source, std::uint32_t begin, std::uint32_t end) {
    if (!c.range.empty()) settle_range(c);
    c.range = {&source, begin, end};
    mark_dirty(c);
}

void worker::multicast(order& o) {
    const auto at = groups_.find(static_cast<std::uint64_t>(o.group));
    if (at == groups_.end()) return;
    auto& g = group_of(o.group);
    const turn_buffer* source = &g.turn;
    auto begin = static_cast<std::uint32_t>(g.turn.bytes.size());
    if (o.bytes->size() >= by_reference_bytes) {
        buffered_ += o.bytes->size();
        source = &large_.emplace_back(turn_buffer{{}, std::move(o.bytes)});
        begin = 0;
    } else {
        buffered_ += o.bytes->size();
        g.turn.bytes.append(*o.bytes);
    }
    const auto end =
        begin + static_cast<std::uint32_t>(source == &g.turn ? g.turn.bytes.size() - begin : source->whole->size());
    const auto* except = find(o.conn);
    // The inner loop of the whole server. A piece that follows the last one directly only moves the range's end; who
    // has a range is dirty already. Closing connections are in no group.
    for (auto* c : g.members) {
        if (c->range.source == source && c->range.end == begin) {
            if (c != except) c->range.end = end;
        } else if (c != except) {
            append(*c, *source, begin, end);
        }
    }
}

// As `multicast`, for several groups: who is in more than one of them is stamped when it has the bytes.
void worker::multicast_to(order& o) {
    const auto& to = *static_cast<const audience*>(o.extra.get());
    if (o.bytes->empty()) return;
    if (++stamp_ == 0) {
        for (auto& s : slots_) {
            if (s.conn) s.conn->stamp = 0;
        }
        stamp_ = 1;
    }
    for (const auto id : to.except) {
        if (auto* c = find(id)) c->stamp = stamp_;
    }
    const auto size = static_cast<std::uint32_t>(o.bytes->size());
    buffered_ += size;
    const turn_buffer* source = &mixed_;
    std::uint32_t begin = 0;
    if (size >= by_reference_bytes) {
        source = &large_.emplace_back(turn_buffer{{}, std::move(o.bytes)});
    } else {
        begin = static_cast<std::uint32_t>(mixed_.bytes.size());
        mixed_.bytes.append(*o.bytes);
    }
    for (const auto id : to.groups) {
        const auto at = groups_.find(static_cast<std::uint64_t>(id));
        if (at == groups_.end()) continue;
        for (auto* c : at->second->members) {
            if (std::exchange(c->stamp, stamp_) == stamp_) continue;
            if (c->range.source == source && c->range.end == begin) {
                c->range.end = begin + size;
            } else {
                append(*c, *source, begin, begin + size);
            }
        }
    }
}

void worker::send_one(connection& c, buffer bytes) {
    if (c.closing || bytes->empty()) return;
    const auto size = static_cast<std::uint32_t>(bytes->size());
    buffered_ += size;
    append(c, large_.emplace_back(turn_buffer{{}, std::move(bytes)}), 0, size);
}

// Copies the range behind what is queued (large buffers go by reference).
void worker::settle_range(connection& c) {
    if (c.range.empty()) return;
    if (!c.queue) c.queue = std::make_unique<send_queue>();
    const auto before = c.queue->bytes();
    c.queue->append(c.range);
    // Before the sum grows: whoever sees it over its limit has to find the largest here.
    if (c.queue->bytes() > largest_queue_.load(std::memory_order_relaxed)) largest_queue_.store(c.queue->bytes());
    account(static_cast<std::int64_t>(c.queue->bytes() - before));
    c.range = {};
}

void worker::account(std::int64_t change) { all_.queued_bytes.fetch_add(static_cast<std::uint64_t>(change)); }

// ── flushing ────────────────────────────────────────────────────────────────────────────────────────────────────────

// Who has little to get comes first. Who has much waits for a place in `heavy_`, and a turn spends only so long on
// these: when thousands join one channel, those who talk in another are not kept waiting. Ranges point into the turn's
// buffers, so these live on until the last of the heavy ones is flushed, and what comes meanwhile is appended.
void worker::flush_all() {
    // Closing a connection may make others dirty no more, and orders come only before this: one pass is enough.
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        auto& c = *dirty_[i];
        if (!c.dead && c.range.end - c.range.begin > light_bytes) {
            heavy_.push_back(&c);
        } else {
            c.dirty = false;
            if (!c.dead) flush(c);
        }
    }
    dirty_.clear();
    const bool unbounded = heavy_.empty() || buffered_ > buffered_bytes || closing_all_;
    const auto until = unbounded ? INT64_MAX : now_us() + heavy_us;
    std::uint32_t done = 0;
    while (!heavy_.empty() && (++done % 16 != 0 || now_us() < until)) {
        auto& c = *heavy_.front();
        heavy_.pop_front();
        c.dirty = false;
        if (!c.dead) flush(c);
    }
    if (limits_->send_memory_bytes != 0 &&
        all_.queued_bytes.load(std::memory_order_relaxed) > limits_->send_memory_bytes)
        shed();
}

void worker::flush(connection& c) {
    if (!c.queue && !c.blocked) {
        while (!c.range.empty()) {
            const auto sent = transmit(c, c.range.view());
            if (sent.status == io_status::done) {
                c.range.begin += static_cast<std::uint32_t>(sent.bytes);
                continue;
            }
            if (sent.status != io_status::again) return drop(c, why_closed::reset);
            c.blocked = true;
            break;
        }
        if (c.range.empty()) {
            c.range = {};
            if (c.closing) finish_closing(c);
            return;
        }
    }
    const auto would_wait = (c.queue ? c.queue->bytes() : 0) + (c.range.end - c.range.begin);
    if (c.blocked && limits_->send_queue_bytes != 0 && would_wait > limits_->send_queue_bytes)
        return drop(c, why_closed::slow_consumer);
    settle_range(c);
    if (!c.blocked && !flush_queue(c)) return;
    if (c.queue && !check_queue(c)) return;
    if (c.closing && !c.has_output()) finish_closing(c);
}

// False when the connection is gone.
bool worker::flush_queue(connection& c) {
    while (c.queue) {
        const auto sent = transmit(c, c.queue->front());
        if (sent.status == io_status::again) {
            c.blocked = true;
            return true;
        }
        if (sent.status != io_status::done) {
            drop(c, why_closed::reset);
            return false;
        }
        account(-static_cast<std::int64_t>(sent.bytes));
        c.queue->pop(sent.bytes);
        if (c.queue->empty()) c.queue.reset();
    }
    return true;
}

io_result worker::transmit(connection& c, std::string_view bytes) {
    if (!c.tls) return plain_write(c.fd, bytes);
    const auto sent = tls_write(*c.tls, bytes);
    return sent.status == io_status::ended ? io_result{io_status::failed, 0} : sent;
}

// ── bounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────

bool worker::check_queue(connection& c) {
    const auto bytes = c.queue->bytes();
    if (bytes > largest_queue_.load(std::memory_order_relaxed)) largest_queue_.store(bytes);
    if (limits_->send_queue_bytes == 0 || bytes <= limits_->send_queue_bytes) return true;
    drop(c, why_closed::slow_consumer);
    return false;
}

worker& worker::with_largest_queue() {
    return **std::ranges::max_element(all_.workers, {}, [](const auto& w) { return w->largest_queue_.load(); });
}

// All queues together are over their limit: the largest of all are closed, whichever worker they are on, until a tenth
// of the limit is free again.
void worker::shed() {
    if (limits_->send_memory_bytes == 0) return;
    std::vector<connection*> queued;
    for (auto& s : slots_) {
        if (s.conn && !s.conn->dead && s.conn->queue) queued.push_back(s.conn.get());
    }
    std::ranges::sort(queued, std::greater{}, [](const connection* c) { return c->queue->bytes(); });
    const auto enough = limits_->send_memory_bytes / 10 * 9;
    for (std::size_t i = 0;; ++i) {
        while (i < queued.size() && queued[i]->dead) ++i;
        largest_queue_.store(i < queued.size() ? queued[i]->queue->bytes() : 0);
        if (all_.queued_bytes.load() <= enough) return;
        auto& holder = with_largest_queue();
        if (&holder != this) {
            std::vector<order> request(1);
            request[0].kind = order_kind::shed;
            return holder.post(request);
        }
        if (i >= queued.size()) return;
        drop(*queued[i], why_closed::send_memory);
    }
}

// ── closing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void worker::close_gracefully(connection& c) {
    while (!c.groups.empty()) leave(c, *c.groups.back().in);
    c.closing = true;
    c.held = c.throttled = c.paused = false;
    c.input = std::string();
    set_deadline(c, closing_all_ ? shutdown_grace_ms : flush_grace_ms, why_closed::unflushed);
    mark_dirty(c);
}

void worker::finish_closing(connection& c) {
    if (c.output_ended) return;
    c.output_ended = true;
    if (c.tls) tls_end_output(*c.tls);
    ::shutdown(c.fd, SHUT_WR);
    if (c.input_ended) return drop(c, why_closed::by_order);
    set_deadline(c, linger_ms, why_closed::by_order);
    c.readable = true;
    discard(c);
}

}  // namespace brusio::net
