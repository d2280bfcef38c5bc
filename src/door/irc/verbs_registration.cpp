// Coming in and going: CAP, NICK, USER, PASS, WEBIRC, PING, QUIT.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/metadata.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {
namespace {

void hear_nick(request& r) {
    const auto typed = r.param(0);
    if (typed.empty()) return r.numeric_text(numeric::err_nonicknamegiven, {}, "No nickname given");
    auto who = base::make_identity(typed);
    if (!who || who->nick != typed || who->name != typed) {
        return r.numeric_text(numeric::err_erroneusnickname, {cut(typed, 64)},
                              who ? "Erroneous nickname: it begins with a letter or one of []\\`_^{|} and goes on with "
                                    "these, digits or -, in composed form (NFC); at most 32 bytes"
                                  : "Erroneous nickname: " + who.error().text);
    }
    if (r.talk.logged_in()) {
        r.talk.about_accounts().nick = who->nick;
        return r.ask(chat::rename{r.session(), std::move(*who), {}});
    }
    r.talk.before_log_in()->last_asked = *who;
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
    auto* reg = r.talk.before_log_in();
    if (reg == nullptr) return;
    reg->password = r.param(0);
    reg->pass_tried = false;
}

bool is_sha256(std::string_view hex) {
    return hex.size() == 64 && hex.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string lower(std::string_view hex) {
    std::string out(hex);
    for (auto& c : out) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

// WEBIRC password gateway host ip [:options]
void hear_webirc(request& r) {
    auto* reg = r.talk.before_log_in();
    const std::string address(r.param(3));
    if (r.params() < 4) return r.talk.close("WEBIRC needs a password, a gateway, a host and an address", r.out);
    if (reg == nullptr || reg->moved || reg->asking || !reg->username.empty() || reg->who) {
        return r.talk.close("WEBIRC comes first", r.out);
    }
    for (const auto& gateway : r.talk.options().gateways) {
        if (!gateway.from || !gateway.from(reg->from.from) || !net::peer_from(address)) continue;
        // Only when the whole way is: the gateway says so, and comes over TLS itself.
        if (!r.talk.may_try_password(purpose::gateway)) break;
        const bool gateway_secure = reg->from.secure;
        reg->certificate.clear();  // was the gateway's
        r.talk.use_certificate({});
        reg->from.secure = false;
        std::string_view options = r.param(4);
        while (!options.empty()) {
            const auto option = options.substr(0, options.find(' '));
            options.remove_prefix(std::min(option.size() + 1, options.size()));
            constexpr std::string_view fingerprint = "certfp-sha-256=";
            if (option == "secure" || option.starts_with("secure=")) reg->from.secure = gateway_secure;
            if (gateway_secure && option.starts_with(fingerprint) && is_sha256(option.substr(fingerprint.size()))) {
                reg->certificate = lower(option.substr(fingerprint.size()));
            }
        }
        return r.talk.ask_password(purpose::gateway, gateway.password, std::string(r.param(0)), address, r.out);
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
    command_row{"PASS", 1, allowed::only_before_log_in, false, hear_pass, nullptr,
                "PASS <password> | <account>:<password>",
                "Gives the server's password, or logs in to an account, before NICK and USER."},
    command_row{"PING", 0, allowed::always, false, nullptr, answer_ping, "PING <token>",
                "Asks whether the server is there; it answers PONG."},
    command_row{"PONG", 0, allowed::always, false, nullptr, answer_nothing, "PONG <token>", "Answers a PING."},
    command_row{"QUIT", 0, allowed::always, false, hear_quit, nullptr, "QUIT [:<reason>]", "Leaves."},
    command_row{"USER", 4, allowed::always, false, hear_user, nullptr, "USER <user name> 0 * :<real name>",
                "Says who you are, once, at the start."},
    command_row{"WEBIRC", 0, allowed::only_before_log_in, false, hear_webirc, nullptr,
                "WEBIRC <password> <gateway> <host> <ip> [:<options>]",
                "Lets a gateway that the server knows say where its client comes from."},
};

}  // namespace

std::span<const command_row> registration_commands() { return rows; }

// ── capabilities ────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

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
        if (row == nullptr || !row->requestable || !row->value(talk.options(), talk.comes_by(), value) ||
            (off && row->bit == cap_notify && talk.values_wanted())) {
            all_known = false;
        } else {
            wanted = off ? wanted & ~static_cast<caps>(row->bit) : wanted | row->bit;
        }
    }
    const bool both = (wanted & metadata_2) != 0 && (wanted & metadata_3) != 0;
    return all_known && !both ? std::optional(wanted) : std::nullopt;
}

// The names as they were asked for, in as many lines as they take.
void request_caps(answering& a) {
    const auto now = requested(a.talk, a.talk.enabled(), a.param(1));
    if (auto* reg = a.talk.before_log_in(); reg != nullptr && now && loses_metadata(a.talk.enabled(), *now)) {
        reg->subscribes.clear();
    }
    if (now) a.talk.enable(*now);
    for (const auto names : wire::split_text(a.param(1), cap_room, wire::cut_blank::drop)) {
        a.talk.server_line(a.out, "CAP", {a.talk.nick(), now ? "ACK" : "NAK"}, names);
    }
    if (a.param(1).empty()) a.talk.server_line(a.out, "CAP", {a.talk.nick(), now ? "ACK" : "NAK"}, {});
}

}  // namespace

void note_cap(request& r) {
    if (upper(r.param(0)) != "REQ") return;
    const auto now = requested(r.talk, r.talk.heard_caps(), r.param(1));
    if (!now) return;
    if (loses_metadata(r.talk.heard_caps(), *now)) {
        r.ask(chat::subscribe{r.session(), chat::list_action::clear, {}});
    }
    r.talk.note_heard(*now);
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
        write_cap_list(a, "LS", offered(a.talk.options(), a.talk.comes_by(), values, cap_room), values);
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
