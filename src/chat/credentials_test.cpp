// By what accounts are known, and what ends that.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

bool is_let_in(const effects& all) { return has<logged_in>(all); }
std::optional<name_refusal> why_name(const effects& all) {
    const auto* l = only<log_in_refused>(all);
    return l == nullptr ? std::nullopt : std::optional(l->why);
}

// ── suspending ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(suspending, ends_all_sessions_and_all_ways_in) {
    scene s;
    s.found("Anna", {password(), token("t1"), certificate("c1")});
    s.enter_as(1, "Anna");
    s.enter_as(2, "Anna");
    s.enter_as(3, "Other", s.token_of("Anna", "t1"));
    s.enter_operator(4, "Olga");
    const auto shown_before = s.proof_of("Anna");
    const auto all = s.run(change_account{session(4), nick("anna"), account_change::suspend, std::nullopt, "spam"});
    EXPECT_EQ(deed_of(all), deed::account_suspended);
    EXPECT_EQ(all_of<ended>(all).size(), 3U);
    EXPECT_EQ(all_of<ended>(all).front().why, end_cause::suspended);
    EXPECT_EQ(s.chat.users(), 1U);
    for (const auto& p : {s.proof_of("Anna"), s.token_of("Anna", "t1"),
                          s.proof_of("Anna", credential_kind::certificate, "c1"), shown_before}) {
        const auto refused = find<not_let_in>(s.enter_as(5, "Anna", p));
        EXPECT_TRUE(refused.bad_account);
        EXPECT_EQ(refused.reason, "spam");
        EXPECT_EQ(why_account(s.run(set_account{session(4), p})), account_refusal::suspended);
    }
    EXPECT_EQ(why_name(s.enter(5, "Anna")), name_refusal::registered) << "the name stays reserved";
    EXPECT_EQ(deed_of(s.run(change_account{session(4), nick("anna"), account_change::unsuspend})),
              deed::account_unsuspended);
    EXPECT_TRUE(find<not_let_in>(s.enter_as(5, "Anna", shown_before)).bad_account) << "shown before it was suspended";
    EXPECT_TRUE(is_let_in(s.enter_as(5, "Anna")));
}

TEST(suspending, is_for_operators_and_oneself_goes_last) {
    scene s;
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.enter(2, "Bruno");
    const change_account c{session(2), nick("anna"), account_change::suspend, std::nullopt, "x"};
    EXPECT_EQ(why_account(s.run(c)), account_refusal::needs_management);
    s.rule(1);
    s.enter_as(3, "Anna");
    s.enter_as(4, "Other", s.proof_of("Anna"));
    const auto all = s.run(change_account{session(1), nick("anna"), account_change::suspend});
    std::vector<session_id> order;
    for (const auto& l : all_of<left>(all)) order.push_back(l.session);
    EXPECT_EQ(order, (std::vector{session(4), session(3), session(1)})) << "no effect may name who has left";
}

effects change_of(scene& s, std::uint64_t n, credential_record what, bool end_others = false) {
    return s.run(change_credential{session(n), std::nullopt, std::move(what), end_others});
}

// ── erasing what was said ───────────────────────────────────────────────────────────────────────────────────────────

TEST(erasing, is_for_oneself_and_operators) {
    scene s;
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.enter(2, "Bruno");
    const auto forget = [&](std::uint64_t by) {
        return s.run(change_account{session(by), nick("anna"), account_change::forget});
    };
    EXPECT_EQ(why_account(forget(2)), account_refusal::needs_management);
    EXPECT_EQ(deed_of(forget(1)), deed::account_forgotten);
    s.rule(2);
    EXPECT_EQ(deed_of(forget(2)), deed::account_forgotten);
    EXPECT_EQ(why_account(s.run(change_account{session(2), nick("zoe"), account_change::forget})),
              account_refusal::no_such_account);
}

