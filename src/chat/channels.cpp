// Channels: joining, leaving, being removed, topics, names.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

// The channel, when the user is in it; else the session is told.
channel* state::body::channel_or_refuse(const user& u, session_id session, const channel_name& name, effects& out) {
    auto* c = find_channel(name);
    if (c == nullptr || (!sees(u, *c) && !u.has(server_operator))) {
        refuse(session, refusal::no_such_channel, out, name.name);
        return nullptr;
    }
    if (c->find(u.id) != nullptr) return c;
    refuse(session, refusal::not_a_member, out, c->name.name);
    return nullptr;
}

ranks state::body::power(const user& u, const channel& c) {
    if (c.permanent && u.has(server_operator)) return founder;
    const auto* m = c.find(u.id);
    return m == nullptr ? ranks{0} : m->has;
}

// ── joining ─────────────────────────────────────────────────────────────────────────────────────────────────────────

std::optional<refusal> state::body::why_not_join(const user& u, const channel& c, std::string_view key) const {
    if (c.permanent && u.has(server_operator)) return std::nullopt;
    // Whoever may let people in is not locked out of a channel that is empty.
    if (c.registered() && u.owner && highest(access_of(c, u.owner)) >= half_operator) return std::nullopt;
    const auto invitation = std::ranges::find(u.invitations, c.id, &invitation::channel);
    const bool free_pass = invitation != u.invitations.end() && invitation->by_operator;
    if (banned(u, c)) return refusal::banned_from_channel;
    if (c.has(invite_only) && !free_pass && !any_matches(c.invited, u, false)) return refusal::channel_is_invite_only;
    if (!c.key.empty() && !free_pass && key != c.key) return refusal::wrong_key;
    if (c.limit != 0 && !free_pass && c.members.size() >= c.limit) return refusal::channel_is_full;
    if (c.has(registered_join) && u.account.empty() && !free_pass && !any_matches(c.invited, u, false)) {
        return refusal::channel_needs_account;
    }
    return std::nullopt;
}

void state::body::on(join& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    if (sessions.at(c.session).bound_to) return refuse(c.session, refusal::too_many_channels, out, c.channel.name);
    const auto* there = find_channel(c.channel);
    if (there != nullptr && there->find(u->id) != nullptr) return;
    if (u->channels.size() >= options.channels_per_user) {
        return refuse(c.session, refusal::too_many_channels, out, c.channel.name);
    }
    if (there != nullptr) {
        if (const auto why = why_not_join(*u, *there, c.key)) {
            return refuse(c.session, *why, out, there->name.name);
        }
    } else if (looks_taken(channel_looks_in_use, looks_of(c.looks), {})) {
        return refuse(c.session, refusal::channel_looks_like_another, out, c.channel.name);
    }
    enter(c.session, *u, c.channel, &c, out);
}

void state::body::enter(session_id cause, user& u, const channel_name& name, const join* names, effects& out) {
    auto& c = channel_for(name, names == nullptr ? channel_looks{} : names->looks);
    if (c.find(u.id) != nullptr) return;
    // An empty channel that waits for those who were in it is nobody else's to take over.
    const bool is_new = c.members.empty() && !c.permanent && !c.registered() && c.seats.empty();
    member seat{u.id, is_new ? ranks{channel_operator} : access_of(c, u.owner), 0, {last_number + 1}, {}};
    if (const auto* before = u.owner ? c.seat_of(u.owner) : nullptr) {
        if (!c.registered()) seat.has = before->has;
        seat.since = before->since;
    }
    const auto slow = std::ranges::find(u.slow_in, c.id, &slowed::channel);
    if (slow != u.slow_in.end()) {
        seat.spoke_ms = slow->spoke_ms;
        u.slow_in.erase(slow);
    }
    if (c.members.empty()) --empty_channels;
    c.members.insert(std::ranges::lower_bound(c.members, u.id, {}, &member::user), seat);
    insert_sorted(u.channels, c.id);
    std::erase_if(u.invitations, [&](const invitation& i) { return i.channel == c.id; });
    if (std::exchange(c.empty_ms, 0) != 0) keep_channel(c, out);
    if (u.owner) keep_seat(u, c, out);
    const auto last = u.owner ? message_id{last_number} : message_id{};  // only accounts have missed anything
    const auto here = sessions_in(u, c.id);
    keep_event(c, entry_kind::join, u, u.from.real_name, {}, out);
    out.emplace_back(
        joined{cause, u.id, here, c.id, c.name.name, u.shown(), u.from.real_name, u.away, seat.has, last_ms, last});
    if (!c.now.text.empty()) {
        for (const auto s : here) out.emplace_back(topic_is{s, c.name.name, c.now, false});
    }
    for (const auto s : here) tell_marker(s, c.name, out);
    if (!subscribers.empty()) tell_metadata_on_join(cause, u, c, out);
    // Last, so that it is seen that more follows.
    if (names != nullptr && names->names) tell_names(cause, c, names->nicks_only, out);
}

