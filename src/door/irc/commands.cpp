#include "door/irc/commands.hpp"

#include <algorithm>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "wire/irc_tags.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {
namespace {

// Sorted by verb, for the search.
const std::vector<command_row>& rows() {
    static const std::vector<command_row> all = [] {
        std::vector<command_row> made;
        for (const auto family : {registration_commands(), channel_commands(), mode_commands(), message_commands(),
                                  people_commands(), server_commands(), operator_commands(), history_commands(),
                                  sasl_commands(), account_commands(), service_commands(), metadata_commands()}) {
            made.insert(made.end(), family.begin(), family.end());
        }
        std::ranges::sort(made, {}, &command_row::verb);
        return made;
    }();
    return all;
}

}  // namespace

std::span<const command_row> command_table() { return rows(); }

const command_row* find_command(std::string_view verb) {
    char upper[16];
    if (verb.empty() || verb.size() > sizeof upper) return nullptr;
    for (std::size_t i = 0; i < verb.size(); ++i) {
        upper[i] = verb[i] >= 'a' && verb[i] <= 'z' ? static_cast<char>(verb[i] - 'a' + 'A') : verb[i];
    }
    const std::string_view wanted(upper, verb.size());
    const auto at = std::ranges::lower_bound(rows(), wanted, {}, &command_row::verb);
    return at != rows().end() && at->verb == wanted ? &*at : nullptr;
}

std::size_t number_of(const command_row& row) { return static_cast<std::size_t>(&row - rows().data()); }

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

chat::nick_name nick_of(std::string_view typed) { return {std::string(typed), base::fold(typed)}; }

std::optional<chat::channel_name> channel_of(std::string_view typed) {
    if (!base::is_channel_name(typed)) return std::nullopt;
    return chat::channel_name{std::string(typed), base::fold(typed)};
}

chat::channel_looks looks_of(const chat::channel_name& channel) {
    return {base::channel_look(channel.name), base::channel_cased_look(channel.name), base::is_ascii(channel.name)};
}

std::string folded_mask(std::string_view whole_mask) { return base::fold(whole_mask); }

std::string upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

std::vector<std::string_view> listed(std::string_view list) {
    std::vector<std::string_view> parts;
    while (!list.empty()) {
        const auto part = list.substr(0, list.find(','));
        list.remove_prefix(std::min(part.size() + 1, list.size()));
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

std::string cut(std::string_view text, std::size_t max_bytes) {
    return std::string(text.substr(0, wire::utf8_cut(text, max_bytes)));
}

namespace {

// What keys look like is the specification's to change; control characters have no place in a line.
bool can_be_key(std::string_view key) {
    return !key.empty() && std::ranges::none_of(key, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; });
}

}  // namespace

std::string client_tags(const settings& s, std::string_view raw) {
    std::string out;
    if (raw.find('+') == std::string_view::npos) return out;
    const auto is = [&](std::string_view name) {
        return std::ranges::find(s.blocked_tags, name) != s.blocked_tags.end();
    };
    const bool all_blocked = is("*");
    for (const auto& tag : wire::final_tags(raw)) {
        if (!wire::is_client_tag(tag.key) || !can_be_key(tag.key.substr(1))) continue;
        const auto name = tag.key.substr(1);
        if (all_blocked ? !is("-" + std::string(name)) : is(name)) continue;
        if (!out.empty()) out += ';';
        out += tag.key;
        if (!tag.escaped_value.empty()) out.append("=").append(tag.escaped_value);
    }
    return out;
}

}  // namespace brusio::door::irc
