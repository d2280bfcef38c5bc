// What the client is told: answers, what it overhears, and the beginnings of lines. hearing.cpp has what comes in,
// log_in.cpp the way in.
#include "door/irc/conversation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/render.hpp"
#include "door/irc/services.hpp"

namespace brusio::door::irc {

irc_conversation::irc_conversation(chat::session_id session, caller from, std::shared_ptr<common> shared)
    : session_(session),
      shared_(std::move(shared)),
      reg_(std::make_unique<registration>()),
      prefix_(from.from.prefix()),
      secure_(from.secure),
      takes_secrets_(from.takes_secrets) {
    reg_->from = std::move(from);
}
irc_conversation::~irc_conversation() = default;

namespace {

std::string with_reason(std::string text, std::string_view reason) {
    return reason.empty() ? text : text.append(": ").append(reason);
}

}  // namespace

// ── answering ───────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

// What an end that others decided is called, to its client and in the log.
std::string why_over(const chat::ended& e) {
    switch (e.why) {
        case chat::end_cause::killed:
            return fmt::format("killed by {}", e.by.nick());
        case chat::end_cause::ghosted:
            return "the nick was claimed";
        case chat::end_cause::suspended:
            return "your account is suspended";
        case chat::end_cause::logged_out:
            return "logged out";
        default:
            return "you may not be here any more";
    }
}

}  // namespace

reply irc_conversation::answer(const chat::effect& what) {
    std::string lines;
    if (const auto* e = std::get_if<chat::door_asked>(&what)) {
        if (e->topic == reload_question) {
            numeric_text(lines, numeric::rehashing, {"brusiod.toml"}, "Rehashing");
            return finish(std::move(lines));
        }
        const std::string_view text = std::string_view(e->topic).substr(1);
        switch (e->topic.front()) {
            case topic::label_begins:
                labeled_ = std::make_unique<labeled>(std::string(text), fmt::format("l{}", ++shared_->last_batch));
                return {};
            case topic::label_ends:
                if (!labeled_) return {};
                return {std::exchange(labeled_, nullptr)->end(options().server_name), false, {}, {}};
            case topic::voice_begins:
                about_accounts().asks =
                    std::make_unique<voice>(static_cast<asked_by>(text.front()), std::string(text.substr(1)));
                return {};
            case topic::voice_ends:
                about_accounts().asks.reset();
                return {};
            case topic::voice_says:
                if (const auto* v = asks(); v != nullptr && v->service()) service_line(lines, service_of(v->by), text);
                break;
            case topic::late_line:
                run_late(text, lines);
                break;
            case topic::a_numeric: {
                const auto line = wire::parse_irc(text.substr(0, text.size() - 2));
                auto l = numeric_line(lines, static_cast<numeric>((line->verb[0] - '0') * 100 +
                                                                  (line->verb[1] - '0') * 10 + (line->verb[2] - '0')));
                for (std::size_t i = 0; i + 1 < line->param_count; ++i) l.param(line->param(i));
                l.trailing(line->param(line->param_count - 1)).end();
                break;
            }
            default:
                lines = text;
        }
        return finish(std::move(lines));
    }
    if (const auto* e = std::get_if<chat::logged_in>(&what)) {
        // The welcome is the same for everybody, and no answer to one line alone.
        if (labeled_) lines = std::exchange(labeled_, nullptr)->end(options().server_name);
        welcome(lines, *e);
        reply r{std::move(lines), false, {}, {}};
        note_missed(*e, r.then);
        return r;
    }
    if (const auto* e = std::get_if<chat::log_in_refused>(&what)) {
        if (reg_) {
            reg_->asking = false;
            reg_->who.reset();
        }
        write_name_refused(lines, *this, e->why, e->asked.who.nick);
        return decided(std::move(lines), false, {});
    }
    if (const auto* e = std::get_if<chat::not_let_in>(&what)) {
        leaving_ = true;
        if (e->bad_account) {
            const auto text = with_reason("The account that you came as does not count any more", e->reason);
            numeric_text(lines, e->reason.empty() ? numeric::err_saslfail : numeric::err_nicklocked, {}, text);
            lines += error_line(text);
            return decided(std::move(lines), true, "its account does not count any more");
        }
        if (e->need_account) {
            server_line(lines, "FAIL", {"*", "ACCOUNT_REQUIRED"}, "You need an account to come in from where you are");
        } else {
            numeric_text(lines, numeric::err_yourebannedcreep, {}, "You are banned from this server");
        }
        lines += error_line(with_reason(e->need_account ? "An account is needed" : "Banned", e->reason));
        return decided(std::move(lines), true, "banned from the server");
    }
    if (const auto* e = std::get_if<chat::left>(&what)) {
        leaving_ = true;
        return decided(last_words_ ? *last_words_ : error_line(e->reason), true, e->reason);
    }
    note_own(what);
    if (const auto* e = std::get_if<chat::past_granted>(&what)) return answer_granted(*e);
    if (auto r = answer_accounts(what)) {
        ask_missed(what, r->then);
        return std::move(*r);
    }
    reply r;
    if (!tell_metadata(what, lines, r.then)) write_answer(lines, *this, what, r.then);
    ask_missed(what, r.then);
    r.bytes = finish(std::move(lines)).bytes;
    return r;
}

reply irc_conversation::decided(std::string lines, bool close, std::string reason) {
    if (labeled_) {
        lines = labeled_->pass(lines, options().server_name);
        lines += std::exchange(labeled_, nullptr)->end(options().server_name);
    }
    return {std::move(lines), close, std::move(reason), {}};
}

