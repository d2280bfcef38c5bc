// Answers. Long ones come in slices, so that nobody waits while one is made.
#include <algorithm>

#include "base/glob.hpp"
#include "chat/body.hpp"

namespace brusio::chat {
namespace {

bool has_wildcards(std::string_view mask) { return mask.find_first_of("*?") != std::string_view::npos; }

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace

// ── channels' members ───────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(ask_names& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    names_are answer{.session = c.session, .asked = c, .first = !c.after};
    const auto* ch = find_channel(c.channel);
    if (ch != nullptr && (sees(*u, *ch) || u->has(server_operator))) {
        const bool inside = ch->find(u->id) != nullptr || u->has(server_operator);
        answer.asked.channel = ch->name;
        answer.secret = ch->has(secret);
        answer.total = ch->members.size();
        auto at = std::ranges::upper_bound(ch->members, c.after, {}, &member::user);
        for (std::uint32_t n = 0; at != ch->members.end() && n < c.limit; ++at, ++n) {
            const auto& other = users.at(at->user);
            answer.asked.after = at->user;
            if (inside || !other.has(invisible)) {
                answer.people.push_back(
                    {c.nicks_only ? person{{}, other.who.nick, {}} : other.shown(), at->has, !other.away.empty()});
            }
        }
        answer.more = at != ch->members.end();
    }
    out.emplace_back(std::move(answer));
}

who_entry state::body::entry_of(const user& asker, const user& u, const channel* c) const {
    who_entry e{.who = u.shown(),
                .real_name = u.from.real_name,
                .channel = {},
                .has = 0,
                .away = !u.away.empty(),
                .server_operator = u.has(server_operator),
                .address = may_see_secrets_of(asker, u) ? u.from.address : std::string(),
                .idle_ms = last_ms - u.active_ms};
    if (c == nullptr) {
        for (const auto id : u.channels) {
            const auto& one = channels.at(id);
            if (!sees(asker, one) || (u.has(invisible) && one.find(asker.id) == nullptr)) continue;
            c = &one;
            break;
        }
    }
    if (c != nullptr) {
        e.channel = c->name.name;
        e.has = c->find(u.id)->has;
    }
    return e;
}

void state::body::on(ask_who& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    who_are answer{.session = c.session, .asked = c};
    if (c.channel) {
        const auto* ch = find_channel(*c.channel);
        if (ch != nullptr && (sees(*u, *ch) || u->has(server_operator))) {
            const bool inside = ch->find(u->id) != nullptr || u->has(server_operator);
            auto at = std::ranges::upper_bound(ch->members, c.after, {}, &member::user);
            for (std::uint32_t n = 0; at != ch->members.end() && n < c.limit; ++at, ++n) {
                const auto& other = users.at(at->user);
                answer.asked.after = at->user;
                if ((c.operators && !other.has(server_operator)) || (!inside && other.has(invisible))) continue;
                answer.people.push_back(entry_of(*u, other, ch));
            }
            answer.more = at != ch->members.end();
        }
    } else if (!has_wildcards(c.fold) && by_nick.contains(c.fold)) {
        const auto& other = *by_nick.at(c.fold);
        if (!c.operators || other.has(server_operator)) answer.people.push_back(entry_of(*u, other, nullptr));
    } else {
        auto at = users.upper_bound(c.after);
        for (std::uint32_t n = 0; at != users.end() && n < c.limit; ++at, ++n) {
            const auto& other = at->second;
            answer.asked.after = at->first;
            if (who_matches(c, *u, other)) answer.people.push_back(entry_of(*u, other, nullptr));
        }
        answer.more = at != users.end();
    }
    out.emplace_back(std::move(answer));
}

bool state::body::who_matches(const ask_who& c, const user& asker, const user& u) const {
    if (c.operators && !u.has(server_operator)) return false;
    if (u.has(invisible) && u.id != asker.id && !asker.has(server_operator) && !share_a_channel(asker, u)) {
        return false;
    }
    const bool whole = c.fold.find_first_of("!@") != std::string::npos;
    return (whole && base::glob_match(c.fold, compared(u, u.from.host))) || base::glob_match(c.fold, u.who.nick_fold) ||
           base::glob_match(c.fold, lower(u.from.username)) || base::glob_match(c.fold, lower(u.from.host)) ||
           base::glob_match(c.fold, lower(u.from.real_name)) ||
           (may_see_secrets_of(asker, u) && base::glob_match(c.fold, u.from.address));
}

// ── one person ──────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(ask_whois& c, effects& out) {
    const auto* asker = user_of(c.session);
    if (asker == nullptr) return;
    whois_is answer{.session = c.session, .asked = c.nick.name};
    if (auto* u = find_user(c.nick)) {
        answer.found = true;
        answer.who = u->shown();
        answer.real_name = u->from.real_name;
        answer.away = u->away;
        answer.server_operator = u->has(server_operator);
        answer.operator_name = u->operator_name;
        answer.secure = u->has(secure);
        answer.idle_ms = last_ms - u->active_ms;
        answer.since_ms = u->came_ms;
        answer.metadata = metadata_of(*u);
        if (may_see_secrets_of(*asker, *u)) {
            answer.address = u->from.address;
            answer.certificate = u->from.certificate;
            answer.modes = u->modes;
        }
        for (const auto id : u->channels) {
            const auto& ch = channels.at(id);
            const bool shown = sees(*asker, ch) && (!u->has(invisible) || ch.find(asker->id) != nullptr);
            if (shown || asker->has(server_operator)) {
                answer.channels.push_back({ch.name.name, ch.find(u->id)->has});
            }
        }
    }
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_whowas& c, effects& out) {
    const auto* asker = user_of(c.session);
    if (asker == nullptr) return;
    whowas_is answer{c.session, c.nick.name, {}};
    for (auto at = whowas.rbegin(); at != whowas.rend(); ++at) {
        if (at->nick_fold != c.nick.fold) continue;
        answer.people.push_back(at->seen);
        if (!asker->has(server_operator)) answer.people.back().address.clear();
        if (c.limit != 0 && answer.people.size() >= c.limit) break;
    }
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_present& c, effects& out) {
    if (user_of(c.session) == nullptr) return;
    present_are answer{c.session, c.hosts, {}};
    for (const auto& nick : c.nicks) {
        if (const auto* u = find_user(nick)) {
            answer.people.push_back(
                {u->who.nick, u->from.username + "@" + u->from.host, !u->away.empty(), u->has(server_operator)});
        }
    }
    out.emplace_back(std::move(answer));
}

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

