// Accounts: who may register one, and which names are whose.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t day = 24 * hour;

bool is_let_in(const effects& all) { return has<logged_in>(all); }
std::string account_of(const effects& all) { return find<logged_in>(all).who.account; }
std::optional<name_refusal> why_name(const effects& all) {
    if (const auto* l = only<log_in_refused>(all)) return l->why;
    const auto* r = only<rename_refused>(all);
    return r == nullptr ? std::nullopt : std::optional(r->why);
}
register_account asks(session_id s, std::string_view name, bool before_log_in = false) {
    return {.session = s,
            .before_log_in = before_log_in,
            .name = who(name),
            .nick_fold = base::fold(name),
            .credentials = {password()}};
}

// ── registering ─────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(registering, makes_the_user_the_owner) {
    scene s(usual(true));
    s.enter_lobby(1, "Anna");
    s.enter_lobby(2, "Bruno");
    const auto all = s.sign_up(1, "Anna");
    EXPECT_EQ(deed_of(all), deed::account_registered);
    EXPECT_EQ(find<done>(all).name, "Anna");
    const auto& told = find<account_set>(all);
    EXPECT_EQ(told.who.account, "Anna");
    EXPECT_EQ(told.channels, std::vector{lobby_id});
    ASSERT_EQ(records<account_record>(all).size(), 1U);
    EXPECT_EQ(records<account_record>(all).front().nicks, std::vector{who("Anna")});
    ASSERT_EQ(records<credential_record>(all).size(), 1U);
    EXPECT_EQ(records<credential_record>(all).front().secret, "hash");
    EXPECT_EQ(find<said>(s.speak(1, "x")).who.account, "Anna");
    EXPECT_EQ(why_account(s.sign_up(1, "Other")), account_refusal::already_logged_in);
}

TEST(registering, the_record_comes_before_what_shows_it_and_has_its_number) {
    scene s(usual(true));
    s.enter(1, "Anna");
    const auto all = s.sign_up(1, "Anna");
    message_id kept;
    for (const auto& e : all) {
        if (const auto* r = std::get_if<remember>(&e);
            r != nullptr && std::holds_alternative<account_record>(r->what)) {
            kept = r->id;
        }
        if (const auto* d = std::get_if<done>(&e)) EXPECT_EQ(d->id, kept);
    }
    EXPECT_TRUE(kept);
}

TEST(registering, chat_keeps_no_secret) {
    scene s;
    s.enter(1, "Anna");
    s.sign_up(1, "Anna");
    EXPECT_EQ(s.chat.save().find("hash"), std::string::npos);
}

TEST(registering, another_name_than_ones_nick) {
    scene s;
    s.enter(1, "Anna");
    EXPECT_EQ(deed_of(s.sign_up(1, "Zoe")), deed::account_registered);
    EXPECT_EQ(why_name(s.enter(2, "zoe")), name_refusal::registered);
}

TEST(registering, before_the_log_in) {
    scene s;
    const auto all = s.run(asks(session(1), "Anna", true));
    EXPECT_EQ(deed_of(all), deed::account_registered);
    EXPECT_FALSE(has<account_set>(all));
    EXPECT_EQ(s.chat.sessions(), 0U);
    EXPECT_EQ(account_of(s.enter_as(1, "Anna")), "Anna");
    s.run(set_rules{{.before_log_in = false}});
    EXPECT_EQ(why_account(s.run(asks(session(2), "Zoe", true))), account_refusal::not_before_log_in);
    EXPECT_EQ(s.run(asks(session(2), "Zoe")), effects{}) << "who is nobody, and does not say so";
}

TEST(registering, a_name_that_somebody_uses_is_taken) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    EXPECT_EQ(why_account(s.sign_up(2, "anna")), account_refusal::account_exists) << "as a nick";
    EXPECT_EQ(why_account(s.run(asks(session(3), "ANNA", true))), account_refusal::account_exists);
    EXPECT_EQ(why_account(s.sign_up(2, "\u0410nna")), account_refusal::account_exists) << "looks like one";
    EXPECT_EQ(why_account(s.found("Anna")), account_refusal::account_exists) << "the administrator, too";
    s.sign_up(1, "Anna");
    s.call(1, "Other");
    EXPECT_EQ(why_account(s.sign_up(2, "anna")), account_refusal::account_exists) << "as an account";
    EXPECT_EQ(why_account(s.sign_up(2, "\u0410nna")), account_refusal::account_exists);
    EXPECT_EQ(why_account(s.sign_up(2, "brusio.localhost")), account_refusal::name_not_allowed);
    EXPECT_EQ(why_account(s.sign_up(2, "brusi\u043E.localhost")), account_refusal::account_exists);
}

