// Changing the modes of a channel, one letter after the other.
#include <algorithm>
#include <charconv>

#include "base/glob.hpp"
#include "chat/body.hpp"

namespace brusio::chat {
namespace {

std::vector<mask_entry>& list_of(channel& c, char letter) {
    return letter == 'b' ? c.bans : letter == 'e' ? c.exceptions : c.invited;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t max) {
    std::uint32_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size() || n == 0 || n > max) return std::nullopt;
    return n;
}

bool good_key(std::string_view key) {
    return !key.empty() && key.size() <= key_bytes_max && key.front() != ':' &&
           key.find_first_of(" ,") == std::string_view::npos;
}

}  // namespace

void state::body::on(change_modes& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    auto* ch = find_channel(c.channel);
    if (ch == nullptr || (!sees(*u, *ch) && !u->has(server_operator))) {
        return refuse(c.session, refusal::no_such_channel, out, c.channel.name);
    }
    std::vector<mode_change> done;
    for (auto& change : c.changes) change_one(*u, *ch, c.session, change, done, out);
    if (done.empty()) return;
    keep_modes(*u, *ch, done, out);
    out.emplace_back(modes_changed{c.session, ch->id, ch->name.name, u->shown(), done, last_ms});
    std::vector<mask_entry> bans;
    for (auto& change : done) {
        if (change.add && change.letter == 'b') bans.push_back({{}, std::move(change.fold), {}, 0});
    }
    remove_bound(*u, *ch, c.session, bans, out);
}

void state::body::change_one(user& u, channel& c, session_id session, mode_change& change,
                             std::vector<mode_change>& done, effects& out) {
    const auto* rank = find_rank(change.letter);
    const auto* row = find_channel_mode(change.letter);
    if (rank == nullptr && row == nullptr) {
        return refuse(session, refusal::no_such_mode, out, c.name.name, {}, std::string(1, change.letter));
    }
    const auto mine = power(u, c);
    const auto needed = row != nullptr && row->kind != mode_kind::list ? channel_operator : half_operator;
    const bool resigns = rank != nullptr && !change.add && change.fold == u.who.nick_fold;
    if (highest(mine) < needed && !resigns) {
        if (mine == 0 && c.find(u.id) == nullptr) return refuse(session, refusal::not_a_member, out, c.name.name);
        return refuse(session, refusal::needs_channel_operator, out, c.name.name);
    }
    if (rank != nullptr) return change_rank(u, c, session, change, *rank, done, out);
    switch (row->kind) {
        case mode_kind::flag:
            return change_flag(c, change, *row, done);
        case mode_kind::list:
            return change_list(u, c, session, change, done, out);
        case mode_kind::always_with_value:
        case mode_kind::value_when_set:
            return change_value(c, session, change, done, out);
    }
}

void state::body::change_flag(channel& c, mode_change& change, const channel_mode_row& row,
                              std::vector<mode_change>& done) {
    if (c.has(row.flag) == change.add) return;
    c.flags ^= row.flag;
    done.push_back({change.add, change.letter, {}, {}});
}

void state::body::change_rank(user& u, channel& c, session_id session, mode_change& change, const rank_row& row,
                              std::vector<mode_change>& done, effects& out) {
    const auto* target = nick_or_refuse(session, {change.value, change.fold}, out);
    if (target == nullptr) return;
    auto* seat = c.find(target->id);
    if (seat == nullptr) {
        return refuse(session, refusal::they_are_not_a_member, out, c.name.name, target->who.nick);
    }
    const auto mine = power(u, c);
    const bool own = target->id == u.id;
    if (change.add ? !may_grant(mine, row.bit) : !own && (!may_grant(mine, row.bit) || !stands_over(mine, seat->has))) {
        return refuse(session, refusal::needs_higher_rank, out, c.name.name);
    }
    if (((seat->has & row.bit) != 0) == change.add) return;
    seat->has ^= row.bit;
    done.push_back({change.add, change.letter, target->who.nick, target->who.nick_fold});
}

