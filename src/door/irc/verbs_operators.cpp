// OPER, and what operators of the server do: KILL, WALLOPS, REHASH, UBAN, CHGHOST, REQUIREACCOUNT.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/glob.hpp"
#include "door/caller.hpp"
#include "door/irc/commands.hpp"

namespace brusio::door::irc {
namespace {

void hear_oper(request& r) {
    const auto& all = r.talk.options().operators;
    if (!r.talk.takes_secrets()) {
        return r.numeric_text(numeric::err_passwdmismatch, {}, "Passwords are taken only over TLS");
    }
    if (!r.talk.may_try_password(purpose::become_operator)) {
        return r.numeric_text(numeric::err_passwdmismatch, {}, "Too many wrong passwords; wait a minute");
    }
    const auto at = std::ranges::find(all, r.param(0), &settings::operator_entry::name);
    // A name that does not exist takes as long to refuse as a wrong password.
    if (all.empty()) return r.numeric_text(numeric::err_passwdmismatch, {}, "Password incorrect");
    const bool known = at != all.end();
    r.talk.ask_password(purpose::become_operator, known ? at->password_hash : all.front().password_hash,
                        known ? std::string(r.param(1)) : std::string(), std::string(cut(r.param(0), 64)), r.out);
}

void hear_kill(request& r) {
    auto reason = cut(r.param(1), chat::reason_bytes_max);
    if (reason.empty()) reason = "No reason given";
    r.ask(chat::kill{r.session(), nick_of(r.param(0)), std::move(reason)});
}

void hear_wallops(request& r) {
    if (r.param(0).empty()) return r.too_few();
    r.ask(chat::call_out{r.session(), std::string(r.param(0))});
}

// Whether one is an operator is known to chat, and when it is obeyed, not when it is heard.
void hear_rehash(request& r) { r.talk.answer_late(std::string(reload_question), r.out, true); }

void hear_chghost(request& r) {
    const auto host = r.param(1);
    const bool good =
        !host.empty() && host.size() <= 63 && host.front() != ':' && std::ranges::all_of(host, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                   c == '/' || c == ':' || c == '_';
        });
    const bool hangs = !good || host.front() == '.' || host.front() == '-' || host.back() == '.' ||
                       host.back() == '-' || host.back() == ':' || host.find("..") != std::string_view::npos;
    if (hangs) return r.fail("INVALID_HOST", {cut(host, 64)}, "A host is of letters, digits and .-/:_ , at most 63");
    r.ask(chat::set_host{r.session(), nick_of(r.param(0)), std::string(host)});
}

void hear_require_account(request& r) {
    chat::require_account command{r.session(), std::nullopt};
    const auto asked = upper(r.param(0));
    if (asked == "ON" || asked == "OFF") {
        command.on = asked == "ON";
    } else if (!asked.empty()) {
        return r.fail("INVALID_PARAMS", {cut(asked, 32)}, "Write REQUIREACCOUNT ON or OFF");
    }
    r.ask(command);
}

// ── bans ────────────────────────────────────────────────────────────────────────────────────────────────────────────

// An address, a network, $a:account, or a mask.
bool read_target(std::string_view text, chat::server_ban& ban) {
    ban.what = text;
    if (text.starts_with("$a:") && text.size() > 3) {
        ban.kind = chat::ban_kind::account;
        ban.fold = base::canonical_mask(folded_mask(text.substr(3)));
        return true;
    }
    const auto slash = text.rfind('/');
    if (auto address = net::peer_from(std::string(text.substr(0, slash)))) {
        std::uint8_t prefix = 128;
        const bool dotted = text.find(':') == std::string_view::npos;
        if (slash != std::string_view::npos) {
            const auto digits = text.substr(slash + 1);
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
            const bool whole = error == std::errc() && end == digits.data() + digits.size();
            if (!whole || prefix > (dotted ? 32 : 128)) return false;
            if (prefix == 0) return false;  // everybody
            if (dotted) prefix = static_cast<std::uint8_t>(prefix + 96);
        }
        // The same network is the same ban, however its address was written.
        for (std::size_t bit = prefix; bit < 128; ++bit) {
            address->ip[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
        }
        const bool v4 = address->address().find(':') == std::string::npos && prefix >= 96;
        ban.kind = chat::ban_kind::network;
        ban.network = ip_bits_of(*address);
        ban.prefix = prefix;
        ban.what = fmt::format("{}/{}", address->address(), v4 ? prefix - 96 : prefix);
        ban.fold = ban.what;
        return true;
    }
    const auto mask = chat::whole_mask(text);
    // A mask that begins with ':' is an IPv6 address that has lost one, as the last parameter of a line.
    if (!mask || text.starts_with(':') || mask->starts_with('$')) return false;
    // Nobody's nick has a slash: that was to be a network.
    if (text.find('/') != std::string_view::npos && text.find_first_of("!@") == std::string_view::npos) return false;
    ban.kind = chat::ban_kind::mask;
    ban.what = *mask;
    ban.fold = base::canonical_mask(folded_mask(*mask));
    return ban.fold.find_first_not_of("*?!@") != std::string::npos;  // else nobody could come in any more
}

std::optional<chat::ban_action> action_of(std::string_view word) {
    const auto action = upper(word);
    if (action == "DENY") return chat::ban_action::deny;
    if (action == "REQUIRE-ACCOUNT") return chat::ban_action::need_account;
    if (action == "MUTE") return chat::ban_action::mute;
    return std::nullopt;
}

// UBAN ADD <target> [deny|require-account|mute] [<duration>] [:<reason>]
void hear_uban(request& r) {
    chat::change_server_bans command{r.session(), chat::list_action::list, {}};
    const auto what = upper(r.param(0));
    if (what == "LIST") return r.ask(std::move(command));
    const bool add = what == "ADD";
    if (!add && what != "DEL") {
        return r.fail("INVALID_SUBCOMMAND", {cut(what, 32)}, "UBAN takes ADD, DEL or LIST");
    }
    if (r.params() < 2) return r.too_few();
    command.what = add ? chat::list_action::add : chat::list_action::remove;
    if (!read_target(r.param(1), command.ban)) {
        return r.fail("INVALID_MASK", {cut(r.param(1), 100)},
                      "Name an address, a network (192.0.2.0/24), $a:account, or a mask (nick!user@host)");
    }
    if (!add) return r.ask(std::move(command));
    // What comes behind a colon is the reason, whatever it looks like; before it, what is neither is a mistake.
    const auto words = r.line.has_trailing ? r.params() - 1 : r.params();
    for (std::size_t i = 2; i < words; ++i) {
        if (const auto action = action_of(r.param(i))) {
            command.ban.action = *action;
        } else if (const auto time = duration_of(r.param(i))) {
            command.ban.until_ms = *time;
        } else {
            return r.fail("INVALID_PARAMS", {cut(r.param(i), 64)},
                          "Write deny, require-account or mute; a time such as 90s, 10m, 12h, 7d or 2w; then :reason");
        }
    }
    if (words < r.params() && words >= 2) command.ban.reason = cut(r.param(words), chat::reason_bytes_max);
    r.ask(std::move(command));
}

constexpr std::array rows{
    command_row{"CHGHOST", 2, allowed::after_log_in, true, hear_chghost, nullptr, "CHGHOST <nick> <host>",
                "Gives somebody another shown host."},
    command_row{"KILL", 1, allowed::after_log_in, true, hear_kill, nullptr, "KILL <nick> [:<reason>]",
                "Ends somebody's connections."},
    command_row{"OPER", 2, allowed::after_log_in, false, hear_oper, nullptr, "OPER <name> <password>",
                "Makes you an operator of the server, if it knows you as one."},
    command_row{"REHASH", 0, allowed::after_log_in, true, hear_rehash, nullptr, "REHASH",
                "Reads the configuration again."},
    command_row{"REQUIREACCOUNT", 0, allowed::after_log_in, true, hear_require_account, nullptr,
                "REQUIREACCOUNT [ON|OFF]",
                "Lets in only people with an account, until it is off again or the server restarts."},
    command_row{"UBAN", 1, allowed::after_log_in, true, hear_uban, nullptr,
                "UBAN ADD <target> [deny|require-account|mute] [<time>] [:<reason>] | DEL <target> | LIST",
                "Bans from the server. The target is an address, a network such as 192.0.2.0/24, $a:account or "
                "nick!user@host; the time 90s, 10m, 12h, 7d or 2w."},
    command_row{"WALLOPS", 1, allowed::after_log_in, true, hear_wallops, nullptr, "WALLOPS :<text>",
                "Tells something to everybody with mode +w."},
};

}  // namespace

std::span<const command_row> operator_commands() { return rows; }

std::optional<std::int64_t> duration_of(std::string_view text) {
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || n <= 0 || n > 1'000'000 || end + 1 != text.data() + text.size()) return std::nullopt;
    switch (*end) {
        case 's':
            return n * 1000;
        case 'm':
            return n * 60'000;
        case 'h':
            return n * 3'600'000;
        case 'd':
            return n * 86'400'000;
        case 'w':
            return n * 604'800'000;
        default:
            return std::nullopt;
    }
}

}  // namespace brusio::door::irc
