// Sessions that are not there, and those that are bound to a channel, as frame people are.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

// One of each kind.
std::vector<command> all_commands(session_id id) {
    return {rename{id, who("Bruno")},
            rename{id, who("Anna")},
            leave{id, "x"},
            set_away{id, "x"},
            set_real_name{id, "x"},
            change_own_modes{id, nick("anna"), changes("+i")},
            monitor{id, list_action::add, {nick("anna")}},
            silence{id, list_action::add, "*!*@*", "*!*@*"},
            join{id, room("#bar"), {}, true},
            part{id, lobby, {}},
            part_all{id},
            kick{id, lobby, nick("anna"), {}},
            invite{id, nick("anna"), lobby},
            set_topic{id, lobby, "x"},
            change_modes{id, lobby, changes("+m")},
            rename_channel{id, lobby, room("#bar"), {}},
            say{id, lobby, 0, text("x")},
            tell{id, nick("Anna"), text("x")},
            tell{id, nick("Nobody"), text("x")},
            become_operator{id, "root"},
            kill{id, nick("anna"), {}},
            call_out{id, "x"},
            set_host{id, nick("anna"), "x"},
            require_account{id, true},
            change_server_bans{id, list_action::add, {}},
            set_account{id, std::nullopt},
            register_account{.session = id, .name = who("Zeno"), .credentials = {password()}},
            verify_account{.session = id, .account = nick("anna"), .code = "x"},
            change_credential{id, std::nullopt, password()},
            change_account{id, std::nullopt, account_change::drop},
            ask_account{id, nick("anna")},
            ask_accounts{.session = id},
            change_registration{id, lobby},
            ask_registration{id, lobby},
            ask_past{id, std::nullopt, "x"},
            redact{.session = id, .of = {lobby, {}}, .found = true},
            mark_read{id, {lobby, {}}, 1},
            metadata{.session = id, .what = metadata_action::set, .keys = {"x"}, .value = "x"},
            subscribe{id, list_action::add, {"x"}},
            ask_names{id, lobby, {}, 10},
            ask_who{.session = id, .channel = lobby},
            ask_who{.session = id, .mask = "*", .fold = "*"},
            ask_whois{id, nick("anna")},
            ask_whowas{id, nick("anna"), 0},
            ask_channels{.session = id},
            ask_counts{id},
            ask_present{id, {nick("anna")}, true},
            ask_topic{id, lobby},
            ask_modes{id, lobby},
            ask_list{id, lobby, 'b'},
            ask_invitations{id},
            ask_operators{id},
            ask_door{id, "help", false},
            ask_door{id, "help", true}};
}

TEST(unknown_sessions, have_no_effect) {
    scene s;
    s.enter_lobby(1, "Anna");
    const auto before = s.chat.digest();
    for (const auto id : {session_id{1, 2}, session_id{2, 1}, session_id{}}) {
        for (const auto& c : all_commands(id)) EXPECT_EQ(s.run(c), effects{}) << c.index();
    }
    EXPECT_EQ(s.chat.digest(), before);
}

TEST(unknown_sessions, are_tried_with_every_command) {
    std::vector<bool> tried(std::variant_size_v<command::variant>);
    for (const auto& c : all_commands(session(1))) tried[c.index()] = true;
    for (const command& c : {command(log_in{}), command(store_answer{}), command(pass_time{}), command(set_rules{}),
                             command(note_place{})}) {
        tried[c.index()] = true;
    }
    EXPECT_EQ(std::ranges::find(tried, false), tried.end());
}

// ── bound to a channel ──────────────────────────────────────────────────────────────────────────────────────────────

struct bound : scene {
    bound() {
        enter_operator(1, "Olga");
        go(1, lobby.name);
        enter_bound(2, "Anna");
        enter_lobby(3, "Carla");
    }
};

