#include "door/frame/searching.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "door/frame/phrases.hpp"
#include "door/references.hpp"
#include "door/search_text.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::frame {
namespace {

constexpr std::size_t shown_bytes_max = 1000;  // of one message
constexpr std::uint32_t limit_unless_said = 20;

base::result<search_request> parsed(std::string_view typed) {
    auto wanted = parse_search(typed);
    if (wanted && typed.find("limit:") == std::string_view::npos) wanted->what.limit = limit_unless_said;
    return wanted;
}

// What was typed, without the bound that an earlier answer has told at its end.
std::string_view without_last_before(std::string_view typed) {
    const auto at = typed.rfind(" before:");
    return at == std::string_view::npos || typed.find(' ', at + 1) != std::string_view::npos ? typed
                                                                                             : typed.substr(0, at);
}

// One line: "2026-11-23 08:24  anna: ciao a tutti".
std::string line_of(const chat::entry& e, std::string_view lobby) {
    auto text = plain(e.what).value_or("");
    if (text.size() > shown_bytes_max) text = text.substr(0, wire::utf8_cut(text, shown_bytes_max)) + "…";
    const auto time = time_text(e.at_ms);
    return fmt::format("{} {}  {}{}{}{}", std::string_view(time).substr(0, 10), std::string_view(time).substr(11, 5),
                       e.who.name, e.target == lobby ? "" : " (to " + e.target + ")",
                       e.kind == chat::entry_kind::action ? " " : ": ", base::clean_line(text));
}

}  // namespace

base::result<chat::ask_past> ask_search(chat::session_id session, std::string_view typed) {
    auto wanted = parsed(typed);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    chat::ask_past question{session, std::nullopt, std::string(typed)};
    if (wanted->in.empty()) return question;
    if (base::is_channel_name(wanted->in)) {
        question.of = chat::past_of{chat::channel_name{wanted->in, base::fold(wanted->in)}, {}};
        return question;
    }
    const auto who = base::make_identity(wanted->in);
    if (!who) return base::fail("\"{}\" is no channel and no name", base::clean_line(wanted->in));
    question.of = chat::past_of{std::nullopt, {who->nick, who->nick_fold}};
    return question;
}

store::search_query granted_search(const chat::past_granted& what) {
    auto wanted = parsed(what.asked);
    if (!wanted) return {};
    for (const auto& part : what.parts) wanted->what.in.push_back(timeline_of(part));
    return std::move(wanted->what);
}

std::string found_text(const store::found& found, std::string_view typed, std::string_view lobby,
                       std::size_t bytes_max) {
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    auto go_on_before = found.go_on_before;
    for (const auto& e : found.entries) {
        auto line = line_of(e, lobby);
        if (!lines.empty() && bytes + line.size() > bytes_max) {
            go_on_before = found.entries[lines.size() - 1].id;
            break;
        }
        bytes += line.size() + 1;
        lines.push_back(std::move(line));
    }
    std::string text =
        lines.empty() ? std::string("nothing was found.") : fmt::format("{} found (times in UTC):", lines.size());
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) (text += '\n') += *line;
    if (go_on_before) {
        text += fmt::format("\nThere may be more: /search {} before:{}", base::clean_line(without_last_before(typed)),
                            msgid_text(go_on_before));
    }
    if (!found.up_to_date) text += "\nThe latest messages cannot be found yet.";
    return text;
}

}  // namespace brusio::door::frame
