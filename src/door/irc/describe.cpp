#include "door/irc/describe.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/describe_words.hpp"
#include "door/irc/history.hpp"
#include "door/irc/isupport.hpp"
#include "door/irc/services.hpp"
#include "door/search_text.hpp"

namespace brusio::door::irc {
namespace {

template <std::size_t N>
const words* find_words(const std::array<words, N>& all, std::string_view name) {
    const auto at = std::ranges::find(all, name, &words::name);
    return at == all.end() ? nullptr : &*at;
}

// A configuration in which everything optional is there.
settings everything() {
    settings s;
    s.sts_seconds = 86'400;
    s.sts_port = 6697;
    s.blocked_tags = {"typing"};
    s.icon = "https://example.org/icon.png";
    s.accounts.required = true;
    s.history.on = true;
    s.accounts.here = true;
    return s;
}

std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}
// Text that is no Markdown.
std::string prose(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("|<*_`").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}
std::string code(std::string_view text) { return "`" + cell(text) + "`"; }
std::string code(char c) { return code(std::string_view(&c, 1)); }

std::string row(std::initializer_list<std::string> cells) {
    std::string out = "|";
    for (const auto& c : cells) out += " " + c + " |";
    return out + "\n";
}
std::string header(std::initializer_list<std::string> cells) {
    std::string out = row(cells) + "|";
    for (std::size_t i = 0; i < cells.size(); ++i) out += "---|";
    return out + "\n";
}

std::string_view key_of(std::string_view token) { return token.substr(0, token.find('=')); }

// ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

std::string in_words(const command_row& r) {
    if (r.operators_only) return "operators";
    switch (r.when) {
        case allowed::always:
            return "always";
        case allowed::only_before_log_in:
            return "before the log-in";
        case allowed::after_log_in:
            break;
    }
    return "after the log-in";
}

std::string commands() {
    auto out = header({"command", "when", "what it does"});
    for (const auto& r : command_table()) out += row({code(r.usage), in_words(r), prose(r.help)});
    return out;
}

std::string of_service(std::size_t which) {
    auto out = header({"command", "what it does"});
    for (const auto& c : all_services()[which].commands) {
        out += row({code(c.usage.empty() ? std::string(c.name) : fmt::format("{} {}", c.name, c.usage)),
                    prose(c.help) + (c.operators_only ? " For operators of the server." : "")});
    }
    return out;
}
std::string nick_serv() { return of_service(0); }
std::string chan_serv() { return of_service(1); }
std::string hist_serv() { return of_service(2); }

std::string_view in_words(chat::mode_kind kind) {
    switch (kind) {
        case chat::mode_kind::list:
            return "a list of masks";
        case chat::mode_kind::always_with_value:
            return "set and unset with a value";
        case chat::mode_kind::value_when_set:
            return "set with a value";
        case chat::mode_kind::flag:
            break;
    }
    return "no value";
}

std::string channel_modes() {
    auto out = header({"mode", "name", "value", "what it means"});
    for (const auto& r : chat::channel_mode_table()) {
        out += row({code(r.letter), std::string(r.name), std::string(in_words(r.kind)), prose(r.what)});
    }
    return out;
}

// "v, h, o"
std::string letters_where(auto&& holds) {
    std::string out;
    for (const auto& r : chat::rank_table()) {
        if (holds(r.bit)) out += (out.empty() ? "" : " ") + code(r.letter);
    }
    return out.empty() ? "–" : out;
}

std::string ranks() {
    auto out = header({"mode", "sign", "rank", "gives and takes", "may kick"});
    for (const auto& r : chat::rank_table()) {
        auto kicks = letters_where([&](chat::ranks theirs) { return chat::stands_over(r.bit, theirs); });
        if (chat::stands_over(r.bit, 0))
            kicks = kicks == "–" ? "members without a rank" : fmt::format("{}, and without a rank", kicks);
        out += row({code(r.letter), code(r.prefix), std::string(r.name),
                    letters_where([&](chat::ranks given) { return chat::may_grant(r.bit, given); }), kicks});
    }
    return out;
}

std::string user_modes() {
    auto out = header({"mode", "name", "what it means", "set by"});
    for (const auto& r : chat::user_mode_table()) {
        const auto by = r.can_set ? "you" : r.can_unset ? "the server; you may unset it" : "the server";
        out += row({code(r.letter), std::string(r.name), prose(r.what), by});
    }
    return out;
}

std::string capabilities() {
    auto out = header({"capability", "value", "what you get with it"});
    const auto s = everything();
    for (const auto& r : capability_table()) {
        std::string clear;
        std::string secure;
        r.value(s, way::plain, clear);
        r.value(s, way::tls_named, secure);
        const auto* w = find_words(capability_words, r.name);
        auto value = clear.empty() ? std::string() : code(clear);
        if (secure != clear) value += (value.empty() ? "over TLS " : "; over TLS ") + code(secure);
        const bool elsewhere = r.specification.starts_with("https:");
        out += row({fmt::format("[`{}`]({}{})", r.name, elsewhere ? "" : "https://ircv3.net/specs/extensions/",
                                r.specification),
                    value, w == nullptr ? "?" : cell(w->text)});
    }
    return out;
}

std::string isupport() {
    auto out = header({"token", "what it says"});
    for (const auto& token : isupport_tokens(everything())) {
        const auto* w = find_words(token_words, key_of(token));
        auto name = code(token);
        if (w != nullptr && !w->link.empty()) name = fmt::format("[{}](https://ircv3.net/specs/{})", name, w->link);
        out += row({name, w == nullptr ? "?" : cell(w->text)});
    }
    return out;
}

std::string limits() {
    auto out = header({"what", "limit"});
    const auto add = [&](std::string what, std::string limit) { out += row({std::move(what), std::move(limit)}); };
    const auto bytes = [](std::size_t n) { return fmt::format("{} bytes", n); };
    const settings usual;
    add("a line from a client, without its tags and line end", bytes(wire::irc_limits{}.body));
    add("the tags of a line from a client", bytes(wire::irc_limits{}.tags));
    add("a line to a client, without its tags and line end", bytes(wire::irc_line::max_body));
    add("the tags of a line to a client", bytes(wire::irc_line::max_tags));
    add("parameters of a line", std::to_string(wire::irc_max_params));
    add("a nick", bytes(base::nick_bytes_max));
    add("a user name, with its `~`", bytes(user_bytes_max));
    add("a real name", bytes(chat::real_name_bytes_max));
    add("a channel's name", bytes(base::channel_bytes_max));
    add("a topic", bytes(chat::topic_bytes_max));
    add("a key", bytes(chat::key_bytes_max));
    add("a mask", bytes(chat::mask_bytes_max));
    add("a reason", bytes(chat::reason_bytes_max));
    add("an away text", bytes(chat::away_bytes_max));
    add("members that `+l` can allow", std::to_string(chat::members_limit_max));
    add("seconds of `+W`", std::to_string(chat::slow_seconds_max));
    add("entries of all lists of a channel", std::to_string(chat::list_entries_max));
    add("channels of one user (configured)", std::to_string(usual.channels_per_user));
    add("open invitations of one user", std::to_string(chat::invitations_max));
    add("nicks that one monitors", std::to_string(chat::watched_max));
    add("masks that one silences", std::to_string(chat::silence_max));
    add("targets of one command", std::to_string(targets_max));
    add("lines of a multiline message", std::to_string(multiline_lines_max));
    add("a multiline message (configured)", bytes(usual.multiline_bytes()));
    add("messages of one answer to `CHATHISTORY`", std::to_string(history_page_max));
    add("messages of one answer to `SEARCH`", std::to_string(search_limit_max));
    add("people whom `WHOWAS` remembers", std::to_string(chat::whowas_max));
    return out;
}

// ── numerics ────────────────────────────────────────────────────────────────────────────────────────────────────────

// "… spelled() [N = brusio::door::irc::numeric::welcome]" for those that have a name.
template <numeric N>
constexpr std::string_view spelled() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("N = ") + 4);
    text.remove_suffix(1);
    return text.starts_with('(') ? std::string_view{} : text.substr(text.rfind(':') + 1);
}

