// What the onlooker expects of people: names, modes, who watches whom, coming and going.
#include <algorithm>

#include "base/glob.hpp"
#include "chat/onlooker_test.hpp"

namespace brusio::chat::test {
namespace {

// Names by the rule of the issue, written anew: same when name or nick are equal; alike when one is not ASCII and a
// look of the one is a look of the other.
bool same_name(const identity& a, const identity& b) {
    return a.name_fold == b.name_fold || a.nick_fold == b.nick_fold;
}
bool alike(const identity& a, const identity& b) {
    if (a.ascii && b.ascii) return false;
    const auto looks = [](const identity& i) {
        std::set<std::string> all{i.skeleton};
        if (!i.cased_skeleton.empty()) all.insert(i.cased_skeleton);
        return all;
    };
    for (const auto& look : looks(a)) {
        if (looks(b).contains(look)) return true;
    }
    return false;
}
std::string user_at_host(const person& p) { return p.mask.substr(p.mask.find('!') + 1); }

}  // namespace

onlooker::onlooker(settings options) : options_(std::move(options)) {
    if (options_.lobby) places_[lobby_id] = {.id = lobby_id, .name = options_.lobby->name};
    last_channel_ = options_.lobby ? lobby_id : channel_id{};
}

person onlooker::one::shown() const { return {who.name, who.nick + "!" + user_at_host, account, has(bot)}; }
std::string onlooker::one::compared() const { return who.nick_fold + "!" + base::fold(user_at_host); }
std::vector<session_id> onlooker::one::but(session_id s) const {
    auto others = sessions;
    std::erase(others, s);
    return others;
}

std::string onlooker::see(const effect& e) {
    wrong_.clear();
    ++seen_[e.index()];
    expect_order(e);
    std::visit([this](const auto& what) { expect_living(what), on(what); }, e);
    return wrong_;
}

template <class E>
void onlooker::expect_living(const E& e) {
    constexpr bool before_log_in = std::is_same_v<E, log_in_refused> || std::is_same_v<E, not_let_in>;
    // Of who may be no session of the chat's: those who register before they log in, and the administrator.
    constexpr bool anybody = std::is_same_v<E, done> || std::is_same_v<E, account_refused> ||
                             std::is_same_v<E, account_is> || std::is_same_v<E, accounts_are> ||
                             std::is_same_v<E, registration_is> || std::is_same_v<E, not_stored>;
    if constexpr (before_log_in || std::is_same_v<E, logged_in>) {
        expect(!sessions_.contains(e.session), "a session logs in that is there");
    } else {
        if constexpr (!anybody && requires { e.session; }) {
            if (e.session && !is_administrator(e.session)) living(e.session);
        }
        if constexpr (requires { e.to; }) {
            for (const auto s : e.to) living(s);
        }
        if constexpr (requires { e.watchers; }) {
            for (const auto s : e.watchers) living(s);
        }
    }
}

void onlooker::expect_order(const effect& e) {
    const auto* gone = std::get_if<left>(&e);
    const auto* renames = std::get_if<renamed>(&e);
    const auto* went = std::get_if<came_or_went>(&e);
    if (!going_.empty() && !std::holds_alternative<remember>(e)) {
        const auto* who = gone != nullptr ? &gone->who : renames != nullptr ? &renames->before : nullptr;
        expect(who != nullptr && base::fold(who->nick()) == going_, "told to have gone, and has not");
        going_.clear();
    }
    if (ending_) {
        const bool between = (went != nullptr && !went->here) || std::holds_alternative<away_set>(e) ||
                             std::holds_alternative<remember>(e) || std::holds_alternative<parted>(e);
        expect((gone != nullptr && gone->session == ending_) || between, "a session was told to end, and has not");
        if (!between) ending_ = {};
    }
}

onlooker::one& onlooker::living(session_id s) {
    const auto found = sessions_.find(s);
    if (found != sessions_.end()) return people_.at(found->second.user);
    expect(false, "an effect names a session that is not there");
    static one nobody;
    return nobody = {};
}
onlooker::one* onlooker::find_nick(std::string_view nick) {
    const auto fold = base::fold(nick);
    for (auto& [u, p] : people_) {
        if (p.who.nick_fold == fold) return &p;
    }
    return nullptr;
}
onlooker::one* onlooker::find_user(user_id u) {
    const auto found = people_.find(u);
    return found == people_.end() ? nullptr : &found->second;
}
onlooker::one& onlooker::holder(std::string_view nick) {
    auto* p = find_nick(nick);
    return p != nullptr ? *p : living({});
}

void onlooker::expect_shown(const one& p, const person& shown) {
    expect(shown == p.shown(), "somebody is shown as another");
}
void onlooker::expect_about(session_id s, user_id u, const std::vector<session_id>& sessions, const person& shown) {
    const auto& p = living(s);
    expect(p.user == u && sessions == p.sessions, "an effect about another user");
    expect_shown(p, shown);
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::expect_free(const identity& who, user_id self) {
    for (const auto& reserved : options_.reserved) {
        expect(!same_name(who, reserved) && !alike(who, reserved), "somebody has a reserved name");
    }
    for (const auto& [u, p] : people_) {
        if (u == self) continue;
        expect(!same_name(who, p.who), "two people have one name");
        expect(!alike(who, p.who), "two people look alike");
    }
}

void onlooker::expect_refused_rightly(user_id self, const identity& who, name_refusal why, session_id holder) {
    ++name_refusals_[why];
    bool reserved = false;
    bool looks = false;
    for (const auto& name : options_.reserved) {
        reserved = reserved || same_name(who, name);
        looks = looks || alike(who, name);
    }
    for (const auto& [u, p] : people_) looks = looks || (u != self && alike(who, p.who));
    const bool registered = std::ranges::any_of(registered_, [&](const auto& r) { return same_name(who, r); });
    for (const auto& name : registered_) looks = looks || alike(who, name);
    switch (why) {
        case name_refusal::reserved:
            return expect(reserved && !holder, "refused as reserved, which it is not");
        case name_refusal::looks_like_another:
            return expect((looks || lost_something_) && !holder, "refused as a look-alike, which it is not");
        case name_refusal::registered:
            return expect((registered || lost_something_) && !holder, "refused as registered, which it is not");
        case name_refusal::taken:
            if (!holder) {
                const auto absent = [&](const auto& one) {
                    return one.second.sessions.empty() && same_name(who, one.second.who);
                };
                return expect(std::ranges::any_of(people_, absent), "refused as taken by nobody");
            }
            expect(living(holder).user != self, "refused because of oneself");
            return expect(same_name(who, living(holder).who), "refused as taken by somebody who has another name");
    }
}

void onlooker::on(const logged_in& e) {
    expect(!account_required_ || !e.who.account.empty(), "somebody is let in without the account that is required");
    sessions_[e.session] = {.user = e.user, .watched = {}};
    if (e.attached) {
        auto* p = find_user(e.user);
        expect(p != nullptr && !p->account.empty(), "a session comes to somebody who has no account, or is not there");
        if (p == nullptr) return;
        p->sessions.push_back(e.session);
        p->modes = e.modes | (p->modes & secure);
        if (p->sessions.size() == 1) p->modes = e.modes;
        return expect_shown(*p, e.who);
    }
    expect(e.user > last_user_, "the number of a user was used before");
    last_user_ = std::max(last_user_, e.user);
    const auto id = who(e.who.name);
    expect_free(id, {});
    auto& p = people_[e.user];
    p = {.sessions = {e.session},
         .user = e.user,
         .account = e.who.account,
         .who = id,
         .user_at_host = user_at_host(e.who),
         .modes = e.modes};
    expect((e.modes & ~secure) == 0, "somebody begins with a mode");
    expect_shown(p, e.who);
    expect(e.count == counts(), "people are counted wrongly");
}
void onlooker::on(const log_in_refused& e) {
    expect(e.asked.session == e.session, "a refusal goes to another session");
    expect_refused_rightly({}, e.asked.who, e.why, e.holder);
}
void onlooker::on(const not_let_in& e) {
    expect(!e.need_account || !e.channel_says, "an account would not help against a channel");
}
void onlooker::on(const renamed& e) {
    expect_about(e.session, e.user, e.sessions, e.before);
    auto& p = living(e.session);
    expect(e.channels == places_of(p), "a rename is told elsewhere");
    const auto id = who(e.after.name);
    expect_free(id, e.user);
    p.who = id;
    expect_shown(p, e.after);
}
void onlooker::on(const rename_refused& e) {
    expect(e.asked.session == e.session, "a refusal goes to another session");
    expect_refused_rightly(living(e.session).user, e.asked.who, e.why, e.holder);
}

// ── what people are ─────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const away_set& e) {
    auto& p = e.session ? living(e.session) : holder(e.who.nick());
    expect_shown(p, e.who);
    if (!e.session) {
        expect(p.sessions.empty() || p.sessions.size() == 1, "somebody who is there is absent, or the reverse");
        expect(e.channels == places_of(p), "away is told elsewhere");
        p.away = e.text;
        return;
    }
    if (p.away) expect((*p.away == e.text) == e.sessions.empty(), "away is told twice, or not at all");
    if (!e.sessions.empty()) expect(e.channels == places_of(p), "away is told elsewhere");
    p.away = e.text;
}
void onlooker::on(const real_name_set& e) {
    expect_about(e.session, living(e.session).user, e.sessions, e.who);
    expect(e.channels == places_of(living(e.session)), "a real name is told elsewhere");
}
void onlooker::on(const host_set& e) {
    auto& p = holder(e.before.nick());
    expect(e.session ? living(e.session).has(server_operator) : p.sessions.empty(),
           "a host is set by somebody who may not");
    expect_shown(p, e.before);
    if (e.before == e.after) {
        return expect(e.sessions.empty() && e.channels.empty() && e.watchers.empty(), "a host is told that was so");
    }
    expect(e.sessions == p.sessions && e.channels == places_of(p), "a host is told elsewhere");
    p.user_at_host = user_at_host(e.after);
    expect_shown(p, e.after);
}
void onlooker::on(const host_shown& e) {
    auto& p = holder(e.who.nick());
    expect_shown(p, e.who);
    expect(p.user == e.user && e.sessions == p.sessions, "the host of another user");
    const auto& c = at(e.channel);
    expect(c.name == e.channel_name && c.has(p), "somebody is shown where they are not");
    if (c.has(p)) expect(e.has == c.members.at(p.user).has, "another rank than was told");
    if (p.away) expect(*p.away == e.away, "away in another way than was told");
}
void onlooker::on(const own_modes_changed& e) {
    auto& p = living(e.session);
    expect((e.set & p.modes) == 0 && (e.unset & ~p.modes) == 0, "a mode changes that was so before");
    expect((e.set | e.unset) != 0, "nothing changes");
    p.modes = (p.modes | e.set) & ~e.unset;
    if (e.unset == secure) return expect(e.sessions == p.but(e.session), "told to others than the rest");
    expect_about(e.session, p.user, e.sessions, e.who);
}
void onlooker::on(const own_modes_are& e) { expect(e.modes == living(e.session).modes, "other modes than were told"); }
void onlooker::on(const silence_changed& e) {
    auto& p = living(e.session);
    expect_about(e.session, p.user, e.sessions, e.who);
    const auto fold = base::fold(e.mask);
    const bool was = std::erase(p.silenced, fold) != 0;
    expect(was != e.add, "a mask is silenced that was so before");
    if (e.add) p.silenced.push_back(fold);
}
void onlooker::on(const silence_is& e) {
    expect(e.masks.size() == living(e.session).silenced.size(), "other masks are silenced than were told");
}

// ── coming and going ────────────────────────────────────────────────────────────────────────────────────────────────

void onlooker::on(const left& e) {
    auto* p = find_user(e.user);
    expect(p != nullptr, "somebody leaves who is not there");
    if (p == nullptr) return;
    expect_shown(*p, e.who);
    expect(!e.session || living(e.session).user == e.user, "another user leaves");
    if (e.session) forget_session(e.session);
    expect(!e.last || p->sessions.empty(), "a user goes who has a session");
    if (!e.last) {
        expect(e.channels.empty(), "a session leaves, and its user goes");
        expect(!p->sessions.empty() || !p->account.empty(), "nobody is there any more");
        if (p->sessions.empty()) p->modes &= ~user_flags{server_operator};
        return;
    }
    expect(e.channels == places_of(*p), "who leaves was elsewhere");
    for (const auto c : e.channels) leave_place(e.user, at(c));
    people_.erase(e.user);
}
void onlooker::forget_session(session_id s) {
    std::erase(living(s).sessions, s);
    sessions_.erase(s);
    subscribed_.erase(s);
    std::erase_if(markers_, [&](const auto& one) {
        return one.first.first == std::to_string(s.node) + "/" + std::to_string(s.counter);
    });
}
void onlooker::on(const ended& e) {
    expect(e.to.size() == 1, "not one session is ended");
    if (e.to.size() == 1) ending_ = e.to.front();
}
void onlooker::on(const came_or_went& e) {
    expect_shown(holder(e.who.nick()), e.who);
    const auto fold = base::fold(e.who.nick());
    if (!e.here) going_ = fold;
    for (const auto s : e.to) {
        living(s);
        auto& known = sessions_[s].watched[fold];
        expect(known != e.here, "told what was told before");
        known = e.here;
    }
}
void onlooker::on(const monitored& e) {
    living(e.session);
    auto& watcher = sessions_[e.session];
    for (const auto& w : e.nicks) {
        const auto* p = find_nick(w.nick);
        if (e.what == list_action::list) continue;
        expect(w.mask == (p == nullptr ? std::string() : p->shown().mask), "monitored wrongly");
        const auto fold = base::fold(w.nick);
        if (e.what == list_action::status) {
            expect(watcher.watched.contains(fold) && watcher.watched[fold] == !w.mask.empty(),
                   "somebody came or went and it was not told");
        }
        watcher.watched[fold] = !w.mask.empty();
    }
}
void onlooker::on(const kill_done& e) { holder(e.nick); }

head_count onlooker::counts() {
    head_count n{.users = people_.size()};
    for (const auto& [u, p] : people_) {
        n.invisible += p.has(invisible) ? 1U : 0U;
        n.operators += p.has(server_operator) ? 1U : 0U;
    }
    for (const auto& [id, c] : places_) n.channels += c.members.empty() ? 0U : 1U;
    most_users_ = std::max<std::uint64_t>(most_users_, n.users);
    n.most_users = most_users_;
    return n;
}

}  // namespace brusio::chat::test
