// Registered channels: who founded them, and whom they know.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {
namespace {

constexpr std::size_t access_max = 200;

}  // namespace

ranks state::body::access_of(const channel& c, account_id a) const {
    if (!a || !c.registered()) return 0;
    const auto at = std::ranges::lower_bound(c.access, a, {}, &access_record::account);
    const ranks listed = at != c.access.end() && at->account == a ? at->gets : ranks{0};
    return c.founder == a ? ranks(listed | founder | channel_operator) : listed;
}

// What a member's account is entitled to and it does not have yet.
void state::body::give_access(user& u, channel& c, effects& out) {
    auto* m = c.find(u.id);
    if (m == nullptr) return;
    const auto* seat = c.seat_of(u.owner);
    const ranks due = c.registered() ? access_of(c, u.owner) : seat != nullptr ? seat->has : ranks{0};
    const auto missing = static_cast<ranks>(due & ~m->has);
    if (missing == 0) return;
    m->has |= missing;
    modes_changed told{.session = {},
                       .channel = c.id,
                       .channel_name = c.name.name,
                       .by = options.services,
                       .changes = {},
                       .at_ms = last_ms};
    for (const auto& row : rank_table()) {
        if ((missing & row.bit) != 0) told.changes.push_back({true, row.letter, u.who.nick, u.who.nick_fold});
    }
    keep_seat(u, c, out);
    out.emplace_back(std::move(told));
}

void state::body::save(const channel& c, session_id session, deed what, std::string detail, effects& out) {
    const auto id = keep(record_of(c), session, c.name.name, out);
    out.emplace_back(done{session, id, what, c.name.name, std::move(detail)});
}

void state::body::on(change_registration& r, effects& out) {
    using why = account_refusal;
    const auto who = subject_of(r.session);
    if (who.who == nullptr && !who.administrator) return;
    auto* c = find_channel(r.channel);
    const bool visible = c != nullptr && (who.administrator || sees(*who.who, *c) || who.who->has(server_operator) ||
                                          can(who, action::manage_channel, {.room = c}));
    if (!visible) return refuse_account(r.session, why::no_such_channel, out, r.channel.name);
    if (accounts_closed(r.session, out)) return;
    if (r.what == registration_change::add) return register_channel(*c, who, r.session, out);
    if (!c->registered()) return refuse_account(r.session, why::channel_not_registered, out, c->name.name);
    // What follows is asked of those who are there: who may see it, may be told that they may not change it.
    const bool of_list = r.what == registration_change::access;
    if (r.what != registration_change::up &&
        !can(who, of_list ? action::change_access : action::manage_channel, {.room = c})) {
        return refuse_account(r.session, why::needs_founder, out, c->name.name);
    }
    switch (r.what) {
        case registration_change::add:
            return;
        case registration_change::drop:
            unregister(*c, out);
            save(*c, r.session, deed::channel_dropped, {}, out);
            if (c->empty_ms != 0 && c->seats.empty()) erase_channel(*c, out);
            return;
        case registration_change::transfer: {
            const auto* to = r.account ? find_account(*r.account) : nullptr;
            if (to == nullptr)
                return refuse_account(r.session, why::no_such_account, out, r.account ? r.account->name : "");
            if (!who.administrator && founded_by(to->kept.id) >= options.accounts.channels_per_account) {
                return refuse_account(r.session, why::too_many, out, c->name.name, "channels");
            }
            const auto was = std::exchange(c->founder, to->kept.id);
            save(*c, r.session, deed::channel_transferred, to->kept.name.name, out);
            if (was != c->founder) lose_founder(was, *c, out);
            return refresh_access(*c, to->kept.id, out);
        }
        case registration_change::access:
            return change_access(*c, r, out);
        case registration_change::up: {
            auto* u = user_of(r.session);
            if (u == nullptr || !u->owner) return refuse_account(r.session, why::not_logged_in, out);
            if (access_of(*c, u->owner) == 0)
                return refuse_account(r.session, why::not_in_list, out, c->name.name, u->account);
            if (c->find(u->id) == nullptr) return refuse(r.session, refusal::not_a_member, out, c->name.name);
            give_access(*u, *c, out);
            out.emplace_back(done{r.session, {}, deed::ranks_given, c->name.name, {}});
            return;
        }
        case registration_change::history:
            c->history = r.history;
            return save(*c, r.session, deed::history_set, {}, out);
        case registration_change::keep:
            c->keep_ms = std::clamp<std::int64_t>(r.keep_ms, 0, long_time_ms);
            return save(*c, r.session, deed::keep_set, {}, out);
    }
}

void state::body::register_channel(channel& c, const subject& who, session_id session, effects& out) {
    using why = account_refusal;
    if (!options.accounts.channels && !who.administrator)
        return refuse_account(session, why::registration_is_closed, out);
    if (c.permanent) return refuse_account(session, why::channel_is_the_lobby, out, c.name.name);
    if (c.registered()) return refuse_account(session, why::channel_is_registered, out, c.name.name);
    if (who.as == nullptr) return refuse_account(session, why::not_logged_in, out);
    if (!can(who, action::register_channel, {.room = &c})) {
        return refuse_account(session, why::needs_channel_operator, out, c.name.name);
    }
    if (founded_by(who.as->kept.id) >= options.accounts.channels_per_account) {
        return refuse_account(session, why::too_many, out, c.name.name, "channels");
    }
    c.founder = who.as->kept.id;
    c.registered_ms = last_ms;
    c.kept = true;
    save(c, session, deed::channel_registered, {}, out);
    for (const auto& v : c.metadata) keep(metadata_record{{}, c.id, v.key, false, v.value}, {}, {}, out);
    refresh_access(c, c.founder, out);
}

