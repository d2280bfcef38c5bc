// What comes of wishes about accounts and registered channels, in the words of whoever was asked: SASL's numerics, the
// replies of REGISTER and VERIFY, or a service's notices (services_answers.cpp has their texts).
#include <algorithm>

#include <fmt/format.h>

#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/render.hpp"
#include "door/irc/services.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {

using chat::account_refusal;
using chat::deed;

std::string mask_before_log_in(const registration& reg) {
    if (!reg.who) return "*";
    return fmt::format("{}!{}@{}", reg.who->nick, reg.username.empty() ? "*" : reg.username, reg.from.host);
}

void write_logged_in(std::string& out, const irc_conversation& t, std::string_view mask, std::string_view account) {
    if (account.empty()) return t.numeric_text(out, numeric::loggedout, {mask}, "You are now logged out");
    t.numeric_text(out, numeric::loggedin, {mask, account}, fmt::format("You are now logged in as {}", account));
}

void irc_conversation::service_line(std::string& out, std::string_view service, std::string_view text) const {
    constexpr std::size_t room = 340;  // of a line, beside masks and nick
    const auto now = options().now_ms ? options().now_ms() : 0;
    for (const auto part : wire::split_text(text, room, wire::cut_blank::drop)) {
        wire::irc_line line(out);
        if (has(server_time)) line.tag("time", time_text(now));
        if (has(message_tags)) {
            line.tag("msgid", fmt::format("n{}-{}", options().started_ms, ++shared_->last_notice)).tag("bot");
        }
        line.source(fmt::format("{0}!{0}@{1}", service, options().server_name))
            .verb("NOTICE")
            .param(nick())
            .trailing(part)
            .end();
    }
}

std::optional<reply> irc_conversation::answer_accounts(const chat::effect& what) {
    reply r;
    const bool coming_in = reg_ && reg_->registering;
    if (const auto* e = std::get_if<chat::done>(&what)) {
        tell_done(*e, r);
    } else if (const auto* f = std::get_if<chat::account_refused>(&what)) {
        tell_account_refused(*f, r.bytes);
    } else if (const auto* s = std::get_if<chat::account_set>(&what)) {
        tell_account_set(*s, r.bytes);
    } else if (asks() != nullptr && std::holds_alternative<chat::not_stored>(what)) {
        tell_account_not_stored(r.bytes);
    } else if (const auto* here = std::get_if<chat::seated>(&what)) {
        write_seated(r.bytes, *this, *here, r.then);
    } else if (asks() == nullptr || !asks()->service() || !tell_as_service(what, r.bytes)) {
        return std::nullopt;
    }
    if (!coming_in) {
        r.bytes = finish(std::move(r.bytes)).bytes;
        return r;
    }
    reg_->registering = false;
    affairs_->asks.reset();
    r.bytes = decided(std::move(r.bytes), false, {}).bytes;
    return r;
}

// A channel of the user that this client has come to: as if it had joined just now.
void write_seated(std::string& out, const irc_conversation& t, const chat::seated& e,
                  std::vector<chat::command>& after) {
    chat::joined as_join{.session = e.session,
                         .user = e.user,
                         .channel = e.channel,
                         .channel_name = e.channel_name,
                         .who = e.who,
                         .real_name = e.real_name,
                         .at_ms = e.at_ms};
    render(out, as_join, t.enabled(), t.options().server_name);
    if (auto channel = channel_of(e.channel_name); channel && t.wants_names()) {
        after.emplace_back(chat::ask_names{.session = t.session(),
                                           .channel = std::move(*channel),
                                           .after = {},
                                           .nicks_only = !t.has(userhost_in_names)});
    }
    ask_metadata_of_channel(t, e.channel_name, after);
}

// ── done ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::tell_done(const chat::done& e, reply& r) {
    const auto* v = asks();
    if (e.what == deed::account_registered || e.what == deed::account_needs_code) return tell_registered(e, r);
    if (v == nullptr) return;
    if (v->by == asked_by::verify_command) {
        bool also_in = logged_in_;
        if (reg_ && nick_of(e.name).fold == nick_of(reg_->new_account).fold) {
            reg_->unverified = false;
            also_in = true;
        }
        server_line(r.bytes, "VERIFY", {"SUCCESS", e.name},
                    also_in ? "The account is verified" : "The account is verified; you can log in to it now");
        if (reg_ && also_in) write_logged_in(r.bytes, *this, mask_before_log_in(*reg_), e.name);
        return;
    }
    if (v->service()) tell_as_service(e, r.bytes);
}