TEST(erasing, takes_ones_topics_also_when_the_account_is_dropped) {
    scene s(usual(true));
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.enter(2, "Bruno");
    for (const auto* name : {"#a", "#b", "#c"}) {
        s.go(1, name);
        s.run(set_topic{session(1), room(name), "hers"});
        s.go(2, name);
    }
    s.mode(1, "#b", "-t");
    s.run(set_topic{session(2), room("#b"), "his"});
    const auto id = s.chat.find_account("anna")->id;
    s.run(change_account{session(1), std::nullopt, account_change::drop});
    const auto all =
        s.run(change_account{.session = administrator, .what = account_change::forget, .number = id.value});
    ASSERT_EQ(all_of<topic_changed>(all).size(), 2U);
    for (const auto& e : all_of<topic_changed>(all)) EXPECT_EQ(e.text, "");
    EXPECT_EQ(deed_of(all), deed::account_forgotten);
    EXPECT_EQ(records<channel_record>(all).size(), 2U);
    EXPECT_EQ(find<topic_is>(s.run(ask_topic{session(2), room("#b")})).now.text, "his");
    EXPECT_TRUE(all_of<topic_changed>(
                    s.run(change_account{.session = administrator, .what = account_change::forget, .number = id.value}))
                    .empty());
    EXPECT_EQ(
        why_account(s.run(change_account{.session = session(2), .what = account_change::forget, .number = id.value})),
        account_refusal::not_logged_in)
        << "numbers are the administrator's";
}

// ── from where one comes ────────────────────────────────────────────────────────────────────────────────────────────

TEST(places, are_kept_with_the_account_and_bounded) {
    scene s(usual(true));
    s.found("Anna");
    const auto id = s.chat.find_account("anna")->id;
    EXPECT_EQ(records<account_record>(s.run(note_place{id, "home"})).front().known_from,
              std::vector<std::string>{"home"});
    EXPECT_EQ(s.run(note_place{id, "home"}), effects{}) << "nothing new";
    EXPECT_EQ(s.run(note_place{{999}, "home"}), effects{});
    for (int i = 0; i < 16; ++i) s.run(note_place{id, std::to_string(i)});
    EXPECT_EQ(s.chat.find_account(id)->known_from.size(), known_places_max);
    EXPECT_EQ(s.chat.find_account(id)->known_from.front(), "0");
    s.enter_as(1, "Anna");
    change_of(s, 1, password());
    EXPECT_FALSE(s.chat.find_account(id)->known_from.empty()) << "of the owner's own doing";
    s.run(change_credential{administrator, nick("Anna"), password()});
    EXPECT_TRUE(s.chat.find_account(id)->known_from.empty()) << "maybe because somebody else knows the old one";
}

// ── by what one is known ────────────────────────────────────────────────────────────────────────────────────────────

TEST(credentials, a_new_password_ends_what_was_shown_before) {
    scene s(usual(true));
    s.found("Anna");
    s.enter_as(1, "Anna");
    const auto before = s.proof_of("Anna");
    const auto all = change_of(s, 1, password());
    EXPECT_EQ(deed_of(all), deed::password_changed);
    EXPECT_EQ(records<account_record>(all).front().epoch, before.epoch + 1);
    EXPECT_TRUE(find<not_let_in>(s.enter_as(2, "Anna", before)).bad_account);
    s.enter(3, "Zoe");
    EXPECT_EQ(why_account(s.run(set_account{session(3), before})), account_refusal::proof_too_old);
    EXPECT_TRUE(is_let_in(s.enter_as(2, "Anna")));
}

TEST(credentials, a_new_password_ends_others_when_asked_to) {
    scene s;
    s.found("Anna", {password(), token("t1")});
    s.enter_as(1, "Anna");
    s.enter_as(2, "Anna");
    s.enter_as(3, "Anna", s.token_of("Anna", "t1"));
    const auto all = change_of(s, 1, password(), true);
    ASSERT_EQ(all_of<ended>(all).size(), 1U) << "who came by the old password, but for who changes it";
    EXPECT_EQ(all_of<left>(all).front().session, session(2));
    EXPECT_EQ(all_of<ended>(all).front().why, end_cause::logged_out);
}

