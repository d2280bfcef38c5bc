#include "wire/irc_line.hpp"

#include <cstdlib>

#include "wire/irc_tags.hpp"
#include "wire/irc_text.hpp"

namespace brusio::wire {
namespace {

constexpr bool breaks_line(char c) { return c == '\0' || c == '\r' || c == '\n'; }
constexpr bool breaks_word(char c) { return breaks_line(c) || c == ' '; }
constexpr bool breaks_tag(char c) { return breaks_word(c) || c == ';'; }
constexpr bool breaks_key(char c) { return breaks_tag(c) || c == '='; }

template <class Breaks>
bool has(std::string_view text, Breaks breaks) {
    bool found = false;  // no early way out: the loop is vectorised
    for (char c : text) found |= breaks(c);
    return found;
}

template <class Breaks>
void append_with(std::string& out, std::string_view text, Breaks breaks, char instead) {
    const auto at = out.size();
    out += text;
    if (!has(text, breaks)) return;
    for (auto i = at; i < out.size(); ++i) {
        if (breaks(out[i])) out[i] = instead;
    }
}

}  // namespace

void irc_line::enter(stage next) {
    const bool repeats = next == stage::tags || next == stage::params;
    const bool skips_verb = next > stage::verb && stage_ < stage::verb;
    if (skips_verb || next < stage_ || (next == stage_ && !repeats)) std::abort();
    if (stage_ == stage::tags && next > stage::tags) {
        if (out_.size() > start_) out_.push_back(' ');
        body_ = out_.size();
    }
    stage_ = next;
}

bool irc_line::begin_tag(std::string_view key) {
    enter(stage::tags);
    if (key.empty() || has(key, breaks_key)) return false;
    out_.push_back(out_.size() == start_ ? '@' : ';');
    out_ += key;
    return true;
}

irc_line& irc_line::end_tag(std::size_t before) {
    if (out_.size() - start_ + 1 > max_tags) out_.resize(before);
    return *this;
}

irc_line& irc_line::tag(std::string_view key, std::string_view value) {
    const auto before = out_.size();
    if (!begin_tag(key)) return *this;
    if (!value.empty()) {
        out_.push_back('=');
        const auto at = out_.size();
        escape_tag_value(out_, value);
        if (out_.size() == at) out_.pop_back();  // nothing of it can be written
    }
    return end_tag(before);
}

irc_line& irc_line::escaped_tag(std::string_view key, std::string_view escaped_value) {
    const auto before = out_.size();
    if (!begin_tag(key)) return *this;
    if (!escaped_value.empty()) {
        out_.push_back('=');
        append_with(out_, escaped_value, breaks_tag, '_');
    }
    return end_tag(before);
}

void irc_line::append_word(std::string_view word) {
    const auto at = out_.size();
    append_with(out_, word.empty() ? "*" : word, breaks_word, '_');
    if (out_[at] == ':') out_[at] = '_';
}

irc_line& irc_line::source(std::string_view who) {
    enter(stage::source);
    if (who.empty()) return *this;
    out_.push_back(':');
    append_with(out_, who, breaks_word, '_');
    out_.push_back(' ');
    return *this;
}

irc_line& irc_line::verb(std::string_view word) {
    enter(stage::verb);
    const auto at = out_.size();
    append_word(word);
    if (out_[at] == '@') out_[at] = '_';
    return *this;
}

irc_line& irc_line::numeric(unsigned number) {
    if (number > 999) std::abort();
    const char digits[] = {static_cast<char>('0' + number / 100), static_cast<char>('0' + number / 10 % 10),
                           static_cast<char>('0' + number % 10)};
    return verb({digits, sizeof digits});
}

irc_line& irc_line::param(std::string_view word) {
    enter(stage::params);
    if (params_ >= irc_max_params) return *this;
    ++params_;
    out_ += params_ == irc_max_params ? " :" : " ";
    append_word(word);
    return *this;
}

irc_line& irc_line::trailing(std::string_view text) {
    enter(stage::trailing);
    if (params_ >= irc_max_params) return *this;
    ++params_;
    out_ += " :";
    append_with(out_, text, breaks_line, ' ');
    return *this;
}

std::size_t irc_line::room() const {
    const auto used = out_.size() - (stage_ == stage::tags ? out_.size() : body_) + 2;  // " :"
    return used < max_body ? max_body - used : 0;
}

void irc_line::end() {
    enter(stage::ended);
    out_.resize(body_ + utf8_cut(std::string_view(out_).substr(body_), max_body));
    out_ += "\r\n";
}

}  // namespace brusio::wire
