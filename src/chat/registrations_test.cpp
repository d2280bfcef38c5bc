// Registered channels: what their founders decide, whom they know, and that they last. And unregistered ones, which
// wait for a while for the accounts that were in them.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr std::int64_t hour = 3'600'000;

using what = registration_change;

// Anna has founded #club; Bruno and Carla have accounts, Dario has none.
struct club : scene {
    explicit club(bool remembers = false) : scene(usual(remembers)) {
        for (const auto* name : {"Anna", "Bruno", "Carla"}) found(name);
        enter_as(1, "Anna");
        enter_as(2, "Bruno");
        enter_as(3, "Carla");
        enter(4, "Dario");
        go(1, "#club");
        registered = registration(1, "#club", what::add);
        answer(store_verdict::committed);
    }
    ranks rank(std::string_view name) {
        const auto is = find<names_are>(run(ask_names{session(1), room("#club"), {}, 100}));
        for (const auto& p : is.people) {
            if (p.who.nick() == name) return p.has;
        }
        return 0;
    }
    effects registered;
};

TEST(registering_a_channel, makes_its_operator_the_founder) {
    club s(true);
    EXPECT_EQ(deed_of(s.registered), deed::channel_registered);
    EXPECT_EQ(records<channel_record>(s.registered).front().founder, s.chat.find_account("anna")->id);
    EXPECT_EQ(find<modes_changed>(s.registered).changes, (std::vector<mode_change>{{true, 'q', "Anna", "anna"}}));
    EXPECT_EQ(find<modes_changed>(s.registered).by, usual().services);
    EXPECT_EQ(s.rank("Anna"), founder | channel_operator);
    const auto is = find<registration_is>(s.run(ask_registration{session(4), room("#CLUB")}));
    EXPECT_EQ(is.founder, "Anna");
    EXPECT_EQ(is.registered_ms, 1'000);
}

TEST(registering_a_channel, is_not_for_everybody) {
    club s;
    s.go(2, "#bar");
    s.go(3, "#bar");
    s.go(4, "#bar");
    EXPECT_EQ(why_account(s.registration(3, "#bar", what::add)), account_refusal::needs_channel_operator);
    EXPECT_EQ(why_account(s.registration(4, "#bar", what::add)), account_refusal::not_logged_in);
    EXPECT_EQ(why_account(s.registration(1, "#bar", what::add)), account_refusal::needs_channel_operator)
        << "from outside";
    EXPECT_EQ(why_account(s.registration(2, "#club", what::add)), account_refusal::channel_is_registered);
    EXPECT_EQ(why_account(s.registration(2, "#piazza", what::add)), account_refusal::channel_is_the_lobby);
    EXPECT_EQ(why_account(s.registration(2, "#nowhere", what::add)), account_refusal::no_such_channel);
    s.mode(2, "#bar", "+s");
    EXPECT_EQ(why_account(s.registration(1, "#bar", what::add)), account_refusal::no_such_channel) << "secret";
    s.run(set_rules{{.channels = false}});
    EXPECT_EQ(why_account(s.registration(2, "#bar", what::add)), account_refusal::registration_is_closed);
    s.run(set_rules{{.channels_per_account = 1}});
    s.go(1, "#x");
    EXPECT_EQ(why_account(s.registration(1, "#x", what::add)), account_refusal::too_many);
    EXPECT_EQ(deed_of(s.registration(2, "#bar", what::add)), deed::channel_registered);
}

TEST(registered_channels, outlive_their_members_with_all_they_are) {
    club s;
    s.mode(1, "#club", "+kmb", {"key", "x!*@*"});
    s.run(set_topic{session(1), room("#club"), "welcome"});
    const auto id = s.id("#club");
    s.go_away(1);
    s.now_ms += 100 * hour;
    s.run(pass_time{});
    EXPECT_EQ(why(s.go(2, "#club")), refusal::wrong_key);
    const auto all = s.go(2, "#club", "key");
    EXPECT_EQ(find<joined>(all).channel, id);
    EXPECT_EQ(find<joined>(all).given, 0) << "an empty one is nobody else's";
    EXPECT_EQ(find<topic_is>(all).now.text, "welcome");
    s.enter_as(1, "Anna");
    EXPECT_EQ(find<joined>(s.go(1, "#club", "key")).given, founder | channel_operator);
}

TEST(registered_channels, only_their_founder_renames) {
    club s;
    s.go(2, "#club");
    s.mode(1, "#club", "+o", {"Bruno"});
    EXPECT_EQ(why(s.run(rename_channel{session(2), room("#club"), room("#mine"), {}})), refusal::needs_higher_rank);
    EXPECT_NE(only<channel_renamed>(s.run(rename_channel{session(1), room("#club"), room("#ours"), {}})), nullptr);
    s.go_away(1);
    s.go_away(2);
    EXPECT_TRUE(joins(s.go(3, "#ours")));
    EXPECT_EQ(find<joined>(s.go(4, "#club")).given, channel_operator) << "the old name is free";
}

TEST(access, gives_ranks_on_joining_and_at_once) {
    club s;
    s.go(2, "#club");
    const auto all = s.registration(1, "#club", what::access, "Bruno", half_operator | voice);
    EXPECT_EQ(deed_of(all), deed::access_changed);
    EXPECT_EQ(find<modes_changed>(all).changes.size(), 2U);
    EXPECT_EQ(s.rank("Bruno"), half_operator | voice);
    s.stay_away(2, "#club");
    EXPECT_EQ(find<joined>(s.go(2, "#club")).given, half_operator | voice);
    s.registration(1, "#club", what::access, "Carla", channel_operator);
    EXPECT_EQ(find<joined>(s.go(3, "#club")).given, channel_operator);
    s.mode(3, "#club", "-o", {"Carla"});
    EXPECT_EQ(deed_of(s.registration(3, "#club", what::up)), deed::ranks_given);
    EXPECT_EQ(s.rank("Carla"), channel_operator);
    EXPECT_EQ(deed_of(s.registration(1, "#club", what::access, "Carla", 0)), deed::access_changed);
    s.stay_away(3, "#club");
    EXPECT_EQ(find<joined>(s.go(3, "#club")).given, 0);
    EXPECT_EQ(why_account(s.registration(3, "#club", what::up)), account_refusal::not_in_list);
    EXPECT_EQ(why_account(s.registration(1, "#club", what::access, "Carla", 0)), account_refusal::not_in_list);
    EXPECT_EQ(why_account(s.registration(1, "#club", what::access, "Nobody", voice)), account_refusal::no_such_account);
    s.stay_away(2, "#club");
    EXPECT_EQ(why(s.registration(2, "#club", what::up)), refusal::not_a_member);
}

TEST(access, comes_with_a_later_log_in) {
    club s;
    s.registration(1, "#club", what::access, "Bruno", channel_operator);
    s.go(4, "#club");
    EXPECT_EQ(find<modes_changed>(s.identify(4, "Bruno")).changes,
              (std::vector<mode_change>{{true, 'o', "Dario", "dario"}}));
}

TEST(access, nobody_gives_more_than_they_have) {
    club s;
    s.registration(1, "#club", what::access, "Bruno", protected_member);
    s.go(2, "#club");
    const auto gives = [&](std::uint64_t n, std::string_view to, ranks gets) {
        return why_account(s.registration(n, "#club", what::access, to, gets));
    };
    EXPECT_EQ(gives(2, "Bruno", founder), account_refusal::needs_founder) << "to oneself";
    EXPECT_EQ(gives(2, "Bruno", founder | voice), account_refusal::needs_founder);
    EXPECT_EQ(gives(2, "Carla", founder), account_refusal::needs_founder);
    EXPECT_EQ(gives(2, "Carla", protected_member), account_refusal::needs_founder);
    EXPECT_EQ(gives(2, "Carla", channel_operator), std::nullopt);
    EXPECT_EQ(s.rank("Bruno"), protected_member);
    s.go(3, "#club");
    EXPECT_EQ(gives(3, "Carla", voice), account_refusal::needs_founder) << "operators do not change the list";
    EXPECT_EQ(gives(4, "Carla", voice), account_refusal::needs_founder);
    s.registration(1, "#club", what::access, "Carla", protected_member);
    EXPECT_EQ(gives(2, "Carla", 0), account_refusal::needs_founder) << "nor one's equals";
    EXPECT_EQ(gives(2, "Bruno", 0), std::nullopt) << "oneself may go";
    EXPECT_EQ(gives(1, "Carla", 0x80 | voice), std::nullopt);
    const auto list = find<registration_is>(s.run(ask_registration{session(1), room("#club"), true})).access;
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].gets, voice) << "no rank but those that there are";
}

