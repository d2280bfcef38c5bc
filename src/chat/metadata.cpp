// Metadata: what people say of themselves and operators of their channels, and who is told of it.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {
namespace {

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= metadata_key_bytes_max && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' || c == '-';
    });
}

const metadata_value* find_value(const std::vector<metadata_value>& all, const std::string& key) {
    const auto at = std::ranges::lower_bound(all, key, {}, &metadata_value::key);
    return at != all.end() && at->key == key ? &*at : nullptr;
}

bool subscribes(const live_session& live, const std::string& key) {
    return std::ranges::binary_search(live.subscribed, key);
}

// Whether it has changed.
bool put(std::vector<metadata_value>& all, const metadata_value& now) {
    const auto at = std::ranges::lower_bound(all, now.key, {}, &metadata_value::key);
    const bool there = at != all.end() && at->key == now.key;
    if (!now.set) {
        if (there) all.erase(at);
        return there;
    }
    if (!there) {
        all.insert(at, now);
        return true;
    }
    if (at->value == now.value) return false;
    at->value = now.value;
    return true;
}

metadata_value none(std::string key) { return {.key = std::move(key), .value = {}, .set = false}; }

}  // namespace

// ── asking and setting ──────────────────────────────────────────────────────────────────────────────────────────────

// Whose metadata is meant, when the session may do to it what it wants.
std::optional<state::body::holder> state::body::find_holder(user& u, const metadata& c, effects& out) {
    const bool sets = c.what == metadata_action::set || c.what == metadata_action::clear;
    const auto refuse_it = [&](metadata_refusal why, std::string target) {
        const bool of_one = c.what == metadata_action::set && !c.keys.empty();
        out.emplace_back(metadata_refused{c.session, why, std::move(target), of_one ? c.keys.front() : "*"});
        return std::nullopt;
    };
    holder h;
    if (c.channel) {
        h.room = find_channel(*c.channel);
        if (h.room == nullptr || !sees(u, *h.room)) return refuse_it(metadata_refusal::no_such_target, c.channel->name);
        h.values = &h.room->metadata;
        h.name = h.room->name.name;
    } else {
        h.whose = c.nick ? find_user(*c.nick) : &u;
        if (h.whose == nullptr) return refuse_it(metadata_refusal::no_such_target, c.nick->name);
        h.values = &metadata_of(*h.whose);
        h.name = h.whose->who.nick;
    }
    const auto wanted = sets ? action::set_metadata : action::read_metadata;
    if (!can(subject_of(c.session), wanted, {.room = h.room, .whose = h.whose})) {
        return refuse_it(metadata_refusal::no_permission, h.name);
    }
    return h;
}

void state::body::on(metadata& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    if (c.all && c.what == metadata_action::sync) {
        const auto session = c.session;
        out.emplace_back(slice_of_all(session, std::move(c)));
        return;
    }
    auto h = find_holder(*u, c, out);
    if (!h) return;
    metadata_is answer{.session = c.session, .asked = c, .target = h->name, .parts = {}};
    switch (c.what) {
        case metadata_action::set:
            return set_one(*u, *h, c, out);
        case metadata_action::clear:
            return clear_all(*u, *h, c, out);
        case metadata_action::get:
            answer.parts.push_back({h->name, {}});
            if (c.keys.size() > metadata_keys_max) c.keys.resize(metadata_keys_max);
            for (auto& key : c.keys) {
                const auto* found = find_value(*h->values, key);
                auto one = found != nullptr ? *found : none(key);
                one.valid = is_key(key);
                answer.parts.front().values.push_back(std::move(one));
            }
            break;
        case metadata_action::list:
            answer.parts.push_back({h->name, *h->values});
            break;
        case metadata_action::sync:
            if (h->room != nullptr) {
                answer = slice(c.session, c, *h->room);
                break;
            }
            answer.parts.push_back({h->name, chosen(*h->values, sessions.at(c.session), c.keys)});
            break;
    }
    out.emplace_back(std::move(answer));
}

