// The longer answers: NAMES, WHO, WHOIS, WHOWAS, LIST, LUSERS, ISON, mode lists.
#include <algorithm>

#include <fmt/format.h>

#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/render.hpp"

namespace brusio::door::irc {
namespace {

using talk = const irc_conversation&;

struct mask_parts {
    std::string_view nick;
    std::string_view user;
    std::string_view host;
};

mask_parts parts_of(std::string_view mask) {
    const auto bang = mask.find('!');
    const auto at = mask.find('@', bang);
    return {mask.substr(0, bang), mask.substr(bang + 1, at - bang - 1), mask.substr(at + 1)};
}

// "::1" would not be one word of a line.
std::string word_of(const std::string& address) { return address.starts_with(':') ? "0" + address : address; }

std::string seconds_of(std::int64_t ms) { return std::to_string(ms / 1000); }

std::string flags_of(talk t, const chat::who_entry& e) {
    std::string flags(e.away ? "G" : "H");
    if (e.server_operator) flags += '*';
    flags += prefixes_of(e.has, t.has(multi_prefix));
    if (e.who.bot) flags += 'B';
    return flags;
}

}  // namespace

void show_list(std::string& out, talk t, const chat::names_are& e) {
    std::string list;
    const auto flush = [&] {
        if (list.empty()) return;
        t.numeric_text(out, numeric::namreply, {e.secret ? "@" : "=", e.asked.channel.name}, std::exchange(list, {}));
    };
    for (const auto& p : e.people) {
        auto word = prefixes_of(p.has, t.has(multi_prefix));
        word += t.has(userhost_in_names) ? std::string_view(p.who.mask) : p.who.nick();
        if (list.size() + word.size() > 330) flush();
        list += (list.empty() ? "" : " ") + word;
    }
    flush();
    if (!e.more) t.numeric_text(out, numeric::endofnames, {e.asked.channel.name}, "End of /NAMES list");
}

// ── WHO ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

void show_whox(std::string& out, talk t, const chat::who_are& all, const chat::who_entry& e) {
    const auto p = parts_of(e.who.mask);
    const auto wants = [&](char field) { return all.asked.fields.find(field) != std::string::npos; };
    auto line = t.numeric_line(out, numeric::whospcrpl);
    if (wants('t')) line.param(all.asked.token.empty() ? "0" : all.asked.token);
    if (wants('c')) line.param(e.channel.empty() ? "*" : e.channel);
    if (wants('u')) line.param(p.user);
    if (wants('i')) line.param(e.address.empty() ? "255.255.255.255" : word_of(e.address));
    if (wants('h')) line.param(p.host);
    if (wants('s')) line.param(t.options().server_name);
    if (wants('n')) line.param(p.nick);
    if (wants('f')) line.param(flags_of(t, e));
    if (wants('d')) line.param("0");
    if (wants('l')) line.param(seconds_of(e.idle_ms));
    if (wants('a')) line.param(e.who.account.empty() ? "0" : e.who.account);
    if (wants('o')) line.param(e.has == 0 ? "n/a" : prefixes_of(e.has, false));
    if (wants('r')) line.trailing(e.real_name);
    line.end();
}

}  // namespace

void show_list(std::string& out, talk t, const chat::who_are& e) {
    for (const auto& one : e.people) {
        if (!e.asked.fields.empty()) {
            show_whox(out, t, e, one);
            continue;
        }
        const auto p = parts_of(one.who.mask);
        t.numeric_line(out, numeric::whoreply)
            .param(one.channel.empty() ? "*" : one.channel)
            .param(p.user)
            .param(p.host)
            .param(t.options().server_name)
            .param(p.nick)
            .param(flags_of(t, one))
            .trailing("0 " + one.real_name)
            .end();
    }
    if (!e.more) t.numeric_text(out, numeric::endofwho, {e.asked.mask}, "End of /WHO list");
}

// ── WHOIS, WHOWAS ───────────────────────────────────────────────────────────────────────────────────────────────────

void show_list(std::string& out, talk t, const chat::whois_is& e) {
    const auto end = [&] { t.numeric_text(out, numeric::endofwhois, {e.asked}, "End of /WHOIS list"); };
    if (!e.found) {
        t.numeric_text(out, numeric::err_nosuchnick, {e.asked}, "No such nick");
        return end();
    }
    const auto p = parts_of(e.who.mask);
    t.numeric_line(out, numeric::whoisuser)
        .param(p.nick)
        .param(p.user)
        .param(p.host)
        .param("*")
        .trailing(e.real_name)
        .end();
    std::string list;
    for (const auto& seat : e.channels) {
        const auto word = prefixes_of(seat.has, t.has(multi_prefix)) + seat.channel;
        if (list.size() + word.size() > 330) {
            t.numeric_text(out, numeric::whoischannels, {p.nick}, std::exchange(list, {}));
        }
        list += (list.empty() ? "" : " ") + word;
    }
    if (!list.empty()) t.numeric_text(out, numeric::whoischannels, {p.nick}, list);
    t.numeric_text(out, numeric::whoisserver, {p.nick, t.options().server_name}, t.options().description);
    if (!e.away.empty()) t.numeric_text(out, numeric::away, {p.nick}, e.away);
    if (e.server_operator) t.numeric_text(out, numeric::whoisoperator, {p.nick}, "is an IRC operator");
    if (!e.address.empty()) {
        t.numeric_text(out, numeric::whoishost, {p.nick},
                       fmt::format("is connecting from {}@{} {}", p.user, e.address, e.address));
        t.numeric_text(out, numeric::whoismodes, {p.nick}, "is using modes +" + chat::letters_of(e.modes));
    }
    if (e.secure) t.numeric_text(out, numeric::whoissecure, {p.nick}, "is using a secure connection");
    if (!e.certificate.empty()) {
        t.numeric_text(out, numeric::whoiscertfp, {p.nick}, "has client certificate fingerprint " + e.certificate);
    }
    if (!e.who.account.empty()) {
        t.numeric_text(out, numeric::whoisaccount, {p.nick, e.who.account}, "is logged in as");
    }
    if (e.who.bot) t.numeric_text(out, numeric::whoisbot, {p.nick}, "is a bot");
    write_whois_metadata(out, t, p.nick, e.metadata);
    t.numeric_text(out, numeric::whoisidle, {p.nick, seconds_of(e.idle_ms), seconds_of(e.since_ms)},
                   "seconds idle, signon time");
    end();
}

