// Metadata: who sets and reads it, who is told, and how much there may be of it.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

using act = metadata_action;

// Anna has an account, founded #club and is in it with Bruno; Carla is elsewhere.
struct known : scene {
    known() : scene(usual(true)) {
        found("Anna");
        enter_as(1, "Anna");
        enter(2, "Bruno");
        enter(3, "Carla");
        go(1, "#club");
        registration(1, "#club", registration_change::add);
        go(2, "#club");
        answer(store_verdict::committed);
    }
    static metadata about(std::uint64_t n, act what, std::string_view target) {
        metadata c{.session = session(n), .what = what};
        if (target.starts_with('#')) c.channel = room(target);
        if (!target.empty() && !target.starts_with('#')) c.nick = nick(target);
        return c;
    }
    effects set(std::uint64_t n, std::string_view target, std::string key, std::optional<std::string> value) {
        auto c = about(n, act::set, target);
        c.keys = {std::move(key)};
        c.value = std::move(value);
        return run(c);
    }
    effects list(std::uint64_t n, std::string_view target) { return run(about(n, act::list, target)); }
    effects sub(std::uint64_t n, std::vector<std::string> keys) {
        return run(subscribe{session(n), list_action::add, std::move(keys)});
    }
};

std::optional<metadata_refusal> why_not(const effects& all) {
    const auto* r = only<metadata_refused>(all);
    return r == nullptr ? std::nullopt : std::optional(r->why);
}
std::vector<metadata_value> values(const effects& all) {
    const auto& parts = find<metadata_is>(all).parts;
    return parts.empty() ? std::vector<metadata_value>{} : parts.front().values;
}

TEST(setting, ones_own_and_what_one_rules) {
    known s;
    const auto all = s.set(1, "", "avatar", "https://example.org/a.png");
    EXPECT_EQ(values(all), (std::vector<metadata_value>{{"avatar", "https://example.org/a.png"}}));
    EXPECT_EQ(find<metadata_is>(all).target, "Anna");
    EXPECT_EQ(records<metadata_record>(all).at(0),
              (metadata_record{s.chat.find_account("anna")->id, {}, "avatar", false, "https://example.org/a.png"}));
    EXPECT_TRUE(records<metadata_record>(s.set(2, "", "avatar", "x")).empty()) << "without an account";
    EXPECT_EQ(why_not(s.set(2, "Anna", "x", "x")), metadata_refusal::no_permission);
    EXPECT_EQ(find<metadata_refused>(s.set(2, "Anna", "x", "x")).key, "x");
    EXPECT_EQ(why_not(s.set(2, "Nobody", "x", "x")), metadata_refusal::no_such_target);
    EXPECT_EQ(records<metadata_record>(s.set(1, "#CLUB", "url", "x")).at(0).channel, s.id("#club"));
    EXPECT_EQ(why_not(s.set(2, "#club", "url", "y")), metadata_refusal::no_permission);
    EXPECT_EQ(find<metadata_refused>(s.run(known::about(2, act::clear, "#club"))).key, "*");
    EXPECT_EQ(why_not(s.set(3, "#nowhere", "url", "y")), metadata_refusal::no_such_target);
    s.rule(3);
    EXPECT_TRUE(has<metadata_is>(s.set(3, "#piazza", "url", "x"))) << "the lobby by operators of the server";
    EXPECT_EQ(why_not(s.set(3, "#club", "url", "x")), metadata_refusal::no_permission);
    EXPECT_EQ(why_not(s.set(3, "Anna", "url", "x")), metadata_refusal::no_permission);
}

TEST(setting, changing_and_unsetting) {
    known s;
    EXPECT_EQ(why_not(s.set(1, "", "x", std::nullopt)), metadata_refusal::key_not_set);
    s.set(1, "", "x", "");
    EXPECT_EQ(values(s.list(1, "")), (std::vector<metadata_value>{{"x", ""}})) << "nothing is a value";
    EXPECT_TRUE(records<metadata_record>(s.set(1, "", "x", "")).empty()) << "as it was";
    EXPECT_FALSE(records<metadata_record>(s.set(1, "", "x", "y")).at(0).gone);
    const auto gone = s.set(1, "", "x", std::nullopt);
    EXPECT_EQ(values(gone), (std::vector<metadata_value>{{"x", "", false}}));
    EXPECT_TRUE(records<metadata_record>(gone).at(0).gone);
    EXPECT_TRUE(values(s.list(1, "")).empty());
    s.set(1, "", "b", "1");
    s.set(1, "", "a", "2");
    EXPECT_EQ(values(s.run(known::about(1, act::clear, ""))),
              (std::vector<metadata_value>{{"a", "", false}, {"b", "", false}}));
    EXPECT_TRUE(values(s.run(known::about(1, act::clear, ""))).empty());
}

