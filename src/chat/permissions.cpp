// Who may do what: one table of reasons for accounts, registered channels and the past. Every command that touches them
// asks here, whichever door it came by. Who may speak in a channel is in speech.cpp, who may change its modes in
// channel_modes.cpp.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

subject state::body::subject_of(session_id session) const {
    if (is_administrator(session)) return {.administrator = true};
    const auto at = sessions.find(session);
    if (at == sessions.end()) return {};
    const auto* u = at->second.who;
    return {.who = u, .as = u->owner ? &accounts.at(u->owner) : nullptr, .only_listens = at->second.may_only_listen};
}

bool state::body::can(const subject& who, action what, const object& to) const {
    if (who.only_listens && what != action::read_past && what != action::read_metadata) return false;
    const bool rules = who.administrator || (who.who != nullptr && who.who->has(server_operator));
    const bool owner = who.as != nullptr && to.of != nullptr && who.as->kept.id == to.of->kept.id;
    const bool founds = who.as != nullptr && to.room != nullptr && to.room->founder == who.as->kept.id;
    const auto rank = [&] {
        return who.who != nullptr && to.room != nullptr ? highest(power(*who.who, *to.room)) : ranks{0};
    };
    switch (what) {
        case action::read_past:
            return who.who != nullptr && to.room != nullptr && readable_from(*who.who, *to.room).has_value();
        case action::redact:
            if (who.who == nullptr) return false;
            // Also what it said before it logged in to its account.
            if (to.said_by == who.who->party() || to.said_by == party_id{who.who->id.value}) return true;
            // Of others' words, somebody who can be asked about it later.
            return to.room != nullptr && to.room->find(who.who->id) != nullptr &&
                   (who.as != nullptr || who.who->has(server_operator)) && rank() >= half_operator;
        case action::manage_account:
            return owner || who.administrator;
        case action::suspend_account:
            return rules;
        case action::see_account:
        case action::erase_said:
            return owner || rules;
        case action::register_channel:
            return who.as != nullptr && rank() >= channel_operator;
        case action::manage_channel:
            return founds || rules;
        case action::rename_registered:
            return founds;
        case action::read_metadata:
            if (to.room == nullptr) return who.who != nullptr && to.whose != nullptr;
            return who.who != nullptr && (to.room->find(who.who->id) != nullptr ||
                                          ((to.room->flags & (invite_only | secret)) == 0 && to.room->key.empty()));
        case action::set_metadata:
            if (to.room == nullptr) return who.who != nullptr && to.whose == who.who;
            return rank() >= channel_operator;
        case action::change_access:
            return founds || rules ||
                   (who.as != nullptr && to.room != nullptr &&
                    highest(access_of(*to.room, who.as->kept.id)) >= protected_member);
    }
    return false;
}

// ── sessions that may only listen ───────────────────────────────────────────────────────────────────────────────────

namespace {

// What changes nothing that others see, nor anything that lasts.
template <class C>
bool only_asks(const C& c) {
    if constexpr (requires { c.changes; } && std::is_same_v<C, change_own_modes>) return c.changes.empty();
    if constexpr (std::is_same_v<C, silence>) return c.what == list_action::list;
    if constexpr (std::is_same_v<C, mark_read>) return !c.at_ms;
    if constexpr (std::is_same_v<C, metadata>)
        return c.what != metadata_action::set && c.what != metadata_action::clear;
    // Of these, whoever decides knows of listeners.
    constexpr bool decided_there = std::is_same_v<C, redact> || std::is_same_v<C, set_account>;
    constexpr bool its_own = std::is_same_v<C, log_in> || std::is_same_v<C, leave> || std::is_same_v<C, monitor> ||
                             std::is_same_v<C, subscribe>;
    constexpr bool question =
        std::is_same_v<C, ask_past> || std::is_same_v<C, ask_account> || std::is_same_v<C, ask_accounts> ||
        std::is_same_v<C, ask_registration> || std::is_same_v<C, ask_names> || std::is_same_v<C, ask_who> ||
        std::is_same_v<C, ask_whois> || std::is_same_v<C, ask_whowas> || std::is_same_v<C, ask_channels> ||
        std::is_same_v<C, ask_counts> || std::is_same_v<C, ask_present> || std::is_same_v<C, ask_topic> ||
        std::is_same_v<C, ask_modes> || std::is_same_v<C, ask_list> || std::is_same_v<C, ask_invitations> ||
        std::is_same_v<C, ask_operators> || std::is_same_v<C, ask_door>;
    return decided_there || its_own || question;
}

template <class C>
constexpr bool is_about_accounts =
    std::is_same_v<C, register_account> || std::is_same_v<C, verify_account> || std::is_same_v<C, change_credential> ||
    std::is_same_v<C, change_account> || std::is_same_v<C, change_registration>;

template <class C>
constexpr bool is_about_places = std::is_same_v<C, join> || std::is_same_v<C, part> || std::is_same_v<C, part_all>;

template <class C>
constexpr bool is_nobodys = std::is_same_v<C, store_answer> || std::is_same_v<C, pass_time> ||
                            std::is_same_v<C, set_rules> || std::is_same_v<C, note_place>;

// No program may answer a notice, so it is not refused in words either.
bool is_unanswered(const message& what) { return what.kind == speech::notice || what.kind == speech::ctcp_answer; }

}  // namespace

// Whether nobody else is this user: then it may be where it likes.
bool state::body::is_listeners_own(const user& u) const {
    return !stays(u) && std::ranges::all_of(u.sessions, [&](session_id s) { return sessions.at(s).may_only_listen; });
}

// One gate for all commands, also those still to come: whatever is not known to change nothing is refused.
template <class C>
bool state::body::refuse_listener(C& c, effects& out) {
    if constexpr (is_nobodys<C>) {
        return false;
    } else {
        if (only_asks(c)) return false;
        const auto at = sessions.find(c.session);
        if (at == sessions.end() || !at->second.may_only_listen) return false;
        if constexpr (is_about_places<C>) {
            if constexpr (std::is_same_v<C, part>) c.reason.clear();
            if (is_listeners_own(*at->second.who)) return false;
        }
        if constexpr (is_about_accounts<C>) {
            refuse_account(c.session, account_refusal::may_only_listen, out);
        } else if constexpr (std::is_same_v<C, mark_read>) {
            out.emplace_back(marker_refused{c.session, c.of.channel ? c.of.channel->name : c.of.nick.name});
        } else if constexpr (std::is_same_v<C, say> || std::is_same_v<C, tell>) {
            if (!is_unanswered(c.what)) refuse(c.session, refusal::may_only_listen, out);
        } else {
            refuse(c.session, refusal::may_only_listen, out);
        }
        return true;
    }
}

bool state::body::refuse_listener(command& what, effects& out) {
    return std::visit([&](auto& c) { return refuse_listener(c, out); }, what);
}

}  // namespace brusio::chat
