// METADATA. Before the log-in its answers are the door's, from what the client has said of itself so far; that and what
// it has subscribed to goes with the log-in.
#include <algorithm>
#include <array>
#include <optional>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/metadata.hpp"

namespace brusio::door::irc {
namespace {

using chat::metadata_action;
using chat::metadata_refusal;
using draft = metadata_draft;

draft draft_heard(const request& r) { return draft_of(r.talk.heard_caps()); }

void refuse(request& r, metadata_refusal why, std::string_view target, std::string_view key) {
    std::string bytes;
    write_metadata_refused(bytes, r.talk, draft_heard(r), {r.session(), why, std::string(target), std::string(key)});
    r.lines(std::move(bytes));
}

std::vector<std::string> keys_of(const request& r) {
    std::vector<std::string> keys;
    for (std::size_t i = 2; i < r.params(); ++i) keys.emplace_back(r.param(i));
    return keys;
}

std::optional<std::string> value_of(const request& r) {
    if (r.params() < 4 || (r.param(3).empty() && draft_heard(r) == draft::third)) return std::nullopt;
    return std::string(r.param(3));
}

// In the longest line that it comes in: 761, to a long nick, of a channel with a long name.
bool has_room(const request& r, std::string_view key, std::string_view value) {
    constexpr std::size_t between = sizeof ":  761    * :" - 1 + base::nick_bytes_max + base::channel_bytes_max;
    return between + r.talk.options().server_name.size() + key.size() + value.size() <= wire::irc_line::max_body;
}

bool is_oneself(const request& r) {
    return r.param(0) == "*" || (r.talk.logged_in() && base::fold(r.param(0)) == base::fold(r.talk.nick()));
}

// ── before the log-in ───────────────────────────────────────────────────────────────────────────────────────────────

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= chat::metadata_key_bytes_max && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("_./-").contains(c);
    });
}

void tell(request& r, const chat::effect& what) {
    std::string bytes;
    std::vector<chat::command> none;
    r.talk.tell_metadata(what, bytes, none);
    if (!bytes.empty()) r.lines(std::move(bytes));
}

void tell_values(request& r, metadata_action what, std::vector<chat::metadata_value> values) {
    tell(r, chat::metadata_is{
                .session = r.session(), .asked = {.what = what}, .target = "*", .parts = {{"*", std::move(values)}}});
}

chat::metadata_value none(std::string key) { return {.key = std::move(key), .value = {}, .set = false}; }

void get_before(request& r) {
    std::vector<chat::metadata_value> found;
    const auto& mine = r.talk.before_log_in()->metadata;
    for (auto& key : keys_of(r)) {
        const auto at = std::ranges::lower_bound(mine, key, {}, &chat::metadata_value::key);
        auto one = at != mine.end() && at->key == key ? *at : none(key);
        one.valid = is_key(key);
        found.push_back(std::move(one));
    }
    tell_values(r, metadata_action::get, std::move(found));
}

void set_before(request& r) {
    auto& mine = r.talk.before_log_in()->metadata;
    const std::string key(r.param(2));
    const auto value = value_of(r);
    if (!is_key(key)) return refuse(r, metadata_refusal::key_invalid, {}, key);
    if (value && (value->size() > chat::metadata_value_bytes_max || !has_room(r, key, *value))) {
        return refuse(r, metadata_refusal::too_large, "*", key);
    }
    auto at = std::ranges::lower_bound(mine, key, {}, &chat::metadata_value::key);
    const bool there = at != mine.end() && at->key == key;
    if (!there && mine.size() >= chat::metadata_keys_max) return refuse(r, metadata_refusal::limit, "*", key);
    // That a key is to be no more is kept as well: an account may have it.
    const auto now = value ? chat::metadata_value{key, *value} : none(key);
    if (there) {
        *at = now;
    } else {
        mine.insert(at, now);
    }
    tell_values(r, metadata_action::set, {now});
}

void clear_before(request& r) {
    std::vector<chat::metadata_value> gone;
    for (auto& one : r.talk.before_log_in()->metadata) {
        if (std::exchange(one.set, false)) gone.push_back(none(one.key));
        one.value.clear();
    }
    tell_values(r, metadata_action::clear, std::move(gone));
}

void list_before(request& r, bool only_subscribed) {
    const auto& reg = *r.talk.before_log_in();
    std::vector<chat::metadata_value> some;
    std::ranges::copy_if(reg.metadata, std::back_inserter(some), [&](const chat::metadata_value& v) {
        return v.set && (!only_subscribed || std::ranges::binary_search(reg.subscribes, v.key));
    });
    tell_values(r, only_subscribed ? metadata_action::sync : metadata_action::list, std::move(some));
}

void subscribe_before(request& r) {
    auto& mine = r.talk.before_log_in()->subscribes;
    chat::subscriptions_are answer{r.session(), chat::list_action::add, {}, {}};
    for (auto& key : keys_of(r)) {
        if (!is_key(key)) {
            refuse(r, metadata_refusal::key_invalid, "*", key);
            continue;
        }
        const auto at = std::ranges::lower_bound(mine, key);
        if (at == mine.end() || *at != key) {
            if (mine.size() >= chat::metadata_subscriptions_max) {
                answer.too_many = std::move(key);
                break;
            }
            mine.insert(at, key);
        }
        answer.keys.push_back(std::move(key));
    }
    tell(r, std::move(answer));
}

