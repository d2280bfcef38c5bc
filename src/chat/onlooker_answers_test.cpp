// What the onlooker expects of answers: nothing else than was told before, and nothing that the asker may not see.
#include <algorithm>

#include "chat/onlooker_test.hpp"

namespace brusio::chat::test {

// ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const refused& e) {
    ++refusals_[e.why];
    auto& p = living(e.session);
    const auto* other = find_nick(e.nick);
    const auto* c = find_place(e.channel);
    const bool inside = c != nullptr && c->has(p);
    const auto flag = [&](channel_flags f, std::string_view otherwise) {
        expect(c != nullptr && c->has(f), otherwise);
    };
    switch (e.why) {
        case refusal::no_such_nick:
            return expect(other == nullptr, "somebody who is there is not found");
        case refusal::no_such_channel:
            return expect(c == nullptr || c->members.empty() || (c->has(secret) && !inside),
                          "a channel that is there is not found");
        case refusal::not_a_member:
            return expect(c != nullptr && !inside, "a member is taken for none");
        case refusal::they_are_not_a_member:
            return expect(c != nullptr && other != nullptr && !c->has(*other), "another member is taken for none");
        case refusal::already_a_member:
            return expect(c != nullptr && other != nullptr && c->has(*other), "somebody is taken for a member");
        case refusal::channel_is_full:
            return expect(c != nullptr && c->limit != 0 && c->members.size() >= c->limit, "a channel is not full");
        case refusal::channel_is_invite_only:
            return flag(invite_only, "no invitation is needed");
        case refusal::banned_from_channel:
            return expect(c != nullptr && listed(p, *c, false), "somebody is not banned");
        case refusal::wrong_key:
            return expect(c != nullptr && !c->key.empty(), "no key is needed");
        case refusal::channel_needs_account:
            return flag(registered_join, "no account is needed");
        case refusal::cannot_speak_outside:
            flag(no_outside_messages, "outsiders may speak");
            return expect(!inside, "a member is taken for an outsider");
        case refusal::cannot_speak_moderated:
            flag(moderated, "everybody may speak");
            return expect(!inside || c->rank(p) == 0, "who has a rank may speak");
        case refusal::cannot_speak_without_account:
            return flag(registered_speak, "no account is needed");
        case refusal::cannot_speak_ctcp:
            return flag(no_ctcp, "programs may be asked");
        case refusal::cannot_speak_banned:
            return expect(c != nullptr && listed(p, *c, false), "somebody is not banned");
        case refusal::cannot_speak_muted:
            return expect(c != nullptr && listed(p, *c, true), "somebody is not muted");
        case refusal::cannot_speak_so_fast:
            return expect(inside && c->slow_seconds != 0 && c->rank(p) == 0, "everybody may speak fast");
        case refusal::needs_channel_operator:  // who may, but for a resignation that is told after the refusals
        case refusal::needs_higher_rank:
            return expect(c != nullptr && !rules(p, *c), "an operator of the server may");
        case refusal::needs_server_operator:
            return expect(!p.has(server_operator), "an operator of the server may");
        case refusal::no_private_messages_without_account:
            return expect(other != nullptr && other->has(registered_tell), "no account is needed");
        case refusal::channel_name_in_use:
            return expect(find_place(e.detail) != nullptr, "a name is free");
        case refusal::channel_has_that_name:
            return expect(c != nullptr && c->name == e.detail, "a channel has another name");
        case refusal::channel_is_permanent:
            return expect(c != nullptr && c->id == lobby_id, "only the lobby cannot change");
        default:
            return;
    }
}

