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

}  // namespace

// 48 bits of milliseconds, 16 of a count: ids sort in the order of speech, also after a restart.
message_id state::body::next_message() {
    last_message = std::max(last_message + 1, static_cast<std::uint64_t>(last_ms) << 16U);
    return {last_message};
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
    const bool kept = options.remembers && c.what.kind != speech::tags && c.at_least == 0;
    if (kept && !store_answers) {
        into.emplace_back(not_stored{c.session, {}, ch->name.name});
        return;
    }
    if (slow) m->spoke_ms = last_ms;
    const auto id = next_message();
    auto who = u->shown();
    if (wakes(c.what.kind)) u->active_ms = last_ms;
    if (kept) {
        waiting.push_back({id, c.session, ch->name.name});
        into.emplace_back(remember{id, last_ms, ch->name.fold, who, c.what});
    }
    said told{id, last_ms, c.session, u->id, std::move(who), ch->id, ch->name.name, c.at_least, {}, std::move(c.what)};
    if (c.at_least != 0) {
        for (const auto& each : ch->members) {
            if (highest(each.has) < c.at_least || each.user == u->id) continue;
            const auto& all = users.at(each.user).sessions;
            told.to.insert(told.to.end(), all.begin(), all.end());
        }
    }
    into.emplace_back(std::move(told));
}

void state::body::on(tell& c, effects& into) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    effects unsaid;
    auto& out = takes_answers(c.what.kind) ? into : unsaid;
    const auto* to = nick_or_refuse(c.session, c.nick, out);
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
    into.emplace_back(told{next_message(), last_ms, c.session, u->shown(), to->who.nick,
                           unwanted ? std::vector<session_id>{} : to->sessions, std::move(c.what)});
    if (tells_away && !to->away.empty()) out.emplace_back(is_away{c.session, to->who.nick, to->away});
}

// What is behind a refused message was decided while nobody knew of the refusal; it is decided again, which for
// messages means: refused as well. An unknown answer decides nothing yet: the batch will be asked for again.
void state::body::on(store_answer& c, effects& out) {
    store_answers = c.verdict == store_verdict::committed;
    if (c.verdict == store_verdict::unknown) return;
    while (!waiting.empty() && (c.verdict == store_verdict::refused || waiting.front().id <= c.up_to)) {
        if (c.verdict == store_verdict::refused) {
            out.emplace_back(not_stored{waiting.front().from, waiting.front().id, waiting.front().channel});
        }
        waiting.pop_front();
    }
}

}  // namespace brusio::chat
