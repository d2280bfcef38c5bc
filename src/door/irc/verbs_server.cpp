// What the server says of itself: MOTD, LUSERS, VERSION, TIME, INFO, ADMIN, LINKS, STATS, ISUPPORT, HELP.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/glob.hpp"
#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/render.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {
namespace {

// There is one server; whoever asks another one is told so.
bool asks_us(answering& a, std::size_t at) {
    const auto asked = a.param(at);
    const auto& name = a.talk.options().server_name;
    if (asked.empty() || base::glob_match(base::fold(asked), base::fold(name)) || asked == a.talk.nick()) return true;
    a.numeric_text(numeric::err_nosuchserver, {cut(asked, 100)}, "No such server");
    return false;
}

void answer_motd(answering& a) {
    if (asks_us(a, 0)) write_motd(a.talk, a.out);
}

void answer_version(answering& a) {
    if (!asks_us(a, 0)) return;
    const auto& s = a.talk.options();
    a.numeric_text(numeric::version, {s.version, s.server_name}, s.description);
    write_isupport(a.talk, a.out);
}

void answer_time(answering& a) {
    if (!asks_us(a, 0)) return;
    const auto& s = a.talk.options();
    const auto now = s.now_ms ? s.now_ms() : 0;
    a.numeric_text(numeric::time, {s.server_name, std::to_string(now / 1000), "0"}, time_text(now));
}

void answer_info(answering& a) {
    if (!asks_us(a, 0)) return;
    const auto& s = a.talk.options();
    for (const auto& text : {s.version, std::string("A chat server for the console: frames, IRC, and what comes."),
                             std::string("What is shown is what is kept; the rules are the same at every door."),
                             "Running since " + time_text(s.started_ms)}) {
        a.numeric_text(numeric::info, {}, text);
    }
    a.numeric_text(numeric::endofinfo, {}, "End of /INFO list");
}

void answer_admin(answering& a) {
    if (!asks_us(a, 0)) return;
    const auto& s = a.talk.options();
    if (s.admin.empty()) {
        return a.numeric_text(numeric::err_noadmininfo, {s.server_name}, "No administrative info available");
    }
    const auto line = [&](std::size_t i) { return i < s.admin.size() ? s.admin[i] : std::string("-"); };
    a.numeric_text(numeric::adminme, {s.server_name}, "Administrative info");
    a.numeric_text(numeric::adminloc1, {}, line(0));
    a.numeric_text(numeric::adminloc2, {}, line(1));
    a.numeric_text(numeric::adminemail, {}, line(2));
}

void answer_links(answering& a) {
    const auto& s = a.talk.options();
    a.numeric_text(numeric::links, {s.server_name, s.server_name}, "0 " + s.description);
    a.numeric_text(numeric::endoflinks, {"*"}, "End of /LINKS list");
}

void hear_lusers(request& r) { r.ask(chat::ask_counts{r.session()}); }

void stats_uptime(answering& a) {
    const auto& s = a.talk.options();
    const auto seconds = ((s.now_ms ? s.now_ms() : 0) - s.started_ms) / 1000;
    a.numeric_text(numeric::statsuptime, {},
                   fmt::format("Server up {} days {}:{:02}:{:02}", seconds / 86400, seconds / 3600 % 24,
                               seconds / 60 % 60, seconds % 60));
}

void stats_commands(answering& a) {
    const auto table = command_table();
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto n = a.talk.shared().used[i];
        if (n == 0) continue;
        a.talk.numeric_line(a.out, numeric::statscommands).param(table[i].verb).param(std::to_string(n)).end();
    }
}

void answer_stats(answering& a) {
    if (!asks_us(a, 1)) return;
    auto letter = a.param(0).substr(0, 1);
    if (!letter.empty() && static_cast<unsigned char>(letter.front()) >= 0x80) letter = "*";
    if (letter == "u") stats_uptime(a);
    if (letter == "m") stats_commands(a);
    if (letter == "t" && a.talk.options().timings) {
        for (const auto& line : a.talk.options().timings()) a.numeric_text(numeric::statsdebug, {"t"}, line);
    }
    a.numeric_text(numeric::endofstats, {letter.empty() ? "*" : letter}, "End of /STATS report");
}

void hear_stats(request& r) {
    if (r.param(0).starts_with('o')) return r.ask(chat::ask_operators{r.session()});
    r.talk.answer_late("=" + std::string(r.whole), r.out);
}

constexpr std::size_t help_line = 300;  // bytes of text

// ── help ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void help_on_modes(answering& a, std::string_view subject_name, bool channels) {
    a.numeric_text(numeric::helpstart, {subject_name}, channels ? "Modes of channels:" : "Modes of users:");
    const auto line = [&](std::string_view text) { a.numeric_text(numeric::helptxt, {subject_name}, text); };
    if (channels) {
        for (const auto& row : chat::channel_mode_table())
            line(fmt::format("+{} {}: {}", row.letter, row.name, row.what));
        for (const auto& row : chat::rank_table())
            line(fmt::format("+{} makes a member {} ({})", row.letter, row.name, row.prefix));
    } else {
        for (const auto& row : chat::user_mode_table()) line(fmt::format("+{} {}: {}", row.letter, row.name, row.what));
    }
    a.numeric_text(numeric::endofhelp, {subject_name}, "End of /HELP");
}

