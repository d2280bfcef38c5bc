// The way of a question about the past through one conversation.
#include "door/irc/past.hpp"

#include <algorithm>
#include <charconv>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "door/references.hpp"

namespace brusio::door::irc {
namespace {

chat::message_id id_in(std::string_view digits) {
    chat::message_id id;
    std::from_chars(digits.data(), digits.data() + digits.size(), id.value);
    return id;
}

chat::message_id just_after(chat::message_id id) { return {id.value + 1}; }

void write_unknown_message(std::string& out, const irc_conversation& talk, std::string_view text) {
    const auto line = wire::parse_irc(text);
    if (!line) return;
    const std::array context{cut(line->param(0), 100), cut(line->param(1), 100)};
    write_fail(out, talk, "REDACT", "UNKNOWN_MSGID", context, "This message does not exist or is too old");
}

}  // namespace

std::unique_ptr<past_task> make_task(irc_conversation& talk, const chat::past_granted& e, std::string& out) {
    if (e.asked.empty()) return nullptr;
    const auto rest = std::string_view(e.asked).substr(1);
    switch (static_cast<past_asked>(e.asked.front())) {
        case past_asked::history:
            return history_task(talk, e, rest, out);
        case past_asked::search:
            return search_task(talk, e, rest);
        case past_asked::missed_in:
            return missed_in_channel(talk, e, id_in(rest));
        case past_asked::missed_from:
            return missed_messages(talk, e, id_in(rest));
        case past_asked::unknown_message:
            write_unknown_message(out, talk, rest);
    }
    return nullptr;
}

void write_fail(std::string& out, const irc_conversation& talk, std::string_view verb, std::string_view code,
                std::span<const std::string> context, std::string_view text) {
    wire::irc_line line(out);
    line.source(talk.options().server_name).verb("FAIL").param(verb).param(code);
    for (const auto& c : context) line.param(c);
    line.trailing(text).end();
}

void write_past_refused(std::string& out, const irc_conversation& talk, const chat::past_refused& e) {
    if (e.asked.empty()) return;
    const auto line = wire::parse_irc(std::string_view(e.asked).substr(1));
    const auto target = cut(e.target, 100);
    switch (static_cast<past_asked>(e.asked.front())) {
        case past_asked::history: {
            const std::array context{line ? cut(line->param(0), 40) : std::string("*"), target};
            return write_fail(out, talk, "CHATHISTORY", "INVALID_TARGET", context, "Messages could not be retrieved");
        }
        case past_asked::search: {
            const std::array context{"in=" + target};
            return write_fail(out, talk, "SEARCH", "INVALID_PARAMS", context, "You cannot read that");
        }
        case past_asked::unknown_message: {
            const std::array context{target};
            return write_fail(out, talk, "REDACT", "INVALID_TARGET", context,
                              "You cannot delete messages from " + target);
        }
        case past_asked::missed_in:
        case past_asked::missed_from:
            return;
    }
}

// ── in the conversation ─────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::tell(std::string& told, const past_task& task, const std::string& lines) {
    told += task.was_asked() && labeled_ ? labeled_->pass(lines, options().server_name) : lines;
}

// Begins with those that wait, until one has a question for the store.
void irc_conversation::begin_waiting(reply& r) {
    while (!past_->tasks.empty()) {
        auto& first = *past_->tasks.front();
        std::string lines;
        r.look_up = first.begin(lines);
        tell(r.bytes, first, lines);
        if (r.look_up) return;
        past_->tasks.erase(past_->tasks.begin());
    }
    if (!past_->missed_after) past_.reset();
}

reply irc_conversation::answer_granted(const chat::past_granted& e) {
    std::string lines;
    auto task = make_task(*this, e, lines);
    if (!task) return finish(std::move(lines));
    if (!past_) past_ = std::make_unique<past_reading>();
    past_->tasks.push_back(std::move(task));
    reply r;
    if (past_->tasks.size() == 1) begin_waiting(r);
    return r;
}

reply irc_conversation::hear_found(const base::result<store::reply>& what) {
    reply r;
    if (leaving_ || !past_ || past_->tasks.empty()) return r;
    auto& first = *past_->tasks.front();
    std::string lines;
    r.look_up = first.go_on(what, lines);
    tell(r.bytes, first, lines);
    if (r.look_up) return r;
    past_->tasks.erase(past_->tasks.begin());
    begin_waiting(r);
    return r;
}

// ── what was missed ─────────────────────────────────────────────────────────────────────────────────────────────────

// Programs that do not ask for the past would do what was said again; those that know chathistory ask by themselves.
void irc_conversation::note_missed(const chat::logged_in& e, std::vector<chat::command>& then) {
    const auto& h = options().history;
    const bool wanted = h.on && h.replay_lines != 0 && e.missed_since_ms > 0 && !e.who.account.empty() &&
                        (e.modes & chat::bot) == 0 && !has(chathistory);
    if (!wanted) return;
    past_ = std::make_unique<past_reading>();
    past_->missed_after = {first_of(e.missed_since_ms).value - 1};
    past_->missed_before = e.last ? just_after(e.last) : first_of(options().now_ms ? options().now_ms() : 0);
    then.emplace_back(
        chat::ask_past{session_, std::nullopt,
                       static_cast<char>(past_asked::missed_from) + std::to_string(past_->missed_before.value)});
}

void irc_conversation::ask_missed(chat::channel_id channel, const std::string& name, chat::message_id before,
                                  std::vector<chat::command>& then) {
    if (!past_ || !past_->missed_after || bot_ || has(chathistory)) return;
    if (std::ranges::find(past_->replayed, channel) != past_->replayed.end()) return;
    past_->replayed.push_back(channel);
    then.emplace_back(chat::ask_past{session_, chat::past_of{chat::channel_name{name, base::fold(name)}, {}},
                                     static_cast<char>(past_asked::missed_in) + std::to_string(before.value)});
}

void irc_conversation::ask_missed(const chat::effect& what, std::vector<chat::command>& then) {
    if (!past_ || !past_->missed_after) return;
    if (const auto* e = std::get_if<chat::joined>(&what)) {
        if (std::ranges::find(e->sessions, session_) == e->sessions.end()) return;
        ask_missed(e->channel, e->channel_name, e->last ? just_after(e->last) : first_of(e->at_ms), then);
    } else if (const auto* s = std::get_if<chat::seated>(&what)) {
        ask_missed(s->channel, s->channel_name, past_->missed_before, then);
    }
}

}  // namespace brusio::door::irc
