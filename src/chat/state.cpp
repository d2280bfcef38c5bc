// The tables, and who comes and goes.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {
namespace {

// The rule of find_clash for two identities that are at hand.
bool look_alike(const identity& a, const identity& b) {
    if (a.ascii && b.ascii) return false;
    for (const auto* look : {&a.skeleton, &a.cased_skeleton}) {
        if (!look->empty() && (*look == b.skeleton || *look == b.cased_skeleton)) return true;
    }
    return false;
}

}  // namespace

state::state(settings options) : body_(std::make_unique<body>()) {
    body_->options = std::move(options);
    if (body_->options.lobby) body_->channel_for(*body_->options.lobby, body_->options.lobby_looks).permanent = true;
}
state::~state() = default;
state::state(state&&) noexcept = default;
state& state::operator=(state&&) noexcept = default;

void state::apply(stamped command, std::vector<effect>& out) {
    if (body_->last_ms == 0) {  // what is there from the start is as old as the first command
        for (auto& [id, c] : body_->channels) c.created_ms = command.at_ms;
    }
    body_->last_ms = std::max(body_->last_ms, command.at_ms);
    std::visit([&](auto& c) { body_->on(c, out); }, command.what);
}

std::size_t state::users() const { return body_->users.size(); }
std::size_t state::sessions() const { return body_->sessions.size(); }

// ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::count_looks(table<std::string, look_count>& counts, looks_view of) {
    for (const auto* look : {&of.look, &of.cased_look}) {
        if (look->empty() || (look == &of.cased_look && of.cased_look == of.look)) continue;
        auto& count = counts[*look];
        ++(of.ascii ? count.ascii : count.other);
    }
}

void state::body::uncount_looks(table<std::string, look_count>& counts, looks_view of) {
    for (const auto* look : {&of.look, &of.cased_look}) {
        if (look->empty() || (look == &of.cased_look && of.cased_look == of.look)) continue;
        const auto at = counts.find(*look);
        --(of.ascii ? at->second.ascii : at->second.other);
        if (at->second.ascii + at->second.other == 0) counts.erase(at);
    }
}

bool state::body::looks_taken(const table<std::string, look_count>& counts, looks_view of, const looks_view* self) {
    for (const auto* look : {&of.look, &of.cased_look}) {
        const auto at = look->empty() ? counts.end() : counts.find(*look);
        if (at == counts.end()) continue;
        auto count = at->second;
        if (self != nullptr && (self->look == *look || self->cased_look == *look)) {
            --(self->ascii ? count.ascii : count.other);
        }
        if (count.other > 0 || (!of.ascii && count.ascii > 0)) return true;
    }
    return false;
}

void state::body::index(user& u) {
    by_nick.emplace(u.who.nick_fold, &u);
    by_name.emplace(u.who.name_fold, &u);
    count_looks(looks, looks_of(u.who));
}

void state::body::unindex(user& u) {
    by_nick.erase(u.who.nick_fold);
    by_name.erase(u.who.name_fold);
    uncount_looks(looks, looks_of(u.who));
}

void state::body::count(const user& u, int by) {
    if (u.has(invisible)) invisible_users += static_cast<std::uint64_t>(by);
    if (u.has(server_operator)) operator_users += static_cast<std::uint64_t>(by);
}

user* state::body::user_of(session_id session) {
    const auto at = sessions.find(session);
    return at == sessions.end() ? nullptr : at->second.who;
}

user* state::body::find_user(const nick_name& nick) {
    const auto at = by_nick.find(nick.fold);
    return at == by_nick.end() ? nullptr : at->second;
}

user* state::body::nick_or_refuse(session_id session, const nick_name& nick, effects& out) {
    auto* u = find_user(nick);
    if (u == nullptr) refuse(session, refusal::no_such_nick, out, {}, nick.name);
    return u;
}

channel* state::body::find_channel(const channel_name& name) {
    const auto at = by_channel.find(name.fold);
    return at == by_channel.end() ? nullptr : at->second;
}

channel& state::body::channel_for(const channel_name& name, const channel_looks& looks_like) {
    if (auto* found = find_channel(name)) return *found;
    const channel_id id{++last_channel};
    auto& c = channels[id];
    c.id = id;
    c.name = name;
    c.looks = looks_like;
    count_looks(channel_looks_in_use, looks_of(c.looks));
    c.created_ms = last_ms;
    by_channel.emplace(c.name.fold, &c);
    return c;
}

member* channel::find(user_id u) {
    const auto at = std::ranges::lower_bound(members, u, {}, &member::user);
    return at != members.end() && at->user == u ? &*at : nullptr;
}
const member* channel::find(user_id u) const { return const_cast<channel*>(this)->find(u); }

bool state::body::share_a_channel(const user& a, const user& b) const {
    auto x = a.channels.begin();
    auto y = b.channels.begin();
    while (x != a.channels.end() && y != b.channels.end()) {
        if (*x == *y) return true;
        *x < *y ? ++x : ++y;
    }
    return false;
}

