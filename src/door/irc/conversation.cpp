#include "door/irc/conversation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/caller.hpp"
#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/render.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {
namespace {

// How a line travels as the topic of chat::ask_door, told by its first byte.
enum topic : char {
    late_line = '=',    // a line for its command's `late`
    a_numeric = '#',    // "433 mario :In use": the nick is put in when it is sent
    server_says = '!',  // "FAIL JOIN …"
    label_begins = '<',
    label_ends = '>',
};

constexpr std::size_t label_bytes_max = 64;
constexpr std::uint8_t tries_max = 5;

// Browsers and web servers can be made to send lines to any port, but not without saying one of these first.
bool is_http(std::string_view verb) {
    constexpr std::string_view verbs[] = {"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH"};
    return std::ranges::find(verbs, verb) != std::end(verbs);
}

}  // namespace

irc_conversation::irc_conversation(chat::session_id session, caller from, std::shared_ptr<common> shared)
    : session_(session),
      shared_(std::move(shared)),
      reg_(std::make_unique<registration>()),
      ip_(from.from.ip),
      secure_(from.secure) {
    reg_->from = std::move(from);
}
irc_conversation::~irc_conversation() = default;

// ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::hear(std::string message, std::vector<action>& out) {
    if (!leaving_) hear_line(message, out);
}

void irc_conversation::hear_line(std::string_view text, std::vector<action>& out) {
    const auto line = wire::parse_irc(text);
    if (!line) {
        if (line.error() == wire::irc_parse_error::no_verb) return;
        request r{*this, {}, text, out};
        r.fail("INVALID_LINE", {}, "A line cannot have a NUL or a carriage return inside; it was dropped");
        return spoil_batch(r);
    }
    request r{*this, *line, text, out};
    if (!logged_in_ && is_http(line->verb)) {
        leaving_ = true;
        out.emplace_back(reply{{}, true, "an HTTP request came to the IRC door", {}});
        return;
    }
    const bool readable = base::valid_utf8(text);
    if (incoming_ && readable && hear_batched(r)) return;
    const auto* row = readable ? find_command(line->verb) : nullptr;
    if (row != nullptr) ++shared_->used[number_of(*row)];
    if (row != nullptr && logged_in_ && row->late == answer_cap) note_cap(r);
    // The lines of a batch are answered together, under the label that opened it.
    const bool opens = logged_in_ && row != nullptr && row->early == hear_batch && line->param(0).starts_with('+');
    const auto label = opens ? std::string() : label_of(*line);
    if (!label.empty()) begin_label(label, out);
    const auto first = out.size();
    if (!readable) {
        refuse_unreadable(r);
    } else if (!refuse_early(row, *line, out)) {
        run(*row, *line, text, out);
    }
    if (!label.empty()) end_label(first, out);
}

std::string irc_conversation::label_of(const wire::irc_message& line) const {
    if (line.tags.empty() || !heard(labeled_response) || !heard(batch)) return {};
    const auto label = wire::find_tag(line.tags, "label").value_or("");
    return label.size() > label_bytes_max || !base::valid_utf8(label) ? std::string() : std::string(label);
}

void irc_conversation::refuse_unreadable(request& r) {
    auto shown = r.line;
    if (!base::valid_utf8(shown.verb)) shown.verb = "*";
    request about{*this, shown, r.whole, r.out};
    about.fail("INVALID_UTF8", {}, "Lines must be UTF-8; this one was dropped");
    spoil_batch(about);
}

void irc_conversation::begin_label(const std::string& label, std::vector<action>& out) {
    if (logged_in_) {
        out.emplace_back(chat::command(chat::ask_door{session_, std::string(1, topic::label_begins) + label}));
    } else {
        labeled_ = std::make_unique<labeled>(label, fmt::format("l{}", ++shared_->last_batch));
    }
}

// Before the log-in all answers are there already; after it, the mark follows them.
void irc_conversation::end_label(std::size_t first, std::vector<action>& out) {
    if (!labeled_ || logged_in_) {
        out.emplace_back(chat::command(chat::ask_door{session_, std::string(1, topic::label_ends)}));
        return;
    }
    for (auto a = out.begin() + static_cast<std::ptrdiff_t>(first); a != out.end(); ++a) {
        auto* r = std::get_if<reply>(&*a);
        if (r == nullptr) continue;
        r->bytes = labeled_->pass(r->bytes, options().server_name);
        if (!r->close) continue;
        r->bytes += labeled_->end(options().server_name);  // nothing is sent after it
        labeled_.reset();
        return;
    }
    out.emplace_back(reply{labeled_->end(options().server_name), false, {}, {}});
    labeled_.reset();
}

