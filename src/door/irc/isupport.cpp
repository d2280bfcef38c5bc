#include "door/irc/isupport.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/identity.hpp"
#include "chat/values.hpp"
#include "door/irc/history.hpp"

namespace brusio::door::irc {
namespace {

// The letters of one kind, in the table's order.
std::string letters(chat::mode_kind kind) {
    std::string out;
    for (const auto& row : chat::channel_mode_table()) {
        if (row.kind == kind) out += row.letter;
    }
    return out;
}

// Spaces, '=' and '\' cannot stand in a value.
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == ' ' || c == '=' || c == '\\') {
            out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out;
}

std::vector<std::string> in_lines(const std::vector<std::string>& tokens) {
    constexpr std::size_t a_line = 13;
    constexpr std::size_t room = 380;  // of a line with the server's name, a nick and the words at the end
    std::vector<std::string> lines;
    std::size_t count = a_line;
    for (const auto& token : tokens) {
        if (count == a_line || lines.back().size() + token.size() >= room) {
            lines.emplace_back();
            count = 0;
        }
        lines.back() += (count == 0 ? "" : " ") + token;
        ++count;
    }
    return lines;
}

}  // namespace

std::vector<std::string> isupport_tokens(const settings& s) {
    using chat::mode_kind;
    std::string ranks;
    std::string prefixes;
    for (const auto& row : chat::rank_table()) {
        ranks += row.letter;
        prefixes += row.prefix;
    }
    std::string user_modes;
    for (const auto& row : chat::user_mode_table()) user_modes += row.letter;
    std::vector<std::string> tokens{
        fmt::format("AWAYLEN={}", chat::away_bytes_max),
        "BOT=B",
        "CASEMAPPING=ascii",
        fmt::format("CHANLIMIT=#:{}", s.channels_per_user),
        fmt::format("CHANMODES={},{},{},{}", letters(mode_kind::list), letters(mode_kind::always_with_value),
                    letters(mode_kind::value_when_set), letters(mode_kind::flag)),
        fmt::format("CHANNELLEN={}", base::channel_bytes_max),
        "CHANTYPES=#",
        fmt::format("CLIENTTAGDENY={}", fmt::join(s.blocked_tags, ",")),
        "ELIST=CMNTU",
        "EXCEPTS=e",
        "EXTBAN=$,am",
        "ACCOUNTEXTBAN=a",
        "INVEX=I",
        fmt::format("KICKLEN={}", chat::reason_bytes_max),
        fmt::format("MAXLIST={}:{}", letters(mode_kind::list), chat::list_entries_max),
        fmt::format("MAXTARGETS={}", targets_max),
        fmt::format("MODES={}", chat::changes_max),
        fmt::format("MONITOR={}", chat::watched_max),
        fmt::format("NETWORK={}", escaped(s.network)),
        fmt::format("NICKLEN={}", base::nick_bytes_max),
        fmt::format("PREFIX=({}){}", ranks, prefixes),
        "SAFELIST",
        fmt::format("SILENCE={}", chat::silence_max),
        fmt::format("STATUSMSG={}", prefixes),
        fmt::format("TARGMAX=ISON:,JOIN:,KICK:{0},LIST:,MONITOR:,NAMES:{0},NOTICE:{0},PART:,PRIVMSG:{0},TAGMSG:{0},"
                    "USERHOST:,WHOIS:{0}",
                    targets_max),
        fmt::format("TOPICLEN={}", chat::topic_bytes_max),
        fmt::format("NAMELEN={}", chat::real_name_bytes_max),
        fmt::format("KEYLEN={}", chat::key_bytes_max),
        fmt::format("USERLEN={}", user_bytes_max),
        fmt::format("USERMODES=,,,{}", user_modes),
        "UTF8MAPPING=nfkc_casefold",
        "UTF8ONLY",
        "WHOX",
    };
    if (s.blocked_tags.empty()) std::erase(tokens, "CLIENTTAGDENY=");
    if (s.history.on) {
        tokens.push_back(fmt::format("CHATHISTORY={}", history_page_max));
        tokens.emplace_back("MSGREFTYPES=msgid,timestamp");
    }
    if (s.accounts.required) tokens.emplace_back("draft/ACCOUNTREQUIRED");
    if (!s.icon.empty()) tokens.push_back(fmt::format("draft/ICON={}", escaped(s.icon)));
    std::ranges::sort(tokens);
    return tokens;
}

std::vector<std::string> isupport_changes(const settings& before, const settings& now) {
    const auto old_tokens = isupport_tokens(before);
    const auto tokens = isupport_tokens(now);
    std::vector<std::string> changes;
    const auto name_of = [](std::string_view token) { return token.substr(0, token.find('=')); };
    for (const auto& token : old_tokens) {
        if (std::ranges::find(tokens, name_of(token), name_of) == tokens.end()) {
            changes.push_back("-" + std::string(name_of(token)));
        }
    }
    for (const auto& token : tokens) {
        if (std::ranges::find(old_tokens, token) == old_tokens.end()) changes.push_back(token);
    }
    return in_lines(changes);
}

std::vector<std::string> isupport_lines(const settings& s) { return in_lines(isupport_tokens(s)); }

}  // namespace brusio::door::irc