void show_list(std::string& out, talk t, const chat::whowas_is& e) {
    if (e.people.empty()) t.numeric_text(out, numeric::err_wasnosuchnick, {e.asked}, "There was no such nickname");
    for (const auto& one : e.people) {
        const auto p = parts_of(one.who.mask);
        t.numeric_line(out, numeric::whowasuser)
            .param(p.nick)
            .param(p.user)
            .param(p.host)
            .param("*")
            .trailing(one.real_name)
            .end();
        if (!one.address.empty()) {
            t.numeric_text(out, numeric::whoishost, {p.nick},
                           fmt::format("was connecting from {}@{} {}", p.user, one.address, one.address));
        }
        t.numeric_text(out, numeric::whoisserver, {p.nick, t.options().server_name}, time_text(one.until_ms));
    }
    t.numeric_text(out, numeric::endofwhowas, {e.asked}, "End of WHOWAS");
}

void show_list(std::string& out, talk t, const chat::present_are& e) {
    std::string list;
    std::size_t in_line = 0;
    const auto number = e.hosts ? numeric::userhost : numeric::ison;
    const auto flush = [&] {
        t.numeric_text(out, number, {}, std::exchange(list, {}));
        in_line = 0;
    };
    for (const auto& p : e.people) {
        const auto word =
            e.hosts ? fmt::format("{}{}={}{}", p.nick, p.server_operator ? "*" : "", p.away ? "-" : "+", p.host)
                    : p.nick;
        if (list.size() + word.size() > 330) flush();
        list += (list.empty() ? "" : " ") + word;
        ++in_line;
    }
    if (in_line > 0 || e.people.empty()) flush();
}

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

void show_list(std::string& out, talk t, const chat::channels_are& e) {
    if (e.first) t.numeric_line(out, numeric::liststart).param("Channel").trailing("Users  Name").end();
    for (const auto& c : e.channels) t.numeric_text(out, numeric::list, {c.name, std::to_string(c.members)}, c.topic);
    if (!e.more) t.numeric_text(out, numeric::listend, {}, "End of /LIST");
}

void show_list(std::string& out, talk t, const chat::list_is& e) {
    struct row {
        numeric entry;
        numeric end;
        std::string_view name;
    };
    const row r = e.letter == 'b'   ? row{numeric::banlist, numeric::endofbanlist, "ban"}
                  : e.letter == 'e' ? row{numeric::exceptlist, numeric::endofexceptlist, "exception"}
                                    : row{numeric::invexlist, numeric::endofinvexlist, "invite exception"};
    for (const auto& one : e.entries) {
        t.numeric_line(out, r.entry).param(e.channel).param(one.mask).param(one.by).param(seconds_of(one.at_ms)).end();
    }
    t.numeric_text(out, r.end, {e.channel}, fmt::format("End of channel {} list", r.name));
}

void show_list(std::string& out, talk t, const chat::invitations_are& e) {
    for (const auto& name : e.channels) t.numeric_line(out, numeric::invitelist).param(name).end();
    t.numeric_text(out, numeric::endofinvitelist, {}, "End of /INVITE list");
}

// ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────

void write_counts(std::string& out, talk t, const chat::head_count& c) {
    const auto all = std::to_string(c.users);
    const auto most = std::to_string(c.most_users);
    t.numeric_text(out, numeric::luserclient, {},
                   fmt::format("There are {} users and {} invisible on 1 servers", c.users - c.invisible, c.invisible));
    t.numeric_text(out, numeric::luserop, {std::to_string(c.operators)}, "operator(s) online");
    t.numeric_text(out, numeric::luserchannels, {std::to_string(c.channels)}, "channels formed");
    t.numeric_text(out, numeric::luserme, {}, fmt::format("I have {} clients and 0 servers", c.users));
    t.numeric_text(out, numeric::localusers, {all, most}, fmt::format("Current local users {}, max {}", all, most));
    t.numeric_text(out, numeric::globalusers, {all, most}, fmt::format("Current global users {}, max {}", all, most));
}

void show_list(std::string& out, talk t, const chat::counts_are& e) { write_counts(out, t, e.count); }

void show_list(std::string& out, talk t, const chat::operators_are& e) {
    for (const auto& one : e.people) {
        t.numeric_line(out, numeric::statsoline).param("O").param(one.who.nick()).param("*").param(one.name).end();
    }
    t.numeric_text(out, numeric::endofstats, {"o"}, "End of /STATS report");
}

}  // namespace brusio::door::irc