// ── members ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const names_are& e) {
    const auto& asker = living(e.session);
    const auto* c = find_place(e.asked.channel.name);
    if (c == nullptr || c->members.empty() || !sees(asker, *c)) {
        if (c != nullptr && c->members.empty())
            return expect(e.people.empty() && e.total == 0, "people are where nobody is");
        return expect(e.people.empty() && e.total == 0 && !e.more && !e.secret, "outsiders see a channel");
    }
    expect(e.asked.channel.name == c->name && e.secret == c->has(secret), "names of another channel");
    expect(e.total == c->members.size(), "the number of people in a channel is wrong");
    const bool inside = c->has(asker) || asker.has(server_operator);
    std::vector<person> here;  // those up to the end of the slice, of which it has the last
    bool more = false;
    for (const auto& [u, s] : c->members) {
        const auto& p = *find_user(u);
        if (u > e.asked.after) {
            more = true;
        } else if (inside || !p.has(invisible)) {
            here.push_back(p.shown());
        }
    }
    expect(e.more == more, "an answer ends too soon, or not");
    expect(e.people.size() <= e.asked.limit && e.people.size() <= here.size(), "a slice is too big");
    if (!wrong_.empty()) return;
    if (e.first) expect(e.people.size() == here.size(), "a first slice does not begin at the beginning");
    for (std::size_t i = 0; i < e.people.size(); ++i) {
        const auto& entry = e.people[e.people.size() - 1 - i];
        const auto& p = holder(entry.who.nick());
        expect(entry.who == here[here.size() - 1 - i], "the names of a channel are not those who are there");
        expect(entry.has == c->members.at(p.user).has, "another rank than was told");
        expect(!p.away || entry.away == !p.away->empty(), "away in another way than was told");
    }
}

void onlooker::on(const who_are& e) {
    const auto& asker = living(e.session);
    const auto* asked = e.asked.channel ? find_place(e.asked.channel->name) : nullptr;
    if (e.asked.channel && (asked == nullptr || !sees(asker, *asked))) {
        return expect(e.people.empty() && !e.more, "outsiders see a channel");
    }
    for (const auto& entry : e.people) {
        const auto& p = holder(entry.who.nick());
        expect_shown(p, entry.who);
        expect(!p.away || entry.away == !p.away->empty(), "away in another way than was told");
        expect(entry.server_operator == p.has(server_operator), "other modes than were told");
        expect(!e.asked.operators || entry.server_operator, "only operators were asked for");
        expect(entry.address.empty() || &p == &asker || asker.has(server_operator), "an address is given away");
        const auto* c = find_place(entry.channel);
        if (asked != nullptr) expect(c == asked, "somebody from another channel");
        if (entry.channel.empty()) continue;
        expect(c != nullptr && sees(asker, *c) && c->has(p), "somebody is where they are not, or in secret");
        if (c == nullptr || !c->has(p)) continue;
        expect(entry.has == c->members.at(p.user).has, "another rank than was told");
        expect(!p.has(invisible) || c->has(asker) || asker.has(server_operator), "somebody invisible is seen");
    }
}

void onlooker::on(const whois_is& e) {
    const auto& asker = living(e.session);
    const auto* p = find_nick(e.asked);
    expect(e.found == (p != nullptr), "somebody is found who is not there, or the reverse");
    if (p == nullptr || !e.found) return;
    const bool open = p == &asker || asker.has(server_operator);
    expect_shown(*p, e.who);
    expect(!p->away || *p->away == e.away, "away in another way than was told");
    expect(e.server_operator == p->has(server_operator) && e.secure == p->has(secure), "other modes than were told");
    expect(open ? e.modes == p->modes : e.modes == 0 && e.address.empty() && e.certificate.empty(),
           "something is given away");
    std::vector<whois_is::seat> seats;
    for (const auto& [id, c] : places_) {
        const bool shown = c.has(asker) || asker.has(server_operator) || !(c.has(secret) || p->has(invisible));
        if (c.has(*p) && shown) seats.push_back({c.name, c.members.at(p->user).has});
    }
    expect(e.channels == seats, "somebody is in other channels than was told, or in secret");
}

