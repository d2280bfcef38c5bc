#include "store/sqlite/pages.hpp"

#include <limits>

namespace brusio::store::sqlite {
namespace {

constexpr std::int64_t end_of_time = std::numeric_limits<std::int64_t>::max();

std::int64_t number(chat::message_id id) { return static_cast<std::int64_t>(id.value); }
std::int64_t bound(chat::message_id id) { return id ? number(id) : end_of_time; }

const char* ids_sql(bool other, bool newest) {
    if (other) {
        return newest
                   ? "SELECT id FROM entries WHERE other = ? AND event = ? AND id > ? AND id < ? ORDER BY id DESC "
                     "LIMIT ?"
                   : "SELECT id FROM entries WHERE other = ? AND event = ? AND id > ? AND id < ? ORDER BY id LIMIT ?";
    }
    return newest ? "SELECT id FROM entries WHERE timeline = ? AND event = ? AND id > ? AND id < ? ORDER BY id DESC "
                    "LIMIT ?"
                  : "SELECT id FROM entries WHERE timeline = ? AND event = ? AND id > ? AND id < ? ORDER BY id LIMIT ?";
}

// Both are sorted; nothing twice; at most `most`.
void merge_into(std::vector<std::int64_t>& all, const std::vector<std::int64_t>& more, bool newest, std::size_t most) {
    if (more.empty()) return;
    std::vector<std::int64_t> merged;
    merged.reserve(all.size() + more.size());
    if (newest) {
        std::ranges::set_union(all, more, std::back_inserter(merged), std::greater{});
    } else {
        std::ranges::set_union(all, more, std::back_inserter(merged));
    }
    if (merged.size() > most) merged.resize(most);
    all = std::move(merged);
}

}  // namespace

std::int64_t doomed_up_to(connection& c, std::int64_t timeline) {
    use find(c["SELECT up_to FROM doomed WHERE timeline = ?"], timeline);
    return find.next() ? find.number() : 0;
}

std::vector<past> pasts_of(connection& c, const timeline& of) {
    std::vector<past> out;
    if (of.channel) {
        const auto id = static_cast<std::int64_t>(of.channel.value);
        out.push_back({id, false, doomed_up_to(c, id)});
        return out;
    }
    if (!of.owner) return out;
    const auto* sql =
        of.peer || !of.peer_fold.empty()
            ? "SELECT id FROM conversations WHERE owner = ?1 AND ((?2 <> 0 AND peer = ?2) OR (?3 <> '' AND "
              "peer_fold = ?3))"
            : "SELECT id FROM conversations WHERE owner = ?1 AND ?2 = 0 AND ?3 = ''";
    use find(c[sql], of.owner, of.peer, of.peer_fold);
    while (find.next()) {
        const auto id = find.number();
        const auto floor = doomed_up_to(c, id);
        out.push_back({id, false, floor});
        out.push_back({id, true, floor});
    }
    return out;
}

std::vector<std::int64_t> ids_in(connection& c, const std::vector<past>& pasts, const reach& where, std::size_t most) {
    std::vector<std::int64_t> all;
    std::vector<std::int64_t> some;
    for (const auto& p : pasts) {
        for (int event = 0; event <= (where.events ? 1 : 0); ++event) {
            auto after = std::max(where.after, p.floor);
            auto before = where.before;
            // What comes behind the worst of enough is of no use.
            if (all.size() >= most && most > 0) {
                if (where.newest) {
                    after = std::max(after, all.back());
                } else {
                    before = std::min(before, all.back());
                }
            }
            some.clear();
            use find(c[ids_sql(p.other, where.newest)], p.timeline, event, after, before, most);
            while (find.next()) some.push_back(find.number());
            merge_into(all, some, where.newest, most);
        }
    }
    return all;
}

page read_page(connection& c, const page_query& q) {
    const transaction one_moment(c);
    const auto pasts = pasts_of(c, q.of);
    const auto limit = std::size_t{std::min(q.limit, page_max)};
    const auto from = q.of.from ? number(q.of.from) - 1 : 0;
    page out;
    std::vector<std::int64_t> ids;
    const auto read = [&](std::int64_t after, std::int64_t before, bool newest, std::size_t most) {
        auto got = ids_in(c, pasts, {std::max(after, from), before, newest, q.events}, most + 1);
        if (got.size() > most) {
            got.resize(most);
            out.more = true;
        }
        if (newest) std::ranges::reverse(got);
        ids.insert(ids.end(), got.begin(), got.end());
    };
    switch (q.which) {
        case span::latest:
            read(number(q.after), end_of_time, true, limit);
            break;
        case span::before:
            read(0, bound(q.before), true, limit);
            break;
        case span::after:
            read(number(q.after), end_of_time, false, limit);
            break;
        case span::around:
            read(0, number(q.after), true, limit / 2);
            read(number(q.after) - 1, end_of_time, false, limit - ids.size());
            break;
        case span::between:
            if (q.after <= q.before) {
                read(number(q.after), number(q.before), false, limit);
            } else {
                read(number(q.before), number(q.after), true, limit);
            }
            break;
    }
    out.entries.reserve(ids.size());
    for (const auto id : ids) {
        entry_row row;
        if (read_entry(c, {static_cast<std::uint64_t>(id)}, row)) out.entries.push_back(std::move(row.what));
    }
    return out;
}

page read_one(connection& c, const entry_query& q) {
    const transaction one_moment(c);
    page out;
    entry_row row;
    if (q.id < q.of.from || !read_entry(c, q.id, row)) return out;
    for (const auto& p : pasts_of(c, q.of)) {
        if (number(q.id) <= p.floor || p.timeline != (p.other ? row.other : row.timeline)) continue;
        out.entries.push_back(std::move(row.what));
        break;
    }
    return out;
}

dropped read_dropped(connection& c, const dropped_query& q) {
    dropped out;
    use find(c["SELECT account FROM dropped WHERE fold = ? ORDER BY account DESC"], q.fold);
    while (find.next()) out.all.push_back(find.id<chat::account_id>());
    return out;
}

credentials read_credentials(connection& c, const credentials_query& q) {
    const auto* sql = q.account ? "SELECT account, kind, id, secret, scram, label, created_ms, expires_ms, read_only "
                                  "FROM credentials WHERE account = ?1 AND ?2 = ?2 AND ?3 = ?3 ORDER BY kind, id"
                                : "SELECT account, kind, id, secret, scram, label, created_ms, expires_ms, read_only "
                                  "FROM credentials WHERE ?1 = 0 AND kind = ?2 AND id = ?3 ORDER BY account";
    credentials out;
    use row(c[sql], q.account, q.kind, q.id);
    while (row.next()) {
        auto& r = out.all.emplace_back();
        r.account = row.id<chat::account_id>();
        r.kind = row.as<chat::credential_kind>();
        r.id = row.text();
        r.secret = row.text();
        r.scram = row.text();
        r.label = row.text();
        r.created_ms = row.number();
        r.expires_ms = row.number();
        r.read_only = row.flag();
    }
    return out;
}

}  // namespace brusio::store::sqlite