TEST(access, is_shown_to_those_who_are_in_it) {
    club s;
    s.registration(1, "#club", what::access, "Bruno", voice);
    EXPECT_EQ(find<registration_is>(s.run(ask_registration{session(2), room("#club"), true})).access.size(), 1U);
    EXPECT_EQ(why_account(s.run(ask_registration{session(3), room("#club"), true})), account_refusal::needs_founder);
    EXPECT_TRUE(has<registration_is>(s.run(ask_registration{session(3), room("#club"), false})));
    s.mode(1, "#club", "+s");
    EXPECT_EQ(why_account(s.run(ask_registration{session(3), room("#club")})), account_refusal::no_such_channel);
}

TEST(access, is_bounded) {
    club s;
    for (int i = 0; i < 200; ++i) {
        const auto name = "x" + std::to_string(i);
        s.found(name);
        ASSERT_EQ(deed_of(s.registration(1, "#club", what::access, name, voice)), deed::access_changed);
    }
    EXPECT_EQ(why_account(s.registration(1, "#club", what::access, "Bruno", voice)), account_refusal::too_many);
}

TEST(transfer, gives_the_channel_away) {
    club s;
    s.go(2, "#club");
    EXPECT_EQ(why_account(s.registration(2, "#club", what::transfer, "Bruno")), account_refusal::needs_founder);
    const auto all = s.registration(1, "#club", what::transfer, "Bruno");
    EXPECT_EQ(deed_of(all), deed::channel_transferred);
    EXPECT_EQ(s.rank("Bruno"), founder | channel_operator);
    EXPECT_EQ(s.rank("Anna"), channel_operator) << "and no longer stands over the new founder";
    EXPECT_EQ(why_account(s.registration(1, "#club", what::drop)), account_refusal::needs_founder);
    EXPECT_EQ(deed_of(s.registration(2, "#club", what::drop)), deed::channel_dropped);
}