void state::body::exit(user& u, channel& c, bool for_good, effects& out) {
    erase_sorted(u.channels, c.id);
    const auto seat = std::ranges::lower_bound(c.members, u.id, {}, &member::user);
    const auto spoke_ms = seat->spoke_ms;
    c.members.erase(seat);
    if (c.members.empty()) ++empty_channels;
    const bool stays_open = !c.members.empty() || c.permanent || c.registered();
    // Whoever leaves an unregistered channel as the last may come back to it.
    if (for_good && u.owner) stays_open ? leave_seat(c, u.owner, out) : get_up(c, u.owner, out);
    if (stays_open) return remember_slowed(u, c, spoke_ms);
    if (c.seats.empty() || options.grace_ms == 0) return erase_channel(c, out);
    c.empty_ms = std::max<std::int64_t>(last_ms, 1);
    keep_channel(c, out);
    remember_slowed(u, c, spoke_ms);
}

// An invitation to a channel that is gone leads nowhere; it is dropped when its holder asks.
void state::body::erase_channel(channel& c, effects& out) {
    if (!store_answers) forget_unstored(c);
    if (c.stored) keep(channel_record{.id = c.id, .gone = true, .name = c.name, .now = {}}, {}, {}, out);
    for (const auto& s : c.seats) {
        if (const auto at = accounts.find(s.account); at != accounts.end()) erase_sorted(at->second.seats, c.id);
    }
    by_channel.erase(c.name.fold);
    uncount_looks(channel_looks_in_use, looks_of(c.looks));
    --empty_channels;
    channels.erase(c.id);
}

// Slow mode: whether who spoke at that time may not speak again yet.
bool state::body::must_wait(const channel& c, std::int64_t spoke_ms) const {
    return spoke_ms != 0 && spoke_ms > last_ms - std::int64_t{c.slow_seconds} * 1000;
}

// Leaving and coming back is no way around slow mode. What is over by the channel's slow mode of now is dropped.
void state::body::remember_slowed(user& u, const channel& c, std::int64_t spoke_ms) {
    if (!must_wait(c, spoke_ms)) return;
    std::erase_if(u.slow_in, [this](const slowed& s) {
        const auto at = channels.find(s.channel);
        return at == channels.end() || !must_wait(at->second, s.spoke_ms);
    });
    if (u.slow_in.size() >= slowed_max) u.slow_in.erase(u.slow_in.begin());
    u.slow_in.push_back({c.id, spoke_ms});
}

// ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(part& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = channel_or_refuse(*u, c.session, c.channel, out);
    if (ch == nullptr) return;
    auto reason = part_reason(*u, *ch, std::move(c.reason));
    if (sessions.at(c.session).bound_to) return end_session(c.session, std::move(reason), out);
    part_from(*u, *ch, c.session, std::move(reason), out);
}

// Whoever is bound to the channel is gone with it.
void state::body::part_from(user& u, channel& c, session_id cause, std::string reason, effects& out) {
    const auto id = c.id;
    keep_event(c, entry_kind::part, u, reason, {}, out);
    out.emplace_back(parted{cause, u.id, u.sessions, id, c.name.name, u.shown(), std::move(reason), last_ms});
    exit(u, c, true, out);
    for (const auto s : std::vector(u.sessions)) {
        if (s == cause || sessions.at(s).bound_to != id) continue;
        out.emplace_back(ended{cause, {s}, end_cause::parted, u.shown(), {}, last_ms});
        end_session(s, {}, out);
    }
}

