// The tables, and whose name is free.
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

state::state(settings options, memory from) : body_(std::make_unique<body>()) {
    body_->options = std::move(options);
    body_->accounts_required = body_->options.accounts.required;
    body_->restore(std::move(from));
    if (body_->options.lobby) body_->channel_for(*body_->options.lobby, body_->options.lobby_looks).permanent = true;
    body_->restore_always_on();
}
state::~state() = default;
state::state(state&&) noexcept = default;
state& state::operator=(state&&) noexcept = default;

void state::apply(stamped command, std::vector<effect>& out) {
    body_->last_ms = std::max(body_->last_ms, command.at_ms);
    if (body_->started_ms == 0) body_->start(out);
    if (body_->listening_sessions != 0 && body_->refuse_listener(command.what, out)) return;
    std::visit([&](auto& c) { body_->on(c, out); }, command.what);
}

// What is there from the start is as old as the first command, and whoever was in a channel when the server ended has
// as long to come back as if they had left now. A channel that nobody can come back to is gone.
void state::body::start(effects& out) {
    started_ms = std::max<std::int64_t>(last_ms, 1);
    std::vector<channel_id> over;
    for (auto& [id, c] : channels) {
        if (c.created_ms == 0) c.created_ms = last_ms;
        if (!c.members.empty() || c.permanent || c.registered()) continue;
        c.empty_ms = started_ms;
        if (c.seats.empty() || options.grace_ms == 0) over.push_back(id);
    }
    for (const auto id : over) erase_channel(channels.at(id), out);
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

bool state::body::looks_taken(const table<std::string, look_count>& counts, looks_view of,
                              std::span<const looks_view> selves) {
    for (const auto* look : {&of.look, &of.cased_look}) {
        const auto at = look->empty() ? counts.end() : counts.find(*look);
        if (at == counts.end()) continue;
        auto count = at->second;
        for (const auto& self : selves) {
            if (self.look == *look || self.cased_look == *look) --(self.ascii ? count.ascii : count.other);
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
    const channel_id id{next_number()};
    auto& c = channels[id];
    c.id = id;
    c.name = name;
    c.looks = looks_like;
    count_looks(channel_looks_in_use, looks_of(c.looks));
    c.created_ms = last_ms;
    by_channel.emplace(c.name.fold, &c);
    ++empty_channels;
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
    return {users.size(), invisible_users, operator_users, channels.size() - empty_channels, most_users};
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// Of equal names the holder can be asked whether it is still there; a look-alike is another person.
// What is registered is free for its owner alone, by account.
std::optional<state::body::clash> state::body::find_clash(const identity& who, const user* self,
                                                          account_id owner) const {
    for (const auto& name : options.reserved) {
        if (who.nick_fold == name.nick_fold || who.name_fold == name.name_fold)
            return clash{name_refusal::reserved, {}};
        if (look_alike(who, name)) return clash{name_refusal::looks_like_another, {}};
    }
    for (const auto& [table, key] : {std::pair{&by_nick, &who.nick_fold}, std::pair{&by_name, &who.name_fold}}) {
        const auto at = table->find(*key);
        if (at == table->end() || at->second == self) continue;
        const auto& holder = *at->second;
        return clash{name_refusal::taken, holder.sessions.empty() ? session_id{} : holder.sessions.front()};
    }
    std::vector<looks_view> own;
    if (self != nullptr) own.push_back(looks_of(self->who));
    if (looks_taken(looks, looks_of(who), own)) return clash{name_refusal::looks_like_another, {}};
    for (const auto* key : {&who.nick_fold, &who.name_fold}) {
        const auto at = reserved_nicks.find(*key);
        if (at != reserved_nicks.end() && at->second->kept.id != owner) return clash{name_refusal::registered, {}};
    }
    own.clear();
    if (owner) {
        for (const auto& nick : accounts.at(owner).kept.nicks) own.push_back(looks_of(nick));
    }
    if (looks_taken(reserved_looks, looks_of(who), own)) return clash{name_refusal::looks_like_another, {}};
    return std::nullopt;
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
