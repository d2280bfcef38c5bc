// Which conversations have something new.
#include <limits>
#include <map>

#include "store/sqlite/pages.hpp"

namespace brusio::store::sqlite {

targets read_targets(connection& c, const targets_query& q) {
    const transaction one_moment(c);
    constexpr auto end_of_time = std::numeric_limits<std::int64_t>::max();
    const auto after = static_cast<std::int64_t>(q.after.value);
    const auto before = q.before ? static_cast<std::int64_t>(q.before.value) : end_of_time;
    targets out;
    for (const auto& channel : q.channels) {
        const auto pasts = pasts_of(c, {.channel = channel.id});
        const auto from = channel.from ? static_cast<std::int64_t>(channel.from.value) - 1 : 0;
        const auto latest = ids_in(c, pasts, {.after = from, .before = end_of_time, .newest = true}, 1);
        if (latest.empty() || latest.front() <= after || latest.front() >= before) continue;
        out.all.push_back({channel.name, {static_cast<std::uint64_t>(latest.front())}});
    }
    if (q.owner) {
        // Several people may have been called the same: that is one conversation to whoever reads it.
        std::map<std::string, targets::one> by_fold;
        use row(c["SELECT peer_fold, peer_nick, latest FROM conversations WHERE owner = ? AND latest > 0 "
                  "ORDER BY latest"],
                q.owner);
        while (row.next()) {
            auto fold = row.text();
            auto nick = row.text();
            by_fold.insert_or_assign(std::move(fold), targets::one{std::move(nick), row.id<chat::message_id>()});
        }
        for (auto& [fold, one] : by_fold) {
            const auto latest = static_cast<std::int64_t>(one.latest.value);
            if (latest > after && latest < before) out.all.push_back(std::move(one));
        }
    }
    std::ranges::sort(out.all, [](const auto& a, const auto& b) {
        return a.latest != b.latest ? a.latest < b.latest : a.name < b.name;
    });
    if (out.all.size() > q.limit) out.all.resize(q.limit);
    return out;
}

}  // namespace brusio::store::sqlite
