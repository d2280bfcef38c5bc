// AUTHENTICATE (IRCv3 sasl-3.1, sasl-3.2): PLAIN, EXTERNAL and SCRAM-SHA-256, before the log-in and at any time after
// it. What is right is found out elsewhere (door::show); after the log-in chat has the last word (chat::set_account).
#include <array>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "login/crypto.hpp"
#include "login/scram.hpp"
#include "login/verifier.hpp"

namespace brusio::door::irc {
namespace {

using login::sasl_state;
using way_in = sasl_exchange::way;
using step = sasl_exchange::step;

void fail(request& r, std::string_view why = {}) {
    r.talk.about_accounts().sasl.reset();
    r.numeric_text(numeric::err_saslfail, {},
                   why.empty() ? "SASL authentication failed" : fmt::format("SASL authentication failed: {}", why));
}

void answer_bytes(request& r, std::string_view bytes) {
    std::string lines;
    for (const auto& chunk : login::in_chunks(bytes)) wire::irc_line(lines).verb("AUTHENTICATE").param(chunk).end();
    r.lines(std::move(lines));
}

void accept(request& r, const chat::proof& as, const std::string& account) {
    r.talk.about_accounts().sasl.reset();
    r.talk.begin_voice(asked_by::sasl, {}, r.out);
    r.talk.come_as(as, account, r.out);
    r.talk.end_voice(r.out);
    if (r.talk.logged_in()) return;
    r.talk.about_accounts().asks.reset();
    r.numeric_text(numeric::saslsuccess, {}, "SASL authentication successful");
}

// What may stand in the way of any mechanism; empty: nothing.
std::string_view obstacle(const request& r) {
    if (!r.talk.options().accounts.here) return "there are no accounts here";
    if (!r.talk.takes_secrets()) return "passwords are taken only over TLS";
    if (!r.talk.heard(sasl)) return "ask for the capability sasl first";
    const auto* reg = r.talk.before_log_in();
    if (reg != nullptr && reg->registering) return "a registration is being decided";
    return {};
}

void begin(request& r) {
    if (r.param(0) == "*") return r.numeric_text(numeric::err_saslaborted, {}, "SASL authentication aborted");
    if (const auto why = obstacle(r); !why.empty()) return fail(r, why);
    if (r.param(0).size() > login::sasl_chunk_bytes) {
        return r.numeric_text(numeric::err_sasltoolong, {}, "SASL message too long");
    }
    const auto mechanism = upper(r.param(0));
    auto made = std::make_unique<sasl_exchange>();
    if (mechanism == "PLAIN") {
        made->by = way_in::plain;
    } else if (mechanism == "EXTERNAL") {
        if (r.talk.certificate().empty()) return fail(r, "your client has no certificate");
        made->by = way_in::external;
    } else if (mechanism == "SCRAM-SHA-256") {
        made->by = way_in::scram;
    } else {
        r.numeric_text(numeric::saslmechs, {sasl_mechanisms(r.talk.comes_by())}, "are available SASL mechanisms");
        return fail(r, "there is no such mechanism");
    }
    r.talk.about_accounts().sasl = std::move(made);
    answer_bytes(r, {});
}

void ask(request& r, show::way by, std::string account, std::string secret) {
    r.talk.ask_show(showing::purpose::sasl, {by, std::move(account), std::move(secret)}, r.out);
}

void hear_plain(request& r, std::string_view bytes) {
    auto message = login::parse_plain(bytes);
    if (!message) return fail(r);
    ask(r, show::way::password, std::move(message->account), std::move(message->password));
}

// The message names the account that is wanted, if any.
void hear_external(request& r, std::string_view bytes) {
    if (!bytes.empty() && !login::is_typeable(bytes, login::account_bytes_max)) return fail(r);
    ask(r, show::way::certificate, std::string(bytes), std::string(r.talk.certificate()));
}

void hear_scram(request& r, sasl_exchange& x, std::string bytes) {
    if (x.at == step::accepted) {
        if (!bytes.empty() || !x.as) return fail(r);
        const auto as = *x.as;
        const auto account = x.account;
        return accept(r, as, account);
    }
    if (bytes.empty() || bytes.size() > login::scram_message_bytes_max) return fail(r);
    ask(r, x.at == step::begun ? show::way::scram_begin : show::way::scram_finish, {}, std::move(bytes));
}

void hear_authenticate(request& r) {
    if (r.param(0).empty()) return r.too_few();
    auto* x = r.talk.about_accounts().sasl.get();
    if (x == nullptr) return begin(r);
    const bool long_chunk = r.param(0).size() > login::sasl_chunk_bytes;
    auto heard = x->reader.take(r.param(0));
    switch (heard.state) {
        case sasl_state::more:
            return;
        case sasl_state::aborted:
            r.talk.about_accounts().sasl.reset();
            return r.numeric_text(numeric::err_saslaborted, {}, "SASL authentication aborted");
        case sasl_state::too_long:
            if (!long_chunk) return fail(r, "the message is too long");
            r.talk.about_accounts().sasl.reset();
            return r.numeric_text(numeric::err_sasltoolong, {}, "SASL message too long");
        case sasl_state::malformed:
            return fail(r);
        case sasl_state::done:
            break;
    }
    switch (x->by) {
        case way_in::plain:
            hear_plain(r, heard.bytes);
            break;
        case way_in::external:
            hear_external(r, heard.bytes);
            break;
        case way_in::scram:
            hear_scram(r, *x, heard.bytes);
            break;
    }
    login::wipe(heard.bytes);
}

constexpr std::array rows{
    command_row{"AUTHENTICATE", 1, allowed::always, false, hear_authenticate, nullptr,
                "AUTHENTICATE <mechanism> | <base64> | + | *",
                "Logs in to an account by SASL (capability sasl), also after the log-in and into another account; * "
                "aborts."},
};

}  // namespace

std::span<const command_row> sasl_commands() { return rows; }

void sasl_shown(request& r, const shown& what) {
    auto* x = r.talk.about_accounts().sasl.get();
    if (x == nullptr) return;
    if (what.what == shown::outcome::challenge) {
        x->at = step::last;
        return answer_bytes(r, what.bytes);
    }
    if (what.what == shown::outcome::wrong) return fail(r);
    if (what.what == shown::outcome::suspended) {
        r.talk.about_accounts().sasl.reset();
        return r.numeric_text(numeric::err_nicklocked, {}, "SASL authentication failed: this account is suspended");
    }
    if (what.what != shown::outcome::right || !what.as) return fail(r, why_not_shown(what.what));
    if (what.bytes.empty()) return accept(r, *what.as, what.account);
    x->as = what.as;
    x->account = what.account;
    x->at = step::accepted;
    answer_bytes(r, what.bytes);
}

void abort_sasl(request& r) {
    if (r.talk.about_accounts().sasl == nullptr) return;
    r.talk.about_accounts().sasl.reset();
    r.numeric_text(numeric::err_saslaborted, {}, "SASL authentication aborted");
}

}  // namespace brusio::door::irc
