// What came of a client's own commands, and what others did to it, as numerics and lines. answers_lists.cpp has the
// long ones, refusals.cpp the refusals.
#include "door/irc/answers.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "door/irc/commands.hpp"
#include "door/irc/past.hpp"
#include "door/irc/render.hpp"

namespace brusio::door::irc {
namespace {

constexpr std::size_t gone_text_max = 380;  // bytes of a line

std::string seconds_of(std::int64_t ms) { return std::to_string(ms / 1000); }

using talk = const irc_conversation&;
using then = std::vector<chat::command>;

void show(std::string& out, talk t, const chat::own_modes_are& e, then&) {
    t.numeric_line(out, numeric::umodeis).param("+" + chat::letters_of(e.modes)).end();
}

void show(std::string& out, talk t, const chat::own_modes_changed& e, then&) {
    std::string text;
    if (e.set != 0) text += "+" + chat::letters_of(e.set);
    if (e.unset != 0) text += "-" + chat::letters_of(e.unset);
    wire::irc_line line(out);
    add_tags(line, e.who, e.at_ms, t.shape());
    line.source(e.who.mask).verb("MODE").param(t.nick()).param(text).end();
}

void show(std::string& out, talk t, const chat::away_set& e, then&) {
    if (e.text.empty()) {
        t.numeric_text(out, numeric::unaway, {}, "You are no longer marked as being away");
    } else {
        t.numeric_text(out, numeric::nowaway, {}, "You have been marked as being away");
    }
}

void show(std::string& out, talk t, const chat::real_name_set& e, then&) {
    render(out, e, t.shape(), t.options().server_name);
}

// Whose host it is.
void show_own_host(std::string& out, talk t, const chat::host_set& e) {
    if (t.has(chghost)) render(out, e, t.shape(), t.options().server_name);
    const auto user_host = std::string_view(e.after.mask).substr(e.after.mask.find('!') + 1);
    t.numeric_text(out, numeric::visiblehost, {user_host.substr(user_host.find('@') + 1)},
                   "is now your displayed host");
}

// To the operator who did it, perhaps to oneself.
void show(std::string& out, talk t, const chat::host_set& e, then&) {
    if (std::ranges::find(e.sessions, t.session()) != e.sessions.end()) show_own_host(out, t, e);
    const bool same = e.before == e.after;
    t.note(out, "CHGHOST", same ? "HOST_UNCHANGED" : "HOST_CHANGED",
           same ? fmt::format("{} is shown as that already", e.after.mask)
                : fmt::format("{} is now shown as {}", e.before.mask, e.after.mask));
}

void show(std::string& out, talk t, const chat::renamed& e, then&) {
    render(out, e, t.shape(), t.options().server_name);
}

void show(std::string& out, talk t, const chat::said& e, then&) {
    if (t.has(echo_message)) render(out, e, t.shape(), t.options().server_name);
}
void show(std::string& out, talk t, const chat::told& e, then&) {
    if (t.has(echo_message)) render(out, e, t.shape(), t.options().server_name);
}

void show(std::string& out, talk t, const chat::is_away& e, then&) {
    t.numeric_text(out, numeric::away, {e.nick}, e.text);
}

void show(std::string& out, talk t, const chat::not_stored& e, then&) {
    t.numeric_text(out, numeric::err_cannotsendtochan, {e.channel_name},
                   "The server cannot store messages now, so nobody has seen this one");
}

void show(std::string& out, talk t, const chat::invited& e, then&) {
    t.numeric_line(out, numeric::inviting).param(e.nick).param(e.channel_name).end();
}

void show(std::string& out, talk t, const chat::topic_is& e, then&) {
    if (e.now.text.empty()) {
        if (e.asked) t.numeric_text(out, numeric::notopic, {e.channel}, "No topic is set");
        return;
    }
    t.numeric_text(out, numeric::topic, {e.channel}, e.now.text);
    t.numeric_line(out, numeric::topicwhotime).param(e.channel).param(e.now.by).param(seconds_of(e.now.at_ms)).end();
}

void show(std::string& out, talk t, const chat::modes_are& e, then&) {
    std::string letters = "+";
    for (const auto& m : e.modes) letters += m.letter;
    auto line = t.numeric_line(out, numeric::channelmodeis);
    line.param(e.channel).param(letters);
    for (const auto& m : e.modes) {
        if (!m.value.empty()) line.param(m.value);
    }
    line.end();
    t.numeric_line(out, numeric::creationtime).param(e.channel).param(seconds_of(e.created_ms)).end();
}

void show(std::string& out, talk t, const chat::became_operator& /*e*/, then&) {
    t.numeric_text(out, numeric::youreoper, {}, "You are now an IRC operator");
}

void show(std::string& out, talk t, const chat::kill_done& e, then&) {
    t.note(out, "KILL", "KILLED", e.nick + " has been killed");
}

void show(std::string& out, talk t, const chat::account_requirement& e, then&) {
    t.note(out, "REQUIREACCOUNT", e.on ? "ON" : "OFF",
           e.on ? "Only people with an account are let in now" : "People are let in without an account");
}

std::string in_words(const chat::server_ban& b) {
    const auto action = b.action == chat::ban_action::deny   ? "deny"
                        : b.action == chat::ban_action::mute ? "mute"
                                                             : "require-account";
    auto text = fmt::format("{} {}, by {} at {}", b.what, action, b.by, time_text(b.since_ms));
    if (b.until_ms != 0) text += ", until " + time_text(b.until_ms);
    if (!b.reason.empty()) text += ": " + b.reason;
    return text;
}

void show(std::string& out, talk t, const chat::server_bans_are& e, then&) {
    if (e.what != chat::list_action::list) {
        if (t.options().log) {
            t.options().log(fmt::format("{} has {} the server ban {}", t.nick(),
                                        e.what == chat::list_action::add ? "added" : "removed",
                                        in_words(e.bans.front())));
        }
        const bool added = e.what == chat::list_action::add;
        t.note(out, "UBAN", added ? "BAN_ADDED" : "BAN_REMOVED",
               fmt::format("{}: {}", added ? "Ban added" : "Ban removed", in_words(e.bans.front())));
        if (e.gone.empty()) return;
        return t.note(out, "UBAN", "PUT_OUT",
                      cut(fmt::format("{} put out: {}", e.gone.size(), fmt::join(e.gone, ", ")), gone_text_max));
    }
    for (const auto& ban : e.bans) t.note(out, "UBAN", "BAN", in_words(ban));
    t.note(out, "UBAN", "END_OF_BANS", fmt::format("{} server ban{}", e.bans.size(), e.bans.size() == 1 ? "" : "s"));
}

void show(std::string& out, talk t, const chat::silence_changed& e, then&) {
    wire::irc_line(out).source(e.who.mask).verb("SILENCE").param((e.add ? "+" : "-") + e.mask).end();
    (void)t;
}

void show(std::string& out, talk t, const chat::silence_is& e, then&) {
    for (const auto& mask : e.masks) t.numeric_line(out, numeric::silelist).param(t.nick()).param(mask).end();
    t.numeric_text(out, numeric::endofsilelist, {t.nick()}, "End of silence list");
}

// Names joined by commas, in lines that hold them.
void show_nicks(std::string& out, talk t, numeric number, const std::vector<std::string>& nicks) {
    std::string list;
    const auto flush = [&] {
        if (!list.empty()) t.numeric_text(out, number, {}, std::exchange(list, {}));
    };
    for (const auto& nick : nicks) {
        if (list.size() + nick.size() > 350) flush();
        list += (list.empty() ? "" : ",") + nick;
    }
    flush();
}

void show(std::string& out, talk t, const chat::monitored& e, then&) {
    std::vector<std::string> here;
    std::vector<std::string> gone;
    for (const auto& w : e.nicks) (w.mask.empty() ? gone : here).push_back(w.mask.empty() ? w.nick : w.mask);
    if (e.what == chat::list_action::list) {
        show_nicks(out, t, numeric::monlist, gone);
        return t.numeric_text(out, numeric::endofmonlist, {}, "End of MONITOR list");
    }
    show_nicks(out, t, numeric::mononline, here);
    show_nicks(out, t, numeric::monoffline, gone);
}

void show(std::string& out, talk t, const chat::rename_refused& e, then& /*after*/) {
    write_name_refused(out, t, e.why, e.asked.who.nick);
}

// The names follow in their place: who renames asks for them in the same command.
void show(std::string& out, talk t, const chat::channel_renamed& e, then& /*after*/) {
    then none;
    write_renamed_channel(out, t, e, none);
}

void show(std::string& out, talk t, const chat::called_out& e, then&) {
    if (std::ranges::find(e.to, t.session()) != e.to.end()) render(out, e, t.shape(), t.options().server_name);
}

void show(std::string& out, talk t, const chat::past_refused& e, then&) { write_past_refused(out, t, e); }

// Also what is told of each channel that one enters.
void show(std::string& out, talk t, const chat::marker_is& e, then&) {
    if (!t.has(read_marker)) return;
    wire::irc_line line(out);
    line.source(t.options().server_name).verb("MARKREAD").param(e.target);
    line.param(e.at_ms == 0 ? "*" : "timestamp=" + time_text(e.at_ms)).end();
}

void show(std::string& out, talk t, const chat::marker_refused& e, then&) {
    t.server_line(out, "FAIL", {"MARKREAD", "INTERNAL_ERROR", e.target}, "The read timestamp could not be set");
}

void show(std::string& out, talk t, const chat::redacted& e, then&) {
    render(out, e, t.shape(), t.options().server_name);
}

void show(std::string& out, talk t, const chat::redaction_refused& e, then&) {
    const auto target = cut(e.target, 100);
    const auto id = msgid_text(e.of);
    switch (e.why) {
        case chat::redaction_refusal::no_such_target:
            return t.server_line(out, "FAIL", {"REDACT", "INVALID_TARGET", target},
                                 "You cannot delete messages from " + target);
        case chat::redaction_refusal::no_such_message:
            return t.server_line(out, "FAIL", {"REDACT", "UNKNOWN_MSGID", target, id},
                                 "This message does not exist or is too old");
        case chat::redaction_refusal::not_allowed:
            return t.server_line(out, "FAIL", {"REDACT", "REDACT_FORBIDDEN", target, id},
                                 "You are not authorised to delete this message");
        case chat::redaction_refusal::not_stored:
            return t.server_line(out, "FAIL", {"REDACT", "TEMPORARILY_UNAVAILABLE", target, id},
                                 "The server cannot store anything now; try again later");
    }
}

// Everything that looks the same to whoever did it and to everybody else.
template <class E>
concept seen_alike =
    std::is_same_v<E, chat::joined> || std::is_same_v<E, chat::parted> || std::is_same_v<E, chat::kicked> ||
    std::is_same_v<E, chat::topic_changed> || std::is_same_v<E, chat::modes_changed>;

// … but that one knows oneself that one is away.
template <seen_alike E>
void show(std::string& out, talk t, const E& e, then&) {
    render(out, e, t.shape() & ~static_cast<caps>(away_notify), t.options().server_name);
}

}  // namespace

void write_name_refused(std::string& out, const irc_conversation& t, chat::name_refusal why, std::string_view nick) {
    std::string_view text = "Nickname is the server's own";
    if (why == chat::name_refusal::taken) text = "Nickname is already in use";
    if (why == chat::name_refusal::looks_like_another) text = "Nickname looks like somebody else's";
    if (why == chat::name_refusal::registered) {
        text = t.logged_in() ? "Nickname belongs to an account: log in to it first (NickServ IDENTIFY, or SASL)"
                             : "Nickname belongs to an account: log in to it (SASL, or PASS account:password)";
    }
    t.numeric_text(out, numeric::err_nicknameinuse, {nick}, text);
}

// Who does not know RENAME sees themselves leave and enter.
void write_renamed_channel(std::string& out, const irc_conversation& t, const chat::channel_renamed& e, then& after) {
    if (t.has(channel_rename)) {
        wire::irc_line line(out);
        add_tags(line, e.by, e.at_ms, t.shape());
        line.source(e.by.mask).verb("RENAME").param(e.before).param(e.after).trailing(e.reason).end();
        return;
    }
    if (e.same_name) return;
    const chat::person self{.name = {}, .mask = t.mask(), .account = {}, .bot = t.is_bot()};
    {
        wire::irc_line left(out);
        add_tags(left, self, e.at_ms, t.shape());
        left.source(t.mask()).verb("PART").param(e.before);
        if (!e.reason.empty()) left.trailing(e.reason);
        left.end();
    }
    wire::irc_line line(out);
    add_tags(line, self, e.at_ms, t.shape());
    line.source(t.mask()).verb("JOIN").param(e.after);
    if (t.has(extended_join)) {
        const auto at = std::ranges::find(e.to, t.session()) - e.to.begin();
        line.param("*").trailing(static_cast<std::size_t>(at) < e.real_names.size()
                                     ? e.real_names[static_cast<std::size_t>(at)]
                                     : std::string());
    }
    line.end();
    if (!e.now.text.empty()) show(out, t, chat::topic_is{t.session(), e.after, e.now, false}, after);
    if (!t.wants_names()) return;
    if (auto channel = channel_of(e.after)) {
        after.emplace_back(chat::ask_names{.session = t.session(), .channel = std::move(*channel), .after = {}});
    }
}

void write_answer(std::string& out, const irc_conversation& t, const chat::effect& what, then& after) {
    std::visit(
        [&](const auto& e) {
            if constexpr (requires { show(out, t, e, after); }) {
                show(out, t, e, after);
            } else if constexpr (requires { show_list(out, t, e); }) {
                show_list(out, t, e);
            }
        },
        what);
}

void write_overheard(std::string& out, const irc_conversation& t, const chat::effect& what, then& after) {
    const auto plain = [&] { render(out, what, t.shape(), t.options().server_name); };
    const auto own = [&](const auto& e) { return std::ranges::find(e.sessions, t.session()) != e.sessions.end(); };
    if (const auto* e = std::get_if<chat::came_or_went>(&what)) {
        const auto text = e->here ? e->who.mask : std::string(e->who.nick());
        return t.numeric_text(out, e->here ? numeric::mononline : numeric::monoffline, {}, text);
    }
    if (std::holds_alternative<chat::invited>(what)) {
        return render(out, what, t.shape() | invite_notify, t.options().server_name);
    }
    if (const auto* e = std::get_if<chat::marker_is>(&what)) return show(out, t, *e, after);
    // One's own words from another of one's clients: who does not expect them would take them for the other's.
    if (const auto* e = std::get_if<chat::told>(&what);
        e != nullptr && e->who.mask == t.mask() && e->nick != t.nick()) {
        if (t.has(echo_message) || t.has(self_message)) plain();
        return;
    }
    if (const auto* e = std::get_if<chat::own_modes_changed>(&what)) return show(out, t, *e, after);
    if (const auto* e = std::get_if<chat::joined>(&what); e != nullptr && own(*e)) {
        plain();
        auto channel = channel_of(e->channel_name);
        if (channel && t.wants_names()) {
            after.emplace_back(chat::ask_names{.session = t.session(),
                                               .channel = std::move(*channel),
                                               .after = {},
                                               .nicks_only = !t.has(userhost_in_names)});
        }
        return;
    }
    if (const auto* e = std::get_if<chat::channel_renamed>(&what)) return write_renamed_channel(out, t, *e, after);
    if (const auto* e = std::get_if<chat::account_set>(&what); e != nullptr && own(*e)) {
        return write_own_account(out, t, *e);
    }
    if (const auto* e = std::get_if<chat::host_set>(&what); e != nullptr && own(*e)) {
        return show_own_host(out, t, *e);
    }
    // What one monitors without sharing a channel is told to those who asked for that as well.
    const bool from_afar = std::visit(
        [&](const auto& e) {
            if constexpr (requires { e.watchers; }) return !own(e);
            return false;
        },
        what);
    // … where no fallback makes sense: they see neither channel nor coming.
    if (from_afar && std::holds_alternative<chat::host_set>(what) && !t.has(chghost)) return;
    if (!from_afar || t.has(extended_monitor)) plain();
}

}  // namespace brusio::door::irc
