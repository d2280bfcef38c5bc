// Masks: the bans of channels, which see only the shown host, and those of the server, which see the real address.
#include <algorithm>

#include "base/glob.hpp"
#include "chat/body.hpp"

namespace brusio::chat {
namespace {

// User names and hosts are ASCII, or of other letters that have no case worth folding.
void append_lower(std::string& out, std::string_view text) {
    for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::string_view mute_prefix = "$m:";
constexpr std::string_view account_prefix = "$a:";

}  // namespace

std::string compared(const user& u, std::string_view host) {
    std::string text;
    text.reserve(u.who.nick_fold.size() + u.from.username.size() + host.size() + 2);
    text += u.who.nick_fold;
    text += '!';
    append_lower(text, u.from.username);
    text += '@';
    append_lower(text, host);
    return text;
}

bool state::body::any_matches(const std::vector<mask_entry>& list, const user& u, bool mutes) {
    if (list.empty()) return false;
    const auto text = compared(u, u.from.host);
    return std::ranges::any_of(list, [&](const mask_entry& entry) {
        std::string_view fold = entry.fold;
        if (fold.starts_with(mute_prefix) != mutes) return false;
        if (mutes) fold.remove_prefix(mute_prefix.size());
        if (fold.starts_with(account_prefix)) {
            return !u.account_fold.empty() && base::glob_match(fold.substr(account_prefix.size()), u.account_fold);
        }
        return base::glob_match(fold, text);
    });
}

bool state::body::banned(const user& u, const channel& c) {
    return any_matches(c.bans, u, false) && !any_matches(c.exceptions, u, false);
}

bool state::body::muted(const user& u, const channel& c) {
    return any_matches(c.bans, u, true) && !any_matches(c.exceptions, u, true) && !any_matches(c.exceptions, u, false);
}

// The verdict of a channel on its member, worked out only when something has changed since the last time.
const verdict& state::body::judge(const user& u, const channel& c, member& m) {
    auto& v = *m.by_channel;
    if (v.of_bans != *c.version || v.of_user != *u.version) v = {*c.version, *u.version, banned(u, c), muted(u, c)};
    return v;
}

bool state::body::silences(const user& by, const user& of) {
    if (by.silenced.empty() || by.id == of.id) return false;
    const auto text = compared(of, of.from.host);
    return std::ranges::any_of(by.silenced, [&](const nick_name& entry) { return base::glob_match(entry.fold, text); });
}

// ── bans of the server ──────────────────────────────────────────────────────────────────────────────────────────────

ban_subject::ban_subject(const user& u, const std::string& address, ip_bits ip)
    : who_(u), ip_(ip), shown_(compared(u, u.from.host)), real_(compared(u, address)) {}

bool ban_subject::by(const server_ban& ban) const {
    switch (ban.kind) {
        case ban_kind::network: {
            const auto bits = ban.prefix;
            const auto mask = [](int n) {
                return n <= 0 ? 0 : n >= 64 ? ~std::uint64_t{0} : ~std::uint64_t{0} << (64 - n);
            };
            return ((ip_.high ^ ban.network.high) & mask(bits)) == 0 &&
                   ((ip_.low ^ ban.network.low) & mask(bits - 64)) == 0;
        }
        case ban_kind::account:
            return !who_.account_fold.empty() && base::glob_match(ban.fold, who_.account_fold);
        case ban_kind::mask:
            break;
    }
    return base::glob_match(ban.fold, real_) || base::glob_match(ban.fold, shown_);
}

const server_ban* state::body::server_ban_on(const user& u, ban_action action) {
    forget_old_bans();
    if (server_bans.empty()) return nullptr;
    const auto subjects = subjects_of(u);
    for (const auto& ban : server_bans) {
        const auto hit = [&](const ban_subject& s) { return s.by(ban); };
        if (ban.action == action && std::ranges::any_of(subjects, hit)) return &ban;
    }
    return nullptr;
}

// One for each of the user's clients; of who comes just now, or has none, where it came from last.
std::vector<ban_subject> state::body::subjects_of(const user& u) const {
    std::vector<ban_subject> all;
    all.reserve(std::max<std::size_t>(u.sessions.size(), 1));
    for (const auto s : u.sessions) {
        const auto& from = sessions.at(s);
        all.emplace_back(u, from.address, from.ip);
    }
    if (all.empty()) all.emplace_back(u);
    return all;
}

bool state::body::muted_by_server(user& u) {
    forget_old_bans();
    auto& v = *u.by_server;
    if (v.of_bans != server_bans_version || v.of_user != *u.version) {
        v = {server_bans_version, *u.version, false, server_ban_on(u, ban_action::mute) != nullptr};
    }
    return v.muted;
}

void state::body::forget_old_bans() {
    if (next_ban_ends_ms == 0 || next_ban_ends_ms > last_ms) return;
    std::erase_if(server_bans, [this](const server_ban& b) {
        const bool over = b.until_ms != 0 && b.until_ms <= last_ms;
        if (over) ended_bans.push_back(b);
        return over;
    });
    server_bans_changed();
}

void state::body::server_bans_changed() {
    ++server_bans_version;
    next_ban_ends_ms = 0;
    for (const auto& b : server_bans) {
        if (b.until_ms != 0 && (next_ban_ends_ms == 0 || b.until_ms < next_ban_ends_ms)) next_ban_ends_ms = b.until_ms;
    }
}

}  // namespace brusio::chat
