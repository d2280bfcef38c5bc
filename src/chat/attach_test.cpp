// One person at several clients: who may come to a user that is here, and what they are told.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

struct home : scene {
    explicit home(bool remembers = false) : scene(usual(remembers)) {
        found("Anna", {password(), token("t1"), token("only", true)});
        enter_as(1, "Anna");
        go(1, lobby.name);
        go(1, "#bar");
        run(set_topic{session(1), room("#bar"), "drinks"});
    }
    effects attach(std::uint64_t n) { return enter_as(n, "Anna"); }
};

TEST(attach, tells_where_one_is_and_nobody_else_hears_of_it) {
    home s;
    s.run(mark_read{session(1), {room("#bar"), {}}, 700});
    s.now_ms = 5'000;
    auto anna = shown("Anna", 1);
    anna.account = "Anna";
    const auto bar = s.id("#bar");
    const auto all = s.attach(2);
    ASSERT_EQ(all.size(), 6U);
    const auto& in = std::get<logged_in>(all[0]);
    EXPECT_TRUE(in.attached);
    EXPECT_EQ(in.user, s.user(1));
    EXPECT_EQ(in.who, anna);
    EXPECT_EQ(all[1], (effect{seated{session(2), in.user, lobby_id, "#piazza", anna, "Number 1", 0, 5'000}}));
    EXPECT_EQ(all[2], (effect{marker_is{session(2), {}, "#piazza", 0}}));
    EXPECT_EQ(all[3], (effect{seated{session(2), in.user, bar, "#bar", anna, "Number 1", channel_operator, 5'000}}));
    EXPECT_EQ(all[4], (effect{topic_is{session(2), "#bar", {"drinks", mask_of("Anna", 1), 1'000}, false}}));
    EXPECT_EQ(all[5], (effect{marker_is{session(2), {}, "#bar", 700}}));
    EXPECT_EQ(s.chat.users(), 1U);
    EXPECT_EQ(s.chat.sessions(), 2U);
}

TEST(attach, needs_a_proof_that_counts_and_the_nick_that_is_here) {
    home s;
    s.found("Bruno");
    EXPECT_TRUE(has<log_in_refused>(s.enter(2, "Anna")));
    EXPECT_TRUE(has<log_in_refused>(s.enter_as(2, "Anna", s.proof_of("Bruno"))));
    auto old = s.proof_of("Anna");
    --old.epoch;
    EXPECT_TRUE(find<not_let_in>(s.enter_as(2, "Anna", old)).bad_account);
    EXPECT_TRUE(find<not_let_in>(s.enter_as(2, "Anna", s.token_of("Anna", "t2"))).bad_account);
    EXPECT_EQ(s.chat.sessions(), 1U);
    const auto other = find<logged_in>(s.enter_as(2, "Zoe", s.proof_of("Anna")));
    EXPECT_FALSE(other.attached) << "with another nick it is another user of the same account";
    EXPECT_EQ(other.who.account, "Anna");
    EXPECT_TRUE(find<logged_in>(s.enter_as(3, "ZOE", s.proof_of("Anna"))).attached);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(attach, is_refused_to_who_is_banned) {
    home s;
    s.enter_operator(9, "Olga");
    s.run(change_server_bans{
        session(9), list_action::add, {.what = "*!*@192.0.2.2", .fold = "*!*@192.0.2.2", .reason = "no"}});
    EXPECT_EQ(find<not_let_in>(s.attach(2)).reason, "no");
    EXPECT_TRUE(find<logged_in>(s.attach(3)).attached);
}

TEST(attach, bans_of_the_server_find_each_client_by_its_own_address) {
    home s;
    s.attach(2);
    s.attach(3);
    s.enter_operator(9, "Olga");
    const auto ban = [&](std::string_view mask, ban_action action) {
        return s.run(change_server_bans{
            session(9), list_action::add, {.what = std::string(mask), .fold = std::string(mask), .action = action}});
    };
    const auto all = ban("*!*@192.0.2.2", ban_action::deny);
    ASSERT_EQ(all_of<ended>(all).size(), 1U);
    EXPECT_EQ(find<left>(all).session, session(2));
    EXPECT_FALSE(find<left>(all).last);
    EXPECT_TRUE(find<server_bans_are>(all).gone.empty()) << "the user is still there";
    ban("*!*@192.0.2.1", ban_action::mute);
    EXPECT_EQ(why(s.speak(3, "x")), refusal::silenced_by_server) << "another address is no way around";
    s.go_away(1);
    EXPECT_TRUE(speaks(s.speak(3, "x")));
    EXPECT_EQ(find<server_bans_are>(ban("*!*@192.0.2.*", ban_action::deny)).gone, std::vector<std::string>{"Anna"});
    EXPECT_EQ(s.chat.users(), 1U);
}

TEST(attach, all_clients_see_and_do_the_same) {
    home s;
    s.attach(2);
    s.enter_lobby(3, "Bruno");
    EXPECT_EQ(find<joined>(s.go(2, "#x")).sessions, (std::vector{session(1), session(2)}));
    EXPECT_EQ(find<renamed>(s.call(1, "Annina")).sessions, (std::vector{session(1), session(2)}));
    EXPECT_EQ(find<parted>(s.stay_away(1, "#x")).sessions.size(), 2U);
    EXPECT_EQ(find<said>(s.speak(2, "x")).user, s.user(1));
}

TEST(attach, a_message_reaches_ones_other_clients) {
    home s;
    s.attach(2);
    s.attach(4);
    s.enter_lobby(3, "Bruno");
    EXPECT_EQ(find<told>(s.whisper(1, "Bruno", "x")).to, (std::vector{session(3), session(2), session(4)}));
    EXPECT_EQ(find<told>(s.whisper(3, "Anna", "x")).to, (std::vector{session(1), session(2), session(4)}));
    EXPECT_EQ(find<told>(s.whisper(2, "Anna", "x")).to, (std::vector{session(1), session(2), session(4)})) << "oneself";
    EXPECT_EQ(find<said>(s.run(say{session(2), room("#bar"), channel_operator, text("x")})).to,
              (std::vector{session(1), session(4)}))
        << "for operators only";
    s.run(silence{session(3), list_action::add, "anna!*@*", "anna!*@*"});
    EXPECT_EQ(find<told>(s.whisper(1, "Bruno", "x")).to, (std::vector{session(2), session(4)}));
}

TEST(attach, one_client_leaves_and_the_user_stays) {
    home s;
    s.attach(2);
    s.enter_lobby(3, "Bruno");
    s.run(monitor{session(3), list_action::add, {nick("Anna")}});
    const auto all = s.go_away(1);
    ASSERT_NE(only<left>(all), nullptr);
    EXPECT_FALSE(only<left>(all)->last);
    EXPECT_TRUE(only<left>(all)->channels.empty());
    EXPECT_TRUE(speaks(s.speak(2, "x")));
    const auto last = s.go_away(2);
    EXPECT_TRUE(find<left>(last).last);
    EXPECT_TRUE(has<came_or_went>(last));
}

TEST(attach, a_kick_is_for_the_user) {
    home s;
    s.attach(2);
    s.enter_operator(3, "Olga");
    s.go(3, lobby.name);
    EXPECT_EQ(find<kicked>(s.remove(3, lobby.name, "Anna")).sessions.size(), 2U);
    const auto all = s.run(kill{session(3), nick("Anna"), "spam"});
    EXPECT_EQ(all_of<ended>(all).size(), 2U);
    EXPECT_EQ(s.chat.users(), 1U);
}

TEST(attach, who_kills_themself_comes_last) {
    home s;
    s.attach(2);
    s.rule(1);
    const auto all = s.run(kill{session(1), nick("Anna"), "x"});
    EXPECT_EQ(all_of<left>(all).back().session, session(1));
}

effects attach_bound(scene& s, std::uint64_t n) {
    return s.run(log_in{session(n), who("Anna"), from(n), lobby, {}, s.proof_of("Anna")});
}

TEST(attach, whoever_is_bound_hears_of_one_channel_only) {
    home s;
    const auto all = attach_bound(s, 2);
    EXPECT_TRUE(find<logged_in>(all).attached);
    ASSERT_EQ(all_of<seated>(all).size(), 1U);
    EXPECT_EQ(find<seated>(all).channel, lobby_id);
    EXPECT_EQ(find<joined>(s.go(1, "#x")).sessions, std::vector{session(1)});
    EXPECT_EQ(why(s.go(2, "#y")), refusal::too_many_channels);
    EXPECT_TRUE(find<logged_in>(s.attach(3)).attached) << "and the reverse";
    EXPECT_EQ(find<joined>(s.go(3, "#y")).sessions, (std::vector{session(1), session(3)}));
}

TEST(attach, whoever_is_bound_brings_its_user_along) {
    home s;
    s.stay_away(1, lobby.name);
    const auto all = attach_bound(s, 2);
    EXPECT_FALSE(has<seated>(all));
    EXPECT_EQ(find<joined>(all).sessions, (std::vector{session(1), session(2)}));
    s.stay_away(2, lobby.name);
    EXPECT_EQ(s.chat.sessions(), 1U) << "the bound one is gone";
    EXPECT_TRUE(s.go(1, lobby.name).empty()) << "and its user is still there";
}

TEST(attach, who_is_bound_goes_when_its_user_leaves_the_channel) {
    home s;
    attach_bound(s, 2);
    const auto all = s.stay_away(1, lobby.name);
    EXPECT_EQ(find<ended>(all).why, end_cause::parted);
    EXPECT_EQ(find<left>(all).session, session(2));
    EXPECT_FALSE(find<left>(all).last);
    s.go(1, lobby.name);
    attach_bound(s, 3);
    EXPECT_EQ(find<ended>(s.run(part_all{session(1)})).to, std::vector{session(3)});
    s.enter_operator(9, "Olga");
    s.go(1, lobby.name);
    attach_bound(s, 4);
    const auto kick = s.remove(9, lobby.name, "Anna");
    EXPECT_EQ(find<ended>(kick).why, end_cause::kicked);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(attach, a_channel_that_does_not_let_the_user_in_is_told_to_who_is_bound_to_it) {
    home s;
    s.stay_away(1, lobby.name);
    s.enter_operator(9, "Olga");
    s.mode(9, lobby.name, "+k", {"key"});
    EXPECT_EQ(find<not_let_in>(attach_bound(s, 2)).channel_says, refusal::wrong_key);
    s.mode(9, lobby.name, "-k", {"key"});
    EXPECT_EQ(find<not_let_in>(s.run(log_in{session(2), who("Anna"), from(2), lobby, {}, s.token_of("Anna", "only")}))
                  .channel_says,
              refusal::may_only_listen)
        << "a listener does not make others join";
    EXPECT_EQ(s.chat.sessions(), 2U);
}

TEST(attach, a_ban_throws_out_who_lives_there_only) {
    home s;
    attach_bound(s, 2);
    s.enter_operator(9, "Olga");
    EXPECT_FALSE(has<ended>(s.mode(9, lobby.name, "+b", {"anna!*@*"})));
    s.mode(9, lobby.name, "-b", {"anna!*@*"});
    s.go_away(1);
    EXPECT_TRUE(has<ended>(s.mode(9, lobby.name, "+b", {"anna!*@*"})));
}

TEST(attach, nobody_is_in_a_channel_that_no_client_of_theirs_hears) {
    home s;
    attach_bound(s, 2);
    const auto all = s.go_away(1);
    EXPECT_EQ(find<parted>(all).channel_name, "#bar");
    EXPECT_FALSE(find<left>(all).last);
    EXPECT_TRUE(speaks(s.run(say{session(2), lobby, 0, text("x")})));
}

TEST(attach, who_stays_without_a_client_stays_also_beside_one_that_does_not_hear) {
    auto options = usual();
    options.always_on = always_on_policy::opt_out;
    scene s(options);
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.go(1, "#bar");
    attach_bound(s, 2);
    EXPECT_FALSE(has<parted>(s.go_away(1)));
    const auto renamed_away = s.run(rename{session(2), who("Zoe")});
    EXPECT_EQ(find<parted>(renamed_away).channel_name, "#bar") << "it stayed by its nick";
    s.run(rename{session(2), who("Anna")});
    s.enter_as(3, "Anna");
    s.go(3, "#bar");
    s.go_away(3);
    EXPECT_TRUE(has<parted>(s.run(change_account{session(2), std::nullopt, account_change::always_on, {}, "no"})));
    s.run(change_account{session(2), std::nullopt, account_change::always_on, {}, "yes"});
    s.enter_as(3, "Anna");
    s.go(3, "#bar");
    s.go_away(3);
    EXPECT_TRUE(has<parted>(s.run(change_account{session(2), std::nullopt, account_change::drop})));
}

TEST(attach, the_user_is_secure_only_if_all_clients_are) {
    home s;
    s.go_away(1);
    const auto come = [&](std::uint64_t n, bool secure_one) {
        auto o = from(n);
        o.secure = secure_one;
        return s.run(log_in{session(n), who("Anna"), o, std::nullopt, {}, s.proof_of("Anna")});
    };
    come(1, true);
    EXPECT_FALSE(has<own_modes_changed>(come(2, true)));
    EXPECT_TRUE(find<whois_is>(s.run(ask_whois{session(1), nick("Anna")})).secure);
    const auto all = come(3, false);
    EXPECT_EQ(find<logged_in>(all).modes & secure, 0U);
    EXPECT_EQ(find<own_modes_changed>(all).unset, user_flags{secure});
    EXPECT_EQ(find<own_modes_changed>(all).sessions, (std::vector{session(1), session(2)}));
    EXPECT_FALSE(find<whois_is>(s.run(ask_whois{session(1), nick("Anna")})).secure);
}

// ── who may only listen ─────────────────────────────────────────────────────────────────────────────────────────────

// All that a session can ask for, with arguments that would be obeyed.
std::vector<command> all_deeds(session_id id) {
    return {rename{id, who("Zoe")},
            set_away{id, "x"},
            set_real_name{id, "x"},
            change_own_modes{id, nick("anna"), changes("+i")},
            silence{id, list_action::add, "*!*@x", "*!*@x"},
            join{id, room("#new")},
            part{id, room("#bar")},
            part_all{id},
            kick{id, room("#bar"), nick("bruno"), {}},
            invite{id, nick("carla"), room("#bar")},
            set_topic{id, room("#bar"), "x"},
            change_modes{id, room("#bar"), changes("+m")},
            change_modes{id, room("#bar"), changes("-o", {"anna"})},
            rename_channel{id, room("#bar"), room("#new"), {}},
            say{id, room("#bar"), 0, text("x")},
            say{id, room("#bar"), 0, of_kind(speech::tags)},
            say{id, room("#bar"), voice, text("x")},
            tell{id, nick("bruno"), text("x")},
            become_operator{id, "root"},
            kill{id, nick("bruno"), {}},
            call_out{id, "x"},
            set_host{id, nick("bruno"), "x"},
            require_account{id, true},
            change_server_bans{id, list_action::add, {.what = "x!*@*", .fold = "x!*@*"}},
            set_account{id, std::nullopt},
            register_account{.session = id, .name = who("Zeno"), .credentials = {password()}},
            verify_account{.session = id, .account = nick("anna"), .code = "x"},
            change_credential{id, std::nullopt, password()},
            change_account{id, std::nullopt, account_change::group, who("Zoe")},
            change_account{id, std::nullopt, account_change::drop},
            change_registration{id, room("#bar")},
            mark_read{id, {room("#bar"), {}}, 1},
            metadata{.session = id, .what = metadata_action::set, .keys = {"x"}, .value = "x"},
            metadata{.session = id, .what = metadata_action::clear}};
}

struct listening : home {
    listening() {
        rule(1);
        enter_into(3, "Bruno", "#bar");
        enter(4, "Carla");
        enter_as(2, "Anna", token_of("Anna", "only"));
    }
};

TEST(listeners, may_do_nothing_that_others_see_or_that_lasts) {
    listening s;
    const auto before = s.chat.save();
    for (const auto& c : all_deeds(session(2))) {
        const auto all = s.run(c);
        ASSERT_EQ(all.size(), 1U) << c.index();
        const bool told = has<refused>(all) || has<account_refused>(all) || has<marker_refused>(all);
        EXPECT_TRUE(told) << c.index();
        if (has<refused>(all)) EXPECT_EQ(first<refused>(all).why, refusal::may_only_listen) << c.index();
        if (has<account_refused>(all))
            EXPECT_EQ(first<account_refused>(all).why, account_refusal::may_only_listen) << c.index();
    }
    EXPECT_EQ(s.run(say{session(2), room("#bar"), 0, of_kind(speech::notice)}), effects{}) << "no answer to a notice";
    EXPECT_EQ(s.run(tell{session(2), nick("bruno"), of_kind(speech::ctcp_answer)}), effects{});
    EXPECT_EQ(s.chat.save(), before);
}

TEST(listeners, do_what_another_client_does_too) {
    listening s;
    for (const auto& c : all_deeds(session(1))) {
        if (std::holds_alternative<change_account>(c) || std::holds_alternative<set_account>(c)) continue;
        const auto all = s.run(c);
        EXPECT_FALSE(why(all) == refusal::may_only_listen || why_account(all) == account_refusal::may_only_listen)
            << c.index();
    }
}

TEST(listeners, hear_and_ask) {
    listening s;
    EXPECT_TRUE(has<names_are>(s.run(ask_names{session(2), room("#bar"), {}, 10})));
    EXPECT_TRUE(has<whois_is>(s.run(ask_whois{session(2), nick("bruno")})));
    EXPECT_TRUE(has<marker_is>(s.run(mark_read{session(2), {room("#bar"), {}}, {}})));
    EXPECT_TRUE(has<monitored>(s.run(monitor{session(2), list_action::add, {nick("bruno")}})));
    EXPECT_TRUE(has<subscriptions_are>(s.run(subscribe{session(2), list_action::add, {"x"}})));
    EXPECT_TRUE(has<metadata_is>(s.run(metadata{.session = session(2), .what = metadata_action::list})));
    EXPECT_FALSE(find<account_is>(s.run(ask_account{session(2)})).owner) << "what only its owner may know";
    EXPECT_EQ(why_account(s.run(ask_account{session(2), std::nullopt, account_question::sessions})),
              account_refusal::needs_management);
    EXPECT_TRUE(has<left>(s.go_away(2)));
}

TEST(listeners, that_are_alone_go_where_they_like_in_silence) {
    home s;
    s.go_away(1);
    s.enter_as(2, "Anna", s.token_of("Anna", "only"));
    s.enter_as(5, "Reader", s.token_of("Anna", "only"));
    s.enter_lobby(3, "Bruno");
    EXPECT_TRUE(joins(s.go(5, lobby.name)));
    EXPECT_EQ(find<parted>(s.stay_away(5, lobby.name)).reason, "") << "a last word is a word";
    EXPECT_EQ(find<left>(s.go_away(5)).reason, "");
    EXPECT_EQ(why_account(s.run(set_account{session(2), std::nullopt})), account_refusal::may_only_listen)
        << "or it could speak by this nick";
    EXPECT_TRUE(has<account_set>(s.identify(2, "Anna"))) << "by a password of the same account";
    s.go(2, lobby.name);
    EXPECT_TRUE(speaks(s.speak(2, "x")));
}

TEST(listeners, are_listeners_after_save_and_load) {
    listening s;
    s.chat = std::move(state::load(usual(), s.chat.save()).value());
    EXPECT_EQ(why(s.speak(2, "x")), refusal::may_only_listen);
    EXPECT_EQ(s.chat.broken_invariant(), "");
}

}  // namespace
}  // namespace brusio::chat::test
