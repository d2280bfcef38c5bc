// OPER and what comes with it.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

class operators : public testing::Test {
  protected:
    chat::server_ban added(std::string_view rest) {
        return w.asked_one<chat::change_server_bans>(root, "UBAN ADD " + std::string(rest)).ban;
    }

    scene w;
    client& root = w.enter_operator("boss");
};

TEST_F(operators, the_password_makes_one) {
    auto& anna = w.enter("anna");
    EXPECT_EQ(shorts(w.type(anna, "OPER root wrong")), (lines{"464 anna"}));
    EXPECT_EQ(shorts(w.type(anna, "OPER nobody secret")), (lines{"464 anna"}));
    EXPECT_FALSE(w.talk(anna).is_operator());
    EXPECT_EQ(shorts(w.type(anna, "OPER root secret")), (lines{"381 anna", "MODE anna +o"}));
    EXPECT_TRUE(w.talk(anna).is_operator());
    w.type(anna, "MODE anna -o");
    EXPECT_FALSE(w.talk(anna).is_operator());
    EXPECT_EQ(shorts(w.type(anna, "REHASH")), (lines{"481 anna"}));
}

TEST_F(operators, after_five_wrong_passwords_even_the_right_one_waits) {
    auto& anna = w.enter("anna");
    for (int i = 0; i < 5; ++i) w.type(anna, "OPER root wrong");
    EXPECT_EQ(text_of(w.type(anna, "OPER root secret").at(0)), "Too many wrong passwords; wait a minute");
    w.hub.now_ms += failures_forgotten_ms + 1;
    EXPECT_EQ(verbs(w.type(anna, "OPER root secret")).at(0), "381");
}

TEST_F(operators, a_kill_is_told_to_whom_it_hits) {
    auto& anna = w.enter("anna");
    w.quiet();
    EXPECT_EQ(text_of(w.type(root, "KILL anna :out").at(0)), "anna has been killed");
    EXPECT_EQ(w.hears(anna),
              (lines{":boss!~boss@host.192.0.2.1 KILL anna :out", "ERROR :Closing link: killed by boss: out"}));
    EXPECT_TRUE(anna.closing);
}

TEST_F(operators, rehash_asks_the_server) {
    EXPECT_EQ(shorts(w.type(root, "REHASH")), (lines{"382 boss brusiod.toml", "NOTICE boss"}));
    auto& modern = w.enter_operator("chief", "standard-replies");
    EXPECT_EQ(shorts(w.type(modern, "REHASH")), (lines{"382 chief brusiod.toml", "NOTE REHASH CONFIG_READ"}));
    w.hub.reloaded = "The old configuration stays: line 3";
    EXPECT_EQ(shorts(w.type(modern, "REHASH")), (lines{"382 chief brusiod.toml", "FAIL REHASH CONFIG_BAD"}));
}

TEST_F(operators, rights_count_from_their_place_in_the_order) {
    auto& anna = w.enter("anna");
    anna.sent.clear();
    w.hub.feed(anna, "OPER root secret\r\nREHASH\r\nMODE anna -o\r\nREHASH\r\nPING x\r\n");
    w.hub.settle();
    EXPECT_EQ(verbs(w.hears(anna)), (lines{"381", "MODE", "382", "NOTICE", "MODE", "481", "PONG"}));
}

TEST_F(operators, wrong_passwords_of_operators_keep_nobody_out) {
    auto s = test::usual();
    s.password = "sesame";
    scene guarded(s);
    const auto come = [&](const std::string& nick) -> client& {
        auto& c = guarded.connect();
        for (const auto& line : {std::string("PASS sesame"), "NICK " + nick, std::string("USER a 0 * :A")})
            guarded.type(c, line);
        return c;
    };
    auto& anna = come("anna");
    for (int i = 0; i < 6; ++i) guarded.type(anna, "OPER root wrong");
    EXPECT_TRUE(guarded.talk(come("bea")).logged_in());
    for (int i = 0; i < 5; ++i) {
        auto& c = guarded.connect();
        for (const auto* line : {"PASS no", "NICK x", "USER a 0 * :A"}) guarded.type(c, line);
    }
    auto& late = guarded.connect();
    guarded.type(late, "PASS sesame");
    guarded.type(late, "NICK late");
    EXPECT_EQ(text_of(guarded.type(late, "USER a 0 * :A").at(0)), "Too many wrong passwords; wait a minute");
}