TEST(transfer, not_to_who_has_too_many) {
    club s;
    s.run(set_rules{{.channels_per_account = 1}});
    s.go(2, "#bar");
    s.registration(2, "#bar", what::add);
    EXPECT_EQ(why_account(s.registration(1, "#club", what::transfer, "Bruno")), account_refusal::too_many);
}

TEST(dropping_a_channel, makes_it_as_all_others) {
    club s(true);
    s.registration(1, "#club", what::access, "Bruno", voice);
    s.run(change_registration{session(1), room("#club"), what::history, std::nullopt, 0, history_policy::all});
    const auto all = s.registration(1, "#club", what::drop);
    EXPECT_EQ(deed_of(all), deed::channel_dropped);
    EXPECT_EQ(records<channel_record>(all).front().history, history_policy::standard);
    EXPECT_EQ(find<joined>(s.go(2, "#club")).given, 0);
    EXPECT_EQ(why_account(s.registration(1, "#club", what::up)), account_refusal::channel_not_registered);
    s.go_away(1);
    s.go_away(2);
    s.now_ms += hour;
    EXPECT_TRUE(s.chat.is_due(s.now_ms));
    s.run(pass_time{});
    EXPECT_EQ(find<joined>(s.go(4, "#club")).given, channel_operator);
}

