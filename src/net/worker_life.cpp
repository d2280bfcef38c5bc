// The life of a connection, from the acceptor to its end, and the groups that it is in.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/worker.hpp"

namespace brusio::net {

// ── connections ─────────────────────────────────────────────────────────────────────────────────────────────────────

connection* worker::find(conn_id id) {
    if (id.worker != number_ || id.slot >= slots_.size()) return nullptr;
    auto& s = slots_[id.slot];
    return s.conn && s.generation == id.generation && !s.conn->dead ? s.conn.get() : nullptr;
}

void worker::adopt(const adopted& socket) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const auto at = free_slots_.back();
    free_slots_.pop_back();
    auto& s = slots_[at];
    ++s.generation;
    s.conn = std::make_unique<connection>();
    auto& c = *s.conn;
    c.fd = socket.fd;
    c.tls.reset(socket.tls);
    c.id = {number_, at, s.generation};
    c.listener = socket.listener;
    c.exempt = socket.exempt;
    c.counted = socket.counted;
    c.header_due = socket.from_proxy;
    c.from = socket.from;
    ++open_;
    set_deadline(c, limits_->login_timeout_ms, why_closed::login_timeout);
    if (!c.header_due) announce(c, socket.refused);
    epoll_event ev{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                   .data = {.u64 = std::uint64_t{c.id.generation} << 32U | c.id.slot}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &ev) != 0) return drop(c, why_closed::reset);
    if (!closing_all_ && reading_) return;
    if (c.opened) {
        close_gracefully(c);
    } else {
        drop(c, why_closed::by_order);
    }
}

void worker::announce(connection& c, refusal refused) {
    c.opened = true;
    c.refused = refused != refusal::none;
    auto& e = tell(event_kind::opened, c);
    e.from = c.from;
    e.refused = refused;
    e.secure = c.tls != nullptr;
}

void worker::drop(connection& c, why_closed why) {
    if (c.dead) return;
    c.dead = true;
    while (!c.groups.empty()) leave(c, *c.groups.back().in);
    if (c.queue) account(-static_cast<std::int64_t>(c.queue->bytes()));
    c.queue.reset();  // now, and not at the end of the turn: many may be dropped in one
    if (why == why_closed::slow_consumer || why == why_closed::send_memory || why == why_closed::unflushed) {
        // What the kernel still holds for it goes at once, too.
        const linger now{.l_onoff = 1, .l_linger = 0};
        setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    c.tls.reset();
    ::close(c.fd);
    auto& e = tell(event_kind::closed, c);
    e.why = why;
    if (!c.opened) e.from = c.from;
    if (!held_probes_.empty()) answer_held_probes();
    all_.workers[0]->post_one({.kind = order_kind::released,
                               .conn = {.worker = number_, .slot = c.counted ? 1U : 0U},
                               .token = c.refused ? 1U : 0U,
                               .extra = std::make_shared<peer>(c.from)});
    --open_;
    graveyard_.push_back(std::move(slots_[c.id.slot].conn));
    free_slots_.push_back(c.id.slot);
    if (closing_all_ && open_ == 0) {
        events_.emplace_back().kind = event_kind::emptied;
        events_.back().conn.worker = number_;
    }
}

// ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────

group& worker::group_of(group_id id) {
    auto& g = groups_[static_cast<std::uint64_t>(id)];
    if (!g) {
        g = std::make_unique<group>();
        g->id = id;
    }
    if (!g->used_this_turn) {
        g->used_this_turn = true;
        used_groups_.push_back(g.get());
    }
    return *g;
}

void worker::join(connection& c, group& g) {
    if (c.closing) return;
    for (const auto& m : c.groups) {
        if (m.in == &g) return;
    }
    c.groups.push_back({&g, static_cast<std::uint32_t>(g.members.size())});
    g.members.push_back(&c);
}

void worker::leave(connection& c, group& g) {
    const auto at = std::ranges::find(c.groups, &g, &membership::in);
    if (at == c.groups.end()) return;
    const auto position = at->position;
    c.groups.erase(at);
    auto* last = g.members.back();
    g.members[position] = last;
    g.members.pop_back();
    if (last != &c) std::ranges::find(last->groups, &g, &membership::in)->position = position;
    if (!g.used_this_turn) group_of(g.id);  // an empty group is freed at the end of the turn
}

}  // namespace brusio::net
