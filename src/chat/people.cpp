// What users are beside their names: away, invisible, watched, silenced.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

void state::body::on(set_away& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    const bool changed = u->away != c.text;
    u->away = c.text;
    away_set told{.session = c.session, .who = u->shown(), .text = std::move(c.text), .at_ms = last_ms};
    if (changed) {
        told.sessions = u->sessions;
        told.channels = u->channels;
        told.watchers = distant_watchers(*u);
    }
    out.emplace_back(std::move(told));
}

void state::body::on(set_real_name& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    u->from.real_name = c.text;
    out.emplace_back(real_name_set{c.session, u->sessions, u->channels, distant_watchers(*u), u->shown(),
                                   std::move(c.text), last_ms});
}

void state::body::on(change_own_modes& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* of = nick_or_refuse(c.session, c.of, out);
    if (of == nullptr) return;
    if (of != u) return refuse(c.session, refusal::modes_of_others, out);
    if (c.changes.empty()) {
        out.emplace_back(own_modes_are{c.session, u->modes});
        return;
    }
    const auto before = u->modes;
    bool unknown = false;
    count(*u, -1);
    for (const auto& change : c.changes) {
        const auto* row = find_user_mode(change.letter);
        if (row == nullptr) {
            unknown = true;
        } else if (change.add && row->can_set) {
            u->modes |= row->flag;
        } else if (!change.add && row->can_unset) {
            u->modes &= ~row->flag;
        }
    }
    if (!u->has(server_operator)) u->operator_name.clear();
    count(*u, 1);
    if (before != u->modes) {
        out.emplace_back(
            own_modes_changed{c.session, u->sessions, u->shown(), u->modes & ~before, before & ~u->modes, last_ms});
    }
    if (((before ^ u->modes) & bot) != 0 && u->owner) note_bot(accounts.at(u->owner), u->has(bot), out);
    if (unknown) refuse(c.session, refusal::bad_own_mode, out);
}

// ── monitoring ──────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(monitor& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto& watches = sessions.at(c.session).watches;
    const auto forget = [&](const nick_name& nick) {
        const auto list = watchers.find(nick.fold);
        std::erase(list->second, c.session);
        if (list->second.empty()) watchers.erase(list);
    };
    const auto state_of = [&](const nick_name& nick) {
        const auto* there = find_user(nick);
        return there == nullptr ? watched{nick.name, {}} : watched{there->who.nick, there->mask()};
    };
    monitored answer{c.session, c.what, {}};
    switch (c.what) {
        case list_action::add: {
            std::string too_many;
            std::vector<user*> here;
            for (auto& nick : c.nicks) {
                if (std::ranges::find(watches, nick.fold, &nick_name::fold) != watches.end()) {
                    answer.nicks.push_back(state_of(nick));
                    continue;
                }
                if (watches.size() >= watched_max) {
                    too_many += (too_many.empty() ? "" : ",") + nick.name;
                    continue;
                }
                answer.nicks.push_back(state_of(nick));
                if (auto* there = find_user(nick)) here.push_back(there);
                insert_sorted(watchers[nick.fold], c.session);
                watches.push_back(std::move(nick));
            }
            if (!answer.nicks.empty()) out.emplace_back(std::move(answer));
            for (auto* there : here) tell_metadata_of(c.session, *there, out);
            if (!too_many.empty()) refuse(c.session, refusal::too_many_monitored, out, {}, {}, std::move(too_many));
            return;
        }
        case list_action::remove:
            for (const auto& nick : c.nicks) {
                const auto at = std::ranges::find(watches, nick.fold, &nick_name::fold);
                if (at == watches.end()) continue;
                forget(*at);
                watches.erase(at);
            }
            return;
        case list_action::clear:
            for (const auto& nick : watches) forget(nick);
            watches.clear();
            return;
        case list_action::list:
            for (const auto& nick : watches) answer.nicks.push_back({nick.name, {}});
            break;
        case list_action::status:
            for (const auto& nick : watches) answer.nicks.push_back(state_of(nick));
            break;
    }
    out.emplace_back(std::move(answer));
}

// ── silence ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(silence& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    if (c.what == list_action::list) {
        silence_is answer{c.session, {}};
        for (const auto& entry : u->silenced) answer.masks.push_back(entry.name);
        out.emplace_back(std::move(answer));
        return;
    }
    const auto at = std::ranges::find(u->silenced, c.fold, &nick_name::fold);
    const bool add = c.what == list_action::add;
    if (add == (at != u->silenced.end())) return;
    if (!add) {
        c.mask = at->name;
        u->silenced.erase(at);
    } else if (u->silenced.size() >= silence_max) {
        return refuse(c.session, refusal::too_many_silenced, out, {}, {}, std::move(c.mask));
    } else {
        u->silenced.push_back({c.mask, std::move(c.fold)});
    }
    out.emplace_back(silence_changed{c.session, u->sessions, u->shown(), add, std::move(c.mask)});
}

}  // namespace brusio::chat
