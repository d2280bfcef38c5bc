// What owners of accounts, and those who may manage them, change about them; and what is told of accounts.
#include <algorithm>

#include "base/glob.hpp"
#include "chat/body.hpp"

namespace brusio::chat {

// ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────

// The account that is meant, when its asker may do that to it.
account* state::body::target_account(session_id session, const std::optional<nick_name>& of, action what,
                                     effects& out) {
    const auto who = subject_of(session);
    if (who.who == nullptr && !who.administrator) return nullptr;
    auto* a = of ? find_account(*of) : account_of(session);
    if (a == nullptr && !of) {
        refuse_account(session, account_refusal::not_logged_in, out);
    } else if (a == nullptr) {
        refuse_account(session, account_refusal::no_such_account, out, of->name);
    } else if (!can(who, what, {.of = a})) {
        refuse_account(session, account_refusal::needs_management, out, a->kept.name.name);
    } else {
        return a;
    }
    return nullptr;
}

void state::body::on(change_credential& c, effects& out) {
    auto* a = target_account(c.session, c.of, action::manage_account, out);
    if (a == nullptr || accounts_closed(c.session, out)) return;
    const auto at = find_credential(a->credentials, c.what.kind, c.what.id);
    const bool known = at != a->credentials.end();
    const auto shown = c.what.id;
    if (c.what.gone && !known) {
        return refuse_account(c.session, account_refusal::no_such_credential, out, a->kept.name.name, shown);
    }
    if (!c.what.gone && !known && a->credentials.size() >= credentials_max) {
        return refuse_account(c.session, account_refusal::too_many, out, a->kept.name.name, "credentials");
    }
    if (!c.what.gone && c.what.kind == credential_kind::certificate) {
        const auto other = owner_of_certificate(c.what.id);
        if (other && other != a->kept.id) {
            return refuse_account(c.session, account_refusal::credential_in_use, out, a->kept.name.name, shown);
        }
    }
    complete(c.what, a->kept.id);
    if (c.what.expires_ms != 0)
        c.what.expires_ms = last_ms + std::clamp<std::int64_t>(c.what.expires_ms, 1, long_time_ms);
    const bool password = c.what.kind == credential_kind::password;
    const auto stored = keep(c.what, c.session, a->kept.name.name, out);
    auto light = c.what;
    light.secret.clear();
    light.scram.clear();
    unindex(*a);
    if (known) a->credentials.erase(at);
    if (!c.what.gone) a->credentials.push_back(light);
    index(*a);
    if (password) {
        ++a->kept.epoch;
        if (is_administrator(c.session)) a->kept.known_from.clear();
        keep(a->kept, {}, {}, out);
        // Who is in stays in, unless it is asked to go.
        for (auto& [id, s] : sessions) {
            if (s.by && s.by->account == a->kept.id) s.by->epoch = a->kept.epoch;
        }
    }
    const auto what = password      ? deed::password_changed
                      : c.what.gone ? deed::credential_removed
                                    : deed::credential_added;
    out.emplace_back(done{c.session, stored, what, a->kept.name.name, shown});
    if (c.end_others) end_sessions_by(*a, c.session, light, out);
}

void state::body::end_sessions_by(account& a, session_id but, const credential_record& gone, effects& out) {
    std::vector<session_id> over;
    for (const auto& [id, s] : sessions) {
        if (id == but || !s.by || s.by->account != a.kept.id) continue;
        if (s.by->kind == gone.kind && s.by->credential == gone.id) over.push_back(id);
    }
    std::ranges::sort(over);
    const auto by = options.services;
    for (const auto s : over) {
        out.emplace_back(
            ended{but, {s}, end_cause::logged_out, by, "What this session logged in with is no longer valid", last_ms});
        end_session(s, "Logged out", out);
    }
}

void state::body::on(change_account& c, effects& out) {
    const bool by_rulers = c.what == account_change::suspend || c.what == account_change::unsuspend;
    const auto wanted = by_rulers                          ? action::suspend_account
                        : c.what == account_change::forget ? action::erase_said
                                                           : action::manage_account;
    if (c.what == account_change::forget && c.number != 0 && is_administrator(c.session)) {
        return forget_said(c.session, {c.number}, {}, out);
    }
    auto* a = target_account(c.session, c.of, wanted, out);
    if (a == nullptr) return;
    const bool only_now = c.what == account_change::ghost || c.what == account_change::end_session;
    if (!only_now && accounts_closed(c.session, out)) return;
    switch (c.what) {
        case account_change::group:
        case account_change::ungroup:
            return change_nicks(*a, c, out);
        case account_change::drop:
            return drop(*a, c.session, out);
        case account_change::always_on:
            if (options.always_on == always_on_policy::off) {
                return refuse_account(c.session, account_refusal::always_on_is_off, out, a->kept.name.name);
            }
            a->kept.always_on = c.value == "yes" ? wish::yes : wish::no;
            save(*a, c.session, deed::always_on_set, c.value == "yes" ? "yes" : "no", out);
            return drop_absent(*a, out);
        case account_change::ghost:
            return ghost(*a, c, out);
        case account_change::end_session:
            return end_one_session(*a, c, out);
        case account_change::suspend:
            return suspend(*a, c, out);
        case account_change::unsuspend:
            a->kept.suspended = false;
            a->kept.suspended_why.clear();
            return save(*a, c.session, deed::account_unsuspended, {}, out);
        case account_change::forget:
            return forget_said(c.session, a->kept.id, a->kept.name.name, out);
    }
}

// Whoever dropped the account has set topics, too.
void state::body::forget_said(session_id by, account_id of, const std::string& name, effects& out) {
    for (auto& [id, c] : channels) {
        if (c.topic_account != of) continue;
        c.now = {};
        c.topic_account = {};
        keep_channel(c, out);
        out.emplace_back(topic_changed{{}, id, c.name.name, options.services, {}, last_ms});
    }
    out.emplace_back(done{by, {}, deed::account_forgotten, name, {}});
}

void state::body::on(note_place& c, effects& out) {
    const auto at = accounts.find(c.account);
    if (at == accounts.end()) return;
    auto& places = at->second.kept.known_from;
    if (std::ranges::find(places, c.place) != places.end()) return;
    if (places.size() >= known_places_max) places.erase(places.begin());
    places.push_back(std::move(c.place));
    keep(at->second.kept, {}, {}, out);
}

void state::body::change_nicks(account& a, change_account& c, effects& out) {
    // The nick that it has now, not when it was asked for.
    if (!c.nick && c.what == account_change::group) {
        if (const auto* u = user_of(c.session)) c.nick = u->who;
    }
    if (!c.nick) return;
    const auto own = std::ranges::find(a.kept.nicks, c.nick->nick_fold, &identity::nick_fold);
    if (c.what == account_change::ungroup) {
        if (own == a.kept.nicks.end()) {
            return refuse_account(c.session, account_refusal::nick_is_not_yours, out, a.kept.name.name, c.nick->nick);
        }
        if (own == a.kept.nicks.begin()) {
            return refuse_account(c.session, account_refusal::nick_is_the_name, out, a.kept.name.name, c.nick->nick);
        }
        unindex(a);
        a.kept.nicks.erase(own);
        index(a);
        return save(a, c.session, deed::nick_ungrouped, c.nick->nick, out);
    }
    if (own == a.kept.nicks.end()) {
        if (a.kept.nicks.size() >= nicks_max) {
            return refuse_account(c.session, account_refusal::too_many, out, a.kept.name.name, "nicks");
        }
        const auto* holder = find_user({c.nick->nick, c.nick->nick_fold});
        const bool holds = holder != nullptr && holder->owner == a.kept.id;
        if (find_clash(*c.nick, holds ? holder : nullptr, a.kept.id)) {
            return refuse_account(c.session, account_refusal::account_exists, out, c.nick->nick);
        }
        unindex(a);
        a.kept.nicks.push_back(*c.nick);
        index(a);
    }
    save(a, c.session, deed::nick_grouped, c.nick->nick, out);
}

// Whoever has the nick goes: an earlier connection of the same person, or somebody who took it before it was reserved.
void state::body::ghost(account& a, change_account& c, effects& out) {
    if (!c.nick) return;
    auto* target = find_user({c.nick->nick, c.nick->nick_fold});
    if (target == nullptr) {
        return refuse_account(c.session, account_refusal::no_such_nick, out, a.kept.name.name, c.nick->nick);
    }
    const bool reserved =
        std::ranges::find(a.kept.nicks, c.nick->nick_fold, &identity::nick_fold) != a.kept.nicks.end();
    const bool own = target == user_of(c.session);
    if (own || (!reserved && target->owner != a.kept.id)) {
        return refuse_account(c.session, account_refusal::nick_is_not_yours, out, a.kept.name.name, c.nick->nick);
    }
    out.emplace_back(done{c.session, {}, deed::ghost_gone, a.kept.name.name, target->who.nick});
    end_user(*target, c.session, end_cause::ghosted, options.services, "Its owner has asked for this nick", out);
}

void state::body::end_one_session(account& a, change_account& c, effects& out) {
    for (const auto id : users_of(a.kept.id)) {
        for (const auto s : users.at(id).sessions) {
            if (s.counter != c.number) continue;
            out.emplace_back(done{c.session, {}, deed::session_ended, a.kept.name.name, {}});
            out.emplace_back(
                ended{c.session, {s}, end_cause::logged_out, options.services, "Ended by its owner", last_ms});
            return end_session(s, "Logged out", out);
        }
    }
    refuse_account(c.session, account_refusal::no_such_session, out, a.kept.name.name);
}

void state::body::suspend(account& a, change_account& c, effects& out) {
    a.kept.suspended = true;
    a.kept.suspended_why = c.value;
    ++a.kept.epoch;
    save(a, c.session, deed::account_suspended, c.value, out);
    auto all = users_of(a.kept.id);
    if (const auto* self = user_of(c.session); self != nullptr && std::erase(all, self->id) != 0)
        all.push_back(self->id);
    for (const auto id : all) {
        if (const auto at = users.find(id); at != users.end()) {
            end_user(at->second, c.session, end_cause::suspended, options.services, c.value, out);
        }
    }
}

// Nobody may be there without a session any more, unless they are always on.
void state::body::drop_absent(account& a, effects& out) {
    for (const auto id : std::vector(users_of(a.kept.id))) {
        auto& u = users.at(id);
        if (u.sessions.empty() && !stays(u)) {
            remove_user(u, {}, "No longer always on", out);
        } else if (!u.sessions.empty()) {
            part_unheard(u, u.sessions.front(), {}, out);
        }
    }
}

// What it said stays; what it owned is nobody's.
void state::body::drop(account& a, session_id by, effects& out) {
    const auto id = a.kept.id;
    const auto name = a.kept.name.name;
    const auto stored = keep(account_record{.id = id, .gone = true, .name = a.kept.name}, by, name, out);
    if (by) out.emplace_back(done{by, stored, deed::account_dropped, name, {}});
    keep(forget_record{{}, {id.value}}, {}, {}, out);  // its own sides of conversations, which nobody can read again
    for (const auto user : std::vector(users_of(id))) {
        auto& u = users.at(user);
        if (u.sessions.empty()) {
            remove_user(u, {}, "Its account is gone", out);
            continue;
        }
        // Without an account nobody has several clients.
        const bool own = std::ranges::find(u.sessions, by) != u.sessions.end();
        const auto free = std::ranges::find_if(u.sessions, [&](session_id s) { return !sessions.at(s).bound_to; });
        const auto left_over = own ? by : free != u.sessions.end() ? *free : u.sessions.front();
        for (const auto s : std::vector(u.sessions)) {
            if (s == left_over) continue;
            out.emplace_back(ended{by, {s}, end_cause::logged_out, options.services, "The account is gone", last_ms});
            end_session(s, "Logged out", out);
        }
        auto& live = sessions.at(left_over);
        live.by.reset();
        if (std::exchange(live.may_only_listen, false)) --listening_sessions;
        use_account(u, nullptr, left_over, out);
        part_unheard(u, left_over, {}, out);
    }
    for (const auto room : std::vector(a.seats)) {
        auto& c = channels.at(room);
        std::erase_if(c.seats, [&](const held_seat& s) { return s.account == id; });
        keep(seat_record{room, id, true, 0, {}}, {}, {}, out);
        if (c.empty_ms != 0 && c.seats.empty()) erase_channel(c, out);
    }
    std::vector<channel_id> changed;
    for (auto& [room, c] : channels) {
        const bool listed = std::erase_if(c.access, [&](const access_record& r) { return r.account == id; }) != 0;
        if (c.founder != id && !listed) continue;
        if (c.founder == id) unregister(c, out);
        changed.push_back(room);
    }
    for (const auto room : changed) {
        auto& c = channels.at(room);
        keep_channel(c, out);
        if (c.empty_ms != 0 && c.seats.empty()) erase_channel(c, out);
    }
    unindex(a);
    accounts.erase(id);
}

std::string state::body::label_of(const account& a, const std::optional<proof>& by) {
    if (!by) return {};
    if (by->kind == credential_kind::password) return "password";
    const auto at = find_credential(a.credentials, by->kind, by->credential);
    return at == a.credentials.end() || at->label.empty() ? by->credential : at->label;
}

// ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(ask_account& c, effects& out) {
    const auto who = subject_of(c.session);
    if (who.who == nullptr && !who.administrator) return;
    const auto* a = c.of ? find_account(*c.of) : account_of(c.session);
    if (a == nullptr) {
        return refuse_account(c.session, c.of ? account_refusal::no_such_account : account_refusal::not_logged_in, out,
                              c.of ? c.of->name : std::string());
    }
    const bool all = can(who, action::see_account, {.of = a});
    if (c.what != account_question::info && !all) {
        return refuse_account(c.session, account_refusal::needs_management, out, a->kept.name.name);
    }
    account_is answer{.session = c.session, .what = c.what, .account = a->kept, .owner = all};
    const auto& here = users_of(a->kept.id);
    answer.present = std::ranges::any_of(here, [&](user_id id) { return !users.at(id).sessions.empty(); });
    answer.account.code.clear();
    if (!all) {
        answer.account = {
            .id = a->kept.id, .name = a->kept.name, .created_ms = a->kept.created_ms, .seen_ms = a->kept.seen_ms};
    } else {
        for (const auto id : here) {
            for (const auto s : users.at(id).sessions) {
                const auto& live = sessions.at(s);
                answer.sessions.push_back({s, s.counter, users.at(id).who.nick, live.address, label_of(*a, live.by),
                                           live.since_ms, s == c.session});
            }
        }
        answer.credentials = a->credentials;
        for (const auto& [id, room] : channels) {
            if (room.founder == a->kept.id) answer.channels.push_back(room.name.name);
        }
    }
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_accounts& c, effects& out) {
    if (!is_administrator(c.session)) return;
    accounts_are answer{.session = c.session, .asked = c};
    std::vector<const account*> all;
    for (const auto& [id, a] : accounts) {
        if (a.kept.name.fold > c.after && (c.mask.empty() || base::glob_match(c.mask, a.kept.name.fold)))
            all.push_back(&a);
    }
    std::ranges::sort(all, {}, [](const account* a) -> const std::string& { return a->kept.name.fold; });
    answer.more = all.size() > c.limit;
    if (answer.more) all.resize(c.limit);
    for (const auto* a : all) answer.accounts.push_back(a->kept);
    if (!all.empty()) answer.asked.after = all.back()->kept.name.fold;
    out.emplace_back(std::move(answer));
}

void state::body::on(set_rules& c, effects& /*out*/) {
    if (c.now.required != options.accounts.required) accounts_required = c.now.required;
    options.accounts = c.now;
}

}  // namespace brusio::chat