bool irc_conversation::refuse_early(const command_row* row, const wire::irc_message& line, std::vector<action>& out) {
    request r{*this, line, {}, out};
    if (row == nullptr) {
        r.numeric_text(numeric::err_unknowncommand, {line.verb}, "Unknown command");
    } else if (!logged_in_ && row->when == allowed::after_log_in) {
        r.numeric_text(numeric::err_notregistered, {}, "You have not registered");
    } else if (logged_in_ && row->when == allowed::only_before_log_in) {
        r.numeric_text(numeric::err_alreadyregistered, {}, "You may not reregister");
    } else if (line.param_count < row->min_params) {
        r.too_few();
    } else {
        return false;
    }
    return true;
}

void irc_conversation::run(const command_row& row, const wire::irc_message& line, std::string_view whole,
                           std::vector<action>& out) {
    if (row.early != nullptr) {
        request r{*this, line, whole, out};
        return row.early(r);
    }
    if (logged_in_) return answer_late(std::string(1, topic::late_line) + std::string(whole), out, row.operators_only);
    std::string bytes;
    answering a{*this, line, bytes};
    row.late(a);
    if (!bytes.empty()) out.emplace_back(reply{std::move(bytes), false, {}, {}});
    try_log_in(out);  // CAP END may have been what was missing
}

void irc_conversation::answer_late(std::string line, std::vector<action>& out, bool operators_only) {
    out.emplace_back(chat::command(chat::ask_door{session_, std::move(line), operators_only}));
}

void irc_conversation::run_late(std::string_view text, std::string& out) {
    const auto line = wire::parse_irc(text);
    if (!line) return;
    answering a{*this, *line, out};
    if (const auto* row = find_command(line->verb); row != nullptr && row->late != nullptr) row->late(a);
}

void request::numeric_text(numeric number, std::initializer_list<std::string_view> params, std::string_view text) {
    std::string bytes;
    if (talk.logged_in()) {
        bytes = static_cast<char>(topic::a_numeric);
        wire::irc_line l(bytes);
        l.numeric(static_cast<unsigned>(number));
        for (const auto p : params) l.param(p);
        l.trailing(text).end();
        return talk.answer_late(std::move(bytes), out);
    }
    talk.numeric_text(bytes, number, params, text);
    out.emplace_back(reply{std::move(bytes), false, {}, {}});
}

void request::fail(std::string_view code, std::initializer_list<std::string_view> context, std::string_view text) {
    std::string bytes;
    if (talk.logged_in()) bytes = static_cast<char>(topic::server_says);
    wire::irc_line l(bytes);
    l.source(talk.options().server_name).verb("FAIL").param(line.verb.empty() ? "*" : line.verb).param(code);
    for (const auto c : context) l.param(c);
    l.trailing(text).end();
    if (talk.logged_in()) return talk.answer_late(std::move(bytes), out);
    out.emplace_back(reply{std::move(bytes), false, {}, {}});
}

void irc_conversation::hear_overlong(std::vector<action>& out) {
    if (leaving_) return;
    request r{*this, {}, {}, out};
    r.numeric_text(numeric::err_inputtoolong, {}, "Input line was too long");
    spoil_batch(r);
}

void irc_conversation::hear_broken(net::split_status status, std::vector<action>& out) {
    close(status == net::split_status::flooded    ? "Excess Flood"
          : status == net::split_status::too_late ? "No log-in in time"
                                                  : "Not IRC",
          out);
}

void irc_conversation::hear_end(std::vector<action>& out) {
    if (leaving_) return;
    leaving_ = true;
    if (logged_in_) {
        out.emplace_back(chat::command(chat::leave{session_, "Connection closed"}));
    } else {
        out.emplace_back(reply{{}, true, "left", {}});
    }
}

void irc_conversation::close(std::string reason, std::vector<action>& out) {
    if (leaving_) return;
    leaving_ = true;
    if (logged_in_) {
        last_words_ = std::make_unique<std::string>(error_line(reason));
        out.emplace_back(chat::command(chat::leave{session_, std::move(reason)}));
    } else {
        out.emplace_back(reply{error_line(reason), true, std::move(reason), {}});
    }
}

// ── what the node answers ───────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::hear_certificate(const std::string& fingerprint) {
    if (reg_) reg_->certificate = fingerprint;
}

