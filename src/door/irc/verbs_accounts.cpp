// REGISTER and VERIFY (IRCv3 account-registration). Services register and verify in the same way (services_nick.cpp).
#include <array>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "login/crypto.hpp"
#include "login/mail_address.hpp"
#include "login/verifier.hpp"

namespace brusio::door::irc {
namespace {

constexpr std::size_t shown_bytes = 100;  // of what somebody typed

// As codes are compared: case, blanks and hyphens do not count.
std::string hash_of_code(std::string_view typed) {
    std::string plain;
    for (const char c : typed) {
        if (c == ' ' || c == '-') continue;
        plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return login::to_hex(login::view(login::sha256(plain)));
}

failures_key key_of_mail(std::string_view address) {
    failures_key key{};
    std::ranges::copy_n(login::sha256(base::fold(address)).begin(), key.size(), key.begin());
    return key;
}

std::string_view nick_asked_for(irc_conversation& talk) {
    if (const auto* reg = talk.before_log_in()) return reg->last_asked ? reg->last_asked->nick : std::string_view();
    const auto& asked = talk.about_accounts().nick;
    return asked.empty() ? talk.nick() : asked;
}

// Why nobody can register or verify on this connection now, whatever they say; a code and its text.
struct hindrance {
    std::string_view code;
    std::string_view text;
};
hindrance what_hinders(request& r) {
    const auto& s = r.talk.options();
    const auto* reg = r.talk.before_log_in();
    if (!s.accounts.here) return {"TEMPORARILY_UNAVAILABLE", "There are no accounts here"};
    if (reg != nullptr && !registers_before_log_in(s)) {
        return {"COMPLETE_CONNECTION_REQUIRED", "Come in first: this is possible only after the log-in"};
    }
    if (reg != nullptr && reg->registering) {
        return {"TEMPORARILY_UNAVAILABLE", "Another registration is being decided; wait for its answer"};
    }
    return {};
}

bool is_account(irc_conversation& talk) {
    const auto* reg = talk.before_log_in();
    if (reg == nullptr) return !talk.account().empty();
    return reg->as || (!reg->new_account.empty() && !reg->unverified);
}

std::string_view account_of(irc_conversation& talk) {
    const auto* reg = talk.before_log_in();
    return reg != nullptr && !reg->as ? std::string_view(reg->new_account) : talk.account();
}

void hear_register(request& r) {
    register_account(r, asked_by::register_command, {r.param(0), r.param(1), r.param(2)});
}

void hear_verify(request& r) { verify_account(r, asked_by::verify_command, r.param(0), r.param(1)); }

constexpr std::array rows{
    command_row{"REGISTER", 3, allowed::always, false, hear_register, nullptr,
                "REGISTER <account | *> <email | *> <password>",
                "Registers an account (capability draft/account-registration); * as its name: the nick you asked for."},
    command_row{"VERIFY", 2, allowed::always, false, hear_verify, nullptr, "VERIFY <account> <code>",
                "Completes a registration by the code that was sent."},
};

}  // namespace

std::span<const command_row> account_commands() { return rows; }

void refuse(request& r, asked_by by, std::string_view code, std::string_view about, std::string_view text) {
    std::string bytes;
    if (by != asked_by::register_command && by != asked_by::verify_command) {
        bytes = static_cast<char>(topic::voice_says);
        return r.talk.answer_late(bytes.append(text), r.out);
    }
    wire::irc_line(bytes)
        .source(r.talk.options().server_name)
        .verb("FAIL")
        .param(by == asked_by::register_command ? "REGISTER" : "VERIFY")
        .param(code)
        .param(about.empty() ? "*" : about)
        .trailing(text)
        .end();
    r.lines(std::move(bytes));
}

void register_account(request& r, asked_by by, const new_account& wanted) {
    const auto& s = r.talk.options();
    auto about = cut(wanted.name, shown_bytes);
    const auto no = [&](std::string_view code, std::string_view text) { refuse(r, by, code, about, text); };
    if (const auto h = what_hinders(r); !h.code.empty()) return no(h.code, h.text);
    if (!s.accounts.registration) return no("TEMPORARILY_UNAVAILABLE", "Accounts cannot be registered here");
    if (!r.talk.takes_secrets()) return no("TEMPORARILY_UNAVAILABLE", "Passwords are taken only over TLS");
    const auto nick = nick_asked_for(r.talk);
    if (nick.empty()) {
        about = "*";
        return no("NEED_NICK", "Say first which nick you want");
    }
    if (is_account(r.talk)) {
        about = account_of(r.talk);
        return no("ALREADY_AUTHENTICATED", "You are logged in to an account already");
    }
    if (wanted.name == "*") about = nick;
    auto name = base::make_identity(wanted.name == "*" ? nick : wanted.name);
    if (!name || name->nick != name->name || (wanted.name != "*" && name->name != wanted.name)) {
        return no("BAD_ACCOUNT_NAME", "An account's name is one that a nick can have, too");
    }
    const auto email = wanted.email == "*" ? std::string_view() : wanted.email;
    if (email.empty() && s.accounts.email_required) return no("INVALID_EMAIL", "An address of yours is needed");
    if (!email.empty() && !login::is_mail_address(email)) {
        return no("INVALID_EMAIL", "Nothing can be sent to this address");
    }
    if (wanted.password.empty()) return no("INVALID_PARAMS", "A password is needed");
    if (const auto usable = login::check_new_password(wanted.password, 1); !usable) {
        return no("UNACCEPTABLE_PASSWORD", usable.error().text);
    }
    if (const auto strong = login::check_new_password(wanted.password, s.accounts.password_min); !strong) {
        return no("WEAK_PASSWORD", strong.error().text);
    }
    if (s.accounts.email_required && !(r.talk.may_try_password(purpose::letter) &&
                                       r.talk.may_try_password(purpose::recipient, key_of_mail(email)))) {
        return no("TEMPORARILY_UNAVAILABLE", "Too many letters; wait a minute");
    }
    if (by == asked_by::register_command) r.talk.begin_voice(by, {}, r.out);
    r.talk.ask_make({.change = false,
                     .by = by,
                     .name = std::move(*name),
                     .email = std::string(email),
                     .password = r.talk.logged_in() ? std::string() : std::string(wanted.password)},
                    std::string(wanted.password), r.out);
    if (by == asked_by::register_command) r.talk.end_voice(r.out);
}

void registration_made(request& r, const making& asked, base::result<chat::credential_record> password) {
    auto* reg = r.talk.before_log_in();
    auto& mine = r.talk.about_accounts();
    if (!password) {
        refuse(r, asked.by, "TEMPORARILY_UNAVAILABLE", asked.name.nick, password.error().text);
        if (reg != nullptr) mine.asks.reset();
        return;
    }
    awaited next{.account = asked.name.nick, .email = asked.email, .password = asked.password};
    if (r.talk.options().accounts.email_required) {
        next.code = login::make_code();
        r.talk.note_failure(purpose::letter);
        r.talk.note_failure(purpose::recipient, key_of_mail(asked.email));
    }
    password->kind = chat::credential_kind::password;
    chat::register_account command{.session = r.session(),
                                   .before_log_in = reg != nullptr,
                                   .name = asked.name,
                                   .nick_fold = reg != nullptr && reg->last_asked ? reg->last_asked->nick_fold : "",
                                   .email = asked.email,
                                   .code = next.code.empty() ? std::string() : hash_of_code(next.code),
                                   .credentials = {std::move(*password)}};
    mine.waits.push_back(next);
    if (reg != nullptr) reg->registering = true;
    r.ask(std::move(command));
}

void verify_account(request& r, asked_by by, std::string_view account, std::string_view code) {
    const auto about = cut(account, shown_bytes);
    const auto no = [&](std::string_view what, std::string_view text) { refuse(r, by, what, about, text); };
    if (const auto h = what_hinders(r); !h.code.empty()) return no(h.code, h.text);
    if (is_account(r.talk)) return no("ALREADY_AUTHENTICATED", "You are logged in to an account already");
    if (!r.talk.may_try_password(purpose::code)) {
        return no("TEMPORARILY_UNAVAILABLE", "Too many wrong codes; wait a minute");
    }
    r.talk.note_failure(purpose::code);  // it may be right; but many at once are not tried before one is known
    if (by == asked_by::verify_command) r.talk.begin_voice(by, {}, r.out);
    auto* reg = r.talk.before_log_in();
    if (reg != nullptr) reg->registering = true;
    const auto name = account == "*" ? nick_asked_for(r.talk) : account;
    r.ask(chat::verify_account{r.session(), reg != nullptr, nick_of(cut(name, shown_bytes)), hash_of_code(code)});
    if (by == asked_by::verify_command) r.talk.end_voice(r.out);
}

}  // namespace brusio::door::irc
