// What the onlooker expects of channels and of what is said.
#include <algorithm>

#include "base/glob.hpp"
#include "chat/onlooker_test.hpp"

namespace brusio::chat::test {

onlooker::place& onlooker::at(channel_id c) {
    const auto found = places_.find(c);
    if (found != places_.end()) return found->second;
    expect(false, "an effect names a channel that is not there");
    static place nowhere;
    return nowhere = {};
}
// Where nobody is, it may be that nothing is any more.
onlooker::place* onlooker::find_place(std::string_view name) {
    const auto fold = base::fold(name);
    for (auto& [id, c] : places_) {
        if (base::fold(c.name) == fold) return &c;
    }
    return nullptr;
}
std::vector<channel_id> onlooker::places_of(const one& p) const {
    std::vector<channel_id> all;
    for (const auto& [id, c] : places_) {
        if (c.has(p)) all.push_back(id);
    }
    return all;
}
void onlooker::leave_place(user_id u, place& c) {
    if (c.members.contains(u)) c.spoke[u] = c.members[u].spoke_ms;
    expect(c.members.erase(u) == 1, "somebody goes from where they are not");
}

// ── who is where ────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const joined& e) {
    auto& p = living(e.session);
    expect_about(e.session, e.user, p.sessions, e.who);
    const auto own = [&](session_id s) { return std::ranges::count(p.sessions, s) == 1; };
    expect(std::ranges::all_of(e.sessions, own), "somebody else's session joins");
    expect(std::ranges::count(e.sessions, e.session) == 1, "who joins does not hear it");
    if (p.away) expect(*p.away == e.away, "away in another way than was told");
    p.away = e.away;
    const bool made = !places_.contains(e.channel);
    expect(!gone_.contains(e.channel), "somebody joins a channel whose past is forgotten");
    if (made) {
        expect(e.channel > last_channel_, "the number of a channel was used before");
        const auto* before = find_place(e.channel_name);
        expect(before == nullptr || before->members.empty(), "two channels have one name");
        if (before != nullptr) places_.erase(before->id);
        last_channel_ = e.channel;
        places_[e.channel] = {.id = e.channel, .name = e.channel_name};
    }
    auto& c = at(e.channel);
    expect(c.name == e.channel_name, "a channel changes its name");
    expect(!c.has(p), "somebody joins where they are");
    expect(e.given == (made ? channel_operator : 0) || (!made && !p.account.empty()),
           "a rank is given to who is not the first, or not to the first");
    // Whoever gets such a rank by joining is on the channel's list of those who may let people in.
    if (!rules(p, c) && (made || highest(e.given) < half_operator)) expect_may_join(p, c);
    p.invited.erase(e.channel);
    const auto spoke = c.spoke.find(e.user);
    c.members[e.user] = {e.given, spoke == c.spoke.end() ? -1 : spoke->second};
}
void onlooker::expect_may_join(const one& p, const place& c) {
    const auto invitation = p.invited.find(c.id);
    const bool by_operator = invitation != p.invited.end() && invitation->second;
    expect(!listed(p, c, false), "somebody who is banned joins");
    expect(!c.has(registered_join) || !p.account.empty() || by_operator || on_list(p, c, 'I', false),
           "somebody joins without an account");
    expect(!c.has(invite_only) || by_operator || on_list(p, c, 'I', false), "somebody joins without an invitation");
    expect(c.limit == 0 || by_operator || c.members.size() < c.limit, "somebody joins a channel that is full");
}
void onlooker::on(const parted& e) {
    expect_about(e.session, e.user, e.sessions, e.who);
    expect(at(e.channel).name == e.channel_name, "a channel changes its name");
    if (!e.reason.empty()) expect_may_speak(living(e.session), at(e.channel), speech::text);
    leave_place(e.user, at(e.channel));
}
void onlooker::on(const kicked& e) {
    const auto& p = holder(e.nick);
    expect(p.user == e.user && e.sessions == p.sessions, "another user is kicked");
    auto& c = at(e.channel);
    expect(c.name == e.channel_name, "a channel changes its name");
    expect_shown(living(e.session), e.by);
    leave_place(e.user, c);
}
void onlooker::on(const invited& e) {
    const auto& by = living(e.session);
    expect_shown(by, e.by);
    auto& p = holder(e.nick);
    const auto* there = find_place(e.channel_name);
    expect(there != nullptr, "an invitation to nowhere");
    if (there == nullptr) return;
    const auto& c = *there;
    expect(c.has(by) && !c.has(p), "an invitation from outside, or of a member");
    expect(!c.has(invite_only) || rules(by, c) || c.rank(by) >= half_operator, "an invitation by who may not");
    if (is_silenced(p, by)) return expect(e.to.empty() && !e.channel, "an invitation that is not wanted");
    expect(e.to == p.sessions && c.id == e.channel, "an invitation to another");
    if (rules(by, c) || c.rank(by) >= half_operator) p.invited[c.id] = true;
    p.invited.try_emplace(c.id, false);
}
void onlooker::on(const topic_changed& e) {
    if (!e.session) {
        expect(e.text.empty() && e.by == options_.services, "nobody sets a topic");
        at(e.channel).now = {};
        return;
    }
    const auto& by = living(e.session);
    auto& c = at(e.channel);
    expect_shown(by, e.by);
    expect(rules(by, c) || (c.has(by) && (!c.has(topic_locked) || c.rank(by) >= half_operator)),
           "a topic by who may not");
    c.now = {e.text, e.by.mask, e.at_ms};
}
void onlooker::on(const channel_renamed& e) {
    auto* c = find_place(e.before);
    expect(c != nullptr && c->name == e.before && c->id != lobby_id, "a channel is renamed that is not there");
    if (c == nullptr) return;
    const auto* other = find_place(e.after);
    if (other != nullptr && other != c && other->members.empty()) {
        places_.erase(other->id);
        other = nullptr;
    }
    expect(other == nullptr || other == c, "two channels have one name");
    expect((other == c) == e.same_name, "another name, or the same");
    expect(c->rank(living(e.session)) >= channel_operator, "a channel is renamed by who may not");
    expect(e.now == c->now, "another topic than was told");
    std::vector<session_id> all;
    for (const auto& [u, s] : c->members) {
        const auto& own = find_user(u)->sessions;
        all.insert(all.end(), own.begin(), own.end());
    }
    expect(e.to == all && e.real_names.size() == all.size(), "a new name is told elsewhere");
    c->name = e.after;
}

