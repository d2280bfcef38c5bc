// Accounts: who somebody is, beyond the moment. What was shown (`proof`) was checked before; here it is decided whether
// it still counts, and what follows.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

const account_record* state::find_account(std::string_view fold) const {
    auto* a = body_->find_account({{}, std::string(fold)});
    return a == nullptr ? nullptr : &a->kept;
}
const account_record* state::find_account(account_id id) const {
    const auto at = body_->accounts.find(id);
    return at == body_->accounts.end() ? nullptr : &at->second.kept;
}
const account_record* state::find_account_by_certificate(const std::string& fingerprint) const {
    return find_account(body_->owner_of_certificate(fingerprint));
}

// ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void state::body::index(account& a) {
    by_account.emplace(a.kept.name.fold, &a);
    for (const auto& nick : a.kept.nicks) {
        reserved_nicks.emplace(nick.nick_fold, &a);
        reserved_nicks.emplace(nick.name_fold, &a);
        count_looks(reserved_looks, looks_of(nick));
    }
    for (const auto& c : a.credentials) {
        if (c.kind == credential_kind::certificate) by_certificate.emplace(c.id, a.kept.id);
    }
}

void state::body::unindex(account& a) {
    by_account.erase(a.kept.name.fold);
    for (const auto& nick : a.kept.nicks) {
        reserved_nicks.erase(nick.nick_fold);
        reserved_nicks.erase(nick.name_fold);
        uncount_looks(reserved_looks, looks_of(nick));
    }
    for (const auto& c : a.credentials) {
        if (c.kind == credential_kind::certificate) by_certificate.erase(c.id);
    }
}

account_id state::body::owner_of_certificate(const std::string& fingerprint) const {
    const auto at = by_certificate.find(fingerprint);
    return at == by_certificate.end() ? account_id{} : at->second;
}

void state::body::disown(user& u) {
    if (u.owner) erase_sorted(*accounts.at(u.owner).users, u.id);
    u.owner = {};
    u.account.clear();
    u.account_fold.clear();
}

void state::body::own(user& u, account_id a) {
    disown(u);
    auto& owner = accounts.at(a);
    u.owner = a;
    u.account = owner.kept.name.name;
    u.account_fold = owner.kept.name.fold;
    insert_sorted(*owner.users, u.id);
}

account* state::body::find_account(const nick_name& name) {
    if (const auto at = by_account.find(name.fold); at != by_account.end()) return at->second;
    const auto at = reserved_nicks.find(name.fold);
    return at == reserved_nicks.end() ? nullptr : at->second;
}

account* state::body::account_of(session_id session) {
    const auto* u = user_of(session);
    return u == nullptr || !u->owner ? nullptr : &accounts.at(u->owner);
}

// ── coming in ───────────────────────────────────────────────────────────────────────────────────────────────────────

std::expected<account*, state::body::bad_proof> state::body::authorize_log_in(const proof& by) {
    using why = account_refusal;
    const auto at = accounts.find(by.account);
    if (at == accounts.end() || !at->second.kept.code.empty())
        return std::unexpected(bad_proof{why::no_such_account, {}});
    auto& a = at->second;
    if (a.kept.suspended) return std::unexpected(bad_proof{why::suspended, a.kept.suspended_why});
    const auto known = find_credential(a.credentials, by.kind, by.credential);
    const bool holds = known != a.credentials.end() && (known->expires_ms == 0 || known->expires_ms > last_ms) &&
                       by.epoch == a.kept.epoch;
    if (!holds) return std::unexpected(bad_proof{why::proof_too_old, {}});
    return &a;
}

bool state::body::may_only_listen(const proof& by) {
    const auto& all = accounts.at(by.account).credentials;
    const auto known = find_credential(all, by.kind, by.credential);
    return known != all.end() && known->read_only;
}

