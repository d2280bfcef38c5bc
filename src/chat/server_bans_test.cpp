// Bans of the server: they see the real address.
#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

server_ban ban_of(ban_kind kind, std::string_view what, ban_action action = ban_action::deny) {
    return {.kind = kind, .what = std::string(what), .fold = base::fold(what), .action = action, .reason = "because"};
}
server_ban network(ip_bits address, std::uint8_t prefix) {
    auto ban = ban_of(ban_kind::network, "net/" + std::to_string(prefix));
    ban.network = address;
    ban.prefix = prefix;
    return ban;
}
constexpr ip_bits v6(std::uint64_t high, std::uint64_t low) { return {high, low}; }

struct guarded : scene {
    guarded() { enter_operator(1, "Olga"); }
    effects change(list_action what, server_ban ban = {}) {
        return run(change_server_bans{session(1), what, std::move(ban)});
    }
    effects comes(ip_bits ip) {
        auto o = from(7);
        o.ip = ip;
        auto all = run(log_in{session(7), who("Dario"), o, {}, {}});
        go_away(7);
        return all;
    }
    bool let_in(ip_bits ip) { return has<logged_in>(comes(ip)); }
};

TEST(server_bans, of_networks_compare_their_first_bits) {
    constexpr auto high = 0x20010DB8'00000000U;
    struct row {
        ip_bits network;
        std::uint8_t prefix;
        ip_bits address;
        bool banned;
    };
    for (const auto& r :
         {row{v4(192, 0, 2, 7), 128, v4(192, 0, 2, 7), true}, row{v4(192, 0, 2, 7), 128, v4(192, 0, 2, 6), false},
          row{v4(192, 0, 2, 0), 96 + 24, v4(192, 0, 2, 255), true},
          row{v4(192, 0, 2, 0), 96 + 24, v4(192, 0, 3, 0), false},
          row{v4(192, 0, 2, 0), 96 + 23, v4(192, 0, 3, 0), true}, row{v4(10, 0, 0, 0), 96 + 8, v4(10, 255, 0, 1), true},
          row{v4(10, 0, 0, 0), 96 + 8, v4(11, 0, 0, 1), false}, row{v4(0, 0, 0, 0), 96, v4(1, 2, 3, 4), true},
          row{v4(0, 0, 0, 0), 96, v6(high, 1), false}, row{v6(high, 0), 32, v6(high | 0xFFFFFFFFU, ~0ULL), true},
          row{v6(high, 0), 32, v6(high + (1ULL << 32U), 0), false}, row{v6(high, 0), 64, v6(high, ~0ULL), true},
          row{v6(high, 0), 64, v6(high | 1U, 0), false}, row{v6(high, 0), 65, v6(high, ~0ULL >> 1U), true},
          row{v6(high, 0), 65, v6(high, ~0ULL), false}, row{v6(high, 8), 127, v6(high, 9), true},
          row{v6(high, 8), 128, v6(high, 9), false}, row{v6(0, 0), 0, v6(high, 9), true}}) {
        guarded s;
        s.change(list_action::add, network(r.network, r.prefix));
        EXPECT_EQ(s.let_in(r.address), !r.banned) << int{r.prefix} << ' ' << std::hex << r.address.low;
    }
}

TEST(server_bans, of_masks_match_real_and_shown_address) {
    for (const auto& [mask, banned] : {std::pair{"*!*@192.0.2.7", true},
                                       {"*!*@192.0.2.*", true},
                                       {"*!*@h7.example", true},
                                       {"*!*@H7.*", true},
                                       {"dario!*@*", true},
                                       {"*!~U7@*", true},
                                       {"dari!*@*", false},
                                       {"*!*@192.0.2", false}}) {
        guarded s;
        s.change(list_action::add, ban_of(ban_kind::mask, mask));
        EXPECT_EQ(s.let_in(v4(192, 0, 2, 7)), !banned) << mask;
    }
}

