// JOIN, PART, KICK, INVITE, TOPIC, NAMES, LIST, RENAME.
#include <array>
#include <charconv>

#include "base/glob.hpp"
#include "door/irc/commands.hpp"

namespace brusio::door::irc {
namespace {

void no_such_channel(request& r, std::string_view name) {
    r.numeric_text(numeric::err_nosuchchannel, {cut(name, 100)}, "No such channel");
}

// Calls f(target, its place) for at most so many of a list, and tells of the rest.
template <class F>
void for_targets(request& r, std::string_view list, F&& f) {
    const auto all = listed(list);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == targets_max) {
            return r.numeric_text(numeric::err_toomanytargets, {cut(all[i], 100)},
                                  "Too many targets; this one and the rest were not done");
        }
        f(all[i], i);
    }
}

void hear_join(request& r) {
    if (r.param(0) == "0") return r.ask(chat::part_all{r.session()});
    const auto names = listed(r.param(0));
    if (names.empty()) return r.too_few();
    std::string_view keys = r.param(1);
    for (const auto name : names) {
        const auto key = keys.substr(0, keys.find(','));
        keys.remove_prefix(std::min(key.size() + 1, keys.size()));
        auto channel = channel_of(name);
        if (!channel) {
            no_such_channel(r, name);
            continue;
        }
        auto looks = looks_of(*channel);
        r.ask(chat::join{r.session(), std::move(*channel), std::string(key), r.talk.heard_wants_names(),
                         !r.talk.heard(userhost_in_names), std::move(looks)});
    }
}

void hear_part(request& r) {
    const auto names = listed(r.param(0));
    if (names.empty()) return r.too_few();
    for (const auto name : names) {
        auto channel = channel_of(name);
        if (!channel) {
            no_such_channel(r, name);
            continue;
        }
        r.ask(chat::part{r.session(), std::move(*channel), cut(r.param(1), chat::reason_bytes_max)});
    }
}

// KICK #a anna,mario, or KICK #a,#b anna,mario.
void hear_kick(request& r) {
    const auto names = listed(r.param(0));
    const auto all = listed(r.param(1)).size();
    if (names.empty() || all == 0 || (names.size() != 1 && names.size() != all)) return r.too_few();
    auto reason = cut(r.param(2), chat::reason_bytes_max);
    if (reason.empty()) reason = r.talk.nick();
    for_targets(r, r.param(1), [&](std::string_view nick, std::size_t i) {
        const auto name = names.size() == 1 ? names.front() : names[i];
        auto channel = channel_of(name);
        if (!channel) return no_such_channel(r, name);
        r.ask(chat::kick{r.session(), std::move(*channel), nick_of(nick), reason});
    });
}

void hear_invite(request& r) {
    if (r.params() == 0) return r.ask(chat::ask_invitations{r.session()});
    if (r.params() < 2) return r.too_few();
    auto channel = channel_of(r.param(1));
    if (!channel) return no_such_channel(r, r.param(1));
    r.ask(chat::invite{r.session(), nick_of(r.param(0)), std::move(*channel)});
}

void hear_topic(request& r) {
    auto channel = channel_of(r.param(0));
    if (!channel) return no_such_channel(r, r.param(0));
    if (r.params() == 1) return r.ask(chat::ask_topic{r.session(), std::move(*channel)});
    r.ask(chat::set_topic{r.session(), std::move(*channel), cut(r.param(1), chat::topic_bytes_max)});
}

void hear_names(request& r) {
    const auto end = [&](std::string_view name) {
        r.numeric_text(numeric::endofnames, {cut(name, 100)}, "End of /NAMES list");
    };
    if (listed(r.param(0)).empty()) return end("*");
    for_targets(r, r.param(0), [&](std::string_view name, std::size_t /*i*/) {
        auto channel = channel_of(name);
        if (!channel) return end(name);
        r.ask(chat::ask_names{.session = r.session(),
                              .channel = std::move(*channel),
                              .after = {},
                              .nicks_only = !r.talk.heard(userhost_in_names)});
    });
}

// ── LIST ────────────────────────────────────────────────────────────────────────────────────────────────────────────

constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint32_t minutes_max = 52'560'000;  // a century

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return n;
}

