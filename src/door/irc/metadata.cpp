#include "door/irc/metadata.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/render.hpp"

namespace brusio::door::irc {

using draft = metadata_draft;

metadata_draft draft_of(caps enabled) {
    if ((enabled & batch) == 0) return draft::none;
    if ((enabled & metadata_3) != 0) return draft::third;
    return (enabled & metadata_2) != 0 ? draft::second : draft::none;
}

bool loses_metadata(caps before, caps now) {
    constexpr caps about = caps{batch} | caps{metadata_2} | caps{metadata_3};
    return draft_of(before) != draft::none && (before & ~now & about) != 0;
}

namespace {

constexpr std::size_t shown_key_max = 100;  // bytes of a key that is none

std::string begin_batch(std::string& out, const irc_conversation& t, std::string_view type, std::string_view target) {
    auto reference = t.next_batch();
    wire::irc_line line(out);
    line.source(t.options().server_name).verb("BATCH").param("+" + reference).param(type);
    if (!target.empty()) line.param(target);
    line.end();
    return reference;
}

void end_batch(std::string& out, const irc_conversation& t, std::string_view reference) {
    wire::irc_line(out).source(t.options().server_name).verb("BATCH").param(fmt::format("-{}", reference)).end();
}

// The reference is empty outside of a batch.
wire::irc_line numeric_in(std::string& out, const irc_conversation& t, std::string_view reference, numeric number) {
    wire::irc_line line(out);
    if (!reference.empty()) line.tag("batch", reference);
    line.source(t.options().server_name).numeric(static_cast<unsigned>(number)).param(t.nick());
    return line;
}

// Draft 3 knows no empty values.
bool is_there(draft d, const chat::metadata_value& v) { return v.set && (d != draft::third || !v.value.empty()); }

void write_value(std::string& out, const irc_conversation& t, std::string_view reference, std::string_view target,
                 const chat::metadata_value& v) {
    const auto d = draft_of(t.enabled());
    if (!v.valid) {
        wire::irc_line line(out);
        if (!reference.empty()) line.tag("batch", reference);
        line.source(t.options().server_name).verb(d == draft::third ? "WARN" : "FAIL").param("METADATA");
        line.param(d == draft::third ? "INVALID_KEY" : "KEY_INVALID").param(cut(v.key, shown_key_max));
        return line.trailing("That cannot be a key").end();
    }
    if (!is_there(d, v)) {
        return numeric_in(out, t, reference, numeric::keynotset)
            .param(target)
            .param(v.key)
            .trailing("Key not set")
            .end();
    }
    numeric_in(out, t, reference, numeric::keyvalue).param(target).param(v.key).param("*").trailing(v.value).end();
}

// What is so now, as whoever wants to know of changes is told it.
void write_news(std::string& out, const irc_conversation& t, std::string_view reference, std::string_view target,
                const chat::metadata_value& v) {
    if (draft_of(t.enabled()) == draft::third) return write_value(out, t, reference, target, v);
    wire::irc_line line(out);
    if (!reference.empty()) line.tag("batch", reference);
    line.source(t.options().server_name).verb("METADATA").param(target).param(v.key).param("*");
    line.trailing(v.value).end();
}

void write_change(std::string& out, const irc_conversation& t, const chat::metadata_changed& e) {
    if (draft_of(t.enabled()) == draft::third) return write_value(out, t, {}, e.target, e.now);
    constexpr std::size_t between = sizeof ": METADATA   * :" - 1;
    const auto size = between + e.by.mask.size() + e.target.size() + e.now.key.size() + e.now.value.size();
    wire::irc_line line(out);
    add_tags(line, e.by, e.at_ms, t.shape());
    // The value is not to be cut for a long mask.
    line.source(size > wire::irc_line::max_body ? t.options().server_name : e.by.mask).verb("METADATA");
    line.param(e.target).param(e.now.key).param("*");
    if (e.now.set) line.trailing(e.now.value);
    line.end();
}

// In lines that hold them; no line has more parameters than a client may be able to read.
void write_keys(std::string& out, const irc_conversation& t, std::string_view reference, numeric number,
                const std::vector<std::string>& keys) {
    constexpr std::size_t in_a_line = 12;
    constexpr std::size_t room = 380;
    for (std::size_t at = 0; at < keys.size();) {
        auto line = numeric_in(out, t, reference, number);
        std::size_t bytes = 0;
        const auto first = at;
        for (; at < keys.size() && at < first + in_a_line && (at == first || bytes + keys[at].size() < room); ++at) {
            line.param(keys[at]);
            bytes += keys[at].size() + 1;
        }
        line.end();
    }
}

void write_subscriptions(std::string& out, const irc_conversation& t, const chat::subscriptions_are& e) {
    const auto d = draft_of(t.enabled());
    switch (e.what) {
        case chat::list_action::clear:  // with the capability, which says it all
            return;
        case chat::list_action::remove:
            return write_keys(out, t, {}, numeric::metadataunsubok, e.keys);
        case chat::list_action::list:
        case chat::list_action::status: {
            const auto reference = begin_batch(out, t, "metadata-subs", {});
            write_keys(out, t, reference, numeric::metadatasubs, e.keys);
            return end_batch(out, t, reference);
        }
        case chat::list_action::add:
            break;
    }
    write_keys(out, t, {}, numeric::metadatasubok, e.keys);
    constexpr std::string_view too_many = "You subscribe to too many keys";
    if (!e.too_many.empty() && d == draft::second) {
        t.server_line(out, "FAIL", {"METADATA", "TOO_MANY_SUBS", e.too_many}, too_many);
    } else if (!e.too_many.empty()) {
        t.server_line(
            out, "FAIL",
            {"METADATA", "LIMIT_REACHED", "SUB", e.too_many, std::to_string(chat::metadata_subscriptions_max)},
            too_many);
    }
    if (e.fresh && d == draft::third) {
        t.numeric_text(out, numeric::metadatasynclater, {"*ALL", "0"}, "Ask for what is set already with SYNC");
    }
}

}  // namespace

void write_metadata_refused(std::string& out, const irc_conversation& t, metadata_draft d,
                            const chat::metadata_refused& e) {
    const auto target = cut(e.target, shown_key_max);
    const auto key = cut(e.key, shown_key_max);
    const bool third = d == draft::third;
    const auto fail = [&](std::initializer_list<std::string_view> what, std::string_view text) {
        t.server_line(out, "FAIL", what, text);
    };
    switch (e.why) {
        case chat::metadata_refusal::no_such_target:
            return fail({"METADATA", "INVALID_TARGET", target}, "There is no such channel or nick");
        case chat::metadata_refusal::no_permission:
            return fail({"METADATA", "KEY_NO_PERMISSION", target, key}, "You may not do that");
        case chat::metadata_refusal::key_invalid:
            // Of several keys, the others count.
            return t.server_line(out, third && e.target == "*" ? "WARN" : "FAIL",
                                 {"METADATA", third ? "INVALID_KEY" : "KEY_INVALID", key}, "That cannot be a key");
        case chat::metadata_refusal::key_not_set:
            if (third) return write_value(out, t, {}, e.target, {.key = e.key, .value = {}, .set = false});
            return fail({"METADATA", "KEY_NOT_SET", target, key}, "Key not set");
        case chat::metadata_refusal::limit:
            if (third) {
                return fail({"METADATA", "LIMIT_REACHED", "SET", target, std::to_string(chat::metadata_keys_max)},
                            "There are too many keys");
            }
            return fail({"METADATA", "LIMIT_REACHED", target}, "There are too many keys");
        case chat::metadata_refusal::too_large:
            if (third) return fail({"METADATA", "INVALID_VALUE", key}, "The value is too long");
            return fail({"METADATA", "VALUE_INVALID"}, "The value is too long");
        case chat::metadata_refusal::not_stored:
            return fail({"METADATA", "TEMPORARILY_UNAVAILABLE", target, key},
                        "The server cannot store anything now; try again later");
    }
}

void write_own_metadata(std::string& out, const irc_conversation& t, const std::vector<chat::metadata_value>& all) {
    const auto d = draft_of(t.enabled());
    if (d == draft::none) return;
    const auto reference = begin_batch(out, t, "metadata", t.nick());
    for (const auto& v : all) {
        if (is_there(d, v)) write_news(out, t, reference, t.nick(), v);
    }
    end_batch(out, t, reference);
}

void write_whois_metadata(std::string& out, const irc_conversation& t, std::string_view nick,
                          const std::vector<chat::metadata_value>& all) {
    const auto d = draft_of(t.enabled());
    if (d == draft::none) return;
    for (const auto& v : all) {
        if (!is_there(d, v)) continue;
        numeric_in(out, t, {}, numeric::whoiskeyvalue).param(nick).param(v.key).param("*").trailing(v.value).end();
    }
}

void ask_metadata_of_channel(const irc_conversation& t, std::string_view name, std::vector<chat::command>& then) {
    const auto d = draft_of(t.enabled());
    if (d == draft::none) return;
    auto channel = channel_of(name);
    if (!channel) return;
    then.emplace_back(chat::metadata{.session = t.session(),
                                     .what = chat::metadata_action::sync,
                                     .channel = std::move(channel),
                                     .keys = {},
                                     .told = d == draft::second});
}

// ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void irc_conversation::tell_values(const chat::metadata_is& e, std::string& out) {
    const auto d = draft_of(caps_);
    // Draft 3 has asked by itself (`ask_metadata`): it is to be told that there is nothing, too.
    if (e.told && d == draft::third) return;
    if (e.told && e.first && !e.more && e.parts.empty()) return;
    const auto write = e.asked.what == chat::metadata_action::sync ? write_news : write_value;
    const auto write_all = [&](std::string_view reference) {
        for (const auto& part : e.parts) {
            for (const auto& v : part.values) {
                if (v.set && !is_there(d, v) && e.asked.what == chat::metadata_action::list) continue;
                write(out, *this, reference, part.target, v);
            }
        }
    };
    // What is set already, of keys just subscribed to, is told as a change would be.
    if (e.asked.what == chat::metadata_action::set || (e.told && e.asked.all)) return write_all({});
    if (e.first) {
        const auto reference = begin_batch(out, *this, "metadata", e.target);
        write_all(reference);
        if (!e.more) return end_batch(out, *this, reference);
        if (!metadata_) metadata_ = std::make_unique<metadata_telling>();
        metadata_->open.push_back({base::fold(e.target), e.told, reference});
        return;
    }
    if (!metadata_) return;
    const auto open = std::ranges::find_if(
        metadata_->open, [&](const auto& b) { return b.told == e.told && b.target == base::fold(e.target); });
    if (open == metadata_->open.end()) return;
    write_all(open->reference);
    if (e.more) return;
    end_batch(out, *this, open->reference);
    metadata_->open.erase(open);
}

