// A line that comes in: readable or not, labeled or not, and by which of its command's three ways it is heard.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {
namespace {

constexpr std::size_t label_bytes_max = 64;

// Browsers and web servers can be made to send lines to any port, but not without saying one of these first.
bool is_http(std::string_view verb) {
    constexpr std::string_view verbs[] = {"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH"};
    return std::ranges::find(verbs, verb) != std::end(verbs);
}

}  // namespace

void irc_conversation::hear(std::string message, std::vector<action>& out) {
    if (!leaving_) hear_line(message, out);
}

void irc_conversation::hear_line(std::string_view text, std::vector<action>& out) {
    if (refuse_http(text.substr(0, text.find(' ')), out)) return;
    const auto line = wire::parse_irc(text);
    if (!line) {
        if (line.error() == wire::irc_parse_error::no_verb) return;
        request r{*this, {}, text, out};
        const auto label = label_of(text.starts_with('@') ? text.substr(1, text.find(' ') - 1) : std::string_view());
        if (!label.empty()) begin_label(label, out);
        const auto first = out.size();
        r.fail("INVALID_LINE", {}, "A line cannot have a NUL or a carriage return inside; it was dropped");
        if (!label.empty()) end_label(first, out);
        return spoil_batch(r);
    }
    request r{*this, *line, text, out};
    const bool readable = base::valid_utf8(text);
    if (incoming_ && readable && hear_batched(r)) return;
    const auto* row = readable ? find_command(line->verb) : nullptr;
    if (row != nullptr) ++shared_->used[number_of(*row)];
    if (row != nullptr && logged_in_ && row->late == answer_cap) note_cap(r);
    // The lines of a batch are answered together, under the label that opened it.
    const bool opens = logged_in_ && row != nullptr && row->early == hear_batch && line->param(0).starts_with('+');
    const auto label = opens ? std::string() : label_of(line->tags);
    if (!label.empty()) begin_label(label, out);
    const auto first = out.size();
    if (!readable) {
        refuse_unreadable(r);
    } else if (!refuse_early(row, *line, out)) {
        run(*row, *line, text, out);
    }
    if (!label.empty()) end_label(first, out);
    if (!readable) spoil_batch(r);
}

bool irc_conversation::refuse_http(std::string_view verb, std::vector<action>& out) {
    if (logged_in_ || !is_http(verb)) return false;
    leaving_ = true;
    out.emplace_back(reply{{}, true, "an HTTP request came to the IRC door", {}});
    return true;
}

std::string irc_conversation::label_of(std::string_view tags) const {
    if (tags.empty() || !heard(labeled_response) || !heard(batch)) return {};
    const auto label = wire::find_tag(tags, "label").value_or("");
    const bool odd = label.size() > label_bytes_max || !base::valid_utf8(label) ||
                     label.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    return odd ? std::string() : std::string(label);
}

void irc_conversation::refuse_unreadable(request& r) {
    auto shown = r.line;
    if (!base::valid_utf8(shown.verb)) shown.verb = "*";
    request about{*this, shown, r.whole, r.out};
    about.fail("INVALID_UTF8", {}, "Lines must be UTF-8; this one was dropped");
}

void irc_conversation::begin_label(const std::string& label, std::vector<action>& out) {
    if (logged_in_) {
        out.emplace_back(chat::command(chat::ask_door{session_, std::string(1, topic::label_begins) + label}));
    } else {
        labeled_ = std::make_unique<labeled>(label, fmt::format("l{}", ++shared_->last_batch));
    }
}

// Before the log-in all answers are there already, but for that of a log-in which is being decided (`decided`); after
// it, the mark follows them.
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
    if (waits_for_node()) return;
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

void request::lines(std::string bytes) {
    if (talk.logged_in()) return talk.answer_late(static_cast<char>(topic::server_says) + std::move(bytes), out);
    out.emplace_back(reply{std::move(bytes), false, {}, {}});
}

void irc_conversation::hear_overlong(std::string_view begun, std::vector<action>& out) {
    if (leaving_ || refuse_http(begun, out)) return;
    request r{*this, {}, {}, out};
    const auto label = label_of(begun.starts_with('@') ? begun.substr(1) : std::string_view());
    if (!label.empty()) begin_label(label, out);
    const auto first = out.size();
    r.numeric_text(numeric::err_inputtoolong, {}, "Input line was too long");
    if (!label.empty()) end_label(first, out);
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

}  // namespace brusio::door::irc
