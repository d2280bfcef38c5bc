// What bans, exceptions and mutes match: the shown host, never the real address; nicks in any case; accounts.
#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

// Carla is ~u3@h3.example, really from 192.0.2.3.
struct fence : scene {
    fence() {
        enter_into(1, "Anna", "#x");
        enter(3, "Carla");
    }
    effects set(std::string_view letters, const std::vector<std::string>& values = {}) {
        return mode(1, "#x", letters, values);
    }
    bool comes_in() {
        const bool in = joins(go(3, "#x"));
        stay_away(3, "#x");
        return in;
    }
};

TEST(masks, match_nick_user_and_shown_host_whatever_the_case) {
    for (const auto& [mask, matches] : {std::pair{"carla", true},
                                        {"CARLA", true},
                                        {"c?rl*", true},
                                        {"carl", false},
                                        {"*!~u3@*", true},
                                        {"*!~U3@*", true},
                                        {"*!u3@*", false},
                                        {"*!*@h3.example", true},
                                        {"*!*@H3.EXAMPLE", true},
                                        {"*!*@*.example", true},
                                        {"*!*@example", false},
                                        {"carla!~u3@h3.example", true},
                                        {"*!*@192.0.2.3", false},
                                        {"*!*@192.*", false},
                                        {"*!*@cert3", false},
                                        {"$a:carla", false},
                                        {"$a:*", false},
                                        {"*!*@*", true}}) {
        fence s;
        s.set("+b", {mask});
        EXPECT_EQ(s.comes_in(), !matches) << mask;
    }
}

TEST(masks, follow_names_and_hosts) {
    fence s;
    s.set("+b", {"dario"});
    EXPECT_TRUE(s.comes_in());
    s.call(3, "Dario");
    EXPECT_FALSE(s.comes_in());
    s.call(3, "Carla");
    s.set("+b", {"*!*@vip.example"});
    EXPECT_TRUE(s.comes_in());
    s.enter_operator(9, "Olga");
    s.run(set_host{session(9), nick("Carla"), "VIP.example"});
    EXPECT_FALSE(s.comes_in());
}

// A member's verdict is kept from message to message: it must not outlive what it was made of.
TEST(masks, of_one_who_speaks_follow_bans_names_and_hosts) {
    fence s;
    s.go(3, "#x");
    s.enter_operator(9, "Olga");
    const auto may_speak = [&](std::string_view step, bool expected) {
        EXPECT_EQ(speaks(s.utter(3, "#x")), expected) << step;
    };
    may_speak("nothing is banned", true);
    s.set("+b", {"dario"});
    may_speak("another is banned", true);
    s.call(3, "Dario");
    may_speak("now it is this one", false);
    s.set("+e", {"*!~u3@*"});
    may_speak("with an exception", true);
    s.set("-e", {"*!~u3@*"});
    may_speak("and without", false);
    s.call(3, "Carla");
    may_speak("under the old name", true);
    s.set("+b", {"$m:*!*@vip.example"});
    may_speak("a mute for another host", true);
    s.run(set_host{session(9), nick("Carla"), "VIP.example"});
    may_speak("a mute for the new host", false);
    s.chat = std::move(state::load(usual(), s.chat.save()).value());
    may_speak("also after a restart", false);
    s.set("-b", {"$m:*!*@vip.example"});
    may_speak("lifted", true);
}

TEST(masks, nicks_of_other_alphabets_fold) {
    fence s;
    s.call(3, "\u0416\u0443\u043A");      // ЖУК, a capital first
    s.set("+b", {"\u0436\u0423\u041A"});  // in other cases
    EXPECT_FALSE(s.comes_in());
    s.call(3, "Zo\u00EB");
    s.set("+b", {"zo?"});
    EXPECT_FALSE(s.comes_in()) << "`?` is a character, not a byte";
}

TEST(masks, of_accounts) {
    for (const auto& [mask, matches] :
         {std::pair{"$a:mario", true}, {"$a:MARIO", true}, {"$a:mar*", true}, {"$a:anna", false}, {"mario", false}}) {
        fence s;
        give_account(s, "Carla", "Mario");
        s.set("+b", {mask});
        EXPECT_EQ(s.comes_in(), !matches) << mask;
    }
}

TEST(masks, of_accounts_except_and_invite) {
    fence s;
    s.set("+bi", {"*!*@*"});
    EXPECT_FALSE(s.comes_in());
    give_account(s, "Carla", "mario");
    s.set("+eI", {"$a:mario", "$a:mario"});
    EXPECT_TRUE(s.comes_in());
}

// ── what they do to speech ──────────────────────────────────────────────────────────────────────────────────────────