void irc_conversation::tell_registered(const chat::done& e, reply& r) {
    auto mine = next_awaited();
    const auto* v = asks();
    const bool command = v != nullptr && v->by == asked_by::register_command;
    const bool needs_code = e.what == deed::account_needs_code;
    if (needs_code) {
        const auto& s = options();
        r.letter = mail{.to = mine.email,
                        .subject = fmt::format("Your account {} on {}", e.name, s.network),
                        .text = fmt::format("Somebody, you we hope, has registered the account {0} on {1} with this "
                                            "address.\n\nTo complete it, type there:\n\n    /VERIFY {0} {2}\n\nIf it "
                                            "was not you, do nothing: nobody can use the account.\n",
                                            e.name, s.network, mine.code)};
    }
    if (reg_) {
        reg_->new_account = e.name;
        reg_->new_password = std::exchange(mine.password, {});
        reg_->unverified = needs_code;
    }
    const auto text = needs_code
                          ? fmt::format("A code has been sent to {}; show it with VERIFY {} <code>", mine.email, e.name)
                          : std::string("The account is registered");
    if (!command) {
        if (v != nullptr && v->service()) service_line(r.bytes, service_of(v->by), text);
        return;
    }
    server_line(r.bytes, "REGISTER", {needs_code ? "VERIFICATION_REQUIRED" : "SUCCESS", e.name}, text);
    if (reg_ && !needs_code) write_logged_in(r.bytes, *this, mask_before_log_in(*reg_), e.name);
}

// ── refused ─────────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

// Whether something of the door's own waits for what comes of this wish.
bool awaits_something(const voice& v) {
    return v.by == asked_by::nick_serv && (v.about == "REGISTER" || v.about == token_add);
}

std::string_view code_of(account_refusal why) {
    switch (why) {
        case account_refusal::account_exists:
            return "ACCOUNT_EXISTS";
        case account_refusal::name_not_allowed:
            return "BAD_ACCOUNT_NAME";
        case account_refusal::already_logged_in:
            return "ALREADY_AUTHENTICATED";
        case account_refusal::not_before_log_in:
            return "COMPLETE_CONNECTION_REQUIRED";
        case account_refusal::wrong_code:
            return "INVALID_CODE";
        default:
            return "TEMPORARILY_UNAVAILABLE";
    }
}

}  // namespace

void irc_conversation::tell_account_refused(const chat::account_refused& e, std::string& out) {
    const auto* v = asks();
    const auto text = why_not(e);
    if (v == nullptr) return server_line(out, "FAIL", {"*", code_of(e.why)}, text);
    switch (v->by) {
        case asked_by::sasl:
            if (e.why == account_refusal::already_logged_in) {
                return numeric_text(out, numeric::err_saslalready, {}, text);
            }
            return numeric_text(out,
                                e.why == account_refusal::suspended ? numeric::err_nicklocked : numeric::err_saslfail,
                                {}, "SASL authentication failed: " + text);
        case asked_by::register_command:
        case asked_by::verify_command: {
            const bool registers = v->by == asked_by::register_command;
            auto about = e.name;
            if (registers) about = e.name.empty() ? next_awaited().account : (next_awaited(), e.name);
            return server_line(out, "FAIL", {registers ? "REGISTER" : "VERIFY", code_of(e.why), about}, text);
        }
        default:
            if (awaits_something(*v)) next_awaited();
            service_line(out, service_of(v->by), text);
    }
}

// The name that not_stored has is that of the account, or of nothing yet.
void irc_conversation::tell_account_not_stored(std::string& out) {
    constexpr std::string_view text =
        "The server cannot store anything now. It will do this when it can, and till then it may be lost";
    const auto* v = asks();
    switch (v->by) {
        case asked_by::sasl:
            return numeric_text(out, numeric::err_saslfail, {}, text);
        case asked_by::register_command:
            return server_line(out, "FAIL", {"REGISTER", "TEMPORARILY_UNAVAILABLE", next_awaited().account}, text);
        case asked_by::verify_command:
            return server_line(out, "FAIL", {"VERIFY", "TEMPORARILY_UNAVAILABLE", "*"}, text);
        default:
            if (awaits_something(*v)) next_awaited();
            service_line(out, service_of(v->by), text);
    }
}

