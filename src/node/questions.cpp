// Whom a client's command has to wait for: the holder of a name, the next slice of a long answer. docs/adr/0005.
#include "node/body.hpp"

namespace brusio::node {

// People reconnect faster than the kernel tells us that they are gone: before a name is refused as taken, the holder's
// worker is asked whether that connection has ended. Until it has answered, whatever else this client says waits.
void node::body::apply_for(link& l, chat::command what) {
    apply(std::move(what));
    if (effects.empty()) return;
    if (more_to_come(l)) make_busy(l);
    if (ask_holder<chat::log_in_refused>(l) || ask_holder<chat::rename_refused>(l)) effects.pop_back();
}

template <class Refused>
bool node::body::ask_holder(link& l) {
    auto* refused = std::get_if<Refused>(&effects.back());
    if (refused == nullptr || refused->session != l.session) return false;
    if (std::ranges::find(l.asked, refused->holder) != l.asked.end()) return false;
    const auto* holder = table.find(refused->holder);
    if (holder == nullptr) return false;
    l.asked.push_back(refused->holder);
    make_busy(l);
    asked_holders.emplace(++last_token, asking{l.session, std::move(refused->asked)});
    engine.probe(holder->conn, last_token);
    return true;
}

// The holder's last messages and its end came before this answer. It may be another who has the name now; then that one
// is asked.
void node::body::on_probed(const net::event& e) {
    const auto at = asked_holders.find(e.token);
    if (at == asked_holders.end()) return;
    auto [session, again] = std::move(at->second);
    asked_holders.erase(at);
    auto* l = table.find(session);
    if (l == nullptr || l->session_over) return;  // whoever asked is gone, too
    l->busy = false;
    apply_for(*l, std::move(again));
    // What was said in the meantime was said before this answer: nobody is asked a second time for it.
    hear_later(*l);
}

void node::body::make_busy(link& l) {
    l.busy = true;
    if (l.name.empty() || std::exchange(l.held, true)) return;  // before the log-in, its worker holds it anyway
    engine.hold(l.conn);
}

void node::body::hear_later(link& l) {
    while (!l.busy && !l.later.empty()) {
        auto next = std::move(l.later.front());
        l.later.pop_front();
        on_input(l, next);
    }
    if (l.busy) return;
    l.asked.clear();
    if (std::exchange(l.held, false)) engine.admit(l.conn);
}

// The next slice of a long answer. What its asker said after the question waits until the last one is applied.
void node::body::apply_next(chat::command what) {
    const auto* question = std::get_if<chat::ask_who>(&what);
    const auto session = question == nullptr ? chat::session_id{} : question->session;
    const auto before = effects.size();
    apply(std::move(what));
    auto* l = table.find(session);
    if (l == nullptr || (effects.size() > before && more_to_come(*l))) return;
    l->busy = false;
    hear_later(*l);
}

bool node::body::more_to_come(const link& l) const {
    const auto* answer = std::get_if<chat::who_is_here>(&effects.back());
    return answer != nullptr && answer->session == l.session && answer->more;
}

}  // namespace brusio::node