void state::body::change_list(user& u, channel& c, session_id session, mode_change& change,
                              std::vector<mode_change>& done, effects& out) {
    auto& list = list_of(c, change.letter);
    const auto fold = base::canonical_mask(change.fold);
    const auto at = std::ranges::find(list, fold, &mask_entry::fold);
    if (change.add == (at != list.end())) {
        return refuse(session, change.add ? refusal::list_has_it : refusal::list_lacks_it, out, c.name.name,
                      change.value, std::string(1, change.letter));
    }
    if (!change.add) {
        change.value = at->mask;
        list.erase(at);
    } else if (c.bans.size() + c.exceptions.size() + c.invited.size() >= list_entries_max) {
        return refuse(session, refusal::list_is_full, out, c.name.name, change.value, std::string(1, change.letter));
    } else {
        list.push_back({change.value, fold, u.mask(), last_ms});
    }
    ++*c.version;
    done.push_back({change.add, change.letter, change.value, fold});
}

void state::body::change_value(channel& c, session_id session, mode_change& change, std::vector<mode_change>& done,
                               effects& out) {
    const auto bad = [&] {
        refuse(session, refusal::bad_mode_value, out, c.name.name, {},
               // A key is not repeated: it may be a slip of another password.
               std::string(1, change.letter) + " " + (change.letter == 'k' ? std::string("*") : change.value));
    };
    if (change.letter == 'k') {
        if (change.add) {
            if (!good_key(change.value)) return bad();
            if (c.key == change.value) return;
            c.key = change.value;
        } else {
            if (c.key.empty()) return;
            change.value = std::exchange(c.key, {});
        }
    } else {
        auto& kept = change.letter == 'l' ? c.limit : c.slow_seconds;
        if (change.add) {
            const auto n = number(change.value, change.letter == 'l' ? members_limit_max : slow_seconds_max);
            if (!n) return bad();
            if (kept == *n) return;
            kept = *n;
            change.value = std::to_string(*n);
        } else {
            if (kept == 0) return;
            kept = 0;
            change.value.clear();
        }
    }
    done.push_back({change.add, change.letter, change.value, {}});
}

// New bans remove whoever lives in this channel only: they could do nothing there but listen. Who set them comes last,
// since no effect may name a session that has left.
void state::body::remove_bound(user& by, channel& c, session_id session, const std::vector<mask_entry>& bans,
                               effects& out) {
    if (bans.empty()) return;
    std::vector<user_id> hit;
    for (const auto& m : c.members) {
        const auto& u = users.at(m.user);
        const bool bound = !u.sessions.empty() && std::ranges::all_of(u.sessions, [&](session_id s) {
            return sessions.at(s).bound_to == c.id;
        });
        if (bound && highest(power(u, c)) < half_operator && any_matches(bans, u, false) &&
            !any_matches(c.exceptions, u, false)) {
            hit.push_back(m.user);
        }
    }
    if (std::erase(hit, by.id) != 0) hit.push_back(by.id);
    const auto id = c.id;
    for (const auto user : hit) {
        remove_member(session, users.at(user), channels.at(id), end_cause::banned_from_channel, by, "banned", out);
    }
}

// What stays of the changes: the channel as it is now, and the ranks of those who have seats.
void state::body::keep_modes(user& by, channel& c, const std::vector<mode_change>& done, effects& out) {
    std::string letters;
    std::string values;
    char sign = 0;
    bool of_channel = false;
    for (const auto& change : done) {
        const char now = change.add ? '+' : '-';
        if (now != sign) letters += sign = now;
        letters += change.letter;
        // A key is for members only, and who reads of it later may be none yet.
        if (!change.value.empty()) values += " " + (change.letter == 'k' ? std::string("*") : change.value);
        if (find_rank(change.letter) == nullptr) {
            of_channel = true;
        } else if (auto* target = find_user({change.value, change.fold}); target != nullptr && target->owner) {
            keep_seat(*target, c, out);
        }
    }
    if (of_channel) keep_channel(c, out);
    keep_event(c, entry_kind::modes, by, letters + values, {}, out);
}

}  // namespace brusio::chat
