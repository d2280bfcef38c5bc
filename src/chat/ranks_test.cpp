// Ranks in a channel: who may kick whom, who may give and take what.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr std::string_view letters = "-vhoaq";  // `-`: no rank
constexpr std::array<ranks, 6> bits{0, voice, half_operator, channel_operator, protected_member, founder};

// Rows: who does it; columns: to whom, or what. `x`: may.
constexpr std::array<std::string_view, 6> over{"      ",   //
                                               "      ",   //
                                               "xx    ",   // half-operators: below them
                                               "xxxx  ",   // operators: also each other
                                               "xxxx  ",   // protected: not each other
                                               "xxxxxx"};  // founders: everybody
constexpr std::array<std::string_view, 6> grants{"      ", "      ", " x    ", " xxx  ", " xxx  ", " xxxxx"};

TEST(ranks, who_stands_over_whom_and_who_may_grant_what) {
    for (std::size_t mine = 0; mine < bits.size(); ++mine) {
        for (std::size_t other = 0; other < bits.size(); ++other) {
            EXPECT_EQ(stands_over(bits[mine], bits[other]), over[mine][other] == 'x')
                << letters[mine] << letters[other];
            if (other == 0) continue;
            EXPECT_EQ(may_grant(bits[mine], bits[other]), grants[mine][other] == 'x')
                << letters[mine] << letters[other];
        }
    }
}

TEST(ranks, the_highest_counts) {
    EXPECT_EQ(highest(0), 0);
    EXPECT_EQ(highest(voice | half_operator), half_operator);
    EXPECT_EQ(highest(voice | channel_operator | founder), founder);
    EXPECT_TRUE(stands_over(voice | channel_operator, half_operator | voice));
    EXPECT_FALSE(stands_over(voice | half_operator, voice | channel_operator));
}

// The lobby, ruled by Olga, with a member of each rank: `v` is session 11, and so on; `-` is 10.
struct court : scene {
    court() {
        enter_operator(1, "Olga");
        go(1, lobby.name);
        for (std::size_t i = 0; i < letters.size(); ++i) {
            enter_lobby(10 + i, name(i));
            if (i != 0) mode(1, lobby.name, std::string("+") + letters[i], {nick_of(i)});
        }
    }
    static std::string name(std::size_t i) { return "Anna " + std::string(1, static_cast<char>('A' + i)); }
    static std::string nick_of(std::size_t i) { return who(name(i)).nick; }
    ranks rank(std::size_t i) {
        for (const auto& p : first<names_are>(run(ask_names{session(1), lobby, {}})).people) {
            if (p.who.nick() == nick_of(i)) return p.has;
        }
        return 0xFF;
    }
};

