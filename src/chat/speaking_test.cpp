// Who may speak in a channel, and who hears it.
#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr std::array all_kinds{speech::text, speech::action,      speech::notice,
                               speech::ctcp, speech::ctcp_answer, speech::tags};

// Anna runs #x, Bruno is an ordinary member, Carla is outside.
struct hall : scene {
    hall() {
        enter_into(1, "Anna", "#x");
        enter_into(2, "Bruno", "#x");
        enter(3, "Carla");
        mode(1, "#x", "-n");
    }
    effects set(std::string_view letters, const std::vector<std::string>& values = {}) {
        return mode(1, "#x", letters, values);
    }
};

TEST(speaking, each_flag_concerns_some) {
    struct row {
        std::string_view letters;
        std::optional<refusal> member;
        std::optional<refusal> outsider;
        std::optional<refusal> with_account;  // an outsider
    };
    for (const auto& r :
         {row{"", {}, {}, {}}, row{"+n", {}, refusal::cannot_speak_outside, refusal::cannot_speak_outside},
          row{"+m", refusal::cannot_speak_moderated, refusal::cannot_speak_moderated, refusal::cannot_speak_moderated},
          row{"+M", refusal::cannot_speak_without_account, refusal::cannot_speak_without_account, {}},
          row{"+Mn", refusal::cannot_speak_without_account, refusal::cannot_speak_outside,
              refusal::cannot_speak_outside},
          row{"+Mm", refusal::cannot_speak_moderated, refusal::cannot_speak_moderated, refusal::cannot_speak_moderated},
          row{"+C", {}, {}, {}}, row{"+itRW", {}, {}, {}}}) {
        hall s;
        s.set(r.letters, {"60"});
        EXPECT_TRUE(speaks(s.utter(1, "#x"))) << r.letters;
        EXPECT_EQ(why(s.utter(2, "#x")), r.member) << r.letters;
        EXPECT_EQ(why(s.utter(3, "#x")), r.outsider) << r.letters;
        give_account(s, "Carla", "carla");
        EXPECT_EQ(why(s.utter(3, "#x")), r.with_account) << r.letters;
    }
}

TEST(speaking, voice_and_every_rank_go_past_moderation_and_accounts) {
    for (const auto* rank : {"+v", "+h", "+o"}) {
        hall s;
        s.set("+mM");
        s.set(rank, {"Bruno"});
        EXPECT_TRUE(speaks(s.utter(2, "#x"))) << rank;
    }
}

TEST(speaking, moderation_is_for_every_kind_but_what_programs_say_gets_no_answer) {
    hall s;
    s.set("+m");
    for (const auto kind : all_kinds) {
        const auto all = s.utter(2, "#x", kind);
        if (kind == speech::notice || kind == speech::ctcp_answer) {
            EXPECT_EQ(all, effects{});
            EXPECT_EQ(s.run(say{session(2), room("#nowhere"), 0, of_kind(kind)}), effects{});
            EXPECT_EQ(s.run(tell{session(2), nick("nobody"), of_kind(kind)}), effects{});
        } else {
            EXPECT_EQ(why(all), refusal::cannot_speak_moderated);
        }
    }
}

TEST(speaking, without_ctcp_requests_and_answers_are_refused_from_all) {
    hall s;
    s.set("+C");
    for (const auto kind : all_kinds) {
        for (const std::uint64_t n : {1U, 2U, 3U}) {
            const auto expected = kind == speech::ctcp ? std::optional(refusal::cannot_speak_ctcp) : std::nullopt;
            const auto all = s.utter(n, "#x", kind);
            EXPECT_EQ(why(all), expected) << static_cast<int>(kind);
            EXPECT_EQ(speaks(all), kind != speech::ctcp && kind != speech::ctcp_answer) << static_cast<int>(kind);
            if (kind == speech::ctcp_answer) EXPECT_EQ(all, effects{}) << "in silence, as any notice";
        }
    }
}