// ── modes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const modes_changed& e) {
    auto& c = at(e.channel);
    expect(c.name == e.channel_name, "a channel changes its name");
    expect(!e.changes.empty(), "nothing changes");
    if (e.session) {
        auto& by = living(e.session);
        expect_shown(by, e.by);
        for (const auto& change : e.changes) apply(by, c, change);
        return;
    }
    expect(e.by == options_.services, "ranks are given by nobody");
    for (const auto& change : e.changes) {
        const auto* rank = find_rank(change.letter);
        const auto& p = holder(change.value);
        expect(rank != nullptr && c.has(p) && !p.account.empty(),
               "a rank for somebody without an account, or not there");
        if (rank == nullptr || !c.has(p)) return;
        expect(((c.members[p.user].has & rank->bit) != 0) != change.add, "a rank changes that was so before");
        c.members[p.user].has ^= rank->bit;
    }
}

void onlooker::apply(one& by, place& c, const mode_change& change) {
    const auto* rank = find_rank(change.letter);
    const auto* row = find_channel_mode(change.letter);
    if (rank == nullptr && row == nullptr) return expect(false, "an unknown mode changes");
    const ranks mine = rules(by, c) ? ranks{founder} : c.rank(by);
    if (rank != nullptr) {
        auto& p = holder(change.value);
        expect(c.has(p), "a rank of somebody who is not there");
        auto& has = c.members[p.user].has;
        expect(may_grant(mine, rank->bit) || (!change.add && &p == &by), "a rank is given by who may not");
        expect(change.add || &p == &by || stands_over(mine, has), "a rank is taken by who may not");
        expect(((has & rank->bit) != 0) != change.add, "a rank changes that was so before");
        has ^= rank->bit;
    } else if (row->kind == mode_kind::flag) {
        expect(mine >= channel_operator, "a mode changes by who may not");
        expect(c.has(row->flag) != change.add, "a mode changes that was so before");
        c.flags ^= row->flag;
    } else if (row->kind == mode_kind::list) {
        expect(mine >= half_operator, "a list changes by who may not");
        auto& list = c.lists[change.letter];
        const bool was = std::erase(list, std::pair(change.value, change.fold)) != 0;
        expect(was != change.add, "a list changes that was so before");
        if (change.add) list.emplace_back(change.value, change.fold);
    } else {
        expect(mine >= channel_operator, "a mode changes by who may not");
        expect_value(c, change);
    }
}

