// What the property tests see a chat with: an onlooker who sees nothing but the effects, as a door does, and the order
// in which effects leave. Both say what is wrong in words.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {

// ── the onlooker ────────────────────────────────────────────────────────────────────────────────────────────────────

// Names by the rule of the issue, written anew: same when name or nick are equal; alike when one is not ASCII and a
// look of the one is a look of the other.
inline bool same_name(const identity& a, const identity& b) {
    return a.name_fold == b.name_fold || a.nick_fold == b.nick_fold;
}
inline bool alike(const identity& a, const identity& b) {
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

// Follows the effects in the order in which they would leave for the network, and says what is wrong with them.
class onlooker {
  public:
    explicit onlooker(settings options) : options_(std::move(options)) {}

    // Empty, or what is wrong.
    std::string see(const effect& e) {
        wrong_.clear();
        ++seen_[e.index()];
        std::visit([this](const auto& what) { on(what); }, e);
        return wrong_;
    }
    bool knows(session_id s) const { return people_.contains(s); }
    std::size_t people() const { return people_.size(); }
    // How often each kind of effect was seen, so that a test can show that it was not about nothing.
    const std::map<std::size_t, int>& seen() const { return seen_; }
    int seen_refusals(name_refusal why) const {
        const auto at = refusals_.find(why);
        return at == refusals_.end() ? 0 : at->second;
    }

  private:
    struct one {
        user_id user;
        identity who;
    };

    void fault(std::string_view what) {
        if (wrong_.empty()) wrong_ = what;
    }
    void expect(bool holds, std::string_view otherwise) {
        if (!holds) fault(otherwise);
    }
    // The person of a living session; a fault, and somebody empty, when there is none.
    const one& living(session_id s) {
        static const one nobody{};
        const auto at = people_.find(s);
        if (at != people_.end()) return at->second;
        fault("an effect names a session that is not there");
        return nobody;
    }
    void expect_shown(session_id s, const person& shown) {
        const auto& p = living(s);
        expect(shown == person{p.who.name, p.who.nick}, "somebody is shown under another name");
    }
    void expect_free(const identity& who, session_id self) {
        for (const auto& reserved : options_.reserved) {
            expect(!same_name(who, reserved) && !alike(who, reserved), "somebody has a reserved name");
        }
        for (const auto& [s, p] : people_) {
            if (s == self) continue;
            expect(!same_name(who, p.who), "two people have one name");
            expect(!alike(who, p.who), "two people look alike");
        }
    }
    void expect_refused_rightly(session_id self, const identity& who, name_refusal why, session_id holder) {
        ++refusals_[why];
        bool reserved = false;
        bool looks = false;
        for (const auto& name : options_.reserved) {
            reserved = reserved || same_name(who, name);
            looks = looks || alike(who, name);
        }
        for (const auto& [s, p] : people_) looks = looks || (s != self && alike(who, p.who));
        switch (why) {
            case name_refusal::reserved:
                return expect(reserved && !holder, "refused as reserved, which it is not");
            case name_refusal::looks_like_another:
                return expect(looks && !holder, "refused as a look-alike, which it is not");
            case name_refusal::taken:
                expect(holder != self, "refused because of oneself");
                return expect(same_name(who, living(holder).who), "refused as taken by somebody who has another name");
        }
    }
    bool is_in(user_id u, channel_id c) const {
        const auto at = members_.find(c);
        return at != members_.end() && at->second.contains(u);
    }

    void on(const logged_in& e) {
        expect(!knows(e.session), "a session logs in twice");
        expect(e.user > last_user_, "the number of a user was used before");
        last_user_ = std::max(last_user_, e.user);
        const auto id = who(e.who.name);
        expect_free(id, {});
        people_[e.session] = {e.user, id};
        expect_shown(e.session, e.who);
    }
    void on(const log_in_refused& e) {
        expect(!knows(e.session), "a log-in of somebody who is there is refused");
        expect(e.asked.session == e.session, "a refusal goes to another session");
        expect_refused_rightly(e.session, e.asked.who, e.why, e.holder);
    }
    void on(const renamed& e) {
        expect_shown(e.session, e.before);
        expect(living(e.session).user == e.user, "a rename of another user");
        const auto id = who(e.after.name);
        expect_free(id, e.session);
        if (wrong_.empty()) people_[e.session].who = id;
        expect_shown(e.session, e.after);
    }
    void on(const rename_refused& e) {
        living(e.session);
        expect(e.asked.session == e.session, "a refusal goes to another session");
        expect_refused_rightly(e.session, e.asked.who, e.why, e.holder);
    }
    void on(const joined& e) {
        expect_shown(e.session, e.who);
        expect(living(e.session).user == e.user, "a join of another user");
        expect(!is_in(e.user, e.channel), "somebody joins where they are");
        if (!members_.contains(e.channel)) {
            expect(e.channel > last_channel_ || e.channel == lobby_id, "the number of a channel was used before");
            expect(!numbers_.contains(base::fold(e.channel_name)), "two channels have one name");
        }
        last_channel_ = std::max(last_channel_, e.channel);
        const auto [at, made] = numbers_.try_emplace(base::fold(e.channel_name), e.channel);
        expect(made || at->second == e.channel, "a channel changes its number");
        members_[e.channel].insert(e.user);
    }
    void on(const parted& e) {
        expect_shown(e.session, e.who);
        expect(living(e.session).user == e.user, "a part of another user");
        expect(is_in(e.user, e.channel), "somebody parts from where they are not");
        auto& members = members_[e.channel];
        members.erase(e.user);
        if (!members.empty()) return;
        members_.erase(e.channel);
        std::erase_if(numbers_, [&](const auto& n) { return n.second == e.channel; });
    }
    void on(const said& e) {
        expect_shown(e.from, e.who);
        expect(living(e.from).user == e.user, "a message of another user");
        expect(is_in(e.user, e.channel), "somebody speaks where they are not");
        expect_later(e.id, e.at_ms);
        expect(!options_.remembers || remembered_ == e.id, "a message that the store was not given just before");
        remembered_ = {};
    }
    void on(const told& e) {
        expect_shown(e.from, e.who);
        living(e.to);
        expect_later(e.id, e.at_ms);
    }
    void on(const remember& e) {
        expect(options_.remembers, "a message for a store that there is not");
        expect(numbers_.contains(e.channel_fold), "a message to remember in a channel that there is not");
        remembered_ = e.id;
    }
    void on(const not_stored& e) { living(e.session); }
    void on(const no_such_nick& e) {
        living(e.session);
        const auto fold = base::fold(e.nick);
        for (const auto& [s, p] : people_) expect(p.who.nick_fold != fold, "somebody who is there is not found");
    }
    void on(const no_such_channel& e) { living(e.session); }
    void on(const who_is_here& e) {
        living(e.session);
        std::map<user_id, person> here;
        const auto number = numbers_.find(e.asked.channel.fold);
        for (const auto& [s, p] : people_) {
            if (number != numbers_.end() && is_in(p.user, number->second)) here[p.user] = {p.who.name, p.who.nick};
        }
        expect(e.total == here.size(), "the number of people in a channel is wrong");
        std::vector<person> slice;
        user_id last;
        auto at = here.upper_bound(e.asked.after);
        for (; at != here.end() && slice.size() < e.asked.limit; ++at) {
            slice.push_back(at->second);
            last = at->first;
        }
        expect(e.people == slice, "the answer to ask_who is not who is there");
        expect(e.more == (at == here.end() ? user_id{} : last), "the answer to ask_who does not go on where it ended");
    }
    void on(const door_asked& e) { living(e.session); }
    void on(const left& e) {
        expect_shown(e.session, e.who);
        expect(living(e.session).user == e.user, "another user leaves");
        for (const auto& [c, members] : members_) {
            expect(!members.contains(e.user), "somebody leaves the chat but not a channel");
        }
        people_.erase(e.session);
    }
    void expect_later(message_id id, std::int64_t at_ms) {
        expect(id > last_message_, "message numbers do not grow");
        expect(at_ms >= last_ms_, "time goes back");
        last_message_ = id;
        last_ms_ = at_ms;
    }

    settings options_;
    std::map<session_id, one> people_;
    std::map<channel_id, std::set<user_id>> members_;
    std::map<std::string, channel_id> numbers_;
    std::map<std::size_t, int> seen_;
    std::map<name_refusal, int> refusals_;
    user_id last_user_;
    channel_id last_channel_;
    message_id last_message_;
    message_id remembered_;
    std::int64_t last_ms_ = 0;
    std::string wrong_;
};

// ── the order of release ────────────────────────────────────────────────────────────────────────────────────────────

// What `node` does with effects, in its smallest form: a message and all that is behind it wait for the store's answer;
// of a refused message its sender's `not_stored` takes the place.
class release {
  public:
    explicit release(onlooker& eyes) : eyes_(eyes) {}

    // The effects of one command. Empty, or what is wrong.
    std::string take(const stamped& cause, const effects& out) {
        const auto* answer = std::get_if<store_answer>(&cause.what);
        if (answer == nullptr) {
            held_.insert(held_.end(), out.begin(), out.end());
            for (const auto& e : out) {
                if (const auto* r = std::get_if<remember>(&e)) unanswered_.insert(r->id);
                if (down_ && std::holds_alternative<remember>(e)) return "a message passes while the store is down";
            }
        } else if (auto wrong = answered(*answer, out); !wrong.empty()) {
            return wrong;
        }
        return let_go();
    }
    const std::set<message_id>& unanswered() const { return unanswered_; }

  private:
    std::string answered(const store_answer& answer, const effects& out) {
        down_ = answer.verdict != store_verdict::committed;
        if (answer.verdict == store_verdict::refused) {
            for (const auto& e : out) {
                const auto* n = std::get_if<not_stored>(&e);
                if (n == nullptr) return "a refusal has another effect than not_stored";
                if (unanswered_.erase(n->id) == 0) return "a message is refused that does not wait";
                if (!replace(*n)) return "a refusal goes to another than the sender";
            }
            return unanswered_.empty() ? "" : "a message waits on behind a refused one";
        }
        if (!out.empty()) return "an answer of the store that is no refusal has an effect";
        if (answer.verdict == store_verdict::committed) {
            unanswered_.erase(unanswered_.begin(), unanswered_.upper_bound(answer.up_to));
        }
        return {};
    }
    bool replace(const not_stored& n) {
        std::erase_if(held_, [&](const effect& e) {
            const auto* r = std::get_if<remember>(&e);
            return r != nullptr && r->id == n.id;
        });
        for (auto& e : held_) {
            const auto* s = std::get_if<said>(&e);
            if (s == nullptr || s->id != n.id) continue;
            if (s->from != n.session) return false;
            e = n;
            return true;
        }
        return false;
    }
    std::string let_go() {
        while (!held_.empty()) {
            const auto* r = std::get_if<remember>(&held_.front());
            if (r != nullptr && unanswered_.contains(r->id)) break;
            if (auto wrong = eyes_.see(held_.front()); !wrong.empty()) return wrong;
            held_.pop_front();
        }
        return {};
    }

    onlooker& eyes_;
    std::deque<effect> held_;
    std::set<message_id> unanswered_;
    bool down_ = false;
};

}  // namespace brusio::chat::test
