#include "door/irc/capabilities.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "door/irc/irc_door.hpp"

namespace brusio::door::irc {
namespace {

bool always(const settings& /*s*/, way /*by*/, std::string& /*out*/) { return true; }

bool with_history(const settings& s, way /*by*/, std::string& /*out*/) { return s.history.on; }

bool multiline_value(const settings& s, way /*by*/, std::string& out) {
    out = fmt::format("max-bytes={},max-lines={}", s.multiline_bytes(), multiline_lines_max);
    return true;
}

// A policy is for a host name: who came by none is not told one.
bool sts_value(const settings& s, way by, std::string& out) {
    if (!s.sts_seconds || s.sts_port == 0 || by == way::tls || by == way::tls_certified) return false;
    if (!over_tls(by) && *s.sts_seconds == 0) return false;  // withdrawn: nobody is sent to TLS any more
    out = over_tls(by) ? fmt::format("duration={}", *s.sts_seconds) : fmt::format("port={}", s.sts_port);
    return true;
}

bool sasl_value(const settings& s, way by, std::string& out) {
    if (!s.accounts.here || by == way::plain) return false;
    out = sasl_mechanisms(by);
    return true;
}

bool registration_value(const settings& s, way by, std::string& out) {
    if (!s.accounts.here || !s.accounts.registration || by == way::plain) return false;
    out = registers_before_log_in(s) ? "before-connect," : "";
    if (s.accounts.email_required) out += "email-required,";
    out += "custom-account-name";
    return true;
}

std::string metadata_limits() {
    return fmt::format("before-connect,max-subs={},max-keys={}", chat::metadata_subscriptions_max,
                       chat::metadata_keys_max);
}

bool metadata_2_value(const settings& /*s*/, way /*by*/, std::string& out) {
    out = fmt::format("{},max-value-bytes={}", metadata_limits(), chat::metadata_value_bytes_max);
    return true;
}

bool metadata_3_value(const settings& /*s*/, way /*by*/, std::string& out) {
    out = fmt::format("{},max-key-bytes={},max-value-bytes={}", metadata_limits(), chat::metadata_key_bytes_max,
                      chat::metadata_value_bytes_max);
    return true;
}

constexpr std::array rows{
    capability_row{"account-notify", account_notify, true, always, "account-notify"},
    capability_row{"account-tag", account_tag, true, always, "account-tag"},
    capability_row{"away-notify", away_notify, true, always, "away-notify"},
    capability_row{"batch", batch, true, always, "batch"},
    capability_row{"cap-notify", cap_notify, true, always, "capability-negotiation"},
    capability_row{"chghost", chghost, true, always, "chghost"},
    capability_row{"draft/account-registration", account_registration, true, registration_value,
                   "account-registration"},
    capability_row{"draft/channel-rename", channel_rename, true, always, "channel-rename"},
    capability_row{"draft/chathistory", chathistory, true, with_history, "chathistory"},
    capability_row{"draft/event-playback", event_playback, true, with_history, "chathistory"},
    capability_row{"draft/extended-isupport", extended_isupport, true, always, "extended-isupport"},
    capability_row{"draft/message-redaction", message_redaction, true, with_history, "message-redaction"},
    capability_row{"draft/metadata-2", metadata_2, true, metadata_2_value, "metadata"},
    capability_row{"draft/metadata-3", metadata_3, true, metadata_3_value,
                   "https://github.com/ircv3/ircv3-specifications/pull/613"},
    capability_row{"draft/multiline", multiline, true, multiline_value, "multiline"},
    capability_row{"draft/no-implicit-names", draft_no_implicit_names, true, always, "no-implicit-names"},
    capability_row{"draft/pre-away", pre_away, true, always, "pre-away"},
    capability_row{"draft/read-marker", read_marker, true, with_history, "read-marker"},
    capability_row{"echo-message", echo_message, true, always, "echo-message"},
    capability_row{"extended-join", extended_join, true, always, "extended-join"},
    capability_row{"extended-monitor", extended_monitor, true, always, "extended-monitor"},
    capability_row{"invite-notify", invite_notify, true, always, "invite-notify"},
    capability_row{"labeled-response", labeled_response, true, always, "labeled-response"},
    capability_row{"message-tags", message_tags, true, always, "message-tags"},
    capability_row{"multi-prefix", multi_prefix, true, always, "multi-prefix"},
    capability_row{"no-implicit-names", no_implicit_names, true, always, "no-implicit-names"},
    capability_row{"sasl", sasl, true, sasl_value, "sasl-3.2"},
    capability_row{"server-time", server_time, true, always, "server-time"},
    capability_row{"setname", setname, true, always, "setname"},
    capability_row{"soju.im/search", search, true, with_history,
                   "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md"},
    capability_row{"standard-replies", standard_replies, true, always, "standard-replies"},
    capability_row{"sts", sts, false, sts_value, "sts"},
    capability_row{"userhost-in-names", userhost_in_names, true, always, "userhost-in-names"},
    capability_row{"znc.in/self-message", self_message, true, always, "https://wiki.znc.in/Query_buffers#self-message"},
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
        // A client that does not know of values could only take it for a capability to ask for; and it knows of one
        // line only, which drafts would burst. It may ask for them all the same.
        if (!values && (!row.requestable || row.name.starts_with("draft/"))) continue;
        append(lists, values && !value.empty() ? fmt::format("{}={}", row.name, value) : std::string(row.name), room);
    }
    if (lists.empty()) lists.emplace_back();
    return lists;
}

std::vector<std::string> renewed(const settings& before, way was_by, const settings& now, way by, std::size_t room) {
    std::vector<std::string> lists;
    for (const auto& row : rows) {
        std::string old_value;
        std::string value;
        const bool was = row.value(before, was_by, old_value);
        const bool is = row.value(now, by, value);
        if (was == is && old_value == value) continue;
        if (!is && (row.bit != sts || !over_tls(by))) continue;  // `withdrawn`, or it went with its connection anyway
        if (!is) value = "duration=0";
        append(lists, value.empty() ? std::string(row.name) : fmt::format("{}={}", row.name, value), room);
    }
    return lists;
}

caps withdrawn(const settings& before, way was_by, const settings& now, way by) {
    caps gone = 0;
    for (const auto& row : rows) {
        std::string value;
        if (row.requestable && row.value(before, was_by, value) && !row.value(now, by, value)) gone |= row.bit;
    }
    return gone;
}

std::string sasl_mechanisms(way by) {
    return has_certificate(by) ? "PLAIN,EXTERNAL,SCRAM-SHA-256" : "PLAIN,SCRAM-SHA-256";
}

bool registers_before_log_in(const settings& s) { return s.accounts.before_connect && s.password.empty(); }

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
