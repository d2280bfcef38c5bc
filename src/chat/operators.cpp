// What operators of the server do.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

void state::body::on(become_operator& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto before = u->modes;
    count(*u, -1);
    u->modes |= server_operator;
    u->operator_name = c.name;
    count(*u, 1);
    out.emplace_back(became_operator{c.session, std::move(c.name)});
    if (before == u->modes) return;
    out.emplace_back(own_modes_changed{c.session, u->sessions, u->shown(), u->modes & ~before, 0, last_ms});
}

user* state::body::operator_or_refuse(session_id session, effects& out) {
    auto* u = user_of(session);
    if (u == nullptr || u->has(server_operator)) return u;
    refuse(session, refusal::needs_server_operator, out);
    return nullptr;
}

void state::body::on(kill& c, effects& out) {
    auto* u = operator_or_refuse(c.session, out);
    if (u == nullptr) return;
    auto* target = nick_or_refuse(c.session, c.nick, out);
    if (target == nullptr) return;
    const auto by = u->shown();
    if (target != u) out.emplace_back(kill_done{c.session, target->who.nick});
    end_user(*target, c.session, end_cause::killed, by, c.reason, out);
}

void state::body::on(call_out& c, effects& out) {
    const auto* u = operator_or_refuse(c.session, out);
    if (u == nullptr) return;
    called_out told{c.session, {}, u->shown(), std::move(c.text), last_ms};
    for (const auto& [id, other] : users) {
        if (other.has(hears_wallops)) told.to.insert(told.to.end(), other.sessions.begin(), other.sessions.end());
    }
    out.emplace_back(std::move(told));
}

void state::body::on(set_host& c, effects& out) {
    if (operator_or_refuse(c.session, out) == nullptr) return;
    auto* target = nick_or_refuse(c.session, c.nick, out);
    if (target == nullptr) return;
    auto before = target->shown();
    if (target->from.host == c.host) {
        out.emplace_back(host_set{.session = c.session, .before = before, .after = before, .at_ms = last_ms});
        return;
    }
    target->from.host = std::move(c.host);
    show_host(*target, c.session, before, out);
}

void state::body::show_host(user& u, session_id cause, const person& before, effects& out) {
    ++*u.version;
    out.emplace_back(host_set{cause, u.sessions, u.channels, distant_watchers(u), before, u.shown(), last_ms});
    for (const auto id : u.channels) {
        const auto& ch = channels.at(id);
        out.emplace_back(host_shown{cause, u.id, u.sessions, id, ch.name.name, u.shown(), u.from.real_name, u.away,
                                    ch.find(u.id)->has, last_ms});
    }
}

void state::body::on(require_account& c, effects& out) {
    if (operator_or_refuse(c.session, out) == nullptr) return;
    accounts_required = c.on.value_or(accounts_required);
    out.emplace_back(account_requirement{c.session, accounts_required});
}

// ── bans ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(change_server_bans& c, effects& out) {
    const auto* u = operator_or_refuse(c.session, out);
    if (u == nullptr) return;
    forget_old_bans();
    const auto same = [&](const server_ban& b) { return b.kind == c.ban.kind && b.fold == c.ban.fold; };
    if (c.what == list_action::list) {
        out.emplace_back(server_bans_are{c.session, c.what, server_bans, {}});
        return;
    }
    if (c.what == list_action::remove) {
        const auto at = std::ranges::find_if(server_bans, same);
        if (at == server_bans.end()) {
            return refuse(c.session, refusal::no_such_ban, out, {}, {}, std::move(c.ban.what));
        }
        server_bans_are told{c.session, c.what, {*at}, {}};
        keep(ban_record{*at, true}, {}, {}, out);
        server_bans.erase(at);
        server_bans_changed();
        out.emplace_back(std::move(told));
        return;
    }
    c.ban.by = u->mask();
    c.ban.since_ms = last_ms;
    if (c.ban.until_ms != 0) c.ban.until_ms += last_ms;
    std::erase_if(server_bans, same);
    std::erase_if(ended_bans, same);
    server_bans.push_back(c.ban);
    server_bans_changed();
    keep(ban_record{c.ban, false}, {}, {}, out);
    const auto by = u->shown();
    server_bans_are told{c.session, c.what, {c.ban}, {}};
    std::vector<user_id> hit;
    const auto alone = all_hit(c.ban, hit);
    for (const auto id : hit) told.gone.push_back(users.at(id).who.nick);
    out.emplace_back(std::move(told));
    for (const auto id : hit) {
        end_user(users.at(id), c.session, end_cause::banned_by_server, by, c.ban.reason, out);
    }
    for (const auto s : alone) {
        out.emplace_back(ended{c.session, {s}, end_cause::banned_by_server, by, c.ban.reason, last_ms});
        end_session(s, c.ban.reason, out);
    }
}

// Whoever is here and would not be let in now goes; but for operators, who could only undo it from inside. Of somebody
// with several clients only those, which come from elsewhere than the others.
std::vector<session_id> state::body::all_hit(const server_ban& ban, std::vector<user_id>& users_hit) const {
    std::vector<session_id> alone;
    if (ban.action == ban_action::mute) return alone;
    for (const auto& [id, u] : users) {
        if (u.has(server_operator) || (ban.action == ban_action::need_account && !u.account.empty())) continue;
        const auto subjects = subjects_of(u);
        const auto hit = [&](const ban_subject& s) { return s.by(ban); };
        if (std::ranges::all_of(subjects, hit)) {
            users_hit.push_back(id);
            continue;
        }
        for (std::size_t i = 0; i < u.sessions.size(); ++i) {
            if (hit(subjects[i])) alone.push_back(u.sessions[i]);
        }
    }
    return alone;
}

}  // namespace brusio::chat