TEST(registering, is_closed_by_the_servers_rules_but_for_its_administrator) {
    scene s;
    s.run(set_rules{{.registration = false}});
    s.enter(1, "Anna");
    EXPECT_EQ(why_account(s.sign_up(1, "Anna")), account_refusal::registration_is_closed);
    EXPECT_EQ(why_account(s.run(asks(session(2), "Zoe", true))), account_refusal::registration_is_closed);
    EXPECT_EQ(deed_of(s.found("Zoe")), deed::account_registered);
}

TEST(registering, a_certificate_has_one_owner) {
    scene s;
    s.found("Anna", {password(), certificate("c1")});
    EXPECT_EQ(why_account(s.found("Bruno", {certificate("c1")})), account_refusal::credential_in_use);
    EXPECT_EQ(s.chat.find_account_by_certificate("c1")->name.name, "Anna");
    EXPECT_EQ(s.chat.find_account_by_certificate("c2"), nullptr);
    s.rule_account(account_change::drop, "Anna");
    EXPECT_EQ(s.chat.find_account_by_certificate("c1"), nullptr);
    EXPECT_EQ(deed_of(s.found("Bruno", {certificate("c1")})), deed::account_registered);
}

// ── with a code ─────────────────────────────────────────────────────────────────────────────────────────────────────

struct unproved : scene {
    unproved() : scene(usual(true)) {
        enter(1, "Anna");
        auto c = asks(session(1), "Anna");
        c.email = "anna@example.org";
        c.code = "code";
        first_answer = run(c);
    }
    effects verify(std::uint64_t n, std::string_view code, bool before = false) {
        return run(verify_account{session(n), before, nick("anna"), std::string(code)});
    }
    effects first_answer;
};

TEST(a_code, has_to_be_shown_before_the_account_counts) {
    unproved s;
    EXPECT_EQ(deed_of(s.first_answer), deed::account_needs_code);
    EXPECT_FALSE(has<account_set>(s.first_answer));
    EXPECT_TRUE(find<not_let_in>(s.enter_as(2, "Other", s.proof_of("Anna"))).bad_account);
    EXPECT_EQ(why_account(s.identify(1, "Anna")), account_refusal::no_such_account);
    EXPECT_EQ(why_account(s.verify(1, "wrong")), account_refusal::wrong_code);
    const auto all = s.verify(1, "code");
    EXPECT_EQ(deed_of(all), deed::account_verified);
    EXPECT_EQ(find<account_set>(all).who.account, "Anna");
    EXPECT_EQ(records<account_record>(all).front().code, "");
    EXPECT_EQ(why_account(s.verify(1, "code")), account_refusal::wrong_code) << "only once";
    EXPECT_EQ(why_account(s.verify(1, "")), account_refusal::wrong_code) << "that there is none is no code";
}

TEST(a_code, may_be_shown_before_the_log_in) {
    unproved s;
    s.go_away(1);
    EXPECT_EQ(deed_of(s.verify(9, "code", true)), deed::account_verified);
    EXPECT_EQ(account_of(s.enter_as(1, "Anna")), "Anna");
}

TEST(a_code, of_a_suspended_account_leads_nowhere) {
    unproved s;
    s.rule_account(account_change::suspend, "Anna", "spam");
    EXPECT_FALSE(has<account_set>(s.verify(1, "code")));
}

