// What survives: what the store is given and gives back.
#include <gtest/gtest.h>

#include "chat/dice_test.hpp"
#include "chat/shelf_test.hpp"

namespace brusio::chat::test {
namespace {

// ── after a crash ───────────────────────────────────────────────────────────────────────────────────────────────────

TEST(a_restart, knows_accounts_by_all_they_are_known_by) {
    remembered s;
    s.found("Anna", {password(), token("t1"), certificate("c1"), token("only", true)});
    s.enter_as(1, "Anna");
    s.change(1, account_change::group, "Zoe");
    s.found("Bruno");
    s.rule_account(account_change::suspend, "Bruno", "spam");
    s.found("Carla");
    s.rule_account(account_change::drop, "Carla");
    auto gone = token("t1");
    gone.gone = true;
    s.run(change_credential{session(1), std::nullopt, gone});
    const auto before = s.proof_of("Anna");
    s.crash();
    EXPECT_EQ(s.chat.users(), 0U);
    EXPECT_EQ(s.proof_of("Anna"), before);
    EXPECT_EQ(only<log_in_refused>(s.enter(2, "zoe"))->why, name_refusal::registered);
    EXPECT_EQ(only<log_in_refused>(s.enter(2, "\u0410nna"))->why, name_refusal::looks_like_another);
    EXPECT_EQ(find<not_let_in>(s.enter_as(2, "Bruno")).reason, "spam");
    EXPECT_TRUE(find<not_let_in>(s.enter_as(2, "Anna", s.token_of("Anna", "t1"))).bad_account);
    EXPECT_EQ(s.chat.find_account_by_certificate("c1")->name.name, "Anna");
    EXPECT_TRUE(has<logged_in>(s.enter(3, "Carla")));
    EXPECT_TRUE(has<logged_in>(s.enter_as(1, "Anna", s.proof_of("Anna", credential_kind::certificate, "c1"))));
    EXPECT_TRUE(has<logged_in>(s.enter_as(4, "Anna", s.token_of("Anna", "only"))));
    EXPECT_EQ(why(s.whisper(4, "Carla", "x")), refusal::may_only_listen);
}

TEST(a_restart, gives_no_number_again) {
    remembered s;
    s.enter_lobby(1, "Anna");
    const auto last = find<said>(s.run(say{session(1), lobby, 0, text("x")})).id;
    s.crash();
    s.now_ms = 0;  // the clock went back
    s.enter(1, "Anna");
    EXPECT_GT(s.user(1).value, last.value);
    s.go(1, lobby.name);
    EXPECT_GT(find<said>(s.speak(1, "x")).id, last);
    EXPECT_GE(find<said>(s.speak(1, "x")).at_ms, 1'000);
}

TEST(a_restart, the_lobby_is_the_same) {
    remembered s;
    s.enter_lobby(1, "Anna");
    s.enter_operator(2, "Olga");
    s.run(set_topic{session(2), lobby, "welcome"});
    s.mode(2, lobby.name, "+mb", {"x!*@*"});
    s.crash();
    const auto all = s.enter_lobby(1, "Anna");
    EXPECT_EQ(find<joined>(all).channel, lobby_id);
    EXPECT_EQ(find<topic_is>(all).now.text, "welcome");
    EXPECT_EQ(find<list_is>(s.run(ask_list{session(1), lobby, 'b'})).entries.size(), 1U);
}

TEST(a_restart, with_another_lobby_keeps_what_the_old_one_was) {
    remembered s;
    s.enter_lobby(1, "Anna");
    s.run(say{session(1), lobby, 0, text("x")});
    const auto old = lobby_id;
    s.options_.lobby = room("#atrio");
    s.crash();
    const auto all = s.enter_into(1, "Anna", "#piazza");
    EXPECT_NE(find<joined>(all).channel, old) << "what was said there is not for whoever takes the name";
    for (const auto& r : records<channel_record>(all)) EXPECT_FALSE(r.id == old && r.gone);
    s.go_away(1);
    s.options_.lobby = lobby;
    s.crash();
    EXPECT_EQ(find<joined>(s.enter_lobby(1, "Anna")).channel, old);
}

TEST(a_restart, registered_channels_are_there_with_all_they_are) {
    remembered s;
    s.found("Anna");
    s.found("Bruno");
    s.enter_as(1, "Anna");
    s.go(1, "#club");
    s.registration(1, "#club", registration_change::add);
    s.registration(1, "#club", registration_change::access, "Bruno", half_operator);
    s.mode(1, "#club", "+kl", {"key", "5"});
    s.run(set_topic{session(1), room("#club"), "welcome"});
    s.run(change_registration{session(1), room("#club"), registration_change::history, std::nullopt, 0,
                              history_policy::off});
    const auto id = s.id("#club");
    s.crash(1'000'000'000);
    s.enter_as(2, "Bruno");
    const auto all = s.go(2, "#club");  // as half_operator, without the key
    EXPECT_EQ(find<joined>(all).channel, id);
    EXPECT_EQ(find<joined>(all).given, half_operator);
    EXPECT_EQ(find<topic_is>(all).now.text, "welcome");
    EXPECT_TRUE(has<past_refused>(s.past(2, "#club")));
    s.enter(3, "Zoe");
    EXPECT_EQ(why(s.go(3, "#club")), refusal::wrong_key);
    EXPECT_EQ(
        why(s.run(join{session(3), room("#cIub"), {}, false, false, {base::channel_look("#\u0441lub"), {}, false}})),
        refusal::channel_looks_like_another);
}

TEST(a_restart, an_unregistered_channel_waits_for_the_accounts_that_were_in_it) {
    remembered s;
    s.found("Anna");
    s.found("Bruno");
    s.enter_as(1, "Anna");
    s.enter_as(2, "Bruno");
    s.enter(3, "Carla");
    for (const auto n : {1U, 2U, 3U}) s.go(n, "#bar");
    s.mode(1, "#bar", "+v", {"Bruno"});
    const auto heard = find<said>(s.run(say{session(1), room("#bar"), 0, text("x")})).id;
    const auto id = s.id("#bar");
    s.crash(3'599'999);
    s.enter(3, "Carla");
    EXPECT_EQ(find<joined>(s.go(3, "#bar")).given, 0) << "who had no account is a stranger";
    EXPECT_GT(find<past_granted>(s.past(3, "#bar")).parts.at(0).from, heard);
    s.enter_as(2, "Bruno");
    const auto back = find<joined>(s.go(2, "#bar"));
    EXPECT_EQ(back.channel, id);
    EXPECT_EQ(back.given, voice);
    s.enter_as(1, "Anna");
    EXPECT_EQ(find<joined>(s.go(1, "#bar")).given, channel_operator);
}

TEST(a_restart, an_unregistered_channel_is_forgotten_when_nobody_comes_back_in_time) {
    remembered s;
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.go(1, "#bar");
    s.crash();
    const auto id = s.id("#bar");
    s.run(pass_time{});
    s.now_ms += 3'600'000;
    const auto over = records<channel_record>(s.run(pass_time{}));
    ASSERT_EQ(over.size(), 1U);
    EXPECT_TRUE(over[0].gone && over[0].id == id);
    s.enter(2, "Bruno");
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, channel_operator);
}

TEST(a_restart, a_channel_of_strangers_is_forgotten_at_once) {
    remembered s;
    s.enter_into(1, "Anna", "#bar");
    s.run(say{session(1), room("#bar"), 0, text("x")});
    const auto id = s.id("#bar");
    s.crash();
    const auto all = s.run(pass_time{});
    ASSERT_EQ(records<channel_record>(all).size(), 1U) << "or what was said there would be in the store for ever";
    EXPECT_TRUE(records<channel_record>(all)[0].gone && records<channel_record>(all)[0].id == id);
}

TEST(a_restart, remembers_bans_of_the_server_until_they_end) {
    remembered s;
    s.enter_operator(1, "Olga");
    s.run(change_server_bans{
        session(1), list_action::add, {.what = "x!*@*", .fold = "x!*@*", .reason = "no", .until_ms = 5'000}});
    s.run(change_server_bans{session(1), list_action::add, {.what = "y!*@*", .fold = "y!*@*"}});
    s.run(change_server_bans{session(1), list_action::remove, {.what = "y!*@*", .fold = "y!*@*"}});
    s.crash();
    EXPECT_EQ(find<not_let_in>(s.enter(2, "x")).reason, "no");
    EXPECT_TRUE(has<logged_in>(s.enter(3, "y")));
    s.now_ms += 5'000;
    EXPECT_TRUE(s.chat.is_due(s.now_ms));
    const auto all = s.run(pass_time{});
    ASSERT_EQ(records<ban_record>(all).size(), 1U);
    EXPECT_TRUE(records<ban_record>(all)[0].gone);
    EXPECT_TRUE(has<logged_in>(s.enter(2, "x")));
    EXPECT_TRUE(records<ban_record>(s.run(pass_time{})).empty());
}

TEST(a_restart, remembers_that_a_ban_has_ended_while_nobody_looked) {
    remembered s;
    s.enter_operator(1, "Olga");
    s.run(change_server_bans{session(1), list_action::add, {.what = "x!*@*", .fold = "x!*@*", .until_ms = 5'000}});
    s.now_ms += 6'000;
    s.enter(2, "x");  // which drops it
    EXPECT_EQ(records<ban_record>(s.run(pass_time{})).size(), 1U);
}

TEST(a_restart, remembers_markers) {
    remembered s;
    s.found("Anna");
    s.enter_as(1, "Anna");
    s.run(mark_read{session(1), {lobby, {}}, 500});
    s.run(mark_read{session(1), {std::nullopt, nick("bruno")}, 600});
    s.crash();
    s.enter_as(1, "Anna");
    EXPECT_EQ(find<marker_is>(s.go(1, lobby.name)).at_ms, 500);
    EXPECT_EQ(find<marker_is>(s.run(mark_read{session(1), {std::nullopt, nick("bruno")}, {}})).at_ms, 600);
}

// ── the property ────────────────────────────────────────────────────────────────────────────────────────────────────

// What of a state must survive, in an order that does not depend on how it came about.
memory lasting(const picture& p) {
    memory m;
    for (const auto& a : p.accounts) {
        m.accounts.push_back(a.kept);
        m.credentials.insert(m.credentials.end(), a.credentials.begin(), a.credentials.end());
        for (const auto& one : a.markers) m.markers.push_back({a.kept.id, one.target_fold, one.at_ms});
        for (const auto& v : a.metadata) m.metadata.push_back({a.kept.id, {}, v.key, false, v.value});
    }
    for (const auto& c : p.channels) {
        for (const auto& s : c.seats) m.seats.push_back({c.id, s.account, false, s.has, s.since, s.out});
        // Of others the store need not know.
        if (!c.stored) continue;
        m.channels.push_back({.id = c.id,
                              .name = c.name,
                              .permanent = c.permanent,
                              .founder = c.founder,
                              .created_ms = c.created_ms,
                              .registered_ms = c.registered_ms,
                              .flags = c.flags,
                              .key = c.key,
                              .limit = c.limit,
                              .slow_seconds = c.slow_seconds,
                              .now = c.now,
                              .history = c.history,
                              .keep_ms = c.keep_ms,
                              .bans = c.bans,
                              .exceptions = c.exceptions,
                              .invited = c.invited,
                              .access = c.access,
                              .topic_account = c.topic_account});
        if (!c.permanent && !c.founder) continue;
        for (const auto& v : c.metadata) m.metadata.push_back({{}, c.id, v.key, false, v.value});
    }
    m.bans = p.server_bans;
    std::ranges::sort(m.credentials, {}, [](const auto& c) { return std::tuple(c.account, c.kind, c.id); });
    std::ranges::sort(m.bans, {}, [](const auto& b) { return std::tuple(b.kind, b.fold); });
    return m;
}

class what_is_remembered : public testing::TestWithParam<unsigned> {};

TEST_P(what_is_remembered, is_all_that_lasts) {
    auto options = usual(true);
    options.grace_ms = 60'000;
    dice d(GetParam());
    state chat(options);
    shelf kept;
    std::set<message_id> unanswered;
    std::int64_t last_ms = 0;
    int compared = 0;
    for (int step = 0; step < 12'000; ++step) {
        auto c = d.roll(unanswered, chat);
        // The store is well: what is not, other tests are about.
        if (std::holds_alternative<store_answer>(c.what)) continue;
        effects out;
        last_ms = std::max(last_ms, c.at_ms);
        chat.apply(c, out);
        kept.take(out);
        if (step % 500 != 499) continue;
        ++compared;
        effects unseen;
        chat.apply({.at_ms = last_ms, .what = pass_time{}}, unseen);  // bans that have ended
        kept.take(unseen);
        const state again(options, kept.as_memory(last_ms));
        ASSERT_EQ(again.broken_invariant(), "") << "at step " << step;
        const auto ran = lasting(picture_of(chat));
        const auto back = lasting(picture_of(again));
        ASSERT_EQ(back.accounts, ran.accounts) << "at step " << step;
        ASSERT_EQ(back.credentials, ran.credentials) << "at step " << step;
        ASSERT_EQ(back.markers, ran.markers) << "at step " << step;
        ASSERT_EQ(back.metadata, ran.metadata) << "at step " << step;
        ASSERT_EQ(back.seats, ran.seats) << "at step " << step;
        ASSERT_EQ(back.channels, ran.channels) << "at step " << step;
        ASSERT_EQ(back.bans, ran.bans) << "at step " << step;
    }
    EXPECT_GT(compared, 20);
}

INSTANTIATE_TEST_SUITE_P(seeds, what_is_remembered, testing::Values(11, 12, 13, 14, 15, 16));

}  // namespace
}  // namespace brusio::chat::test
