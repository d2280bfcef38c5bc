// Always on: people who are there while none of their clients is.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr std::int64_t day = 24 * 3'600'000;

settings with(always_on_policy policy, std::int64_t expires_ms = 0) {
    auto options = usual(true);
    options.always_on = policy;
    options.always_on_expires_ms = expires_ms;
    return options;
}

// Anna is always on, and in the lobby; Bruno monitors her.
struct absent : scene {
    explicit absent(settings options = with(always_on_policy::opt_in)) : scene(std::move(options)) {
        found("Anna");
        enter_as(1, "Anna");
        go(1, lobby.name);
        change(1, account_change::always_on, {}, "yes");
        enter_lobby(2, "Bruno");
        run(monitor{session(2), list_action::add, {nick("anna")}});
        now_ms = 2'000;
    }
};

TEST(always_on, stays_when_the_last_client_goes_and_is_away) {
    absent s;
    const auto all = s.go_away(1);
    const auto& away = find<away_set>(all);
    EXPECT_EQ(away.session, session_id{});
    EXPECT_EQ(away.channels, std::vector{lobby_id});
    EXPECT_FALSE(away.text.empty());
    EXPECT_FALSE(find<left>(all).last);
    EXPECT_FALSE(has<came_or_went>(all));
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_EQ(s.chat.sessions(), 1U);
    const auto told_ones = s.whisper(2, "Anna", "are you there?");
    EXPECT_TRUE(find<told>(told_ones).to.empty());
    EXPECT_EQ(records<entry_record>(told_ones).at(0).sides.size(), 2U) << "it is in her past";
    EXPECT_EQ(find<is_away>(told_ones).text, away.text);
}

TEST(always_on, the_next_client_finds_all_as_it_was) {
    absent s;
    const auto user = s.user(1);
    s.go_away(1);
    const auto all = s.enter_as(3, "Anna");
    const auto& back = std::get<away_set>(all.at(0));
    EXPECT_EQ(back.text, "") << "others are told first";
    const auto& in = find<logged_in>(all);
    EXPECT_TRUE(in.attached);
    EXPECT_EQ(in.user, user);
    EXPECT_EQ(find<seated>(all).channel, lobby_id);
    EXPECT_FALSE(has<is_away>(s.whisper(2, "Anna", "x")));
}

TEST(always_on, who_had_gone_away_before_is_away_in_their_own_words) {
    absent s;
    s.run(set_away{session(1), "lunch"});
    EXPECT_FALSE(has<away_set>(s.go_away(1)));
    EXPECT_EQ(find<is_away>(s.whisper(2, "Anna", "x")).text, "lunch");
    EXPECT_FALSE(has<away_set>(s.enter_as(3, "Anna")));
}

TEST(always_on, is_what_the_server_and_the_account_say) {
    using p = always_on_policy;
    for (const auto& [policy, wish_of, stays] : {std::tuple{p::off, "", false},
                                                 {p::opt_in, "", false},
                                                 {p::opt_in, "yes", true},
                                                 {p::opt_in, "no", false},
                                                 {p::opt_out, "", true},
                                                 {p::opt_out, "no", false},
                                                 {p::opt_out, "yes", true}}) {
        scene s(with(policy));
        s.found("Anna");
        s.enter_as(1, "Anna");
        if (!std::string_view(wish_of).empty()) s.change(1, account_change::always_on, {}, wish_of);
        s.go_away(1);
        EXPECT_EQ(s.chat.users(), stays ? 1U : 0U) << static_cast<int>(policy) << wish_of;
    }
    scene s(with(p::off));
    s.found("Anna");
    s.enter_as(1, "Anna");
    EXPECT_EQ(why_account(s.change(1, account_change::always_on, {}, "yes")), account_refusal::always_on_is_off);
}

TEST(always_on, only_by_the_accounts_own_name) {
    absent s;
    s.enter_as(3, "Annina", s.proof_of("Anna"));
    EXPECT_TRUE(find<left>(s.go_away(3)).last);
    s.enter(4, "Carla");
    EXPECT_TRUE(find<left>(s.go_away(4)).last) << "nor without an account";
}

