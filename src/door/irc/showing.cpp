// Secrets that are shown and made: which of them is under way, and what follows from the answer.
#include <fmt/format.h>

#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/services.hpp"
#include "login/crypto.hpp"

namespace brusio::door::irc {

showing::~showing() { login::wipe(wanted); }
making::~making() { login::wipe(password); }
awaited::~awaited() {
    login::wipe(code);
    login::wipe(token);
    login::wipe(password);
}
registration::~registration() {
    login::wipe(password);
    login::wipe(new_password);
}

std::string_view irc_conversation::account() const {
    if (reg_) return reg_->account;
    return affairs_ ? std::string_view(affairs_->account) : std::string_view();
}

void irc_conversation::use_certificate(std::string fingerprint) {
    certified_ = !fingerprint.empty();
    if (certified_ || affairs_) about_accounts().certificate = std::move(fingerprint);
}

// Before the log-in nothing of chat is between a question and its answer, so no marks are needed.
void irc_conversation::begin_voice(asked_by by, std::string_view about, std::vector<action>& out) {
    if (!logged_in_) {
        about_accounts().asks = std::make_unique<voice>(by, std::string(about));
        return;
    }
    std::string mark{static_cast<char>(topic::voice_begins), static_cast<char>(by)};
    answer_late(mark.append(about), out);
}

void irc_conversation::end_voice(std::vector<action>& out) {
    if (logged_in_) answer_late(std::string(1, topic::voice_ends), out);
}

void irc_conversation::ask_show(showing::purpose why, show question, std::vector<action>& out, std::string wanted) {
    about_accounts().shows = std::make_unique<showing>(why, std::move(wanted));
    out.emplace_back(std::move(question));
}

void irc_conversation::ask_make(const making& what, std::string password, std::vector<action>& out) {
    about_accounts().makes = std::make_unique<making>(what);
    out.emplace_back(make_password{std::move(password)});
}

bool irc_conversation::waits_for_node() const {
    return (reg_ && (reg_->asking || reg_->registering)) || purpose_ != purpose::none ||
           (affairs_ && (affairs_->shows || affairs_->makes));
}

awaited irc_conversation::next_awaited() {
    auto& all = about_accounts().waits;
    if (all.empty()) return {};
    awaited next = all.front();
    all.pop_front();
    return next;
}

// ── shown ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// The client is this account from now on: before the log-in as far as the door is concerned, else by chat's decision,
// which tells it (`account_set`).
void irc_conversation::come_as(const chat::proof& as, const std::string& account, std::vector<action>& out) {
    if (logged_in_) {
        out.emplace_back(chat::command(chat::set_account{session_, as}));
        return;
    }
    reg_->as = as;
    reg_->account = account;
    std::string bytes;
    write_logged_in(bytes, *this, mask_before_log_in(*reg_), account);
    out.emplace_back(reply{std::move(bytes), false, {}, {}});
}

void irc_conversation::hear_shown(const shown& what, std::vector<action>& out) {
    if (leaving_ || !affairs_ || !affairs_->shows) return;
    const auto asked = std::move(affairs_->shows);
    const auto first = out.size();
    request r{*this, {}, {}, out};
    switch (asked->why) {
        case showing::purpose::sasl:
            sasl_shown(r, what);
            break;
        case showing::purpose::pass:
            pass_shown(r, what);
            break;
        case showing::purpose::registered:
            registered_shown(r, what);
            break;
        case showing::purpose::identify:
            identify_shown(r, what);
            break;
        case showing::purpose::old_password:
            old_password_shown(r, what, std::move(asked->wanted));
            break;
    }
    if (labeled_ && !logged_in_) end_label(first, out);
}

std::string_view why_not_shown(shown::outcome what) {
    switch (what) {
        case shown::outcome::throttled:
            return "too many failures; wait a while";
        case shown::outcome::busy:
            return "too many log-ins at once; try again";
        case shown::outcome::not_here:
            return "passwords are taken only over TLS";
        case shown::outcome::suspended:
            return "this account is suspended";
        case shown::outcome::unverified:
            return "this account waits for the code of the letter that was sent to it (VERIFY)";
        default:
            return "wrong account or password";
    }
}

// "account:password" of an old client. When a password of the server is needed, that may have been it.
void irc_conversation::pass_shown(request& r, const shown& what) {
    reg_->asking = false;
    if (what.what == shown::outcome::right && what.as) {
        login::wipe(reg_->password);
        come_as(*what.as, what.account, r.out);
        return try_log_in(r.out);
    }
    if (!options().password.empty() && what.what != shown::outcome::busy) return try_log_in(r.out);
    r.numeric_text(numeric::err_passwdmismatch, {}, fmt::format("Password incorrect: {}", why_not_shown(what.what)));
    close("Password incorrect", r.out);
}

void irc_conversation::registered_shown(request& r, const shown& what) {
    reg_->asking = false;
    reg_->new_account.clear();
    login::wipe(reg_->new_password);
    if (what.what == shown::outcome::right && what.as) {
        reg_->as = what.as;  // the client was told when the account was made
        return try_log_in(r.out);
    }
    const auto text = fmt::format("The new account cannot be used yet: {}", why_not_shown(what.what));
    r.numeric_text(numeric::err_saslfail, {}, text);
    close(text, r.out);
}

// ── made ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::hear_made(base::result<chat::credential_record> password, std::vector<action>& out) {
    if (leaving_ || !affairs_ || !affairs_->makes) return;
    auto asked = std::move(affairs_->makes);
    const auto first = out.size();
    request r{*this, {}, {}, out};
    if (asked->change) {
        new_password_made(r, std::move(password));
    } else {
        registration_made(r, *asked, std::move(password));
    }
    if (labeled_ && !logged_in_) end_label(first, out);
}

}  // namespace brusio::door::irc