void help_index(answering& a) {
    a.numeric_text(numeric::helpstart, {"*"},
                   "Commands; HELP <command> tells more, as do HELP CMODES and HELP UMODES:");
    std::string line;
    for (const auto& row : command_table()) {
        if (line.size() + row.verb.size() > 60) a.numeric_text(numeric::helptxt, {"*"}, std::exchange(line, {}));
        line += (line.empty() ? "" : " ") + std::string(row.verb);
    }
    if (!line.empty()) a.numeric_text(numeric::helptxt, {"*"}, line);
    a.numeric_text(numeric::endofhelp, {"*"}, "End of /HELP");
}

constexpr std::array rows{
    command_row{"ADMIN", 0, allowed::after_log_in, false, nullptr, answer_admin, "ADMIN",
                "Tells who runs this server."},
    command_row{"HELP", 0, allowed::after_log_in, false, nullptr, answer_help, "HELP [<subject>]",
                "Explains a command."},
    command_row{"HELPOP", 0, allowed::after_log_in, false, nullptr, answer_help, "HELPOP [<subject>]",
                "Explains a command."},
    command_row{"INFO", 0, allowed::after_log_in, false, nullptr, answer_info, "INFO", "Tells what this server is."},
    command_row{"ISUPPORT", 0, allowed::always, false, nullptr, answer_isupport, "ISUPPORT",
                "Tells what this server supports, as at the start."},
    command_row{"LINKS", 0, allowed::after_log_in, false, nullptr, answer_links, "LINKS",
                "Lists the servers: this one."},
    command_row{"LUSERS", 0, allowed::after_log_in, false, hear_lusers, nullptr, "LUSERS",
                "Counts people and channels."},
    command_row{"MOTD", 0, allowed::after_log_in, false, nullptr, answer_motd, "MOTD", "Shows the message of the day."},
    command_row{"STATS", 0, allowed::after_log_in, false, hear_stats, answer_stats, "STATS m|o|t|u",
                "Figures: m commands, o operators, t how long commands take, u since when the server runs."},
    command_row{"TIME", 0, allowed::after_log_in, false, nullptr, answer_time, "TIME", "Tells the server's time."},
    command_row{"VERSION", 0, allowed::after_log_in, false, nullptr, answer_version, "VERSION",
                "Tells which server this is."},
};

}  // namespace

std::span<const command_row> server_commands() { return rows; }

void answer_help(answering& a) {
    const auto asked = upper(a.param(0));
    if (asked.empty() || asked == "*" || asked == "INDEX") return help_index(a);
    if (asked == "CMODES" || asked == "UMODES") return help_on_modes(a, asked, asked == "CMODES");
    const auto* row = find_command(asked);
    if (row == nullptr) {
        const bool one_word = a.param(0).find(' ') == std::string_view::npos && !a.param(0).starts_with(':');
        return a.numeric_text(numeric::err_helpnotfound, {one_word ? cut(a.param(0), 100) : std::string("*")},
                              "There is no help on that; HELP alone lists what there is");
    }
    a.numeric_text(numeric::helpstart, {row->verb}, row->usage);
    for (const auto text : wire::split_text(row->help, help_line, wire::cut_blank::drop)) {
        a.numeric_text(numeric::helptxt, {row->verb}, text);
    }
    if (row->operators_only) a.numeric_text(numeric::helptxt, {row->verb}, "For operators of the server.");
    a.numeric_text(numeric::endofhelp, {row->verb}, "End of /HELP");
}

void answer_isupport(answering& a) {
    if (!a.talk.logged_in() && !a.talk.has(extended_isupport)) {
        return a.numeric_text(numeric::err_notregistered, {}, "You have not registered");
    }
    write_isupport(a.talk, a.out);
}

void write_isupport(irc_conversation& talk, std::string& out) { write_isupport(talk, out, talk.shared().isupport); }

void write_isupport(irc_conversation& talk, std::string& out, const std::vector<std::string>& lines) {
    const auto& name = talk.options().server_name;
    const bool batched = talk.has(extended_isupport) && talk.has(batch);
    const auto reference = fmt::format("i{}", batched ? ++talk.shared().last_batch : 0);
    if (batched) wire::irc_line(out).source(name).verb("BATCH").param("+" + reference).param("draft/isupport").end();
    for (const auto& tokens : lines) {
        wire::irc_line line(out);
        if (batched) line.tag("batch", reference);
        line.source(name).numeric(static_cast<unsigned>(numeric::isupport)).param(talk.nick());
        std::string_view rest = tokens;
        while (!rest.empty()) {
            const auto token = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(token.size() + 1, rest.size()));
            line.param(token);
        }
        line.trailing("are supported by this server").end();
    }
    if (batched) wire::irc_line(out).source(name).verb("BATCH").param("-" + reference).end();
}

void write_motd(irc_conversation& talk, std::string& out) {
    const auto& s = talk.options();
    if (s.motd.empty()) return talk.numeric_text(out, numeric::err_nomotd, {}, "There is no message of the day");
    talk.numeric_text(out, numeric::motdstart, {}, fmt::format("- {} Message of the day - ", s.server_name));
    for (const auto& text : s.motd) talk.numeric_text(out, numeric::motd, {}, "- " + text);
    talk.numeric_text(out, numeric::endofmotd, {}, "End of /MOTD command.");
}

}  // namespace brusio::door::irc
