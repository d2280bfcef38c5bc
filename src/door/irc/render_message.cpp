// A message as one client sees it: in lines that its protocol can carry, as one whole where it can take it whole.
#include <algorithm>

#include "door/irc/irc_door.hpp"
#include "door/irc/render.hpp"
#include "wire/irc_line.hpp"
#include "wire/irc_tags.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {
namespace {

using wire::irc_line;

struct piece {
    std::string_view text;
    bool concat = false;  // goes on where the one before ended
};

// How it stands in a line: "\1ACTION " text "\1".
struct frame {
    std::string_view verb = "PRIVMSG";
    std::string_view before;
    std::string_view after;
};

frame frame_of(chat::speech kind) {
    switch (kind) {
        case chat::speech::text:
            return {};
        case chat::speech::action:
            return {"PRIVMSG",
                    "\x01"
                    "ACTION ",
                    "\x01"};
        case chat::speech::notice:
            return {"NOTICE", {}, {}};
        case chat::speech::ctcp:
            return {"PRIVMSG", "\x01", "\x01"};
        case chat::speech::ctcp_answer:
            return {"NOTICE", "\x01", "\x01"};
        case chat::speech::tags:
            break;
    }
    return {"TAGMSG", {}, {}};
}

// Two requests would be two questions, and half an answer none: what does not fit is cut.
bool may_be_split(chat::speech kind) { return kind != chat::speech::ctcp && kind != chat::speech::ctcp_answer; }

// Line by line, and where its sender cut a line, if that fits. More than a hundred lines would be more protocol than
// text: from there on, a line feed is a blank.
std::vector<piece> pieces_of(std::string& text, const std::vector<std::uint32_t>& breaks, std::size_t room) {
    std::size_t lines = 1;
    for (auto& c : text) {
        if (c == '\n' && ++lines > multiline_lines_max) c = ' ';
    }
    std::vector<piece> pieces;
    std::size_t begin = 0;
    bool concat = false;
    auto next_break = breaks.begin();
    const auto add = [&](std::size_t end) {
        const auto line = std::string_view(text).substr(begin, end - begin);
        if (line.size() <= room) {
            pieces.push_back({line, concat});
        } else {
            for (const auto part : wire::split_text(line, room, wire::cut_blank::keep)) {
                pieces.push_back({part, concat});
                concat = true;
            }
        }
    };
    for (std::size_t i = 0; i <= text.size(); ++i) {
        while (next_break != breaks.end() && *next_break < i) ++next_break;
        const bool at_break = next_break != breaks.end() && *next_break == i && i > begin && i < text.size();
        const bool at_end = i == text.size() || text[i] == '\n';
        if (!at_break && !at_end) continue;
        add(i);
        concat = at_break && !at_end;
        begin = at_end ? i + 1 : i;
    }
    return pieces;
}

// Of a message in several lines only the first carries its id.
void add_tags(irc_line& line, const message_line& m, caps shape, bool first = true) {
    if ((shape & server_time) != 0) line.tag("time", time_text(m.at_ms));
    if ((shape & account_tag) != 0 && !m.who->account.empty()) line.tag("account", m.who->account);
    if ((shape & message_tags) == 0) return;
    if (first) line.tag("msgid", msgid_text(m.id));
    if (m.who->bot) line.tag("bot");
    wire::for_each_tag(m.what->tags,
                       [&](std::string_view key, std::string_view value) { line.escaped_tag(key, value); });
}

void put_text(irc_line& line, const frame& f, std::string_view text) {
    if (f.before.empty()) {
        line.trailing(text);
    } else {
        std::string whole;
        whole.reserve(f.before.size() + text.size() + f.after.size());
        whole.append(f.before).append(text).append(f.after);
        line.trailing(whole);
    }
}

// Nothing but a message that is one may look like CTCP. Text of a protocol without formatting codes has none, and no
// other control characters that a terminal might obey.
void defuse(std::string& text, const chat::message& what, const frame& f) {
    if (!what.formatted) {
        std::erase_if(text, [](char c) { return (c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == '\x7f'; });
    } else if (!f.before.empty()) {
        std::erase(text, '\x01');
    }
}

std::string_view without_ctcp(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of('\x01'), text.size()));
    return text;
}

}  // namespace

void render_message(std::string& out, const message_line& m, caps shape) {
    const auto f = frame_of(m.what->kind);
    if (m.what->kind == chat::speech::tags) {
        if ((shape & message_tags) == 0) return;
        irc_line line(out);
        add_tags(line, m, shape);
        line.source(m.who->mask).verb(f.verb).param(m.target).end();
        return;
    }
    // ":mask VERB target :text", within the line as it is received.
    const auto used = m.who->mask.size() + f.verb.size() + m.target.size() + 5 + f.before.size() + f.after.size();
    const auto room = used + 64 < irc_line::max_body ? irc_line::max_body - used : 64;
    const bool simple = m.what->formatted && m.what->breaks.empty() && m.what->body.size() <= room &&
                        m.what->body.find_first_of("\n\x01") == std::string::npos;
    if (simple) {
        irc_line line(out);
        add_tags(line, m, shape);
        line.source(m.who->mask).verb(f.verb).param(m.target);
        put_text(line, f, m.what->body);
        return line.end();
    }
    auto text = m.what->formatted ? m.what->body : wire::clean_for_irc(m.what->body);
    defuse(text, *m.what, f);
    if (!may_be_split(m.what->kind)) {
        std::ranges::replace(text, '\n', ' ');
        text.resize(wire::utf8_cut(text, room));
    }
    const bool untouched = text.size() == m.what->body.size();  // else the offsets of its breaks are wrong
    auto pieces = pieces_of(text, untouched ? m.what->breaks : std::vector<std::uint32_t>{}, room);
    if (f.before.empty()) {
        for (auto& p : pieces) p.text = without_ctcp(p.text);
    }
    // An empty message would be none.
    if (std::ranges::all_of(pieces, [](const piece& p) { return p.text.empty(); })) pieces = {{" "}};
    const bool whole = pieces.size() > 1 && (shape & multiline) != 0 && (shape & batch) != 0 && f.before.empty();
    std::string reference;
    if (whole) {
        reference = "m" + msgid_text(m.id);
        irc_line line(out);
        add_tags(line, m, shape);
        line.source(m.who->mask).verb("BATCH").param("+" + reference).param("draft/multiline").param(m.target).end();
    }
    bool first = true;
    for (const auto& p : pieces) {
        if (!whole && p.text.empty()) continue;
        irc_line line(out);
        if (whole) {
            line.tag("batch", reference);
            if (p.concat) line.tag("draft/multiline-concat");
        } else {
            add_tags(line, m, shape, std::exchange(first, false));
        }
        line.source(m.who->mask).verb(f.verb).param(m.target);
        put_text(line, f, p.text);
        line.end();
    }
    if (whole) irc_line(out).source(m.who->mask).verb("BATCH").param("-" + reference).end();
}

}  // namespace brusio::door::irc