TEST_F(operators, answers_are_standard_replies_for_who_knows_them) {
    auto& modern = w.enter_operator("chief", "standard-replies");
    w.enter("anna");
    EXPECT_EQ(short_of(w.type(modern, "UBAN LIST").at(0)), "NOTE UBAN END_OF_BANS");
    EXPECT_EQ(short_of(w.type(modern, "CHGHOST anna x.y").at(0)), "NOTE CHGHOST HOST_CHANGED");
    EXPECT_EQ(short_of(w.type(modern, "CHGHOST anna x.y").at(0)), "NOTE CHGHOST HOST_UNCHANGED");
    EXPECT_EQ(short_of(w.type(modern, "KILL anna").at(0)), "NOTE KILL KILLED");
    auto& tagged = w.enter_operator("olga", "message-tags server-time");
    const auto told = w.type(tagged, "UBAN LIST").at(0);
    EXPECT_TRUE(told.starts_with("@time=")) << told;
    EXPECT_TRUE(told.contains(";msgid=")) << told;
}

TEST_F(operators, a_ban_tells_whom_it_put_out) {
    w.enter("bea");
    w.enter("beatrice");
    const auto told = w.type(root, "UBAN ADD bea*!*@* :no");
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(text_of(told[1]), "2 put out: bea, beatrice");
}

TEST_F(operators, a_ban_that_is_not_understood_is_refused) {
    const auto refused = [&](const std::string& rest) { return short_of(w.type(root, "UBAN ADD " + rest).at(0)); };
    for (const auto* word :
         {"1h30m", "30", "0s", "-5m", "1y", "1000001s", "5mm", "99999999999999999999s", "duration", "forbid"}) {
        EXPECT_EQ(refused("192.0.2.9 " + std::string(word) + " :spam"),
                  "FAIL UBAN INVALID_PARAMS " + std::string(word));
    }
    for (const auto* target : {"192.0.2/24", "foo/24", "*", "*!*@*", "?*!*@*", "0.0.0.0/0", "::/0", "192.0.2.0/33"}) {
        EXPECT_TRUE(refused(target).starts_with("FAIL UBAN INVALID_MASK")) << target;
    }
    EXPECT_EQ(text_of(w.type(root, "UBAN LIST").back()), "0 server bans");
    EXPECT_EQ(added("192.0.2.9 MUTE :loud").action, chat::ban_action::mute);
    EXPECT_EQ(added("192.0.2.9 MUTE :loud").reason, "loud");
    EXPECT_EQ(added("192.0.2.9 1h Require-Account :x").until_ms, 3'600'000);
    const auto named = added("192.0.2.9 deny 1h :mute");
    EXPECT_EQ(named.action, chat::ban_action::deny);
    EXPECT_EQ(named.reason, "mute");
    EXPECT_EQ(added("192.0.2.9 :10m").until_ms, 0);
}

TEST_F(operators, a_host_is_plain) {
    auto& anna = w.enter("anna");
    EXPECT_EQ(shorts(w.type(root, "CHGHOST anna a/b:c.d-e_f")), (lines{"NOTICE boss"}));
    EXPECT_EQ(short_of(w.hears(anna).back()), "396 anna a/b:c.d-e_f");
    for (const auto& host : {std::string("a b"), std::string("a!b"), std::string("a@b"), std::string(":a"),
                             std::string("\xC3\xA8"), std::string(64, 'x')}) {
        EXPECT_EQ(verbs(w.type(root, "CHGHOST anna :" + host)), (lines{"FAIL"})) << host;
    }
}

// ── server bans ─────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(operators, a_ban_s_target_is_read) {
    struct row {
        std::string_view typed;
        chat::ban_kind kind;
        std::string_view shown;
        int prefix;
    };
    for (const auto& r : std::initializer_list<row>{
             {"192.0.2.7", chat::ban_kind::network, "192.0.2.7/32", 128},
             {"192.0.2.0/24", chat::ban_kind::network, "192.0.2.0/24", 120},
             {"192.0.2.7/24", chat::ban_kind::network, "192.0.2.0/24", 120},
             {"0::ffff:192.0.2.7/120", chat::ban_kind::network, "192.0.2.0/24", 120},
             {"2001:db8::7/64", chat::ban_kind::network, "2001:db8::/64", 64},
             {"0.0.0.0/1", chat::ban_kind::network, "0.0.0.0/1", 97},
             {"2001:db8::1", chat::ban_kind::network, "2001:db8::1/128", 128},
             {"2001:DB8::/32", chat::ban_kind::network, "2001:db8::/32", 32},
             {"mario", chat::ban_kind::mask, "mario!*@*", 128},
             {"*@*.example", chat::ban_kind::mask, "*!*@*.example", 128},
             {"*!*@192.0.2.*", chat::ban_kind::mask, "*!*@192.0.2.*", 128},
         }) {
        const auto ban = added(r.typed);
        EXPECT_EQ(ban.kind, r.kind) << r.typed;
        EXPECT_EQ(ban.what, r.shown) << r.typed;
        EXPECT_EQ(int{ban.prefix}, r.prefix) << r.typed;
    }
    EXPECT_EQ(added("$a:Eva").kind, chat::ban_kind::account);
    EXPECT_EQ(added("$a:Eva").fold, "eva");
    EXPECT_EQ(added("192.0.2.7").network, (chat::ip_bits{0, 0xFFFF'C000'0207}));
}

