#include "door/frame/conversation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/caller.hpp"
#include "door/frame/phrases.hpp"
#include "door/frame/searching.hpp"

namespace brusio::door::frame {
namespace {

// The topics of ask_door that are not a usage.
constexpr std::string_view help_topic = "/help";

// The first word, and what follows it without the blanks between.
std::pair<std::string_view, std::string_view> first_word(std::string_view line) {
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    auto rest = line.substr(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    return {line.substr(0, end), rest};
}

// Behind a colon may be a password, which is for no screen and no log.
std::string without_password(std::string_view name) {
    const auto colon = name.find(':');
    return base::clean_line(colon == 0 ? name : name.substr(0, colon));
}

// A nick as typed in a command, folded for the comparison; a one-word name leads to its nick as well.
std::string folded_nick(std::string_view typed) {
    const auto who = base::make_identity(typed);
    return who ? who->nick_fold : std::string{};
}

}  // namespace

// ── what a client says ──────────────────────────────────────────────────────────────────────────────────────────────

void frame_conversation::hear(std::string message, std::vector<action>& out) {
    if (leaving_) return;
    if (!named_) return hear_name(message, out);
    if (settings_->commands && message.starts_with('/')) {
        std::string_view line = message;
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        if (hear_command(line, out)) return;
    }
    out.emplace_back(chat::command(chat::say{session_, settings_->lobby, 0, {.body = std::move(message)}}));
}

// "name:password", where that is the way to log in and the name is registered; else all of it is the name.
void frame_conversation::hear_name(std::string_view name, std::vector<action>& out) {
    named_ = true;
    const auto colon = name.find(':');
    if (!settings_->accounts || colon == 0 || colon == std::string_view::npos || colon + 1 == name.size()) {
        return log_in(name, std::nullopt, out);
    }
    first_ = std::make_unique<std::string>(name);
    std::string_view password = name.substr(colon + 1);
    while (password.ends_with('\n') || password.ends_with('\r')) password.remove_suffix(1);
    out.emplace_back(show{show::way::password, std::string(name.substr(0, colon)), std::string(password)});
}

void frame_conversation::hear_shown(const shown& what, std::vector<action>& out) {
    if (!first_ || leaving_) return;
    const auto first = std::exchange(first_, nullptr);
    const auto name = std::string_view(*first).substr(0, first->find(':'));
    if (what.what == shown::outcome::right) return log_in(name, what.as, out);
    if (!what.known) return log_in(*first, std::nullopt, out);
    leaving_ = true;
    std::string_view why = "the password is not right.";
    if (what.what == shown::outcome::throttled) why = "too many wrong passwords. Wait a minute.";
    if (what.what == shown::outcome::busy) why = "too many log in at once. Try again in a moment.";
    if (what.what == shown::outcome::suspended) why = "suspended.";
    if (what.what == shown::outcome::unverified) why = "waits for the code of the letter that was sent to it.";
    if (what.what == shown::outcome::not_here) why = "passwords are only taken over TLS here.";
    out.emplace_back(
        explain(fmt::format("\"{}\" is registered, and {}", base::clean_line(name), why), "log-in refused"));
}

void frame_conversation::log_in(std::string_view name, std::optional<chat::proof> as, std::vector<action>& out) {
    auto who = base::make_identity(name);
    if (!who) {
        leaving_ = true;
        out.emplace_back(explain(who.error().text + ". Connect again with another one.", "impossible name"));
        return;
    }
    auto from = origin_of(*std::exchange(from_, nullptr));
    from.username = "~frame";
    from.real_name = who->name;
    out.emplace_back(
        chat::command(chat::log_in{session_, std::move(*who), std::move(from), settings_->lobby, {}, std::move(as)}));
}

// False when the line is no command but a message.
bool frame_conversation::hear_command(std::string_view line, std::vector<action>& out) {
    const auto [word, rest] = first_word(line);
    const auto ask = [&](std::string_view topic) {
        out.emplace_back(chat::command(chat::ask_door{session_, std::string(topic)}));
    };
    if (word == "/help") {
        ask(help_topic);
    } else if (word == "/who") {
        out.emplace_back(chat::command(chat::ask_names{.session = session_, .channel = settings_->lobby, .after = {}}));
    } else if (word == "/msg") {
        const auto [nick, text] = first_word(rest);
        if (text.empty()) {
            ask(word);
        } else {
            out.emplace_back(chat::command(
                chat::tell{session_, {std::string(nick), folded_nick(nick)}, {.body = std::string(text)}}));
        }
    } else if (word == "/me") {
        if (rest.empty()) {
            ask(word);
        } else {
            out.emplace_back(chat::command(
                chat::say{session_, settings_->lobby, 0, {.kind = chat::speech::action, .body = std::string(rest)}}));
        }
    } else if (word == "/nick") {
        auto who = base::make_identity(rest);
        if (rest.empty()) {
            ask(word);
        } else if (!who) {
            ask("You keep your name: " + who.error().text + ".");
        } else {
            auto name = who->name;
            out.emplace_back(chat::command(chat::rename{session_, std::move(*who), std::move(name)}));
        }
    } else if (word == "/search" && settings_->history) {
        if (rest.empty()) return ask(word), true;
        auto question = ask_search(session_, rest);
        if (!question) return ask(question.error().text + "."), true;
        out.emplace_back(chat::command(std::move(*question)));
    } else if (word == "/quit") {
        leave("quit", {}, out);
    } else {
        return false;
    }
    return true;
}

void frame_conversation::hear_broken(net::split_status status, std::vector<action>& out) {
    if (leaving_) return;
    if (status == net::split_status::too_long) {
        const auto sentence = fmt::format("the message is longer than {} bytes.", settings_->message_bytes);
        leave(fmt::format("message over {} bytes", settings_->message_bytes),
              explanation(settings_->server_name, sentence), out);
    } else {
        leave("not the frame protocol", {}, out);
    }
}

void frame_conversation::hear_end(std::vector<action>& out) {
    if (!leaving_) leave("left", {}, out);
}

// In its place among the commands: what was said before is heard before, and what it asked for is answered before.
void frame_conversation::leave(std::string reason, std::string last_words, std::vector<action>& out) {
    leaving_ = true;
    if (!named_) {
        out.emplace_back(reply{std::move(last_words), true, std::move(reason), {}});
        return;
    }
    if (!last_words.empty()) last_words_ = std::make_unique<std::string>(std::move(last_words));
    out.emplace_back(chat::command(chat::leave{session_, std::move(reason)}));
}

// ── what a client is told ───────────────────────────────────────────────────────────────────────────────────────────

std::string frame_conversation::say(std::string_view text) const { return server_says(settings_->server_name, text); }

reply frame_conversation::explain(std::string_view sentence, std::string reason) const {
    return {explanation(settings_->server_name, sentence), true, std::move(reason), {}};
}

// Only who has an account has other clients, whose messages come here.
void frame_conversation::note_nick(const chat::person& who) {
    if (!who.account.empty()) own_nick_ = std::make_unique<std::string>(who.nick());
}

reply frame_conversation::answer(const chat::effect& what) {
    if (const auto* e = std::get_if<chat::logged_in>(&what)) note_nick(e->who);
    if (const auto* e = std::get_if<chat::names_are>(&what)) return {say(people(*e))};
    if (const auto* e = std::get_if<chat::door_asked>(&what)) {
        if (e->topic == help_topic) return {say(help_text(settings_->history))};
        return {say(e->topic.starts_with('/') ? usage(e->topic) : e->topic)};
    }
    if (const auto* e = std::get_if<chat::refused>(&what)) return {say(why_refused(*e))};
    if (const auto* e = std::get_if<chat::is_away>(&what)) return {say(is_away(*e))};
    if (const auto* e = std::get_if<chat::renamed>(&what)) {
        note_nick(e->after);
        return {say(fmt::format("You are now {}.", e->after.name))};
    }
    if (const auto* e = std::get_if<chat::rename_refused>(&what)) {
        return {say("You keep your name: " + why_refused(e->why, e->asked.who.name))};
    }
    if (const auto* e = std::get_if<chat::log_in_refused>(&what)) {
        leaving_ = true;
        const auto name = without_password(e->asked.who.name);
        if (e->why == chat::name_refusal::registered && settings_->accounts) {
            return explain(
                fmt::format("the name \"{0}\" is registered. Connect with another one, or with {0}:password.", name),
                "name refused: " + name);
        }
        return explain(why_refused(e->why, name), "name refused: " + name);
    }
    if (const auto* e = std::get_if<chat::not_let_in>(&what)) {
        leaving_ = true;
        return explain(why_not_in(*e), e->channel_says ? "not let into the lobby" : "banned from the server");
    }
    if (const auto* e = std::get_if<chat::past_granted>(&what)) {
        searched_ = std::make_unique<std::string>(e->asked);
        return {.bytes = {}, .close = false, .reason = {}, .then = {}, .look_up = granted_search(*e), .letter = {}};
    }
    if (const auto* e = std::get_if<chat::past_refused>(&what)) {
        return {say(fmt::format("There is nothing that you may read of {}.", base::clean_line(e->target)))};
    }
    if (std::holds_alternative<chat::not_stored>(what)) {
        leaving_ = true;
        return explain("the server cannot store messages now, so nobody has seen your last one. Try again later.",
                       "its message could not be stored");
    }
    if (const auto* e = std::get_if<chat::left>(&what)) {
        return {last_words_ ? *last_words_ : std::string{}, true, e->reason, {}};
    }
    return {};
}

reply frame_conversation::hear_found(const base::result<store::reply>& what) {
    if (!searched_) return {};
    const auto typed = std::exchange(searched_, nullptr);
    const auto* found = what ? std::get_if<store::found>(&*what) : nullptr;
    if (found == nullptr) return {say("The search could not be run. Try again later.")};
    return {say(found_text(*found, *typed, settings_->lobby.name, settings_->message_bytes * 3 / 4))};
}

reply frame_conversation::overhear(const chat::effect& what) {
    if (const auto* e = std::get_if<chat::told>(&what); e != nullptr && is_for_people(e->what.kind)) {
        const auto text = plain(e->what);
        if (!text) return {};
        const auto* kind = e->what.kind == chat::speech::action ? " * " : " ";
        const bool own = own_nick_ && *own_nick_ == e->who.nick() && *own_nick_ != e->nick;
        const auto prefix = own ? fmt::format("{}{}]", private_to_prefix, e->nick) : std::string(private_prefix);
        return {pair(e->who.name, prefix + kind + *text)};
    }
    if (const auto* e = std::get_if<chat::renamed>(&what)) note_nick(e->after);
    if (const auto* e = std::get_if<chat::ended>(&what)) {
        leaving_ = true;
        return explain(why_ended(*e), e->why == chat::end_cause::killed ? "killed" : "removed");
    }
    return {};
}

}  // namespace brusio::door::frame
