// Messages: who may speak where, and what the store says of it.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {
namespace {

// No program may answer a notice, so it is not refused in words either: two bots could talk for ever.
bool takes_answers(speech kind) { return kind != speech::notice && kind != speech::ctcp_answer; }

// Whether it shows that its sender is there; a program may ask others by itself.
bool wakes(speech kind) { return kind == speech::text || kind == speech::action; }

// Whether its sender is told that whom they wrote to is away.
bool wants_somebody(speech kind) { return wakes(kind) || kind == speech::ctcp; }

entry_kind kind_of(speech kind) { return static_cast<entry_kind>(kind); }

// Whether anybody will want to know of it later. That somebody was typing is over when it is told.
bool lasts(const message& what) {
    if (what.kind != speech::tags) return true;
    std::string_view tags = what.tags;
    while (!tags.empty()) {
        const auto tag = tags.substr(0, tags.find(';'));
        tags.remove_prefix(std::min(tag.size() + 1, tags.size()));
        const auto key = tag.substr(0, tag.find('='));
        if (!key.empty() && key != "+typing" && key != "+draft/typing") return true;
    }
    return false;
}

void fill(entry& e, const user& from, const person& who, const std::string& target, const message& what) {
    e.kind = kind_of(what.kind);
    e.who = who;
    e.from = from.party();
    e.target = target;
    e.what = what;
}

}  // namespace

// 48 bits of milliseconds, 16 of a count: ids sort in the order of speech, also after a restart.
message_id state::body::next_message() {
    last_number = std::max(last_number + 1, static_cast<std::uint64_t>(last_ms) << 16U);
    return {last_number};
}

std::optional<refusal> state::body::why_not_speak(const user& u, const channel& c, member* m, speech kind) {
    if (c.permanent && u.has(server_operator)) return std::nullopt;
    if (m == nullptr && c.has(no_outside_messages)) return refusal::cannot_speak_outside;
    if ((kind == speech::ctcp || kind == speech::ctcp_answer) && c.has(no_ctcp)) return refusal::cannot_speak_ctcp;
    if (m != nullptr && m->has != 0) return std::nullopt;
    if (c.has(moderated)) return refusal::cannot_speak_moderated;
    if (c.has(registered_speak) && u.account.empty()) return refusal::cannot_speak_without_account;
    if (m != nullptr ? judge(u, c, *m).banned : banned(u, c)) return refusal::cannot_speak_banned;
    if (m != nullptr ? judge(u, c, *m).muted : muted(u, c)) return refusal::cannot_speak_muted;
    return std::nullopt;
}

void state::body::on(say& c, effects& into) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    effects unsaid;
    auto& out = takes_answers(c.what.kind) ? into : unsaid;
    auto* ch = find_channel(c.channel);
    if (ch == nullptr || !sees(*u, *ch)) return refuse(c.session, refusal::no_such_channel, out, c.channel.name);
    auto* m = ch->find(u->id);
    if (const auto why = why_not_speak(*u, *ch, m, c.what.kind)) return refuse(c.session, *why, out, ch->name.name);
    if (!u->has(server_operator) && muted_by_server(*u)) {
        return refuse(c.session, refusal::silenced_by_server, out, ch->name.name);
    }
    const bool slow = m != nullptr && ch->slow_seconds != 0 && m->has == 0 && c.what.kind != speech::tags;
    if (slow && must_wait(*ch, m->spoke_ms)) {
        const auto wait = std::int64_t{ch->slow_seconds} * 1000 - (last_ms - m->spoke_ms);
        return refuse(c.session, refusal::cannot_speak_so_fast, out, ch->name.name, {},
                      std::to_string((wait + 999) / 1000));
    }
    // What only some may read is no part of the channel's history.
    const bool kept = options.remembers && c.at_least == 0 && keeps_past(*ch) && lasts(c.what);
    if (kept && !store_answers) {
        into.emplace_back(not_stored{c.session, {}, ch->name.name});
        return;
    }
    if (slow) m->spoke_ms = last_ms;
    auto who = u->shown();
    if (wakes(c.what.kind)) u->active_ms = last_ms;
    message_id id;
    if (kept) {
        if (!ch->stored) make_known(*ch, into);
        auto& entry_of = keep_entry(c.session, ch->name.name, into);
        id = entry_of.what.id;
        entry_of.channel = ch->id;
        fill(entry_of.what, *u, who, ch->name.name, c.what);
    } else {
        id = next_message();
    }
    said told{id, last_ms, c.session, u->id, std::move(who), ch->id, ch->name.name, c.at_least, {}, std::move(c.what)};
    if (c.at_least != 0) {
        for (const auto& each : ch->members) {
            if (highest(each.has) < c.at_least && each.user != u->id) continue;
            std::ranges::copy_if(users.at(each.user).sessions, std::back_inserter(told.to),
                                 [&](session_id s) { return s != c.session; });
        }
    }
    into.emplace_back(std::move(told));
}

void state::body::on(tell& c, effects& into) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    effects unsaid;
    auto& out = takes_answers(c.what.kind) ? into : unsaid;
    auto* to = nick_or_refuse(c.session, c.nick, out);
    if (to == nullptr) return;
    if (!u->has(server_operator) && to->id != u->id) {
        if (to->has(registered_tell) && u->account.empty()) {
            return refuse(c.session, refusal::no_private_messages_without_account, out, {}, to->who.nick);
        }
        if (muted_by_server(*u)) {
            return refuse(c.session, refusal::silenced_by_server, out, {}, to->who.nick);
        }
    }
    const bool tells_away = wants_somebody(c.what.kind);
    if (wakes(c.what.kind)) u->active_ms = last_ms;
    const bool unwanted = silences(*to, *u);
    const bool kept = options.remembers && options.history && lasts(c.what);
    if (kept && !store_answers) {
        into.emplace_back(not_stored{c.session, {}, to->who.nick});
        return;
    }
    told t{.at_ms = last_ms, .session = c.session, .who = u->shown(), .nick = to->who.nick};
    t.id = kept ? keep_told(*u, *to, c, unwanted, into) : next_message();
    if (!unwanted) t.to = to->sessions;
    if (to != u) {
        for (const auto s : u->sessions) {
            if (s != c.session) t.to.push_back(s);
        }
    }
    t.what = std::move(c.what);
    into.emplace_back(std::move(t));
    if (tells_away && !to->away.empty()) out.emplace_back(is_away{c.session, to->who.nick, to->away});
}

// Each of the two has the conversation as their own; who silences the other has no part of it.
message_id state::body::keep_told(user& u, user& to, const tell& c, bool unwanted, effects& out) {
    auto& kept = keep_entry(c.session, to.who.nick, out);
    fill(kept.what, u, u.shown(), to.who.nick, c.what);
    kept.sides.push_back({u.party(), to.party(), {to.who.nick, to.who.nick_fold}});
    if (!unwanted && to.id != u.id) kept.sides.push_back({to.party(), u.party(), {u.who.nick, u.who.nick_fold}});
    if (!u.owner) u.has_own_past = true;
    if (!unwanted && !to.owner) to.has_own_past = true;
    return kept.what.id;
}

}  // namespace brusio::chat
