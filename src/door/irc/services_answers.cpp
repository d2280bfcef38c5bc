// What a service says of what has been done, and of what it was asked.
#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/render.hpp"
#include "door/irc/services.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {
namespace {

using chat::credential_kind;
using chat::deed;

std::string in_words(const chat::done& e) {
    switch (e.what) {
        case deed::account_registered:
        case deed::account_needs_code:
            return {};  // tell_registered
        case deed::account_verified:
            return "The account is verified";
        case deed::account_dropped:
            return fmt::format("The account {} is deleted", e.name);
        case deed::account_suspended:
            return fmt::format("The account {} is suspended", e.name);
        case deed::account_unsuspended:
            return fmt::format("The account {} is open again", e.name);
        case deed::credential_added:
            return fmt::format("Added: {}", e.detail);
        case deed::credential_removed:
            return fmt::format("Removed: {}", e.detail);
        case deed::password_changed:
            return "The password is changed";
        case deed::nick_grouped:
            return fmt::format("The nick {} is reserved for you", e.detail);
        case deed::nick_ungrouped:
            return fmt::format("The nick {} is free", e.detail);
        case deed::ghost_gone:
            return fmt::format("{} is put out", e.detail);
        case deed::session_ended:
            return "That session is ended";
        case deed::always_on_set:
            return e.detail == "yes" ? "You stay in your channels without a client"
                                     : "You leave when your last client does";
        case deed::channel_registered:
            return fmt::format("The channel {} is registered, and yours", e.name);
        case deed::channel_dropped:
            return fmt::format("The channel {} is registered no more", e.name);
        case deed::channel_transferred:
            return fmt::format("{} is the founder of {}", e.detail, e.name);
        case deed::access_changed:
            return fmt::format("The access of {} to {} is changed", e.detail, e.name);
        case deed::ranks_given:
            return fmt::format("You have your ranks in {}", e.name);
        case deed::history_set:
            return fmt::format("Who may read what was said in {} is changed", e.name);
        case deed::keep_set:
            return fmt::format("How long what was said in {} is kept is changed", e.name);
        case deed::account_forgotten:
            return fmt::format("All that {} has said is being erased", e.name);
    }
    return {};
}

std::string_view in_words(chat::redaction_refusal why) {
    switch (why) {
        case chat::redaction_refusal::no_such_target:
            return "There is no such channel or nick, or you may not read what was said there";
        case chat::redaction_refusal::no_such_message:
            return "There is no such message";
        case chat::redaction_refusal::not_stored:
            return "The server cannot store anything now; try again later";
        case chat::redaction_refusal::not_allowed:
            break;
    }
    return "You may not take back this message";
}

std::string ranks_text(chat::ranks has) {
    std::string out = "+";
    for (const auto& row : chat::rank_table()) {
        if ((has & row.bit) != 0) out += row.letter;
    }
    return out;
}

std::string period_text(std::int64_t ms) {
    constexpr std::int64_t day = 86'400'000;
    if (ms == 0) return "as the server says";
    if (ms >= kept_for_ever_ms) return "for ever";
    return ms % day == 0 ? fmt::format("for {} days", ms / day) : fmt::format("for {} s", ms / 1000);
}

std::string_view in_words(chat::history_policy policy) {
    switch (policy) {
        case chat::history_policy::standard:
            return "by default";
        case chat::history_policy::all:
            return "by all members, from the beginning";
        case chat::history_policy::since_join:
            return "by each member since they joined";
        case chat::history_policy::off:
            break;
    }
    return "by nobody";
}

using say = std::function<void(std::string_view)>;

void tell_info(const say& out, const chat::account_is& e) {
    const auto& a = e.account;
    out(fmt::format("Account {}, registered {}", a.name.name, time_text(a.created_ms)));
    out(e.present ? std::string("Somebody is logged in to it") : fmt::format("Last seen {}", time_text(a.seen_ms)));
    if (!e.owner) return;
    std::vector<std::string_view> nicks;
    nicks.reserve(a.nicks.size());
    for (const auto& nick : a.nicks) nicks.push_back(nick.nick);
    out(fmt::format("Nicks: {}", fmt::join(nicks, ", ")));
    if (!a.email.empty()) out(fmt::format("Address: {}", a.email));
    if (!e.channels.empty()) out(fmt::format("Channels: {}", fmt::join(e.channels, ", ")));
    if (a.always_on != chat::wish::unsaid) {
        out(fmt::format("Always on: {}", a.always_on == chat::wish::yes ? "yes" : "no"));
    }
    if (a.suspended) out(a.suspended_why.empty() ? "Suspended" : "Suspended: " + a.suspended_why);
}

void tell_sessions(const say& out, const chat::account_is& e) {
    for (const auto& s : e.sessions) {
        out(fmt::format("{}{}: {} from {}, since {}{}", s.number, s.own ? " (this one)" : "", s.nick, s.address,
                        time_text(s.since_ms), s.credential.empty() ? "" : ", by " + s.credential));
    }
    out(fmt::format("{} session{}; LOGOFF <number> ends one", e.sessions.size(), e.sessions.size() == 1 ? "" : "s"));
}

void tell_credentials(const say& out, const chat::account_is& e, credential_kind kind) {
    std::size_t count = 0;
    for (const auto& c : e.credentials) {
        if (c.kind != kind) continue;
        ++count;
        auto text = kind == credential_kind::token ? fmt::format("{} ({})", c.id, c.label) : c.id;
        text += ", made " + time_text(c.created_ms);
        if (c.expires_ms != 0) text += ", until " + time_text(c.expires_ms);
        if (c.read_only) text += ", read-only";
        out(text);
    }
    const auto* name = kind == credential_kind::token ? "token" : "certificate";
    out(fmt::format("{} {}{}", count, name, count == 1 ? "" : "s"));
}

void tell_registration(const say& out, const chat::registration_is& e) {
    if (e.with_access) {
        for (const auto& row : e.access) out(fmt::format("{} {}", ranks_text(row.gets), row.account));
        return out(fmt::format("{}: founder {}, and {} in the list", e.channel, e.founder, e.access.size()));
    }
    out(fmt::format("Channel {}, founder {}, registered {}", e.channel, e.founder, time_text(e.registered_ms)));
    out(fmt::format("What was said is read {}, and kept {}", in_words(e.history), period_text(e.keep_ms)));
}

}  // namespace

