// What comes in: events of the workers become commands.
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "node/body.hpp"

namespace brusio::node {
namespace {

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
        case net::why_closed::bad_proxy_header:
            return "it comes from a proxy and did not begin with a PROXY header";
        case net::why_closed::unflushed:
            break;
    }
    return "it did not read its last messages";
}

}  // namespace

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
    if (l == nullptr) {
        if (e.why == net::why_closed::bad_proxy_header) {
            log(fmt::format("Closed connection from: {} (not opened), {}", e.from.text(), in_words(e.why)));
        }
        return;
    }
    if (e.kind == net::event_kind::closed) return on_closed(*l, e);
    if (e.kind == net::event_kind::certificate) return l->talk->hear_certificate(e.body);
    if (e.kind == net::event_kind::named) return l->talk->hear_named();
    if (e.kind == net::event_kind::readdressed) return on_readdressed(*l, e);
    if (l->waits == 0) return on_input(*l, e);
    if (!l->later) l->later = std::make_unique<std::deque<std::variant<net::event, door::action>>>();
    l->later->emplace_back(std::move(e));
}

void node::body::on_input(link& l, net::event& e) {
    if (l.closing) return;  // refused for its address, say, while its name was on the way
    std::vector<door::action> actions;
    switch (e.kind) {
        case net::event_kind::message:
            l.talk->hear(std::move(e.body), actions);
            break;
        case net::event_kind::overlong:
            l.talk->hear_overlong(e.body, actions);
            break;
        case net::event_kind::broken:
            if (e.status == net::split_status::not_this_protocol)
                l.closing_reason = fmt::format("it does not speak the {} protocol", l.at->name());
            if (e.status == net::split_status::too_late) l.closing_reason = in_words(net::why_closed::login_timeout);
            l.talk->hear_broken(e.status, actions);
            break;
        default:
            l.talk->hear_end(actions);
    }
    act(l, actions);
}

door::caller node::body::caller_of(const link& l) const {
    constexpr std::array<std::uint8_t, 16> ipv6_itself{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const auto& ip = l.from.ip;
    const bool ipv4_itself = std::ranges::all_of(std::span(ip).first(10), [](auto b) { return b == 0; }) &&
                             ip[10] == 0xFF && ip[11] == 0xFF && ip[12] == 127;
    const bool from_here = l.from.local || ipv4_itself || std::ranges::equal(ip, ipv6_itself);
    return {l.from, options.cloak ? options.cloak(l.from) : l.from.address(), l.secure,
            l.secure || from_here || options.log_ins.plaintext};
}

void node::body::on_opened(net::event& e) {
    auto& l = table.open(e.conn);
    l.from = e.from;
    l.secure = e.secure;
    l.at = doors[e.listener];
    l.talk = l.at->open(l.session, caller_of(l));
    if (e.refused != net::refusal::none) {
        reply_to(l, {l.at->refuse(e.refused), true,
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

// Whatever is left when it has to wait comes before what was said after it.
void node::body::act(link& l, std::vector<door::action>& actions) {
    for (auto a = actions.begin(); a != actions.end(); ++a) {
        if (l.waits == 0) {
            act(l, *a);
            continue;
        }
        if (!l.later) l.later = std::make_unique<std::deque<std::variant<net::event, door::action>>>();
        std::size_t at = 0;
        for (; a != actions.end(); ++a, ++at) {
            l.later->emplace(l.later->begin() + static_cast<std::ptrdiff_t>(at), std::move(*a));
        }
        return;
    }
}

void node::body::act(link& l, door::action& a) {
    if (auto* r = std::get_if<door::reply>(&a)) return reply_to(l, std::move(*r));
    if (auto* question = std::get_if<door::check_password>(&a)) return ask_password(l, *question);
    if (const auto* to = std::get_if<door::move>(&a)) {
        wait(l, for_move);
        return engine.readdress(l.conn, to->to);
    }
    if (auto* what = std::get_if<door::show>(&a)) return prove(l, std::move(*what));
    if (auto* what = std::get_if<door::make_password>(&a)) return make_password(l, *what);
    auto& command = std::get<chat::command>(a);
    if (std::holds_alternative<chat::leave>(command)) l.session_over = true;
    apply_for(l, std::move(command));
}

}  // namespace brusio::node