void state::body::set_one(user& u, const holder& h, metadata& c, effects& out) {
    if (c.keys.empty()) return;
    const auto& key = c.keys.front();
    const auto refuse_it = [&](metadata_refusal why) {
        out.emplace_back(metadata_refused{c.session, why, h.name, key});
    };
    if (!is_key(key)) return refuse_it(metadata_refusal::key_invalid);
    const bool there = find_value(*h.values, key) != nullptr;
    if (!c.value && !there) return refuse_it(metadata_refusal::key_not_set);
    if (c.value && c.value->size() > metadata_value_bytes_max) return refuse_it(metadata_refusal::too_large);
    if (c.value && !there && h.values->size() >= metadata_keys_max) return refuse_it(metadata_refusal::limit);
    if (is_kept(h) && nothing_is_stored()) return refuse_it(metadata_refusal::not_stored);
    const auto now = c.value ? metadata_value{key, *c.value} : none(key);
    const bool changed = put(*h.values, now);
    if (changed) keep_metadata(h, now, out);
    out.emplace_back(
        metadata_is{.session = c.session, .asked = std::move(c), .target = h.name, .parts = {{h.name, {now}}}});
    if (changed) tell_change(std::get<metadata_is>(out.back()).session, u.shown(), h, now, out);
}

void state::body::clear_all(user& u, const holder& h, metadata& c, effects& out) {
    const auto session = c.session;
    if (is_kept(h) && nothing_is_stored()) {
        out.emplace_back(metadata_refused{session, metadata_refusal::not_stored, h.name, "*"});
        return;
    }
    metadata_is answer{.session = session, .asked = std::move(c), .target = h.name, .parts = {{h.name, {}}}};
    for (auto& one : std::exchange(*h.values, {})) answer.parts.front().values.push_back(none(std::move(one.key)));
    const auto gone = answer.parts.front().values;
    for (const auto& now : gone) keep_metadata(h, now, out);
    out.emplace_back(std::move(answer));
    for (const auto& now : gone) tell_change(session, u.shown(), h, now, out);
}

// What a session has set before it was anybody.
void state::body::set_before(user& u, log_in& c, effects& out) {
    if (c.metadata.empty() || (c.as && may_only_listen(*c.as))) return;
    const holder h{.values = &metadata_of(u), .name = u.who.nick, .whose = &u};
    if (is_kept(h) && nothing_is_stored()) return;
    for (const auto& one : c.metadata) {
        const bool there = find_value(*h.values, one.key) != nullptr;
        if (!is_key(one.key) || one.value.size() > metadata_value_bytes_max) continue;
        if (one.set ? !there && h.values->size() >= metadata_keys_max : !there) continue;
        const auto now = one.set ? metadata_value{one.key, one.value} : none(one.key);
        if (!put(*h.values, now)) continue;
        keep_metadata(h, now, out);
        if (u.owner) tell_change({}, u.shown(), h, now, out);
    }
}

void state::body::keep_metadata(const holder& h, const metadata_value& now, effects& out) {
    if (!is_kept(h)) return;
    if (h.room != nullptr) make_known(*h.room, out);
    keep(metadata_record{.account = h.whose != nullptr ? h.whose->owner : account_id{},
                         .channel = h.room != nullptr ? h.room->id : channel_id{},
                         .key = now.key,
                         .gone = !now.set,
                         .value = now.value},
         {}, {}, out);
}

// ── who is told of changes ──────────────────────────────────────────────────────────────────────────────────────────

void state::body::tell_change(session_id cause, const person& by, const holder& h, const metadata_value& now,
                              effects& out) {
    if (h.room == nullptr) {
        if (!h.whose->owner) return tell_value(cause, by, *h.whose, now, out);
        for (const auto id : users_of(h.whose->owner)) tell_value(cause, by, users.at(id), now, out);
        return;
    }
    metadata_changed told{cause, {}, h.name, by, now, last_ms};
    for (const auto s : subscribers) {
        const auto& live = sessions.at(s);
        if (s != cause && subscribes(live, now.key) && h.room->find(live.who->id) != nullptr) told.to.push_back(s);
    }
    if (!told.to.empty()) out.emplace_back(std::move(told));
}