void onlooker::on(const whowas_is& e) {
    for (const auto& was : e.people) {
        expect(base::fold(was.who.nick()) == base::fold(e.asked), "somebody else was here");
        expect(was.address.empty() || living(e.session).has(server_operator), "an address is given away");
    }
}
void onlooker::on(const present_are& e) {
    for (const auto& one : e.people) {
        const auto& p = holder(one.nick);
        expect(one.host == p.user_at_host && one.server_operator == p.has(server_operator), "somebody is another");
        expect(!p.away || one.away == !p.away->empty(), "away in another way than was told");
    }
}
void onlooker::on(const operators_are& e) {
    std::size_t all = 0;
    for (const auto& [u, p] : people_) all += p.has(server_operator) ? 1U : 0U;
    expect(e.people.size() == all, "other operators than were told");
    for (const auto& o : e.people) {
        expect(holder(o.who.nick()).has(server_operator), "other operators than were told");
    }
}
void onlooker::on(const counts_are& e) { expect(e.count == counts(), "people are counted wrongly"); }

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const channels_are& e) {
    const auto& asker = living(e.session);
    for (const auto& entry : e.channels) {
        const auto* c = find_place(entry.name);
        expect(c != nullptr && !c->members.empty() && sees(asker, *c), "a channel is listed that is not there");
        if (c == nullptr) return;
        expect(entry == channel_entry{c->name, c->members.size(), c->now.text}, "another channel than was told");
        expect(!e.asked.more_than || entry.members > *e.asked.more_than, "a channel is too small");
        expect(!e.asked.less_than || entry.members < *e.asked.less_than, "a channel is too big");
    }
    auto unasked = e.asked;
    unasked.after = {};
    if (unasked != ask_channels{.session = e.session, .limit = e.asked.limit} || !e.first || e.more) return;
    const auto all = std::ranges::count_if(
        places_, [&](const auto& one) { return !one.second.members.empty() && sees(asker, one.second); });
    expect(static_cast<std::size_t>(all) == e.channels.size(), "a channel is not listed");
}
void onlooker::on(const topic_is& e) {
    const auto* c = find_place(e.channel);
    expect(c != nullptr && c->name == e.channel && sees(living(e.session), *c), "a topic of what is not there");
    if (c != nullptr) expect(e.now == c->now, "another topic than was told");
}
void onlooker::on(const modes_are& e) {
    const auto& asker = living(e.session);
    const auto* c = find_place(e.channel);
    expect(c != nullptr && sees(asker, *c), "modes of what is not there");
    if (c == nullptr) return;
    channel_flags flags = 0;
    std::map<char, std::string> values;
    for (const auto& m : e.modes) {
        const auto* row = find_channel_mode(m.letter);
        expect(m.add && row != nullptr, "a mode that is none");
        if (row == nullptr) return;
        row->flag != 0 ? void(flags |= row->flag) : void(values[m.letter] = m.value);
    }
    const bool inside = c->has(asker) || asker.has(server_operator);
    expect(flags == c->flags, "other modes than were told");
    expect(values['l'] == (c->limit == 0 ? "" : std::to_string(c->limit)), "another limit than was told");
    expect(values['W'] == (c->slow_seconds == 0 ? "" : std::to_string(c->slow_seconds)), "slower than was told");
    expect(values['k'] == (c->key.empty() || inside ? c->key : "*"), "another key than was told, or given away");
}
void onlooker::on(const list_is& e) {
    const auto& asker = living(e.session);
    auto* c = find_place(e.channel);
    expect(c != nullptr && sees(asker, *c), "a list of what is not there");
    if (c == nullptr) return;
    expect(e.letter == 'b' || rules(asker, *c) || c->rank(asker) >= half_operator, "a list is shown to who may not");
    const auto& list = c->lists[e.letter];
    const auto same = [](const auto& one, const auto& other) { return one.mask == other.first; };
    expect(std::ranges::equal(e.entries, list, same), "another list than was told");
}
void onlooker::on(const invitations_are& e) {
    for (const auto& name : e.channels) {
        const auto* c = find_place(name);
        expect(c != nullptr && !c->has(living(e.session)), "an invitation to nowhere, or to where one is");
    }
}

}  // namespace brusio::chat::test
