// Who somebody is: the one way from a secret to a proof, whichever door and mechanism it came by. The store knows the
// credentials, slow threads try passwords, and what follows from the proof is chat's to decide (authorize_log_in).
#include <algorithm>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "login/crypto.hpp"
#include "login/token.hpp"
#include "login/verifier.hpp"
#include "node/body.hpp"

namespace brusio::node {

struct node::body::attempt {
    chat::session_id session;
    std::string fold;   // the account's, as asked for
    std::string name;   // as it is called
    chat::proof proof;  // without an account: there is none, which nobody is told
    std::array<std::uint8_t, 16> from{};
    bool exempt = false;
    bool known_device = false;
    bool counted = true;  // a failure counts against the throttles
};

namespace {

using outcome = door::shown::outcome;

const chat::credential_record* password_of(const base::result<store::reply>& what) {
    const auto* found = what ? std::get_if<store::credentials>(&*what) : nullptr;
    if (found == nullptr) return nullptr;
    const auto at = std::ranges::find(found->all, chat::credential_kind::password, &chat::credential_record::kind);
    return at == found->all.end() ? nullptr : &*at;
}

}  // namespace

void node::body::prove(link& l, door::show what) {
    wait(l, for_password);
    attempt a{
        .session = l.session, .from = l.from.ip, .exempt = options.limits.exempt && options.limits.exempt(l.from)};
    const bool by_certificate = what.by == door::show::way::certificate;
    if (base::valid_utf8(what.account)) a.fold = base::fold(what.account);
    if (!by_certificate && !caller_of(l).takes_secrets) return proved(a, {.what = outcome::not_here});
    if (what.by == door::show::way::scram_finish) return finish_scram(l, std::move(a), what.secret);
    if (what.by == door::show::way::scram_begin) return begin_scram(l, std::move(a), what.secret);
    if (by_certificate) {
        if (what.secret.empty()) return proved(a, {});
        return prove_by_credential(std::move(a), chat::credential_kind::certificate, std::move(what.secret), {});
    }
    if (auto id = login::token_id(what.secret)) {
        return prove_by_credential(std::move(a), chat::credential_kind::token, std::move(*id), what.secret);
    }
    prove_by_secret(std::move(a), std::move(what.secret));
}

void node::body::prove_by_secret(attempt a, std::string secret) {
    if (const auto* account = state.find_account(a.fold)) {
        a.name = account->name.name;
        a.fold = account->name.fold;  // by whichever of its nicks: failures count against the one account
        a.proof = {account->id, chat::credential_kind::password, {}, account->epoch};
    }
    if (!throttle.allowed(a.from, a.exempt, a.fold, false, net::now_ms())) {
        a.counted = false;
        return proved(a, {.what = outcome::throttled});
    }
    // Whether there is such an account or not, the same is done. And whoever hangs up has tried all the same.
    const auto tried = [this](const attempt& by, outcome what) {
        in.post(request{[this, by, what] { proved(by, {.what = what}); }});
    };
    auto try_it = [this, a, secret = std::move(secret), tried](const base::result<store::reply>& found) mutable {
        const auto* password = a.proof.account ? password_of(found) : nullptr;
        const bool well = found.has_value();
        auto kept = password == nullptr ? std::string() : password->secret;
        const bool taken = work.post([a, well, kept, secret, tried]() mutable {
            const bool right = login::is_password(kept, secret) && a.proof.account;
            login::wipe(secret);
            a.counted = well;
            tried(a, right ? outcome::right : well ? outcome::wrong : outcome::busy);
        });
        login::wipe(secret);
        if (!taken) {
            a.counted = false;
            tried(a, outcome::busy);
        }
    };
    memory->ask(store::credentials_query{.account = a.proof.account}, std::move(try_it));
}

// A certificate, or a token: who has it needs no name.
void node::body::prove_by_credential(attempt a, chat::credential_kind kind, std::string id, const std::string& secret) {
    if (!throttle.allowed(a.from, a.exempt, {}, false, net::now_ms())) {
        a.counted = false;
        return proved(a, {.what = outcome::throttled});
    }
    auto tried = [this, a, kind, id, secret](const base::result<store::reply>& what) mutable {
        const auto* found = what ? std::get_if<store::credentials>(&*what) : nullptr;
        a.counted = what.has_value();
        if (found == nullptr || found->all.empty()) return proved(a, {.what = what ? outcome::wrong : outcome::busy});
        const auto& c = found->all.front();
        const auto* account = state.find_account(c.account);
        const bool shown = kind == chat::credential_kind::certificate || login::is_token(secret, c.secret);
        const auto* wanted = a.fold.empty() ? account : state.find_account(a.fold);
        if (account == nullptr || !shown || wanted != account) return proved(a, {});
        a.known_device = true;
        a.fold = account->name.fold;
        a.name = account->name.name;
        a.proof = {account->id, kind, id, account->epoch};
        proved(a, {.what = outcome::right});
    };
    memory->ask(store::credentials_query{.account = {}, .kind = kind, .id = std::move(id)},
                [this, tried](base::result<store::reply> what) mutable {
                    in.post(request{[tried, what = std::move(what)]() mutable { tried(what); }});
                });
}

// ── SCRAM ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::begin_scram(link& l, attempt a, const std::string& message) {
    l.scram = std::make_unique<login::scram_exchange>();
    l.scram_proof.reset();
    const auto user = l.scram->begin(message);
    if (!user) return proved(a, {});
    a.fold = base::fold(*user);
    if (const auto* account = state.find_account(a.fold)) {
        a.name = account->name.name;
        a.fold = account->name.fold;
        a.proof = {account->id, chat::credential_kind::password, {}, account->epoch};
    }
    if (!throttle.allowed(a.from, a.exempt, a.fold, false, net::now_ms())) {
        a.counted = false;
        return proved(a, {.what = outcome::throttled});
    }
    l.scram_account = a.fold;
    memory->ask(store::credentials_query{.account = a.proof.account},
                later_for(l, [this, a](link& there, const base::result<store::reply>& what) {
                    const auto* password = a.proof.account ? password_of(what) : nullptr;
                    std::string challenge;
                    if (password != nullptr) challenge = there.scram->challenge(password->scram, login::make_nonce());
                    if (!challenge.empty()) {
                        there.scram_proof = std::make_unique<chat::proof>(a.proof);
                    } else {
                        challenge = there.scram->challenge_unknown(a.fold, options.log_in_key, login::make_nonce());
                    }
                    proved(a, {.what = what ? outcome::challenge : outcome::busy, .bytes = std::move(challenge)});
                }));
}

