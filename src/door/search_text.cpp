#include "door/search_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "door/references.hpp"

namespace brusio::door {
namespace {

constexpr std::string_view blanks = " \t";

struct token {
    std::string_view key;   // "from" of from:anna
    std::string_view text;  // without its quotes
    bool without = false;
    bool quoted = false;
    bool prefix = false;
};

bool is_attribute(std::string_view key) {
    constexpr std::string_view known[] = {"from", "in", "before", "after", "limit"};
    return std::ranges::find(known, key) != std::end(known);
}

// "…" at the front; a quote that nobody closes ends with the text.
std::string_view take_quoted(std::string_view& text) {
    text.remove_prefix(1);
    const auto inside = text.substr(0, text.find('"'));
    text.remove_prefix(std::min(inside.size() + 1, text.size()));
    return inside;
}

std::string_view take_word(std::string_view& text) {
    const auto word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

std::optional<token> take_token(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.empty()) return std::nullopt;
    token t;
    if (text.size() > 1 && text.front() == '-' && blanks.find(text[1]) == std::string_view::npos) {
        t.without = true;
        text.remove_prefix(1);
    }
    const auto key = text.substr(0, text.find_first_of(": \t\""));
    if (!t.without && key.size() < text.size() && text[key.size()] == ':' && is_attribute(key)) {
        t.key = key;
        text.remove_prefix(key.size() + 1);
    }
    t.quoted = text.starts_with('"');
    t.text = t.quoted ? take_quoted(text) : take_word(text);
    if (!t.key.empty()) return t;
    if (t.quoted && text.starts_with('*')) {
        t.prefix = true;
        text.remove_prefix(1);
    }
    while (t.text.ends_with('*')) {
        t.prefix = true;
        t.text.remove_suffix(1);
    }
    return t;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        if (const auto word = take_word(text); !word.empty()) words.emplace_back(word);
    }
    return words;
}

base::result<void> add(search_request& into, const token& t) {
    auto words = words_of(t.text);
    if (words.empty()) return {};
    if (into.what.terms.size() == search_terms_max) {
        return base::fail("At most {} words can be looked for at once", search_terms_max);
    }
    into.what.terms.push_back({std::move(words), t.prefix, t.without});
    return {};
}

// The bound of a search, exclusive.
std::optional<chat::message_id> bound_of(std::string_view value, bool before) {
    const auto next = [](chat::message_id id) { return chat::message_id{id.value + 1}; };
    const auto previous = [](chat::message_id id) { return chat::message_id{id.value - (id.value == 0 ? 0 : 1)}; };
    if (const auto day = parse_day(value)) {
        const auto at = first_of(*day);
        return before ? std::max(at, chat::message_id{1}) : previous(at);
    }
    if (const auto at = parse_time(value)) return before ? next(last_of(*at)) : previous(first_of(*at));
    return parse_msgid(value);
}

}  // namespace

base::result<bool> set_search_attribute(search_request& into, std::string_view key, std::string_view value) {
    if (!is_attribute(key)) return false;
    const auto shown = base::clean_line(value.substr(0, 60));
    if (value.empty()) return base::fail("{}: needs a value", key);
    if (!base::valid_utf8(value)) return base::fail("{}:{} is not UTF-8", key, shown);
    if (key == "from") {
        into.what.from_fold = base::fold(value);
    } else if (key == "in") {
        into.in = value;
    } else if (key == "limit") {
        std::uint32_t limit = 0;
        const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), limit);
        const bool is_number = wrong == std::errc() && end == value.data() + value.size();
        if (!is_number || limit == 0) return base::fail("limit:{} is no number above zero", shown);
        into.what.limit = std::min(limit, search_limit_max);
    } else {
        const bool before = key == "before";
        const auto bound = bound_of(value, before);
        if (!bound) {
            return base::fail("{}:{} is no day (2026-11-23), time (2026-11-23T08:24:31Z) or message", key, shown);
        }
        (before ? into.what.before : into.what.after) = *bound;
    }
    return true;
}

base::result<void> add_search_terms(search_request& into, std::string_view text) {
    if (!base::valid_utf8(text)) return base::fail("That is not UTF-8");
    while (const auto t = take_token(text)) {
        if (t->key.empty()) {
            if (auto added = add(into, *t); !added) return added;
        } else if (auto set = set_search_attribute(into, t->key, t->text); !set) {
            return std::unexpected(std::move(set.error()));
        }
    }
    return {};
}

bool asks_for_something(const search_request& r) {
    return !r.what.terms.empty() || !r.what.from_fold.empty() || !r.in.empty() || r.what.after || r.what.before;
}

base::result<search_request> parse_search(std::string_view text) {
    search_request r;
    if (auto added = add_search_terms(r, text); !added) return std::unexpected(std::move(added.error()));
    if (!asks_for_something(r)) return base::fail("Say what to look for: words, from:, in:, before: or after:");
    return r;
}

}  // namespace brusio::door
