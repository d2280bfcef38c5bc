#include <algorithm>

#include "base/archive.hpp"
#include "chat/body.hpp"

namespace brusio::chat {
namespace {

struct saved_session {
    session_id session;
    user_id user;
    channel_id bound_to;
    std::vector<nick_name> watches;
};

// Everything that a state is, without its tables. Lists are sorted by id, so equal states save to equal bytes.
struct image {
    std::uint32_t format = 3;
    std::vector<user> users;
    std::vector<saved_session> sessions;
    std::vector<channel> channels;
    std::vector<unanswered> waiting;
    std::vector<was_user> whowas;
    std::vector<server_ban> server_bans;
    bool store_answers = true;
    bool accounts_required = false;
    std::int64_t last_ms = 0;
    std::uint64_t last_user = 0;
    std::uint64_t last_channel = 0;
    std::uint64_t last_message = 0;
    std::uint64_t most_users = 0;
};

template <class List, class Key = std::identity>
bool strictly_sorted(const List& list, Key key = {}) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal{}, key) == list.end();
}

}  // namespace

std::string state::save() const {
    const auto& b = *body_;
    image i{.waiting = {b.waiting.begin(), b.waiting.end()},
            .whowas = {b.whowas.begin(), b.whowas.end()},
            .server_bans = b.server_bans,
            .store_answers = b.store_answers,
            .accounts_required = b.accounts_required,
            .last_ms = b.last_ms,
            .last_user = b.last_user,
            .last_channel = b.last_channel,
            .last_message = b.last_message,
            .most_users = b.most_users};
    for (const auto& [id, u] : b.users) i.users.push_back(u);
    for (const auto& [id, s] : b.sessions) i.sessions.push_back({id, s.who->id, s.bound_to, s.watches});
    for (const auto& [id, c] : b.channels) i.channels.push_back(c);
    std::ranges::sort(i.sessions, {}, &saved_session::session);
    return base::encode(i);
}

std::optional<state> state::load(settings options, std::string_view bytes) {
    auto i = base::decode<image>(bytes);
    if (!i || i->format != 3) return std::nullopt;
    state loaded(settings{});
    auto& b = *loaded.body_;
    b.options = std::move(options);
    for (auto& u : i->users) {
        const auto [at, fresh] = b.users.emplace(u.id, std::move(u));
        if (!fresh) return std::nullopt;  // before the tables of names point to one of the two
        b.index(at->second);
        b.count(at->second, 1);
    }
    for (auto& s : i->sessions) {
        const auto who = b.users.find(s.user);
        if (who == b.users.end()) return std::nullopt;
        for (const auto& nick : s.watches) insert_sorted(b.watchers[nick.fold], s.session);
        const auto fresh =
            b.sessions.emplace(s.session, live_session{&who->second, s.bound_to, std::move(s.watches)}).second;
        if (!fresh || std::ranges::count(who->second.sessions, s.session) != 1) return std::nullopt;
    }
    for (auto& c : i->channels) {
        const auto [at, fresh] = b.channels.emplace(c.id, std::move(c));
        if (!fresh) return std::nullopt;
        b.by_channel.emplace(at->second.name.fold, &at->second);
        body::count_looks(b.channel_looks_in_use, body::looks_of(at->second.looks));
    }
    b.waiting.assign(i->waiting.begin(), i->waiting.end());
    b.whowas.assign(i->whowas.begin(), i->whowas.end());
    b.server_bans = std::move(i->server_bans);
    b.server_bans_changed();
    b.store_answers = i->store_answers;
    b.accounts_required = i->accounts_required;
    b.last_ms = i->last_ms;
    b.last_user = i->last_user;
    b.last_channel = i->last_channel;
    b.last_message = i->last_message;
    b.most_users = i->most_users;
    if (!loaded.broken_invariant().empty()) return std::nullopt;
    return loaded;
}

std::uint64_t state::digest() const { return base::fingerprint(save()); }

std::string state::broken_invariant() const {
    for (auto broken :
         {body_->broken_people(), body_->broken_looks(), body_->broken_channels(), body_->broken_watchers()}) {
        if (!broken.empty()) return broken;
    }
    const auto& b = *body_;
    if (!strictly_sorted(b.waiting, &unanswered::id)) return "messages wait out of order";
    if (!b.waiting.empty() && b.waiting.back().id.value > b.last_message) return "a message has a number still to come";
    if (b.last_ms < 0) return "the time is before 1970";
    if (b.whowas.size() > whowas_max) return "too many people who were here";
    return {};
}

