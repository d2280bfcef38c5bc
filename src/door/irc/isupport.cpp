#include "door/irc/isupport.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/identity.hpp"
#include "chat/values.hpp"

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
    if (!s.icon.empty()) tokens.push_back(fmt::format("draft/ICON={}", escaped(s.icon)));
    std::ranges::sort(tokens);
    return tokens;
}

std::vector<std::string> isupport_lines(const settings& s) {
    constexpr std::size_t a_line = 13;
    constexpr std::size_t room = 380;  // of a line with the server's name, a nick and the words at the end
    std::vector<std::string> lines;
    std::size_t count = a_line;
    for (const auto& token : isupport_tokens(s)) {
        if (count == a_line || lines.back().size() + token.size() >= room) {
            lines.emplace_back();
            count = 0;
        }
        lines.back() += (count == 0 ? "" : " ") + token;
        ++count;
    }
    return lines;
}

}  // namespace brusio::door::irc
