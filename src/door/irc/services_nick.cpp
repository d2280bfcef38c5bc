// NickServ: accounts. REGISTER and VERIFY are those of verbs_accounts.cpp.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "door/irc/services.hpp"
#include "login/crypto.hpp"
#include "login/token.hpp"
#include "login/verifier.hpp"

namespace brusio::door::irc {
namespace {

using chat::account_change;
using chat::account_question;
using chat::credential_kind;

constexpr std::size_t name_bytes = 64;
constexpr std::size_t label_bytes_max = 64;

std::optional<base::identity> nick_identity(service_request& q, std::string_view typed) {
    auto who = base::make_identity(typed);
    if (who && who->nick == typed && who->name == typed) return std::move(*who);
    q.say(fmt::format("{} is no nick", cut(typed, name_bytes)));
    return std::nullopt;
}

void change(service_request& q, account_change what, std::string value = {}, std::uint64_t number = 0) {
    q.r.ask(chat::change_account{q.r.session(), std::nullopt, what, std::nullopt, std::move(value), number});
}

void change_nick(service_request& q, account_change what, std::optional<base::identity> nick) {
    q.r.ask(chat::change_account{q.r.session(), std::nullopt, what, std::move(nick), {}, 0});
}

void ask(service_request& q, account_question what) {
    std::optional<chat::nick_name> of;
    if (what == account_question::info && !q.words.empty()) of = nick_of(cut(q.word(0), name_bytes));
    q.r.ask(chat::ask_account{q.r.session(), std::move(of), what});
}

// ── coming and going ────────────────────────────────────────────────────────────────────────────────────────────────

void do_register(service_request& q) {
    register_account(q.r, asked_by::nick_serv, {"*", q.words.size() > 1 ? q.word(1) : "*", q.word(0)});
}

void do_verify(service_request& q) { verify_account(q.r, asked_by::nick_serv, q.word(0), q.word(1)); }

void do_identify(service_request& q) {
    const bool named = q.words.size() > 1;  // then all that follows is the password, also blanks
    std::string account(named ? q.word(0) : q.r.talk.nick());
    q.r.talk.ask_show(showing::purpose::identify,
                      {show::way::password, std::move(account), std::string(q.rest(named ? 1 : 0))}, q.r.out);
}

void do_logout(service_request& q) { q.r.ask(chat::set_account{q.r.session(), std::nullopt}); }

void do_ghost(service_request& q) {
    if (auto nick = nick_identity(q, q.word(0))) change_nick(q, account_change::ghost, std::move(nick));
}

void do_recover(service_request& q) {
    auto nick = nick_identity(q, q.word(0));
    if (!nick) return;
    change_nick(q, account_change::ghost, nick);
    q.r.talk.about_accounts().nick = nick->nick;
    q.r.ask(chat::rename{q.r.session(), std::move(*nick), {}});
}

// ── what belongs to an account ──────────────────────────────────────────────────────────────────────────────────────

void do_group(service_request& q) {
    change_nick(q, account_change::group, std::nullopt);  // the one it has when this is done
}
void do_ungroup(service_request& q) {
    if (auto nick = nick_identity(q, q.word(0))) change_nick(q, account_change::ungroup, std::move(nick));
}

void do_password(service_request& q) {
    if (q.r.talk.account().empty()) return q.say("You are not logged in to an account");
    const auto usable = login::check_new_password(q.word(1), q.r.talk.options().accounts.password_min);
    if (!usable) return q.say(fmt::format("That cannot be the new password: {}", usable.error().text));
    q.r.talk.ask_show(showing::purpose::old_password,
                      {show::way::password, std::string(q.r.talk.account()), std::string(q.word(0))}, q.r.out,
                      std::string(q.word(1)));
}

void change_credential(service_request& q, chat::credential_record what) {
    const bool gone = what.gone;
    q.r.ask(chat::change_credential{q.r.session(), std::nullopt, std::move(what), gone});
}

// "AB:CD:…" or "abcd…": 64 hexadecimal digits.
std::optional<std::string> fingerprint_of(std::string_view typed) {
    std::string out;
    for (const char c : typed) {
        if (c == ':') continue;
        const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        if ((lower < '0' || lower > '9') && (lower < 'a' || lower > 'f')) return std::nullopt;
        out += lower;
    }
    return out.size() == 64 ? std::optional(out) : std::nullopt;
}

void do_cert(service_request& q) {
    const auto what = upper(q.word(0));
    if (what == "LIST") return ask(q, account_question::credentials);
    if (what != "ADD" && what != "DEL") return q.say("Write CERT ADD, CERT LIST or CERT DEL");
    const bool add = what == "ADD";
    auto typed = q.word(1);
    if (add && typed.empty()) typed = q.r.talk.certificate();
    if (typed.empty()) {
        return q.say(add ? "Your client has no certificate; name a fingerprint" : "Write CERT DEL <fingerprint>");
    }
    auto id = fingerprint_of(typed);
    if (!id) return q.say("A fingerprint is of 64 hexadecimal digits (SHA-256)");
    change_credential(q, {.kind = credential_kind::certificate, .id = std::move(*id), .gone = !add});
}

void add_token(service_request& q) {
    if (q.words.size() < 2) return q.say("Write TOKEN ADD <label> [90d] [read-only]");
    if (!q.r.talk.takes_secrets()) return q.say("A token is shown only over TLS");
    chat::credential_record what{.kind = credential_kind::token, .label = cut(q.word(1), label_bytes_max)};
    for (std::size_t i = 2; i < q.words.size(); ++i) {
        if (upper(q.word(i)) == "READ-ONLY") {
            what.read_only = true;
        } else if (const auto time = duration_of(q.word(i))) {
            what.expires_ms = *time;
        } else {
            return q.say("Behind the label: a time such as 12h or 90d, and read-only");
        }
    }
    auto made = login::make_token();
    what.id = std::move(made.id);
    what.secret = std::move(made.hash);
    // It is shown when it is stored; by then, others may be on their way.
    q.r.talk.about_accounts().waits.push_back({.token = std::move(made.text)});
    q.r.talk.begin_voice(q.of.by, token_add, q.r.out);
    change_credential(q, std::move(what));
}

void do_token(service_request& q) {
    const auto what = upper(q.word(0));
    if (what == "LIST") return ask(q, account_question::credentials);
    if (what == "ADD") return add_token(q);
    if (what != "DEL" || q.words.size() < 2) return q.say("Write TOKEN ADD <label>, TOKEN LIST or TOKEN DEL <id>");
    change_credential(q, {.kind = credential_kind::token, .id = cut(q.word(1), name_bytes), .gone = true});
}

void do_set(service_request& q) {
    const auto value = upper(q.word(1));
    if (upper(q.word(0)) != "ALWAYS-ON" || (value != "ON" && value != "OFF")) {
        return q.say("Write SET ALWAYS-ON on or SET ALWAYS-ON off");
    }
    change(q, account_change::always_on, value == "ON" ? "yes" : "no");
}

void do_sessions(service_request& q) { ask(q, account_question::sessions); }

void do_logoff(service_request& q) {
    std::uint64_t number = 0;
    const auto text = q.word(0);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return q.say("Write a number of the list SESSIONS");
    change(q, account_change::end_session, {}, number);
}

void do_drop(service_request& q) {
    const auto own = q.r.talk.account();
    if (own.empty()) return q.say("You are not logged in to an account");
    if (base::fold(cut(q.word(0), name_bytes)) != base::fold(own)) {
        return q.say(
            fmt::format("To delete your account for ever, write DROP {}; what you have said stays, unless you have it "
                        "erased before (HistServ FORGET)",
                        own));
    }
    change(q, account_change::drop);
}

void do_info(service_request& q) { ask(q, account_question::info); }

void do_suspend(service_request& q) {
    q.r.ask(chat::change_account{q.r.session(), nick_of(cut(q.word(0), name_bytes)), account_change::suspend,
                                 std::nullopt, cut(q.rest(1), chat::reason_bytes_max), 0});
}
void do_unsuspend(service_request& q) {
    q.r.ask(chat::change_account{
        q.r.session(), nick_of(cut(q.word(0), name_bytes)), account_change::unsuspend, std::nullopt, {}, 0});
}

constexpr std::array rows{
    service_command{"REGISTER", 1, false, true, do_register, "<password> [<email>]",
                    "Registers your nick as your account."},
    service_command{"VERIFY", 2, false, false, do_verify, "<account> <code>",
                    "Completes a registration by the code that was sent."},
    service_command{"IDENTIFY", 1, false, true, do_identify, "[<account>] <password>",
                    "Logs in to an account: the one of your nick, if none is named. A device token will do, too."},
    service_command{"LOGOUT", 0, false, false, do_logout, "", "Leaves the account; you stay here as you are."},
    service_command{"GROUP", 0, false, false, do_group, "", "Reserves the nick that you have for your account."},
    service_command{"UNGROUP", 1, false, false, do_ungroup, "<nick>", "Gives a reserved nick back."},
    service_command{"GHOST", 1, false, false, do_ghost, "<nick>", "Puts out whoever has a nick of yours."},
    service_command{"RECOVER", 1, false, false, do_recover, "<nick>",
                    "Puts out whoever has a nick of yours, and gives it to you."},
    service_command{"PASSWORD", 2, false, true, do_password, "<old> <new>",
                    "Changes your password. Whoever else logged in by the old one is logged out."},
    service_command{"CERT", 1, false, false, do_cert, "ADD [<fingerprint>] | LIST | DEL <fingerprint>",
                    "Certificates by which you can log in (SASL EXTERNAL): ADD alone takes that of your connection."},
    service_command{"TOKEN", 1, false, false, do_token, "ADD <label> [<time>] [read-only] | LIST | DEL <id>",
                    "Tokens for your devices: each logs in instead of the password, wherever one is taken. A token is "
                    "shown once; the time (90d) says when it ends; with read-only it may listen, but not speak."},
    service_command{"SET", 2, false, false, do_set, "ALWAYS-ON on | off",
                    "Whether you stay in your channels while no client of yours is here."},
    service_command{"SESSIONS", 0, false, false, do_sessions, "", "Lists the connections that use your account."},
    service_command{"LOGOFF", 1, false, false, do_logoff, "<number>", "Ends one of them."},
    service_command{"DROP", 1, false, false, do_drop, "<account>", "Deletes your account; its name is to confirm it."},
    service_command{"INFO", 0, false, false, do_info, "[<account>]",
                    "Tells what is known of an account; of your own, all."},
    service_command{"SUSPEND", 1, true, false, do_suspend, "<account> [<reason>]",
                    "Closes an account and puts out whoever uses it."},
    service_command{"UNSUSPEND", 1, true, false, do_unsuspend, "<account>", "Opens it again."},
};

}  // namespace

std::span<const service_command> nick_service_commands() { return rows; }

// ── what follows from a secret ──────────────────────────────────────────────────────────────────────────────────────

namespace {

void say(request& r, std::string_view text) { refuse(r, asked_by::nick_serv, {}, {}, text); }

}  // namespace

void identify_shown(request& r, const shown& what) {
    if (what.what == shown::outcome::right && what.as) return r.talk.come_as(*what.as, what.account, r.out);
    say(r, fmt::format("You are not logged in: {}", why_not_shown(what.what)));
}

// A token logs in, but it does not change the password.
void old_password_shown(request& r, const shown& what, std::string wanted) {
    const bool right = what.what == shown::outcome::right && what.as && what.as->kind == credential_kind::password;
    if (right) return r.talk.ask_make({.change = true}, std::move(wanted), r.out);
    login::wipe(wanted);
    say(r, what.what == shown::outcome::throttled || what.what == shown::outcome::busy
               ? fmt::format("The password stays: {}", why_not_shown(what.what))
               : std::string("The old password is not right"));
}

void new_password_made(request& r, base::result<chat::credential_record> password) {
    if (!password) return say(r, fmt::format("The password stays: {}", password.error().text));
    password->kind = credential_kind::password;
    r.ask(chat::change_credential{r.session(), std::nullopt, std::move(*password), true});
}

}  // namespace brusio::door::irc