TEST(speaking, the_refusal_names_the_channel) {
    hall s;
    s.set("+m");
    EXPECT_EQ(s.utter(2, "#X"), (effects{refused{session(2), refusal::cannot_speak_moderated, "#x", {}, {}}}));
}

TEST(speaking, a_server_operator_in_the_lobby_is_never_refused) {
    scene s;
    s.enter_operator(1, "Olga");
    s.mode(1, lobby.name, "+mCMb", {"olga"});
    EXPECT_TRUE(speaks(s.utter(1, lobby.name, speech::ctcp)));
    s.enter_into(2, "Anna", "#x");
    EXPECT_EQ(why(s.utter(1, "#x")), refusal::cannot_speak_outside);
}

// ── slow mode ───────────────────────────────────────────────────────────────────────────────────────────────────────

struct slow : hall {
    slow() { set("+W", {"10"}); }
    effects at(std::int64_t ms, speech kind = speech::text) {
        now_ms = ms;
        return utter(2, "#x", kind);
    }
};

TEST(slow_mode, lets_one_message_pass_in_so_many_seconds) {
    slow s;
    EXPECT_TRUE(speaks(s.at(10'000)));
    EXPECT_EQ(s.at(10'000), (effects{refused{session(2), refusal::cannot_speak_so_fast, "#x", {}, "10"}}));
    EXPECT_EQ(first<refused>(s.at(10'001)).detail, "10");
    EXPECT_EQ(first<refused>(s.at(18'000)).detail, "2");
    EXPECT_EQ(first<refused>(s.at(19'999)).detail, "1");
    EXPECT_TRUE(speaks(s.at(20'000)));
    EXPECT_FALSE(speaks(s.at(29'999)));
    EXPECT_TRUE(speaks(s.at(30'000)));
}

TEST(slow_mode, is_not_for_tags_nor_for_voices_nor_for_others) {
    slow s;
    EXPECT_TRUE(speaks(s.at(10'000, speech::tags)));
    EXPECT_TRUE(speaks(s.at(10'000, speech::notice)));
    EXPECT_TRUE(speaks(s.at(10'000, speech::tags)));
    EXPECT_FALSE(speaks(s.at(10'000, speech::notice)));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(speaks(s.utter(1, "#x")));
    s.set("+v", {"Bruno"});
    EXPECT_TRUE(speaks(s.at(10'000)));
    EXPECT_TRUE(speaks(s.at(10'000)));
    s.set("-v", {"Bruno"});
    EXPECT_FALSE(speaks(s.at(10'000)));
    s.set("-W");
    EXPECT_TRUE(speaks(s.at(10'000)));
}

TEST(slow_mode, a_message_refused_for_another_reason_does_not_count) {
    slow s;
    s.set("+m");
    EXPECT_FALSE(speaks(s.at(10'000)));
    s.set("-m");
    EXPECT_TRUE(speaks(s.at(10'000)));
}

TEST(slow_mode, goes_on_for_who_leaves_and_comes_back) {
    slow s;
    EXPECT_TRUE(speaks(s.at(10'000)));
    s.stay_away(2, "#x");
    EXPECT_TRUE(joins(s.go(2, "#X")));
    EXPECT_EQ(s.at(12'000), (effects{refused{session(2), refusal::cannot_speak_so_fast, "#x", {}, "8"}}));
    s.remove(1, "#x", "Bruno");
    s.go(2, "#x");
    EXPECT_FALSE(speaks(s.at(19'999)));
    s.run(part_all{session(2)});
    s.chat = std::move(state::load(usual(), s.chat.save()).value());
    s.go(2, "#x");
    EXPECT_FALSE(speaks(s.at(19'999)));
    EXPECT_TRUE(speaks(s.at(20'000)));
}

TEST(slow_mode, is_over_in_time_for_who_was_elsewhere) {
    slow s;
    s.at(10'000);
    s.stay_away(2, "#x");
    s.now_ms = 20'000;
    s.go(2, "#x");
    EXPECT_TRUE(speaks(s.at(20'000)));
    s.stay_away(2, "#x");
    s.go(2, "#x");
    EXPECT_TRUE(speaks(s.at(30'000)));
}

TEST(slow_mode, is_another_in_another_channel_of_the_name) {
    slow s;
    s.at(10'000);
    s.stay_away(2, "#x");
    s.stay_away(1, "#x");
    s.go(1, "#x");
    s.set("+W", {"10"});
    s.go(2, "#x");
    EXPECT_TRUE(speaks(s.at(10'000)));
}

TEST(slow_mode, is_remembered_of_so_many_channels_and_not_longer_than_it_lasts) {
    slow s;
    const auto slow_in = [&] { return picture_of(s.chat).users.at(1).slow_in.size(); };
    s.now_ms = 10'000;
    const auto visit = [&](std::size_t i) {
        const auto name = "#" + std::to_string(i);
        s.go(1, name);
        s.mode(1, name, "+W", {i == 0 ? "5" : "10"});
        s.go(2, name);
        EXPECT_TRUE(speaks(s.utter(2, name)));
        s.stay_away(2, name);
    };
    for (std::size_t i = 0; i < slowed_max - 2; ++i) visit(i);  // Anna can be in no more
    EXPECT_EQ(slow_in(), slowed_max - 2);
    s.stay_away(1, "#7");
    s.now_ms = 15'000;
    s.at(15'000);
    s.stay_away(2, "#x");
    EXPECT_EQ(slow_in(), slowed_max - 3) << "that of #0 is over, #7 is gone, #x is new";
    s.now_ms = 25'000;
    s.go(2, "#x");
    EXPECT_EQ(slow_in(), slowed_max - 4);
    EXPECT_TRUE(speaks(s.utter(2, "#x")));
    s.stay_away(2, "#x");
    EXPECT_EQ(slow_in(), 1U);
}

TEST(slow_mode, remembered_of_more_channels_drops_the_first_one_left) {
    auto options = usual();
    options.channels_per_user = 1'000;
    scene s(options);
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    for (std::size_t i = 0; i <= slowed_max; ++i) {
        const auto name = "#" + std::to_string(i);
        s.go(1, name);
        s.mode(1, name, "+W", {"10"});
        s.go(2, name);
        s.utter(2, name);
        s.stay_away(2, name);
    }
    EXPECT_EQ(picture_of(s.chat).users.at(1).slow_in.size(), slowed_max);
    s.go(2, "#0");
    EXPECT_TRUE(speaks(s.utter(2, "#0")));
    s.go(2, "#1");
    EXPECT_FALSE(speaks(s.utter(2, "#1")));
}

// ── the last word ───────────────────────────────────────────────────────────────────────────────────────────────────

// What is left of Bruno's words as he leaves.
std::string last_word(scene& s) { return find<parted>(s.stay_away(2, "#x")).reason; }

TEST(last_word, is_not_for_who_may_not_speak) {
    for (const auto& [letters, value] :
         {std::pair{"+m", ""}, {"+M", ""}, {"+b", "bruno"}, {"+b", "$m:bruno"}, {"+mC", ""}}) {
        hall s;
        s.set(letters, {value});
        EXPECT_EQ(last_word(s), "") << letters << value;
    }
    hall s;
    s.enter_operator(4, "Olga");
    s.run(change_server_bans{
        session(4), list_action::add, {.what = "*!~u2@*", .fold = "*!~u2@*", .action = ban_action::mute}});
    EXPECT_EQ(last_word(s), "");
}

TEST(last_word, is_for_everybody_else) {
    for (const auto& [letters, value] :
         {std::pair{"+n", ""}, {"+C", ""}, {"+mv", "Bruno"}, {"+b", "carla"}, {"+W", "60"}}) {
        hall s;
        s.set(letters, {value});
        s.utter(2, "#x");
        EXPECT_EQ(last_word(s), "bye") << letters;
    }
    hall s;
    s.rule(2);
    s.run(change_server_bans{
        session(2), list_action::add, {.what = "*!~u2@*", .fold = "*!~u2@*", .action = ban_action::mute}});
    EXPECT_EQ(last_word(s), "bye") << "an operator of the server";
}

TEST(last_word, of_who_lives_in_the_channel_only) {
    hall s;
    s.enter_bound(4, "Dario", room("#x"));
    s.set("+m");
    EXPECT_EQ(find<left>(s.stay_away(4, "#x")).reason, "");
    s.set("-m");
    s.enter_bound(4, "Dario", room("#x"));
    EXPECT_EQ(find<left>(s.stay_away(4, "#x")).reason, "bye");
}

// ── to some of the channel ──────────────────────────────────────────────────────────────────────────────────────────

TEST(statusmsg, reaches_members_of_that_rank_and_above) {
    scene s;
    s.enter_operator(1, "Olga");
    s.go(1, lobby.name);
    const std::string ranks_of = "-vhoaq";
    for (std::size_t i = 0; i < ranks_of.size(); ++i) {
        const auto name = "Anna " + std::to_string(i);
        s.enter_lobby(10 + i, name);
        if (i != 0) s.mode(1, lobby.name, std::string("+") + ranks_of[i], {who(name).nick});
    }
    s.mode(1, lobby.name, "+v", {"Anna_5"});
    for (std::size_t least = 1; least < ranks_of.size(); ++least) {
        std::vector<session_id> expected;
        for (auto i = least; i < ranks_of.size(); ++i) expected.push_back(session(10 + i));
        const auto to = find<said>(s.speak(10, "x", lobby, find_rank(ranks_of[least])->bit));
        EXPECT_EQ(to.to, expected) << ranks_of[least];
        EXPECT_EQ(to.at_least, find_rank(ranks_of[least])->bit);
    }
    EXPECT_EQ(find<said>(s.speak(14, "x", lobby, protected_member)).to, std::vector{session(15)}) << "not oneself";
    EXPECT_TRUE(find<said>(s.speak(10, "x")).to.empty()) << "everybody: the channel";
}

TEST(statusmsg, is_refused_as_any_message) {
    hall s;
    s.set("+m");
    EXPECT_EQ(why(s.speak(2, "x", room("#x"), channel_operator)), refusal::cannot_speak_moderated);
}

// ── to one person ───────────────────────────────────────────────────────────────────────────────────────────────────

TEST(tell, accounts_only) {
    hall s;
    s.own_mode(1, "Anna", "+R");
    EXPECT_EQ(s.whisper(3, "anna", "x"),
              (effects{refused{session(3), refusal::no_private_messages_without_account, {}, "Anna", {}}}));
    EXPECT_TRUE(has<told>(s.whisper(1, "Anna", "x"))) << "oneself";
    EXPECT_TRUE(has<told>(s.whisper(1, "Carla", "x")));
    give_account(s, "Carla", "carla");
    EXPECT_TRUE(has<told>(s.whisper(3, "Anna", "x")));
    s.rule(2);
    EXPECT_TRUE(has<told>(s.whisper(2, "Anna", "x"))) << "an operator of the server";
}

TEST(tell, away_answers_go_to_what_people_say_not_to_programs) {
    for (const auto kind : all_kinds) {
        hall s;
        s.run(set_away{session(1), "asleep"});
        const bool answered = kind == speech::text || kind == speech::action || kind == speech::ctcp;
        const auto all = s.run(tell{session(3), nick("ANNA"), of_kind(kind)});
        ASSERT_EQ(all.size(), answered ? 2U : 1U) << static_cast<int>(kind);
        if (answered) EXPECT_EQ(all[1], (effect{is_away{session(3), "Anna", "asleep"}}));
    }
}

}  // namespace
}  // namespace brusio::chat::test
