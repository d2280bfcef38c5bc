// The start from what the store has kept.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

void state::body::restore(memory&& from) {
    last_number = from.last.value;
    last_ms = from.last_ms;
    server_bans = std::move(from.bans);
    server_bans_changed();
    for (auto& a : from.accounts) restore_account(std::move(a));
    for (auto& c : from.credentials) {
        const auto at = accounts.find(c.account);
        if (at == accounts.end()) continue;
        if (c.kind == credential_kind::certificate) by_certificate.emplace(c.id, c.account);
        at->second.credentials.push_back(std::move(c));
    }
    for (auto& m : from.markers) {
        if (const auto at = accounts.find(m.account); at != accounts.end()) {
            at->second.markers.push_back({std::move(m.target_fold), m.at_ms});
        }
    }
    for (auto& [id, a] : accounts) std::ranges::sort(a.markers, {}, &marker::target_fold);
    for (auto& c : from.channels) restore_channel(std::move(c));
    for (auto& m : from.metadata) {
        auto* all = m.channel ? (channels.contains(m.channel) ? &channels.at(m.channel).metadata : nullptr)
                              : (accounts.contains(m.account) ? &accounts.at(m.account).metadata : nullptr);
        if (all == nullptr) continue;
        const auto at = std::ranges::lower_bound(*all, m.key, {}, &metadata_value::key);
        all->insert(at, {std::move(m.key), std::move(m.value)});
    }
    for (const auto& s : from.seats) {
        const auto room = channels.find(s.channel);
        const auto whose = accounts.find(s.account);
        if (room == channels.end() || whose == accounts.end()) continue;
        auto& seats = room->second.seats;
        seats.insert(std::ranges::lower_bound(seats, s.account, {}, &held_seat::account),
                     held_seat{s.account, s.has, s.since, s.out});
        insert_sorted(whose->second.seats, s.channel);
    }
}

void state::body::restore_account(account_record&& a) {
    const auto id = a.id;
    auto& made = accounts.emplace(id, account{.kept = std::move(a)}).first->second;
    index(made);
}

// What was the lobby under another configuration stays in the store, in case it is the lobby again.
void state::body::restore_channel(channel_record&& r) {
    const bool is_lobby = options.lobby && options.lobby->fold == r.name.fold;
    if ((r.permanent && !is_lobby) || by_channel.contains(r.name.fold)) return;
    auto& c = channels[r.id];
    c.id = r.id;
    c.name = std::move(r.name);
    c.permanent = is_lobby;
    c.looks = is_lobby ? options.lobby_looks : std::move(r.looks);
    c.founder = accounts.contains(r.founder) ? r.founder : account_id{};
    c.created_ms = r.created_ms;
    c.registered_ms = r.registered_ms;
    c.empty_ms = r.empty_ms;
    c.flags = r.flags;
    c.key = std::move(r.key);
    c.limit = r.limit;
    c.slow_seconds = r.slow_seconds;
    c.now = std::move(r.now);
    c.topic_account = r.topic_account;
    c.history = r.history;
    c.keep_ms = r.keep_ms;
    c.bans = std::move(r.bans);
    c.exceptions = std::move(r.exceptions);
    c.invited = std::move(r.invited);
    c.access = std::move(r.access);
    c.kept = true;
    c.stored = true;
    count_looks(channel_looks_in_use, looks_of(c.looks));
    by_channel.emplace(c.name.fold, &c);
    ++empty_channels;
}

// Those who are always on are there again, in all their channels, before anybody can come.
void state::body::restore_always_on() {
    effects unseen;  // nobody is there to see them
    for (auto& [id, a] : accounts) {
        if (a.kept.nicks.empty() || !a.kept.code.empty()) continue;
        user u{.who = a.kept.nicks.front(),
               .from = {.username = "~u", .real_name = a.kept.name.name, .host = options.absent_host},
               .account = a.kept.name.name,
               .account_fold = a.kept.name.fold,
               .owner = id,
               .absent = true,
               .never_here = true,
               .away = "Not connected",
               .came_ms = std::max<std::int64_t>(last_ms, 1),
               .active_ms = std::max<std::int64_t>(last_ms, 1)};
        if (!stays(u) || is_forgotten(u, last_ms) || find_clash(u.who, nullptr, id)) continue;
        u.id = {next_number()};
        if (a.kept.is_bot) u.modes |= bot;
        auto& there = users.emplace(u.id, std::move(u)).first->second;
        insert_sorted(*a.users, there.id);
        index(there);
        count(there, 1);
        most_users = std::max<std::uint64_t>(most_users, users.size());
        for (const auto room : a.seats) {
            auto& c = channels.at(room);
            if (banned(there, c) || there.channels.size() >= options.channels_per_user) continue;
            const auto* s = c.seat_of(id);
            if (s->out) continue;
            if (c.members.empty()) --empty_channels;
            c.empty_ms = 0;
            c.members.push_back({there.id, c.registered() ? access_of(c, id) : s->has, 0, s->since, {}});
            insert_sorted(there.channels, room);
        }
    }
}

}  // namespace brusio::chat
