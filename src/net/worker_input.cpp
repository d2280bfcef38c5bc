// Reading: from a ready socket to messages handed over.
#include <poll.h>
#include <sys/epoll.h>

#include "net/worker.hpp"

namespace brusio::net {
namespace {

// What one connection may read in one turn before the others have theirs.
constexpr std::size_t turn_bytes = std::size_t{64} << 10U;
// … and messages: what a few bytes ask for may be long, and only after the turn it is seen whether it is read.
constexpr std::size_t turn_messages = 128;
// What is read at once from a connection whose messages may have to wait: the rest waits in the kernel.
constexpr std::size_t resting_bytes = 4096;
// Input thrown away, at most, while closing.
constexpr std::uint32_t discard_bytes = std::uint32_t{1} << 20U;

std::size_t tokens_for(std::size_t bytes) { return (bytes + token_bytes - 1) / token_bytes; }

}  // namespace

void worker::on_ready(connection& c, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && c.blocked) {
        c.blocked = false;
        mark_dirty(c);
    }
    if (c.header_due) return read_proxy_header(c, events);
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 || (c.tls && (events & EPOLLOUT) != 0)) {
        c.readable = true;
        read(c);
    }
}

bool worker::may_read(const connection& c) const {
    return reading_ && c.opened && !c.held && !c.paused && !c.input_broken && !c.input_ended && !c.dead &&
           (!c.throttled || all_.read_queues[c.listener] != 0);
}

io_result worker::receive(connection& c, std::span<char> into) {
    return c.tls ? tls_read(*c.tls, into) : plain_read(c.fd, into);
}

void worker::read(connection& c) {
    if (c.closing && c.tls && !c.output_ended) {
        // Our last words may wait for something of the peer's: the handshake, above all.
        c.blocked = false;
        return mark_dirty(c);
    }
    if (c.closing) return discard(c);
    std::size_t taken = 0;
    while (c.readable && may_read(c) && !c.closing) {
        // `exempt` input of a peer that has ended is read to its end whatever waits elsewhere: it is bounded by the
        // kernel.
        if (!all_.gate.open() || taken >= turn_bytes) return read_later(c);
        const bool may_rest = !c.admitted || (!c.exempt && limits_->messages.rate > 0);
        const auto got = receive(c, std::span(read_buffer_).first(may_rest ? resting_bytes : read_buffer_.size()));
        if (c.tls && !c.greeted && tls_established(*c.tls)) greet(c);
        switch (got.status) {
            case io_status::again:
                c.readable = false;
                break;
            case io_status::ended:
                c.input_ended = true;
                return end_of_input(c);
            case io_status::failed:
                return drop(c, c.tls && !tls_established(*c.tls) ? why_closed::tls_failure : why_closed::reset);
            case io_status::done:
                taken += got.bytes;
                feed(c, {read_buffer_.data(), got.bytes});
                break;
        }
    }
}

// Hands over what is complete and keeps the rest.
void worker::feed(connection& c, std::string_view fresh) {
    if (c.throttled) {
        keep_waiting(c, fresh);
    } else if (c.input.empty()) {
        const auto used = split_all(c, fresh);
        if (used < fresh.size() && !c.input_broken) c.input.assign(fresh.substr(used));
    } else {
        c.input.append(fresh);
        c.input.erase(0, split_all(c, c.input));
    }
    const auto most = all_.read_queues[c.listener];
    if (c.throttled && most != 0 && c.input.size() > most) break_input(c, split_status::flooded);
    if (c.input_broken || c.input.empty()) c.input = std::string();
}

// Over its rate, and read all the same up to a bound, which the memory for it does not pass either by more than one
// read.
void worker::keep_waiting(connection& c, std::string_view fresh) {
    const auto needed = c.input.size() + fresh.size();
    if (c.input.capacity() < needed) {
        std::string larger;
        larger.reserve(
            std::max(needed, std::min<std::size_t>(2 * needed, all_.read_queues[c.listener] + resting_bytes)));
        larger.append(c.input);
        c.input.swap(larger);
    }
    c.input.append(fresh);
}

