#include "door/irc/playback.hpp"

#include <algorithm>

#include "door/irc/render.hpp"
#include "door/irc/response.hpp"
#include "wire/irc_line.hpp"

namespace brusio::door::irc {
namespace {

using chat::entry;
using chat::entry_kind;
using wire::irc_line;

void put_redaction(std::string& out, const entry& e, caps enabled, std::string_view server) {
    if ((enabled & message_redaction) == 0) return;
    irc_line line(out);
    if ((enabled & server_time) != 0) line.tag("time", time_text(e.redacted_ms != 0 ? e.redacted_ms : e.at_ms));
    line.source(e.redacted_by.empty() ? server : std::string_view(e.redacted_by));
    line.verb("REDACT").param(e.target).param(msgid_text(e.id));
    if (!e.redacted_why.empty()) line.trailing(e.redacted_why);
    line.end();
}

void put_message(std::string& out, const entry& e, caps enabled) {
    const auto kind = static_cast<chat::speech>(e.kind);
    message_line m{e.id, e.at_ms, &e.who, e.target, &e.what};
    if (e.what.kind == kind) return render_message(out, m, enabled & shape_caps);
    auto what = e.what;
    what.kind = kind;
    m.what = &what;
    render_message(out, m, enabled & shape_caps);
}

chat::renamed nick_change(const entry& e) {
    auto before = e.who;
    auto after = e.who;
    if (!e.what.body.empty()) before.mask = e.what.body;
    after.mask = e.detail;
    return {.before = std::move(before), .after = std::move(after), .at_ms = e.at_ms};
}

void put_channel_rename(std::string& out, const entry& e, caps enabled) {
    if ((enabled & channel_rename) == 0) return;
    irc_line line(out);
    add_tags(line, e.who, e.at_ms, enabled & shape_caps);
    line.source(e.who.mask).verb("RENAME").param(e.detail).param(e.target).trailing(e.what.body).end();
}

chat::effect effect_of(const entry& e) {
    switch (e.kind) {
        case entry_kind::join:
            return chat::joined{
                .channel_name = e.target, .who = e.who, .real_name = e.what.body, .away = {}, .at_ms = e.at_ms};
        case entry_kind::part:
            return chat::parted{.channel_name = e.target, .who = e.who, .reason = e.what.body, .at_ms = e.at_ms};
        case entry_kind::kick:
            return chat::kicked{
                .channel_name = e.target, .by = e.who, .nick = e.detail, .reason = e.what.body, .at_ms = e.at_ms};
        case entry_kind::nick:
            return nick_change(e);
        case entry_kind::topic:
            return chat::topic_changed{.channel_name = e.target, .by = e.who, .text = e.what.body, .at_ms = e.at_ms};
        case entry_kind::modes:
            return chat::modes_changed{
                .channel_name = e.target, .by = e.who, .changes = changes_in(e.what.body), .at_ms = e.at_ms};
        default:
            return chat::left{.who = e.who, .reason = e.what.body, .at_ms = e.at_ms};
    }
}

// As live ones; but each has an id here, by which its reader goes on.
void put_event(std::string& out, const entry& e, caps enabled, std::string_view server) {
    std::string lines;
    if (e.kind == entry_kind::rename) {
        put_channel_rename(lines, e, enabled);
    } else {
        render(lines, effect_of(e), enabled & shape_caps, server);
    }
    if (lines.empty()) return;
    out += (enabled & message_tags) != 0 ? with_tag("msgid", msgid_text(e.id), lines) : lines;
}

bool has_value(char letter, bool add) {
    if (chat::find_rank(letter) != nullptr) return true;
    const auto* row = chat::find_channel_mode(letter);
    if (row == nullptr || row->kind == chat::mode_kind::flag) return false;
    return add || row->kind != chat::mode_kind::value_when_set;
}

}  // namespace

std::vector<chat::mode_change> changes_in(std::string_view text) {
    const auto take = [&] {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        return word;
    };
    std::vector<chat::mode_change> changes;
    bool add = true;
    for (const char c : take()) {
        if (c == '+' || c == '-') {
            add = c == '+';
        } else {
            changes.push_back({add, c, has_value(c, add) ? std::string(take()) : std::string(), {}});
        }
    }
    return changes;
}

void render_entry(std::string& out, const entry& e, caps enabled, std::string_view server) {
    if (chat::is_event(e.kind) && (enabled & event_playback) == 0) return;
    if (e.redacted) return put_redaction(out, e, enabled, server);
    if (e.kind > entry_kind::tags) return put_event(out, e, enabled, server);
    put_message(out, e, enabled);
}

}  // namespace brusio::door::irc
