// Who hears each command and what follows from it, at once, and keeps their own books of accounts: who has which name,
// by what it is shown, who is suspended. By these books nobody comes in as somebody else.
#pragma once

#include <map>
#include <set>
#include <string>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {

class notary {
  public:
    // Empty, or what is wrong.
    std::string see(const stamped& cause, const effects& out, const state& chat) {
        chat_ = &chat;
        wrong_.clear();
        now_ms_ = std::max(now_ms_, cause.at_ms);
        std::visit([&](const auto& c) { note(c, out); }, cause.what);
        for (const auto& e : out) {
            std::visit([&](const auto& what) { on(what, cause); }, e);
        }
        return wrong_;
    }
    // How often somebody came in as an account, so that a test can show that it was not about nothing.
    int attached() const { return attached_; }
    int came_as() const { return came_as_; }
    int turned_away() const { return turned_away_; }

  private:
    struct book {
        account_id id;
        std::string name;             // folded
        std::set<std::string> nicks;  // folded
        std::vector<credential_record> credentials;
        std::uint64_t epoch = 1;
        bool suspended = false;
        bool unproved = false;
        std::int64_t since_ms = 0;
    };
    struct here {
        std::string nick;     // folded
        std::string account;  // folded
        std::set<session_id> sessions;
    };

    void expect(bool holds, std::string_view otherwise) {
        if (!holds && wrong_.empty()) wrong_ = otherwise;
    }
    book* find(std::string_view fold) {
        for (auto& [name, b] : books_) {
            if (name == fold || b.nicks.contains(std::string(fold))) return &b;
        }
        return nullptr;
    }
    // Whose account the proof shows, when it counts.
    book* shown_by(const proof& p) {
        for (auto& [name, b] : books_) {
            if (b.id != p.account || b.suspended || b.unproved || b.epoch != p.epoch) continue;
            for (const auto& c : b.credentials) {
                const bool good = c.expires_ms == 0 || c.expires_ms > now_ms_;
                if (c.kind == p.kind && c.id == p.credential && good) return &b;
            }
        }
        return nullptr;
    }
    static bool listens(const book& b, const proof& p) {
        return std::ranges::any_of(
            b.credentials, [&](const auto& c) { return c.kind == p.kind && c.id == p.credential && c.read_only; });
    }
    static const done* deed_of(const effects& out) {
        for (const auto& e : out) {
            if (const auto* d = std::get_if<done>(&e)) return d;
        }
        return nullptr;
    }

    // ── what is done to accounts, by the command and that it was done ───────────────────────────────────────────────

    template <class C>
    void note(const C& /*c*/, const effects& /*out*/) {}
    void note(const register_account& c, const effects& out) {
        const auto* d = deed_of(out);
        if (d == nullptr) return;
        expect(find(c.name.nick_fold) == nullptr, "an account is registered that is there");
        for (const auto& [u, p] : users_) {
            expect(p.nick != c.name.nick_fold || p.sessions.contains(c.session),
                   "somebody's nick is registered by another");
        }
        book b{.name = c.name.nick_fold, .nicks = {c.name.nick_fold}, .credentials = c.credentials};
        b.unproved = d->what == deed::account_needs_code;
        b.since_ms = now_ms_;
        const auto* made = chat_->find_account(b.name);  // only for its number
        if (made != nullptr) b.id = made->id;
        for (auto& one : b.credentials) {
            if (one.expires_ms != 0) one.expires_ms += now_ms_;
        }
        books_[b.name] = std::move(b);
    }
    void note(const verify_account& c, const effects& out) {
        if (deed_of(out) == nullptr) return;
        auto* b = find(c.account.fold);
        expect(b != nullptr && b->unproved && c.code == "code", "an account is proved without its code");
        if (b != nullptr) b->unproved = false;
    }
    void note(const change_credential& c, const effects& out) {
        const auto* d = deed_of(out);
        if (d == nullptr) return;
        auto* b = find(base::fold(d->name));
        expect(b != nullptr, "a credential of no account");
        if (b == nullptr) return;
        expect_owner(c.session, *b, false);
        std::erase_if(b->credentials, [&](const auto& o) { return o.kind == c.what.kind && o.id == c.what.id; });
        if (!c.what.gone) {
            b->credentials.push_back(c.what);
            if (c.what.expires_ms != 0) b->credentials.back().expires_ms += now_ms_;
        }
        if (c.what.kind == credential_kind::password) ++b->epoch;
    }
    void note(const change_account& c, const effects& out) {
        const auto* d = deed_of(out);
        if (d == nullptr) return;
        if (d->name.empty() && d->what == deed::account_forgotten) {
            return expect(is_administrator(c.session), "an account is named by its number");
        }
        auto* b = find(base::fold(d->name));
        expect(b != nullptr, "something is done to no account");
        if (b == nullptr) return;
        const bool by_rulers = c.what == account_change::suspend || c.what == account_change::unsuspend ||
                               c.what == account_change::forget;
        expect_owner(c.session, *b, by_rulers);
        switch (c.what) {
            case account_change::group:
                expect(find(c.nick->nick_fold) == nullptr || find(c.nick->nick_fold) == b, "another's nick is grouped");
                b->nicks.insert(c.nick->nick_fold);
                break;
            case account_change::ungroup:
                b->nicks.erase(c.nick->nick_fold);
                break;
            case account_change::drop:
                books_.erase(std::string(b->name));
                break;
            case account_change::suspend:
                b->suspended = true;
                ++b->epoch;
                break;
            case account_change::unsuspend:
                b->suspended = false;
                break;
            default:
                break;
        }
    }
    void note(const pass_time& /*c*/, const effects& /*out*/) {
        std::erase_if(books_, [&](const auto& one) {
            return one.second.unproved && one.second.since_ms + 24 * 3'600'000 <= now_ms_;
        });
    }
    void expect_owner(session_id s, const book& b, bool rulers_too) {
        if (is_administrator(s)) return;
        const auto at = sessions_.find(s);
        expect(at != sessions_.end(), "somebody changes an account who is not there");
        if (at == sessions_.end()) return;
        expect(!listeners_.contains(s), "who may only listen changes an account");
        if (!rulers_too) expect(users_[at->second].account == b.name, "another's account is changed");
    }

