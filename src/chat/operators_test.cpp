// What operators of the server do, but for bans (server_bans_test.cpp).
#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

struct realm : scene {
    realm() {
        enter_operator(1, "Olga");
        enter_into(2, "Bruno", "#x");
        enter(3, "Carla");
    }
};

TEST(operators, come_and_resign) {
    scene s;
    s.enter(1, "Olga");
    EXPECT_EQ(s.rule(1),
              (effects{became_operator{session(1), "root"},
                       own_modes_changed{session(1), {session(1)}, shown("Olga", 1), server_operator, 0, 1'000}}));
    EXPECT_EQ(s.run(become_operator{session(1), "admin"}), (effects{became_operator{session(1), "admin"}}));
    EXPECT_EQ(s.run(ask_operators{session(1)}), (effects{operators_are{session(1), {{shown("Olga", 1), "admin"}}}}));
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(1), nick("olga")})).operator_name, "admin");
    EXPECT_EQ(find<own_modes_changed>(s.own_mode(1, "Olga", "-o")).unset, server_operator);
    EXPECT_EQ(s.run(ask_operators{session(1)}), (effects{operators_are{session(1), {}}}));
    EXPECT_EQ(why(s.run(call_out{session(1), "x"})), refusal::needs_server_operator);
}

TEST(operators, others_may_do_nothing_of_this) {
    realm s;
    for (const auto& c : std::vector<command>{
             kill{session(3), nick("Bruno"), "x"}, kill{session(3), nick("Carla"), "x"}, call_out{session(3), "x"},
             set_host{session(3), nick("Carla"), "x"}, require_account{session(3), true},
             require_account{session(3), std::nullopt}, change_server_bans{session(3), list_action::list, {}},
             change_server_bans{session(3), list_action::add, {}},
             change_server_bans{session(3), list_action::remove, {}}, ask_door{session(3), "stats", true}}) {
        const auto before = s.chat.digest();
        EXPECT_EQ(s.run(c), (effects{refused{session(3), refusal::needs_server_operator, {}, {}, {}}})) << c.index();
        EXPECT_EQ(s.chat.digest(), before);
    }
    EXPECT_EQ(s.run(ask_door{session(1), "stats", true}), (effects{door_asked{session(1), "stats"}}));
}

