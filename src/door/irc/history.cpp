#include "door/irc/history.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "door/irc/commands.hpp"
#include "door/references.hpp"

namespace brusio::door::irc {
namespace {

constexpr std::size_t shown_max = 100;  // bytes of what is repeated in a failure

struct verb_row {
    std::string_view name;
    history_verb what;
    std::size_t params;
};
constexpr std::array verbs{
    verb_row{"AFTER", history_verb::after, 4},   verb_row{"AROUND", history_verb::around, 4},
    verb_row{"BEFORE", history_verb::before, 4}, verb_row{"BETWEEN", history_verb::between, 5},
    verb_row{"LATEST", history_verb::latest, 4}, verb_row{"TARGETS", history_verb::targets, 4},
};

using failed = std::unexpected<history_failure>;

class parser {
  public:
    explicit parser(const wire::irc_message& line) : line_(line), verb_(cut(line.param(0), 40)) {}

    std::expected<history_request, history_failure> parse() {
        const auto row = std::ranges::find(verbs, upper(verb_), &verb_row::name);
        if (row == verbs.end()) return invalid("Unknown command");
        if (line_.param_count < row->params) return invalid("Insufficient parameters");
        if (line_.param_count > row->params) return invalid("Too many parameters");
        history_request r{.what = row->what, .verb = verb_};
        const bool targets = r.what == history_verb::targets;
        if (!targets) r.target = line_.param(1);
        target_ = r.target;
        const std::size_t at = targets ? 1 : 2;
        if (r.what != history_verb::latest || line_.param(at) != "*") {
            auto from = reference(line_.param(at), targets);
            if (!from) return failed(from.error());
            r.from = std::move(*from);
        }
        if (targets || r.what == history_verb::between) {
            auto to = reference(line_.param(at + 1), targets);
            if (!to) return failed(to.error());
            r.to = std::move(*to);
        }
        return with_limit(std::move(r), line_.param(row->params - 1));
    }

  private:
    failed invalid(std::string_view text) const { return failed({"INVALID_PARAMS", {verb_}, text}); }
    failed invalid(std::string_view what, std::string_view text) const {
        return failed({"INVALID_PARAMS", {verb_, cut(what, shown_max)}, text});
    }

    std::expected<history_reference, history_failure> reference(std::string_view text, bool only_times) const {
        const auto type = text.substr(0, text.find('='));
        if (type.size() == text.size()) return invalid(text, "That is no timestamp= and no msgid=");
        const auto value = text.substr(type.size() + 1);
        if (type == "timestamp") {
            const auto at = parse_time(value);
            if (!at) return invalid(text, "Invalid timestamp");
            return history_reference{first_of(*at), last_of(*at), {}};
        }
        if (only_times) return invalid(text, "Only timestamps can be given here");
        if (type == "msgid") {
            if (value.empty()) return invalid(text, "Invalid msgid");
            const auto id = parse_msgid(value);
            if (!id) return history_reference{{}, {}, cut(value, shown_max)};
            return history_reference{*id, *id, {}};
        }
        return failed({"INVALID_MSGREFTYPE",
                       {verb_, cut(target_, shown_max), cut(text, shown_max)},
                       "Messages are referred to by msgid= or timestamp= here"});
    }

    std::expected<history_request, history_failure> with_limit(history_request r, std::string_view text) const {
        std::uint64_t limit = 0;
        const auto* end = std::to_address(text.end());
        const auto [at, wrong] = std::from_chars(std::to_address(text.begin()), end, limit);
        const bool too_large = wrong == std::errc::result_out_of_range && at == end;
        if (too_large) limit = history_page_max;
        if ((wrong != std::errc() && !too_large) || at != end || limit == 0) {
            return invalid(text, "The limit is a positive number");
        }
        r.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, history_page_max));
        return r;
    }

    const wire::irc_message& line_;
    std::string verb_;
    std::string_view target_;
};

}  // namespace

std::expected<history_request, history_failure> parse_history(const wire::irc_message& line) {
    return parser(line).parse();
}

std::optional<store::page_query> page_of(const history_request& r, const store::timeline& of, bool events) {
    store::page_query q{.of = of, .after = {}, .before = {}, .limit = r.limit, .events = events};
    const auto from = r.from.value_or(history_reference{});
    switch (r.what) {
        case history_verb::latest:
            q.which = store::span::latest;
            q.after = from.last;
            return q;
        case history_verb::before:
            q.which = store::span::before;
            q.before = from.first;
            return from.first ? std::optional(q) : std::nullopt;
        case history_verb::after:
            q.which = store::span::after;
            q.after = from.last;
            return q;
        case history_verb::around:
            q.which = store::span::around;
            q.after = from.first;
            return q;
        case history_verb::between:
            q.which = store::span::between;
            if (from.last < r.to.first) {
                q.after = from.last;
                q.before = r.to.first;
                return q;
            }
            q.after = from.first;
            q.before = r.to.last;
            return r.to.last < from.first ? std::optional(q) : std::nullopt;
        case history_verb::targets:
            break;
    }
    return std::nullopt;
}

bool reads_backwards(const store::page_query& q) {
    return q.which == store::span::latest || q.which == store::span::before ||
           (q.which == store::span::between && q.after > q.before);
}

std::optional<store::page_query> page_behind(const store::page_query& q, const chat::entry& last, std::uint32_t limit) {
    auto next = q;
    next.limit = limit;
    if (q.which == store::span::around) return std::nullopt;
    if (!reads_backwards(q)) {
        next.after = last.id;
        return q.which == store::span::between && next.after >= next.before ? std::nullopt : std::optional(next);
    }
    const auto lower = q.which == store::span::latest    ? q.after
                       : q.which == store::span::between ? q.before
                                                         : chat::message_id{};
    next.which = store::span::between;
    next.after = last.id;
    next.before = lower;
    return lower < last.id ? std::optional(next) : std::nullopt;
}

}  // namespace brusio::door::irc