void onlooker::expect_value(place& c, const mode_change& change) {
    if (change.letter == 'k') {
        expect(change.add ? c.key != change.value : c.key == change.value, "a key changes that was so before");
        c.key = change.add ? change.value : "";
        return;
    }
    auto& kept = change.letter == 'l' ? c.limit : c.slow_seconds;
    const auto value = change.add ? static_cast<std::uint32_t>(std::stoul(change.value)) : 0U;
    expect(kept != value && change.add == (value != 0), "a value changes that was so before");
    kept = value;
    if (change.letter == 'W') c.spoke.clear();
}

bool onlooker::is_silenced(const one& by, const one& p) {
    return std::ranges::any_of(by.silenced,
                               [&](const auto& mask) { return &by != &p && base::glob_match(mask, p.compared()); });
}

// ── what is said ────────────────────────────────────────────────────────────────────────────────────────────────────

bool onlooker::on_list(const one& p, const place& c, char letter, bool mutes) {
    constexpr std::string_view mute = "$m:";
    const auto list = c.lists.find(letter);
    if (list == c.lists.end()) return false;
    return std::ranges::any_of(list->second, [&](const auto& entry) {
        std::string_view fold = entry.second;
        if (fold.starts_with(mute) != mutes) return false;
        if (mutes) fold.remove_prefix(mute.size());
        if (fold.starts_with("$a:"))
            return !p.account.empty() && base::glob_match(fold.substr(3), base::fold(p.account));
        return base::glob_match(fold, p.compared());
    });
}
// Whether somebody is banned or muted, and not excepted.
bool onlooker::listed(const one& p, const place& c, bool mutes) {
    return on_list(p, c, 'b', mutes) && !on_list(p, c, 'e', false) && !(mutes && on_list(p, c, 'e', true));
}

void onlooker::expect_may_speak(const one& p, const place& c, speech kind) {
    if (rules(p, c)) return;
    expect(c.has(p) || !c.has(no_outside_messages), "somebody speaks from outside");
    expect((kind != speech::ctcp && kind != speech::ctcp_answer) || !c.has(no_ctcp), "programs speak where none may");
    if (c.rank(p) != 0) return;
    expect(!c.has(moderated), "somebody speaks without voice");
    expect(!c.has(registered_speak) || !p.account.empty(), "somebody speaks without an account");
    expect(!listed(p, c, false), "somebody speaks who is banned");
    expect(!listed(p, c, true), "somebody speaks who is muted");
}