TEST_F(operators, what_is_no_target_is_told) {
    for (const auto* odd : {"192.0.2.0/33", "192.0.2.0/x", "192.0.2.0/", "2001:db8::/129", "$a:", "$m:x", "$z:x"}) {
        EXPECT_EQ(shorts(w.type(root, "UBAN ADD " + std::string(odd))),
                  (lines{"FAIL UBAN INVALID_MASK " + std::string(odd)}));
    }
    EXPECT_EQ(shorts(w.type(root, "UBAN NONSENSE x")), (lines{"FAIL UBAN INVALID_SUBCOMMAND NONSENSE"}));
    EXPECT_EQ(shorts(w.type(root, "UBAN ADD")), (lines{"461 boss UBAN"}));
    EXPECT_EQ(shorts(w.type(root, "UBAN DEL mario")), (lines{"FAIL UBAN NO_SUCH_BAN mario!*@*"}));
}

TEST_F(operators, a_ban_s_time_is_read) {
    struct row {
        std::string_view typed;
        std::int64_t ms;
        std::string_view reason;
    };
    for (const auto& r : std::initializer_list<row>{
             {"90s", 90'000, ""},
             {"10m", 600'000, ""},
             {"12h", 43'200'000, ""},
             {"7d", 604'800'000, ""},
             {"2w", 1'209'600'000, ""},
             {"", 0, ""},
             {"10m :bad man", 600'000, "bad man"},
             {":10m of noise", 0, "10m of noise"},
         }) {
        const auto ban = added("mario " + std::string(r.typed));
        EXPECT_EQ(ban.until_ms, r.ms) << r.typed;
        EXPECT_EQ(ban.reason, r.reason) << r.typed;
    }
}

TEST_F(operators, a_ban_s_action_is_read) {
    EXPECT_EQ(added("mario").action, chat::ban_action::deny);
    EXPECT_EQ(added("mario deny").action, chat::ban_action::deny);
    EXPECT_EQ(added("mario mute 5m :x").action, chat::ban_action::mute);
    EXPECT_EQ(added("mario 5m require-account").action, chat::ban_action::need_account);
    EXPECT_EQ(added("mario 5m require-account").until_ms, 300'000);
}

TEST_F(operators, bans_are_listed_taken_back_and_keep_people_out) {
    EXPECT_TRUE(text_of(w.type(root, "UBAN ADD *!~anna@* 5m :noise").at(0)).starts_with("Ban added: *!~anna@* deny"));
    EXPECT_EQ(text_of(w.type(root, "UBAN LIST").back()), "1 server ban");
    auto& anna = w.connect();
    w.type(anna, "NICK anna");
    EXPECT_EQ(w.type(anna, "USER anna 0 * :A"),
              (lines{":brusio.localhost 465 * :You are banned from this server", "ERROR :Banned: noise"}));
    EXPECT_TRUE(anna.closing);
    EXPECT_TRUE(text_of(w.type(root, "UBAN DEL *!~ANNA@*").at(0)).starts_with("Ban removed: *!~anna@*"));
    w.hub.forget_closed();
    EXPECT_TRUE(w.talk(w.enter("anna")).logged_in());
}

TEST_F(operators, accounts_can_be_required) {
    EXPECT_EQ(verbs(w.type(root, "REQUIREACCOUNT ON")), (lines{"NOTICE"}));
    auto& anna = w.connect();
    w.type(anna, "NICK anna");
    EXPECT_EQ(shorts(w.type(anna, "USER a 0 * :A")), (lines{"FAIL * ACCOUNT_REQUIRED", "ERROR"}));
    EXPECT_EQ(shorts(w.type(root, "REQUIREACCOUNT maybe")), (lines{"FAIL REQUIREACCOUNT INVALID_PARAMS MAYBE"}));
}

}  // namespace
}  // namespace brusio::door::irc
