// Which service is meant, which of its commands, and its help.
#include "door/irc/services.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "login/crypto.hpp"

namespace brusio::door::irc {

// ── the services ────────────────────────────────────────────────────────────────────────────────────────────────────

std::span<const service> all_services() {
    static const std::array all{
        service{"NickServ", "nickserv", asked_by::nick_serv, "Accounts", nick_service_commands()},
        service{"ChanServ", "chanserv", asked_by::chan_serv, "Registered channels", channel_service_commands()},
        service{"HistServ", "histserv", asked_by::hist_serv, "What was said", history_service_commands()},
    };
    return all;
}

std::string_view service_of(asked_by by) {
    const auto at = std::ranges::find(all_services(), by, &service::by);
    return at == all_services().end() ? std::string_view() : at->nick;
}

const service* find_service(const settings& s, std::string_view typed) {
    if (!s.accounts.here || typed.size() > 300) return nullptr;
    // "NickServ@chat.example.org" reaches it, too: nobody can be in between.
    if (const auto at = typed.find('@'); at != std::string_view::npos) {
        if (base::fold(typed.substr(at + 1)) != base::fold(s.server_name)) return nullptr;
        typed = typed.substr(0, at);
    }
    if (typed.size() != all_services().front().fold.size()) return nullptr;  // all of them are as long
    const auto found = std::ranges::find(all_services(), base::fold(typed), &service::fold);
    if (found == all_services().end() || (found->by == asked_by::hist_serv && !s.history.on)) return nullptr;
    return &*found;
}

// ── a request ───────────────────────────────────────────────────────────────────────────────────────────────────────

std::string_view service_request::rest(std::size_t i) const {
    if (i >= words.size()) return {};
    const auto* begin = words[i].data();
    return {begin, static_cast<std::size_t>(words.back().data() + words.back().size() - begin)};
}

void service_request::say(std::string_view text) {
    std::string bytes(1, topic::voice_says);
    r.talk.answer_late(bytes.append(text), r.out);
}

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (!word.empty()) words.push_back(word);
    }
    return words;
}

const service_command* find(const service& in, std::string_view name) {
    const auto wanted = upper(name);
    const auto at = std::ranges::find(in.commands, wanted, &service_command::name);
    return at == in.commands.end() ? nullptr : &*at;
}

std::string usage_of(const service_command& c) {
    return c.usage.empty() ? std::string(c.name) : fmt::format("{} {}", c.name, c.usage);
}

void say_help(service_request& q) {
    if (const auto* about = q.words.empty() ? nullptr : find(q.of, q.word(0))) {
        q.say(usage_of(*about));
        q.say(about->help);
        if (about->operators_only) q.say("For operators of the server.");
        return;
    }
    if (!q.words.empty()) {
        return q.say(fmt::format("There is no command {}; HELP lists what there is", cut(upper(q.word(0)), 32)));
    }
    q.say(fmt::format("{}: {}. What it does:", q.of.nick, q.of.real_name));
    for (const auto& c : q.of.commands) q.say(fmt::format("  {}", usage_of(c)));
    q.say("HELP <command> explains one");
}

void obey(service_request& q, std::string_view name) {
    if (name.empty() || upper(name) == "HELP") return say_help(q);
    const auto* c = find(q.of, name);
    if (c == nullptr) {
        return q.say(fmt::format("There is no command {}; HELP lists what there is", cut(upper(name), 32)));
    }
    if (q.words.size() < c->min_words) return q.say("Write " + usage_of(*c));
    if (c->secret && !q.r.talk.takes_secrets()) {
        return q.say("Passwords are taken only over TLS; change yours if you have just sent it");
    }
    c->run(q);
}

}  // namespace

void serve(request& r, const service& to, std::string_view text) {
    auto words = words_of(text);
    const auto name = words.empty() ? std::string_view() : words.front();
    const auto* known = find(to, name);
    r.talk.begin_voice(to.by, known == nullptr ? std::string_view() : known->name, r.out);
    if (!words.empty()) words.erase(words.begin());
    service_request q{r, to, std::move(words)};
    obey(q, name);
    r.talk.end_voice(r.out);
}

// It is nobody's connection: what there is to tell, the server knows by itself.
void answer_whois(request& r, const service& about) {
    const auto& s = r.talk.options();
    r.numeric_text(numeric::whoisuser, {about.nick, about.nick, s.server_name, "*"}, about.real_name);
    r.numeric_text(numeric::whoisserver, {about.nick, s.server_name}, s.description);
    r.numeric_text(numeric::whoisbot, {about.nick}, "is a bot");
    r.numeric_text(numeric::endofwhois, {about.nick}, "End of /WHOIS list");
}

// ── as commands ─────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

void hear_service(request& r, std::string_view nick) {
    const auto* to = find_service(r.talk.options(), nick);
    if (to == nullptr) return r.numeric_text(numeric::err_unknowncommand, {r.line.verb}, "There is no such service");
    std::string text;
    for (std::size_t i = 0; i < r.params(); ++i) text.append(i == 0 ? "" : " ").append(r.param(i));
    serve(r, *to, text);
    login::wipe(text);
}
void hear_nick_serv(request& r) { hear_service(r, "NickServ"); }
void hear_chan_serv(request& r) { hear_service(r, "ChanServ"); }
void hear_hist_serv(request& r) { hear_service(r, "HistServ"); }

constexpr std::string_view nick_help = "Speaks to NickServ, which looks after accounts; NS HELP lists what it does.";
constexpr std::string_view chan_help =
    "Speaks to ChanServ, which looks after registered channels; CS HELP lists what it does.";
constexpr std::string_view hist_help =
    "Speaks to HistServ, which looks after what was said; HS HELP lists what it does.";

constexpr std::array rows{
    command_row{"CHANSERV", 0, allowed::after_log_in, false, hear_chan_serv, nullptr, "CHANSERV <command>", chan_help},
    command_row{"CS", 0, allowed::after_log_in, false, hear_chan_serv, nullptr, "CS <command>", chan_help},
    command_row{"HISTSERV", 0, allowed::after_log_in, false, hear_hist_serv, nullptr, "HISTSERV <command>", hist_help},
    command_row{"HS", 0, allowed::after_log_in, false, hear_hist_serv, nullptr, "HS <command>", hist_help},
    command_row{"NICKSERV", 0, allowed::after_log_in, false, hear_nick_serv, nullptr, "NICKSERV <command>", nick_help},
    command_row{"NS", 0, allowed::after_log_in, false, hear_nick_serv, nullptr, "NS <command>", nick_help},
};

}  // namespace

std::span<const command_row> service_commands() { return rows; }

}  // namespace brusio::door::irc