TEST(dropping_a_channel, that_nobody_is_in_nor_waits_for) {
    club s(true);
    s.stay_away(1, "#club");
    const auto all = s.registration(1, "#club", what::drop);
    ASSERT_EQ(records<channel_record>(all).size(), 2U);
    EXPECT_TRUE(records<channel_record>(all).back().gone);
    EXPECT_EQ(find<joined>(s.go(4, "#club")).given, channel_operator);
}

TEST(dropping_the_founder, leaves_a_channel_as_all_others) {
    club s(true);
    s.change(1, account_change::drop);
    EXPECT_EQ(why_account(s.run(ask_registration{session(1), room("#club")})), account_refusal::channel_not_registered);
    s.go_away(1);
    EXPECT_EQ(find<joined>(s.go(4, "#club")).given, channel_operator) << "nobody else was in it";
}

TEST(rules_of_the_server, operators_and_the_administrator_manage_all) {
    club s;
    s.enter_operator(9, "Olga");
    EXPECT_EQ(deed_of(s.registration(9, "#club", what::transfer, "Carla")), deed::channel_transferred);
    const auto by_administrator = [&](what w) { return s.run(change_registration{administrator, room("#club"), w}); };
    EXPECT_EQ(deed_of(by_administrator(what::drop)), deed::channel_dropped);
    EXPECT_EQ(why_account(by_administrator(what::add)), account_refusal::not_logged_in);
}

// ── unregistered ones ───────────────────────────────────────────────────────────────────────────────────────────────

struct open : scene {
    explicit open(bool remembers = false) : scene(usual(remembers)) {
        found("Anna");
        found("Bruno");
        enter_as(1, "Anna");
        enter_as(2, "Bruno");
        enter(3, "Carla");
        go(1, "#bar");
        mode(1, "#bar", "+m");
    }
};

TEST(grace, an_account_finds_its_channel_and_its_rank_again) {
    open s(true);
    const auto id = s.id("#bar");
    const auto all = s.go_away(1);
    ASSERT_EQ(records<channel_record>(all).size(), 1U);
    EXPECT_EQ(records<channel_record>(all).front().empty_ms, 1'000);
    s.now_ms += hour - 1;
    EXPECT_FALSE(s.chat.is_due(s.now_ms));
    s.run(pass_time{});
    s.enter_as(1, "Anna");
    const auto back = s.go(1, "#bar");
    EXPECT_EQ(find<joined>(back).channel, id);
    EXPECT_EQ(find<joined>(back).given, channel_operator);
    EXPECT_EQ(records<channel_record>(back).front().empty_ms, 0);
    EXPECT_EQ(find<modes_are>(s.run(ask_modes{session(1), room("#bar")})).modes, changes("+mnt"));
}

TEST(grace, also_when_it_was_left_by_its_last_member) {
    open s;
    s.stay_away(1, "#bar");
    EXPECT_EQ(find<joined>(s.go(1, "#bar")).given, channel_operator);
}

TEST(grace, strangers_get_no_rank_and_come_in_only_as_before) {
    open s;
    s.go_away(1);
    EXPECT_EQ(find<joined>(s.go(3, "#bar")).given, 0);
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, 0) << "nor another account";
    EXPECT_EQ(why(s.speak(3, "x", room("#bar"))), refusal::cannot_speak_moderated);
    s.stay_away(3, "#bar");
    s.stay_away(2, "#bar");
    s.enter_as(1, "Anna");
    EXPECT_EQ(find<joined>(s.go(1, "#bar")).given, channel_operator);
    s.mode(1, "#bar", "+i");
    s.go_away(1);
    EXPECT_EQ(why(s.go(3, "#bar")), refusal::channel_is_invite_only);
}

