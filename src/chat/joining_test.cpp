// Who may come into a channel, and why not; invitations.
#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

// Anna runs #x, Bruno is an ordinary member, Carla is outside.
struct club : scene {
    club() {
        enter_into(1, "Anna", "#x");
        enter_into(2, "Bruno", "#x");
        enter(3, "Carla");
    }
    effects set(std::string_view letters, const std::vector<std::string>& values = {}) {
        return mode(1, "#x", letters, values);
    }
    effects knock(std::string_view key = {}) { return go(3, "#x", key); }
};

TEST(joining, the_first_is_operator_but_not_in_the_lobby) {
    scene s;
    EXPECT_EQ(find<joined>(s.enter_into(1, "Anna", "#x")).given, channel_operator);
    EXPECT_EQ(find<joined>(s.enter_into(2, "Bruno", "#x")).given, 0);
    EXPECT_EQ(find<joined>(s.go(1, "#piazza")).given, 0);
    EXPECT_EQ(find<joined>(s.enter_bound(3, "Carla")).given, 0);
    s.enter_operator(4, "Olga");
    EXPECT_EQ(find<joined>(s.go(4, "#piazza")).given, 0);
    s.stay_away(1, "#x");
    s.stay_away(2, "#x");
    EXPECT_EQ(find<joined>(s.go(2, "#x")).given, channel_operator);
}

TEST(joining, needs_the_key) {
    club s;
    s.set("+k", {"Secret"});
    EXPECT_EQ(why(s.knock()), refusal::wrong_key);
    EXPECT_EQ(why(s.knock("secret")), refusal::wrong_key);
    EXPECT_EQ(why(s.knock("Secret ")), refusal::wrong_key);
    EXPECT_TRUE(joins(s.knock("Secret")));
    s.stay_away(3, "#x");
    s.set("-k", {"whatever"});
    EXPECT_TRUE(joins(s.knock("any")));
}

TEST(joining, only_so_many) {
    club s;
    s.set("+l", {"2"});
    EXPECT_EQ(s.knock(), (effects{refused{session(3), refusal::channel_is_full, "#x", {}, {}}}));
    s.set("+l", {"3"});
    EXPECT_TRUE(joins(s.knock()));
    s.stay_away(3, "#x");
    s.set("+l-l", {"1"});
    EXPECT_TRUE(joins(s.knock()));
}

TEST(joining, the_invited_only) {
    club s;
    s.set("+i");
    EXPECT_EQ(why(s.knock()), refusal::channel_is_invite_only);
    s.set("+I", {"carla"});
    EXPECT_TRUE(joins(s.knock()));
    s.stay_away(3, "#x");
    s.set("-I", {"carla"});
    EXPECT_EQ(why(s.knock()), refusal::channel_is_invite_only);
}

TEST(joining, the_banned_stay_out_but_for_exceptions) {
    club s;
    s.set("+b", {"*!*@h3.example"});
    EXPECT_EQ(why(s.knock()), refusal::banned_from_channel);
    s.set("+e", {"carla"});
    EXPECT_TRUE(joins(s.knock()));
    s.stay_away(3, "#x");
    s.set("-e", {"carla"});
    EXPECT_EQ(why(s.knock()), refusal::banned_from_channel);
    s.set("-b+b", {"*!*@h3.example", "$m:carla"});
    EXPECT_TRUE(joins(s.knock())) << "the muted may listen";
}

TEST(joining, accounts_only) {
    club s;
    s.set("+R");
    EXPECT_EQ(why(s.knock()), refusal::channel_needs_account);
    give_account(s, "Carla", "carla");
    EXPECT_TRUE(joins(s.knock()));
}

// One reason is told at a time: ban, invitation, key, limit, account.
TEST(joining, the_order_of_refusals) {
    club s;
    s.set("+iklRb", {"key", "2", "carla"});
    const std::vector<std::pair<refusal, std::string_view>> order{{refusal::banned_from_channel, "-b"},
                                                                  {refusal::channel_is_invite_only, "-i"},
                                                                  {refusal::wrong_key, "-k"},
                                                                  {refusal::channel_is_full, "-l"},
                                                                  {refusal::channel_needs_account, "-R"}};
    for (const auto& [expected, lifted] : order) {
        EXPECT_EQ(why(s.knock()), expected) << lifted;
        s.set(lifted, {lifted == "-b" ? "carla" : "key"});
    }
    EXPECT_TRUE(joins(s.knock()));
}

