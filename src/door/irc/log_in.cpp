// Coming in: passwords, gateways, the log-in and its welcome.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/caller.hpp"
#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/render.hpp"

namespace brusio::door::irc {
namespace {

constexpr std::uint8_t tries_max = 5;

}  // namespace

void irc_conversation::try_log_in(std::vector<action>& out) {
    if (logged_in_ || leaving_ || !reg_->who || reg_->username.empty() || reg_->negotiating || reg_->asking ||
        reg_->registering) {
        return;
    }
    request r{*this, {}, {}, out};
    if (affairs_) abort_sasl(r);
    if (must_show_account(out)) return;
    if (!options().password.empty() && !reg_->password_right && !reg_->as) {
        if (reg_->password.empty()) {
            r.numeric_text(numeric::err_passwdmismatch, {}, "This server needs a password, sent as PASS");
            return close("Password needed", out);
        }
        if (!takes_secrets()) {
            r.numeric_text(numeric::err_passwdmismatch, {}, "The server's password is taken only over TLS");
            return close("The server's password is taken only over TLS", out);
        }
        if (!may_try_password(purpose::server)) {
            r.numeric_text(numeric::err_passwdmismatch, {}, "Too many wrong passwords; wait a minute");
            return close("Too many wrong passwords from your address", out);
        }
        reg_->asking = true;
        return ask_password(purpose::server, options().password, std::move(reg_->password), {}, out);
    }
    reg_->asking = true;
    auto from = origin_of(reg_->from);
    from.username = reg_->username;
    from.real_name = reg_->real_name;
    from.certificate = reg_->certificate;
    out.emplace_back(chat::command(chat::log_in{session_, *reg_->who, std::move(from), std::nullopt, reg_->away,
                                                reg_->as, reg_->metadata, reg_->subscribes}));
}

// What has just been registered, or "account:password" in PASS. A log-in by SASL stands.
bool irc_conversation::must_show_account(std::vector<action>& out) {
    if (reg_->as) return false;
    request r{*this, {}, {}, out};
    if (!reg_->new_account.empty() && !reg_->unverified) {
        reg_->asking = true;
        ask_show(showing::purpose::registered, {show::way::password, reg_->new_account, std::move(reg_->new_password)},
                 out);
        return true;
    }
    const auto colon = reg_->password.find(':');
    if (!options().accounts.here || reg_->pass_tried || colon == std::string::npos ||
        colon + 1 == reg_->password.size()) {
        return false;
    }
    const auto name = reg_->password.substr(0, colon);
    const auto who = base::make_identity(name);
    if (!who || who->nick != name) return false;
    reg_->pass_tried = true;
    if (!takes_secrets()) {
        if (!options().password.empty()) return false;
        r.numeric_text(numeric::err_passwdmismatch, {}, "Passwords of accounts are taken only over TLS");
        close("Passwords of accounts are taken only over TLS", out);
        return true;
    }
    reg_->asking = true;
    ask_show(showing::purpose::pass, {show::way::password, name, reg_->password.substr(colon + 1)}, out);
    return true;
}

void irc_conversation::welcome(std::string& out, const chat::logged_in& e) {
    logged_in_ = true;
    reg_.reset();
    if (affairs_ || !e.who.account.empty()) about_accounts().account = e.who.account;
    if (affairs_) {
        affairs_->sasl.reset();
        affairs_->asks.reset();
    }
    mask_ = e.who.mask;
    nick_ = e.who.nick();
    const auto& s = options();
    numeric_text(out, numeric::welcome, {}, fmt::format("Welcome to the {} network, {}", s.network, nick_));
    numeric_text(out, numeric::yourhost, {},
                 fmt::format("Your host is {}, running version {}", s.server_name, s.version));
    numeric_text(out, numeric::created, {}, "This server was started " + time_text(s.started_ms));
    std::string user_letters;
    for (const auto& row : chat::user_mode_table()) user_letters += row.letter;
    std::string channel_letters;
    std::string with_value;
    for (const auto& row : chat::channel_mode_table()) {
        channel_letters += row.letter;
        if (row.kind != chat::mode_kind::flag) with_value += row.letter;
    }
    for (const auto& row : chat::rank_table()) {
        channel_letters += row.letter;
        with_value += row.letter;
    }
    numeric_line(out, numeric::myinfo)
        .param(s.server_name)
        .param(s.version)
        .param(user_letters)
        .param(channel_letters)
        .param(with_value)
        .end();
    write_isupport(*this, out);
    write_counts(out, *this, e.count);
    write_own_metadata(out, *this, e.metadata);
    write_motd(*this, out);
    if (e.modes != 0) {
        wire::irc_line(out).source(nick_).verb("MODE").param(nick_).param("+" + chat::letters_of(e.modes)).end();
    }
}

// ── passwords ───────────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::hear_certificate(const std::string& fingerprint) {
    if (reg_) reg_->certificate = fingerprint;
    use_certificate(fingerprint);
}