TEST(credentials, revoked_and_expired_ones_do_not_count) {
    scene s(usual(true));
    s.found("Anna");
    s.enter_as(1, "Anna");
    auto soon = token("soon");
    soon.expires_ms = 500;
    EXPECT_EQ(deed_of(change_of(s, 1, token("t1"))), deed::credential_added);
    const auto added = change_of(s, 1, soon);
    EXPECT_EQ(records<credential_record>(added).front().expires_ms, s.now_ms + 500);
    EXPECT_EQ(deed_of(change_of(s, 1, certificate("c1"))), deed::credential_added);
    const auto by_certificate = s.proof_of("Anna", credential_kind::certificate, "c1");
    EXPECT_TRUE(is_let_in(s.enter_as(2, "Zoe", s.token_of("Anna", "t1"))));
    EXPECT_TRUE(is_let_in(s.enter_as(3, "Zoe2", s.token_of("Anna", "soon"))));
    EXPECT_TRUE(is_let_in(s.enter_as(4, "Zoe3", by_certificate)));
    s.now_ms += 500;
    EXPECT_TRUE(find<not_let_in>(s.enter_as(5, "Zoe4", s.token_of("Anna", "soon"))).bad_account);
    auto gone = token("t1");
    gone.gone = true;
    const auto all = change_of(s, 1, gone, true);
    EXPECT_EQ(deed_of(all), deed::credential_removed);
    EXPECT_EQ(find<left>(all).session, session(2));
    EXPECT_TRUE(find<not_let_in>(s.enter_as(5, "Zoe4", s.token_of("Anna", "t1"))).bad_account);
    EXPECT_EQ(why_account(change_of(s, 1, gone)), account_refusal::no_such_credential);
    auto no_more = certificate("c1");
    no_more.gone = true;
    change_of(s, 1, no_more);
    EXPECT_TRUE(find<not_let_in>(s.enter_as(5, "Zoe4", by_certificate)).bad_account);
    EXPECT_TRUE(s.chat.is_due(s.now_ms));
    const auto over = s.run(pass_time{});
    ASSERT_EQ(records<credential_record>(over).size(), 1U) << "what has expired is removed";
    EXPECT_TRUE(records<credential_record>(over).front().gone);
    EXPECT_EQ(records<credential_record>(over).front().id, "soon");
    EXPECT_FALSE(s.chat.is_due(s.now_ms));
}

