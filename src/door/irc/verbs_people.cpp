// WHO, WHOIS, WHOWAS, ISON, USERHOST, MONITOR, AWAY, SETNAME, SILENCE.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/glob.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/services.hpp"

namespace brusio::door::irc {
namespace {

void hear_who(request& r) {
    auto mask = r.params() == 0 || r.param(0) == "0" ? std::string_view("*") : r.param(0);
    chat::ask_who question{.session = r.session(), .mask = r.params() == 0 ? "*" : cut(r.param(0), 200), .after = {}};
    const auto options = r.param(1);
    const auto percent = options.find('%');
    question.operators = options.substr(0, percent).find('o') != std::string_view::npos;
    if (percent != std::string_view::npos) {
        const auto fields = options.substr(percent + 1);
        const auto comma = fields.find(',');
        question.fields = "%" + std::string(fields.substr(0, comma));
        if (comma != std::string_view::npos)
            question.token = fields.substr(comma + 1).size() <= 3 ? fields.substr(comma + 1) : "0";
    }
    if (is_channel(mask)) {
        question.channel = channel_of(mask);
        if (!question.channel) question.channel = chat::channel_name{};  // answered with nobody
    } else {
        question.fold = base::canonical_mask(folded_mask(cut(mask, 200)));
    }
    r.ask(std::move(question));
}

void hear_whois(request& r) {
    // WHOIS server nick: there is one server.
    const auto list = r.params() > 1 ? r.param(1) : r.param(0);
    const auto nicks = listed(list);
    if (nicks.empty()) return r.numeric_text(numeric::err_nonicknamegiven, {}, "No nickname given");
    for (std::size_t i = 0; i < nicks.size(); ++i) {
        if (i == targets_max) {
            return r.numeric_text(numeric::err_toomanytargets, {cut(nicks[i], 100)}, "Too many targets");
        }
        if (const auto* service = find_service(r.talk.options(), nicks[i])) {
            answer_whois(r, *service);
            continue;
        }
        r.ask(chat::ask_whois{r.session(), nick_of(cut(nicks[i], 100))});
    }
}

void hear_whowas(request& r) {
    const auto nicks = listed(r.param(0));
    if (nicks.empty()) return r.numeric_text(numeric::err_nonicknamegiven, {}, "No nickname given");
    std::uint32_t limit = 0;
    const auto text = r.param(1);
    std::from_chars(text.data(), text.data() + text.size(), limit);
    for (std::size_t i = 0; i < nicks.size(); ++i) {
        if (i == targets_max) {
            return r.numeric_text(numeric::err_toomanytargets, {cut(nicks[i], 100)}, "Too many targets");
        }
        r.ask(chat::ask_whowas{r.session(), nick_of(cut(nicks[i], 100)), limit});
    }
}

std::vector<chat::nick_name> all_nicks(request& r) {
    std::vector<chat::nick_name> nicks;
    for (const auto param : r.line.params()) {
        auto rest = param;  // old clients put all of them in one parameter
        while (!rest.empty()) {
            const auto word = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(word.size() + 1, rest.size()));
            if (!word.empty()) nicks.push_back(nick_of(word));
        }
    }
    return nicks;
}

void hear_ison(request& r) { r.ask(chat::ask_present{r.session(), all_nicks(r), false}); }
void hear_userhost(request& r) { r.ask(chat::ask_present{r.session(), all_nicks(r), true}); }

void hear_monitor(request& r) {
    using chat::list_action;
    chat::monitor command{r.session(), list_action::add, {}};
    const char what = r.param(0).size() == 1 ? r.param(0).front() : '?';
    switch (what) {
        case '+':
        case '-':
            if (what == '-') command.what = list_action::remove;
            if (r.params() < 2) return r.too_few();
            for (const auto nick : listed(r.param(1))) {
                const auto who = base::make_identity(nick);
                if (who && who->nick == nick) command.nicks.push_back(nick_of(nick));
            }
            break;
        case 'C':
        case 'c':
            command.what = list_action::clear;
            break;
        case 'L':
        case 'l':
            command.what = list_action::list;
            break;
        case 'S':
        case 's':
            command.what = list_action::status;
            break;
        default:
            return r.fail("INVALID_SUBCOMMAND", {cut(r.param(0), 32)}, "MONITOR takes +, -, C, L or S");
    }
    r.ask(std::move(command));
}

void hear_away(request& r) {
    auto text = cut(r.param(0), chat::away_bytes_max);
    if (r.talk.logged_in()) return r.ask(chat::set_away{r.session(), std::move(text)});
    if (!r.talk.has(pre_away)) return r.numeric_text(numeric::err_notregistered, {}, "You have not registered");
    r.talk.before_log_in()->away = text;
    r.numeric_text(text.empty() ? numeric::unaway : numeric::nowaway, {},
                   text.empty() ? "You are no longer marked as being away" : "You have been marked as being away");
}

void hear_setname(request& r) {
    if (r.param(0).find_first_not_of(' ') == std::string_view::npos) {
        return r.fail("INVALID_REALNAME", {}, "A real name cannot be empty");
    }
    if (r.param(0).size() > chat::real_name_bytes_max) {
        return r.fail("INVALID_REALNAME", {}, "A real name has at most 150 bytes");
    }
    r.ask(chat::set_real_name{r.session(), std::string(r.param(0))});
}

void hear_silence(request& r) {
    auto text = r.param(0);
    if (text.empty() || nick_of(text).fold == nick_of(r.talk.nick()).fold) {
        return r.ask(chat::silence{r.session(), chat::list_action::list, {}, {}});
    }
    const bool remove = text.starts_with('-');
    if (remove || text.starts_with('+')) text.remove_prefix(1);
    auto mask = chat::whole_mask(text);
    if (!mask || mask->starts_with('$')) {
        return r.fail("INVALID_MASK", {cut(text, 100)}, "Write SILENCE +nick!user@host or -nick!user@host");
    }
    auto fold = base::canonical_mask(folded_mask(*mask));
    r.ask(chat::silence{r.session(), remove ? chat::list_action::remove : chat::list_action::add, std::move(*mask),
                        std::move(fold)});
}

constexpr std::array rows{
    command_row{"AWAY", 0, allowed::always, false, hear_away, nullptr, "AWAY [:<text>]",
                "Marks you as away; alone, as here again."},
    command_row{"ISON", 1, allowed::after_log_in, false, hear_ison, nullptr, "ISON <nick> {<nick>}",
                "Tells which of these are here."},
    command_row{
        "MONITOR", 1, allowed::after_log_in, false, hear_monitor, nullptr, "MONITOR +|- <nick>{,<nick>} | C | L | S",
        "Tells you when people come and go: + and - add nicks to your list and take them off, C clears it, L shows "
        "it, S tells who of it is here."},
    command_row{"SETNAME", 1, allowed::after_log_in, false, hear_setname, nullptr, "SETNAME :<real name>",
                "Changes your real name."},
    command_row{"SILENCE", 0, allowed::after_log_in, false, hear_silence, nullptr, "SILENCE [+<mask> | -<mask>]",
                "Keeps private messages and invitations of who matches away from you; alone, lists the masks."},
    command_row{"USERHOST", 1, allowed::after_log_in, false, hear_userhost, nullptr, "USERHOST <nick> {<nick>}",
                "Shows the hosts of people."},
    command_row{"WHO", 0, allowed::after_log_in, false, hear_who, nullptr,
                "WHO <channel or mask> [o][%<fields>[,<token>]]",
                "Lists who is in a channel, or whose nick, user name, host or real name matches a mask (nick!user@host "
                "as well). o: "
                "operators only. With %, the fields to tell (WHOX), whatever their order: t token, c channel, u user, "
                "i address, "
                "h host, s server, n nick, f flags, d hops, l idle seconds, a account, o level, r real name."},
    command_row{"WHOIS", 1, allowed::after_log_in, false, hear_whois, nullptr, "WHOIS <nick>{,<nick>}",
                "Tells what is known of somebody."},
    command_row{"WHOWAS", 0, allowed::after_log_in, false, hear_whowas, nullptr, "WHOWAS <nick>{,<nick>} [<count>]",
                "Tells what is known of somebody who has left."},
};

}  // namespace

std::span<const command_row> people_commands() { return rows; }

}  // namespace brusio::door::irc