void irc_conversation::ask_password(purpose what_for, std::string kept, std::string given, std::string about,
                                    std::vector<action>& out) {
    purpose_ = what_for;
    about_ = std::make_unique<std::string>(std::move(about));
    out.emplace_back(check_password{std::move(kept), std::move(given)});
}

void irc_conversation::hear_checked(bool right, std::vector<action>& out) {
    if (leaving_) return;
    const auto about = std::move(about_);
    request r{*this, {}, {}, out};
    if (!right) note_failure();
    switch (std::exchange(purpose_, purpose::none)) {
        case purpose::none:
            return;
        case purpose::server:
            reg_->asking = false;
            if (!right) {
                r.numeric_text(numeric::err_passwdmismatch, {}, "Password incorrect");
                return close("Password incorrect", out);
            }
            reg_->password_right = true;
            return try_log_in(out);
        case purpose::gateway: {
            const auto known = net::peer_from(*about);
            if (!right || !known) return close("WEBIRC refused", out);
            out.emplace_back(move{*known});
            return;
        }
        case purpose::become_operator:
            if (options().log) {
                options().log(fmt::format("{} {} operator {}", base::clean_line(nick_),
                                          right ? "is now" : "gave a wrong password for", base::clean_line(*about)));
            }
            if (right) {
                out.emplace_back(chat::command(chat::become_operator{session_, *about}));
            } else {
                r.numeric_text(numeric::err_passwdmismatch, {}, "Password incorrect");
            }
    }
}

void irc_conversation::note_failure() {
    auto& f = shared_->failures[ip_];
    const auto now = options().now_ms ? options().now_ms() : 0;
    if (now - f.since_ms > failures_forgotten_ms) f = {now, 0};
    ++f.count;
    if (shared_->failures.size() <= failures_kept) return;
    std::erase_if(shared_->failures,
                  [&](const auto& one) { return now - one.second.since_ms > failures_forgotten_ms; });
    if (shared_->failures.size() > failures_kept) shared_->failures.erase(shared_->failures.begin());
}

bool irc_conversation::may_try_password() const {
    const auto at = shared_->failures.find(ip_);
    if (at == shared_->failures.end() || at->second.count < tries_max) return true;
    return !options().now_ms || options().now_ms() - at->second.since_ms > failures_forgotten_ms;
}

void irc_conversation::hear_moved(const caller& now, net::refusal refused, std::vector<action>& out) {
    if (leaving_ || !reg_) return;
    ip_ = now.from.ip;
    reg_->from.from = now.from;
    reg_->from.host = now.host;
    reg_->moved = true;
    if (refused != net::refusal::none) return close("Too many connections from your address", out);
    try_log_in(out);
}

void irc_conversation::hear_reloaded(std::string_view outcome, std::vector<action>& out) {
    std::string bytes;
    server_line(bytes, "NOTICE", {nick()}, outcome);
    answer_late(std::string(1, topic::server_says) + bytes, out);
}

// ── logging in ──────────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::try_log_in(std::vector<action>& out) {
    if (logged_in_ || leaving_ || !reg_->who || reg_->username.empty() || reg_->negotiating || reg_->asking) return;
    if (!options().password.empty() && !reg_->password_right) {
        if (reg_->password.empty() || !may_try_password()) {
            request r{*this, {}, {}, out};
            r.numeric_text(numeric::err_passwdmismatch, {}, "This server needs a password, sent as PASS");
            return close("Password needed", out);
        }
        reg_->asking = true;
        return ask_password(purpose::server, options().password, std::move(reg_->password), {}, out);
    }
    reg_->asking = true;
    auto from = origin_of(reg_->from);
    from.username = reg_->username;
    from.real_name = reg_->real_name;
    from.certificate = reg_->certificate;
    out.emplace_back(chat::command(chat::log_in{session_, *reg_->who, std::move(from), std::nullopt, reg_->away}));
}

void irc_conversation::welcome(std::string& out, const chat::logged_in& e) {
    logged_in_ = true;
    reg_.reset();
    mask_ = e.who.mask;
    nick_ = e.who.nick();
    const auto& s = options();
    numeric_text(out, numeric::welcome, {}, fmt::format("Welcome to the {} network, {}", s.network, mask_));
    numeric_text(out, numeric::yourhost, {},
                 fmt::format("Your host is {}, running version {}", s.server_name, s.version));
    numeric_text(out, numeric::created, {}, "This server was started " + time_text(s.started_ms));
    std::string user_letters;
    for (const auto& row : chat::user_mode_table()) user_letters += row.letter;
    std::string channel_letters;
    std::string with_value;
    for (const auto& row : chat::channel_mode_table()) {
        channel_letters += row.letter;
        if (row.kind != chat::mode_kind::flag) with_value += row.letter;
    }
    for (const auto& row : chat::rank_table()) {
        channel_letters += row.letter;
        with_value += row.letter;
    }
    numeric_line(out, numeric::myinfo)
        .param(s.server_name)
        .param(s.version)
        .param(user_letters)
        .param(channel_letters)
        .param(with_value)
        .end();
    write_isupport(*this, out);
    write_counts(out, *this, e.count);
    write_motd(*this, out);
    if (e.modes != 0) {
        wire::irc_line(out).source(nick_).verb("MODE").param(nick_).param("+" + chat::letters_of(e.modes)).end();
    }
}

