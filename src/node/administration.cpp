// What the machine's administrator asks for, through the server's control socket or without a running server: accounts,
// what is kept of somebody, copies. The same commands as everybody's, by a session that may do all (chat/names.hpp).
#include <fmt/format.h>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "login/crypto.hpp"
#include "login/verifier.hpp"
#include "node/body.hpp"

namespace brusio::node {
namespace {

constexpr int exit_failed = 1;

// What is said of an account in `account list`: name, nicks, and what is the matter with it, parted by tabs.
std::string line_of(const chat::account_record& a) {
    std::string nicks;
    for (const auto& n : a.nicks) nicks += (nicks.empty() ? "" : ",") + n.nick;
    const auto* state = !a.code.empty() ? "unverified" : a.suspended ? "suspended" : "active";
    return fmt::format("{}\t{}\t{}\t{}\n", a.name.name, state, nicks, a.email);
}

std::string in_words(const chat::account_refused& e) {
    switch (e.why) {
        case chat::account_refusal::account_exists:
            return fmt::format("{} is taken, as an account or as a nick", e.name);
        case chat::account_refusal::no_such_account:
            return fmt::format("there is no account {}", e.name);
        case chat::account_refusal::name_not_allowed:
            return fmt::format("{} is a name of the server's own", e.name);
        default:
            return "this cannot be done";
    }
}

std::string in_words(const chat::done& e) {
    switch (e.what) {
        case chat::deed::account_registered:
            return fmt::format("Account {} is there.\n", e.name);
        case chat::deed::password_changed:
            return fmt::format("Account {} has a new password; whoever is logged in stays so.\n", e.name);
        case chat::deed::account_suspended:
            return fmt::format("Account {} is suspended; its sessions have ended.\n", e.name);
        case chat::deed::account_unsuspended:
            return fmt::format("Account {} may log in again.\n", e.name);
        case chat::deed::account_dropped:
            return fmt::format("Account {} is gone; what it said stays until it is erased (data erase).\n", e.name);
        default:
            return "Done.\n";
    }
}

}  // namespace

void node::body::administer(std::vector<std::string> words, std::string input, std::shared_ptr<administrator> who) {
    const chat::session_id session{chat::administrators_node, ++last_administrator};
    const auto word = [&](std::size_t i) { return i < words.size() ? std::string_view(words[i]) : std::string_view(); };
    const auto fail = [&](std::string_view text) {
        who->err(text);
        who->end(exit_failed);
    };
    if (!memory->remembers()) return fail("this server keeps nothing: [history] and accounts are off");
    const auto ended = [who](const base::result<std::string>& outcome) {
        outcome ? (void)who->out(*outcome + "\n") : who->err(outcome.error().text);
        who->end(outcome ? 0 : exit_failed);
    };
    if (word(0) == "backup") return memory->back_up(std::string(word(1)), ended);
    const auto name = std::string(word(2));
    const auto fold = base::valid_utf8(name) ? base::fold(name) : std::string();
    if (word(0) == "data") {
        const bool erase = word(1) == "erase";
        const bool dropped = word(3) == "dropped";
        const auto* a = dropped ? nullptr : state.find_account(fold);
        if (a != nullptr) return do_with_data(session, erase, {a->id}, who);
        return memory->ask(store::dropped_query{fold}, [=, this](const base::result<store::reply>& what) {
            const auto* found = what ? std::get_if<store::dropped>(&*what) : nullptr;
            if (found == nullptr) return ended(base::fail("{}", what ? "nothing is known of it" : what.error().text));
            if (found->all.empty()) {
                return ended(base::fail("there is {} {}", dropped ? "no dropped account" : "no account",
                                        base::clean_line(name)));
            }
            in.post(request{[=, this, all = found->all] { do_with_data(session, erase, all, who); }});
        });
    }
    administrators.emplace(session, who);
    if (word(1) == "list") return apply(chat::ask_accounts{session, fold, {}});
    if (word(1) == "suspend" || word(1) == "unsuspend") {
        std::string why;
        for (std::size_t i = 3; i < words.size(); ++i) why += (why.empty() ? "" : " ") + words[i];
        return apply(chat::change_account{
            .session = session,
            .of = chat::nick_name{name, fold},
            .what = word(1) == "suspend" ? chat::account_change::suspend : chat::account_change::unsuspend,
            .value = std::move(why)});
    }
    if (word(1) == "drop") {
        return apply(chat::change_account{
            .session = session, .of = chat::nick_name{name, fold}, .what = chat::account_change::drop});
    }
    auto identity = base::make_identity(name);
    if (!identity || identity->nick != identity->name) {
        administrators.erase(session);
        return fail(identity ? fmt::format("an account's name is a nick; this one's would be {}", identity->nick)
                             : identity.error().text);
    }
    if (const auto usable = login::check_new_password(input, options.log_ins.password_min); !usable) {
        administrators.erase(session);
        return fail(usable.error().text);
    }
    const bool is_new = word(1) == "add";
    work.post([this, session, is_new, identity = *identity, name, fold, secret = std::move(input)]() mutable {
        auto kept = login::make_verifiers(secret);
        login::wipe(secret);
        in.post(request{[this, session, is_new, identity, name, fold, kept] {
            if (!kept) {
                if (const auto at = administrators.find(session); at != administrators.end()) {
                    at->second->err(kept.error().text);
                    end_administrator(session, exit_failed);
                }
                return;
            }
            chat::credential_record password{.secret = kept->argon2, .scram = kept->scram};
            if (is_new) {
                apply(chat::register_account{.session = session, .name = identity, .credentials = {password}});
            } else {
                throttle.forget_account(fold);
                apply(chat::change_credential{
                    .session = session, .of = chat::nick_name{name, fold}, .what = std::move(password)});
            }
        }});
    });
}

// What was said by an account, or by all those of a name that were dropped.
void node::body::do_with_data(chat::session_id session, bool erase, std::vector<chat::account_id> of,
                              const std::shared_ptr<administrator>& who) {
    if (!erase) return export_next(std::move(of), who);
    const auto first = of.front();
    administrators.emplace(session, who);
    erasures.emplace(session, std::move(of));
    apply(chat::change_account{.session = session, .what = chat::account_change::forget, .number = first.value});
}

void node::body::export_next(std::vector<chat::account_id> of, const std::shared_ptr<administrator>& who) {
    const chat::party_id next{of.back().value};
    of.pop_back();
    memory->export_party(
        next, [who](std::string_view text) { return who->out(text); },
        [this, of, who](const base::result<std::string>& outcome) {
            if (outcome && !of.empty()) return in.post(request{[this, of, who] { export_next(of, who); }});
            if (!outcome) who->err(outcome.error().text);
            who->end(outcome ? 0 : exit_failed);
        });
}

// Its topics are gone, and that is stored; now the rest.
void node::body::erase_next(chat::session_id session) {
    const chat::party_id next{erasures.at(session).front().value};
    memory->erase_party(next, [this, session](const base::result<std::string>& outcome) {
        in.post(request{[this, session, outcome] {
            const auto at = administrators.find(session);
            auto& left = erasures.at(session);
            left.erase(left.begin());
            if (at != administrators.end())
                outcome ? (void)at->second->out(*outcome + "\n") : at->second->err(outcome.error().text);
            if (outcome && !left.empty()) {
                return apply(chat::change_account{
                    .session = session, .what = chat::account_change::forget, .number = left.front().value});
            }
            erasures.erase(session);
            end_administrator(session, outcome ? 0 : exit_failed);
        }});
    });
}

void node::body::tell_administrator(chat::session_id session, const chat::effect& e) {
    const auto at = administrators.find(session);
    if (at == administrators.end()) return;
    const auto who = at->second;
    if (const auto* d = std::get_if<chat::done>(&e)) {
        if (d->what == chat::deed::account_forgotten) return erase_next(session);
        who->out(in_words(*d));
        end_administrator(session, 0);
    } else if (const auto* r = std::get_if<chat::account_refused>(&e)) {
        who->err(in_words(*r));
        end_administrator(session, exit_failed);
    } else if (std::holds_alternative<chat::not_stored>(e)) {
        who->err(
            "the store does not take it now. It will be written when it can, and till then it may be lost; see the "
            "server's log");
        end_administrator(session, exit_failed);
    } else if (const auto* list = std::get_if<chat::accounts_are>(&e)) {
        std::string text;
        for (const auto& a : list->accounts) text += line_of(a);
        if (who->out(text) && list->more) {
            next_turn.emplace_back(chat::command(list->asked));
        } else {
            end_administrator(session, 0);
        }
    }
}

void node::body::end_administrator(chat::session_id session, int code) {
    const auto at = administrators.find(session);
    if (at == administrators.end()) return;
    at->second->end(code);
    administrators.erase(at);
}

}  // namespace brusio::node