// A last word is a word: who may not speak leaves in silence.
std::string state::body::part_reason(user& u, channel& c, std::string reason) {
    const bool may_speak =
        !why_not_speak(u, c, c.find(u.id), speech::text) && (u.has(server_operator) || !muted_by_server(u));
    return may_speak ? std::move(reason) : std::string();
}

void state::body::on(part_all& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    if (sessions.at(c.session).bound_to) return end_session(c.session, {}, out);
    while (!u->channels.empty()) {
        part_from(*u, channels.at(u->channels.back()), c.session, {}, out);
    }
}

void state::body::on(kick& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = find_channel(c.channel);
    if (ch == nullptr || (!sees(*u, *ch) && !u->has(server_operator))) {
        return refuse(c.session, refusal::no_such_channel, out, c.channel.name);
    }
    const auto mine = power(*u, *ch);
    if (mine == 0 && ch->find(u->id) == nullptr) return refuse(c.session, refusal::not_a_member, out, ch->name.name);
    if (highest(mine) < half_operator) return refuse(c.session, refusal::needs_channel_operator, out, ch->name.name);
    auto* target = find_user(c.nick);
    if (target == nullptr) return refuse(c.session, refusal::no_such_nick, out, {}, c.nick.name);
    const auto* seat = ch->find(target->id);
    if (seat == nullptr) {
        return refuse(c.session, refusal::they_are_not_a_member, out, ch->name.name, target->who.nick);
    }
    if (!stands_over(mine, seat->has)) return refuse(c.session, refusal::needs_higher_rank, out, ch->name.name);
    remove_member(c.session, *target, *ch, end_cause::kicked, *u, c.reason, out);
}

// Whoever is bound to the channel is gone with it.
void state::body::remove_member(session_id cause, user& u, channel& c, end_cause why, const user& remover,
                                const std::string& reason, effects& out) {
    const auto by = remover.shown();
    keep_event(c, entry_kind::kick, remover, reason, u.who.nick, out);
    out.emplace_back(kicked{cause, u.id, u.sessions, c.id, c.name.name, by, u.who.nick, reason, last_ms});
    const auto id = c.id;
    exit(u, c, true, out);
    for (const auto s : std::vector(u.sessions)) {
        if (sessions.at(s).bound_to != id) continue;
        out.emplace_back(ended{cause, {s}, why, by, reason, last_ms});
        end_session(s, why == end_cause::kicked ? "kicked: " + reason : reason, out);
    }
}

// ── inviting ────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(invite& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* target = nick_or_refuse(c.session, c.nick, out);
    if (target == nullptr) return;
    auto* ch = channel_or_refuse(*u, c.session, c.channel, out);
    if (ch == nullptr) return;
    const bool as_operator = highest(power(*u, *ch)) >= half_operator;
    if (ch->has(invite_only) && !as_operator) {
        return refuse(c.session, refusal::needs_channel_operator, out, ch->name.name);
    }
    if (ch->find(target->id) != nullptr) {
        return refuse(c.session, refusal::already_a_member, out, ch->name.name, target->who.nick);
    }
    invited told{.session = c.session,
                 .channel_name = ch->name.name,
                 .by = u->shown(),
                 .nick = target->who.nick,
                 .at_ms = last_ms};
    if (!silences(*target, *u)) {
        invite_to(*target, *ch, *u, as_operator);
        told.to = target->sessions;
        told.channel = ch->id;
    }
    out.emplace_back(std::move(told));
    if (!target->away.empty()) out.emplace_back(is_away{c.session, target->who.nick, target->away});
}

// Where there are too many, one more takes the place of another of the same person, so that nobody can keep others'
// invitations away.
void state::body::invite_to(user& target, const channel& c, const user& by, bool as_operator) {
    auto& open = target.invitations;
    std::erase_if(open, [this](const invitation& i) { return !channels.contains(i.channel); });
    const auto at = std::ranges::find(open, c.id, &invitation::channel);
    if (at != open.end()) {
        if (as_operator && !at->by_operator) *at = {c.id, true, by.id};
        return;
    }
    if (open.size() >= invitations_max) {
        const auto own = std::ranges::find(open, by.id, &invitation::by);
        open.erase(own != open.end() ? own : open.begin());
    }
    open.push_back({c.id, as_operator, by.id});
}

