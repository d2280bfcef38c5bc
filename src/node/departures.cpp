// What leaves: effects that may be seen become orders to the workers.
#include <fmt/format.h>

#include "base/text.hpp"
#include "node/body.hpp"

namespace brusio::node {

void node::body::release(std::vector<chat::effect>& released, std::int64_t sum) {
    for (auto& e : released) leave_for(e);
    if (sum != 0) waiting.subtract(sum);
}

void node::body::leave_for(chat::effect& e) {
    if (auto* s = std::get_if<chat::said>(&e)) {
        if (options.log_messages) {
            log(fmt::format("Received message from {}: {}{}", base::clean_line(s->who.name),
                            s->kind == chat::speech::action ? "* " : "", base::clean_line(s->body)));
        }
        const auto* from = table.find(s->from);
        spread.send(s->channel, door.render(e), from == nullptr ? net::conn_id{} : from->conn);
    } else if (const auto* in_effect = std::get_if<chat::logged_in>(&e)) {
        if (auto* l = table.find(in_effect->session)) {
            l->name = base::clean_line(in_effect->who.name);
            engine.admit(l->conn);
            log(fmt::format("Accepted new connection from {}, username: {}", l->from.text(), l->name));
        }
        to_session(in_effect->session, e);
    } else if (const auto* n = std::get_if<chat::renamed>(&e)) {
        if (auto* l = table.find(n->session)) {
            log(fmt::format("{} is now {}", l->name, base::clean_line(n->after.name)));
            l->name = base::clean_line(n->after.name);
        }
        to_session(n->session, e);
    } else if (const auto* j = std::get_if<chat::joined>(&e)) {
        if (auto* l = table.find(j->session)) spread.join(*l, j->channel);
        spread.send(j->channel, door.render(e), {});
    } else if (const auto* p = std::get_if<chat::parted>(&e)) {
        if (auto* l = table.find(p->session)) spread.leave(*l, p->channel);
        spread.send(p->channel, door.render(e), {});
    } else if (const auto* t = std::get_if<chat::told>(&e)) {
        to_session(t->to, e);
    } else if (const auto* w = std::get_if<chat::who_is_here>(&e)) {
        to_session(w->session, e);
        if (w->more) {
            auto rest = w->asked;
            rest.after = w->more;
            next_turn.emplace_back(std::move(rest));
        }
    } else {
        std::visit(
            [&](const auto& x) {
                if constexpr (requires { x.session; }) to_session(x.session, e);
            },
            e);
    }
}

void node::body::to_session(chat::session_id session, const chat::effect& e) {
    if (auto* l = table.find(session); l != nullptr && !l->closing) reply_to(*l, l->talk->answer(e));
}

void node::body::reply_to(link& l, door::reply r) {
    if (l.closing) return;
    if (!r.bytes.empty()) engine.send(l.conn, std::make_shared<const std::string>(std::move(r.bytes)));
    if (!r.close) return;
    l.closing = true;
    if (l.closing_reason.empty()) l.closing_reason = r.reason;
    engine.close(l.conn);
    end_session(l, std::move(r.reason));
}

}  // namespace brusio::node
