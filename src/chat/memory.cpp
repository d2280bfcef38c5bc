// What survives: records of what has changed, and what becomes of them when the store fails. docs/adr/0009: what was
// said and could not be stored was not said; whatever else has changed stays changed, and is written again as soon as
// the store is well.
#include <algorithm>
#include <ranges>

#include "base/archive.hpp"
#include "chat/body.hpp"

namespace brusio::chat {
namespace {

// Of these nothing stays when they could not be stored.
bool is_said(const record& what) {
    return std::holds_alternative<entry_record>(what) || std::holds_alternative<redaction_record>(what);
}

}  // namespace

// What a record is about: a later one about the same takes its place.
std::string key_of(const record& what) {
    const auto named = [&](auto... parts) {
        base::writer w;
        auto kind = static_cast<std::uint8_t>(what.index());
        w(kind);
        (w(parts), ...);
        return w.take();
    };
    if (const auto* r = std::get_if<account_record>(&what)) return named(r->id);
    if (const auto* r = std::get_if<credential_record>(&what)) return named(r->account, r->kind, r->id);
    if (const auto* r = std::get_if<marker_record>(&what)) return named(r->account, r->target_fold);
    if (const auto* r = std::get_if<metadata_record>(&what)) return named(r->account, r->channel, r->key);
    if (const auto* r = std::get_if<channel_record>(&what)) return named(r->id);
    if (const auto* r = std::get_if<seat_record>(&what)) return named(r->channel, r->account);
    if (const auto* r = std::get_if<ban_record>(&what)) return named(r->ban.kind, r->ban.fold);
    if (const auto* r = std::get_if<redaction_record>(&what)) return named(r->of);
    if (const auto* r = std::get_if<forget_record>(&what)) return named(r->channel, r->owner);
    return {};
}

entry_record& state::body::keep_entry(session_id from, const std::string& about, effects& out) {
    const auto id = next_message();
    if (from) waiting.push_back({id, from, about});
    auto& kept = std::get<remember>(out.emplace_back(std::in_place_type<remember>));
    kept.id = id;
    auto& begun = kept.what.emplace<entry_record>();
    begun.what.id = id;
    begun.what.at_ms = last_ms;
    return begun;
}

message_id state::body::keep(record what, session_id from, std::string about, effects& out) {
    const auto id = next_message();
    if (!options.remembers) return id;
    if (!store_answers) {
        if (!is_said(what)) unstored[key_of(what)] = std::move(what);
        return id;
    }
    if (const auto* r = std::get_if<channel_record>(&what); r != nullptr && !r->gone) channels.at(r->id).stored = true;
    if (from) waiting.push_back({id, from, std::move(about)});
    if (!is_said(what)) changes.push_back({id, what});
    out.emplace_back(remember{id, std::move(what)});
    return id;
}

// What is behind a refused record was decided while nobody knew of the refusal; it is decided again, which for messages
// means: refused as well. An unknown answer decides nothing yet: the batch will be asked for again.
void state::body::on(store_answer& c, effects& out) {
    store_answers = c.verdict == store_verdict::committed;
    if (c.verdict == store_verdict::unknown) return;
    if (c.verdict == store_verdict::refused) return take_back(out);
    while (!waiting.empty() && waiting.front().id <= c.up_to) waiting.pop_front();
    while (!changes.empty() && changes.front().id <= c.up_to) changes.pop_front();
    for (auto& [key, what] : std::exchange(unstored, {})) {
        if (is_wanted(what)) keep(std::move(what), {}, {}, out);
    }
}

void state::body::take_back(effects& out) {
    for (auto& one : waiting) out.emplace_back(not_stored{one.from, one.id, std::move(one.about)});
    // The latest of each first; what has come about since is later still.
    for (auto& one : std::views::reverse(changes)) unstored.try_emplace(key_of(one.what), std::move(one.what));
    waiting.clear();
    changes.clear();
}

// Whether what the record is about is still there, as far as it belongs to something else.
bool state::body::is_wanted(const record& what) const {
    if (const auto* r = std::get_if<channel_record>(&what)) return r->gone || channels.contains(r->id);
    if (const auto* r = std::get_if<seat_record>(&what)) return channels.contains(r->channel);
    if (const auto* r = std::get_if<credential_record>(&what)) return accounts.contains(r->account);
    if (const auto* r = std::get_if<marker_record>(&what)) return accounts.contains(r->account);
    if (const auto* r = std::get_if<metadata_record>(&what)) {
        return r->channel ? channels.contains(r->channel) : accounts.contains(r->account);
    }
    return true;
}

// Of a channel that has come and gone while the store was not well nothing is left to write.
void state::body::forget_unstored(const channel& c) {
    std::erase_if(unstored, [&](const auto& one) {
        const auto& what = one.second;
        if (const auto* r = std::get_if<channel_record>(&what)) return r->id == c.id;
        if (const auto* r = std::get_if<seat_record>(&what)) return r->channel == c.id;
        if (const auto* r = std::get_if<metadata_record>(&what)) return r->channel == c.id;
        return false;
    });
}

// ── channels and seats ──────────────────────────────────────────────────────────────────────────────────────────────

channel_record state::body::record_of(const channel& c) const {
    return {.id = c.id,
            .name = c.name,
            .permanent = c.permanent,
            .founder = c.founder,
            .created_ms = c.created_ms,
            .registered_ms = c.registered_ms,
            .empty_ms = c.empty_ms,
            .flags = c.flags,
            .key = c.key,
            .limit = c.limit,
            .slow_seconds = c.slow_seconds,
            .now = c.now,
            .history = c.history,
            .keep_ms = c.keep_ms,
            .bans = c.bans,
            .exceptions = c.exceptions,
            .invited = c.invited,
            .access = c.access,
            .topic_account = c.topic_account};
}

void state::body::make_known(channel& c, effects& out) {
    if (c.stored || !options.remembers || !store_answers) return;
    c.kept = true;
    keep(record_of(c), {}, {}, out);
}

// The lobby, registered channels, and those where somebody has a seat.
void state::body::keep_channel(channel& c, effects& out) {
    if (!c.permanent && !c.registered() && c.seats.empty() && !c.kept) return;
    c.kept = true;
    keep(record_of(c), {}, {}, out);
}

held_seat* channel::seat_of(account_id a) {
    const auto at = std::ranges::lower_bound(seats, a, {}, &held_seat::account);
    return at != seats.end() && at->account == a ? &*at : nullptr;
}

// The user is in the channel: so is its account, with the ranks that it has now.
void state::body::keep_seat(user& u, channel& c, effects& out) {
    const auto* m = c.find(u.id);
    if (m == nullptr) return;
    auto* kept_seat = c.seat_of(u.owner);
    if (kept_seat != nullptr && kept_seat->has == m->has && !kept_seat->out) return;
    if (kept_seat == nullptr) {
        auto& mine = accounts.at(u.owner).seats;
        if (mine.size() >= std::size_t{2} * options.channels_per_user) {
            free_seat(u.owner, out);
            if (mine.size() >= std::size_t{2} * options.channels_per_user) return;
        }
        insert_sorted(mine, c.id);
        const auto at = std::ranges::lower_bound(c.seats, u.owner, {}, &held_seat::account);
        kept_seat = &*c.seats.insert(at, held_seat{u.owner, m->has, m->since});
        if (!c.kept) keep_channel(c, out);
    }
    kept_seat->has = m->has;
    kept_seat->out = false;
    keep(seat_record{c.id, u.owner, false, kept_seat->has, kept_seat->since}, {}, {}, out);
}

// It has left, as the last, and may come back.
void state::body::get_up(channel& c, account_id a, effects& out) {
    auto* seat = c.seat_of(a);
    if (seat == nullptr || seat->out) return;
    seat->out = true;
    keep(seat_record{c.id, a, false, seat->has, seat->since, true}, {}, {}, out);
}

// Where nobody of the account has sat for longest, as far as can be told.
void state::body::free_seat(account_id a, effects& out) {
    for (const auto room : std::vector(accounts.at(a).seats)) {
        auto& c = channels.at(room);
        leave_seat(c, a, out);
        if (c.seat_of(a) != nullptr) continue;
        if (c.empty_ms != 0 && c.seats.empty()) erase_channel(c, out);
        return;
    }
}

// Unless another user of the account still sits there.
void state::body::leave_seat(channel& c, account_id a, effects& out) {
    const auto* there = c.seat_of(a);
    if (there == nullptr) return;
    if (std::ranges::any_of(users_of(a), [&](user_id u) { return c.find(u) != nullptr; })) return;
    c.seats.erase(c.seats.begin() + (there - c.seats.data()));
    erase_sorted(accounts.at(a).seats, c.id);
    keep(seat_record{c.id, a, true, 0, {}}, {}, {}, out);
}

// ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::keep_event(channel& c, entry_kind kind, const user& u, std::string text, std::string detail,
                             effects& out) {
    if (!options.remembers || !store_answers || !keeps_past(c)) return;
    make_known(c, out);
    auto& kept = keep_entry({}, {}, out);
    kept.channel = c.id;
    kept.what.kind = kind;
    kept.what.who = u.shown();
    kept.what.from = u.party();
    kept.what.target = c.name.name;
    kept.what.what.body = std::move(text);
    kept.what.detail = std::move(detail);
}

void state::body::keep_events(const user& u, entry_kind kind, const std::string& text, const std::string& detail,
                              effects& out) {
    for (const auto id : u.channels) keep_event(channels.at(id), kind, u, text, detail, out);
}

}  // namespace brusio::chat