TEST(ranks, are_shown) {
    court s;
    for (std::size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(s.rank(i), bits[i]);
}

TEST(ranks, kicking_follows_the_table) {
    for (std::size_t mine = 0; mine < bits.size(); ++mine) {
        for (std::size_t other = 0; other < bits.size(); ++other) {
            court s;
            if (mine == other) {  // another of the same rank
                s.enter_lobby(20, "Zeno");
                if (other != 0) s.mode(1, lobby.name, std::string("+") + letters[other], {"Zeno"});
            }
            const auto all = s.remove(10 + mine, lobby.name, mine == other ? "Zeno" : s.nick_of(other));
            if (mine < 2) {
                EXPECT_EQ(why(all), refusal::needs_channel_operator);
            } else if (over[mine][other] == 'x') {
                EXPECT_EQ(find<kicked>(all).by, shown(s.name(mine), 10 + mine)) << letters[mine] << letters[other];
            } else {
                EXPECT_EQ(why(all), refusal::needs_higher_rank) << letters[mine] << letters[other];
            }
        }
    }
}

TEST(ranks, somebody_with_several_is_what_the_highest_is) {
    court s;
    s.mode(1, lobby.name, "+voaq", std::vector(4, s.nick_of(5)));
    EXPECT_TRUE(has<kicked>(s.remove(1, lobby.name, s.nick_of(5))));
    s.mode(1, lobby.name, "+v", {s.nick_of(2)});
    EXPECT_EQ(why(s.remove(12, lobby.name, s.nick_of(3))), refusal::needs_higher_rank);
    EXPECT_TRUE(has<kicked>(s.remove(13, lobby.name, s.nick_of(2))));
}

TEST(ranks, giving_follows_the_table) {
    for (std::size_t mine = 0; mine < bits.size(); ++mine) {
        for (std::size_t given = 1; given < bits.size(); ++given) {
            court s;
            s.enter_lobby(20, "Zeno");
            const auto all = s.mode(10 + mine, lobby.name, std::string("+") + letters[given], {"zeno"});
            if (mine < 2) {
                EXPECT_EQ(why(all), refusal::needs_channel_operator);
            } else if (grants[mine][given] == 'x') {
                EXPECT_EQ(find<modes_changed>(all).changes.at(0).value, "Zeno");
            } else {
                EXPECT_EQ(why(all), refusal::needs_higher_rank) << letters[mine] << letters[given];
            }
        }
    }
}

TEST(ranks, taking_needs_to_stand_over_whom_it_is_taken_from) {
    for (std::size_t mine = 2; mine < bits.size(); ++mine) {
        for (std::size_t other = 1; other < bits.size(); ++other) {
            if (mine == other) continue;
            court s;
            const auto take = std::string("-") + letters[other];
            const bool may = over[mine][other] == 'x' && grants[mine][other] == 'x';
            EXPECT_EQ(has<modes_changed>(s.mode(10 + mine, lobby.name, take, {s.nick_of(other)})), may)
                << letters[mine] << letters[other];
            EXPECT_EQ(s.rank(other), may ? 0 : bits[other]);
        }
    }
    court s;
    s.mode(1, lobby.name, "+v", {s.nick_of(5)});
    EXPECT_EQ(why(s.mode(13, lobby.name, "-v", {s.nick_of(5)})), refusal::needs_higher_rank) << "a founder's voice";
}

TEST(ranks, everybody_may_resign) {
    for (std::size_t mine = 1; mine < bits.size(); ++mine) {
        court s;
        s.mode(10 + mine, lobby.name, std::string("-") + letters[mine], {s.nick_of(mine)});
        EXPECT_EQ(s.rank(mine), 0);
        EXPECT_FALSE(
            has<modes_changed>(s.mode(10 + mine, lobby.name, std::string("+") + letters[mine], {s.nick_of(mine)})));
    }
}

TEST(ranks, which_modes_need_which) {
    for (std::size_t mine = 0; mine < bits.size(); ++mine) {
        for (const auto& row : channel_mode_table()) {
            court s;
            const bool may = bits[mine] >= (row.kind == mode_kind::list ? half_operator : channel_operator);
            const std::string letter(1, row.letter);
            const auto sign = row.letter == 'n' || row.letter == 't' ? "-" : "+";
            const auto all = s.mode(10 + mine, lobby.name, sign + letter, {"77"});
            EXPECT_EQ(has<modes_changed>(all), may) << letters[mine] << letter;
            if (!may) EXPECT_EQ(why(all), refusal::needs_channel_operator);
        }
    }
}

TEST(ranks, of_nobody_and_of_who_is_not_there) {
    scene s;
    s.enter_into(1, "Anna", "#x");
    s.enter(2, "Bruno");
    EXPECT_EQ(why(s.mode(1, "#x", "+o", {"Nobody"})), refusal::no_such_nick);
    EXPECT_EQ(s.mode(1, "#x", "+o", {"bruno"}),
              (effects{refused{session(1), refusal::they_are_not_a_member, "#x", "Bruno", {}}}));
    EXPECT_EQ(why(s.mode(2, "#x", "+o", {"Bruno"})), refusal::not_a_member);
    EXPECT_EQ(why(s.mode(2, "#x", "+m")), refusal::not_a_member);
    EXPECT_EQ(why(s.mode(2, "#nowhere", "+m")), refusal::no_such_channel);
    EXPECT_EQ(why(s.remove(1, "#x", "Nobody")), refusal::no_such_nick);
    EXPECT_EQ(why(s.remove(1, "#x", "Bruno")), refusal::they_are_not_a_member);
    EXPECT_EQ(why(s.remove(2, "#x", "Anna")), refusal::not_a_member);
    EXPECT_EQ(why(s.remove(1, "#nowhere", "Anna")), refusal::no_such_channel);
}

TEST(ranks, a_server_operator_rules_the_lobby_from_outside_and_no_other_channel) {
    scene s;
    s.enter_lobby(1, "Anna");
    s.enter_operator(2, "Olga");
    EXPECT_TRUE(has<modes_changed>(s.mode(2, lobby.name, "+qm", {"Anna"})));
    EXPECT_TRUE(has<kicked>(s.remove(2, lobby.name, "Anna")));
    s.enter_into(3, "Carla", "#x");
    EXPECT_EQ(why(s.mode(2, "#x", "+m")), refusal::not_a_member);
    s.go(2, "#x");
    EXPECT_EQ(why(s.mode(2, "#x", "+m")), refusal::needs_channel_operator);
    EXPECT_EQ(why(s.remove(2, "#x", "Carla")), refusal::needs_channel_operator);
}

TEST(kick, tells_the_channel_and_whom_it_removes) {
    scene s;
    s.enter_into(1, "Anna", "#x");
    s.enter_into(2, "Bruno", "#x");
    EXPECT_EQ(s.remove(1, "#X", "BRUNO"),
              (effects{kicked{
                  session(1), s.user(2), {session(2)}, s.id("#x"), "#x", shown("Anna", 1), "Bruno", "out", 1'000}}));
    EXPECT_TRUE(joins(s.go(2, "#x")));
    EXPECT_TRUE(has<kicked>(s.remove(1, "#x", "Anna"))) << "oneself";
}

TEST(ranks, end_with_the_membership) {
    scene s;
    s.enter_into(1, "Anna", "#x");
    s.enter_into(2, "Bruno", "#x");
    s.stay_away(1, "#x");
    EXPECT_EQ(find<joined>(s.go(1, "#x")).given, 0);
}

}  // namespace
}  // namespace brusio::chat::test