TEST(setting, is_bounded) {
    known s;
    EXPECT_EQ(why_not(s.set(1, "", "x", std::string(301, 'x'))), metadata_refusal::too_large);
    EXPECT_EQ(why_not(s.set(1, "", "x", std::string(300, 'x'))), std::nullopt);
    for (const auto* key : {"", "A", "a b", "a:b", "\u00E8", "a*"}) {
        EXPECT_EQ(why_not(s.set(1, "", key, "x")), metadata_refusal::key_invalid) << key;
    }
    EXPECT_EQ(why_not(s.set(1, "", std::string(65, 'x'), "x")), metadata_refusal::key_invalid);
    for (int i = 1; i < 50; ++i) EXPECT_EQ(why_not(s.set(1, "", "k_./-" + std::to_string(i), "x")), std::nullopt);
    EXPECT_EQ(why_not(s.set(1, "", "one.more", "x")), metadata_refusal::limit);
    EXPECT_EQ(why_not(s.set(1, "", "x", "y")), std::nullopt) << "changing one needs no room";
}

TEST(reading, in_the_order_asked_for) {
    known s;
    s.set(1, "", "a", "1");
    auto get = known::about(3, act::get, "anna");
    get.keys = {"b", "a", "BAD"};
    EXPECT_EQ(values(s.run(get)),
              (std::vector<metadata_value>{{"b", "", false}, {"a", "1"}, {"BAD", "", false, false}}));
    EXPECT_EQ(find<metadata_is>(s.run(get)).target, "Anna");
    EXPECT_EQ(find<whois_is>(s.run(ask_whois{session(3), nick("anna")})).metadata,
              (std::vector<metadata_value>{{"a", "1"}}));
}

TEST(reading, outsiders_read_nothing_of_a_closed_channel) {
    known s;
    s.set(1, "#club", "url", "x");
    s.sub(3, {"url"});
    const auto questions = {act::get, act::list, act::sync};
    for (const auto q : questions) EXPECT_TRUE(has<metadata_is>(s.run(known::about(3, q, "#club"))));
    for (const auto* letters : {"+i", "+k", "+s"}) {
        s.mode(1, "#club", letters, {"key"});
        const auto expected =
            letters == std::string_view("+s") ? metadata_refusal::no_such_target : metadata_refusal::no_permission;
        for (const auto q : questions) EXPECT_EQ(why_not(s.run(known::about(3, q, "#club"))), expected) << letters;
        EXPECT_EQ(values(s.list(2, "#club")).size(), 1U) << letters;
        s.mode(1, "#club", "-iks", {"key"});
    }
}

TEST(subscriptions, are_told_of_changes_where_one_is) {
    known s;
    s.sub(2, {"avatar"});
    s.sub(3, {"avatar"});
    s.enter_as(5, "Anna");
    s.set(1, "", "other", "x");
    const auto all = s.set(1, "", "avatar", "x");
    const auto told = find<metadata_changed>(all);
    EXPECT_EQ(told.to, (std::vector{session(5), session(2)})) << "one's own other client, and who shares a channel";
    EXPECT_EQ(told.target, "Anna");
    EXPECT_EQ(told.now, (metadata_value{"avatar", "x"}));
    s.run(monitor{session(3), list_action::add, {nick("anna")}});
    EXPECT_EQ(find<metadata_changed>(s.set(1, "", "avatar", "y")).to,
              (std::vector{session(5), session(2), session(3)}));
    EXPECT_FALSE(has<metadata_changed>(s.set(1, "", "avatar", "y"))) << "nothing has changed";
    EXPECT_EQ(find<metadata_changed>(s.set(1, "#club", "avatar", "z")).to, std::vector{session(2)});
    s.run(subscribe{session(2), list_action::remove, {"avatar"}});
    EXPECT_FALSE(has<metadata_changed>(s.set(1, "#club", "avatar", "w")));
    EXPECT_FALSE(find<metadata_changed>(s.run(known::about(1, act::clear, ""))).now.set);
}

TEST(subscriptions, an_accounts_metadata_is_that_of_all_its_users) {
    known s;
    s.enter_as(5, "Annina", s.proof_of("Anna"));
    s.run(monitor{session(3), list_action::add, {nick("annina")}});
    s.sub(3, {"x"});
    const auto all = all_of<metadata_changed>(s.set(1, "", "x", "1"));
    ASSERT_EQ(all.size(), 1U) << "nobody else hears of Anna";
    EXPECT_EQ(all[0].target, "Annina");
    EXPECT_EQ(all[0].to, (std::vector{session(5), session(3)}));
    EXPECT_EQ(values(s.list(3, "annina")).size(), 1U);
}

