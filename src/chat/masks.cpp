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

constexpr std::string_view mute_prefix = "$m:";
constexpr std::string_view account_prefix = "$a:";

}  // namespace

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

bool state::body::silences(const user& by, const user& of) {
    if (by.silenced.empty() || by.id == of.id) return false;
    const auto text = compared(of, of.from.host);
    return std::ranges::any_of(by.silenced, [&](const nick_name& entry) { return base::glob_match(entry.fold, text); });
}

// ── bans of the server ──────────────────────────────────────────────────────────────────────────────────────────────

bool state::body::concerns(const server_ban& ban, const user& u) {
    switch (ban.kind) {
        case ban_kind::network: {
            const auto bits = ban.prefix;
            const auto mask = [](int n) {
                return n <= 0 ? 0 : n >= 64 ? ~std::uint64_t{0} : ~std::uint64_t{0} << (64 - n);
            };
            return ((u.from.ip.high ^ ban.network.high) & mask(bits)) == 0 &&
                   ((u.from.ip.low ^ ban.network.low) & mask(bits - 64)) == 0;
        }
        case ban_kind::account:
            return !u.account_fold.empty() && base::glob_match(ban.fold, u.account_fold);
        case ban_kind::mask:
            break;
    }
    return base::glob_match(ban.fold, compared(u, u.from.address)) ||
           base::glob_match(ban.fold, compared(u, u.from.host));
}

const server_ban* state::body::server_ban_on(const user& u, ban_action action) {
    forget_old_bans();
    for (const auto& ban : server_bans) {
        if (ban.action == action && concerns(ban, u)) return &ban;
    }
    return nullptr;
}

void state::body::forget_old_bans() {
    std::erase_if(server_bans, [this](const server_ban& b) { return b.until_ms != 0 && b.until_ms <= last_ms; });
}

}  // namespace brusio::chat