TEST(credentials, are_ones_own_or_the_administrators_to_change_and_bounded) {
    scene s;
    s.found("Anna");
    s.found("Bruno", {password(), certificate("c1")});
    s.enter_as(1, "Anna");
    s.enter_operator(2, "Olga");
    for (const auto n : {1U, 2U}) {
        EXPECT_EQ(why_account(s.run(change_credential{session(n), nick("bruno"), password()})),
                  account_refusal::needs_management);
    }
    EXPECT_EQ(deed_of(s.run(change_credential{administrator, nick("bruno"), password()})), deed::password_changed);
    EXPECT_EQ(why_account(change_of(s, 1, certificate("c1"))), account_refusal::credential_in_use);
    EXPECT_EQ(why_account(change_of(s, 2, token("t"))), account_refusal::not_logged_in);
    for (int i = 1; i < 30; ++i) change_of(s, 1, token("t" + std::to_string(i)));
    EXPECT_EQ(why_account(change_of(s, 1, token("t30"))), account_refusal::too_many);
    auto wordy = token("t1");
    wordy.label = std::string(99, 'x') + "\u00E8" + std::string(1'000, 'x');
    wordy.expires_ms = std::numeric_limits<std::int64_t>::max();
    change_of(s, 1, wordy);
    const auto is = find<account_is>(s.run(ask_account{session(1), std::nullopt, account_question::credentials}));
    EXPECT_EQ(is.credentials.back().label, std::string(99, 'x')) << "cut, but not inside a character";
    EXPECT_GT(is.credentials.back().expires_ms, s.now_ms);
}

// ── logging in and out later ────────────────────────────────────────────────────────────────────────────────────────

TEST(set_account, logs_in_out_and_over) {
    scene s;
    s.found("Anna");
    s.found("Bruno");
    s.enter_lobby(1, "Zoe");
    EXPECT_EQ(why_account(s.run(set_account{session(1), std::nullopt})), account_refusal::not_logged_in);
    EXPECT_EQ(find<account_set>(s.identify(1, "Anna")).who.account, "Anna");
    EXPECT_EQ(find<account_set>(s.identify(1, "Bruno")).who.account, "Bruno");
    EXPECT_EQ(find<account_set>(s.run(set_account{session(1), std::nullopt})).who.account, "");
    EXPECT_EQ(why_account(s.run(set_account{session(1), proof{{99}, {}, {}, 1}})), account_refusal::no_such_account);
    auto old = s.proof_of("Anna");
    ++old.epoch;
    EXPECT_EQ(why_account(s.run(set_account{session(1), old})), account_refusal::proof_too_old);
}

TEST(set_account, one_of_several_clients_does_not_take_the_others_along) {
    scene s;
    s.found("Anna");
    s.found("Bruno");
    s.enter_as(1, "Anna");
    s.enter_as(2, "Anna");
    EXPECT_EQ(why_account(s.identify(2, "Bruno")), account_refusal::already_logged_in);
    EXPECT_EQ(why_account(s.run(set_account{session(2), std::nullopt})), account_refusal::already_logged_in);
    EXPECT_TRUE(has<account_set>(s.identify(2, "Anna"))) << "again as the same";
    s.go_away(1);
    EXPECT_EQ(find<account_set>(s.identify(2, "Bruno")).who.account, "Bruno");
}

TEST(set_account, is_no_way_around_bans) {
    scene s;
    s.found("Anna");
    s.enter_operator(1, "Olga");
    s.run(change_server_bans{session(1),
                             list_action::add,
                             {.kind = ban_kind::account, .what = "anna", .fold = "anna", .reason = "because"}});
    s.enter(2, "Zoe");
    const auto all = s.identify(2, "Anna");
    EXPECT_EQ(why_account(all), account_refusal::suspended);
    EXPECT_EQ(find<account_refused>(all).detail, "because");
    EXPECT_TRUE(has<not_let_in>(s.enter_as(3, "Anna")));
}

TEST(set_account, who_was_let_in_for_their_account_keeps_it) {
    scene s;
    s.found("Anna");
    s.run(set_rules{{.required = true}});
    EXPECT_TRUE(find<not_let_in>(s.enter(1, "Zoe")).need_account);
    s.enter_as(1, "Anna");
    EXPECT_EQ(why_account(s.run(set_account{session(1), std::nullopt})), account_refusal::account_needed);
    s.run(set_rules{{.required = false}});
    EXPECT_TRUE(has<account_set>(s.run(set_account{session(1), std::nullopt})));
    s.identify(1, "Anna");
    s.enter_operator(2, "Olga");
    s.run(change_server_bans{session(2),
                             list_action::add,
                             {.what = "*!*@192.0.2.1", .fold = "*!*@192.0.2.1", .action = ban_action::need_account}});
    EXPECT_EQ(why_account(s.run(set_account{session(1), std::nullopt})), account_refusal::account_needed);
}

// ── dropping ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(dropping, frees_the_names_and_leaves_one_session_without_an_account) {
    scene s(usual(true));
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.enter_as(2, "Anna");
    s.change(1, account_change::group, "Zoe");
    const auto all = s.change(2, account_change::drop);
    EXPECT_EQ(deed_of(all), deed::account_dropped);
    EXPECT_TRUE(records<account_record>(all).front().gone);
    EXPECT_EQ(find<left>(all).session, session(1)) << "who did not ask";
    EXPECT_EQ(find<account_set>(all).who.account, "");
    EXPECT_EQ(s.chat.find_account("anna"), nullptr);
    EXPECT_TRUE(is_let_in(s.enter(3, "Zoe")));
    EXPECT_EQ(why_account(s.rule_account(account_change::drop, "Anna")), account_refusal::no_such_account);
}