TEST(subscriptions, keys_in_order_until_there_is_no_room) {
    known s;
    std::vector<std::string> keys;
    for (int i = 0; i < 49; ++i) keys.push_back("k" + std::to_string(i));
    s.sub(2, keys);
    const auto all = s.sub(2, {"BAD", "k1", "a", "b", "c"});
    EXPECT_EQ(find<metadata_refused>(all).why, metadata_refusal::key_invalid);
    EXPECT_EQ(find<subscriptions_are>(all).keys, (std::vector<std::string>{"k1", "a"}));
    EXPECT_EQ(find<subscriptions_are>(all).too_many, "b");
    EXPECT_EQ(find<subscriptions_are>(s.run(subscribe{session(2), list_action::list, {}})).keys.size(), 50U);
    EXPECT_EQ(find<subscriptions_are>(s.run(subscribe{session(2), list_action::remove, {"a", "zzz"}})).keys.size(), 2U);
    EXPECT_TRUE(find<subscriptions_are>(s.run(subscribe{session(2), list_action::clear, {}})).keys.empty());
}

TEST(subscriptions, what_is_so_already) {
    known s;
    s.set(1, "", "a", "1");
    s.set(1, "#club", "a", "2");
    s.set(1, "#club", "b", "3");
    EXPECT_TRUE(find<subscriptions_are>(s.sub(2, {"a"})).fresh);
    EXPECT_FALSE(find<subscriptions_are>(s.sub(2, {"a"})).fresh) << "once";
    EXPECT_FALSE(has<metadata_is>(s.sub(2, {"c"}))) << "is asked for";
    s.sub(3, {"a"});
    s.set(3, "", "a", "4");
    const auto entered = s.run(join{session(3), room("#club"), {}, true});
    EXPECT_FALSE(has<metadata_is>(entered));
    EXPECT_TRUE(has<metadata_changed>(entered));
    EXPECT_TRUE(std::holds_alternative<names_are>(entered.back())) << "it is seen there that more follows";
    s.set(3, "", "a", std::nullopt);
    s.enter(4, "Dario");
    s.sub(4, {"a"});
    const std::vector<metadata_is::part> of_anna{{"Anna", {{"a", "1"}}}};
    const auto monitored = find<metadata_is>(s.run(monitor{session(4), list_action::add, {nick("anna"), nick("zoe")}}));
    EXPECT_TRUE(monitored.told);
    EXPECT_EQ(monitored.parts, of_anna) << "is told on monitoring";
    s.go_away(1);
    EXPECT_EQ(find<metadata_is>(s.enter_as(1, "Anna")).parts, of_anna) << "and when who is monitored comes";
    EXPECT_EQ(find<metadata_changed>(s.go(1, "#club")).to, (std::vector{session(2), session(3)})) << "or joins";
}

TEST(subscriptions, all_that_one_sees_is_told_once_in_slices_of_any_size) {
    known s;
    s.go(1, "#other");
    s.go(2, "#other");
    s.go(3, "#other");
    for (std::uint64_t n = 1; n <= 3; ++n) s.set(n, "", "a", std::to_string(n));
    s.set(1, "#club", "a", "x");
    s.set(1, "#other", "a", "y");
    s.enter(4, "Dario");
    s.set(4, "", "a", "4");
    s.enter(5, "Elena");
    s.set(5, "", "a", "5");
    s.set(5, "", "b", "5");
    s.sub(2, {"a", "b"});
    s.run(monitor{session(2), list_action::add, {nick("anna"), nick("elena"), nick("zoe")}});
    for (std::uint32_t limit = 1; limit < 8; ++limit) {
        metadata question{.session = session(2), .what = act::sync, .keys = {"a"}, .limit = limit, .all = true};
        std::vector<std::string> targets;
        for (int i = 0; i < 20; ++i) {
            const auto answer = find<metadata_is>(s.run(question));
            EXPECT_EQ(answer.first, i == 0);
            EXPECT_EQ(answer.target, "*ALL");
            for (const auto& part : answer.parts) {
                EXPECT_EQ(part.values.size(), 1U);
                targets.push_back(part.target);
            }
            if (!answer.more) break;
            question = answer.asked;
        }
        EXPECT_EQ(targets, (std::vector<std::string>{"Bruno", "#club", "Anna", "#other", "Carla", "Elena"})) << limit;
    }
}