reply irc_conversation::finish(std::string lines) {
    if (labeled_) lines = labeled_->pass(lines, options().server_name);
    return {std::move(lines), false, {}, {}};
}

reply irc_conversation::overhear(const chat::effect& what) {
    std::string lines;
    note_own(what);
    if (const auto* e = std::get_if<chat::ended>(&what)) {
        leaving_ = true;
        const auto reason = with_reason("Closing link: " + why_over(*e), e->reason);
        if (e->why == chat::end_cause::killed) {
            wire::irc_line line(lines);
            add_tags(line, e->by, e->at_ms, shape());
            line.source(e->by.mask).verb("KILL").param(nick()).trailing(e->reason).end();
        }
        lines += error_line(reason);
        return decided(std::move(lines), true, why_over(*e));
    }
    reply r;
    if (!tell_metadata(what, lines, r.then)) write_overheard(lines, *this, what, r.then);
    ask_missed(what, r.then);
    r.bytes = std::move(lines);
    return r;
}

// What this client is called, and whether it is an operator, as far as it was told.
void irc_conversation::note_own(const chat::effect& what) {
    const auto own = [this](const auto& e) { return std::ranges::find(e.sessions, session_) != e.sessions.end(); };
    if (const auto* e = std::get_if<chat::renamed>(&what); e != nullptr && own(*e)) {
        mask_ = e->after.mask;
        nick_ = e->after.nick();
        if (affairs_) affairs_->nick.clear();
    } else if (const auto* h = std::get_if<chat::host_set>(&what); h != nullptr && own(*h)) {
        mask_ = h->after.mask;
    } else if (const auto* a = std::get_if<chat::account_set>(&what); a != nullptr && own(*a)) {
        about_accounts().account = a->who.account;
    } else if (std::holds_alternative<chat::rename_refused>(what)) {
        if (affairs_) affairs_->nick.clear();
    } else if (const auto* m = std::get_if<chat::own_modes_changed>(&what)) {
        if ((m->set & chat::server_operator) != 0) operator_ = true;
        if ((m->unset & chat::server_operator) != 0) operator_ = false;
        bot_ = (bot_ || (m->set & chat::bot) != 0) && (m->unset & chat::bot) == 0;
    }
}

// The text of a failure begins with these words (brusiod/reload).
void irc_conversation::hear_reloaded(std::string_view outcome, std::vector<action>& out) {
    const bool failed = outcome.starts_with("The old configuration stays");
    std::string bytes(1, topic::server_says);
    if (failed && has(standard_replies)) {
        server_line(bytes, "FAIL", {"REHASH", "CONFIG_BAD"}, outcome);
    } else {
        note(bytes, "REHASH", failed ? "CONFIG_BAD" : "CONFIG_READ", outcome);
    }
    answer_late(std::move(bytes), out);
}

reply irc_conversation::hear_settings(bool takes_secrets) {
    std::string lines;
    if (leaving_) return {};
    const auto tell = [&](const std::vector<std::string>& renewed, caps gone) {
        const bool wanted = has(cap_notify) && values_wanted();
        for (const auto& names : wanted ? renewed : std::vector<std::string>()) {
            if (!names.empty()) server_line(lines, "CAP", {nick(), "NEW"}, names);
        }
        if (gone == 0) return;
        for (const auto& names : wanted ? names_of(gone, cap_room) : std::vector<std::string>()) {
            server_line(lines, "CAP", {nick(), "DEL"}, names);
        }
        caps_ &= ~gone;
        heard_caps_ &= ~gone;
    };
    const auto was = comes_by();
    takes_secrets_ = takes_secrets;
    const auto at = static_cast<std::size_t>(was);
    tell(shared_->caps_changed[at], shared_->caps_gone[at]);
    if (const auto now = comes_by(); now != was) {
        tell(renewed(options(), was, options(), now, cap_room), withdrawn(options(), was, options(), now));
    }
    if (logged_in_ && !shared_->isupport_changed.empty()) write_isupport(*this, lines, shared_->isupport_changed);
    return {std::move(lines), false, {}, {}};
}

// ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────────────

wire::irc_line irc_conversation::numeric_line(std::string& out, numeric number) const {
    wire::irc_line line(out);
    line.source(options().server_name).numeric(static_cast<unsigned>(number)).param(nick());
    return line;
}

void irc_conversation::numeric_text(std::string& out, numeric number, std::initializer_list<std::string_view> params,
                                    std::string_view text) const {
    auto line = numeric_line(out, number);
    for (const auto p : params) line.param(p);
    line.trailing(text).end();
}

void irc_conversation::server_line(std::string& out, std::string_view verb,
                                   std::initializer_list<std::string_view> params, std::string_view text) const {
    wire::irc_line line(out);
    line.source(options().server_name).verb(verb);
    for (const auto p : params) line.param(p);
    line.trailing(text).end();
}

void irc_conversation::note(std::string& out, std::string_view verb, std::string_view code,
                            std::string_view text) const {
    if (has(standard_replies)) return server_line(out, "NOTE", {verb, code}, text);
    wire::irc_line line(out);
    if (has(server_time)) line.tag("time", time_text(options().now_ms ? options().now_ms() : 0));
    if (has(message_tags)) line.tag("msgid", fmt::format("n{}-{}", options().started_ms, ++shared_->last_notice));
    line.source(options().server_name).verb("NOTICE").param(nick()).trailing(text).end();
}

std::string irc_conversation::error_line(std::string_view reason) const {
    std::string out;
    wire::irc_line(out).verb("ERROR").trailing(reason).end();
    return out;
}

}  // namespace brusio::door::irc
