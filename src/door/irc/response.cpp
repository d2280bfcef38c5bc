#include "door/irc/response.hpp"

#include <utility>

#include "wire/irc_line.hpp"

namespace brusio::door::irc {
namespace {

struct shape {
    bool inside = false;  // of a batch that is part of the answer
    bool closes = false;  // it
};

// Lines are our own, so their form is known: [@tags ][:source ]VERB …
shape shape_of(std::string_view line) {
    shape s;
    if (line.starts_with('@')) {
        const auto tags = line.substr(1, line.find(' ') - 1);
        s.inside = tags.starts_with("batch=") || tags.find(";batch=") != std::string_view::npos;
        line.remove_prefix(tags.size() + 2);
    }
    if (line.starts_with(':')) line.remove_prefix(line.find(' ') + 1);
    s.closes = line.starts_with("BATCH -");
    return s;
}

}  // namespace

std::string with_tag(std::string_view key, std::string_view value, std::string_view line) {
    std::string out;
    out.reserve(line.size() + key.size() + value.size() + 4);
    out.append("@").append(key).append("=").append(value);
    if (line.starts_with('@')) {
        out.append(";").append(line.substr(1));
    } else {
        out.append(" ").append(line);
    }
    return out;
}

void put_into_batch(std::string& out, std::string_view reference, std::string_view lines) {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n') + 1);
        lines.remove_prefix(line.size());
        out += shape_of(line).inside ? std::string(line) : with_tag("batch", reference, line);
    }
}

std::string labeled::pass(std::string_view lines, std::string_view server) {
    std::string out;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n') + 1);
        lines.remove_prefix(line.size());
        if (batch_) {
            put_into_batch(out, reference_, line);
            continue;
        }
        const auto s = shape_of(line);
        if (first_.empty() || s.inside || s.closes) {
            first_ += line;
            continue;
        }
        batch_ = true;
        wire::irc_line(out)
            .escaped_tag("label", label_)
            .source(server)
            .verb("BATCH")
            .param("+" + reference_)
            .param("labeled-response")
            .end();
        put_into_batch(out, reference_, std::exchange(first_, {}));
        put_into_batch(out, reference_, line);
    }
    return out;
}

std::string labeled::end(std::string_view server) const {
    std::string out;
    if (batch_) {
        wire::irc_line(out).source(server).verb("BATCH").param("-" + reference_).end();
    } else if (first_.empty()) {
        wire::irc_line(out).escaped_tag("label", label_).source(server).verb("ACK").end();
    } else {
        out = with_tag("label", label_, first_);
    }
    return out;
}

}  // namespace brusio::door::irc