// ── topics and names ────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(set_topic& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = find_channel(c.channel);
    const bool rules = ch != nullptr && ch->permanent && u->has(server_operator);
    if (!rules) ch = channel_or_refuse(*u, c.session, c.channel, out);
    if (ch == nullptr) return;
    if (ch->has(topic_locked) && highest(power(*u, *ch)) < half_operator) {
        return refuse(c.session, refusal::needs_channel_operator, out, ch->name.name);
    }
    if (ch->now.text == c.text) {
        out.emplace_back(topic_is{c.session, ch->name.name, ch->now, true});
        return;
    }
    ch->now = {c.text, u->mask(), last_ms};
    ch->topic_account = u->owner;
    keep_channel(*ch, out);
    keep_event(*ch, entry_kind::topic, *u, c.text, {}, out);
    out.emplace_back(topic_changed{c.session, ch->id, ch->name.name, u->shown(), std::move(c.text), last_ms});
}

namespace {

// As clients compare, who know ASCII only.
bool same_in_ascii(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

void state::body::on(rename_channel& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = channel_or_refuse(*u, c.session, c.from, out);
    if (ch == nullptr) return;
    if (highest(power(*u, *ch)) < channel_operator) {
        return refuse(c.session, refusal::needs_channel_operator, out, ch->name.name);
    }
    const auto* other = find_channel(c.to);
    if (other == ch && c.to.name == ch->name.name) {
        return refuse(c.session, refusal::channel_has_that_name, out, ch->name.name, {}, c.to.name);
    }
    if (ch->permanent) return refuse(c.session, refusal::channel_is_permanent, out, ch->name.name, {}, c.to.name);
    if (ch->registered() && !can(subject_of(c.session), action::rename_registered, {.room = ch})) {
        return refuse(c.session, refusal::needs_higher_rank, out, ch->name.name);
    }
    if (other != nullptr && other != ch) {
        return refuse(c.session, refusal::channel_name_in_use, out, ch->name.name, {}, c.to.name);
    }
    const auto own = looks_of(ch->looks);
    if (looks_taken(channel_looks_in_use, looks_of(c.looks), {&own, 1})) {
        return refuse(c.session, refusal::channel_looks_like_another, out, ch->name.name, {}, c.to.name);
    }
    channel_renamed told{.session = c.session,
                         .before = ch->name.name,
                         .after = c.to.name,
                         .by = u->shown(),
                         .reason = std::move(c.reason),
                         .now = ch->now,
                         .same_name = same_in_ascii(ch->name.name, c.to.name),
                         .at_ms = last_ms};
    for (const auto& m : ch->members) {
        const auto& one = users.at(m.user);
        told.to.insert(told.to.end(), one.sessions.begin(), one.sessions.end());
        told.real_names.insert(told.real_names.end(), one.sessions.size(), one.from.real_name);
    }
    by_channel.erase(ch->name.fold);
    uncount_looks(channel_looks_in_use, looks_of(ch->looks));
    ch->name = std::move(c.to);
    ch->looks = std::move(c.looks);
    count_looks(channel_looks_in_use, looks_of(ch->looks));
    by_channel.emplace(ch->name.fold, ch);
    keep_channel(*ch, out);
    keep_event(*ch, entry_kind::rename, *u, told.reason, told.before, out);
    const bool other_name = !told.same_name;
    out.emplace_back(std::move(told));
    if (c.names && other_name) tell_names(c.session, *ch, c.nicks_only, out);
}

// Only that there is something to tell: the members come in slices.
void state::body::tell_names(session_id to, const channel& c, bool nicks_only, effects& out) {
    out.emplace_back(names_are{.session = to,
                               .asked = {.session = to, .channel = c.name, .after = {}, .nicks_only = nicks_only},
                               .more = true,
                               .secret = c.has(secret),
                               .total = c.members.size(),
                               .people = {}});
}

}  // namespace brusio::chat