void irc_conversation::tell_metadata_refused(const chat::metadata_refused& e, std::string& out) {
    const auto d = draft_of(caps_);
    // A channel that was left, or is no more, ends in the middle of its slices.
    if (metadata_ && e.why <= chat::metadata_refusal::no_permission) {
        const auto open = std::ranges::find(metadata_->open, base::fold(e.target), &metadata_telling::batch::target);
        if (open != metadata_->open.end()) {
            end_batch(out, *this, open->reference);
            metadata_->open.erase(open);
            return;
        }
    }
    if (d != draft::none) write_metadata_refused(out, *this, d, e);
}

// What these make one ask: what is set where one enters, or of whom one monitors.
void irc_conversation::ask_metadata(const chat::effect& what, std::vector<chat::command>& then) {
    const auto ask_of = [&](std::string_view nick) {
        then.emplace_back(chat::metadata{
            .session = session_, .what = chat::metadata_action::sync, .nick = nick_of(nick), .keys = {}});
    };
    const bool third = draft_of(caps_) == draft::third;
    if (const auto* j = std::get_if<chat::joined>(&what)) {
        if (std::ranges::find(j->sessions, session_) == j->sessions.end()) return;
        if (j->session != session_ || !wants_names()) return ask_metadata_of_channel(*this, j->channel_name, then);
        // The names come first.
        if (!metadata_) metadata_ = std::make_unique<metadata_telling>();
        metadata_->entered.push_back(base::fold(j->channel_name));
    } else if (const auto* n = std::get_if<chat::names_are>(&what)) {
        if (n->more || !metadata_) return;
        if (std::erase(metadata_->entered, n->asked.channel.fold) == 0) return;
        ask_metadata_of_channel(*this, n->asked.channel.name, then);
    } else if (const auto* c = std::get_if<chat::came_or_went>(&what)) {
        if (third && c->here) ask_of(c->who.nick());
    } else if (const auto* m = std::get_if<chat::monitored>(&what);
               m != nullptr && m->what != chat::list_action::list) {
        for (const auto& one : m->nicks) {
            if (third && !one.mask.empty()) ask_of(one.nick);
        }
    }
}

bool irc_conversation::tell_metadata(const chat::effect& what, std::string& out, std::vector<chat::command>& then) {
    const bool knows = draft_of(caps_) != draft::none;
    if (const auto* e = std::get_if<chat::metadata_is>(&what)) {
        if (knows) tell_values(*e, out);
    } else if (const auto* c = std::get_if<chat::metadata_changed>(&what)) {
        if (knows && std::ranges::find(c->to, session_) != c->to.end()) write_change(out, *this, *c);
    } else if (const auto* r = std::get_if<chat::metadata_refused>(&what)) {
        tell_metadata_refused(*r, out);
    } else if (const auto* s = std::get_if<chat::subscriptions_are>(&what)) {
        if (!knows) return true;
        write_subscriptions(out, *this, *s);
        // Draft 3 asks after 774.
        if (s->fresh && draft_of(caps_) == draft::second) {
            then.emplace_back(chat::metadata{
                .session = session_, .what = chat::metadata_action::sync, .keys = s->keys, .all = true, .told = true});
        }
    } else {
        if (knows) ask_metadata(what, then);
        return false;
    }
    return true;
}

}  // namespace brusio::door::irc
