#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {
namespace {

template <class T>
void insert_sorted(std::vector<T>& list, const T& value) {
    list.insert(std::ranges::lower_bound(list, value), value);
}

template <class T>
void erase_sorted(std::vector<T>& list, const T& value) {
    const auto at = std::ranges::lower_bound(list, value);
    if (at != list.end() && *at == value) list.erase(at);
}

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
    if (body_->options.lobby) body_->channel_for(*body_->options.lobby).permanent = true;
}
state::~state() = default;
state::state(state&&) noexcept = default;
state& state::operator=(state&&) noexcept = default;

void state::apply(stamped command, std::vector<effect>& out) {
    body_->last_ms = std::max(body_->last_ms, command.at_ms);
    std::visit([&](auto& c) { body_->on(c, out); }, command.what);
}

std::size_t state::users() const { return body_->users.size(); }
std::size_t state::sessions() const { return body_->sessions.size(); }

// ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::count_looks(table<std::string, look_count>& counts, const identity& who) {
    for (const auto* look : {&who.skeleton, &who.cased_skeleton}) {
        if (look->empty()) continue;
        auto& count = counts[*look];
        ++(who.ascii ? count.ascii : count.other);
    }
}

void state::body::index(user& u) {
    by_nick.emplace(u.who.nick_fold, &u);
    by_name.emplace(u.who.name_fold, &u);
    count_looks(looks, u.who);
}

void state::body::unindex(user& u) {
    by_nick.erase(u.who.nick_fold);
    by_name.erase(u.who.name_fold);
    for (const auto* look : {&u.who.skeleton, &u.who.cased_skeleton}) {
        if (look->empty()) continue;
        const auto at = looks.find(*look);
        --(u.who.ascii ? at->second.ascii : at->second.other);
        if (at->second.ascii + at->second.other == 0) looks.erase(at);
    }
}

user* state::body::user_of(session_id session) {
    const auto at = sessions.find(session);
    return at == sessions.end() ? nullptr : users.at(at->second).get();
}

channel* state::body::find_channel(const channel_name& name) {
    const auto at = by_channel.find(name.fold);
    return at == by_channel.end() ? nullptr : at->second;
}

channel& state::body::channel_for(const channel_name& name) {
    if (auto* found = find_channel(name)) return *found;
    auto made =
        std::make_unique<channel>(channel{.id = {++last_channel}, .name = name, .members = {}, .permanent = false});
    auto& c = *made;
    by_channel.emplace(c.name.fold, &c);
    channels.emplace(c.id, std::move(made));
    return c;
}

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
    for (const auto* look : {&who.skeleton, &who.cased_skeleton}) {
        const auto at = look->empty() ? looks.end() : looks.find(*look);
        if (at == looks.end()) continue;
        auto count = at->second;
        if (self != nullptr && (self->who.skeleton == *look || self->who.cased_skeleton == *look)) {
            --(self->who.ascii ? count.ascii : count.other);
        }
        if (count.other > 0 || (!who.ascii && count.ascii > 0)) return clash{name_refusal::looks_like_another, {}};
    }
    return std::nullopt;
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(log_in& c, std::vector<effect>& out) {
    if (sessions.contains(c.session)) return;
    if (const auto clash = find_clash(c.who, nullptr)) {
        const auto session = c.session;
        out.emplace_back(log_in_refused{session, clash->why, clash->holder, std::move(c)});
        return;
    }
    auto made = std::make_unique<user>(
        user{.id = {++last_user}, .who = std::move(c.who), .sessions = {c.session}, .channels = {}});
    auto& u = *made;
    users.emplace(u.id, std::move(made));
    sessions.emplace(c.session, u.id);
    index(u);
    out.emplace_back(logged_in{c.session, u.id, u.shown()});
    if (c.into) enter(u, *c.into, out);
}

void state::body::on(rename& c, std::vector<effect>& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    if (const auto clash = find_clash(c.who, u)) {
        const auto session = c.session;
        out.emplace_back(rename_refused{session, clash->why, clash->holder, std::move(c)});
        return;
    }
    const auto before = u->shown();
    unindex(*u);
    u->who = std::move(c.who);
    index(*u);
    out.emplace_back(renamed{c.session, u->id, before, u->shown()});
}

