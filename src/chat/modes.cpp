#include "chat/modes.hpp"

#include <algorithm>
#include <array>

namespace brusio::chat {
namespace {

constexpr std::array ranks_rows{
    rank_row{founder, 'q', '~', "founder"},
    rank_row{protected_member, 'a', '&', "protected"},
    rank_row{channel_operator, 'o', '@', "operator"},
    rank_row{half_operator, 'h', '%', "half-operator"},
    rank_row{voice, 'v', '+', "voice"},
};

constexpr std::array channel_rows{
    channel_mode_row{'b', mode_kind::list, 0, "ban", "who matches cannot join, and speaks only with voice"},
    channel_mode_row{'e', mode_kind::list, 0, "ban exception", "who matches is not touched by bans"},
    channel_mode_row{'I', mode_kind::list, 0, "invite exception", "who matches needs no invitation"},
    channel_mode_row{'k', mode_kind::always_with_value, 0, "key", "joining needs this word"},
    channel_mode_row{'l', mode_kind::value_when_set, 0, "limit", "at most so many members"},
    channel_mode_row{'W', mode_kind::value_when_set, 0, "slow mode",
                     "a member without voice waits so many seconds "
                     "between messages"},
    channel_mode_row{'C', mode_kind::flag, no_ctcp, "no CTCP", "CTCP requests and answers are refused, but for ACTION"},
    channel_mode_row{'i', mode_kind::flag, invite_only, "invite only", "joining needs an invitation"},
    channel_mode_row{'M', mode_kind::flag, registered_speak, "registered speak", "speaking needs an account or voice"},
    channel_mode_row{'m', mode_kind::flag, moderated, "moderated", "speaking needs voice"},
    channel_mode_row{'n', mode_kind::flag, no_outside_messages, "no outside messages", "only members may speak"},
    channel_mode_row{'R', mode_kind::flag, registered_join, "registered join", "joining needs an account"},
    channel_mode_row{'s', mode_kind::flag, secret, "secret", "only members see that the channel exists"},
    channel_mode_row{'t', mode_kind::flag, topic_locked, "topic locked", "only half-operators and above set the topic"},
};

constexpr std::array user_rows{
    user_mode_row{'B', bot, true, true, "bot", "is a program"},
    user_mode_row{'i', invisible, true, true, "invisible", "seen in lists only by who shares a channel"},
    user_mode_row{'o', server_operator, false, true, "server operator", "rules the server"},
    user_mode_row{'R', registered_tell, true, true, "registered only", "private messages from accounts only"},
    user_mode_row{'w', hears_wallops, true, true, "wallops", "hears what operators tell everybody"},
    user_mode_row{'Z', secure, false, false, "secure", "is connected over TLS"},
};

template <class Rows>
auto find_letter(const Rows& rows, char letter) {
    const auto at = std::ranges::find(rows, letter, [](const auto& row) { return row.letter; });
    return at == rows.end() ? nullptr : &*at;
}

}  // namespace

std::span<const rank_row> rank_table() { return ranks_rows; }
std::span<const channel_mode_row> channel_mode_table() { return channel_rows; }
std::span<const user_mode_row> user_mode_table() { return user_rows; }

const rank_row* find_rank(char letter) { return find_letter(ranks_rows, letter); }
const channel_mode_row* find_channel_mode(char letter) { return find_letter(channel_rows, letter); }
const user_mode_row* find_user_mode(char letter) { return find_letter(user_rows, letter); }

ranks highest(ranks of) {
    for (const auto& row : ranks_rows) {
        if ((of & row.bit) != 0) return row.bit;
    }
    return 0;
}

// Operators and founders stand over their equals, the others do not.
bool stands_over(ranks mine, ranks theirs) {
    const auto me = highest(mine);
    const auto other = highest(theirs);
    if (me < half_operator) return false;
    return me > other || (me == other && (me == channel_operator || me == founder));
}

bool may_grant(ranks mine, ranks given) {
    const auto me = highest(mine);
    if (me < half_operator) return false;
    return me > given || (me == given && (me == channel_operator || me == founder));
}

std::string letters_of(user_flags flags) {
    std::string letters;
    for (const auto& row : user_rows) {
        if ((flags & row.flag) != 0) letters += row.letter;
    }
    return letters;
}

std::optional<std::string> whole_mask(std::string_view typed) {
    if (typed.empty() || typed.size() > mask_bytes_max || typed.find_first_of(" \t,") != std::string_view::npos) {
        return std::nullopt;
    }
    if (typed.starts_with("$m:")) {
        auto inner = whole_mask(typed.substr(3));
        if (!inner || inner->starts_with("$m:")) return std::nullopt;
        return "$m:" + *inner;
    }
    if (typed == "$a") return "$a:*";  // anybody who has an account
    if (typed.starts_with("$a:")) {
        if (typed.size() == 3) return std::nullopt;
        return std::string(typed);
    }
    if (typed.starts_with('$')) return std::nullopt;
    const auto bang = typed.find('!');
    const auto at = typed.find('@', bang == std::string_view::npos ? 0 : bang);
    const auto part = [](std::string_view text) { return text.empty() ? std::string("*") : std::string(text); };
    if (bang == std::string_view::npos && at == std::string_view::npos) return std::string(typed) + "!*@*";
    if (bang == std::string_view::npos) return "*!" + part(typed.substr(0, at)) + "@" + part(typed.substr(at + 1));
    if (at == std::string_view::npos) return part(typed.substr(0, bang)) + "!" + part(typed.substr(bang + 1)) + "@*";
    return part(typed.substr(0, bang)) + "!" + part(typed.substr(bang + 1, at - bang - 1)) + "@" +
           part(typed.substr(at + 1));
}

}  // namespace brusio::chat
