// What the onlooker expects of accounts, of the past, and of metadata.
#include <algorithm>

#include "chat/onlooker_test.hpp"

namespace brusio::chat::test {

// ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const account_set& e) {
    auto& p = living(e.session);
    const bool other = p.account != e.who.account;
    p.account = e.who.account;
    expect_shown(p, e.who);
    expect(e.sessions == p.sessions && e.channels == places_of(p), "an account is told elsewhere");
    expect(!other || p.account.empty() || p.sessions.size() == 1,
           "others go over to an account that they have not shown");
}
void onlooker::on(const done& e) {
    const bool named = e.what == deed::account_registered || e.what == deed::account_needs_code;
    if (named) registered_.push_back(who(e.name));
    if (e.what == deed::nick_grouped) registered_.push_back(who(e.detail));
    if (e.what == deed::ghost_gone) holder(e.detail);
    if (e.what == deed::account_dropped) forget_markers(e.name);
}
// Of an account it may have been that it is gone.
void onlooker::on(const not_stored& e) {
    if (e.channel_name.starts_with('#')) {
        if (auto* c = find_place(e.channel_name); c != nullptr) c->doubtful = true;
        return;
    }
    lost_something_ = true;
    forget_markers(e.channel_name);
}
void onlooker::forget_markers(std::string_view account) {
    std::erase_if(markers_, [&](const auto& one) { return one.first.first == "account " + base::fold(account); });
}
void onlooker::on(const account_is& e) {
    if (e.session && !is_administrator(e.session)) living(e.session);
    expect(e.owner || (e.sessions.empty() && e.credentials.empty() && e.account.email.empty() && e.channels.empty()),
           "somebody else's account is given away");
    for (const auto& c : e.credentials) expect(c.secret.empty() && c.scram.empty(), "a secret is told");
    for (const auto& s : e.sessions)
        expect(base::fold(living(s.id).account) == e.account.name.fold, "another's session");
}
void onlooker::on(const accounts_are& e) { expect(is_administrator(e.session), "all accounts are told to somebody"); }
void onlooker::on(const registration_is& e) {
    const auto* c = find_place(e.channel);
    expect(c != nullptr, "a channel is registered that is not there");
    if (c == nullptr || is_administrator(e.session)) return;
    const auto& asker = living(e.session);
    expect(sees(asker, *c) || base::fold(asker.account) == base::fold(e.founder), "outsiders see a channel");
}
void onlooker::on(const seated& e) {
    const auto& p = living(e.session);
    const auto& c = at(e.channel);
    expect_shown(p, e.who);
    expect(p.user == e.user && c.has(p) && c.name == e.channel_name, "somebody is seated where they are not");
    if (c.has(p)) expect(c.members.at(p.user).has == e.has, "another rank than was told");
}

// ── the past ────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::expect_readable(const one& p, const past_granted::part& part) {
    expect(options_.remembers, "a past that nobody keeps");
    if (!part.channel) return expect(static_cast<bool>(part.owner), "the past of nobody in particular");
    const auto& c = at(part.channel);
    expect(c.has(p) && c.name == part.name, "outsiders may read the past of a channel");
}
void onlooker::on(const past_granted& e) {
    for (const auto& part : e.parts) expect_readable(living(e.session), part);
}
void onlooker::on(const redaction_asked& e) { expect_readable(living(e.session), e.part); }
void onlooker::on(const redacted& e) {
    const auto& p = living(e.session);
    expect_shown(p, e.by);
    expect_later(e.id, e.at_ms);
    if (e.channel) {
        expect(at(e.channel).has(p), "outsiders take back what was said in a channel");
    } else {
        expect(std::ranges::find(e.to, e.session) != e.to.end(), "who takes something back is not told");
    }
}
void onlooker::on(const marker_is& e) {
    const auto& p = living(e.session);
    const auto whose = !p.account.empty() ? "account " + base::fold(p.account)
                                          : std::to_string(e.session.node) + "/" + std::to_string(e.session.counter);
    auto& known = markers_[{whose, base::fold(e.target)}];
    expect(e.at_ms >= known, "somebody has read less than they had");
    expect(e.at_ms == known || !e.to.empty() || p.account.empty() || lost_something_,
           "a marker changes and it is not told");
    for (const auto s : e.to) expect(living(s).account == p.account, "a marker is told to others");
    known = e.at_ms;
}

// ── metadata ────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const metadata_is& e) {
    const auto& p = living(e.session);
    for (const auto& part : e.parts) {
        const auto* c = part.target.starts_with('#') ? find_place(part.target) : nullptr;
        if (!part.target.starts_with('#')) {
            holder(part.target);
        } else if (c == nullptr || !sees(p, *c)) {
            expect(false, "metadata of what is not there");
        } else if (!c->has(p) && (c->has(invite_only) || c->has(secret) || !c->key.empty())) {
            // Operators of the server may set a lobby's from outside.
            expect(e.asked.what == metadata_action::set || e.asked.what == metadata_action::clear,
                   "outsiders read the metadata of a closed channel");
        }
        for (const auto& v : part.values) {
            expect(v.value.size() <= metadata_value_bytes_max, "a value is too long");
            const bool subscribed = subscribed_[e.session].contains(v.key);
            expect(e.asked.what != metadata_action::sync || subscribed, "told of a key that nobody subscribed to");
        }
    }
}
void onlooker::on(const metadata_changed& e) {
    const auto* c = e.target.starts_with('#') ? find_place(e.target) : nullptr;
    for (const auto s : e.to) {
        const auto& p = living(s);
        expect(s != e.session, "told of what one has done oneself");
        const bool own = c == nullptr && &holder(e.target) == &p;
        expect(own || subscribed_[s].contains(e.now.key), "told of a key that nobody subscribed to");
        if (c != nullptr) expect(c->has(p), "outsiders hear of a channel's metadata");
        if (c != nullptr || own) continue;
        const auto theirs = places_of(holder(e.target));
        const auto& watched = sessions_[s].watched;
        const bool shares = std::ranges::any_of(theirs, [&](channel_id id) { return at(id).has(p); });
        expect(shares || watched.contains(base::fold(e.target)), "a stranger hears of somebody's metadata");
    }
}
void onlooker::on(const subscriptions_are& e) {
    living(e.session);
    auto& known = subscribed_[e.session];
    if (e.what == list_action::add) {
        known.insert(e.keys.begin(), e.keys.end());
    } else if (e.what == list_action::remove) {
        for (const auto& key : e.keys) known.erase(key);
    } else if (e.what == list_action::clear) {
        known.clear();
    }
    expect(known.size() <= metadata_subscriptions_max, "too many subscriptions");
    if (e.what == list_action::list) {
        expect(std::set(e.keys.begin(), e.keys.end()) == known, "other subscriptions than were told");
    }
}

}  // namespace brusio::chat::test