TEST(dropping, another_account_of_that_name_is_another) {
    scene s;
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.run(mark_read{session(1), {lobby, {}}, 500});
    const auto before = s.proof_of("Anna");
    s.change(1, account_change::drop);
    s.go_away(1);
    s.found("Anna");
    EXPECT_TRUE(find<not_let_in>(s.enter_as(1, "Anna", before)).bad_account);
    s.enter_as(1, "Anna");
    EXPECT_EQ(find<marker_is>(s.run(mark_read{session(1), {lobby, {}}, {}})).at_ms, 0);
}

// ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(ask_account, tells_others_only_that_it_is_there) {
    scene s;
    register_account c{.session = administrator,
                       .name = who("Anna"),
                       .email = "anna@example.org",
                       .credentials = {password(), token("t1")}};
    c.credentials[1].label = "phone";
    s.run(c);
    s.enter_as(1, "Anna", s.token_of("Anna", "t1"));
    s.enter_as(2, "Other", s.proof_of("Anna"));
    s.enter(3, "Bruno");
    const auto others = find<account_is>(s.run(ask_account{session(3), nick("anna")}));
    EXPECT_FALSE(others.owner);
    EXPECT_TRUE(others.present);
    EXPECT_EQ(others.account.email, "");
    EXPECT_TRUE(others.account.nicks.empty() && others.sessions.empty() && others.credentials.empty());
    for (const auto what : {account_question::sessions, account_question::credentials}) {
        EXPECT_EQ(why_account(s.run(ask_account{session(3), nick("anna"), what})), account_refusal::needs_management);
    }
    const auto own = find<account_is>(s.run(ask_account{session(1)}));
    EXPECT_EQ(own.account.email, "anna@example.org");
    ASSERT_EQ(own.sessions.size(), 2U);
    EXPECT_EQ(own.sessions[0].credential, "phone");
    EXPECT_TRUE(own.sessions[0].own);
    EXPECT_EQ(own.sessions[1].credential, "password");
    EXPECT_EQ(own.sessions[1].address, "192.0.2.2");
    s.rule(3);
    EXPECT_EQ(
        find<account_is>(s.run(ask_account{session(3), nick("anna"), account_question::sessions})).sessions.size(), 2U);
    const change_account end{session(1), std::nullopt, account_change::end_session, {}, {}, own.sessions[1].number};
    EXPECT_EQ(find<left>(s.run(end)).session, session(2));
    EXPECT_EQ(why_account(s.run(end)), account_refusal::no_such_session);
}

TEST(ask_accounts, is_for_the_administrator_in_slices) {
    scene s;
    for (const auto* name : {"Bruno", "Anna", "Carla"}) s.found(name);
    s.enter_operator(1, "Olga");
    EXPECT_EQ(s.run(ask_accounts{.session = session(1)}), effects{});
    const auto first_two = find<accounts_are>(s.run(ask_accounts{.session = administrator, .limit = 2}));
    ASSERT_EQ(first_two.accounts.size(), 2U);
    EXPECT_EQ(first_two.accounts[0].name.name, "Anna");
    EXPECT_TRUE(first_two.more);
    const auto rest = find<accounts_are>(s.run(first_two.asked));
    ASSERT_EQ(rest.accounts.size(), 1U);
    EXPECT_EQ(rest.accounts[0].name.name, "Carla");
    EXPECT_FALSE(rest.more);
    EXPECT_EQ(find<accounts_are>(s.run(ask_accounts{.session = administrator, .mask = "*a"})).accounts.size(), 2U);
}

}  // namespace
}  // namespace brusio::chat::test
