// Connections that are from elsewhere than their socket says: behind a proxy, or of a gateway that speaks for somebody.
// The acceptor, on worker 0, judges the address; question and answer are orders.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/acceptor.hpp"
#include "net/proxy.hpp"
#include "net/worker.hpp"

namespace brusio::net {

// Only looks until the header is complete, and then takes exactly that: what follows is TLS's or the protocol's.
void worker::read_proxy_header(connection& c, std::uint32_t events) {
    static_assert(proxy_header_bytes <= std::size_t{64} << 10U, "it has to fit the read buffer");
    const auto n = ::recv(c.fd, read_buffer_.data(), proxy_header_bytes, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
        return drop(c, why_closed::reset);
    }
    const auto header = read_proxy({read_buffer_.data(), static_cast<std::size_t>(n)});
    const bool ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (header.status == proxy_status::need_more && !ended) return;
    if (header.status != proxy_status::complete ||
        ::recv(c.fd, read_buffer_.data(), header.size, MSG_DONTWAIT) != static_cast<ssize_t>(header.size)) {
        return drop(c, why_closed::bad_proxy_header);
    }
    c.header_due = false;
    if (!header.from) return begin(c, refusal::none);  // the proxy speaks for itself
    ask_about(c, *header.from);
}

// What came behind the header has been announced by the kernel already.
void worker::begin(connection& c, refusal refused) {
    announce(c, refused);
    if (closing_all_ || !reading_) return close_gracefully(c);
    c.readable = true;
    read(c);
}

// While the question is under way, it has the count that the connection had.
void worker::ask_about(connection& c, const peer& from) {
    auto question = std::make_shared<judgement>();
    question->from = from;
    question->before = c.from;
    question->counted_before = c.counted;
    question->refused_before = c.refused;
    c.counted = false;
    all_.workers[0]->post_one({.kind = order_kind::judge, .conn = c.id, .extra = std::move(question)});
}

// Worker 0.
void worker::judge(order& o) {
    auto verdict = std::make_shared<judgement>(*static_cast<const judgement*>(o.extra.get()));
    acceptor_->judge(*verdict);
    all_.workers[o.conn.worker]->post_one({.kind = order_kind::judged, .conn = o.conn, .extra = std::move(verdict)});
}

void worker::judged(connection& c, const judgement& verdict) {
    if (c.counted) {  // by an answer that came since this was asked
        all_.workers[0]->post_one(
            {.kind = order_kind::uncount, .token = c.refused ? 1U : 0U, .extra = std::make_shared<const peer>(c.from)});
    }
    c.from = verdict.from;
    c.exempt = verdict.exempt;
    c.counted = verdict.counted;
    c.refused = verdict.refused != refusal::none;
    if (!c.opened) {
        if (verdict.close_at_once) return drop(c, why_closed::by_order);
        return begin(c, verdict.refused);
    }
    auto& e = tell(event_kind::readdressed, c);
    e.from = c.from;
    e.refused = verdict.refused;
}

// The connection went while its new address was judged: it is no longer one of this address either.
void worker::give_back(const judgement& verdict) {
    if (!verdict.counted) return;
    all_.workers[0]->post_one({.kind = order_kind::uncount,
                               .token = verdict.refused != refusal::none ? 1U : 0U,
                               .extra = std::make_shared<const peer>(verdict.from)});
}

}  // namespace brusio::net