bool irc_conversation::tell_as_service(const chat::effect& what, std::string& out) {
    const auto& v = *asks();
    const say say_it = [&](std::string_view text) { service_line(out, service_of(v.by), text); };
    if (const auto* e = std::get_if<chat::done>(&what)) {
        say_it(in_words(*e));
        if (v.about != token_add || e->what != deed::credential_added) return true;
        if (const auto mine = next_awaited(); !mine.token.empty()) {
            say_it("Your token, which is shown only now: " + mine.token);
        }
    } else if (const auto* a = std::get_if<chat::account_is>(&what)) {
        switch (a->what) {
            case chat::account_question::info:
                tell_info(say_it, *a);
                break;
            case chat::account_question::sessions:
                tell_sessions(say_it, *a);
                break;
            case chat::account_question::credentials:
                tell_credentials(say_it, *a, v.about == "CERT" ? credential_kind::certificate : credential_kind::token);
        }
    } else if (const auto* c = std::get_if<chat::registration_is>(&what)) {
        tell_registration(say_it, *c);
    } else if (const auto* gone = std::get_if<chat::redacted>(&what)) {
        render(out, *gone, enabled(), options().server_name);
        say_it("The message is taken back");
    } else if (const auto* not_gone = std::get_if<chat::redaction_refused>(&what)) {
        say_it(in_words(not_gone->why));
    } else {
        return false;
    }
    return true;
}

}  // namespace brusio::door::irc