TEST(always_on, ends_when_it_is_switched_off_from_another_client) {
    absent s;
    s.go_away(1);
    s.enter_as(3, "Annina", s.proof_of("Anna"));
    const auto all = s.change(3, account_change::always_on, {}, "no");
    EXPECT_EQ(find<done>(all).detail, "no");
    EXPECT_TRUE(find<left>(all).last);
    EXPECT_FALSE(find<came_or_went>(all).here);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(always_on, ends_when_the_account_is_suspended_dropped_killed_or_ghosted) {
    for (const auto end : {0, 1, 2, 3}) {
        absent s;
        s.go_away(1);
        s.rule(2);
        s.enter_as(3, "Annina", s.proof_of("Anna"));
        effects all;
        if (end == 0) all = s.rule_account(account_change::suspend, "Anna", "spam");
        if (end == 1) all = s.rule_account(account_change::drop, "Anna");
        if (end == 2) all = s.run(kill{session(2), nick("anna"), "x"});
        if (end == 3) all = s.change(3, account_change::ghost, "Anna");
        EXPECT_TRUE(find<left>(all).last) << end;
        EXPECT_TRUE(has<log_in_refused>(s.enter(4, "Anna")) != (end == 1)) << end;
    }
}

TEST(always_on, expires) {
    absent s(with(always_on_policy::opt_in, 7 * day));
    s.now_ms += 20 * day;
    EXPECT_TRUE(s.chat.is_due(s.now_ms)) << "that she is here has to be noted";
    EXPECT_EQ(records<account_record>(s.run(pass_time{})).at(0).seen_ms, s.now_ms);
    EXPECT_FALSE(s.chat.is_due(s.now_ms));
    s.go_away(1);
    s.now_ms += 7 * day - 1;
    EXPECT_FALSE(s.chat.is_due(s.now_ms));
    s.run(pass_time{});
    EXPECT_EQ(s.chat.users(), 2U);
    s.now_ms += 1;
    EXPECT_TRUE(s.chat.is_due(s.now_ms));
    EXPECT_TRUE(find<left>(s.run(pass_time{})).last);
    EXPECT_EQ(s.chat.users(), 1U);
    EXPECT_TRUE(has<logged_in>(s.enter_as(1, "Anna"))) << "the account does not";
}

TEST(always_on, an_operator_is_none_any_more_when_nobody_is_there) {
    absent s;
    s.rule(1);
    s.go_away(1);
    EXPECT_TRUE(find<operators_are>(s.run(ask_operators{session(2)})).people.empty());
    s.enter_as(3, "Anna");
    EXPECT_EQ(why(s.run(call_out{session(3), "x"})), refusal::needs_server_operator);
}

TEST(always_on, a_kick_is_for_the_absent_too) {
    absent s;
    s.go_away(1);
    s.rule(2);
    EXPECT_TRUE(has<kicked>(s.remove(2, lobby.name, "Anna")));
    EXPECT_FALSE(has<seated>(s.enter_as(3, "Anna")));
}

TEST(always_on, cannot_be_logged_out) {
    absent s;
    s.found("Carla");
    EXPECT_EQ(why_account(s.run(set_account{session(1), std::nullopt})), account_refusal::already_logged_in);
    EXPECT_EQ(why_account(s.identify(1, "Carla")), account_refusal::already_logged_in);
}

// ── from memory ─────────────────────────────────────────────────────────────────────────────────────────────────────

struct restarted : scene {
    static memory before(std::int64_t seen_ms, bool suspended = false) {
        memory m{.last = {5'000ULL << 16U}, .last_ms = 5'000};
        const account_id id{7};
        m.accounts.push_back({.id = id,
                              .name = nick("Anna"),
                              .nicks = {who("Anna")},
                              .created_ms = 1,
                              .seen_ms = seen_ms,
                              .suspended = suspended,
                              .always_on = wish::yes,
                              .epoch = 1});
        m.credentials.push_back({.account = id});
        m.channels.push_back(
            {.id = {2}, .name = room("#bar"), .created_ms = 1, .empty_ms = 900, .flags = secret, .now = {"t", "x", 1}});
        m.channels.push_back({.id = {3}, .name = room("#club"), .founder = id, .created_ms = 1, .registered_ms = 2});
        m.channels.push_back(
            {.id = {4}, .name = room("#banned"), .founder = id, .bans = {{"anna!*@*", "anna!*@*", {}, 0}}});
        for (const std::uint64_t c : {2U, 3U, 4U}) {
            m.seats.push_back({{c}, id, false, channel_operator, {std::uint64_t{1'001} << 16U}});
        }
        return m;
    }
    explicit restarted(settings options = with(always_on_policy::opt_in), memory m = before(4'000))
        : scene(options, std::move(m)) {
        now_ms = 6'000;
    }
};

TEST(always_on_after_a_restart, is_there_before_anybody_comes) {
    restarted s;
    EXPECT_EQ(s.chat.broken_invariant(), "");
    EXPECT_EQ(s.chat.users(), 1U);
    EXPECT_EQ(s.chat.sessions(), 0U);
    s.enter(2, "Bruno");
    const auto is = find<whois_is>(s.run(ask_whois{session(2), nick("anna")}));
    EXPECT_TRUE(is.found);
    EXPECT_EQ(is.who.account, "Anna");
    EXPECT_EQ(is.who.mask, "Anna!~u@always-on");
    EXPECT_FALSE(is.away.empty());
    ASSERT_EQ(is.channels.size(), 1U) << "#bar is secret, and in #banned she is not";
    EXPECT_EQ(is.channels[0], (whois_is::seat{"#club", founder | channel_operator}));
    EXPECT_EQ(find<joined>(s.go(2, "#bar")).given, 0);
    EXPECT_FALSE(s.chat.is_due(s.now_ms + 3'700'000)) << "a channel where somebody is does not wait";
}

TEST(always_on_after_a_restart, the_first_client_brings_its_host_and_name) {
    restarted s;
    s.enter_into(2, "Bruno", "#club");
    const auto all = s.enter_as(1, "Anna");
    const auto host = find<host_set>(all);
    EXPECT_EQ(host.before.mask, "Anna!~u@always-on");
    EXPECT_EQ(host.after.mask, mask_of("Anna", 1));
    EXPECT_EQ(host.session, session_id{});
    EXPECT_EQ(all_of<host_shown>(all).size(), 2U);
    EXPECT_EQ(find<real_name_set>(all).text, "Number 1");
    EXPECT_TRUE(find<logged_in>(all).attached);
    EXPECT_EQ(find<logged_in>(all).who.mask, mask_of("Anna", 1));
    EXPECT_EQ(all_of<seated>(all).size(), 2U);
    EXPECT_EQ(all_of<seated>(all)[0].has, channel_operator);
    EXPECT_FALSE(has<host_set>(s.enter_as(3, "Anna"))) << "the next one does not";
    const auto part = find<past_granted>(s.past(1, "#bar")).parts.at(0);
    EXPECT_EQ(part.from.value >> 16U, 1'001U) << "as since she was there first";
}

TEST(always_on_after_a_restart, not_who_may_not_be) {
    EXPECT_EQ(restarted(with(always_on_policy::off)).chat.users(), 0U);
    EXPECT_EQ(restarted(with(always_on_policy::opt_in), restarted::before(4'000, true)).chat.users(), 0U)
        << "suspended";
    EXPECT_EQ(restarted(with(always_on_policy::opt_in, 500)).chat.users(), 0U) << "not seen for too long";
    auto unproved = restarted::before(4'000);
    unproved.accounts[0].code = "code";
    EXPECT_EQ(restarted(with(always_on_policy::opt_in), unproved).chat.users(), 0U);
}

}  // namespace
}  // namespace brusio::chat::test
