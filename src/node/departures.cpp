// What leaves: effects that may be seen become orders to the workers. Who sees one is told by its members
// (chat/effects.hpp).
#include <fmt/format.h>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "node/body.hpp"

namespace brusio::node {

void node::body::release(std::vector<chat::effect>& released, std::int64_t sum) {
    for (const auto& e : released) leave_for(e);
    if (sum != 0) waiting.subtract(sum);
}

void node::body::leave_for(const chat::effect& e) {
    std::visit(
        [&]<class E>(const E& x) {
            if constexpr (std::is_same_v<E, chat::said>) {
                if (options.log_messages && x.what.kind != chat::speech::tags) {
                    log(fmt::format("Received message from {}: {}{}", base::clean_line(x.who.name),
                                    x.what.kind == chat::speech::action ? "* " : "", base::clean_line(x.what.body)));
                }
                if (x.at_least == 0) {
                    spread.send(x.channel, e, connection_of(x.session));
                } else {
                    tell_others(x.to, x.session, e);
                }
            } else if constexpr (std::is_same_v<E, chat::told> || std::is_same_v<E, chat::came_or_went>) {
                tell_others(x.to, {}, e);  // also oneself, when it is oneself that one wrote to
                if constexpr (std::is_same_v<E, chat::came_or_went>) return;
            } else if constexpr (std::is_same_v<E, chat::ended>) {
                return tell_others(x.to, {}, e);
            } else if constexpr (std::is_same_v<E, chat::logged_in>) {
                let_in(x);
            } else if constexpr (std::is_same_v<E, chat::log_in_refused> || std::is_same_v<E, chat::not_let_in>) {
                log_in_decided(x.session);
            } else if constexpr (std::is_same_v<E, chat::joined>) {
                spread.send(x.channel, e, {});  // to those who were there; the new ones come after it
                for (const auto s : x.sessions) {
                    if (auto* l = table.find(s)) spread.join(*l, x.channel);
                }
                tell_others(x.sessions, x.session, e);
            } else if constexpr (std::is_same_v<E, chat::parted> || std::is_same_v<E, chat::kicked>) {
                for (const auto s : x.sessions) {
                    if (auto* l = table.find(s)) spread.leave(*l, x.channel);
                }
                spread.send(x.channel, e, connection_of(x.session));
                tell_others(x.sessions, x.session, e);
            } else if constexpr (std::is_same_v<E, chat::account_is>) {
                // For its asker alone; its channels and sessions are what it tells.
            } else if constexpr (std::is_same_v<E, chat::done>) {
                if (x.what == chat::deed::account_forgotten) erase_said_by(x.name);
                if (x.what == chat::deed::account_dropped) throttle.forget_account(base::fold(x.name));
            } else if constexpr (std::is_same_v<E, chat::seated>) {
                if (auto* l = table.find(x.session)) spread.join(*l, x.channel);
            } else if constexpr (std::is_same_v<E, chat::redaction_asked>) {
                return look_up_entry(x);
            } else if constexpr (std::is_same_v<E, chat::redacted>) {
                if (x.channel) {
                    spread.send(x.channel, e, connection_of(x.session));
                } else {
                    tell_others(x.to, x.session, e);
                }
            } else if constexpr (std::is_same_v<E, chat::marker_is> || std::is_same_v<E, chat::metadata_changed>) {
                tell_others(x.to, x.session, e);
            } else if constexpr (std::is_same_v<E, chat::own_modes_changed>) {
                tell_others(x.sessions, x.session, e);
            } else if constexpr (std::is_same_v<E, chat::past_granted> || std::is_same_v<E, chat::past_refused>) {
                tell_cause(x.session, e);
                const auto* l = table.find(x.session);
                if (l != nullptr && !l->looking_up) next_turn.emplace_back(resume{x.session, for_past});
                return;
            } else if constexpr (std::is_same_v<E, chat::left>) {
                if (auto* l = table.find(x.session)) {
                    for (const auto channel : std::vector(l->channels)) spread.leave(*l, channel);
                }
                tell_peers(x.channels, {}, e);
            } else if constexpr (std::is_same_v<E, chat::host_shown>) {
                return tell_peers({x.channel}, x.sessions, e);
            } else if constexpr (requires { x.channel_name, x.by; }) {
                spread.send(x.channel, e, connection_of(x.session));
            } else if constexpr (requires { x.channels, x.sessions; }) {
                tell_peers(x.channels, x.sessions, e);
                tell_others(x.sessions, x.session, e);
            }
            if constexpr (std::is_same_v<E, chat::invited> || std::is_same_v<E, chat::channel_renamed> ||
                          std::is_same_v<E, chat::called_out>) {
                tell_others(x.to, x.session, e);
            }
            if constexpr (requires { x.watchers; }) tell_others(x.watchers, x.session, e);
            if constexpr (std::is_same_v<E, chat::renamed>) {
                for (const auto s : x.sessions) {
                    auto* l = table.find(s);
                    if (l == nullptr) continue;
                    log(fmt::format("{} is now {}", l->name, base::clean_line(x.after.name)));
                    l->name = base::clean_line(x.after.name);
                }
            }
            if constexpr (!std::is_same_v<E, chat::remember>) tell_cause(x.session, e);
            if constexpr (std::is_same_v<E, chat::done> || std::is_same_v<E, chat::account_refused> ||
                          std::is_same_v<E, chat::not_stored> || std::is_same_v<E, chat::account_set>) {
                const auto* l = table.find(x.session);
                if (l != nullptr && (l->waits & for_account) != 0)
                    next_turn.emplace_back(resume{x.session, for_account});
            }
            if constexpr (requires { x.more, x.asked; }) {
                if (x.more) slices.emplace_back(x.asked);
            }
        },
        e);
}

// The erasing takes a while; how it ended is in the log. Whoever asks again meanwhile makes no more work.
void node::body::erase_said_by(const std::string& account) {
    const auto* a = state.find_account(base::fold(account));
    if (a == nullptr || !erasing.insert(a->id).second) return;
    memory->erase_party({a->id.value}, [this, id = a->id, account](const base::result<std::string>& outcome) {
        options.log(outcome ? net::severity::info : net::severity::error,
                    fmt::format("Erasing what {} said: {}", account, outcome ? *outcome : outcome.error().text));
        in.post(request{[this, id] { erasing.erase(id); }});
    });
}

void node::body::let_in(const chat::logged_in& e) {
    auto* l = table.find(e.session);
    if (l == nullptr) return;
    l->name = base::clean_line(e.who.name);
    log(fmt::format("Accepted new connection from {}, username: {}", l->from.text(), l->name));
    engine.admit(l->conn);
    log_in_decided(e.session);
}

void node::body::log_in_decided(chat::session_id session) { next_turn.emplace_back(resume{session}); }

// ── to whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────

net::conn_id node::body::connection_of(chat::session_id session) {
    const auto* l = table.find(session);
    return l == nullptr ? net::conn_id{} : l->conn;
}

void node::body::tell_cause(chat::session_id session, const chat::effect& e) {
    if (chat::is_administrator(session)) return tell_administrator(session, e);
    if (auto* l = table.find(session); l != nullptr && !l->closing) reply_to(*l, l->talk->answer(e));
}

void node::body::tell_others(const std::vector<chat::session_id>& sessions, chat::session_id cause,
                             const chat::effect& e) {
    for (const auto s : sessions) {
        if (s == cause) continue;
        if (auto* l = table.find(s); l != nullptr && !l->closing) reply_to(*l, l->talk->overhear(e));
    }
}

void node::body::tell_peers(const std::vector<chat::channel_id>& channels, const std::vector<chat::session_id>& but,
                            const chat::effect& e) {
    if (channels.empty()) return;
    std::vector<net::conn_id> except;
    for (const auto s : but) {
        if (const auto conn = connection_of(s)) except.push_back(conn);
    }
    spread.send(channels, e, except);
}

void node::body::reply_to(link& l, door::reply r) {
    if (l.closing) return;
    if (!r.bytes.empty()) engine.send(l.conn, std::make_shared<const std::string>(std::move(r.bytes)));
    spread.reshape(l);
    for (auto& command : r.then) next_turn.emplace_back(std::move(command));
    if (r.letter && options.send) options.send(std::move(*r.letter));
    if (r.look_up) look_up(l, std::move(*r.look_up));
    if (!r.close) return;
    l.closing = true;
    if (l.closing_reason.empty()) l.closing_reason = r.reason;
    engine.close(l.conn);
    end_session(l, std::move(r.reason));
}

void node::body::end_session(link& l, std::string reason) {
    if (std::exchange(l.session_over, true)) return;
    next_turn.emplace_back(chat::leave{l.session, std::move(reason)});
}

}  // namespace brusio::node
