// The past: who may read it, what is taken back, how far somebody has read. The entries themselves are in the store.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

// Only members read a channel's past; from where on, its policy says. Nothing: none of it.
std::optional<message_id> state::body::readable_from(const user& u, const channel& c) const {
    const auto* m = c.find(u.id);
    if (m == nullptr || !keeps_past(c)) return std::nullopt;
    const bool open = (c.permanent || c.registered()) && (c.flags & (invite_only | secret)) == 0 && c.key.empty();
    const bool all = c.history == history_policy::all || (c.history == history_policy::standard && open);
    return all ? message_id{} : m->since;
}

std::optional<past_granted::part> state::body::part_of(const user& u, const past_of& of) {
    if (!options.remembers || !options.history) return std::nullopt;
    if (of.channel) {
        const auto* c = find_channel(*of.channel);
        if (c == nullptr || !can({.who = &u}, action::read_past, {.room = c})) return std::nullopt;
        return past_granted::part{.channel = c->id, .name = c->name.name, .from = *readable_from(u, *c)};
    }
    past_granted::part p{.name = of.nick.name, .owner = u.party(), .peer_fold = of.nick.fold};
    if (const auto* there = find_user(of.nick)) {
        p.peer = there->party();
        p.name = there->who.nick;
    } else if (const auto at = reserved_nicks.find(of.nick.fold); at != reserved_nicks.end()) {
        p.peer = {at->second->kept.id.value};
    }
    return p;
}

void state::body::on(ask_past& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    past_granted answer{c.session, std::move(c.asked), {}};
    if (c.of) {
        auto part = part_of(*u, *c.of);
        if (!part) {
            out.emplace_back(past_refused{c.session, std::move(answer.asked),
                                          c.of->channel ? c.of->channel->name : c.of->nick.name});
            return;
        }
        answer.parts.push_back(std::move(*part));
    } else if (options.remembers && options.history) {
        for (const auto id : u->channels) {
            const auto& ch = channels.at(id);
            if (const auto from = readable_from(*u, ch)) {
                answer.parts.push_back({.channel = id, .name = ch.name.name, .from = *from});
            }
        }
        answer.parts.push_back({.owner = u->party()});
    }
    out.emplace_back(std::move(answer));
}

// ── taking back ─────────────────────────────────────────────────────────────────────────────────────────────────────

// First the entry is looked up, where its asker may read; then it is decided, as things are by then.
void state::body::on(redact& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto target = c.of.channel ? c.of.channel->name : c.of.nick.name;
    const auto refuse_it = [&](redaction_refusal why) {
        out.emplace_back(redaction_refused{c.session, why, target, c.id});
    };
    auto part = part_of(*u, c.of);
    if (!part) return refuse_it(redaction_refusal::no_such_target);
    if (!c.found) {
        out.emplace_back(redaction_asked{c.session, c, std::move(*part)});
        return;
    }
    if (!c.from) return refuse_it(redaction_refusal::no_such_message);
    const auto* room = c.of.channel ? find_channel(*c.of.channel) : nullptr;
    if (!can(subject_of(c.session), action::redact, {.room = room, .said_by = c.from})) {
        return refuse_it(redaction_refusal::not_allowed);
    }
    if (nothing_is_stored()) return refuse_it(redaction_refusal::not_stored);
    redacted told{.session = c.session,
                  .channel = room == nullptr ? channel_id{} : room->id,
                  .target = part->name,
                  .by = u->shown(),
                  .of = c.id,
                  .reason = c.reason,
                  .at_ms = last_ms};
    if (room == nullptr) {
        told.to = u->sessions;
        const auto* peer = find_user(c.of.nick);
        if (peer != nullptr && peer != u) told.to.insert(told.to.end(), peer->sessions.begin(), peer->sessions.end());
    }
    told.id = keep(redaction_record{c.id, u->mask(), std::move(c.reason), last_ms}, c.session, target, out);
    out.emplace_back(std::move(told));
}

// ── markers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// An account's are its own and last; a session without one has them while it lasts.
std::int64_t* state::body::marker_in(session_id session, const std::string& target_fold, bool make) {
    auto& live = sessions.at(session);
    auto& all = live.who->owner ? accounts.at(live.who->owner).markers : live.markers;
    const auto at = std::ranges::lower_bound(all, target_fold, {}, &marker::target_fold);
    if (at != all.end() && at->target_fold == target_fold) return &at->at_ms;
    if (!make || all.size() >= markers_max || target_fold.size() > target_bytes_max) return nullptr;
    return &all.insert(at, marker{target_fold, 0})->at_ms;
}

void state::body::tell_marker(session_id session, const channel_name& channel, effects& out) {
    const auto* at = marker_in(session, channel.fold, false);
    out.emplace_back(marker_is{session, {}, channel.name, at == nullptr ? 0 : *at});
}

void state::body::on(mark_read& c, effects& out) {
    const auto* u = user_of(c.session);
    if (u == nullptr) return;
    const auto& name = c.of.channel ? c.of.channel->name : c.of.nick.name;
    const auto& fold = c.of.channel ? c.of.channel->fold : c.of.nick.fold;
    // Nobody has read what has not been said yet.
    if (c.at_ms) c.at_ms = std::clamp<std::int64_t>(*c.at_ms, 0, last_ms);
    auto* at = marker_in(c.session, fold, c.at_ms.has_value());
    if (at == nullptr && c.at_ms) {
        out.emplace_back(marker_refused{c.session, name});
        return;
    }
    marker_is told{c.session, {}, name, at == nullptr ? 0 : *at};
    if (c.at_ms && *c.at_ms > *at) {
        *at = told.at_ms = *c.at_ms;
        if (u->owner) {
            keep(marker_record{u->owner, fold, *at}, {}, {}, out);
            for (const auto id : users_of(u->owner)) {
                const auto& all = users.at(id).sessions;
                told.to.insert(told.to.end(), all.begin(), all.end());
            }
        }
    }
    out.emplace_back(std::move(told));
}

}  // namespace brusio::chat