void onlooker::on(const said& e) {
    auto& p = living(e.session);
    expect(p.user == e.user, "a message of another user");
    expect_shown(p, e.who);
    auto& c = at(e.channel);
    expect(c.name == e.channel_name, "a channel changes its name");
    expect_may_speak(p, c, e.what.kind);
    if (c.slow_seconds != 0 && c.has(p) && c.rank(p) == 0 && e.what.kind != speech::tags) {
        auto& spoke = c.members[p.user].spoke_ms;
        expect(spoke < 0 || spoke + std::int64_t{c.slow_seconds} * 1000 <= e.at_ms, "somebody speaks too soon");
        spoke = e.at_ms;
    }
    std::vector<session_id> to;
    for (const auto& [u, s] : c.members) {
        if (e.at_least == 0 || (highest(s.has) < e.at_least && u != p.user)) continue;
        const auto all = find_user(u)->but(e.session);
        to.insert(to.end(), all.begin(), all.end());
    }
    expect(e.to == to, "a message reaches others than it is for");
    expect_later(e.id, e.at_ms);
    const bool kept = options_.remembers && e.at_least == 0 && e.what.kind != speech::tags && c.keeps_past;
    expect_stored(e.id, e.who, e.what, e.at_ms, c.doubtful ? remembered_.has_value() : kept);
}
void onlooker::expect_stored(message_id id, const person& who, const message& what, std::int64_t at_ms, bool kept) {
    expect(remembered_.has_value() == kept,
           "a message that the store was not given just before, or need not have been");
    if (remembered_) {
        expect(remembered_->id == id && remembered_->who == who && remembered_->what == what &&
                   remembered_->at_ms == at_ms,
               "the store was given another message");
    }
    remembered_.reset();
}
void onlooker::on(const told& e) {
    const auto& p = living(e.session);
    expect_shown(p, e.who);
    const auto& to = holder(e.nick);
    auto all = is_silenced(to, p) ? std::vector<session_id>{} : to.sessions;
    const auto own = &to == &p ? std::vector<session_id>{} : p.but(e.session);
    all.insert(all.end(), own.begin(), own.end());
    expect(e.to == all, "a message to another");
    expect(!to.has(registered_tell) || &to == &p || p.has(server_operator) || !p.account.empty(),
           "a message without an account");
    expect_later(e.id, e.at_ms);
    expect_stored(e.id, e.who, e.what, e.at_ms, options_.remembers && e.what.kind != speech::tags);
}
void onlooker::on(const is_away& e) {
    const auto& p = holder(e.nick);
    expect(!e.text.empty() && (!p.away || *p.away == e.text), "away in another way than was told");
}
void onlooker::on(const called_out& e) {
    expect(living(e.session).has(server_operator), "everybody is told something by who may not");
    std::vector<session_id> to;
    for (const auto& [u, p] : people_) {
        if (p.has(hears_wallops)) to.insert(to.end(), p.sessions.begin(), p.sessions.end());
    }
    expect(e.to == to, "others are told than want to hear");
}
void onlooker::on(const remember& e) {
    expect(options_.remembers, "something for a store that there is not");
    expect(e.id > last_record_, "the numbers of records do not grow");
    last_record_ = e.id;
    if (const auto* said = std::get_if<entry_record>(&e.what)) {
        expect(said->what.id == e.id, "an entry with another number");
        const auto room = places_.find(said->channel);
        if (room != places_.end())
            expect(room->second.keeps_past || room->second.doubtful, "the past of a channel that keeps none");
        if (said->what.kind <= entry_kind::tags) remembered_ = said->what;
    }
    const auto* room = std::get_if<channel_record>(&e.what);
    if (room != nullptr && places_.contains(room->id))
        places_[room->id].keeps_past = room->history != history_policy::off;
    if (room != nullptr && room->gone) gone_.insert(room->id);
}
void onlooker::expect_later(message_id id, std::int64_t at_ms) {
    expect(id > last_message_, "message numbers do not grow");
    expect(at_ms >= last_ms_, "time goes back");
    last_message_ = id;
    last_ms_ = at_ms;
}

}  // namespace brusio::chat::test
