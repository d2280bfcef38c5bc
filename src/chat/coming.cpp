// Who comes and goes: new people, more clients of those who are here, other names.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

// ── coming ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(log_in& c, effects& out) {
    if (sessions.contains(c.session)) return;
    account* as = nullptr;
    if (c.as) {
        const auto whose = authorize_log_in(*c.as);
        if (!whose) {
            out.emplace_back(not_let_in{.session = c.session, .reason = whose.error().detail, .bad_account = true});
            return;
        }
        as = *whose;
    }
    user u{.who = c.who,
           .from = c.from,
           .modes = c.from.secure ? secure : user_flags{0},
           .away = c.away,
           .came_ms = last_ms,
           .active_ms = last_ms};
    if (as != nullptr) {
        u.owner = as->kept.id;
        u.account = as->kept.name.name;
        u.account_fold = as->kept.name.fold;
    }
    if (is_kept_out(u, out, c.session)) return;
    if (as != nullptr) {
        const auto here = by_nick.find(c.who.nick_fold);
        if (here != by_nick.end() && here->second->owner == as->kept.id) return attach(*here->second, c, out);
    }
    if (const auto clash = find_clash(c.who, nullptr, u.owner)) {
        const auto session = c.session;
        out.emplace_back(log_in_refused{session, clash->why, clash->holder, std::move(c)});
        return;
    }
    const auto* room = c.bound_to ? find_channel(*c.bound_to) : nullptr;
    if (room != nullptr) {
        if (const auto why = why_not_join(u, *room, {})) {
            out.emplace_back(not_let_in{.session = c.session, .channel_says = why});
            return;
        }
    }
    u.id = {next_number()};
    u.sessions = {c.session};
    auto& kept = users.emplace(u.id, std::move(u)).first->second;
    sessions.emplace(c.session, live_session{.who = &kept,
                                             .by = c.as,
                                             .may_only_listen = c.as && may_only_listen(*c.as),
                                             .address = c.from.address,
                                             .ip = c.from.ip,
                                             .since_ms = last_ms});
    if (sessions.at(c.session).may_only_listen) ++listening_sessions;
    subscribe_before(c);
    set_before(kept, c, out);
    std::int64_t missed_since_ms = 0;
    if (as != nullptr) {
        missed_since_ms = as->kept.is_bot ? 0 : missed_since(*as, c.session);
        insert_sorted(*as->users, kept.id);
        note_seen(*as, out);
    }
    const message_id last{last_number};
    const auto first = out.size();
    come(kept, out);
    auto& told = std::get<logged_in>(out[first]);
    told.missed_since_ms = missed_since_ms;
    if (as != nullptr) told.last = last;
    if (c.bound_to) {
        enter(c.session, kept, *c.bound_to, nullptr, out);
        sessions.at(c.session).bound_to = find_channel(*c.bound_to)->id;
    }
}

// By the server's bans, or because nobody comes in without an account.
bool state::body::is_kept_out(const user& u, effects& out, session_id session) {
    if (const auto* ban = server_ban_on(u, ban_action::deny)) {
        out.emplace_back(not_let_in{.session = session, .reason = ban->reason});
        return true;
    }
    const auto* ban = server_ban_on(u, ban_action::need_account);
    if (!u.account.empty() || (ban == nullptr && !accounts_required)) return false;
    out.emplace_back(
        not_let_in{.session = session, .reason = ban != nullptr ? ban->reason : std::string(), .need_account = true});
    return true;
}

void state::body::come(user& u, effects& out) {
    index(u);
    count(u, 1);
    most_users = std::max<std::uint64_t>(most_users, users.size());
    out.emplace_back(logged_in{u.sessions.front(), u.id, u.shown(), u.modes, counts(), false, metadata_of(u)});
    tell_watchers(u.sessions.front(), u, true, out);
    tell_metadata_on_coming(u, out);
}

// Those of a user's sessions that live in the channel: all but those that are bound to another.
std::vector<session_id> state::body::sessions_in(const user& u, channel_id room) const {
    auto all = u.sessions;
    std::erase_if(all, [&](session_id s) {
        const auto bound = sessions.at(s).bound_to;
        return bound && bound != room;
    });
    return all;
}