std::int64_t state::body::missed_since(const account& a, session_id but) const {
    const bool here = std::ranges::any_of(*a.users, [&](user_id id) {
        return std::ranges::any_of(users.at(id).sessions, [&](session_id s) { return s != but; });
    });
    return here ? 0 : a.kept.seen_ms;
}

// A bot would run old commands again.
void state::body::note_bot(account& a, bool is_bot, effects& out) {
    if (std::exchange(a.kept.is_bot, is_bot) != is_bot) keep(a.kept, {}, {}, out);
}

// Known to the hour while it is here, and to the moment when the last of its sessions goes.
void state::body::note_seen(account& a, effects& out) {
    constexpr std::int64_t hour = 3'600'000;
    const bool goes = missed_since(a, {}) != 0 && a.kept.seen_ms != last_ms;
    if (!goes && last_ms - a.kept.seen_ms < hour) return;
    a.kept.seen_ms = last_ms;
    keep(a.kept, {}, {}, out);
}

void state::body::on(set_account& c, effects& out) {
    auto* u = user_of(c.session);
    if (u == nullptr) return;
    account* as = nullptr;
    if (c.as) {
        const auto whose = authorize_log_in(*c.as);
        if (!whose) return refuse_account(c.session, whose.error().why, out, {}, whose.error().detail);
        as = *whose;
        if (const auto* ban = ban_on_account(*u, *as)) {
            return refuse_account(c.session, account_refusal::suspended, out, as->kept.name.name, ban->reason);
        }
    } else if (!u->owner) {
        return refuse_account(c.session, account_refusal::not_logged_in, out);
    }
    if (!may_go_over(*u, c.session, as == nullptr ? account_id{} : as->kept.id, out)) return;
    if (as != nullptr) note_seen(*as, out);
    auto& live = sessions.at(c.session);
    live.by = c.as;
    if (live.may_only_listen) --listening_sessions;
    live.may_only_listen = c.as && may_only_listen(*c.as);
    if (live.may_only_listen) ++listening_sessions;
    use_account(*u, as, c.session, out);
}

// Whether there is a ban of the server on the user as that account.
const server_ban* state::body::ban_on_account(user& u, const account& a) {
    const auto name = std::exchange(u.account, a.kept.name.name);
    const auto fold = std::exchange(u.account_fold, a.kept.name.fold);
    const auto* ban = server_ban_on(u, ban_action::deny);
    u.account = name;
    u.account_fold = fold;
    return ban;
}

// A user's other sessions have shown that they are of this account, not of another; and who came in by an account,
// since nobody may without, cannot put it off.
bool state::body::may_go_over(const user& u, session_id s, account_id to, effects& out) {
    using why = account_refusal;
    if (u.owner == to) return true;
    if (sessions.at(s).may_only_listen) {
        refuse_account(s, why::may_only_listen, out);
    } else if (u.owner && (u.sessions.size() > 1 || stays(u))) {
        refuse_account(s, why::already_logged_in, out, u.account);
    } else if (!to && !u.has(server_operator) &&
               (accounts_required || server_ban_on(u, ban_action::need_account) != nullptr)) {
        refuse_account(s, why::account_needed, out, u.account);
    } else {
        return true;
    }
    return false;
}

void state::body::use_account(user& u, const account* a, session_id cause, effects& out) {
    const auto before = u.owner;
    const auto said_before = metadata_of(u);
    u.metadata.clear();
    a == nullptr ? disown(u) : own(u, a->kept.id);
    ++*u.version;
    out.emplace_back(account_set{cause, u.sessions, u.channels, distant_watchers(u), u.shown(), last_ms});
    if (before == u.owner) return;
    tell_other_metadata(u, said_before, out);
    for (const auto id : std::vector(u.channels)) {
        auto& c = channels.at(id);
        if (before && accounts.contains(before)) leave_seat(c, before, out);
        if (!u.owner) continue;
        if (const auto* was = c.seat_of(u.owner)) {
            c.find(u.id)->since = std::min(c.find(u.id)->since, was->since);
        }
        give_access(u, c, out);
        keep_seat(u, c, out);
    }
}