TEST(server_bans, say_why_and_end_who_is_here) {
    guarded s;
    s.enter_into(2, "Bruno", "#x");
    s.enter(3, "Carla");
    s.enter_bound(4, "Dario");
    s.enter_operator(5, "Paola");
    const auto all = s.change(list_action::add, ban_of(ban_kind::mask, "*!*@192.0.2.*"));
    ASSERT_EQ(all.size(), 7U);
    EXPECT_EQ(first<server_bans_are>(all).bans.at(0).what, "*!*@192.0.2.*");
    EXPECT_EQ(first<server_bans_are>(all).gone, (std::vector<std::string>{"Bruno", "Carla", "Dario"}));
    EXPECT_EQ(
        all[1],
        (effect{ended{session(1), {session(2)}, end_cause::banned_by_server, shown("Olga", 1), "because", 1'000}}));
    EXPECT_EQ(all[2], (effect{left{session(2), s.user(2), true, {s.id("#x")}, shown("Bruno", 2), "because", 1'000}}));
    EXPECT_EQ(s.chat.users(), 2U) << "operators stay";
    EXPECT_EQ(s.enter(2, "Bruno"), (effects{not_let_in{session(2), std::nullopt, "because", false}}));
    EXPECT_EQ(s.enter_bound(2, "Bruno"), (effects{not_let_in{session(2), std::nullopt, "because", false}}));
}

TEST(server_bans, that_put_nobody_out_say_so) {
    guarded s;
    s.enter_into(2, "Bruno", "#x");
    const auto gone = [&](const server_ban& ban) {
        return first<server_bans_are>(s.change(list_action::add, ban)).gone.size();
    };
    EXPECT_EQ(gone(ban_of(ban_kind::mask, "nobody!*@*")), 0U);
    EXPECT_EQ(gone(ban_of(ban_kind::mask, "olga!*@*")), 0U) << "operators stay";
    EXPECT_EQ(gone(ban_of(ban_kind::mask, "bruno!*@*", ban_action::mute)), 0U);
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_EQ(gone(ban_of(ban_kind::mask, "bruno!*@*")), 1U);
}

TEST(server_bans, tell_who_made_them_and_until_when) {
    guarded s;
    auto ban = ban_of(ban_kind::mask, "x!*@*");
    ban.until_ms = 500;
    s.change(list_action::add, ban);
    ban.by = mask_of("Olga", 1);
    ban.since_ms = 1'000;
    ban.until_ms = 1'500;
    EXPECT_EQ(s.change(list_action::list), (effects{server_bans_are{session(1), list_action::list, {ban}}}));
    EXPECT_EQ(s.change(list_action::remove, ban_of(ban_kind::mask, "X!*@*")),
              (effects{server_bans_are{session(1), list_action::remove, {ban}}}));
    EXPECT_EQ(s.change(list_action::remove, ban),
              (effects{refused{session(1), refusal::no_such_ban, {}, {}, "x!*@*"}}));
    EXPECT_EQ(why(s.change(list_action::remove, ban_of(ban_kind::account, "x!*@*"))), refusal::no_such_ban);
}

TEST(server_bans, expire) {
    guarded s;
    auto ban = ban_of(ban_kind::mask, "dario!*@*");
    ban.until_ms = 500;
    s.change(list_action::add, ban);
    s.change(list_action::add, ban_of(ban_kind::mask, "zeno!*@*"));
    s.now_ms = 1'499;
    EXPECT_FALSE(s.let_in({}));
    s.now_ms = 1'500;
    EXPECT_TRUE(s.let_in({}));
    EXPECT_EQ(first<server_bans_are>(s.change(list_action::list)).bans.size(), 1U) << "one was for ever";
    s.now_ms = 1'000'000'000;
    EXPECT_EQ(first<server_bans_are>(s.change(list_action::list)).bans.size(), 1U);
}

TEST(server_bans, of_the_same_thing_replace_each_other) {
    guarded s;
    s.change(list_action::add, ban_of(ban_kind::mask, "dario!*@*"));
    EXPECT_FALSE(s.let_in({}));
    s.change(list_action::add, ban_of(ban_kind::mask, "DARIO!*@*", ban_action::mute));
    EXPECT_TRUE(s.let_in({}));
    s.change(list_action::add, ban_of(ban_kind::account, "dario!*@*"));
    EXPECT_EQ(first<server_bans_are>(s.change(list_action::list)).bans.size(), 2U);
}

TEST(server_bans, that_an_account_would_lift) {
    guarded s;
    s.enter(2, "Bruno");
    s.enter(3, "Carla");
    give_account(s, "Carla", "carla");
    s.change(list_action::add, ban_of(ban_kind::mask, "*!*@192.0.2.*", ban_action::need_account));
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_TRUE(has<told>(s.whisper(3, "Olga", "x")));
    EXPECT_EQ(s.enter(2, "Bruno"), (effects{not_let_in{session(2), std::nullopt, "because", true}}));
}

TEST(server_bans, of_accounts) {
    guarded s;
    s.enter(2, "Bruno");
    s.enter(3, "Carla");
    give_account(s, "Carla", "Carla");
    s.change(list_action::add, ban_of(ban_kind::account, "CARL?"));
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_TRUE(has<told>(s.whisper(2, "Olga", "x")));
}

TEST(server_bans, that_mute) {
    guarded s;
    s.enter_into(2, "Bruno", "#x");
    EXPECT_EQ(s.change(list_action::add, ban_of(ban_kind::mask, "*!*@192.0.2.*", ban_action::mute)).size(), 1U);
    EXPECT_EQ(s.utter(2, "#x"), (effects{refused{session(2), refusal::silenced_by_server, "#x", {}, {}}}));
    EXPECT_EQ(s.whisper(2, "olga", "x"), (effects{refused{session(2), refusal::silenced_by_server, {}, "Olga", {}}}));
    EXPECT_TRUE(has<told>(s.whisper(2, "Bruno", "x"))) << "oneself";
    EXPECT_TRUE(has<told>(s.whisper(1, "Bruno", "x"))) << "an operator";
    EXPECT_TRUE(joins(s.enter_into(3, "Carla", "#x"))) << "they may come and listen";
    EXPECT_EQ(why(s.utter(3, "#x")), refusal::silenced_by_server);
    s.change(list_action::remove, ban_of(ban_kind::mask, "*!*@192.0.2.*"));
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
}

TEST(server_bans, that_mute_follow_names_hosts_and_time) {
    guarded s;
    s.enter_into(2, "Bruno", "#x");
    s.change(list_action::add, ban_of(ban_kind::mask, "dario!*@*", ban_action::mute));
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
    s.call(2, "Dario");
    EXPECT_FALSE(speaks(s.utter(2, "#x")));
    s.call(2, "Bruno");
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
    auto passing = ban_of(ban_kind::mask, "*!*@vip.example", ban_action::mute);
    passing.until_ms = 500;
    s.change(list_action::add, passing);
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
    s.run(set_host{session(1), nick("Bruno"), "vip.example"});
    EXPECT_FALSE(speaks(s.utter(2, "#x")));
    s.now_ms += 500;
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
}

TEST(server_bans, survive_save_and_load) {
    guarded s;
    s.change(list_action::add, network(v4(192, 0, 2, 0), 96 + 24));
    s.chat = std::move(state::load(usual(), s.chat.save()).value());
    EXPECT_FALSE(s.let_in(v4(192, 0, 2, 9)));
}

}  // namespace
}  // namespace brusio::chat::test