// One more client of somebody who is here.
void state::body::attach(user& u, log_in& c, effects& out) {
    const auto* home = c.bound_to ? find_channel(*c.bound_to) : nullptr;
    if (home != nullptr && home->find(u.id) == nullptr) {
        auto why = why_not_join(u, *home, {});
        if (u.channels.size() >= options.channels_per_user) why = refusal::too_many_channels;
        if (may_only_listen(*c.as) && !is_listeners_own(u)) why = refusal::may_only_listen;
        if (why) {
            out.emplace_back(not_let_in{.session = c.session, .channel_says = why});
            return;
        }
    }
    const auto others = u.sessions;
    come_back(u, c, out);
    set_before(u, c, out);
    u.sessions.push_back(c.session);
    sessions.emplace(c.session, live_session{.who = &u,
                                             .by = c.as,
                                             .may_only_listen = may_only_listen(*c.as),
                                             .address = c.from.address,
                                             .ip = c.from.ip,
                                             .since_ms = last_ms});
    if (sessions.at(c.session).may_only_listen) ++listening_sessions;
    subscribe_before(c);
    const auto& own = accounts.at(u.owner);
    const auto missed_since_ms = own.kept.is_bot ? 0 : missed_since(own, c.session);
    note_seen(accounts.at(u.owner), out);
    const bool less_secure = !others.empty() && u.has(secure) && !c.from.secure;
    if (less_secure) u.modes &= ~user_flags{secure};
    logged_in told{c.session, u.id, u.shown(), u.modes, counts(), true, metadata_of(u)};
    told.missed_since_ms = missed_since_ms;
    told.last = {last_number};
    out.emplace_back(std::move(told));
    if (less_secure) out.emplace_back(own_modes_changed{c.session, others, u.shown(), 0, secure, last_ms});
    if (!c.bound_to) {
        for (const auto id : u.channels) tell_seat(c.session, u, channels.at(id), out);
        return;
    }
    auto* room = find_channel(*c.bound_to);
    room != nullptr && room->find(u.id) != nullptr ? tell_seat(c.session, u, *room, out)
                                                   : enter(c.session, u, *c.bound_to, nullptr, out);
    sessions.at(c.session).bound_to = find_channel(*c.bound_to)->id;
}

void state::body::tell_seat(session_id to, const user& u, const channel& c, effects& out) {
    out.emplace_back(seated{to, u.id, c.id, c.name.name, u.shown(), u.from.real_name, c.find(u.id)->has, last_ms});
    if (!c.now.text.empty()) out.emplace_back(topic_is{to, c.name.name, c.now, false});
    tell_marker(to, c.name, out);
}

// What others see changes before the new session is told who it is.
void state::body::come_back(user& u, const log_in& c, effects& out) {
    u.from.address = c.from.address;
    u.from.ip = c.from.ip;
    ++*u.version;
    if (std::exchange(u.absent, false)) {
        u.away.clear();
        out.emplace_back(away_set{.session = {},
                                  .channels = u.channels,
                                  .watchers = distant_watchers(u),
                                  .who = u.shown(),
                                  .at_ms = last_ms});
    }
    if (u.sessions.empty()) {
        u.from.certificate = c.from.certificate;
        u.modes = (u.modes & ~user_flags{secure}) | (c.from.secure ? secure : user_flags{0});
    }
    if (!std::exchange(u.never_here, false)) return;
    const auto before = u.shown();
    u.from.username = c.from.username;
    if (u.from.host == options.absent_host) u.from.host = c.from.host;
    u.from.real_name = c.from.real_name;
    if (u.shown() != before) show_host(u, {}, before, out);
    out.emplace_back(real_name_set{{}, {}, u.channels, distant_watchers(u), u.shown(), u.from.real_name, last_ms});
}

void state::body::on(rename& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr || (c.who.nick == u->who.nick && c.who.name == u->who.name)) return;
    if (const auto clash = find_clash(c.who, u, u->owner)) {
        const auto session = c.session;
        out.emplace_back(rename_refused{session, clash->why, clash->holder, std::move(c)});
        return;
    }
    const bool another = c.who.nick_fold != u->who.nick_fold;
    auto before = u->shown();
    if (another) {
        remember_gone(*u);
        tell_watchers(c.session, *u, false, out);
    }
    unindex(*u);
    u->who = std::move(c.who);
    ++*u->version;
    index(*u);
    if (before.mask != u->mask()) keep_events(*u, entry_kind::nick, before.mask, u->mask(), out);
    out.emplace_back(renamed{c.session, u->id, u->sessions, u->channels, std::move(before), u->shown(), last_ms});
    if (another) tell_watchers(c.session, *u, true, out);
    if (!c.real_name.empty()) {
        set_real_name also{c.session, std::move(c.real_name)};
        on(also, out);
    }
    part_unheard(*u, c.session, {}, out);  // the nick was what it stayed by
}

// ── going ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(leave& c, effects& out) { end_session(c.session, std::move(c.reason), out); }