void expect_ended(const scene& s, const effects& all, std::uint64_t n, end_cause cause) {
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(std::get<kicked>(all[0]).user, s.user(n));
    const auto& end = std::get<ended>(all[1]);
    EXPECT_EQ(end.to, std::vector{session(n)});
    EXPECT_EQ(end.why, cause);
    EXPECT_EQ(end.at_ms, 1'000);
    EXPECT_EQ(std::get<left>(all[2]).session, session(n));
    EXPECT_EQ(std::get<left>(all[2]).channels, std::vector<channel_id>{});
}

TEST(bound_sessions, are_gone_when_kicked) {
    bound s;
    expect_ended(s, s.remove(1, lobby.name, "Anna"), 2, end_cause::kicked);
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_EQ(s.remove(1, lobby.name, "Carla").size(), 1U);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(bound_sessions, are_gone_when_banned) {
    bound s;
    const auto all = s.mode(1, lobby.name, "+b", {"*!*@*.example"});
    ASSERT_EQ(all.size(), 4U);
    EXPECT_TRUE(std::holds_alternative<modes_changed>(all[0]));
    expect_ended(s, {all.begin() + 1, all.end()}, 2, end_cause::banned_from_channel);
    EXPECT_EQ(s.chat.users(), 2U) << "others are banned, and stay";
}

TEST(bound_sessions, stay_when_muted_excepted_or_of_rank) {
    bound s;
    EXPECT_EQ(s.mode(1, lobby.name, "+b", {"$m:anna"}).size(), 1U);
    s.mode(1, lobby.name, "+e", {"*!~u2@*"});
    EXPECT_EQ(s.mode(1, lobby.name, "+b", {"anna"}).size(), 1U);
    s.mode(1, lobby.name, "-eb+h", {"*!~u2@*", "anna", "Anna"});
    EXPECT_EQ(s.mode(1, lobby.name, "+b", {"anna"}).size(), 1U);
    s.mode(1, lobby.name, "-hb", {"Anna", "anna"});
    EXPECT_EQ(s.mode(1, lobby.name, "+b", {"anna"}).size(), 4U);
}

TEST(bound_sessions, several_bans_at_once_and_whoever_set_them_goes_last) {
    scene s({.lobby = std::nullopt});
    for (std::uint64_t i = 1; i <= 4; ++i) s.enter_bound(i, "Anna " + std::to_string(i), room("#x"));
    std::vector<session_id> gone;
    for (const auto& e : s.mode(1, "#x", "+b+b-o", {"*!*@h4.example", "*!*@*", "Anna_1"})) {
        if (const auto* l = std::get_if<left>(&e)) gone.push_back(l->session);
    }
    EXPECT_EQ(gone, (std::vector{session(2), session(3), session(4), session(1)}));
    EXPECT_EQ(s.chat.users(), 0U);
}

TEST(bound_sessions, a_server_operators_own_ban_does_not_throw_them_out) {
    bound s;
    s.enter_bound(4, "Rolf");
    s.rule(4);
    s.mode(4, lobby.name, "+b", {"rolf"});
    EXPECT_NE(only<said>(s.speak(4, "x")), nullptr);
}

TEST(bound_sessions, are_not_let_in_where_they_may_not_join) {
    const auto log_in_anna = [](scene& s) { return s.enter_bound(7, "Dario"); };
    for (const auto& [modes, values, expected] :
         {std::tuple{"+b", std::vector<std::string>{"dario"}, refusal::banned_from_channel},
          {"+i", {}, refusal::channel_is_invite_only},
          {"+k", {"secret"}, refusal::wrong_key},
          {"+l", {"2"}, refusal::channel_is_full},
          {"+R", {}, refusal::channel_needs_account}}) {
        bound s;
        s.mode(1, lobby.name, modes, values);
        EXPECT_EQ(log_in_anna(s), (effects{not_let_in{session(7), expected, {}, false}})) << modes;
        EXPECT_EQ(s.chat.users(), 3U);
        EXPECT_TRUE(has<logged_in>(s.enter(7, "Dario"))) << "the name is free";
    }
}

TEST(bound_sessions, cannot_join_elsewhere) {
    bound s;
    EXPECT_EQ(why(s.go(2, "#bar")), refusal::too_many_channels);
    EXPECT_EQ(why(s.go(2, lobby.name)), refusal::too_many_channels);
    s.enter_into(4, "Dario", "#bar");
    s.call_in(4, "Anna", "#bar");
    EXPECT_EQ(why(s.go(2, "#bar")), refusal::too_many_channels);
}

TEST(bound_sessions, leave_the_chat_when_they_leave_the_channel) {
    bound s;
    const auto gone = first<left>(s.stay_away(2, lobby.name));
    EXPECT_EQ(gone.channels, std::vector{lobby_id});
    EXPECT_EQ(gone.reason, "bye");
    s.enter_bound(2, "Anna");
    EXPECT_EQ(why(s.stay_away(2, "#bar")), refusal::no_such_channel);
    EXPECT_NE(only<left>(s.run(part_all{session(2)})), nullptr);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(bound_sessions, rename_the_channel_around_them_and_they_are_still_bound) {
    scene s({.lobby = std::nullopt});
    s.enter_bound(1, "Anna", room("#x"));
    EXPECT_EQ(s.run(rename_channel{session(1), room("#x"), room("#y"), {}}).size(), 1U);
    EXPECT_EQ(why(s.go(1, "#z")), refusal::too_many_channels);
    EXPECT_NE(only<left>(s.stay_away(1, "#y")), nullptr);
}

}  // namespace
}  // namespace brusio::chat::test