void worker::break_input(connection& c, split_status status) {
    c.input_broken = true;
    c.throttled = false;
    tell(event_kind::broken, c).status = status;
}

// False when the connection has to rest first.
bool worker::pay(connection& c, std::size_t tokens) {
    if (c.exempt || c.messages.take(limits_->messages, now_, static_cast<double>(tokens))) return true;
    c.throttled = true;
    rests_.push({now_ + c.messages.wait_ms(limits_->messages, now_), c.id});
    return false;
}

// Returns how many bytes are done with. Stops early when the connection is held or over its rate.
std::size_t worker::split_all(connection& c, std::string_view input) {
    std::size_t used = 0;
    bool unfinished = false;
    bool ended_one = false;
    std::size_t messages = 0;
    const auto& protocol = *all_.protocols[c.listener];
    while (used < input.size() && !c.held && !c.throttled) {
        if (messages == turn_messages && !hurried_) {
            c.paused = true;
            read_later(c);
            break;
        }
        if (c.skipping) {
            const auto dropped = skip_some(c, input.substr(used));
            used += dropped;
            ended_one |= !c.skipping;
            if (dropped == 0 && c.skipping) break;
            continue;
        }
        const auto s = protocol.next(input.substr(used), limits_->message_bytes);
        if (s.status == split_status::need_more) {
            // Blank lines, say; what is left of the input pays when it is whole.
            if (s.consumed > 0 && !pay(c, tokens_for(s.consumed))) break;
            used += s.consumed;
            unfinished = used < input.size();
            break;
        }
        if (s.status == split_status::skip) {
            // It begins with a token there, and pays as its bytes come; what is before it (blank lines, say) pays now.
            if (!pay(c, tokens_for(s.consumed))) break;
            used += s.consumed;
            c.skipping = true;
            c.skipped = static_cast<std::uint16_t>(s.consumed % token_bytes);
            tell(event_kind::overlong, c).body.assign(s.body);
            continue;
        }
        if (s.status != split_status::message) {
            break_input(c, s.status);
            return input.size();
        }
        const bool piece = s.what == part::piece && c.in_pieces;
        const std::size_t begun = piece ? c.pieces : 0;
        if (!pay(c, tokens_for(begun + s.consumed) - tokens_for(begun))) break;
        c.pieces = piece ? static_cast<std::uint16_t>((begun + s.consumed) % token_bytes) : 0;
        c.in_pieces = (c.in_pieces && s.what != part::ends) || (s.what == part::begins && c.admitted);
        tell(event_kind::message, c).body.assign(s.body);
        used += s.consumed;
        ended_one = true;
        ++messages;
        if (!c.admitted && all_.holds[c.listener]) c.held = true;
    }
    unfinished |= c.skipping && !c.held && !c.throttled;
    // The time for the rest of a message runs from its first byte; the log-in's deadline stands above it.
    if (c.admitted && !c.closing) {
        if (!unfinished) {
            c.deadline_ms = 0;
        } else if (c.deadline_ms == 0 || ended_one) {
            set_deadline(c, limits_->frame_timeout_ms, why_closed::frame_timeout);
        }
    }
    return used;
}

// Drops what is there of a message that is too long; returns how much that was.
std::size_t worker::skip_some(connection& c, std::string_view input) {
    bool found_end = false;
    const auto n = all_.protocols[c.listener]->skip(input, found_end);
    if (!pay(c, tokens_for(c.skipped + n) - tokens_for(c.skipped))) return 0;
    c.skipped = static_cast<std::uint16_t>((c.skipped + n) % token_bytes);
    c.skipping = !found_end;
    return n;
}