void node::body::finish_scram(link& l, attempt a, const std::string& message) {
    a.fold = l.scram_account;
    if (!l.scram) return proved(a, {});
    auto last = l.scram->finish(message);
    const auto proof = std::move(l.scram_proof);
    l.scram.reset();
    if (!last || !proof) return proved(a, {});
    if (const auto* account = state.find_account(proof->account)) a.name = account->name.name;
    a.proof = *proof;
    proved(a, {.what = outcome::right, .bytes = std::move(*last)});
}

// ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::proved(const attempt& a, door::shown what) {
    const auto now = net::now_ms();
    what.known = state.find_account(a.fold) != nullptr;
    if (what.what == outcome::right) {
        if (a.proof.account && !throttle.known_prefix(a.fold, a.from)) {
            next_turn.emplace_back(chat::command(chat::note_place{a.proof.account, throttle.place(a.from)}));
        }
        throttle.succeeded(a.from, a.exempt, a.fold, a.known_device, now);
        const auto* account = state.find_account(a.proof.account);
        if (account != nullptr && account->suspended) {
            what.what = outcome::suspended;
        } else if (account != nullptr && !account->code.empty()) {
            what.what = outcome::unverified;
        } else {
            what.as = a.proof;
            what.account = a.name;
        }
    } else if (what.what == outcome::wrong && a.counted) {
        throttle.failed(a.from, a.exempt, a.fold, a.known_device, now);
        if (const auto* l = table.find(a.session)) {
            log(fmt::format("Wrong log-in for account {} from {}", base::clean_line(a.fold), l->from.text()));
        }
    }
    // In a turn of its own: whoever asked may be in the middle of its actions.
    in.post(request{[this, session = a.session, what = std::move(what)] {
        auto* l = table.find(session);
        if (l == nullptr || l->session_over) return;
        std::vector<door::action> actions;
        l->waits &= static_cast<std::uint8_t>(~for_password);
        l->talk->hear_shown(what, actions);
        act(*l, actions);
        if (l->waits == 0) go_on(*l, for_password);
    }});
}

void node::body::make_password(link& l, door::make_password& what) {
    wait(l, for_password);
    auto made = later_for(l, [this](link& there, base::result<chat::credential_record> password) {
        std::vector<door::action> actions;
        there.waits &= static_cast<std::uint8_t>(~for_password);
        there.talk->hear_made(std::move(password), actions);
        act(there, actions);
        if (there.waits == 0) go_on(there, for_password);
    });
    if (!caller_of(l).takes_secrets) {
        return made(base::result<chat::credential_record>(base::fail("passwords are only taken over TLS here")));
    }
    if (const auto usable = login::check_new_password(what.password, options.log_ins.password_min); !usable) {
        return made(base::result<chat::credential_record>(std::unexpected(usable.error())));
    }
    const bool taken = work.post([secret = std::move(what.password), made]() mutable {
        auto kept = login::make_verifiers(secret);
        login::wipe(secret);
        if (!kept) return made(base::result<chat::credential_record>(std::unexpected(kept.error())));
        made(base::result<chat::credential_record>(
            chat::credential_record{.secret = std::move(kept->argon2), .scram = std::move(kept->scram)}));
    });
    if (!taken) made(base::result<chat::credential_record>(base::fail("too much to do now; try again later")));
}

}  // namespace brusio::node