std::string state::body::broken_people() const {
    if (by_nick.size() != users.size() || by_name.size() != users.size()) return "two users share a name";
    std::size_t number = 0;
    std::uint64_t unseen = 0;
    std::uint64_t rulers = 0;
    for (const auto& [id, u] : users) {
        if (u.id != id) return "a user is filed under another's id";
        if (id.value > last_user) return "a user has a number still to come";
        if (u.sessions.empty()) return "a user without a session";
        const auto nick = by_nick.find(u.who.nick_fold);
        if (nick == by_nick.end() || nick->second != &u) return "a nick leads to another user";
        const auto name = by_name.find(u.who.name_fold);
        if (name == by_name.end() || name->second != &u) return "a name leads to another user";
        number += u.sessions.size();
        unseen += u.has(invisible) ? 1U : 0U;
        rulers += u.has(server_operator) ? 1U : 0U;
        const auto& v = *u.by_server;
        if (v.of_bans == server_bans_version && v.of_user == *u.version &&
            v.muted != std::ranges::any_of(server_bans, [&](const server_ban& b) {
                return b.action == ban_action::mute && ban_subject(u).by(b);
            }))
            return "a verdict of the server is kept that would not be given now";
        if (u.has(server_operator) != !u.operator_name.empty()) return "an operator without a name, or the reverse";
        for (const auto s : u.sessions) {
            const auto at = sessions.find(s);
            if (at == sessions.end() || at->second.who != &u) return "a session does not lead back to its user";
            const auto bound = at->second.bound_to;
            if (bound && !std::ranges::binary_search(u.channels, bound))
                return "who is bound to a channel is not in it";
        }
        if (u.slow_in.size() > slowed_max) return "a user is slow in too many channels";
        for (const auto& s : u.slow_in) {
            if (s.spoke_ms <= 0 || s.spoke_ms > last_ms) return "a user spoke at a time that has not been";
            if (std::ranges::count(u.slow_in, s.channel, &slowed::channel) != 1 ||
                std::ranges::binary_search(u.channels, s.channel)) {
                return "a user is slow where they are, or twice";
            }
        }
        if (u.invitations.size() > invitations_max) return "a user has too many invitations";
        if (!strictly_sorted(u.channels)) return "a user's channels are not sorted";
        for (const auto c : u.channels) {
            const auto at = channels.find(c);
            if (at == channels.end()) return "a user is in a channel that does not exist";
            if (at->second.find(id) == nullptr) return "a channel does not know its member";
        }
    }
    if (unseen != invisible_users) return "invisible users are counted wrongly";
    if (rulers != operator_users) return "operators are counted wrongly";
    if (most_users < users.size()) return "there are more users than the most there were";
    return number == sessions.size() ? "" : "a session without a user";
}

std::string state::body::broken_looks() const {
    table<std::string, look_count> nicks;
    for (const auto& [id, u] : users) count_looks(nicks, looks_of(u.who));
    table<std::string, look_count> rooms;
    for (const auto& [id, c] : channels) count_looks(rooms, looks_of(c.looks));
    for (const auto& [counted, kept] : {std::pair{&nicks, &looks}, std::pair{&rooms, &channel_looks_in_use}}) {
        for (const auto& [look, count] : *counted) {
            if (count.other > 1 || (count.other > 0 && count.ascii > 0)) return "two names look alike";
            const auto at = kept->find(look);
            if (at == kept->end() || at->second != count) return "a look is counted wrongly";
        }
        if (counted->size() != kept->size()) return "a look that nobody has";
    }
    return {};
}

std::string state::body::broken_channels() const {
    if (by_channel.size() != channels.size()) return "two channels share a name";
    if (options.lobby && !by_channel.contains(options.lobby->fold)) return "there is no lobby";
    for (const auto& [id, c] : channels) {
        if (c.id != id) return "a channel is filed under another's id";
        if (id.value > last_channel) return "a channel has a number still to come";
        if (c.permanent != (options.lobby && options.lobby->fold == c.name.fold))
            return "not only the lobby is permanent";
        if (c.members.empty() && !c.permanent) return "an empty channel";
        if (!strictly_sorted(c.members, &member::user)) return "a channel's members are not sorted";
        if (c.bans.size() + c.exceptions.size() + c.invited.size() > list_entries_max) return "too many masks";
        const auto at = by_channel.find(c.name.fold);
        if (at == by_channel.end() || at->second != &c) return "a channel's name leads elsewhere";
        for (const auto& m : c.members) {
            const auto u = users.find(m.user);
            if (u == users.end()) return "a channel has a member that does not exist";
            if (!std::ranges::binary_search(u->second.channels, id)) return "a member does not know its channel";
            if (m.spoke_ms < 0 || m.spoke_ms > last_ms) return "a member spoke at a time that has not been";
            const auto& v = *m.by_channel;
            if (v.of_bans == *c.version && v.of_user == *u->second.version &&
                (v.banned != banned(u->second, c) || v.muted != muted(u->second, c))) {
                return "a verdict is kept that would not be given now";
            }
        }
    }
    return {};
}

std::string state::body::broken_watchers() const {
    std::size_t wanted = 0;
    for (const auto& [id, s] : sessions) {
        if (s.watches.size() > watched_max) return "a session watches too many";
        wanted += s.watches.size();
        for (const auto& nick : s.watches) {
            const auto at = watchers.find(nick.fold);
            if (at == watchers.end() || std::ranges::count(at->second, id) != 1) return "a watcher is not known";
        }
    }
    std::size_t found = 0;
    for (const auto& [nick, list] : watchers) {
        if (list.empty()) return "a nick that nobody watches";
        found += list.size();
    }
    return wanted == found ? "" : "somebody watches who does not know of it";
}

}  // namespace brusio::chat
