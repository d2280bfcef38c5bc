#include "door/irc/capabilities.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "door/irc/irc_door.hpp"

namespace brusio::door::irc {
namespace {

bool always(const settings& /*s*/, way /*by*/, std::string& /*out*/) { return true; }

bool multiline_value(const settings& s, way /*by*/, std::string& out) {
    out = fmt::format("max-bytes={},max-lines={}", s.multiline_bytes(), multiline_lines_max);
    return true;
}

// A policy is for a host name: who came by none is not told one.
bool sts_value(const settings& s, way by, std::string& out) {
    if (!s.sts_seconds || s.sts_port == 0 || by == way::tls) return false;
    if (by == way::plain && *s.sts_seconds == 0) return false;  // withdrawn: nobody is sent to TLS any more
    out = by == way::plain ? fmt::format("port={}", s.sts_port) : fmt::format("duration={}", *s.sts_seconds);
    return true;
}

constexpr std::array rows{
    capability_row{"account-notify", account_notify, true, always, "account-notify"},
    capability_row{"account-tag", account_tag, true, always, "account-tag"},
    capability_row{"away-notify", away_notify, true, always, "away-notify"},
    capability_row{"batch", batch, true, always, "batch"},
    capability_row{"cap-notify", cap_notify, true, always, "capability-negotiation"},
    capability_row{"chghost", chghost, true, always, "chghost"},
    capability_row{"draft/channel-rename", channel_rename, true, always, "channel-rename"},
    capability_row{"draft/extended-isupport", extended_isupport, true, always, "extended-isupport"},
    capability_row{"draft/multiline", multiline, true, multiline_value, "multiline"},
    capability_row{"draft/no-implicit-names", draft_no_implicit_names, true, always, "no-implicit-names"},
    capability_row{"draft/pre-away", pre_away, true, always, "pre-away"},
    capability_row{"echo-message", echo_message, true, always, "echo-message"},
    capability_row{"extended-join", extended_join, true, always, "extended-join"},
    capability_row{"extended-monitor", extended_monitor, true, always, "extended-monitor"},
    capability_row{"invite-notify", invite_notify, true, always, "invite-notify"},
    capability_row{"labeled-response", labeled_response, true, always, "labeled-response"},
    capability_row{"message-tags", message_tags, true, always, "message-tags"},
    capability_row{"multi-prefix", multi_prefix, true, always, "multi-prefix"},
    capability_row{"no-implicit-names", no_implicit_names, true, always, "no-implicit-names"},
    capability_row{"server-time", server_time, true, always, "server-time"},
    capability_row{"setname", setname, true, always, "setname"},
    capability_row{"standard-replies", standard_replies, true, always, "standard-replies"},
    capability_row{"sts", sts, false, sts_value, "sts"},
    capability_row{"userhost-in-names", userhost_in_names, true, always, "userhost-in-names"},
};

void append(std::vector<std::string>& lists, const std::string& word, std::size_t room) {
    if (lists.empty() || lists.back().size() + 1 + word.size() > room) {
        lists.push_back(word);
    } else {
        lists.back() += " " + word;
    }
}

}  // namespace

std::span<const capability_row> capability_table() { return rows; }

const capability_row* find_capability(std::string_view name) {
    const auto at = std::ranges::find(rows, name, &capability_row::name);
    return at == rows.end() ? nullptr : &*at;
}

std::vector<std::string> offered(const settings& s, way by, bool values, std::size_t room) {
    std::vector<std::string> lists;
    for (const auto& row : rows) {
        std::string value;
        if (!row.value(s, by, value)) continue;
        // A client that does not know of values could only take it for a capability to ask for.
        if (!values && !row.requestable) continue;
        append(lists, values && !value.empty() ? fmt::format("{}={}", row.name, value) : std::string(row.name), room);
    }
    if (lists.empty()) lists.emplace_back();
    return lists;
}

std::vector<std::string> renewed(const settings& before, const settings& now, way by, std::size_t room) {
    std::vector<std::string> lists;
    for (const auto& row : rows) {
        std::string old_value;
        std::string value;
        const bool was = row.value(before, by, old_value);
        const bool is = row.value(now, by, value);
        if (was == is && old_value == value) continue;
        if (!is && by == way::plain) continue;  // it went with its connection anyway
        append(lists, fmt::format("{}={}", row.name, is ? value : "duration=0"), room);
    }
    return lists;
}

std::vector<std::string> names_of(caps enabled, std::size_t room) {
    std::vector<std::string> lists;
    caps told = 0;
    for (const auto& row : rows) {
        if ((enabled & row.bit) == 0 || (told & row.bit) != 0 || !row.requestable) continue;
        told |= row.bit;
        append(lists, std::string(row.name), room);
    }
    if (lists.empty()) lists.emplace_back();
    return lists;
}

}  // namespace brusio::door::irc