// ── answering ───────────────────────────────────────────────────────────────────────────────────────────────────────

reply irc_conversation::answer(const chat::effect& what) {
    std::string lines;
    if (const auto* e = std::get_if<chat::door_asked>(&what)) {
        const std::string_view text = std::string_view(e->topic).substr(1);
        switch (e->topic.front()) {
            case topic::label_begins:
                labeled_ = std::make_unique<labeled>(std::string(text), fmt::format("l{}", ++shared_->last_batch));
                return {};
            case topic::label_ends:
                if (!labeled_) return {};
                return {std::exchange(labeled_, nullptr)->end(options().server_name), false, {}, {}};
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
        welcome(lines, *e);
        return {std::move(lines), false, {}, {}};
    }
    if (const auto* e = std::get_if<chat::log_in_refused>(&what)) {
        if (reg_) {
            reg_->asking = false;
            reg_->who.reset();
        }
        write_name_refused(lines, *this, e->why, e->asked.who.nick);
        return {std::move(lines), false, {}, {}};
    }
    if (const auto* e = std::get_if<chat::not_let_in>(&what)) {
        leaving_ = true;
        if (e->need_account) {
            server_line(lines, "FAIL", {"*", "ACCOUNT_REQUIRED"}, "You need an account to come in from where you are");
        } else {
            numeric_text(lines, numeric::err_yourebannedcreep, {}, "You are banned from this server");
        }
        const auto reason = e->reason.empty() ? std::string("Banned") : "Banned: " + e->reason;
        lines += error_line(e->need_account ? "An account is needed" : reason);
        return {std::move(lines), true, "banned from the server", {}};
    }
    if (const auto* e = std::get_if<chat::left>(&what)) {
        leaving_ = true;
        std::string last = labeled_ ? std::exchange(labeled_, nullptr)->end(options().server_name) : std::string();
        return {last + (last_words_ ? *last_words_ : error_line(e->reason)), true, e->reason, {}};
    }
    note_own(what);
    reply r;
    write_answer(lines, *this, what, r.then);
    r.bytes = finish(std::move(lines)).bytes;
    return r;
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
        const auto by = e->by.nick();
        const auto reason = e->why == chat::end_cause::killed
                                ? fmt::format("Closing link: killed by {}: {}", by, e->reason)
                                : fmt::format("Closing link: you are banned from this server: {}", e->reason);
        if (e->why == chat::end_cause::killed) {
            wire::irc_line(lines).source(e->by.mask).verb("KILL").param(nick()).trailing(e->reason).end();
        }
        lines += error_line(reason);
        return {std::move(lines), true, e->why == chat::end_cause::killed ? "killed" : "banned from the server", {}};
    }
    reply r;
    write_overheard(lines, *this, what, r.then);
    r.bytes = std::move(lines);
    return r;
}

// What this client is called, and whether it is an operator, as far as it was told.
void irc_conversation::note_own(const chat::effect& what) {
    const auto own = [this](const auto& e) { return std::ranges::find(e.sessions, session_) != e.sessions.end(); };
    if (const auto* e = std::get_if<chat::renamed>(&what); e != nullptr && own(*e)) {
        mask_ = e->after.mask;
        nick_ = e->after.nick();
    } else if (const auto* h = std::get_if<chat::host_set>(&what); h != nullptr && own(*h)) {
        mask_ = h->after.mask;
    } else if (const auto* m = std::get_if<chat::own_modes_changed>(&what)) {
        if ((m->set & chat::server_operator) != 0) operator_ = true;
        if ((m->unset & chat::server_operator) != 0) operator_ = false;
    }
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

std::string irc_conversation::error_line(std::string_view reason) const {
    std::string out;
    wire::irc_line(out).verb("ERROR").trailing(reason).end();
    return out;
}

}  // namespace brusio::door::irc