// ── registering ─────────────────────────────────────────────────────────────────────────────────────────────────────

bool state::body::accounts_closed(session_id session, effects& out) {
    if (nothing_is_stored()) {
        out.emplace_back(not_stored{session, {}, {}});
        return true;
    }
    return false;
}

void state::body::save(const account& a, session_id session, deed what, std::string detail, effects& out) {
    const auto id = keep(a.kept, session, a.kept.name.name, out);
    out.emplace_back(done{session, id, what, a.kept.name.name, std::move(detail)});
}

void state::body::complete(credential_record& c, account_id of) const {
    c.account = of;
    c.created_ms = last_ms;
    if (c.label.size() <= label_bytes_max) return;
    auto end = label_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(c.label[end]) & 0xC0U) == 0x80U) --end;  // whole characters
    c.label.resize(end);
}

void state::body::on(register_account& c, effects& out) {
    using why = account_refusal;
    const auto* u = user_of(c.session);
    const bool administrator = is_administrator(c.session);
    if (u == nullptr && !c.before_log_in && !administrator) return;
    if (!administrator) {
        if (!options.accounts.registration) return refuse_account(c.session, why::registration_is_closed, out);
        if (u == nullptr && !options.accounts.before_log_in)
            return refuse_account(c.session, why::not_before_log_in, out);
        if (u != nullptr && u->owner) return refuse_account(c.session, why::already_logged_in, out, u->account);
    }
    if (accounts_closed(c.session, out)) return;
    if (const auto clash = find_clash(c.name, u, {})) {
        return refuse_account(c.session,
                              clash->why == name_refusal::reserved ? why::name_not_allowed : why::account_exists, out,
                              c.name.nick);
    }
    for (const auto& one : c.credentials) {
        if (one.kind == credential_kind::certificate && owner_of_certificate(one.id)) {
            return refuse_account(c.session, why::credential_in_use, out, c.name.nick, one.id);
        }
    }
    if (c.credentials.size() > credentials_max) c.credentials.resize(credentials_max);
    const account_id id{next_message().value};
    account made{.kept = {.id = id,
                          .name = {c.name.nick, c.name.nick_fold},
                          .nicks = {c.name},
                          .email = std::move(c.email),
                          .created_ms = last_ms,
                          .seen_ms = last_ms,
                          .epoch = 1,
                          .code = std::move(c.code)}};
    for (auto& credential : c.credentials) {
        complete(credential, id);
        keep(credential, {}, {}, out);
        credential.secret.clear();
        credential.scram.clear();
        made.credentials.push_back(std::move(credential));
    }
    auto& a = accounts.emplace(id, std::move(made)).first->second;
    index(a);
    const bool counts = a.kept.code.empty();
    save(a, c.session, counts ? deed::account_registered : deed::account_needs_code, {}, out);
    if (counts) come_as_owner(c.session, a, out);
}

// Whoever registers or proves an account is it from then on: by what was set for it.
void state::body::come_as_owner(session_id session, account& a, effects& out) {
    auto* u = user_of(session);
    if (u == nullptr || u->owner || a.credentials.empty()) return;
    const auto& first = a.credentials.front();
    set_account as{session, proof{a.kept.id, first.kind, first.id, a.kept.epoch}};
    on(as, out);
}

void state::body::on(verify_account& c, effects& out) {
    if (user_of(c.session) == nullptr && !c.before_log_in && !is_administrator(c.session)) return;
    auto* a = find_account(c.account);
    if (a == nullptr || a->kept.code.empty() || a->kept.code != c.code) {
        return refuse_account(c.session, account_refusal::wrong_code, out, c.account.name);
    }
    if (accounts_closed(c.session, out)) return;
    a->kept.code.clear();
    save(*a, c.session, deed::account_verified, {}, out);
    come_as_owner(c.session, *a, out);
}

}  // namespace brusio::chat
