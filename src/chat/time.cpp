// Time passes: what has an end, ends.
#include <algorithm>

#include "chat/body.hpp"

namespace brusio::chat {

namespace {

constexpr std::int64_t day_ms = 24 * 3'600'000;
constexpr std::int64_t code_lasts_ms = day_ms;

}  // namespace

bool state::body::is_over(const channel& c) const {
    return c.empty_ms != 0 && c.empty_ms + options.grace_ms <= last_ms;
}

bool state::is_due(std::int64_t now_ms) const {
    const auto& b = *body_;
    const auto grace = b.options.grace_ms;
    if (!b.ended_bans.empty() || (b.next_ban_ends_ms != 0 && b.next_ban_ends_ms <= now_ms)) return true;
    return std::ranges::any_of(
               b.channels,
               [&](const auto& one) { return one.second.empty_ms != 0 && one.second.empty_ms + grace <= now_ms; }) ||
           std::ranges::any_of(b.accounts,
                               [&](const auto& one) {
                                   return body::is_unproved(one.second, now_ms) ||
                                          b.is_to_be_noted(one.second, now_ms) ||
                                          std::ranges::any_of(one.second.credentials, [&](const auto& c) {
                                              return body::is_expired(c, now_ms);
                                          });
                               }) ||
           std::ranges::any_of(b.users, [&](const auto& one) { return b.is_forgotten(one.second, now_ms); });
}

bool state::body::is_unproved(const account& a, std::int64_t now_ms) {
    return !a.kept.code.empty() && a.kept.created_ms + code_lasts_ms <= now_ms;
}
// Somebody is there as it, and it is not known for how long.
bool state::body::is_to_be_noted(const account& a, std::int64_t now_ms) const {
    return a.kept.seen_ms + day_ms <= now_ms && has_session(a);
}
bool state::body::is_expired(const credential_record& c, std::int64_t now_ms) {
    return c.expires_ms != 0 && c.expires_ms <= now_ms;
}

// Always on, but nobody has come for it in a long time.
bool state::body::is_forgotten(const user& u, std::int64_t now_ms) const {
    return u.sessions.empty() && options.always_on_expires_ms != 0 &&
           accounts.at(u.owner).kept.seen_ms + options.always_on_expires_ms <= now_ms;
}

void state::body::on(pass_time& /*c*/, effects& out) {
    std::vector<channel_id> over;
    for (const auto& [id, c] : channels) {
        if (is_over(c)) over.push_back(id);
    }
    for (const auto id : over) erase_channel(channels.at(id), out);
    std::vector<account_id> unproved;
    for (auto& [id, a] : accounts) {
        if (is_unproved(a, last_ms)) unproved.push_back(id);
        if (is_to_be_noted(a, last_ms)) note_seen(a, out);
        end_credentials(a, out);
    }
    for (const auto id : unproved) drop(accounts.at(id), {}, out);
    std::vector<user_id> forgotten;
    for (const auto& [id, u] : users) {
        if (is_forgotten(u, last_ms)) forgotten.push_back(id);
    }
    for (const auto id : forgotten) remove_user(users.at(id), {}, "Not seen for too long", out);
    forget_old_bans();
    for (auto& ban : std::exchange(ended_bans, {})) keep(ban_record{std::move(ban), true}, {}, {}, out);
}

bool state::body::has_session(const account& a) const {
    return std::ranges::any_of(*a.users, [&](user_id id) { return !users.at(id).sessions.empty(); });
}

// Whoever came by them stays until they go.
void state::body::end_credentials(account& a, effects& out) {
    const auto expired = [&](const credential_record& c) { return is_expired(c, last_ms); };
    if (std::ranges::none_of(a.credentials, expired)) return;
    unindex(a);
    for (auto c : a.credentials) {
        if (!expired(c)) continue;
        c.gone = true;
        keep(std::move(c), {}, {}, out);
    }
    std::erase_if(a.credentials, expired);
    index(a);
}

}  // namespace brusio::chat
