// PRIVMSG, NOTICE, TAGMSG.
#include <algorithm>
#include <array>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/services.hpp"

namespace brusio::door::irc {
namespace {

// "\1ACTION waves\1" and "\1VERSION\1" are no text but what they say.
chat::message message_of(std::string_view text, bool notice) {
    chat::message m{.kind = notice ? chat::speech::notice : chat::speech::text, .body = {}, .formatted = true};
    if (text.size() > 1 && text.front() == '\x01') {
        auto inner = text.substr(std::min(text.find_first_not_of('\x01'), text.size()));
        if (inner.ends_with('\x01')) inner.remove_suffix(1);
        constexpr std::string_view action = "ACTION";
        if (!notice && inner.starts_with(action) && (inner.size() == action.size() || inner[action.size()] == ' ')) {
            m.kind = chat::speech::action;
            m.body = inner.substr(std::min(action.size() + 1, inner.size()));
            return m;
        }
        m.kind = notice ? chat::speech::ctcp_answer : chat::speech::ctcp;
        m.body = inner;
        return m;
    }
    m.body = text;
    return m;
}

}  // namespace

// "@#channel" speaks to its operators and above; of several prefixes the lowest counts.
void speak(request& r, std::string_view target, const chat::message& what) {
    if (const auto* to = find_service(r.talk.options(), target)) {
        // Only what somebody types is for a service; like any program, it answers no notices.
        if (what.kind == chat::speech::text) serve(r, *to, what.body);
        return;
    }
    chat::ranks at_least = 0;
    auto name = target;
    while (!name.empty() && !is_channel(name)) {
        const auto table = chat::rank_table();
        const auto row = std::ranges::find(table, name.front(), &chat::rank_row::prefix);
        if (row == table.end()) break;
        at_least = at_least == 0 ? row->bit : std::min(at_least, row->bit);
        name.remove_prefix(1);
    }
    if (!is_channel(name)) return r.ask(chat::tell{r.session(), nick_of(target), what});
    auto channel = channel_of(name);
    if (!channel) {
        return r.numeric_text(numeric::err_nosuchchannel, {cut(target, 100)}, "No such channel");
    }
    r.ask(chat::say{r.session(), std::move(*channel), at_least, what});
}

namespace {

std::string no_recipient(const request& r) { return "No recipient given (" + upper(r.line.verb) + ")"; }

void to_targets(request& r, const chat::message& what, bool answered) {
    const auto all = listed(r.param(0));
    if (all.empty() && answered) return r.numeric_text(numeric::err_norecipient, {}, no_recipient(r));
    std::vector<std::string> told;
    for (const auto target : all) {
        auto folded = base::fold(target);
        if (std::ranges::find(told, folded) != told.end()) continue;
        if (told.size() == targets_max) {
            if (answered) {
                r.numeric_text(numeric::err_toomanytargets, {cut(target, 100)},
                               "Too many targets; this one and the rest got nothing");
            }
            return;
        }
        told.push_back(std::move(folded));
        speak(r, target, what);
    }
}

void hear_message(request& r, bool notice) {
    if (r.param(0).empty()) {
        if (!notice) r.numeric_text(numeric::err_norecipient, {}, no_recipient(r));
        return;
    }
    if (r.param(1).empty()) {
        if (!notice) r.numeric_text(numeric::err_notexttosend, {}, "No text to send");
        return;
    }
    auto what = message_of(r.param(1), notice);
    if (r.talk.heard(message_tags)) what.tags = client_tags(r.talk.options(), r.line.tags);
    to_targets(r, what, !notice);
}

void hear_privmsg(request& r) { hear_message(r, false); }
void hear_notice(request& r) { hear_message(r, true); }

void hear_tagmsg(request& r) {
    if (!r.talk.heard(message_tags)) {
        return r.numeric_text(numeric::err_unknowncommand, {r.line.verb}, "TAGMSG needs the capability message-tags");
    }
    if (r.param(0).empty()) return r.numeric_text(numeric::err_norecipient, {}, no_recipient(r));
    chat::message what{.kind = chat::speech::tags, .body = {}, .formatted = true};
    what.tags = client_tags(r.talk.options(), r.line.tags);
    if (what.tags.empty()) return;  // nothing to tell
    to_targets(r, what, true);
}

constexpr std::array rows{
    command_row{"BATCH", 1, allowed::after_log_in, false, hear_batch, nullptr,
                "BATCH +<reference> draft/multiline <target> | BATCH -<reference>",
                "Sends several lines as one message (capability draft/multiline)."},
    command_row{"NOTICE", 0, allowed::after_log_in, false, hear_notice, nullptr, "NOTICE <target>{,<target>} :<text>",
                "Says something that no program answers."},
    command_row{"PRIVMSG", 0, allowed::after_log_in, false, hear_privmsg, nullptr,
                "PRIVMSG <target>{,<target>} :<text>",
                "Says something to channels or people; @#channel reaches its operators only."},
    command_row{"TAGMSG", 0, allowed::after_log_in, false, hear_tagmsg, nullptr, "@<tags> TAGMSG <target>{,<target>}",
                "Sends tags without text, as somebody who is typing does (capability message-tags)."},
};

}  // namespace

std::span<const command_row> message_commands() { return rows; }

}  // namespace brusio::door::irc