void state::body::tell_value(session_id cause, const person& by, const user& u, const metadata_value& now,
                             effects& out) {
    metadata_changed told{cause, {}, u.who.nick, by, now, last_ms};
    std::ranges::copy_if(u.sessions, std::back_inserter(told.to), [&](session_id s) { return s != cause; });
    const auto watching = watchers.find(u.who.nick_fold);
    for (const auto s : subscribers) {
        const auto& live = sessions.at(s);
        if (live.who == &u || s == cause || !subscribes(live, now.key)) continue;
        if ((watching != watchers.end() && std::ranges::binary_search(watching->second, s)) ||
            share_a_channel(*live.who, u)) {
            told.to.push_back(s);
        }
    }
    if (!told.to.empty()) out.emplace_back(std::move(told));
}

// The user is of another account now, or of none.
void state::body::tell_other_metadata(user& u, const std::vector<metadata_value>& before, effects& out) {
    const auto& now = metadata_of(u);
    for (const auto& was : before) {
        if (find_value(now, was.key) == nullptr) tell_value({}, u.shown(), u, none(was.key), out);
    }
    for (const auto& is : now) {
        const auto* was = find_value(before, is.key);
        if (was == nullptr || was->value != is.value) tell_value({}, u.shown(), u, is, out);
    }
}

// ── who is told at once ─────────────────────────────────────────────────────────────────────────────────────────────

// Of `all`, those that the session subscribes to, and of `keys`, if there are any.
std::vector<metadata_value> state::body::chosen(const std::vector<metadata_value>& all, const live_session& live,
                                                const std::vector<std::string>& keys) const {
    std::vector<metadata_value> some;
    std::ranges::copy_if(all, std::back_inserter(some), [&](const metadata_value& v) {
        return subscribes(live, v.key) && (keys.empty() || std::ranges::find(keys, v.key) != keys.end());
    });
    return some;
}

// The channel's own, with the first slice, and that of some of its members.
metadata_is state::body::slice(session_id to, metadata asked, const channel& c) {
    constexpr std::uint32_t slice_max = 1'000;
    const auto& live = sessions.at(to);
    metadata_is answer{.session = to, .target = c.name.name, .told = asked.told, .first = !asked.after, .parts = {}};
    const auto add = [&](std::string target, const std::vector<metadata_value>& all) {
        auto values = chosen(all, live, asked.keys);
        if (!values.empty()) answer.parts.push_back({std::move(target), std::move(values)});
    };
    if (answer.first) add(c.name.name, c.metadata);
    const bool inside = c.find(live.who->id) != nullptr;
    auto at = std::ranges::upper_bound(c.members, asked.after, {}, &member::user);
    for (auto left = std::clamp(asked.limit, 1U, slice_max); at != c.members.end() && left > 0; ++at, --left) {
        auto& one = users.at(at->user);
        asked.after = at->user;
        if (inside || !one.has(invisible)) add(one.who.nick, metadata_of(one));
    }
    answer.more = at != c.members.end();
    answer.asked = std::move(asked);
    return answer;
}

// Each is told of once: a member with the first of the session's channels, who is monitored when no channel has told.
metadata_is state::body::slice_of_all(session_id to, metadata asked) {
    constexpr std::uint32_t slice_max = 1'000;
    const auto& live = sessions.at(to);
    const auto& mine = live.who->channels;
    metadata_is answer{.session = to, .target = "*ALL", .told = asked.told, .first = !asked.in, .parts = {}};
    const auto add = [&](const std::string& target, const std::vector<metadata_value>& all) {
        auto values = chosen(all, live, asked.keys);
        if (!values.empty()) answer.parts.push_back({target, std::move(values)});
    };
    const auto more = [&] {
        answer.more = true;
        answer.asked = std::move(asked);
        return std::move(answer);
    };
    if (answer.first) add(live.who->who.nick, metadata_of(*live.who));
    auto left = std::clamp(asked.limit, 1U, slice_max);
    for (auto id = std::ranges::lower_bound(mine, asked.in); id != mine.end(); ++id) {
        if (left == 0) return more();
        const auto& c = channels.at(*id);
        if (*id != asked.in) asked.after = {};
        asked.in = *id;
        if (!asked.after) add(c.name.name, c.metadata);
        const auto told_before = [&](user_id who) {
            return who == live.who->id || std::any_of(mine.begin(), id, [&](channel_id earlier) {
                       return channels.at(earlier).find(who) != nullptr;
                   });
        };
        for (auto at = std::ranges::upper_bound(c.members, asked.after, {}, &member::user); at != c.members.end();
             ++at, --left) {
            if (left == 0) return more();
            asked.after = at->user;
            if (told_before(at->user)) continue;
            auto& one = users.at(at->user);
            add(one.who.nick, metadata_of(one));
        }
    }
    for (const auto& nick : live.watches) {
        auto* there = find_user(nick);
        if (there == nullptr || there == live.who || share_a_channel(*live.who, *there)) continue;
        add(there->who.nick, metadata_of(*there));
    }
    answer.asked = std::move(asked);
    return answer;
}