// The handshake is done, and nothing that was said after it has been handed over.
void worker::greet(connection& c) {
    c.greeted = true;
    if (auto fingerprint = tls_take_fingerprint(*c.tls); !fingerprint.empty()) {
        tell(event_kind::certificate, c).body = std::move(fingerprint);
    }
    if (tls_asked_for_us(*c.tls)) tell(event_kind::named, c);
}

void worker::end_of_input(connection& c) {
    if (c.end_told || c.held || c.throttled || c.paused || c.dead) return;
    c.end_told = true;
    c.input = std::string();
    if (!c.closing) c.deadline_ms = 0;
    tell(event_kind::input_ended, c);
}

// After a hold, a rest or a closed gate: first what was read already, then the socket.
void worker::resume(connection& c) {
    if (c.closing) return;
    if (!c.input.empty() && reading_) {
        auto waiting = std::move(c.input);
        c.input = std::string();
        feed(c, waiting);
    }
    if (c.input_ended) return end_of_input(c);
    if (c.readable) read(c);
}

void worker::read_later(connection& c) {
    if (c.in_ready_list) return;
    c.in_ready_list = true;
    (all_.gate.open() ? ready_list_ : stalled_).push_back(c.id);
}

void worker::run_ready_list() {
    auto now = std::move(ready_list_);
    ready_list_.clear();
    if (!stalled_.empty() && all_.gate.open()) {
        now.insert(now.end(), stalled_.begin(), stalled_.end());
        stalled_.clear();
    }
    for (const auto id : now) {
        if (auto* c = find(id)) {
            c->in_ready_list = false;
            const bool waits_here = c->paused;
            c->paused = false;
            waits_here ? resume(*c) : read(*c);
        }
    }
}

// While closing, input is only thrown away, so that the peer reads our last words instead of a reset.
void worker::discard(connection& c) {
    while (c.readable && !c.input_ended) {
        const auto got = plain_read(c.fd, read_buffer_);
        if (got.status == io_status::again) {
            c.readable = false;
        } else if (got.status == io_status::done) {
            if (c.output_ended) c.discarded += static_cast<std::uint32_t>(got.bytes);
            if (c.discarded > discard_bytes) return drop(c, why_closed::by_order);
        } else if (got.status == io_status::ended) {
            c.input_ended = true;
        } else {
            return drop(c, why_closed::reset);
        }
    }
    if (c.input_ended && c.output_ended) drop(c, why_closed::by_order);
}

// Has the peer ended, though the kernel has told nobody yet because its input is unread, held or resting? Then all it
// sent is handed over first, so that whoever asks sees its messages, then its end. What is held has to be admitted
// before.
void worker::probe(connection& c, order& o) {
    pollfd p{.fd = c.fd, .events = POLLRDHUP, .revents = 0};
    const bool ended =
        c.closing || c.input_ended || (poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0);
    const auto id = c.id;
    const auto token = o.token;
    if (ended && c.held && !c.admitted && !c.closing) {
        held_probes_.push_back(std::move(o));
        return;
    }
    if (ended && !c.closing && reading_) {
        c.held =
            false;  // after its log-in it was held because it asked something itself: two could wait for each other
        c.exempt = true;
        c.throttled = false;
        c.paused = false;
        c.readable = true;
        hurried_ = true;
        resume(c);
        while (!c.dead && c.readable && may_read(c)) {
            const auto got = receive(c, read_buffer_);
            if (c.tls && !c.greeted && tls_established(*c.tls)) greet(c);
            if (got.status == io_status::done) {
                feed(c, {read_buffer_.data(), got.bytes});
            } else if (got.status == io_status::failed) {
                drop(c, why_closed::reset);
            } else {
                c.readable = false;
                c.input_ended = true;
                end_of_input(c);
            }
        }
        hurried_ = false;
    }
    auto& e = events_.emplace_back();
    e.kind = event_kind::probed;
    e.conn = id;
    e.token = token;
    e.ended = ended;
}

void worker::answer_held_probes() {
    for (auto& o : std::exchange(held_probes_, {})) obey(o);
}

}  // namespace brusio::net