TEST(joining, server_operators_pass_in_the_lobby_only) {
    scene s;
    s.enter_operator(1, "Olga");
    s.mode(1, lobby.name, "+iklb", {"key", "1", "olga"});
    EXPECT_TRUE(joins(s.go(1, lobby.name)));
    s.enter_into(2, "Anna", "#x");
    s.mode(2, "#x", "+i");
    EXPECT_EQ(why(s.go(1, "#x")), refusal::channel_is_invite_only);
}

// ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(invitations, of_operators_go_past_invite_only_limit_and_key) {
    for (const auto& [letters, value] : {std::pair{"+i", ""}, {"+l", "2"}, {"+k", "key"}, {"+R", ""}}) {
        club s;
        s.set(letters, {value});
        EXPECT_FALSE(joins(s.knock())) << letters;
        EXPECT_EQ(s.call_in(1, "carla", "#X"),
                  (effects{invited{session(1), {session(3)}, s.id("#x"), "#x", shown("Anna", 1), "Carla", 1'000}}));
        EXPECT_TRUE(joins(s.knock())) << letters;
    }
}

TEST(invitations, do_not_go_past_bans) {
    club s;
    s.set("+b", {"carla"});
    s.call_in(1, "Carla", "#x");
    EXPECT_EQ(why(s.knock()), refusal::banned_from_channel);
}

TEST(invitations, of_others_go_past_nothing_of_these) {
    for (const auto& [letters, value, expected] : {std::tuple{"+i", "", refusal::channel_is_invite_only},
                                                   {"+l", "2", refusal::channel_is_full},
                                                   {"+k", "key", refusal::wrong_key},
                                                   {"+R", "", refusal::channel_needs_account}}) {
        club s;
        EXPECT_TRUE(has<invited>(s.call_in(2, "Carla", "#x")));
        s.set(letters, {value});
        EXPECT_EQ(why(s.knock()), expected);
    }
}

TEST(invitations, an_operators_after_another_is_good_and_the_reverse) {
    for (const auto& order : {std::pair{1U, 2U}, {2U, 1U}}) {
        club s;
        s.call_in(order.first, "Carla", "#x");
        s.call_in(order.second, "Carla", "#x");
        s.set("+i");
        EXPECT_TRUE(joins(s.knock()));
    }
}

TEST(invitations, serve_once_and_die_with_the_channel) {
    club s;
    s.set("+i");
    s.call_in(1, "Carla", "#x");
    EXPECT_EQ(first<invitations_are>(s.run(ask_invitations{session(3)})).channels, std::vector<std::string>{"#x"});
    EXPECT_TRUE(joins(s.knock()));
    EXPECT_TRUE(first<invitations_are>(s.run(ask_invitations{session(3)})).channels.empty());
    s.stay_away(3, "#x");
    EXPECT_EQ(why(s.knock()), refusal::channel_is_invite_only);

    s.call_in(1, "Carla", "#x");
    s.stay_away(1, "#x");
    s.stay_away(2, "#x");
    EXPECT_TRUE(first<invitations_are>(s.run(ask_invitations{session(3)})).channels.empty());
    s.go(1, "#x");
    s.set("+i");
    EXPECT_EQ(why(s.knock()), refusal::channel_is_invite_only);
}

TEST(invitations, who_may_invite_whom) {
    club s;
    EXPECT_EQ(why(s.call_in(1, "Nobody", "#x")), refusal::no_such_nick);
    EXPECT_EQ(why(s.call_in(1, "Carla", "#nowhere")), refusal::no_such_channel);
    EXPECT_EQ(why(s.call_in(3, "Carla", "#x")), refusal::not_a_member);
    EXPECT_EQ(s.call_in(1, "bruno", "#x"),
              (effects{refused{session(1), refusal::already_a_member, "#x", "Bruno", {}}}));
    s.set("+i");
    EXPECT_EQ(why(s.call_in(2, "Carla", "#x")), refusal::needs_channel_operator);
    s.set("+h", {"Bruno"});
    EXPECT_TRUE(has<invited>(s.call_in(2, "Carla", "#x")));
}

TEST(invitations, tell_of_the_away) {
    club s;
    s.run(set_away{session(3), "asleep"});
    EXPECT_EQ(find<is_away>(s.call_in(1, "Carla", "#x")).text, "asleep");
}

// Anna has made channels #0, #1 …, and invited Bruno to as many of them as he can be invited to.
struct flooded : scene {
    flooded() : scene(roomy()) {
        enter(1, "Anna");
        enter(2, "Bruno");
        enter_into(3, "Carla", "#carla");
        for (std::size_t i = 0; i <= invitations_max; ++i) go(1, numbered(i));
    }
    static settings roomy() {
        auto options = usual();
        options.channels_per_user = 1'000;
        return options;
    }
    static std::string numbered(std::size_t i) { return "#" + std::to_string(i); }
    void flood(std::size_t from) {
        for (auto i = from; i < invitations_max; ++i) EXPECT_TRUE(has<invited>(call_in(1, "Bruno", numbered(i))));
    }
    std::vector<std::string> open() { return first<invitations_are>(run(ask_invitations{session(2)})).channels; }
    bool is_open(std::string_view channel) { return std::ranges::count(open(), channel) != 0; }
};

TEST(invitations, too_many_of_one_inviter_drop_the_oldest_of_the_same) {
    flooded s;
    s.call_in(3, "Bruno", "#carla");
    s.flood(1);
    EXPECT_EQ(s.open().size(), invitations_max);
    EXPECT_TRUE(has<invited>(s.call_in(1, "Bruno", "#2"))) << "which is open already";
    EXPECT_TRUE(s.is_open("#1"));
    EXPECT_TRUE(has<invited>(s.call_in(1, "Bruno", "#0")));
    EXPECT_EQ(s.open().size(), invitations_max);
    EXPECT_FALSE(s.is_open("#1"));
    EXPECT_TRUE(s.is_open("#2"));
    EXPECT_TRUE(s.is_open("#0"));
    EXPECT_TRUE(s.is_open("#carla")) << "that of another stays";
}

TEST(invitations, too_many_of_others_do_not_keep_one_away) {
    flooded s;
    s.flood(0);
    s.mode(3, "#carla", "+i");
    EXPECT_TRUE(has<invited>(s.call_in(3, "Bruno", "#carla")));
    EXPECT_EQ(s.open().size(), invitations_max);
    EXPECT_FALSE(s.is_open("#0"));
    EXPECT_TRUE(s.is_open("#1"));
    EXPECT_TRUE(joins(s.go(2, "#carla")));
}

TEST(invitations, to_nowhere_do_not_count_as_open) {
    flooded s;
    s.flood(0);
    s.stay_away(1, "#5");
    s.call_in(3, "Bruno", "#carla");
    EXPECT_TRUE(s.is_open("#0"));
    EXPECT_TRUE(s.is_open("#carla"));
}

// An operator who repeats what another has said makes it their own: the other cannot drown it in more.
TEST(invitations, made_good_by_an_operator_are_the_operators) {
    flooded s;
    s.go(1, "#carla");
    s.call_in(1, "Bruno", "#carla");
    s.call_in(3, "Bruno", "#carla");
    s.flood(0);
    EXPECT_TRUE(s.is_open("#carla"));
    EXPECT_FALSE(s.is_open("#0"));
}

TEST(invitations, survive_save_and_load_with_who_made_them) {
    flooded s;
    s.call_in(3, "Bruno", "#carla");
    s.flood(1);
    s.chat = std::move(state::load(flooded::roomy(), s.chat.save()).value());
    s.call_in(1, "Bruno", "#0");
    EXPECT_TRUE(s.is_open("#carla"));
}

TEST(invitations, of_the_silenced_are_neither_told_nor_kept_and_they_do_not_notice) {
    club s;
    s.set("+i");
    s.run(set_away{session(3), "asleep"});
    s.run(silence{session(3), list_action::add, "Anna!*@*", base::fold("Anna!*@*")});
    EXPECT_EQ(s.call_in(1, "carla", "#x"), (effects{invited{session(1), {}, {}, "#x", shown("Anna", 1), "Carla", 1'000},
                                                    is_away{session(1), "Carla", "asleep"}}));
    EXPECT_TRUE(first<invitations_are>(s.run(ask_invitations{session(3)})).channels.empty());
    EXPECT_EQ(why(s.knock()), refusal::channel_is_invite_only);
    s.set("+h", {"Bruno"});
    EXPECT_EQ(first<invited>(s.call_in(2, "Carla", "#x")).to, std::vector{session(3)}) << "another's";
    s.call_in(1, "Carla", "#x");
    EXPECT_TRUE(joins(s.knock())) << "another's stays good";
}

}  // namespace
}  // namespace brusio::chat::test