bool state::body::listed(const ask_channels& c, const user& asker, const channel& ch) const {
    if (ch.members.empty() || (!sees(asker, ch) && !asker.has(server_operator))) return false;
    const auto n = ch.members.size();
    if ((c.more_than && n <= *c.more_than) || (c.less_than && n >= *c.less_than)) return false;
    const auto age = last_ms - ch.created_ms;
    if ((c.created_after_ms && age >= *c.created_after_ms) || (c.created_before_ms && age <= *c.created_before_ms)) {
        return false;
    }
    const auto topic_age = last_ms - ch.now.at_ms;
    const bool has_topic = ch.now.at_ms != 0;
    if (c.topic_after_ms && (!has_topic || topic_age >= *c.topic_after_ms)) return false;
    if (c.topic_before_ms && (!has_topic || topic_age <= *c.topic_before_ms)) return false;
    const auto fits = [&](const std::string& mask) { return base::glob_match(mask, ch.name.fold); };
    if (!c.masks.empty() && std::ranges::none_of(c.masks, fits)) return false;
    return std::ranges::none_of(c.not_masks, fits);
}

void state::body::on(ask_channels& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    channels_are answer{.session = c.session, .asked = c, .first = !c.after};
    const auto add = [&](const channel& ch) {
        answer.channels.push_back({ch.name.name, ch.members.size(), ch.now.text});
    };
    for (const auto& name : c.named) {
        const auto* ch = find_channel(name);
        if (ch != nullptr && listed(c, *u, *ch)) add(*ch);
    }
    if (c.named.empty()) {
        auto at = channels.upper_bound(c.after);
        for (std::uint32_t n = 0; at != channels.end() && n < c.limit; ++at, ++n) {
            answer.asked.after = at->first;
            if (listed(c, *u, at->second)) add(at->second);
        }
        answer.more = at != channels.end();
    }
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_topic& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto* ch = find_channel(c.channel);
    if (ch == nullptr || (!sees(*u, *ch) && !u->has(server_operator))) {
        return refuse(c.session, refusal::no_such_channel, out, c.channel.name);
    }
    out.emplace_back(topic_is{c.session, ch->name.name, ch->now, true});
}