TEST(kill, ends_whoever_it_is) {
    realm s;
    EXPECT_EQ(
        s.run(kill{session(1), nick("BRUNO"), "spam"}),
        (effects{kill_done{session(1), "Bruno"},
                 ended{session(1), {session(2)}, end_cause::killed, shown("Olga", 1), "spam", 1'000},
                 left{session(2), s.user(2), true, {s.id("#x")}, shown("Bruno", 2), "Killed by Olga: spam", 1'000}}));
    EXPECT_EQ(why(s.run(kill{session(1), nick("Bruno"), "spam"})), refusal::no_such_nick);
    s.rule(3);
    EXPECT_TRUE(has<left>(s.run(kill{session(3), nick("Olga"), "x"}))) << "another operator";
    const auto all = s.run(kill{session(3), nick("Carla"), "x"});
    EXPECT_EQ(all.size(), 2U) << "oneself, with nobody left to be told that it is done";
    EXPECT_EQ(s.chat.users(), 0U);
}

TEST(call_out, is_heard_by_who_wants_to) {
    realm s;
    EXPECT_TRUE(first<called_out>(s.run(call_out{session(1), "x"})).to.empty());
    s.own_mode(3, "Carla", "+w");
    s.own_mode(1, "Olga", "+w");
    EXPECT_EQ(s.run(call_out{session(1), "hear, hear"}),
              (effects{called_out{session(1), {session(1), session(3)}, shown("Olga", 1), "hear, hear", 1'000}}));
    s.own_mode(3, "Carla", "-w");
    EXPECT_EQ(first<called_out>(s.run(call_out{session(1), "x"})).to, std::vector{session(1)});
}

TEST(set_host, changes_what_everybody_sees) {
    realm s;
    s.run(monitor{session(3), list_action::add, {nick("Bruno")}});
    auto after = shown("Bruno", 2);
    after.mask = "Bruno!~u2@vip.example";
    const auto all = s.run(set_host{session(1), nick("bruno"), "vip.example"});
    EXPECT_EQ(
        all.at(0),
        (effect{host_set{session(1), {session(2)}, {s.id("#x")}, {session(3)}, shown("Bruno", 2), after, 1'000}}));
    EXPECT_EQ(find<said>(s.utter(2, "#x")).who, after);
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(1), nick("Bruno")})).address, "192.0.2.2")
        << "the real one stays";
    EXPECT_EQ(why(s.run(set_host{session(1), nick("nobody"), "x"})), refusal::no_such_nick);
}

TEST(set_host, shows_them_again_in_each_channel_to_who_took_it_for_their_leaving) {
    realm s;
    s.go(2, lobby.name);
    s.run(set_away{session(2), "asleep"});
    s.mode(2, "#x", "+v", {"Bruno"});
    s.now_ms = 2'000;
    auto after = shown("Bruno", 2);
    after.mask = "Bruno!~u2@vip.example";
    const auto in = [&](channel_id id, std::string_view name, ranks has) {
        return effect{host_shown{
            session(1), s.user(2), {session(2)}, id, std::string(name), after, "Number 2", "asleep", has, 2'000}};
    };
    const auto all = s.run(set_host{session(1), nick("bruno"), "vip.example"});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_TRUE(std::holds_alternative<host_set>(all[0]));
    EXPECT_EQ(all[1], in(lobby_id, "#piazza", 0));
    EXPECT_EQ(all[2], in(s.id("#x"), "#x", channel_operator | voice));
    EXPECT_EQ(s.run(set_host{session(1), nick("Carla"), "vip.example"}).size(), 1U) << "who is in none";
}

TEST(set_host, to_what_it_is_already_is_told_to_the_operator_alone) {
    realm s;
    s.run(monitor{session(3), list_action::add, {nick("Bruno")}});
    EXPECT_EQ(s.run(set_host{session(1), nick("bruno"), "h2.example"}),
              (effects{host_set{session(1), {}, {}, {}, shown("Bruno", 2), shown("Bruno", 2), 1'000}}));
}

TEST(require_account, keeps_new_people_out_while_it_is_on) {
    realm s;
    const auto set = [&](std::optional<bool> on) {
        return first<account_requirement>(s.run(require_account{session(1), on})).on;
    };
    EXPECT_FALSE(set(std::nullopt));
    EXPECT_TRUE(set(true));
    EXPECT_TRUE(set(std::nullopt));
    EXPECT_EQ(s.enter(7, "Dario"), (effects{not_let_in{session(7), std::nullopt, {}, true}}));
    EXPECT_EQ(s.enter_bound(7, "Dario"), (effects{not_let_in{session(7), std::nullopt, {}, true}}));
    EXPECT_TRUE(speaks(s.utter(2, "#x"))) << "who is here stays";
    auto loaded = state::load(usual(), s.chat.save());
    s.chat = std::move(loaded.value());
    EXPECT_TRUE(set(std::nullopt));
    EXPECT_FALSE(set(false));
    EXPECT_TRUE(has<logged_in>(s.enter(7, "Dario")));
}

TEST(ask_present, tells_who_of_them_is_here) {
    realm s;
    s.run(set_away{session(3), "asleep"});
    EXPECT_EQ(
        s.run(ask_present{session(2), {nick("olga"), nick("nobody"), nick("CARLA")}, true}),
        (effects{present_are{
            session(2), true, {{"Olga", "~u1@h1.example", false, true}, {"Carla", "~u3@h3.example", true, false}}}}));
}

}  // namespace
}  // namespace brusio::chat::test