TEST(grace, nobody_takes_the_name_meanwhile) {
    open s;
    s.go_away(1);
    s.go(2, "#mine");
    EXPECT_EQ(why(s.run(rename_channel{session(2), room("#mine"), room("#bar"), {}})), refusal::channel_name_in_use);
    EXPECT_EQ(why_account(s.registration(2, "#bar", what::add)), account_refusal::needs_channel_operator);
}

TEST(grace, over_the_name_starts_empty_and_the_past_is_gone) {
    open s(true);
    const auto id = s.id("#bar");
    s.go_away(1);
    s.now_ms += hour;
    EXPECT_TRUE(s.chat.is_due(s.now_ms));
    const auto all = s.run(pass_time{});
    ASSERT_EQ(records<channel_record>(all).size(), 1U);
    EXPECT_TRUE(records<channel_record>(all).front().gone);
    EXPECT_EQ(records<channel_record>(all).front().id, id);
    const auto fresh = find<joined>(s.go(3, "#bar"));
    EXPECT_EQ(fresh.given, channel_operator);
    EXPECT_NE(fresh.channel, id);
    EXPECT_EQ(find<modes_are>(s.run(ask_modes{session(3), room("#bar")})).modes, changes("+nt"));
}

TEST(grace, is_for_accounts_only) {
    scene s(usual(true));
    s.enter_into(1, "Anna", "#bar");
    s.mode(1, "#bar", "+m");
    const auto all = s.go_away(1);
    ASSERT_EQ(records<channel_record>(all).size(), 1U);
    EXPECT_TRUE(records<channel_record>(all).front().gone);
    EXPECT_EQ(find<joined>(s.enter_into(2, "Bruno", "#bar")).given, channel_operator);
}

TEST(grace, whoever_was_kicked_or_has_left_for_good_has_no_place_any_more) {
    open s;
    s.go(2, "#bar");
    s.mode(1, "#bar", "+v", {"Bruno"});
    s.remove(1, "#bar", "Bruno");
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, 0);
    s.mode(1, "#bar", "+v", {"Bruno"});
    s.stay_away(2, "#bar");
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, 0);
    s.mode(1, "#bar", "+v", {"Bruno"});
    s.go_away(2);
    s.enter_as(2, "Bruno");
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, voice) << "a connection that was lost is not a farewell";
}

TEST(grace, a_rank_that_was_taken_is_not_found_again) {
    open s;
    s.go(2, "#bar");
    s.mode(1, "#bar", "+o", {"Bruno"});
    s.mode(1, "#bar", "-o", {"Bruno"});
    s.go_away(2);
    s.enter_as(2, "Bruno");
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, 0);
}

TEST(grace, of_no_time_is_none) {
    auto options = usual();
    options.grace_ms = 0;
    scene s(options);
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.go(1, "#bar");
    s.stay_away(1, "#bar");
    EXPECT_EQ(find<joined>(s.enter_into(2, "Bruno", "#bar")).given, channel_operator);
}

TEST(seats, of_an_account_are_bounded_and_the_oldest_make_room) {
    auto options = usual(true);
    options.channels_per_user = 2;
    scene s(options);
    s.found("Anna");
    s.enter(9, "Zoe");
    s.go(9, "#0");
    for (int i = 0; i < 6; ++i) {
        s.enter_as(1, "Anna");
        const auto all = s.go(1, "#" + std::to_string(i));
        const auto kept = records<seat_record>(all);
        EXPECT_EQ(kept.size(), i < 4 ? 1U : 2U) << i;
        EXPECT_FALSE(kept.back().gone);
        if (i >= 4) EXPECT_TRUE(kept.front().gone);
        s.go_away(1);
    }
}

}  // namespace
}  // namespace brusio::chat::test