std::size_t state::body::founded_by(account_id a) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(channels, [&](const auto& one) { return one.second.founder == a; }));
}

// It is one as all others, and so is what may be read there.
void state::body::unregister(channel& c, effects& out) {
    c.founder = {};
    if (!c.permanent) {
        for (const auto& v : c.metadata) keep(metadata_record{{}, c.id, v.key, true, {}}, {}, {}, out);
    }
    c.registered_ms = 0;
    c.access.clear();
    c.history = history_policy::standard;
    c.keep_ms = 0;
    if (c.members.empty() && !c.permanent) c.empty_ms = std::max<std::int64_t>(last_ms, 1);
}

// Who has given a channel away stands no longer over who has got it.
void state::body::lose_founder(account_id was, channel& c, effects& out) {
    for (const auto id : users_of(was)) {
        auto& u = users.at(id);
        auto* m = c.find(id);
        if (m == nullptr || (m->has & founder) == 0 || (access_of(c, was) & founder) != 0) continue;
        m->has &= static_cast<ranks>(~founder);
        keep_seat(u, c, out);
        out.emplace_back(modes_changed{
            {}, c.id, c.name.name, options.services, {{false, 'q', u.who.nick, u.who.nick_fold}}, last_ms});
    }
}

void state::body::refresh_access(channel& c, account_id of, effects& out) {
    for (const auto id : users_of(of)) give_access(users.at(id), c, out);
}

void state::body::change_access(channel& c, change_registration& r, effects& out) {
    using why = account_refusal;
    const auto* of = r.account ? find_account(*r.account) : nullptr;
    if (of == nullptr) return refuse_account(r.session, why::no_such_account, out, r.account ? r.account->name : "");
    const auto id = of->kept.id;
    // Nobody gives or takes what they do not have themselves.
    const auto who = subject_of(r.session);
    const ranks mine = who.administrator || (who.who != nullptr && who.who->has(server_operator))
                           ? ranks{founder}
                           : access_of(c, who.as == nullptr ? account_id{} : who.as->kept.id);
    r.gets &= founder | protected_member | channel_operator | half_operator | voice;
    const auto at = std::ranges::lower_bound(c.access, id, {}, &access_record::account);
    const bool listed = at != c.access.end() && at->account == id;
    const ranks before = listed ? at->gets : ranks{0};
    const bool own = who.as != nullptr && who.as->kept.id == id;
    if ((r.gets != 0 && !may_grant(mine, highest(r.gets)) && !(own && highest(r.gets) <= highest(mine))) ||
        (!own && before != 0 && !stands_over(mine, before))) {
        return refuse_account(r.session, why::needs_founder, out, c.name.name);
    }
    if (r.gets == 0) {
        if (!listed) return refuse_account(r.session, why::not_in_list, out, c.name.name, of->kept.name.name);
        c.access.erase(at);
    } else if (listed) {
        at->gets = r.gets;
    } else if (c.access.size() >= access_max) {
        return refuse_account(r.session, why::too_many, out, c.name.name, "entries");
    } else {
        c.access.insert(at, {id, r.gets});
    }
    save(c, r.session, deed::access_changed, of->kept.name.name, out);
    refresh_access(c, id, out);
}

void state::body::on(ask_registration& r, effects& out) {
    const auto who = subject_of(r.session);
    if (who.who == nullptr && !who.administrator) return;
    const auto* c = find_channel(r.channel);
    const bool visible = c != nullptr && (who.administrator || sees(*who.who, *c) || who.who->has(server_operator) ||
                                          can(who, action::manage_channel, {.room = c}));
    if (!visible) return refuse_account(r.session, account_refusal::no_such_channel, out, r.channel.name);
    if (!c->registered()) return refuse_account(r.session, account_refusal::channel_not_registered, out, c->name.name);
    registration_is answer{.session = r.session,
                           .channel = c->name.name,
                           .founder = accounts.at(c->founder).kept.name.name,
                           .created_ms = c->created_ms,
                           .registered_ms = c->registered_ms,
                           .history = c->history,
                           .keep_ms = c->keep_ms,
                           .with_access = r.access,
                           .access = {}};
    if (r.access) {
        if (!can(who, action::change_access, {.room = c}) &&
            (who.as == nullptr || access_of(*c, who.as->kept.id) == 0)) {
            return refuse_account(r.session, account_refusal::needs_founder, out, c->name.name);
        }
        for (const auto& row : c->access) {
            if (const auto at = accounts.find(row.account); at != accounts.end()) {
                answer.access.push_back({at->second.kept.name.name, row.gets});
            }
        }
    }
    out.emplace_back(std::move(answer));
}

}  // namespace brusio::chat