// One of ELIST=CMNTU, or a name. Conditions that cannot be read are none.
void add_condition(chat::ask_channels& question, std::string_view text) {
    const auto minutes = [&](std::string_view digits) -> std::optional<std::int64_t> {
        const auto n = number(digits);
        if (!n) return std::nullopt;
        return std::int64_t{std::min(*n, minutes_max)} * minute_ms;
    };
    if (text.starts_with('>')) {
        question.more_than = number(text.substr(1));
    } else if (text.starts_with('<')) {
        question.less_than = number(text.substr(1));
    } else if (text.starts_with("C<")) {
        question.created_after_ms = minutes(text.substr(2));
    } else if (text.starts_with("C>")) {
        question.created_before_ms = minutes(text.substr(2));
    } else if (text.starts_with("T<")) {
        question.topic_after_ms = minutes(text.substr(2));
    } else if (text.starts_with("T>")) {
        question.topic_before_ms = minutes(text.substr(2));
    } else if (text.starts_with('!')) {
        question.not_masks.push_back(base::canonical_mask(folded_mask(text.substr(1))));
    } else if (text.find_first_of("*?") != std::string_view::npos) {
        question.masks.push_back(base::canonical_mask(folded_mask(text)));
    } else if (auto name = channel_of(text)) {
        question.named.push_back(std::move(*name));
    } else {
        question.named.emplace_back();  // the name of no channel
    }
}

void hear_list(request& r) {
    chat::ask_channels question{.session = r.session(), .after = {}};
    // Some clients send C<n with a small letter.
    for (const auto part : listed(r.param(0))) {
        std::string text(part);
        if (text.size() > 1 && (text[1] == '<' || text[1] == '>')) {
            text[0] = text[0] == 'c' ? 'C' : text[0] == 't' ? 'T' : text[0];
        }
        add_condition(question, text);
    }
    r.ask(std::move(question));
}

void hear_rename(request& r) {
    auto from = channel_of(r.param(0));
    if (!from) return no_such_channel(r, r.param(0));
    auto to = channel_of(r.param(1));
    if (!to) {
        return r.fail("CANNOT_RENAME", {r.param(0), cut(r.param(1), 100)}, "That cannot be the name of a channel");
    }
    auto looks = looks_of(*to);
    r.ask(chat::rename_channel{r.session(), std::move(*from), std::move(*to), cut(r.param(2), chat::reason_bytes_max),
                               !r.talk.heard(channel_rename) && r.talk.heard_wants_names(),
                               !r.talk.heard(userhost_in_names), std::move(looks)});
}

constexpr std::array rows{
    command_row{"INVITE", 0, allowed::after_log_in, false, hear_invite, nullptr, "INVITE [<nick> <channel>]",
                "Asks somebody in; an operator's invitation goes past +i, +l, +k and +R. Alone: lists your open ones."},
    command_row{"JOIN", 1, allowed::after_log_in, false, hear_join, nullptr,
                "JOIN <channel>{,<channel>} [<key>{,<key>}]",
                "Enters channels; 0 leaves all of them. Who is first in a new one is its operator."},
    command_row{"KICK", 2, allowed::after_log_in, false, hear_kick, nullptr,
                "KICK <channel> <nick>{,<nick>} [:<reason>]", "Puts somebody out of a channel."},
    command_row{
        "LIST", 0, allowed::after_log_in, false, hear_list, nullptr, "LIST [<channel or condition>{,…}]",
        "Lists channels. Conditions: >n or <n members; C<n, C>n made and T<n, T>n topic set less or more than n "
        "minutes ago; *mask*, !*mask*."},
    command_row{"NAMES", 0, allowed::after_log_in, false, hear_names, nullptr, "NAMES <channel>{,<channel>}",
                "Lists who is in a channel."},
    command_row{"PART", 1, allowed::after_log_in, false, hear_part, nullptr, "PART <channel>{,<channel>} [:<reason>]",
                "Leaves channels."},
    command_row{"RENAME", 2, allowed::after_log_in, false, hear_rename, nullptr, "RENAME <channel> <name> [:<reason>]",
                "Gives a channel another name; everything else stays."},
    command_row{"TOPIC", 1, allowed::after_log_in, false, hear_topic, nullptr, "TOPIC <channel> [:<text>]",
                "Shows or sets a channel's topic."},
};

}  // namespace

std::span<const command_row> channel_commands() { return rows; }

}  // namespace brusio::door::irc