    // ── who comes and goes ──────────────────────────────────────────────────────────────────────────────────────────

    template <class E>
    void on(const E& /*e*/, const stamped& /*cause*/) {}
    void on(const logged_in& e, const stamped& cause) {
        const auto* c = std::get_if<log_in>(&cause.what);
        expect(c != nullptr && c->session == e.session, "somebody comes without a log-in");
        if (c == nullptr) return;
        auto* b = c->as ? shown_by(*c->as) : nullptr;
        expect(!c->as || b != nullptr, "somebody comes in by what shows nothing");
        const auto account = base::fold(e.who.account);
        expect(account == (b == nullptr ? "" : b->name), "somebody comes in as another account than they have shown");
        sessions_[e.session] = e.user;
        if (b != nullptr && listens(*b, *c->as)) listeners_.insert(e.session);
        if (e.attached) {
            ++attached_;
            expect(users_.contains(e.user) && users_[e.user].account == account && !account.empty(),
                   "somebody attaches to another's user");
            expect(users_[e.user].nick == c->who.nick_fold, "somebody attaches to another nick than they asked for");
        }
        came_as_ += b != nullptr ? 1 : 0;
        auto& u = users_[e.user];
        u.sessions.insert(e.session);
        if (e.attached) return;
        u.nick = c->who.nick_fold;
        u.account = account;
        expect_not_anothers(u);
    }
    void on(const not_let_in& e, const stamped& cause) {
        if (!e.bad_account) return;
        ++turned_away_;
        const auto* c = std::get_if<log_in>(&cause.what);
        expect(c != nullptr && c->as && shown_by(*c->as) == nullptr, "a good proof does not count");
    }
    void on(const renamed& e, const stamped& /*cause*/) {
        auto& u = users_[e.user];
        const auto before = u.nick;
        u.nick = base::fold(e.after.nick());
        if (u.nick != before) expect_not_anothers(u);
        for (const auto s : e.sessions)
            expect(s != e.session || !listeners_.contains(s), "who may only listen renames");
    }
    // A nick that is registered is taken by its owner alone.
    void expect_not_anothers(const here& u) {
        const auto* b = find(u.nick);
        expect(b == nullptr || b->name == u.account, "another's nick is taken");
    }
    void on(const account_set& e, const stamped& cause) {
        const auto account = base::fold(e.who.account);
        const auto* c = std::get_if<set_account>(&cause.what);
        if (!account.empty()) {
            const auto* b = c != nullptr && c->as ? shown_by(*c->as) : find(account);
            const bool fresh = std::holds_alternative<register_account>(cause.what) ||
                               std::holds_alternative<verify_account>(cause.what);
            expect(b != nullptr && b->name == account && (fresh || c != nullptr),
                   "somebody becomes an account unproved");
            expect(b == nullptr || (!b->suspended && !b->unproved), "an account is used that does not count");
        }
        auto& u = users_[sessions_[e.session]];
        if (c != nullptr) {
            listeners_.erase(c->session);
            const auto* b = c->as ? shown_by(*c->as) : nullptr;
            if (b != nullptr && listens(*b, *c->as)) listeners_.insert(c->session);
        }
        if (account.empty()) {
            for (const auto s : u.sessions) listeners_.erase(s);
        }
        u.account = account;
    }
    void on(const left& e, const stamped& /*cause*/) {
        if (e.session) {
            users_[e.user].sessions.erase(e.session);
            sessions_.erase(e.session);
            listeners_.erase(e.session);
        }
        if (e.last) users_.erase(e.user);
    }

    // ── who only listens ────────────────────────────────────────────────────────────────────────────────────────────

    void expect_may_act(session_id s) { expect(!listeners_.contains(s), "who may only listen does something"); }
    void on(const said& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const told& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const topic_changed& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const kicked& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const invited& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const modes_changed& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const channel_renamed& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const redacted& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const metadata_changed& e, const stamped& cause) {
        if (std::holds_alternative<metadata>(cause.what)) expect_may_act(e.session);
    }
    void on(const became_operator& e, const stamped& /*cause*/) { expect_may_act(e.session); }
    void on(const own_modes_changed& e, const stamped& cause) {
        if (!std::holds_alternative<log_in>(cause.what)) expect_may_act(e.session);
    }

    std::map<std::string, book> books_;
    std::map<user_id, here> users_;
    std::map<session_id, user_id> sessions_;
    std::set<session_id> listeners_;
    const state* chat_ = nullptr;
    std::int64_t now_ms_ = 0;
    int attached_ = 0;
    int came_as_ = 0;
    int turned_away_ = 0;
    std::string wrong_;
};

}  // namespace brusio::chat::test