TEST(a_code, that_nobody_shows_in_a_day_ends_the_account) {
    unproved s;
    EXPECT_EQ(why_name(s.enter(2, "Anna")), name_refusal::taken);
    s.go_away(1);
    EXPECT_EQ(why_name(s.enter(2, "Anna")), name_refusal::registered) << "meanwhile the name waits";
    s.now_ms += day - 1;
    EXPECT_FALSE(s.chat.is_due(s.now_ms));
    s.run(pass_time{});
    EXPECT_NE(s.chat.find_account("anna"), nullptr);
    s.now_ms += 1;
    EXPECT_TRUE(s.chat.is_due(s.now_ms));
    const auto all = s.run(pass_time{});
    ASSERT_EQ(records<account_record>(all).size(), 1U);
    EXPECT_TRUE(records<account_record>(all).front().gone) << "or it would be back after a restart";
    EXPECT_EQ(s.chat.find_account("anna"), nullptr);
    EXPECT_TRUE(is_let_in(s.enter(2, "Anna")));
    EXPECT_FALSE(s.chat.is_due(s.now_ms));
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(registered_nicks, are_for_their_owners_alone) {
    scene s;
    s.found("Anna");
    s.found("Bruno");
    EXPECT_EQ(why_name(s.enter(1, "ANNA")), name_refusal::registered);
    EXPECT_EQ(why_name(s.enter(1, "\u0410nna")), name_refusal::looks_like_another);
    EXPECT_EQ(why_name(s.enter_as(1, "Anna", s.proof_of("Bruno"))), name_refusal::registered);
    s.enter(1, "Carla");
    EXPECT_EQ(why_name(s.call(1, "anna")), name_refusal::registered);
    EXPECT_EQ(why_name(s.call(1, "\u0391nna")), name_refusal::looks_like_another);
    EXPECT_EQ(why_name(s.enter_bound(2, "Anna")), name_refusal::registered);
    EXPECT_TRUE(is_let_in(s.enter_as(3, "Anna")));
    s.identify(1, "Bruno");
    EXPECT_TRUE(has<renamed>(s.call(1, "bruno")));
}

TEST(registered_nicks, a_look_alike_is_free_for_who_owns_what_it_looks_like) {
    scene s;
    s.found("Anna");
    EXPECT_TRUE(is_let_in(s.enter_as(1, "\u0410nna", s.proof_of("Anna"))));
}

TEST(registered_nicks, whoever_had_it_before_keeps_it_but_can_be_sent_away) {
    scene s;
    s.enter(1, "Zoe");
    s.enter(2, "Anna");
    s.sign_up(2, "Anna");
    EXPECT_EQ(why_account(s.change(2, account_change::group, "Zoe")), account_refusal::account_exists)
        << "another uses it";
    s.call(1, "Other");
    EXPECT_EQ(deed_of(s.change(2, account_change::group, "Zoe")), deed::nick_grouped);
    EXPECT_EQ(why_name(s.call(1, "Zoe")), name_refusal::registered);
}

TEST(grouping, reserves_up_to_ten_nicks) {
    scene s;
    s.enter(1, "Anna");
    s.sign_up(1, "Anna");
    for (int i = 2; i <= 10; ++i) {
        EXPECT_EQ(deed_of(s.change(1, account_change::group, "Zoe" + std::to_string(i))), deed::nick_grouped);
    }
    const auto all = s.change(1, account_change::group, "Zoe11");
    EXPECT_EQ(why_account(all), account_refusal::too_many);
    EXPECT_EQ(why_name(s.enter(2, "zoe5")), name_refusal::registered);
    EXPECT_EQ(s.chat.find_account("zoe5")->name.name, "Anna");
    EXPECT_EQ(deed_of(s.change(1, account_change::ungroup, "ZOE5")), deed::nick_ungrouped);
    EXPECT_TRUE(is_let_in(s.enter(2, "zoe5")));
    EXPECT_EQ(why_account(s.change(1, account_change::ungroup, "Zoe5")), account_refusal::nick_is_not_yours);
    EXPECT_EQ(why_account(s.change(1, account_change::ungroup, "Anna")), account_refusal::nick_is_the_name);
    EXPECT_EQ(why_account(s.change(1, account_change::group, "zoe5")), account_refusal::account_exists);
}

TEST(grouping, needs_an_account_and_takes_nothing_from_others) {
    scene s;
    s.found("Bruno");
    s.enter(1, "Anna");
    EXPECT_EQ(why_account(s.change(1, account_change::group, "Anna")), account_refusal::not_logged_in);
    s.sign_up(1, "Anna");
    for (const auto* name : {"Bruno", "brun\u043E", "brusio.localhost"}) {
        EXPECT_EQ(why_account(s.change(1, account_change::group, name)), account_refusal::account_exists) << name;
    }
}

TEST(grouping, a_nick_that_another_client_of_the_same_account_has) {
    scene s;
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.enter_as(2, "Anna2", s.proof_of("Anna"));
    EXPECT_EQ(deed_of(s.change(1, account_change::group, "Anna2")), deed::nick_grouped);
}

TEST(ghosts, go_when_the_owner_of_the_nick_asks) {
    scene s;
    s.enter(1, "Zoe");
    s.found("Anna");
    s.enter_as(2, "Anna");
    s.enter_as(3, "Other", s.proof_of("Anna"));
    EXPECT_EQ(why_account(s.change(3, account_change::ghost, "Zoe")), account_refusal::nick_is_not_yours);
    EXPECT_EQ(why_account(s.change(3, account_change::ghost, "Other")), account_refusal::nick_is_not_yours)
        << "oneself";
    EXPECT_EQ(why_account(s.change(3, account_change::ghost, "Nobody")), account_refusal::no_such_nick);
    const auto all = s.change(3, account_change::ghost, "anna");
    EXPECT_EQ(find<done>(all).detail, "Anna");
    EXPECT_EQ(find<ended>(all).why, end_cause::ghosted);
    EXPECT_EQ(find<left>(all).session, session(2));
    EXPECT_TRUE(has<renamed>(s.call(3, "Anna")));
    EXPECT_EQ(why_account(s.change(1, account_change::ghost, "Anna")), account_refusal::not_logged_in);
}

}  // namespace
}  // namespace brusio::chat::test