void irc_conversation::ask_password(purpose what_for, std::string kept, std::string given, std::string about,
                                    std::vector<action>& out) {
    purpose_ = what_for;
    about_ = std::make_unique<std::string>(std::move(about));
    out.emplace_back(check_password{std::move(kept), std::move(given)});
}

void irc_conversation::hear_checked(bool right, std::vector<action>& out) {
    if (leaving_) return;
    const auto about = std::move(about_);
    request r{*this, {}, {}, out};
    if (!right) note_failure(purpose_);
    switch (std::exchange(purpose_, purpose::none)) {
        case purpose::none:
        case purpose::code:
        case purpose::letter:
            return;
        case purpose::server:
            reg_->asking = false;
            if (right) {
                reg_->password_right = true;
                return try_log_in(out);
            }
            r.numeric_text(numeric::err_passwdmismatch, {}, "Password incorrect");
            close("Password incorrect", out);
            if (labeled_) end_label(0, out);
            return;
        case purpose::gateway: {
            const auto known = net::peer_from(*about);
            if (right && known) {
                out.emplace_back(move{*known});
                return;
            }
            close("WEBIRC refused", out);
            if (labeled_) end_label(0, out);
            return;
        }
        case purpose::become_operator:
            if (options().log) {
                options().log(fmt::format("{} {} operator {}", base::clean_line(nick_),
                                          right ? "is now" : "gave a wrong password for", base::clean_line(*about)));
            }
            if (right) {
                out.emplace_back(chat::command(chat::become_operator{session_, *about}));
            } else {
                r.numeric_text(numeric::err_passwdmismatch, {}, "Password incorrect");
            }
    }
}

void irc_conversation::note_failure(purpose what_for) { note_failure(what_for, prefix_); }

void irc_conversation::note_failure(purpose what_for, const failures_key& of) {
    auto& f = shared_->failures[{what_for, of}];
    const auto now = options().now_ms ? options().now_ms() : 0;
    if (now - f.since_ms > failures_forgotten_ms) f = {now, 0};
    ++f.count;
    if (shared_->failures.size() <= failures_kept) return;
    std::erase_if(shared_->failures,
                  [&](const auto& one) { return now - one.second.since_ms > failures_forgotten_ms; });
    if (shared_->failures.size() > failures_kept) shared_->failures.erase(shared_->failures.begin());
}

bool irc_conversation::may_try_password(purpose what_for) const { return may_try_password(what_for, prefix_); }

bool irc_conversation::may_try_password(purpose what_for, const failures_key& of) const {
    const auto at = shared_->failures.find({what_for, of});
    if (at == shared_->failures.end() || at->second.count < tries_max) return true;
    return !options().now_ms || options().now_ms() - at->second.since_ms > failures_forgotten_ms;
}

void irc_conversation::hear_moved(const caller& now, net::refusal refused, std::vector<action>& out) {
    if (leaving_ || !reg_) return;
    prefix_ = now.from.prefix();
    reg_->from.from = now.from;
    reg_->from.host = now.host;
    reg_->moved = true;
    takes_secrets_ = now.takes_secrets;
    if (refused != net::refusal::none) close("Too many connections from your address", out);
    try_log_in(out);
    if (labeled_) end_label(0, out);
}

}  // namespace brusio::door::irc
