// Instead of node/log_ins.cpp, for tests: who has which secrets, as chat has them remembered, without hashing.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/identity.hpp"
#include "chat/chat.hpp"
#include "door/door.hpp"
#include "login/scram.hpp"
#include "login/token.hpp"
#include "login/verifier.hpp"

namespace brusio::door::test {

class remembered_secrets {
  public:
    static chat::credential_record make(const std::string& password) {
        const auto prepared = login::prepare_for_scram(password);
        return {.secret = "plain " + password,
                .scram = login::scram_text(login::make_scram_keys(prepared, "salt", 4096))};
    }

    void take(const chat::record& what) {
        const auto* c = std::get_if<chat::credential_record>(&what);
        if (c == nullptr) return;
        std::erase_if(
            all_, [&](const auto& one) { return one.account == c->account && one.kind == c->kind && one.id == c->id; });
        if (!c->gone) all_.push_back(*c);
    }

    shown answer(const chat::state& state, chat::session_id who, const show& what) {
        if (instead) return {.what = *instead};
        switch (what.by) {
            case show::way::password:
                return by_password(state, what);
            case show::way::certificate:
                return by_credential(state, chat::credential_kind::certificate, what.secret, what.account);
            case show::way::scram_begin:
                return begin(state, who, what.secret);
            case show::way::scram_finish:
                return finish(state, who, what.secret);
        }
        return {};
    }

    std::optional<shown::outcome> instead;  // of any answer

  private:
    using kind = chat::credential_kind;

    static shown right(const chat::account_record& a, kind by, std::string id) {
        return {.what = shown::outcome::right,
                .as = chat::proof{a.id, by, std::move(id), a.epoch},
                .account = a.name.name,
                .bytes = {}};
    }

    const chat::credential_record* find(chat::account_id of, kind by) const {
        const auto at = std::ranges::find_if(all_, [&](const auto& c) { return c.account == of && c.kind == by; });
        return at == all_.end() ? nullptr : &*at;
    }

    shown by_password(const chat::state& state, const show& what) const {
        if (const auto id = login::token_id(what.secret)) {
            for (const auto& c : all_) {
                if (c.kind != kind::token || c.id != *id || !login::is_token(what.secret, c.secret)) continue;
                return by_credential(state, kind::token, *id, what.account);
            }
            return {};
        }
        const auto* a = state.find_account(base::fold(what.account));
        const auto* c = a == nullptr ? nullptr : find(a->id, kind::password);
        if (c == nullptr || c->secret != "plain " + what.secret) return {};
        return right(*a, kind::password, {});
    }

    shown by_credential(const chat::state& state, kind by, const std::string& id, const std::string& wanted) const {
        const auto c = std::ranges::find_if(all_, [&](const auto& one) { return one.kind == by && one.id == id; });
        if (c == all_.end()) return {};
        const auto* a = state.find_account(c->account);
        if (a == nullptr || (!wanted.empty() && state.find_account(base::fold(wanted)) != a)) return {};
        return right(*a, by, id);
    }

    shown begin(const chat::state& state, chat::session_id who, const std::string& message) {
        auto& x = exchanges_[who] = std::make_unique<exchange>();
        const auto user = x->scram.begin(message);
        if (!user) return {};
        const auto* a = state.find_account(base::fold(*user));
        const auto* c = a == nullptr ? nullptr : find(a->id, kind::password);
        if (c != nullptr) x->account = a->id;
        return {.what = shown::outcome::challenge,
                .as = {},
                .account = {},
                .bytes = c != nullptr ? x->scram.challenge(c->scram, login::make_nonce())
                                      : x->scram.challenge_unknown(*user, "0123456789abcdef", login::make_nonce())};
    }

    shown finish(const chat::state& state, chat::session_id who, const std::string& message) {
        const auto x = std::move(exchanges_[who]);
        exchanges_.erase(who);
        if (!x) return {};
        auto last = x->scram.finish(message);
        const auto* a = state.find_account(x->account);
        if (!last || a == nullptr) return {};
        auto answer = right(*a, kind::password, {});
        answer.bytes = std::move(*last);
        return answer;
    }

    struct exchange {
        login::scram_exchange scram;
        chat::account_id account;
    };
    std::vector<chat::credential_record> all_;
    std::map<chat::session_id, std::unique_ptr<exchange>> exchanges_;
};

}  // namespace brusio::door::test
