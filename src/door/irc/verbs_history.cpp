// CHATHISTORY, MARKREAD, REDACT; SEARCH is in searching.cpp.
#include <algorithm>
#include <array>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/history.hpp"
#include "door/irc/past.hpp"
#include "door/references.hpp"

namespace brusio::door::irc {

std::string untagged(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.starts_with('@')) line.remove_prefix(std::min(line.find(' '), line.size()));
    return std::string(line);
}

std::optional<chat::past_of> past_named(std::string_view target) {
    if (is_channel(target)) {
        auto channel = channel_of(target);
        if (!channel) return std::nullopt;
        return chat::past_of{std::move(channel), {}};
    }
    const auto who = base::make_identity(target);
    if (!who || who->nick != target) return std::nullopt;
    return chat::past_of{std::nullopt, nick_of(target)};
}

namespace {

bool refuse_without_past(request& r) {
    if (r.talk.options().history.on) return false;
    r.numeric_text(numeric::err_unknowncommand, {r.line.verb}, "This server keeps no history");
    return true;
}

bool refuse_without(request& r, cap wanted, std::string_view text) {
    if (r.talk.heard(wanted)) return false;
    r.numeric_text(numeric::err_unknowncommand, {r.line.verb}, text);
    return true;
}

// Answered in its place.
void fail(request& r, std::string_view code, std::span<const std::string> context, std::string_view text) {
    std::string bytes(1, topic::server_says);
    write_fail(bytes, r.talk, upper(r.line.verb), code, context, text);
    r.talk.answer_late(std::move(bytes), r.out);
}

void hear_chathistory(request& r) {
    if (refuse_without_past(r)) return;
    const auto wanted = parse_history(r.line);
    if (!wanted) return fail(r, wanted.error().code, wanted.error().context, wanted.error().text);
    chat::ask_past question{r.session(), std::nullopt, static_cast<char>(past_asked::history) + untagged(r.whole)};
    if (wanted->what != history_verb::targets) {
        question.of = past_named(wanted->target);
        if (!question.of) {
            const std::array context{wanted->verb, cut(wanted->target, 100)};
            return fail(r, "INVALID_TARGET", context, "Messages could not be retrieved");
        }
    }
    r.ask(std::move(question));
}

void hear_markread(request& r) {
    if (refuse_without_past(r)) return;
    if (refuse_without(r, read_marker, "MARKREAD needs the capability draft/read-marker")) return;
    if (r.params() == 0) return fail(r, "NEED_MORE_PARAMS", {}, "Missing parameters");
    auto of = past_named(r.param(0));
    const auto invalid = [&](std::string_view what, std::string_view text) {
        const std::array context{cut(what, 100)};
        fail(r, "INVALID_PARAMS", context, text);
    };
    if (!of) return invalid(r.param(0), "That is no channel and no nick");
    if (r.params() == 1) return r.ask(chat::mark_read{r.session(), std::move(*of), std::nullopt});
    constexpr std::string_view begins = "timestamp=";
    const auto text = r.param(1);
    const auto at = text.starts_with(begins) ? parse_time(text.substr(begins.size())) : std::nullopt;
    if (!at) return invalid(text, "Invalid timestamp");
    r.ask(chat::mark_read{r.session(), std::move(*of), at});
}

void hear_redact(request& r) {
    if (refuse_without_past(r)) return;
    if (refuse_without(r, message_redaction, "REDACT needs the capability draft/message-redaction")) return;
    auto of = past_named(r.param(0));
    if (!of) {
        const std::array context{cut(r.param(0), 100)};
        return fail(r, "INVALID_TARGET", context, "That is no channel and no nick");
    }
    const auto id = parse_msgid(r.param(1));
    if (!id) {
        return r.ask(chat::ask_past{r.session(), std::move(of),
                                    static_cast<char>(past_asked::unknown_message) + untagged(r.whole)});
    }
    r.ask(chat::redact{
        .session = r.session(), .of = std::move(*of), .id = *id, .reason = cut(r.param(2), chat::reason_bytes_max)});
}

void hear_searching(request& r) {
    if (!refuse_without_past(r)) hear_search(r);
}

constexpr std::array rows{
    command_row{"CHATHISTORY", 1, allowed::after_log_in, false, hear_chathistory, nullptr,
                "CHATHISTORY LATEST <target> *|<message> <limit> | BEFORE|AFTER|AROUND <target> <message> <limit> | "
                "BETWEEN <target> <message> <message> <limit> | TARGETS <time> <time> <limit>",
                "Tells what was said before. A message is msgid=<id> or timestamp=<time>."},
    command_row{"MARKREAD", 0, allowed::after_log_in, false, hear_markread, nullptr,
                "MARKREAD <target> [timestamp=<time>]",
                "Tells how far you have read, or says so (capability draft/read-marker)."},
    command_row{"REDACT", 2, allowed::after_log_in, false, hear_redact, nullptr, "REDACT <target> <msgid> [:<reason>]",
                "Takes a message back: your own, or another's where you are an operator (capability "
                "draft/message-redaction)."},
    command_row{"SEARCH", 1, allowed::after_log_in, false, hear_searching, nullptr,
                "SEARCH <attributes> | SEARCH <words>",
                "Finds messages. Words, \"phrases\", begin*, -without, from:nick, in:target, before: and after: a day, "
                "time or msgid, limit:n; or attributes as soju.im/search has them."},
};

}  // namespace

std::span<const command_row> history_commands() { return rows; }

}  // namespace brusio::door::irc
