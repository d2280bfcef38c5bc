// Coming in and going: CAP, NICK, USER, PASS, WEBIRC, PING, QUIT.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/irc/commands.hpp"

namespace brusio::door::irc {
namespace {

void hear_nick(request& r) {
    const auto typed = r.param(0);
    if (typed.empty()) return r.numeric_text(numeric::err_nonicknamegiven, {}, "No nickname given");
    auto who = base::make_identity(typed);
    if (!who || who->nick != typed || who->name != typed) {
        return r.numeric_text(numeric::err_erroneusnickname, {cut(typed, 64)},
                              who ? "Erroneous nickname: it begins with a letter or one of []\\`_^{|} and goes on with "
                                    "these, digits or -; at most 32 bytes"
                                  : "Erroneous nickname: " + who.error().text);
    }
    if (r.talk.logged_in()) return r.ask(chat::rename{r.session(), std::move(*who), {}});
    r.talk.before_log_in()->who = std::move(*who);
    r.talk.try_log_in(r.out);
}

void hear_user(request& r) {
    auto* reg = r.talk.before_log_in();
    if (reg == nullptr || !reg->username.empty()) {
        return r.numeric_text(numeric::err_alreadyregistered, {}, "You may not reregister");
    }
    if (r.param(0).empty() || r.param(3).empty()) return r.too_few();
    // Nobody checks it, which the tilde says.
    reg->username = "~";
    for (const char c : r.param(0)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.';
        if (plain && reg->username.size() < user_bytes_max) reg->username += c;
    }
    if (reg->username.size() == 1) reg->username += "user";
    reg->real_name = cut(r.param(3), chat::real_name_bytes_max);
    r.talk.try_log_in(r.out);
}

void hear_pass(request& r) {
    if (auto* reg = r.talk.before_log_in()) reg->password = r.param(0);
}

// WEBIRC password gateway host ip [:options]
void hear_webirc(request& r) {
    auto* reg = r.talk.before_log_in();
    const std::string address(r.param(3));
    if (reg == nullptr || reg->moved || reg->asking || !reg->username.empty() || reg->who) {
        return r.talk.close("WEBIRC comes first", r.out);
    }
    for (const auto& gateway : r.talk.options().gateways) {
        if (!gateway.from || !gateway.from(reg->from.from) || !net::peer_from(address)) continue;
        // Only when the whole way is: the gateway says so, and comes over TLS itself.
        const auto options = " " + std::string(r.param(4)) + " ";
        reg->from.secure = reg->from.secure && (options.find(" secure ") != std::string::npos ||
                                                options.find(" secure=") != std::string::npos);
        return r.talk.ask_password(irc_conversation::purpose::gateway, gateway.password, std::string(r.param(0)),
                                   address, r.out);
    }
    r.talk.close("WEBIRC refused", r.out);
}

void answer_ping(answering& a) {
    if (a.param(0).empty()) return a.numeric_text(numeric::err_noorigin, {}, "No origin specified");
    a.talk.server_line(a.out, "PONG", {a.talk.options().server_name}, a.param(0));
}

void answer_nothing(answering& /*a*/) {}

void hear_quit(request& r) {
    const auto text = cut(r.param(0), chat::reason_bytes_max);
    r.talk.close(text.empty() ? "Client quit" : "Quit: " + text, r.out);
}

constexpr std::array rows{
    command_row{"CAP", 1, allowed::always, false, nullptr, answer_cap, "CAP LS [302] | LIST | REQ :<names> | END",
                "Tells which capabilities there are, and asks for some."},
    command_row{"ERROR", 0, allowed::always, false, nullptr, answer_nothing, "ERROR :<text>", "Ignored."},
    command_row{"NICK", 0, allowed::always, false, hear_nick, nullptr, "NICK <nick>", "Takes a nick, or another one."},
    command_row{"PASS", 1, allowed::only_before_log_in, false, hear_pass, nullptr, "PASS <password>",
                "Gives the server's password, before NICK and USER."},
    command_row{"PING", 0, allowed::always, false, nullptr, answer_ping, "PING <token>",
                "Asks whether the server is there; it answers PONG."},
    command_row{"PONG", 0, allowed::always, false, nullptr, answer_nothing, "PONG <token>", "Answers a PING."},
    command_row{"QUIT", 0, allowed::always, false, hear_quit, nullptr, "QUIT [:<reason>]", "Leaves."},
    command_row{"USER", 4, allowed::always, false, hear_user, nullptr, "USER <user name> 0 * :<real name>",
                "Says who you are, once, at the start."},
    command_row{"WEBIRC", 4, allowed::only_before_log_in, false, hear_webirc, nullptr,
                "WEBIRC <password> <gateway> <host> <ip> [:<options>]",
                "Lets a gateway that the server knows say where its client comes from."},
};

}  // namespace

std::span<const command_row> registration_commands() { return rows; }

// ── capabilities ────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

constexpr std::size_t cap_room = 380;

unsigned version_of(std::string_view text) {
    unsigned version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    return error == std::errc() && end == text.data() + text.size() ? version : 0;
}

void write_cap_list(answering& a, std::string_view subcommand, const std::vector<std::string>& lists, bool more) {
    for (std::size_t i = 0; i < lists.size(); ++i) {
        wire::irc_line line(a.out);
        line.source(a.talk.options().server_name).verb("CAP").param(a.talk.nick()).param(subcommand);
        if (more && i + 1 < lists.size()) line.param("*");
        line.trailing(lists[i]).end();
    }
}

// What the client would have then: all that it asks for, or nothing changes.
std::optional<caps> requested(const irc_conversation& talk, caps wanted, std::string_view list) {
    bool all_known = true;
    while (!list.empty()) {
        auto name = list.substr(0, list.find(' '));
        list.remove_prefix(std::min(name.size() + 1, list.size()));
        if (name.empty()) continue;
        const bool off = name.starts_with('-');
        if (off) name.remove_prefix(1);
        const auto* row = find_capability(name);
        std::string value;
        if (row == nullptr || !row->requestable || !row->value(talk.options(), talk.secure(), value) ||
            (off && row->bit == cap_notify && talk.values_wanted())) {
            all_known = false;
        } else {
            wanted = off ? wanted & ~static_cast<caps>(row->bit) : wanted | row->bit;
        }
    }
    return all_known ? std::optional(wanted) : std::nullopt;
}

void request_caps(answering& a) {
    const auto now = requested(a.talk, a.talk.enabled(), a.param(1));
    if (now) a.talk.enable(*now);
    a.talk.server_line(a.out, "CAP", {a.talk.nick(), now ? "ACK" : "NAK"}, a.param(1));
}

}  // namespace

void note_cap(request& r) {
    if (upper(r.param(0)) != "REQ") return;
    if (const auto now = requested(r.talk, r.talk.heard_caps(), r.param(1))) r.talk.note_heard(*now);
}

void answer_cap(answering& a) {
    auto* reg = a.talk.before_log_in();
    const auto what = upper(a.param(0));
    if (what == "LS") {
        if (reg != nullptr) reg->negotiating = true;
        const bool values = a.talk.values_wanted() || version_of(a.param(1)) >= 302;
        if (values) {
            a.talk.want_values();
            a.talk.enable(a.talk.enabled() | cap_notify);
        }
        write_cap_list(a, "LS", offered(a.talk.options(), a.talk.secure(), values, cap_room), values);
    } else if (what == "LIST") {
        write_cap_list(a, "LIST", names_of(a.talk.enabled(), cap_room), a.talk.values_wanted());
    } else if (what == "REQ") {
        if (reg != nullptr) reg->negotiating = true;
        request_caps(a);
    } else if (what == "END") {
        if (reg != nullptr) reg->negotiating = false;
    } else {
        a.numeric_text(numeric::err_invalidcapcmd, {a.param(0)}, "Invalid CAP command");
    }
}

}  // namespace brusio::door::irc
