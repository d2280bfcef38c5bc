#include "store/sqlite/memory.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "base/identity.hpp"
#include "base/text.hpp"

namespace brusio::store::sqlite {
namespace {

std::string folded(const std::string& text) { return base::valid_utf8(text) ? base::fold(text) : text; }

// A name that this version would not take any more stays as it was.
base::identity identity_of(std::string name, std::string nick, std::string fold) {
    if (auto made = base::make_identity(name)) return *std::move(made);
    auto name_fold = folded(name);
    const bool ascii = base::is_ascii(name);
    return {.name = std::move(name),
            .nick = std::move(nick),
            .name_fold = std::move(name_fold),
            .nick_fold = fold,
            .skeleton = std::move(fold),
            .cased_skeleton = {},
            .ascii = ascii};
}

std::vector<std::string> words_in(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

void read_accounts(connection& c, chat::memory& m) {
    use row(
        c["SELECT id, name, email, created_ms, seen_ms, suspended, suspended_why, always_on, epoch, code, "
          "is_bot, known_from FROM accounts ORDER BY id"]);
    while (row.next()) {
        auto& a = m.accounts.emplace_back();
        a.id = row.id<chat::account_id>();
        a.name.name = row.text();
        a.name.fold = folded(a.name.name);
        a.email = row.text();
        a.created_ms = row.number();
        a.seen_ms = row.number();
        a.suspended = row.flag();
        a.suspended_why = row.text();
        a.always_on = row.as<chat::wish>();
        a.epoch = static_cast<std::uint64_t>(row.number());
        a.code = row.text();
        a.is_bot = row.flag();
        a.known_from = words_in(row.text());
    }
    use nick(c["SELECT account, name, nick, fold FROM nicks ORDER BY account, position"]);
    auto at = m.accounts.begin();
    while (nick.next()) {
        const auto of = nick.id<chat::account_id>();
        while (at != m.accounts.end() && at->id < of) ++at;
        if (at == m.accounts.end() || at->id != of) continue;
        auto name = nick.text();
        auto shown = nick.text();
        at->nicks.push_back(identity_of(std::move(name), std::move(shown), nick.text()));
    }
}

// All but the secrets: those are only asked for when somebody shows one.
void read_credentials(connection& c, chat::memory& m) {
    use row(
        c["SELECT account, kind, id, label, created_ms, expires_ms, read_only FROM credentials ORDER BY account, kind, "
          "id"]);
    while (row.next()) {
        auto& one = m.credentials.emplace_back();
        one.account = row.id<chat::account_id>();
        one.kind = row.as<chat::credential_kind>();
        one.id = row.text();
        one.label = row.text();
        one.created_ms = row.number();
        one.expires_ms = row.number();
        one.read_only = row.flag();
    }
}

void read_channels(connection& c, chat::memory& m) {
    use row(
        c["SELECT id, name, permanent, founder, created_ms, registered_ms, empty_ms, flags, key, members_max, "
          "slow_seconds, topic, topic_by, topic_ms, history, keep_ms, topic_account FROM channels ORDER BY id"]);
    while (row.next()) {
        auto& h = m.channels.emplace_back();
        h.id = row.id<chat::channel_id>();
        h.name.name = row.text();
        h.name.fold = folded(h.name.name);
        h.permanent = row.flag();
        h.founder = row.id<chat::account_id>();
        h.created_ms = row.number();
        h.registered_ms = row.number();
        h.empty_ms = row.number();
        h.flags = row.as<chat::channel_flags>();
        h.key = row.text();
        h.limit = row.as<std::uint32_t>();
        h.slow_seconds = row.as<std::uint32_t>();
        h.now.text = row.text();
        h.now.by = row.text();
        h.now.at_ms = row.number();
        h.history = row.as<chat::history_policy>();
        h.keep_ms = row.number();
        h.topic_account = row.id<chat::account_id>();
    }
}

chat::channel_record* channel_of(chat::memory& m, chat::channel_id id) {
    const auto at = std::ranges::lower_bound(m.channels, id, {}, &chat::channel_record::id);
    return at != m.channels.end() && at->id == id ? &*at : nullptr;
}

void read_channel_lists(connection& c, chat::memory& m) {
    use mask(c["SELECT channel, list, mask, fold, set_by, at_ms FROM channel_masks ORDER BY channel, list, position"]);
    while (mask.next()) {
        auto* h = channel_of(m, mask.id<chat::channel_id>());
        const auto list = mask.number();
        if (h == nullptr || list < 0 || list > 2) continue;
        auto& one = (list == 0 ? h->bans : list == 1 ? h->exceptions : h->invited).emplace_back();
        one.mask = mask.text();
        one.fold = folded(mask.text());
        one.by = mask.text();
        one.at_ms = mask.number();
    }
    use access(c["SELECT channel, account, ranks FROM channel_access ORDER BY channel, position"]);
    while (access.next()) {
        auto* h = channel_of(m, access.id<chat::channel_id>());
        const auto account = access.id<chat::account_id>();
        if (h != nullptr) h->access.push_back({account, access.as<chat::ranks>()});
    }
}

void read_rest(connection& c, chat::memory& m) {
    use seat(c["SELECT channel, account, ranks, since, is_out FROM seats ORDER BY channel, account"]);
    while (seat.next()) {
        auto& s = m.seats.emplace_back();
        s.channel = seat.id<chat::channel_id>();
        s.account = seat.id<chat::account_id>();
        s.has = seat.as<chat::ranks>();
        s.since = seat.id<chat::message_id>();
        s.out = seat.number() != 0;
    }
    use ban(
        c["SELECT kind, fold, what, network_high, network_low, prefix, action, reason, set_by, since_ms, until_ms "
          "FROM server_bans ORDER BY kind, fold"]);
    while (ban.next()) {
        auto& b = m.bans.emplace_back();
        b.kind = ban.as<chat::ban_kind>();
        b.fold = folded(ban.text());
        b.what = ban.text();
        b.network.high = static_cast<std::uint64_t>(ban.number());
        b.network.low = static_cast<std::uint64_t>(ban.number());
        b.prefix = ban.as<std::uint8_t>();
        b.action = ban.as<chat::ban_action>();
        b.reason = ban.text();
        b.by = ban.text();
        b.since_ms = ban.number();
        b.until_ms = ban.number();
    }
    use marker(c["SELECT account, target, at_ms FROM read_markers ORDER BY account, target"]);
    while (marker.next()) {
        auto& r = m.markers.emplace_back();
        r.account = marker.id<chat::account_id>();
        r.target_fold = folded(marker.text());
        r.at_ms = marker.number();
    }
    use data(c["SELECT account, channel, key, value FROM metadata ORDER BY account, channel, key"]);
    while (data.next()) {
        auto& d = m.metadata.emplace_back();
        d.account = data.id<chat::account_id>();
        d.channel = data.id<chat::channel_id>();
        d.key = data.text();
        d.value = data.text();
    }
}

}  // namespace

chat::memory read_memory(connection& c) {
    const transaction all(c);
    chat::memory m;
    {
        use state(c["SELECT last_id, last_ms FROM state"]);
        if (!state.next()) throw SQLite::Exception("the table `state` is empty");
        m.last = state.id<chat::message_id>();
        m.last_ms = state.number();
    }
    read_accounts(c, m);
    read_credentials(c, m);
    read_channels(c, m);
    read_channel_lists(c, m);
    read_rest(c, m);
    return m;
}

std::vector<chat::remember> others_than(connection& c, const chat::memory& m) {
    std::vector<chat::remember> gone;
    const auto id = chat::message_id{m.last.value};
    // One step into the index for each timeline there is.
    std::int64_t timeline = 0;
    while (true) {
        use next(c["SELECT timeline FROM entries WHERE timeline > ? ORDER BY timeline LIMIT 1"], timeline);
        if (!next.next()) break;
        timeline = next.number();
        const chat::channel_id channel{static_cast<std::uint64_t>(timeline)};
        if (!std::ranges::binary_search(m.channels, channel, {}, &chat::channel_record::id)) {
            gone.push_back({id, chat::forget_record{channel, {}}});
        }
    }
    use owner(c["SELECT DISTINCT owner FROM conversations ORDER BY owner"]);
    while (owner.next()) {
        const auto party = owner.id<chat::party_id>();
        if (!std::ranges::binary_search(m.accounts, chat::account_id{party.value}, {}, &chat::account_record::id)) {
            gone.push_back({id, chat::forget_record{{}, party}});
        }
    }
    return gone;
}

}  // namespace brusio::store::sqlite