struct spoken : fence {
    spoken() { go(3, "#x"); }
    std::optional<refusal> after(std::string_view letters, const std::vector<std::string>& values) {
        set(letters, values);
        return why(utter(3, "#x"));
    }
};

TEST(masks, the_banned_and_the_muted_do_not_speak) {
    for (const auto& [letters, values, expected] :
         {std::tuple{"+b", std::vector<std::string>{"carla"}, std::optional(refusal::cannot_speak_banned)},
          {"+b", {"$m:carla"}, refusal::cannot_speak_muted},
          {"+b", {"$m:*!*@h3.example"}, refusal::cannot_speak_muted},
          {"+b", {"$m:*!*@192.0.2.3"}, std::nullopt},
          {"+b", {"$a:mario"}, refusal::cannot_speak_banned},
          {"+b", {"$m:$a:mario"}, refusal::cannot_speak_muted},
          {"+b", {"$m:$a:anna"}, std::nullopt},
          {"+bb", {"carla", "$m:carla"}, refusal::cannot_speak_banned},
          {"+be", {"carla", "*!*@h3.example"}, std::nullopt},
          {"+be", {"$m:carla", "carla"}, std::nullopt},
          {"+be", {"$m:carla", "$m:carla"}, std::nullopt},
          {"+be", {"$m:carla", "$a:mario"}, std::nullopt},
          {"+be", {"carla", "$m:carla"}, refusal::cannot_speak_banned},
          {"+be", {"$m:carla", "dario"}, refusal::cannot_speak_muted},
          {"+bI", {"carla", "carla"}, refusal::cannot_speak_banned},
          {"+bv", {"carla", "Carla"}, std::nullopt},
          {"+bv", {"$m:carla", "Carla"}, std::nullopt}}) {
        spoken s;
        give_account(s, "Carla", "mario");
        EXPECT_EQ(s.after(letters, values), expected) << letters << ' ' << values.at(0);
    }
}

TEST(masks, wild_ones_stay_linear) {
    spoken s;
    std::vector<std::string> wild;
    for (int i = 0; i < 90; ++i) {
        std::string mask;
        while (mask.size() < 180) mask += "*?";
        wild.push_back(mask + std::to_string(i) + "x");
        s.set("+b", {wild.back()});
    }
    EXPECT_TRUE(speaks(s.utter(3, "#x")));
}

// ── silence ─────────────────────────────────────────────────────────────────────────────────────────────────────────

struct quiet : scene {
    quiet() {
        enter(1, "Anna");
        enter(2, "Bruno");
    }
    effects silences(list_action what, std::string_view mask = {}) {
        return run(silence{session(1), what, std::string(mask), base::fold(mask)});
    }
    bool hears() { return !find<told>(whisper(2, "Anna", "x")).to.empty(); }
};

TEST(silence, keeps_private_messages_away_and_nobody_else_notices) {
    quiet s;
    EXPECT_TRUE(s.hears());
    EXPECT_EQ(s.silences(list_action::add, "Bruno!*@*"),
              (effects{silence_changed{session(1), {session(1)}, shown("Anna", 1), true, "Bruno!*@*"}}));
    EXPECT_FALSE(s.hears());
    s.call(2, "Dario");
    EXPECT_TRUE(s.hears());
    s.silences(list_action::add, "*!*@H2.example");
    EXPECT_FALSE(s.hears());
    EXPECT_EQ(first<silence_is>(s.silences(list_action::list)).masks,
              (std::vector<std::string>{"Bruno!*@*", "*!*@H2.example"}));
    EXPECT_EQ(find<silence_changed>(s.silences(list_action::remove, "*!*@h2.EXAMPLE")).mask, "*!*@H2.example");
    EXPECT_TRUE(s.hears());
}

TEST(silence, twice_is_once_and_is_bounded) {
    quiet s;
    for (std::size_t i = 0; i < silence_max; ++i) s.silences(list_action::add, "n" + std::to_string(i) + "!*@*");
    EXPECT_EQ(s.silences(list_action::add, "N0!*@*"), effects{});
    EXPECT_EQ(s.silences(list_action::remove, "nobody!*@*"), effects{});
    EXPECT_EQ(s.silences(list_action::add, "more!*@*"),
              (effects{refused{session(1), refusal::too_many_silenced, {}, {}, "more!*@*"}}));
    s.silences(list_action::remove, "n0!*@*");
    EXPECT_TRUE(has<silence_changed>(s.silences(list_action::add, "more!*@*")));
}

TEST(silence, does_not_reach_channels_nor_oneself) {
    quiet s;
    s.silences(list_action::add, "*!*@*");
    EXPECT_EQ(find<told>(s.whisper(1, "Anna", "x")).to, std::vector{session(1)});
    s.go(1, "#x");
    s.go(2, "#x");
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
}

}  // namespace
}  // namespace brusio::chat::test
