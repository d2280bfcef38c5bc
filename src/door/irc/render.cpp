#include "door/irc/render.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace brusio::door::irc {

using wire::irc_line;

void add_tags(irc_line& line, const chat::person& who, std::int64_t at_ms, caps shape) {
    if ((shape & server_time) != 0) line.tag("time", time_text(at_ms));
    if ((shape & account_tag) != 0 && !who.account.empty()) line.tag("account", who.account);
    if ((shape & message_tags) != 0 && who.bot) line.tag("bot");
}

namespace {

irc_line about(std::string& out, const chat::person& who, std::int64_t at_ms, caps shape, std::string_view verb) {
    irc_line line(out);
    add_tags(line, who, at_ms, shape);
    line.source(who.mask).verb(verb);
    return line;
}

void show(std::string& out, const chat::joined& e, caps shape) {
    auto line = about(out, e.who, e.at_ms, shape, "JOIN");
    line.param(e.channel_name);
    if ((shape & extended_join) != 0) {
        line.param(e.who.account.empty() ? "*" : e.who.account).trailing(e.real_name);
    }
    line.end();
    if ((shape & away_notify) != 0 && !e.away.empty()) about(out, e.who, e.at_ms, shape, "AWAY").trailing(e.away).end();
}

void show(std::string& out, const chat::parted& e, caps shape) {
    auto line = about(out, e.who, e.at_ms, shape, "PART");
    line.param(e.channel_name);
    if (!e.reason.empty()) line.trailing(e.reason);
    line.end();
}

void show(std::string& out, const chat::kicked& e, caps shape) {
    about(out, e.by, e.at_ms, shape, "KICK").param(e.channel_name).param(e.nick).trailing(e.reason).end();
}

void show(std::string& out, const chat::left& e, caps shape) {
    about(out, e.who, e.at_ms, shape, "QUIT").trailing(e.reason).end();
}

void show(std::string& out, const chat::renamed& e, caps shape) {
    if (e.before.nick() == e.after.nick()) return;
    about(out, e.before, e.at_ms, shape, "NICK").param(e.after.nick()).end();
}

void show(std::string& out, const chat::topic_changed& e, caps shape) {
    about(out, e.by, e.at_ms, shape, "TOPIC").param(e.channel_name).trailing(e.text).end();
}

// The letters, then the values, in lines that hold them whole.
void show(std::string& out, const chat::modes_changed& e, caps shape) {
    std::size_t at = 0;
    while (at < e.changes.size()) {
        std::string letters;
        std::size_t bytes = 0;
        char sign = 0;
        auto to = at;
        for (; to < e.changes.size() && bytes + e.changes[to].value.size() < 300; ++to) {
            const char now = e.changes[to].add ? '+' : '-';
            if (now != sign) letters += sign = now;
            letters += e.changes[to].letter;
            bytes += e.changes[to].value.size() + 3;
        }
        to = std::max(to, at + 1);
        auto line = about(out, e.by, e.at_ms, shape, "MODE");
        line.param(e.channel_name).param(letters);
        for (; at < to; ++at) {
            if (!e.changes[at].value.empty()) line.param(e.changes[at].value);
        }
        line.end();
    }
}

void show(std::string& out, const chat::invited& e, caps shape) {
    if ((shape & invite_notify) == 0) return;
    about(out, e.by, e.at_ms, shape, "INVITE").param(e.nick).param(e.channel_name).end();
}

void show(std::string& out, const chat::away_set& e, caps shape) {
    if ((shape & away_notify) == 0) return;
    auto line = about(out, e.who, e.at_ms, shape, "AWAY");
    if (!e.text.empty()) line.trailing(e.text);
    line.end();
}

void show(std::string& out, const chat::real_name_set& e, caps shape) {
    if ((shape & setname) == 0) return;
    about(out, e.who, e.at_ms, shape, "SETNAME").trailing(e.text).end();
}

void show(std::string& out, const chat::account_set& e, caps shape) {
    if ((shape & account_notify) == 0) return;
    // The line itself says which account; no tag needs to.
    auto before = e.who;
    before.account.clear();
    about(out, before, e.at_ms, shape, "ACCOUNT").param(e.who.account.empty() ? "*" : e.who.account).end();
}

// Who does not know of it keeps the message.
void show(std::string& out, const chat::redacted& e, caps shape) {
    if ((shape & message_redaction) == 0) return;
    auto line = about(out, e.by, e.at_ms, shape, "REDACT");
    line.param(e.target).param(msgid_text(e.of));
    if (!e.reason.empty()) line.trailing(e.reason);
    line.end();
}

// Who does not know of CHGHOST sees them leave and come back, channel by channel.
void show(std::string& out, const chat::host_set& e, caps shape) {
    if ((shape & chghost) == 0) return about(out, e.before, e.at_ms, shape, "QUIT").trailing("Changing host").end();
    const auto user_host = std::string_view(e.after.mask).substr(e.after.mask.find('!') + 1);
    const auto at = user_host.find('@');
    about(out, e.before, e.at_ms, shape, "CHGHOST")
        .param(user_host.substr(0, at))
        .param(user_host.substr(at + 1))
        .end();
}

void show(std::string& out, const chat::host_shown& e, caps shape, std::string_view server) {
    if ((shape & chghost) != 0) return;
    show(out,
         chat::joined{
             .channel_name = e.channel_name, .who = e.who, .real_name = e.real_name, .away = e.away, .at_ms = e.at_ms},
         shape);
    std::string letters;
    for (const auto& row : chat::rank_table()) {
        if ((e.has & row.bit) != 0) letters += row.letter;
    }
    if (letters.empty()) return;
    irc_line line(out);
    if ((shape & server_time) != 0) line.tag("time", time_text(e.at_ms));
    line.source(server).verb("MODE").param(e.channel_name).param("+" + letters);
    for (std::size_t i = 0; i < letters.size(); ++i) line.param(e.who.nick());
    line.end();
}

void show(std::string& out, const chat::said& e, caps shape) {
    std::string with_prefix;
    std::string_view target = e.channel_name;
    if (e.at_least != 0) {
        with_prefix = prefixes_of(e.at_least, false) + e.channel_name;
        target = with_prefix;
    }
    render_message(out, {e.id, e.at_ms, &e.who, target, &e.what}, shape);
}

void show(std::string& out, const chat::told& e, caps shape) {
    render_message(out, {e.id, e.at_ms, &e.who, e.nick, &e.what}, shape);
}

void show(std::string& out, const chat::called_out& e, caps shape) {
    about(out, e.who, e.at_ms, shape, "WALLOPS").trailing(e.text).end();
}

}  // namespace

void render(std::string& out, const chat::effect& what, caps shape, std::string_view server) {
    std::visit(
        [&](const auto& e) {
            if constexpr (requires { show(out, e, shape); }) show(out, e, shape);
            if constexpr (requires { show(out, e, shape, server); }) show(out, e, shape, server);
        },
        what);
}

// ── small things ────────────────────────────────────────────────────────────────────────────────────────────────────

std::string prefixes_of(chat::ranks has, bool all) {
    std::string out;
    for (const auto& row : chat::rank_table()) {
        if ((has & row.bit) == 0) continue;
        out += row.prefix;
        if (!all) break;
    }
    return out;
}

std::string changes_text(const std::vector<chat::mode_change>& changes) {
    std::string letters;
    std::string values;
    char sign = 0;
    for (const auto& c : changes) {
        const char now = c.add ? '+' : '-';
        if (now != sign) letters += sign = now;
        letters += c.letter;
        if (!c.value.empty()) values += " " + c.value;
    }
    return letters + values;
}

}  // namespace brusio::door::irc
