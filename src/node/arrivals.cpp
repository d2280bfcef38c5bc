// What comes in: events of the workers become commands.
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

}  // namespace brusio::node
