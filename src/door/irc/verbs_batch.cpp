// draft/multiline: a message of several lines, sent as a batch and delivered as one.
#include <algorithm>

#include <fmt/format.h>

#include "door/irc/commands.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {

void speak(request& r, std::string_view target, const chat::message& what);

namespace {

void fail(request& r, std::string_view code, std::initializer_list<std::string_view> context, std::string_view text) {
    wire::irc_message line = r.line;
    line.verb = "BATCH";
    request about{r.talk, line, r.whole, r.out};
    about.fail(code, context, text);
}

bool good_reference(std::string_view reference) {
    return !reference.empty() && reference.size() <= 64 && std::ranges::all_of(reference, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// The rest of a batch that went wrong is only waited for.
void spoil(request& r, std::string_view code, std::initializer_list<std::string_view> context, std::string_view text) {
    auto& b = *r.talk.incoming();
    if (b.spoiled) return;
    b.spoiled = true;
    b.what = {};
    if (!b.label.empty()) r.talk.begin_label(b.label, r.out);
    fail(r, code, context, text);
    if (!b.label.empty()) r.talk.end_label(r.out.size(), r.out);
}

void open(request& r) {
    const auto reference = r.param(0).substr(1);
    auto b = std::make_unique<incoming_batch>();
    b->reference = reference;
    if (r.talk.heard(labeled_response)) b->label = wire::find_tag(r.line.tags, "label").value_or("");
    if (b->label.size() > 64) b->label.clear();
    r.talk.incoming() = std::move(b);
    if (!good_reference(reference)) {
        return spoil(r, "INVALID_REFTAG", {cut(reference, 64)}, "A reference is of letters, digits and -");
    }
    if (r.param(1) != "draft/multiline" || !r.talk.heard(multiline) || !r.talk.heard(batch)) {
        return spoil(r, "UNKNOWN_TYPE", {reference, r.params() > 1 ? cut(r.param(1), 64) : "*"},
                     "No such type of batch here, or its capability was not asked for");
    }
    if (r.param(2).empty()) return spoil(r, "MULTILINE_INVALID", {}, "A multiline batch needs a target");
    auto& opened = *r.talk.incoming();
    opened.target = r.param(2);
    opened.what.formatted = true;
    if (r.talk.heard(message_tags)) opened.what.tags = client_tags(r.talk.options(), r.line.tags);
}

void close(request& r) {
    const auto b = std::move(r.talk.incoming());
    if (b->spoiled) return;
    // Not before: other commands, with labels of their own, may have come in between.
    if (!b->label.empty()) r.talk.begin_label(b->label, r.out);
    if (b->lines == 0 || b->blank) {
        fail(r, "MULTILINE_INVALID", {}, "A multiline batch cannot be empty, or of blank lines only");
    } else {
        b->what.kind = b->notice ? chat::speech::notice : chat::speech::text;
        speak(r, b->target, b->what);
    }
    if (!b->label.empty()) r.talk.end_label(r.out.size(), r.out);
}

}  // namespace

void hear_batch(request& r) {
    if (r.param(0).starts_with('+')) return open(r);
    const auto reference = r.param(0).substr(r.param(0).starts_with('-') ? 1 : 0);
    fail(r, "INVALID_REFTAG", {reference.empty() ? "*" : cut(reference, 64)}, "There is no such open batch");
}

void spoil_batch(request& r) {
    if (r.talk.incoming())
        spoil(r, "MULTILINE_INVALID", {}, "A line of the batch was refused, so nothing of it is said");
}

namespace {

// A line that is no part of the open batch is not obeyed; if it has a label of its own, it is answered.
void refuse_beside(request& r) {
    std::string label;
    if (r.talk.heard(labeled_response)) label = wire::find_tag(r.line.tags, "label").value_or("");
    if (label.empty() || label.size() > 64) return;
    r.talk.begin_label(label, r.out);
    fail(r, "MULTILINE_INVALID", {}, "A batch was open, and this line is not part of it");
    r.talk.end_label(r.out.size(), r.out);
}

}  // namespace

bool hear_batched(request& r) {
    auto& b = *r.talk.incoming();
    const auto verb = upper(r.line.verb);
    if (verb == "BATCH" && r.param(0) == "-" + b.reference) {
        close(r);
        return true;
    }
    const auto reference = wire::find_tag(r.line.tags, "batch");
    if (verb == "BATCH" && r.param(0).starts_with('+')) {
        // A client may send nothing else until it has closed its batch; of two that are open, neither is said.
        if (b.spoiled) return false;
        spoil(r, "MULTILINE_INVALID", {}, "A batch is open already; neither is said");
        refuse_beside(r);
        return true;
    }
    if (verb == "BATCH") return false;
    if (!reference) {
        if (b.spoiled || (verb != "PRIVMSG" && verb != "NOTICE")) return false;
        spoil(r, "MULTILINE_INVALID", {}, "A batch is open, and this line is not part of it");
        refuse_beside(r);
        return true;
    }
    if (*reference != b.reference) {
        spoil(r, "MULTILINE_INVALID", {}, "This line is part of another batch than the open one");
        refuse_beside(r);
        return true;
    }
    if (b.spoiled) return true;
    if (verb != "PRIVMSG" && verb != "NOTICE") {
        spoil(r, "MULTILINE_INVALID", {}, "A multiline batch is of PRIVMSG or NOTICE only");
        return true;
    }
    const bool notice = verb == "NOTICE";
    const bool concat = wire::find_tag(r.line.tags, "draft/multiline-concat").has_value();
    const auto text = r.param(1);
    if (b.lines > 0 && notice != b.notice) {
        spoil(r, "MULTILINE_INVALID", {}, "PRIVMSG and NOTICE cannot be mixed in one batch");
        return true;
    }
    if (base::fold(r.param(0)) != base::fold(b.target)) {
        spoil(r, "MULTILINE_INVALID_TARGET", {cut(b.target, 64), cut(r.param(0), 64)},
              "Another target than the batch's");
        return true;
    }
    if (concat && text.empty()) {
        spoil(r, "MULTILINE_INVALID", {}, "A blank line cannot be joined to the one before");
        return true;
    }
    b.notice = notice;
    const auto bytes = b.what.body.size() + text.size() + (b.lines > 0 && !concat ? 1 : 0);
    if (bytes > r.talk.options().multiline_bytes()) {
        spoil(r, "MULTILINE_MAX_BYTES", {std::to_string(r.talk.options().multiline_bytes())},
              "The message is too long");
        return true;
    }
    if (++b.lines > multiline_lines_max) {
        spoil(r, "MULTILINE_MAX_LINES", {std::to_string(multiline_lines_max)}, "The message has too many lines");
        return true;
    }
    if (b.lines > 1) {
        if (concat) {
            b.what.breaks.push_back(static_cast<std::uint32_t>(b.what.body.size()));
        } else {
            b.what.body += '\n';
        }
    }
    b.blank = b.blank && text.empty();
    b.what.body += text;
    return true;
}

}  // namespace brusio::door::irc
