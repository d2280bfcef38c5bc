// Pages and targets.
#include <algorithm>
#include <random>

#include "store/contract_test.hpp"

namespace brusio::store {
namespace {

using strings = std::vector<std::string>;

// What the header says, as plainly as possible. `all` is a timeline's past, oldest first.
page naive(const std::vector<chat::entry>& all, const page_query& q) {
    std::vector<chat::entry> in;
    for (const auto& e : all) {
        if (e.id >= q.of.from && (q.events || !chat::is_event(e.kind))) in.push_back(e);
    }
    const auto take = [](std::vector<chat::entry> from, std::size_t n, bool last) {
        page p{std::move(from), false};
        if (p.entries.size() <= n) return p;
        p.more = true;
        if (last) {
            p.entries.erase(p.entries.begin(), p.entries.end() - static_cast<std::ptrdiff_t>(n));
        } else {
            p.entries.resize(n);
        }
        return p;
    };
    const auto where = [&](auto&& test) {
        std::vector<chat::entry> out;
        for (const auto& e : in) {
            if (test(e.id)) out.push_back(e);
        }
        return out;
    };
    using id = chat::message_id;
    const auto n = std::min(q.limit, page_max);
    switch (q.which) {
        case span::latest:
            return take(where([&](id x) { return x > q.after; }), n, true);
        case span::before:
            return take(where([&](id x) { return x < q.before; }), n, true);
        case span::after:
            return take(where([&](id x) { return x > q.after; }), n, false);
        case span::around: {
            auto front = take(where([&](id x) { return x < q.after; }), n / 2, true);
            const auto back = take(where([&](id x) { return x >= q.after; }), n - front.entries.size(), false);
            front.entries.insert(front.entries.end(), back.entries.begin(), back.entries.end());
            front.more = front.more || back.more;
            return front;
        }
        case span::between:
            if (q.after <= q.before) return take(where([&](id x) { return x > q.after && x < q.before; }), n, false);
            return take(where([&](id x) { return x > q.before && x < q.after; }), n, true);
    }
    return {};
}

TEST_P(contract, Pages_are_what_a_plain_reading_says) {
    std::mt19937 dice(20'240'101);
    const auto roll = [&](std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(dice); };
    std::map<std::string, std::pair<timeline, std::vector<chat::entry>>> pasts;
    std::vector<chat::record> records;
    std::vector<std::uint64_t> ids{0, 1};
    for (int i = 0; i < 1'500; ++i) {
        last += roll(4);
        auto e = said("m" + std::to_string(i), static_cast<chat::entry_kind>(roll(14)));
        ids.push_back(e.id.value);
        ids.push_back(e.id.value + 1);
        if (roll(2) == 0) {
            const auto c = 7 + roll(2);
            auto& [of, all] = pasts["c" + std::to_string(c)];
            of = channel(c);
            all.push_back(e);
            records.emplace_back(in_channel(e, c));
            continue;
        }
        const auto a = 100 + roll(3);
        const auto b = 100 + roll(3);
        chat::entry_record r{{}, {}, e};
        const auto add = [&](std::uint64_t owner, std::uint64_t peer) {
            r.sides.push_back(side(owner, peer, "n" + std::to_string(peer)));
            auto& [of, all] = pasts[std::to_string(owner) + "-" + std::to_string(peer)];
            of = direct(owner, roll(2) == 0 ? peer : 0, "n" + std::to_string(peer));
            if (all.empty() || all.back().id != e.id) all.push_back(e);
        };
        add(a, b);
        if (roll(3) != 0) add(b, a);
        records.emplace_back(std::move(r));
    }
    for (std::size_t at = 0; at < records.size(); at += 100) {
        remember({records.begin() + static_cast<std::ptrdiff_t>(at),
                  records.begin() + static_cast<std::ptrdiff_t>(at + 100)});
    }
    for (int i = 0; i < 3'000; ++i) {
        auto at = pasts.begin();
        std::advance(at, roll(pasts.size()));
        const auto& [of, all] = at->second;
        page_query q{.of = of, .which = static_cast<span>(roll(5)), .limit = static_cast<std::uint32_t>(roll(40))};
        if (roll(3) == 0) q.of.from = {ids[roll(ids.size())]};
        q.after = {ids[roll(ids.size())]};
        q.before = {ids[roll(ids.size())]};
        if (q.which == span::before && !q.before) q.before = {1};
        q.events = roll(2) == 0;
        const auto wanted = naive(all, q);
        const auto got = ask<page>(q);
        ASSERT_EQ(got.entries, wanted.entries) << "question " << i << ", span " << static_cast<int>(q.which);
        ASSERT_EQ(got.more, wanted.more) << "question " << i << ", span " << static_cast<int>(q.which);
    }
}

TEST_P(contract, A_page_is_bounded) {
    std::vector<chat::record> records;
    for (std::uint32_t i = 0; i < page_max + 5; ++i) records.emplace_back(in_channel(said("x")));
    remember(records);
    const auto p = latest(channel(7), 1'000'000);
    EXPECT_EQ(p.entries.size(), page_max);
    EXPECT_TRUE(p.more);
}

TEST_P(contract, Targets_are_told_by_their_latest_message) {
    const auto old = said("old");
    const auto hidden = said("only before the asker came");
    const auto to_bruno = said("to bruno");
    const auto in_8 = said("in 8");
    const auto to_carla = said("to carla");
    remember({in_channel(hidden, 9), in_channel(old), chat::entry_record{{}, {side(3, 4, "Bruno")}, to_bruno},
              in_channel(in_8, 8), chat::entry_record{{}, {side(3, 5, "carla"), side(5, 3, "anna")}, to_carla},
              in_channel(said("", chat::entry_kind::join)),
              chat::entry_record{{}, {side(6, 4, "bruno")}, said("somebody else's")}});
    targets_query q{.channels = {{{7}, "#piazza", {}}, {{8}, "#b", {}}, {{9}, "#c", {hidden.id.value + 1}}},
                    .owner = {3}};
    const auto names = [&] {
        strings out;
        for (const auto& t : ask<targets>(q).all) out.push_back(t.name);
        return out;
    };
    EXPECT_EQ(names(), (strings{"#piazza", "Bruno", "#b", "carla"}));
    EXPECT_EQ(ask<targets>(q).all[1].latest, to_bruno.id);
    q.after = old.id;
    q.before = to_carla.id;
    EXPECT_EQ(names(), (strings{"Bruno", "#b"}));
    q.limit = 1;
    EXPECT_EQ(names(), strings{"Bruno"});
    q = {.owner = {5}};
    EXPECT_EQ(names(), strings{"anna"});
    remember({chat::entry_record{{}, {side(3, 4, "Bruno2")}, said("renamed")},
              chat::entry_record{{}, {side(3, 44, "Bruno2")}, said("x")}});
    q = {.owner = {3}};
    EXPECT_EQ(names(), (strings{"carla", "Bruno2"})) << "two who are called the same are one conversation";
}

}  // namespace
}  // namespace brusio::store