template <std::size_t... Is>
constexpr auto all_spelled(std::index_sequence<Is...> /*numbers*/) {
    return std::array<std::string_view, sizeof...(Is)>{spelled<static_cast<numeric>(Is)>()...};
}

std::string numerics() {
    constexpr auto names = all_spelled(std::make_index_sequence<1000>());
    auto out = header({"number", "name"});
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty()) continue;
        std::string name = names[i].starts_with("err_") ? "" : "RPL_";
        for (const char c : names[i]) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        out += row({fmt::format("{:03}", i), code(name)});
    }
    return out;
}

constexpr std::array tables{
    described{"commands", commands},     described{"channel modes", channel_modes}, described{"ranks", ranks},
    described{"user modes", user_modes}, described{"capabilities", capabilities},   described{"isupport", isupport},
    described{"nickserv", nick_serv},    described{"chanserv", chan_serv},          described{"histserv", hist_serv},
    described{"limits", limits},         described{"numerics", numerics},
};

constexpr std::string_view begin_mark = "<!-- table: ";
constexpr std::string_view end_mark = "<!-- end -->";

}  // namespace

std::span<const described> described_tables() { return tables; }

base::result<std::string> with_tables(std::string_view page) {
    std::string out;
    std::vector<std::string_view> seen;
    while (true) {
        const auto at = page.find(begin_mark);
        if (at == std::string_view::npos) break;
        const auto line = page.substr(at, page.find('\n', at) - at);
        const auto name = line.substr(begin_mark.size(), line.find(" -->") - begin_mark.size());
        const auto table = std::ranges::find(tables, name, &described::name);
        if (table == tables.end()) return base::fail("there is no table {}", name);
        const auto end = page.find(end_mark, at + line.size());
        if (end == std::string_view::npos) return base::fail("the section {} has no end", name);
        seen.push_back(table->name);
        out.append(page.substr(0, at + line.size())).append("\n").append(table->table()).append(end_mark);
        page.remove_prefix(end + end_mark.size());
    }
    for (const auto& t : tables) {
        if (std::ranges::find(seen, t.name) == seen.end()) return base::fail("there is no section for {}", t.name);
    }
    return out + std::string(page);
}

std::string undescribed() {
    for (const auto& r : capability_table()) {
        if (find_words(capability_words, r.name) == nullptr) return "capability " + std::string(r.name);
    }
    for (const auto& token : isupport_tokens(everything())) {
        if (find_words(token_words, key_of(token)) == nullptr) return "token " + token;
    }
    return {};
}

}  // namespace brusio::door::irc
