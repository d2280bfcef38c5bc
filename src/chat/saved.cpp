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
    std::optional<proof> by;
    bool may_only_listen = false;
    std::string address;
    ip_bits ip;
    std::int64_t since_ms = 0;
    std::vector<marker> markers;
    std::vector<std::string> subscribed;
};

// Everything that a state is, without its tables. Lists are sorted by id, so equal states save to equal bytes.
struct image {
    std::uint32_t format = 5;
    std::vector<user> users;
    std::vector<saved_session> sessions;
    std::vector<channel> channels;
    std::vector<account> accounts;
    std::vector<unanswered> waiting;
    std::vector<unwritten> changes;
    std::vector<record> unstored;
    std::vector<was_user> whowas;
    std::vector<server_ban> server_bans;
    std::vector<server_ban> ended_bans;
    account_rules rules;
    bool store_answers = true;
    bool accounts_required = false;
    std::int64_t started_ms = 0;
    std::int64_t last_ms = 0;
    std::uint64_t last_number = 0;
    std::uint64_t most_users = 0;
};

}  // namespace

std::string state::save() const {
    const auto& b = *body_;
    image i{.waiting = {b.waiting.begin(), b.waiting.end()},
            .changes = {b.changes.begin(), b.changes.end()},
            .whowas = {b.whowas.begin(), b.whowas.end()},
            .server_bans = b.server_bans,
            .ended_bans = b.ended_bans,
            .rules = b.options.accounts,
            .store_answers = b.store_answers,
            .accounts_required = b.accounts_required,
            .started_ms = b.started_ms,
            .last_ms = b.last_ms,
            .last_number = b.last_number,
            .most_users = b.most_users};
    for (const auto& [id, u] : b.users) i.users.push_back(u);
    for (const auto& [id, s] : b.sessions) {
        i.sessions.push_back({id, s.who->id, s.bound_to, s.watches, s.by, s.may_only_listen, s.address, s.ip,
                              s.since_ms, s.markers, s.subscribed});
    }
    for (const auto& [id, a] : b.accounts) i.accounts.push_back(a);
    for (const auto& [key, what] : b.unstored) i.unstored.push_back(what);
    for (const auto& [id, c] : b.channels) i.channels.push_back(c);
    std::ranges::sort(i.sessions, {}, &saved_session::session);
    return base::encode(i);
}

std::optional<state> state::load(settings options, std::string_view bytes) {
    auto i = base::decode<image>(bytes);
    if (!i || i->format != 5) return std::nullopt;
    state loaded(settings{});
    auto& b = *loaded.body_;
    b.options = std::move(options);
    b.options.accounts = i->rules;
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
            b.sessions
                .emplace(s.session, live_session{&who->second, s.bound_to, std::move(s.watches), std::move(s.by),
                                                 s.may_only_listen, std::move(s.address), s.ip, s.since_ms,
                                                 std::move(s.markers), std::move(s.subscribed)})
                .second;
        if (s.may_only_listen) ++b.listening_sessions;
        if (!b.sessions.at(s.session).subscribed.empty()) b.subscribers.insert(s.session);
        if (!fresh || std::ranges::count(who->second.sessions, s.session) != 1) return std::nullopt;
    }
    for (auto& c : i->channels) {
        const auto [at, fresh] = b.channels.emplace(c.id, std::move(c));
        if (!fresh) return std::nullopt;
        b.by_channel.emplace(at->second.name.fold, &at->second);
        body::count_looks(b.channel_looks_in_use, body::looks_of(at->second.looks));
        if (at->second.members.empty()) ++b.empty_channels;
    }
    for (auto& a : i->accounts) {
        const auto [at, fresh] = b.accounts.emplace(a.kept.id, std::move(a));
        if (!fresh) return std::nullopt;
        b.index(at->second);
    }
    for (auto& [id, u] : b.users) {
        if (!u.owner) continue;
        const auto at = b.accounts.find(u.owner);
        if (at == b.accounts.end()) return std::nullopt;
        insert_sorted(*at->second.users, id);
    }
    for (auto& what : i->unstored) b.unstored[key_of(what)] = std::move(what);
    b.waiting.assign(i->waiting.begin(), i->waiting.end());
    b.changes.assign(i->changes.begin(), i->changes.end());
    b.whowas.assign(i->whowas.begin(), i->whowas.end());
    b.server_bans = std::move(i->server_bans);
    b.ended_bans = std::move(i->ended_bans);
    b.server_bans_changed();
    b.store_answers = i->store_answers;
    b.accounts_required = i->accounts_required;
    b.started_ms = i->started_ms;
    b.last_ms = i->last_ms;
    b.last_number = i->last_number;
    b.most_users = i->most_users;
    if (!loaded.broken_invariant().empty()) return std::nullopt;
    return loaded;
}

std::uint64_t state::digest() const { return base::fingerprint(save()); }

}  // namespace brusio::chat
