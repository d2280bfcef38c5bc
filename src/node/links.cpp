#include "node/links.hpp"

namespace brusio::node {

link& links::open(net::conn_id conn) {
    auto& slots = slots_[conn.worker];
    if (slots.size() <= conn.slot) slots.resize(conn.slot + 1);
    auto& l = slots[conn.slot];
    l = std::make_unique<link>();
    l->conn = conn;
    l->session = {.node = 1, .counter = ++last_session_};
    by_session_.emplace(l->session.counter, l.get());
    return *l;
}

link* links::find(net::conn_id conn) {
    if (!conn || conn.worker >= slots_.size() || conn.slot >= slots_[conn.worker].size()) return nullptr;
    auto* l = slots_[conn.worker][conn.slot].get();
    return l != nullptr && l->conn == conn ? l : nullptr;
}

link* links::find(chat::session_id session) {
    const auto at = by_session_.find(session.counter);
    return at == by_session_.end() ? nullptr : at->second;
}

void links::close(link& l) {
    by_session_.erase(l.session.counter);
    slots_[l.conn.worker][l.conn.slot].reset();
}

}  // namespace brusio::node