void state::body::tell_metadata_of(session_id to, user& u, effects& out) {
    const auto& live = sessions.at(to);
    if (live.subscribed.empty()) return;
    auto values = chosen(metadata_of(u), live, {});
    if (values.empty()) return;
    out.emplace_back(metadata_is{
        .session = to,
        .asked = {.session = to, .what = metadata_action::sync, .nick = nick_name{u.who.nick, u.who.nick_fold}},
        .target = u.who.nick,
        .told = true,
        .parts = {{u.who.nick, std::move(values)}}});
}

// Who is there already; the user's own doors ask.
void state::body::tell_metadata_on_join(session_id cause, user& u, const channel& c, effects& out) {
    for (const auto& v : metadata_of(u)) {
        metadata_changed told{cause, {}, u.who.nick, u.shown(), v, last_ms};
        for (const auto s : subscribers) {
            const auto& live = sessions.at(s);
            if (live.who != &u && subscribes(live, v.key) && c.find(live.who->id) != nullptr) told.to.push_back(s);
        }
        if (!told.to.empty()) out.emplace_back(std::move(told));
    }
}

// Whoever monitors the nick.
void state::body::tell_metadata_on_coming(user& u, effects& out) {
    const auto watching = watchers.find(u.who.nick_fold);
    if (watching == watchers.end() || subscribers.empty()) return;
    for (const auto s : watching->second) tell_metadata_of(s, u, out);
}

// ── subscriptions ───────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::on(subscribe& c, effects& out) {
    if (user_of(c.session) == nullptr) return;
    auto& mine = sessions.at(c.session).subscribed;
    switch (c.what) {
        case list_action::add:
            return add_subscriptions(c, out);
        case list_action::remove: {
            subscriptions_are answer{c.session, c.what, {}, {}};
            for (auto& key : c.keys) {
                if (!is_key(key)) {
                    out.emplace_back(metadata_refused{c.session, metadata_refusal::key_invalid, "*", std::move(key)});
                    continue;
                }
                erase_sorted(mine, key);
                answer.keys.push_back(std::move(key));
            }
            if (mine.empty()) subscribers.erase(c.session);
            out.emplace_back(std::move(answer));
            return;
        }
        case list_action::clear:
            mine.clear();
            subscribers.erase(c.session);
            break;
        case list_action::list:
        case list_action::status:
            break;
    }
    out.emplace_back(subscriptions_are{c.session, c.what, mine, {}});
}

// What a session has subscribed to before it was anybody.
void state::body::subscribe_before(const log_in& c) {
    auto& mine = sessions.at(c.session).subscribed;
    for (const auto& key : c.subscribes) {
        if (mine.size() >= metadata_subscriptions_max) break;
        if (is_key(key) && !std::ranges::binary_search(mine, key)) insert_sorted(mine, key);
    }
    if (!mine.empty()) subscribers.insert(c.session);
}

void state::body::add_subscriptions(subscribe& c, effects& out) {
    auto& live = sessions.at(c.session);
    subscriptions_are answer{c.session, c.what, {}, {}};
    for (auto& key : c.keys) {
        if (!is_key(key)) {
            out.emplace_back(metadata_refused{c.session, metadata_refusal::key_invalid, "*", std::move(key)});
            continue;
        }
        if (!subscribes(live, key)) {
            if (live.subscribed.size() >= metadata_subscriptions_max) {
                answer.too_many = std::move(key);
                break;
            }
            insert_sorted(live.subscribed, key);
            answer.fresh = true;
        }
        answer.keys.push_back(std::move(key));
    }
    if (!live.subscribed.empty()) subscribers.insert(c.session);
    out.emplace_back(std::move(answer));
}

}  // namespace brusio::chat