void state::body::on(leave& c, std::vector<effect>& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto who = u->shown();
    const auto id = u->id;
    sessions.erase(c.session);
    std::erase(u->sessions, c.session);
    if (u->sessions.empty()) {
        while (!u->channels.empty()) {
            auto& ch = *channels.at(u->channels.back());
            out.emplace_back(parted{c.session, id, ch.id, who});
            exit(*u, ch);
        }
        unindex(*u);
        users.erase(id);
    }
    out.emplace_back(left{c.session, id, who, std::move(c.reason)});
}

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::enter(user& u, const channel_name& name, std::vector<effect>& out) {
    auto& c = channel_for(name);
    if (std::ranges::binary_search(u.channels, c.id)) return;
    insert_sorted(u.channels, c.id);
    insert_sorted(c.members, u.id);
    for (const auto session : u.sessions) out.emplace_back(joined{session, u.id, c.id, u.shown(), c.name.name});
}

void state::body::exit(user& u, channel& c) {
    erase_sorted(u.channels, c.id);
    erase_sorted(c.members, u.id);
    if (c.members.empty() && !c.permanent) {
        by_channel.erase(c.name.fold);
        channels.erase(c.id);
    }
}

// The channel, when the user is in it; else the session is told.
channel* state::body::channel_of(const user& u, session_id session, const channel_name& name,
                                 std::vector<effect>& out) {
    auto* c = find_channel(name);
    if (c != nullptr && std::ranges::binary_search(u.channels, c->id)) return c;
    out.emplace_back(no_such_channel{session, name.name});
    return nullptr;
}

void state::body::on(join& c, std::vector<effect>& out) {
    if (auto* u = user_of(c.session)) enter(*u, c.channel, out);
}

void state::body::on(part& c, std::vector<effect>& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = channel_of(*u, c.session, c.channel, out);
    if (ch == nullptr) return;
    for (const auto session : u->sessions) out.emplace_back(parted{session, u->id, ch->id, u->shown()});
    exit(*u, *ch);
}

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

// 48 bits of milliseconds, 16 of a count: ids sort in the order of speech, also after a restart.
message_id state::body::next_message() {
    last_message = std::max(last_message + 1, static_cast<std::uint64_t>(last_ms) << 16U);
    return {last_message};
}

void state::body::on(say& c, std::vector<effect>& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = channel_of(*u, c.session, c.channel, out);
    if (ch == nullptr) return;
    if (options.remembers && !store_answers) {
        out.emplace_back(not_stored{c.session, {}});
        return;
    }
    const auto id = next_message();
    if (options.remembers) {
        waiting.push_back({id, c.session});
        out.emplace_back(remember{id, last_ms, ch->name.fold, u->shown(), c.kind, c.body});
    }
    out.emplace_back(said{id, last_ms, c.session, u->id, u->shown(), ch->id, c.kind, std::move(c.body)});
}

void state::body::on(tell& c, std::vector<effect>& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto at = by_nick.find(c.nick_fold);
    if (at == by_nick.end()) {
        out.emplace_back(no_such_nick{c.session, std::move(c.nick)});
        return;
    }
    const auto id = next_message();
    for (const auto to : at->second->sessions) {
        out.emplace_back(told{id, last_ms, c.session, u->shown(), to, c.kind, c.body});
    }
}

// What is behind a refused message was decided while nobody knew of the refusal; it is decided again, which for
// messages means: refused as well. An unknown answer decides nothing yet: the batch will be asked for again.
void state::body::on(store_answer& c, std::vector<effect>& out) {
    store_answers = c.verdict == store_verdict::committed;
    if (c.verdict == store_verdict::unknown) return;
    while (!waiting.empty() && (c.verdict == store_verdict::refused || waiting.front().id <= c.up_to)) {
        if (c.verdict == store_verdict::refused) out.emplace_back(not_stored{waiting.front().from, waiting.front().id});
        waiting.pop_front();
    }
}

// ── questions ───────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(ask_who& c, std::vector<effect>& out) {
    if (user_of(c.session) == nullptr) return;
    auto* ch = find_channel(c.channel);
    if (ch == nullptr) {
        out.emplace_back(no_such_channel{c.session, std::move(c.channel.name)});
        return;
    }
    who_is_here answer{.session = c.session, .asked = c, .total = ch->members.size(), .people = {}, .more = {}};
    auto at = std::ranges::upper_bound(ch->members, c.after);
    for (; at != ch->members.end() && answer.people.size() < c.limit; ++at) {
        answer.people.push_back(users.at(*at)->shown());
        answer.more = *at;
    }
    if (at == ch->members.end()) answer.more = {};
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_door& c, std::vector<effect>& out) {
    if (user_of(c.session) != nullptr) out.emplace_back(door_asked{c.session, std::move(c.topic)});
}

}  // namespace brusio::chat