// ── another account ─────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::tell_account_set(const chat::account_set& e, std::string& out) {
    write_own_account(out, *this, e);
    const auto* v = asks();
    if (v == nullptr) return;
    if (v->by == asked_by::sasl) numeric_text(out, numeric::saslsuccess, {}, "SASL authentication successful");
    if (!v->service()) return;
    service_line(out, service_of(v->by),
                 e.who.account.empty() ? std::string("You are logged out")
                                       : fmt::format("You are logged in as {}", e.who.account));
}

// Whose account it is.
void write_own_account(std::string& out, const irc_conversation& t, const chat::account_set& e) {
    render(out, e, t.enabled(), t.options().server_name);
    write_logged_in(out, t, e.who.mask, e.who.account);
}

std::string why_not(const chat::account_refused& e) {
    switch (e.why) {
        case account_refusal::no_such_account:
            return e.name.empty() ? std::string("There is no such account")
                                  : fmt::format("There is no account {}", cut(e.name, 100));
        case account_refusal::account_exists:
            return fmt::format("{} is in use already, as an account or as somebody's nick", cut(e.name, 100));
        case account_refusal::name_not_allowed:
            return fmt::format("{} cannot be an account's name", cut(e.name, 100));
        case account_refusal::not_logged_in:
            return "You are not logged in to an account";
        case account_refusal::already_logged_in:
            return fmt::format("You are logged in as {} already", e.name);
        case account_refusal::suspended:
            return e.detail.empty() ? std::string("This account is suspended")
                                    : fmt::format("This account is suspended: {}", e.detail);
        case account_refusal::proof_too_old:
            return "The password or token has changed meanwhile; log in again";
        case account_refusal::wrong_code:
            return "That is not the code";
        case account_refusal::needs_management:
            return "You may not do that with another's account";
        case account_refusal::too_many:
            return fmt::format("There are too many {}", e.detail);
        case account_refusal::no_such_credential:
            return e.detail.empty() ? std::string("There is none of that name")
                                    : fmt::format("There is no {}", cut(e.detail, 100));
        case account_refusal::credential_in_use:
            return "Another account has this certificate";
        case account_refusal::nick_is_not_yours:
            return fmt::format("The nick {} is not yours", cut(e.detail, 100));
        case account_refusal::nick_is_the_name:
            return fmt::format("{} is the name of the account itself", cut(e.detail, 100));
        case account_refusal::no_such_nick:
            return fmt::format("Nobody has the nick {}", cut(e.detail, 100));
        case account_refusal::no_such_session:
            return "There is no session of that number";
        case account_refusal::always_on_is_off:
            return "Nobody stays here without a client: the server's configuration says so";
        case account_refusal::no_such_channel:
            return fmt::format("There is no channel {}", cut(e.name, 100));
        case account_refusal::channel_not_registered:
            return fmt::format("The channel {} is not registered", cut(e.name, 100));
        case account_refusal::channel_is_registered:
            return fmt::format("The channel {} is registered already", cut(e.name, 100));
        case account_refusal::channel_is_the_lobby:
            return "The lobby belongs to everybody";
        case account_refusal::needs_channel_operator:
            return fmt::format("You are not an operator of {}", cut(e.name, 100));
        case account_refusal::needs_founder:
            return fmt::format("You may not do that in {}", cut(e.name, 100));
        case account_refusal::not_in_list:
            return fmt::format("{} is not in the access list", cut(e.detail, 100));
        case account_refusal::registration_is_closed:
            return "Nothing can be registered here now";
        case account_refusal::not_before_log_in:
            return "Come in first: this is possible only after the log-in";
        case account_refusal::may_only_listen:
            return "What you logged in with may only listen";
        case account_refusal::account_needed:
            return "You may not be here without an account";
    }
    return {};
}

}  // namespace brusio::door::irc