void state::body::end_session(session_id session, std::string reason, effects& out) {
    const auto at = sessions.find(session);
    if (at == sessions.end()) return;
    auto& u = *at->second.who;
    for (const auto& watched : at->second.watches) {
        const auto list = watchers.find(watched.fold);
        std::erase(list->second, session);
        if (list->second.empty()) watchers.erase(list);
    }
    subscribers.erase(session);
    if (at->second.may_only_listen) {
        --listening_sessions;
        reason.clear();  // a last word is a word
    }
    part_unheard(u, session, session, out);
    sessions.erase(at);
    std::erase(u.sessions, session);
    ++*u.version;
    const bool last = u.sessions.empty() && !stays(u);
    if (u.owner && u.sessions.empty()) note_seen(accounts.at(u.owner), out);
    if (last) return remove_user(u, session, std::move(reason), out);
    if (u.sessions.empty() && u.away.empty()) {
        u.absent = true;
        u.away = "Not connected";
        out.emplace_back(away_set{.session = {},
                                  .channels = u.channels,
                                  .watchers = distant_watchers(u),
                                  .who = u.shown(),
                                  .text = u.away,
                                  .at_ms = last_ms});
    }
    if (u.sessions.empty()) {
        // Whoever comes next has not shown that password.
        count(u, -1);
        u.modes &= ~user_flags{server_operator};
        u.operator_name.clear();
        count(u, 1);
    }
    out.emplace_back(left{.session = session,
                          .user = u.id,
                          .last = false,
                          .channels = {},
                          .who = u.shown(),
                          .reason = std::move(reason),
                          .at_ms = last_ms});
}

// Who does not stay without a session is in no channel that no session hears, as when all that are left are bound to
// others. `going`: a session that does not count any more.
void state::body::part_unheard(user& u, session_id cause, session_id going, effects& out) {
    if (stays(u)) return;
    const auto hears = [&](channel_id room) {
        return std::ranges::any_of(sessions_in(u, room), [&](session_id s) { return s != going; });
    };
    const bool any = std::ranges::any_of(u.sessions, [&](session_id s) { return s != going; });
    for (const auto id : any ? u.channels : std::vector<channel_id>()) {
        if (!hears(id)) part_from(u, channels.at(id), cause, {}, out);
    }
}

// Nobody is there any more to be this user.
void state::body::remove_user(user& u, session_id cause, std::string reason, effects& out) {
    left told{.session = cause,
              .user = u.id,
              .last = true,
              .channels = u.channels,
              .who = u.shown(),
              .reason = std::move(reason),
              .at_ms = last_ms};
    keep_events(u, entry_kind::quit, told.reason, {}, out);
    if (u.has_own_past) keep(forget_record{{}, {u.id.value}}, {}, {}, out);
    while (!u.channels.empty()) exit(u, channels.at(u.channels.back()), false, out);
    remember_gone(u);
    unindex(u);
    count(u, -1);
    if (u.owner) erase_sorted(*accounts.at(u.owner).users, u.id);
    tell_watchers(cause, u, false, out);  // before `left`, the last effect to name the session
    out.emplace_back(std::move(told));
    users.erase(u.id);
}

// Whether the user is there without a client: the one whose nick is the name of an account that is always on.
bool state::body::stays(const user& u) const {
    if (!u.owner || options.always_on == always_on_policy::off) return false;
    const auto& a = accounts.at(u.owner).kept;
    const bool on = options.always_on == always_on_policy::opt_out ? a.always_on != wish::no : a.always_on == wish::yes;
    return on && !a.suspended && u.who.nick_fold == a.name.fold;
}

void state::body::end_user(user& u, session_id cause, end_cause why, const person& by, const std::string& reason,
                           effects& out) {
    const auto id = u.id;
    const auto last_words = why == end_cause::killed ? "Killed by " + std::string(by.nick()) + ": " + reason : reason;
    // Whoever does it comes last: no effect may name a session that has left.
    auto all = u.sessions;
    if (std::erase(all, cause) != 0) all.push_back(cause);
    for (const auto s : all) {
        out.emplace_back(ended{cause, {s}, why, by, reason, last_ms});
        end_session(s, last_words, out);
    }
    if (const auto still = users.find(id); still != users.end()) remove_user(still->second, {}, last_words, out);
}

void state::body::remember_gone(const user& u) {
    if (whowas.size() >= whowas_max) whowas.pop_front();
    whowas.push_back({u.who.nick_fold, {u.shown(), u.from.real_name, u.from.address, last_ms}});
}

}  // namespace brusio::chat
