#include "door/frame/phrases.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "wire/frame.hpp"
#include "wire/irc_format.hpp"

namespace brusio::door::frame {
namespace {

// What somebody wrote on IRC (a reason, where they are), quoted in a sentence.
std::string quoted(std::string_view text) {
    return base::clean_line(base::without_controls(wire::strip_formatting(text)));
}

// The end of a sentence. Formatting alone is no reason.
std::string because(std::string_view reason) {
    const auto text = quoted(reason);
    return text.empty() ? "." : ": " + text;
}

}  // namespace

std::string pair(std::string_view name, std::string_view text) {
    std::string out;
    out.reserve(2 * wire::frame_header_bytes + name.size() + text.size());
    wire::append_frame(out, name);
    wire::append_frame(out, text);
    return out;
}

std::string server_says(std::string_view server_name, std::string_view text) {
    return pair(server_name, base::without_controls(text));
}

std::string explanation(std::string_view server_name, std::string_view sentence) {
    return server_says(server_name, fmt::format("{}{}", explanation_prefix, sentence));
}

std::string help_text(bool history) {
    return "what you can type:\n"
           "/who             who is here\n"
           "/msg NAME TEXT   to one person; NAME in one word, as /who shows it\n"
           "/me TEXT         what you do: others see * TEXT\n"
           "/nick NAME       change your name\n" +
           std::string(history ? "/search WORDS    what was said before\n" : "") +
           "/quit            leave\n"
           "Everything else is a message to everyone here.";
}

std::string usage(std::string_view command) {
    if (command == "/msg") return "Write /msg NAME TEXT: the name in one word, as /who shows it, then what to say.";
    if (command == "/me") return "Write /me TEXT: what you do.";
    if (command == "/search") {
        return "Write /search WORDS. \"Several words\" in a row, begin*, -without, from:NAME, in:NAME, "
               "before:2026-11-23, after:2026-11-23 and limit:50 say more.";
    }
    return "Write /nick NAME: your new name.";
}

std::string why_refused(chat::name_refusal why, std::string_view name) {
    switch (why) {
        case chat::name_refusal::taken:
            return fmt::format("the name \"{}\" is taken. Choose another one.", name);
        case chat::name_refusal::looks_like_another:
            return fmt::format("the name \"{}\" looks like somebody else's. Choose another one.", name);
        case chat::name_refusal::registered:
            return fmt::format("the name \"{}\" is registered. Choose another one.", name);
        case chat::name_refusal::reserved:
            break;
    }
    return fmt::format("the name \"{}\" is the server's own. Choose another one.", name);
}

std::string people(const chat::names_are& answer) {
    std::string text;
    if (answer.first) {
        text = answer.total == 1 ? "1 person is here: " : fmt::format("{} people are here: ", answer.total);
    } else {
        text = "also here: ";
    }
    for (std::size_t i = 0; i < answer.people.size(); ++i) {
        const auto& p = answer.people[i].who;
        if (i > 0) text += ", ";
        text += p.name;
        if (p.nick() != p.name) text += fmt::format(" ({})", p.nick());
    }
    return text;
}

std::string why_refused(const chat::refused& r) {
    using chat::refusal;
    switch (r.why) {
        case refusal::no_such_nick:
            return fmt::format("Nobody here has the nick {}. /who shows who is here.", base::clean_line(r.nick));
        case refusal::cannot_speak_moderated:
            return "Nobody has seen your message: only those with voice may speak here now.";
        case refusal::cannot_speak_banned:
            return "Nobody has seen your message: you are banned here.";
        case refusal::cannot_speak_muted:
        case refusal::silenced_by_server:
            return "Nobody has seen your message: you have been muted.";
        case refusal::cannot_speak_without_account:
            return "Nobody has seen your message: only people with an account may speak here now.";
        case refusal::cannot_speak_so_fast:
            return fmt::format("Nobody has seen your message: slow mode is on. Wait {} s.", r.detail);
        case refusal::no_private_messages_without_account:
            return fmt::format("{} takes private messages only from people with an account.", base::clean_line(r.nick));
        default:
            return "Nobody has seen your message: you may not speak here now.";
    }
}

std::string is_away(const chat::is_away& answer) { return answer.nick + " is away" + because(answer.text); }

std::string why_not_in(const chat::not_let_in& r) {
    using chat::refusal;
    if (r.bad_account) return "this account cannot be used" + because(r.reason);
    if (r.need_account) {
        return "this server lets in only people with an account" + because(r.reason);
    }
    if (!r.channel_says) return "you are banned from this server" + because(r.reason);
    switch (*r.channel_says) {
        case refusal::banned_from_channel:
            return "you are banned here.";
        case refusal::channel_is_full:
            return "it is full here. Try again later.";
        case refusal::channel_is_invite_only:
            return "only people who are invited are let in here now.";
        case refusal::wrong_key:
            return "only people with the key are let in here now, and frames cannot give one.";
        case refusal::channel_needs_account:
            return "only people with an account are let in here now.";
        case refusal::too_many_channels:
            return "you are in too many channels already. Leave one of them.";
        case refusal::may_only_listen:
            return "with this token you may only listen, and you are not in the lobby.";
        default:
            return "you are not let in here now.";
    }
}

std::string why_ended(const chat::ended& e) {
    const auto by = base::clean_line(e.by.name);
    const auto why = because(e.reason == e.by.nick() ? std::string_view() : e.reason);
    switch (e.why) {
        case chat::end_cause::kicked:
            return fmt::format("{} has removed you{}", by, why);
        case chat::end_cause::banned_from_channel:
            return fmt::format("{} has banned you.", by);
        case chat::end_cause::killed:
            return fmt::format("{}, who runs this server, has ended your connection{}", by, why);
        case chat::end_cause::ghosted:
            return "the owner of your name has asked for it.";
        case chat::end_cause::suspended:
            return "your account is suspended" + because(e.reason);
        case chat::end_cause::logged_out:
            return "you have been logged out.";
        case chat::end_cause::parted:
            return "you have left the lobby with another client.";
        case chat::end_cause::banned_by_server:
            break;
    }
    return "you are banned from this server" + why;
}

bool is_for_people(chat::speech kind) {
    return kind == chat::speech::text || kind == chat::speech::action || kind == chat::speech::notice;
}

std::optional<std::string> plain(const chat::message& what) {
    if (!what.formatted) return what.body;
    auto text = base::without_controls(wire::strip_formatting(what.body));
    if (text.find_first_not_of('\n') == std::string::npos) return std::nullopt;
    return text;
}

}  // namespace brusio::door::frame