TEST(subscriptions, of_a_big_channel_come_in_slices) {
    known s;
    s.sub(2, {"a"});
    for (std::uint64_t n = 10; n < 15; ++n) {
        s.enter_into(n, "x" + std::to_string(n), "#club");
        s.set(n, "", "a", "1");
    }
    auto question = known::about(2, act::sync, "#club");
    question.limit = 3;
    std::vector<std::string> targets;
    for (int i = 0; i < 5; ++i) {
        const auto answer = find<metadata_is>(s.run(question));
        EXPECT_EQ(answer.first, i == 0);
        for (const auto& part : answer.parts) targets.push_back(part.target);
        if (!answer.more) break;
        question = answer.asked;
    }
    EXPECT_EQ(targets, (std::vector<std::string>{"x10", "x11", "x12", "x13", "x14"}));
}

TEST(metadata_of_people, before_the_log_in) {
    known s;
    auto c =
        log_in{session(7), who("Zoe"), from(7), std::nullopt, {}, std::nullopt, {{"b", "1"}, {"BAD", "x"}, {"a", "2"}}};
    EXPECT_EQ(find<logged_in>(s.run(c)).metadata, (std::vector<metadata_value>{{"a", "2"}, {"b", "1"}}));
    c = log_in{session(8), who("Anna"), from(8), std::nullopt, {}, s.proof_of("Anna"), {{"a", "3"}}};
    const auto all = s.run(c);
    EXPECT_EQ(find<logged_in>(all).metadata, (std::vector<metadata_value>{{"a", "3"}}));
    EXPECT_EQ(records<metadata_record>(all).size(), 1U);
    EXPECT_EQ(find<metadata_changed>(all).to, std::vector{session(1)});
}

TEST(metadata_of_people, subscriptions_before_the_log_in) {
    known s;
    std::vector<std::string> keys{"b", "BAD", "a", "b"};
    s.run(log_in{session(7), who("Zoe"), from(7), std::nullopt, {}, std::nullopt, {}, keys});
    EXPECT_EQ(find<subscriptions_are>(s.run(subscribe{session(7), list_action::list, {}})).keys,
              (std::vector<std::string>{"a", "b"}));
    s.run(log_in{session(8), who("Anna"), from(8), std::nullopt, {}, s.proof_of("Anna"), {}, keys});
    s.set(2, "", "a", "1");
    EXPECT_EQ(find<metadata_changed>(s.set(2, "", "b", "1")).to, std::vector{session(8)});
    keys.clear();
    for (int i = 0; i < 60; ++i) keys.push_back("k" + std::to_string(i));
    s.run(log_in{session(9), who("Ivo"), from(9), std::nullopt, {}, std::nullopt, {}, keys});
    EXPECT_EQ(find<subscriptions_are>(s.run(subscribe{session(9), list_action::list, {}})).keys.size(), 50U);
}

TEST(metadata_of_people, is_that_of_the_account_once_there_is_one) {
    known s;
    s.set(1, "", "a", "1");
    s.set(1, "", "c", "9");
    s.set(2, "", "a", "2");
    s.set(2, "", "b", "3");
    s.run(monitor{session(3), list_action::add, {nick("bruno")}});
    s.sub(3, {"a", "b", "c"});
    const auto all = all_of<metadata_changed>(s.identify(2, "Anna"));
    std::vector<metadata_value> told_of;
    for (const auto& m : all) {
        if (std::ranges::find(m.to, session(3)) != m.to.end()) told_of.push_back(m.now);
    }
    EXPECT_EQ(told_of, (std::vector<metadata_value>{{"b", "", false}, {"a", "1"}, {"c", "9"}}));
    EXPECT_EQ(values(s.list(3, "bruno")), (std::vector<metadata_value>{{"a", "1"}, {"c", "9"}}));
    s.run(set_account{session(2), std::nullopt});
    EXPECT_TRUE(values(s.list(3, "bruno")).empty());
    s.go_away(1);
    EXPECT_EQ(find<logged_in>(s.enter_as(1, "Anna")).metadata.size(), 2U);
}

TEST(metadata_of_channels, lasts_when_they_are_registered) {
    known s;
    s.go(2, "#bar");
    EXPECT_TRUE(records<metadata_record>(s.set(2, "#bar", "url", "x")).empty());
    s.set(1, "#club", "url", "x");
    const auto dropped = records<metadata_record>(s.registration(1, "#club", registration_change::drop));
    ASSERT_EQ(dropped.size(), 1U);
    EXPECT_TRUE(dropped[0].gone);
    EXPECT_EQ(values(s.list(1, "#club")).size(), 1U) << "as long as the channel";
    const auto kept = records<metadata_record>(s.registration(1, "#club", registration_change::add));
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_FALSE(kept[0].gone);
}

}  // namespace
}  // namespace brusio::chat::test