void state::body::on(ask_modes& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto* ch = find_channel(c.channel);
    if (ch == nullptr || (!sees(*u, *ch) && !u->has(server_operator))) {
        return refuse(c.session, refusal::no_such_channel, out, c.channel.name);
    }
    const bool inside = ch->find(u->id) != nullptr || u->has(server_operator);
    modes_are answer{c.session, ch->name.name, {}, ch->created_ms};
    for (const auto& row : channel_mode_table()) {
        if (row.kind == mode_kind::flag && ch->has(row.flag)) answer.modes.push_back({true, row.letter, {}, {}});
    }
    if (ch->limit != 0) answer.modes.push_back({true, 'l', std::to_string(ch->limit), {}});
    if (ch->slow_seconds != 0) answer.modes.push_back({true, 'W', std::to_string(ch->slow_seconds), {}});
    if (!ch->key.empty()) answer.modes.push_back({true, 'k', inside ? ch->key : "*", {}});
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_list& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto* ch = find_channel(c.channel);
    if (ch == nullptr || (!sees(*u, *ch) && !u->has(server_operator))) {
        return refuse(c.session, refusal::no_such_channel, out, c.channel.name);
    }
    // Everybody may know who is banned; who is excepted or invited concerns the channel's operators.
    if (c.letter != 'b' && highest(power(*u, *ch)) < half_operator) {
        return refuse(c.session, refusal::needs_channel_operator, out, ch->name.name);
    }
    list_is answer{c.session, ch->name.name, c.letter, {}};
    for (const auto& e : c.letter == 'b' ? ch->bans : c.letter == 'e' ? ch->exceptions : ch->invited) {
        answer.entries.push_back({e.mask, e.by, e.at_ms});
    }
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_invitations& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    std::erase_if(u->invitations, [this](const invitation& i) { return !channels.contains(i.channel); });
    invitations_are answer{c.session, {}};
    for (const auto& i : u->invitations) answer.channels.push_back(channels.at(i.channel).name.name);
    out.emplace_back(std::move(answer));
}

// ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(ask_counts& c, effects& out) {
    if (user_of(c.session) != nullptr) out.emplace_back(counts_are{c.session, counts()});
}

void state::body::on(ask_operators& c, effects& out) {
    if (user_of(c.session) == nullptr) return;
    operators_are answer{c.session, {}};
    if (operator_users != 0) {
        for (const auto& [id, u] : users) {
            if (u.has(server_operator)) answer.people.push_back({u.shown(), u.operator_name});
        }
    }
    out.emplace_back(std::move(answer));
}

void state::body::on(ask_door& c, effects& out) {
    const auto* u = c.operators_only ? operator_or_refuse(c.session, out) : user_of(c.session);
    if (u != nullptr) out.emplace_back(door_asked{c.session, std::move(c.topic)});
}

}  // namespace brusio::chat