head_count state::body::counts() const {
    const auto empty = options.lobby && by_channel.at(options.lobby->fold)->members.empty() ? 1U : 0U;
    return {users.size(), invisible_users, operator_users, channels.size() - empty, most_users};
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// Of equal names the holder can be asked whether it is still there; a look-alike is another person.
std::optional<state::body::clash> state::body::find_clash(const identity& who, const user* self) const {
    for (const auto& name : options.reserved) {
        if (who.nick_fold == name.nick_fold || who.name_fold == name.name_fold)
            return clash{name_refusal::reserved, {}};
        if (look_alike(who, name)) return clash{name_refusal::looks_like_another, {}};
    }
    for (const auto& [table, key] : {std::pair{&by_nick, &who.nick_fold}, std::pair{&by_name, &who.name_fold}}) {
        const auto at = table->find(*key);
        if (at != table->end() && at->second != self) return clash{name_refusal::taken, at->second->sessions.front()};
    }
    const auto own = self == nullptr ? std::nullopt : std::optional<looks_view>(looks_of(self->who));
    if (looks_taken(looks, looks_of(who), own ? &*own : nullptr)) return clash{name_refusal::looks_like_another, {}};
    return std::nullopt;
}

// ── coming ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(log_in& c, effects& out) {
    if (sessions.contains(c.session)) return;
    user u{.who = c.who,
           .from = c.from,
           .modes = c.from.secure ? secure : user_flags{0},
           .away = c.away,
           .came_ms = last_ms,
           .active_ms = last_ms};
    if (const auto* ban = server_ban_on(u, ban_action::deny)) {
        out.emplace_back(not_let_in{c.session, std::nullopt, ban->reason});
        return;
    }
    const auto* ban = server_ban_on(u, ban_action::need_account);
    if (u.account.empty() && (ban != nullptr || accounts_required)) {
        out.emplace_back(not_let_in{c.session, std::nullopt, ban != nullptr ? ban->reason : std::string(), true});
        return;
    }
    if (const auto clash = find_clash(c.who, nullptr)) {
        const auto session = c.session;
        out.emplace_back(log_in_refused{session, clash->why, clash->holder, std::move(c)});
        return;
    }
    const auto* room = c.bound_to ? find_channel(*c.bound_to) : nullptr;
    if (room != nullptr) {
        if (const auto why = why_not_join(u, *room, {})) {
            out.emplace_back(not_let_in{c.session, why, {}});
            return;
        }
    }
    u.id = {++last_user};
    u.sessions = {c.session};
    auto& kept = users.emplace(u.id, std::move(u)).first->second;
    sessions.emplace(c.session, live_session{&kept, {}, {}});
    come(kept, out);
    if (c.bound_to) {
        enter(c.session, kept, *c.bound_to, nullptr, out);
        sessions.at(c.session).bound_to = find_channel(*c.bound_to)->id;
    }
}

void state::body::come(user& u, effects& out) {
    index(u);
    count(u, 1);
    most_users = std::max<std::uint64_t>(most_users, users.size());
    out.emplace_back(logged_in{u.sessions.front(), u.id, u.shown(), u.modes, counts()});
    tell_watchers(u.sessions.front(), u, true, out);
}

void state::body::on(rename& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr || (c.who.nick == u->who.nick && c.who.name == u->who.name)) return;
    if (const auto clash = find_clash(c.who, u)) {
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
    out.emplace_back(renamed{c.session, u->id, u->sessions, u->channels, std::move(before), u->shown(), last_ms});
    if (another) tell_watchers(c.session, *u, true, out);
    if (!c.real_name.empty()) {
        set_real_name also{c.session, std::move(c.real_name)};
        on(also, out);
    }
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
    sessions.erase(at);
    std::erase(u.sessions, session);
    left last{.session = session,
              .user = u.id,
              .last = u.sessions.empty(),
              .channels = {},
              .who = u.shown(),
              .reason = std::move(reason),
              .at_ms = last_ms};
    if (!last.last) {
        out.emplace_back(std::move(last));
        return;
    }
    last.channels = u.channels;
    while (!u.channels.empty()) exit(u, channels.at(u.channels.back()));
    remember_gone(u);
    unindex(u);
    count(u, -1);
    tell_watchers(session, u, false, out);  // before `left`, the last effect to name the session
    out.emplace_back(std::move(last));
    users.erase(u.id);
}

void state::body::end_user(user& u, session_id cause, end_cause why, const person& by, const std::string& reason,
                           effects& out) {
    for (const auto s : std::vector(u.sessions)) {
        out.emplace_back(ended{cause, {s}, why, by, reason, last_ms});
        end_session(s, why == end_cause::killed ? "Killed by " + std::string(by.nick()) + ": " + reason : reason, out);
    }
}

void state::body::remember_gone(const user& u) {
    if (whowas.size() >= whowas_max) whowas.pop_front();
    whowas.push_back({u.who.nick_fold, {u.shown(), u.from.real_name, u.from.address, last_ms}});
}

// ── monitoring ──────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::tell_watchers(session_id cause, const user& u, bool here, effects& out) {
    const auto at = watchers.find(u.who.nick_fold);
    if (at != watchers.end()) out.emplace_back(came_or_went{cause, at->second, here, u.shown()});
}

// Who monitors the nick and does not see the user in a channel anyway.
std::vector<session_id> state::body::distant_watchers(const user& u) const {
    std::vector<session_id> distant;
    const auto at = watchers.find(u.who.nick_fold);
    if (at == watchers.end()) return distant;
    for (const auto s : at->second) {
        const auto& watcher = *sessions.at(s).who;
        if (watcher.id != u.id && !share_a_channel(watcher, u)) distant.push_back(s);
    }
    return distant;
}

}  // namespace brusio::chat