void unsubscribe_before(request& r) {
    auto& mine = r.talk.before_log_in()->subscribes;
    chat::subscriptions_are answer{r.session(), chat::list_action::remove, {}, {}};
    for (auto& key : keys_of(r)) {
        if (!is_key(key)) {
            refuse(r, metadata_refusal::key_invalid, "*", key);
            continue;
        }
        std::erase(mine, key);
        answer.keys.push_back(std::move(key));
    }
    tell(r, std::move(answer));
}

// ── after it ────────────────────────────────────────────────────────────────────────────────────────────────────────

void ask(request& r, metadata_action what) {
    chat::metadata question{.session = r.session(), .what = what, .keys = keys_of(r)};
    const auto target = r.param(0);
    if (what == metadata_action::sync && target == "*ALL" && draft_heard(r) == draft::third) {
        question.all = true;
    } else if (is_channel(target)) {
        question.channel = channel_of(target);
        if (!question.channel) return refuse(r, metadata_refusal::no_such_target, target, {});
    } else if (target != "*") {
        question.nick = nick_of(cut(target, 100));
    }
    if (what == metadata_action::set) {
        question.value = value_of(r);
        question.keys.resize(1);
        if (question.value && !has_room(r, question.keys[0], *question.value)) {
            return refuse(r, metadata_refusal::too_large, target, question.keys[0]);
        }
    } else if (what != metadata_action::get) {
        question.keys.clear();
    }
    r.ask(std::move(question));
}

// ── the subcommands ─────────────────────────────────────────────────────────────────────────────────────────────────

void hear_about(request& r, metadata_action what) {
    if (r.talk.logged_in()) return ask(r, what);
    if (r.param(0) != "*") return refuse(r, metadata_refusal::no_such_target, r.param(0), {});
    switch (what) {
        case metadata_action::get:
            return get_before(r);
        case metadata_action::list:
            return list_before(r, false);
        case metadata_action::set:
            return set_before(r);
        case metadata_action::clear:
            return clear_before(r);
        case metadata_action::sync:
            return list_before(r, true);
    }
}

void hear_subscribing(request& r, chat::list_action what) {
    if (!is_oneself(r)) return refuse(r, metadata_refusal::no_such_target, r.param(0), {});
    if (r.talk.logged_in()) {
        chat::subscribe question{r.session(), what, {}};
        if (what != chat::list_action::list) question.keys = keys_of(r);
        return r.ask(std::move(question));
    }
    if (what == chat::list_action::add) return subscribe_before(r);
    if (what == chat::list_action::remove) return unsubscribe_before(r);
    tell(r, chat::subscriptions_are{r.session(), what, r.talk.before_log_in()->subscribes, {}});
}

struct subcommand {
    std::string_view name;
    std::size_t min_params;
    std::size_t max_params;  // for who takes it exactly
    void (*hear)(request& r);
};

constexpr std::size_t any = 100;
constexpr std::array subcommands{
    subcommand{"CLEAR", 2, 2, [](request& r) { hear_about(r, metadata_action::clear); }},
    subcommand{"GET", 3, any, [](request& r) { hear_about(r, metadata_action::get); }},
    subcommand{"LIST", 2, 2, [](request& r) { hear_about(r, metadata_action::list); }},
    subcommand{"SET", 3, 4, [](request& r) { hear_about(r, metadata_action::set); }},
    subcommand{"SUB", 3, any, [](request& r) { hear_subscribing(r, chat::list_action::add); }},
    subcommand{"SUBS", 2, 2, [](request& r) { hear_subscribing(r, chat::list_action::list); }},
    subcommand{"SYNC", 2, 2, [](request& r) { hear_about(r, metadata_action::sync); }},
    subcommand{"UNSUB", 3, any, [](request& r) { hear_subscribing(r, chat::list_action::remove); }},
};

void fail(request& r, std::string_view code, std::string_view about, std::string_view text) {
    std::string bytes;
    r.talk.server_line(bytes, "FAIL", {"METADATA", code, about}, text);
    r.lines(std::move(bytes));
}

void hear_metadata(request& r) {
    const auto d = draft_heard(r);
    if (d == draft::none) {
        return r.numeric_text(numeric::err_unknowncommand, {r.line.verb},
                              "METADATA needs the capabilities batch and draft/metadata-2 or draft/metadata-3");
    }
    const auto name = upper(r.param(1));
    const auto* what = std::ranges::find(subcommands, name, &subcommand::name);
    // One word of a line, or what stands for none.
    const bool word = !name.empty() && !name.starts_with(':') && !name.contains(' ');
    const auto shown = word ? cut(r.param(1), 100) : std::string("*");
    const bool known = what != subcommands.end();
    const bool enough = known ? r.params() >= what->min_params : r.params() >= 2;
    const bool too_many = known && r.params() > what->max_params;
    if (d == draft::second) {
        if (!enough) return r.too_few();
        if (!known) return fail(r, "SUBCOMMAND_INVALID", shown, "Unknown subcommand");
    } else if (!known || !enough || too_many) {
        return fail(r, "INVALID_PARAMS", shown,
                    !enough    ? "Not enough parameters"
                    : too_many ? "Too many parameters"
                               : "Unknown subcommand");
    }
    what->hear(r);
}

constexpr std::array rows{
    command_row{"METADATA", 0, allowed::always, false, hear_metadata, nullptr,
                "METADATA <target> GET <keys> | LIST | SET <key> [:<value>] | CLEAR | SYNC; METADATA * SUB <keys> | "
                "UNSUB <keys> | SUBS",
                "Tells or sets what you (*), others or channels say of themselves, and subscribes you to what changes "
                "(capability draft/metadata-2 or draft/metadata-3)."},
};

}  // namespace

std::span<const command_row> metadata_commands() { return rows; }

}  // namespace brusio::door::irc
