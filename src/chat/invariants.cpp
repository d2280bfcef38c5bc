// What must always hold (chat.hpp), checked by walking everything.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {
namespace {

template <class List, class Key = std::identity>
bool strictly_sorted(const List& list, Key key = {}) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal{}, key) == list.end();
}

}  // namespace

std::string state::broken_invariant() const {
    for (auto broken : {body_->broken_people(), body_->broken_looks(), body_->broken_channels(),
                        body_->broken_watchers(), body_->broken_accounts()}) {
        if (!broken.empty()) return broken;
    }
    const auto& b = *body_;
    if (!strictly_sorted(b.changes, &unwritten::id)) return "changes wait out of order";
    if (!strictly_sorted(b.waiting, &unanswered::id)) return "messages wait out of order";
    if (!b.waiting.empty() && b.waiting.back().id.value > b.last_number) return "a message has a number still to come";
    if (b.last_ms < 0) return "the time is before 1970";
    if (b.whowas.size() > whowas_max) return "too many people who were here";
    return {};
}

std::string state::body::broken_people() const {
    if (by_nick.size() != users.size() || by_name.size() != users.size()) return "two users share a name";
    std::size_t number = 0;
    std::uint64_t unseen = 0;
    std::uint64_t rulers = 0;
    std::size_t owned = 0;
    for (const auto& [id, u] : users) {
        if (u.id != id) return "a user is filed under another's id";
        if (id.value > last_number) return "a user has a number still to come";
        if (u.owner && (!accounts.contains(u.owner) || accounts.at(u.owner).kept.name.fold != u.account_fold)) {
            return "a user has an account that is not there";
        }
        if (u.owner && !std::ranges::binary_search(*accounts.at(u.owner).users, id)) {
            return "an account does not know its user";
        }
        owned += u.owner ? 1U : 0U;
        if (u.sessions.empty() && !stays(u)) return "a user without a session";
        const auto has_been = [&](std::int64_t at_ms) { return at_ms >= 0 && at_ms <= last_ms; };
        if (!has_been(u.came_ms) || !has_been(u.active_ms)) return "a user came or spoke at a time that has not been";
        if (u.sessions.size() > 1 && !u.owner) return "several sessions of a user without an account";
        if (u.absent && !u.sessions.empty()) return "who has a session is absent";
        if (!u.owner && !u.account.empty()) return "a user has the name of an account, and no account";
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
                const auto hit = [&](const ban_subject& s) { return s.by(b); };
                return b.action == ban_action::mute && std::ranges::any_of(subjects_of(u), hit);
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
        if (!u.sessions.empty() && !stays(u)) {
            for (const auto room : u.channels) {
                if (sessions_in(u, room).empty()) return "a user is in a channel that no session of it hears";
            }
        }
        if (auto broken = broken_lists(u); !broken.empty()) return broken;
    }
    if (unseen != invisible_users) return "invisible users are counted wrongly";
    if (rulers != operator_users) return "operators are counted wrongly";
    if (most_users < users.size()) return "there are more users than the most there were";
    for (const auto& [id, a] : accounts) owned -= a.users->size();
    if (owned != 0) return "an account has a user that is not there";
    const auto listeners = std::ranges::count_if(sessions, [](const auto& one) { return one.second.may_only_listen; });
    if (static_cast<std::uint64_t>(listeners) != listening_sessions) return "listeners are counted wrongly";
    return number == sessions.size() ? "" : "a session without a user";
}

std::string state::body::broken_lists(const user& u) const {
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
        if (at->second.find(u.id) == nullptr) return "a channel does not know its member";
    }
    return {};
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
    std::uint64_t vacant = 0;
    for (const auto& [id, c] : channels) {
        if (c.id != id) return "a channel is filed under another's id";
        if (id.value > last_number) return "a channel has a number still to come";
        if (c.permanent != (options.lobby && options.lobby->fold == c.name.fold))
            return "not only the lobby is permanent";
        if (c.members.empty() && !c.permanent && !c.registered() && (c.empty_ms == 0 || c.seats.empty()) &&
            started_ms != 0)
            return "an empty channel";
        if (!c.members.empty() && c.empty_ms != 0) return "a channel with members waits for some";
        vacant += c.members.empty() ? 1U : 0U;
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
    if (vacant != empty_channels) return "empty channels are counted wrongly";
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

std::string state::body::broken_accounts() const {
    std::size_t seats = 0;
    for (const auto& [id, a] : accounts) {
        if (a.kept.id != id) return "an account is filed under another's id";
        if (id.value > last_number) return "an account has a number still to come";
        if (a.kept.nicks.empty() || a.kept.nicks.front().nick_fold != a.kept.name.fold) {
            return "an account's name is not its first nick";
        }
        const auto at = by_account.find(a.kept.name.fold);
        if (at == by_account.end() || at->second != &a) return "an account's name leads elsewhere";
        for (const auto& nick : a.kept.nicks) {
            const auto owner = reserved_nicks.find(nick.nick_fold);
            if (owner == reserved_nicks.end() || owner->second != &a) return "a reserved nick leads elsewhere";
            const auto named = reserved_nicks.find(nick.name_fold);
            if (named == reserved_nicks.end() || named->second != &a) return "a reserved name leads elsewhere";
        }
        for (const auto& c : a.credentials) {
            if (c.kind == credential_kind::certificate && owner_of_certificate(c.id) != id) {
                return "a certificate leads to another account";
            }
        }
        if (a.credentials.size() > credentials_max || a.markers.size() > markers_max ||
            a.kept.nicks.size() > nicks_max) {
            return "an account has too much of something";
        }
        if (!strictly_sorted(a.seats)) return "an account's seats are not sorted";
        if (!strictly_sorted(a.markers, &marker::target_fold)) return "an account's markers are not sorted";
        for (const auto c : a.seats) {
            const auto room = channels.find(c);
            if (room == channels.end() || std::ranges::count(room->second.seats, id, &held_seat::account) != 1) {
                return "an account has a seat that is not there";
            }
        }
        seats += a.seats.size();
    }
    if (by_account.size() != accounts.size()) return "a name of an account that is not there";
    for (const auto& [id, c] : channels) {
        if (!strictly_sorted(c.seats, &held_seat::account)) return "a channel's seats are not sorted";
        if (!strictly_sorted(c.access, &access_record::account)) return "a channel's access list is not sorted";
        if (c.registered() && !accounts.contains(c.founder)) return "a channel's founder is not there";
        seats -= c.seats.size();
    }
    return seats == 0 ? "" : "seats are counted wrongly";
}

}  // namespace brusio::chat
