// Answers, and the slices of long ones. secrecy_test.cpp has what is kept from whom.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

std::vector<std::string> nicks_of(const auto& people) {
    std::vector<std::string> all;
    for (const auto& p : people) all.emplace_back(p.who.nick());
    return all;
}
// Asks for slice after slice; the sizes of the slices and all that was in them.
template <class Answer, class Question>
std::pair<std::vector<std::size_t>, std::vector<std::string>> all_slices(scene& s, Question question) {
    std::pair<std::vector<std::size_t>, std::vector<std::string>> seen;
    for (int i = 0; i < 100; ++i) {
        const auto answer = first<Answer>(s.run(question));
        const auto nicks = nicks_of(answer.people);
        seen.first.push_back(nicks.size());
        seen.second.insert(seen.second.end(), nicks.begin(), nicks.end());
        question = answer.asked;
        if (!answer.more) return seen;
    }
    ADD_FAILURE() << "no end";
    return seen;
}

const std::vector<std::string> five{"Anna", "Bruno", "Carla", "Dario", "Elena"};
struct crowd : scene {
    crowd() {
        for (std::size_t i = 0; i < five.size(); ++i) enter(i + 1, five[i]);
        for (const std::uint64_t i : {4U, 2U, 5U, 1U, 3U}) go(i, "#piazza");
    }
};
using sizes = std::vector<std::size_t>;

TEST(ask_names, in_slices_in_the_order_in_which_people_came) {
    crowd s;
    EXPECT_EQ(all_slices<names_are>(s, ask_names{session(3), lobby, {}, 2}), std::pair(sizes{2, 2, 1}, five));
    EXPECT_EQ(all_slices<names_are>(s, ask_names{session(3), lobby, {}, 5}), std::pair(sizes{5}, five));
    EXPECT_EQ(all_slices<names_are>(s, ask_names{session(3), lobby, {}, 1}), std::pair(sizes{1, 1, 1, 1, 1}, five));
    const auto slice = first<names_are>(s.run(ask_names{session(3), room("#PIAZZA"), {2}, 2}));
    EXPECT_FALSE(slice.first);
    EXPECT_TRUE(slice.more);
    EXPECT_EQ(slice.total, 5U);
    EXPECT_EQ(slice.asked, (ask_names{session(3), lobby, {4}, 2}));
}

TEST(ask_names, goes_on_where_the_last_one_seen_has_left) {
    crowd s;
    const auto slice = first<names_are>(s.run(ask_names{session(3), lobby, {}, 2}));
    s.go_away(2);
    const auto rest = first<names_are>(s.run(slice.asked));
    EXPECT_EQ(rest.total, 4U);
    EXPECT_EQ(nicks_of(rest.people), (std::vector<std::string>{"Carla", "Dario"}));
}

TEST(ask_names, invisible_people_take_their_place_in_a_slice) {
    crowd s;
    s.enter(9, "Zeno");
    for (const auto* name : {"Anna", "Bruno", "Carla"}) {
        s.own_mode(static_cast<std::uint64_t>(name[0] - 'A' + 1), name, "+i");
    }
    EXPECT_EQ(all_slices<names_are>(s, ask_names{session(9), lobby, {}, 2}),
              std::pair(sizes{0, 1, 1}, std::vector<std::string>{"Dario", "Elena"}));
}

TEST(ask_names, an_empty_lobby_and_a_channel_that_is_not_there) {
    scene s;
    s.enter(1, "Anna");
    for (const auto& channel : {lobby, room("#bar")}) {
        const auto answer = first<names_are>(s.run(ask_names{session(1), channel, {}, 10}));
        EXPECT_EQ(answer, (names_are{.session = session(1), .asked = {session(1), channel, {}, 10}}));
    }
}

TEST(ask_who, of_a_channel_and_of_everybody_in_slices) {
    crowd s;
    EXPECT_EQ(all_slices<who_are>(s, ask_who{.session = session(3), .channel = lobby, .limit = 2}),
              std::pair(sizes{2, 2, 1}, five));
    EXPECT_EQ(all_slices<who_are>(s, ask_who{.session = session(3), .fold = "*", .limit = 3}),
              std::pair(sizes{3, 2}, five));
    s.rule(4);
    EXPECT_EQ(all_slices<who_are>(s, ask_who{.session = session(3), .channel = lobby, .operators = true, .limit = 2}),
              std::pair(sizes{0, 1, 0}, std::vector<std::string>{"Dario"}));
    EXPECT_EQ(all_slices<who_are>(s, ask_who{.session = session(3), .fold = "*", .operators = true}),
              std::pair(sizes{1}, std::vector<std::string>{"Dario"}));
    EXPECT_EQ(first<who_are>(s.run(ask_who{.session = session(3), .fold = "anna", .operators = true})).people.size(),
              0U);
}

TEST(ask_who, masks_match_nick_user_host_and_real_name) {
    crowd s;
    for (const auto& [mask, found] : {std::pair{"anna", 1},
                                      {"a*", 1},
                                      {"?????", 4},
                                      {"~u?", 5},
                                      {"~u3", 1},
                                      {"h3.example", 1},
                                      {"*.example", 5},
                                      {"number 3", 1},
                                      {"number*", 5},
                                      {"192.*", 1},
                                      {"nobody", 0}}) {
        EXPECT_EQ(first<who_are>(s.run(ask_who{.session = session(1), .fold = mask})).people.size(), found) << mask;
    }
}

TEST(ask_who, masks_of_more_than_one_part_match_the_whole) {
    crowd s;
    for (const auto& [mask, found] : {std::pair{"*!*@*", 5},
                                      {"anna!*@*", 1},
                                      {"*!~u3@*", 1},
                                      {"*!*@h?.example", 5},
                                      {"carla!~u3@h3.example", 1},
                                      {"*@h3.example", 1},
                                      {"anna!*", 1},
                                      {"carla!~u2@*", 0},
                                      {"*!*@192.*", 0}}) {
        EXPECT_EQ(first<who_are>(s.run(ask_who{.session = session(1), .fold = mask})).people.size(), found) << mask;
    }
    s.enter_operator(9, "Olga");
    s.run(set_host{session(9), nick("Anna"), "VIP.Example"});
    EXPECT_EQ(nicks_of(first<who_are>(s.run(ask_who{.session = session(1), .fold = "*!*@vip.example"})).people),
              std::vector<std::string>{"Anna"});
    s.own_mode(9, "Olga", "+i");
    EXPECT_EQ(first<who_are>(s.run(ask_who{.session = session(1), .fold = "*!*@*"})).people.size(), 5U)
        << "but not who may not be seen";
}

TEST(ask_who, tells_all_there_is) {
    crowd s;
    s.rule(2);
    s.mode(2, lobby.name, "+vh", {"Bruno", "Bruno"});
    s.run(set_away{session(2), "x"});
    s.now_ms = 61'000;
    const auto answer = first<who_are>(s.run(
        ask_who{.session = session(1), .channel = room("#Piazza"), .mask = "#Piazza", .fields = "%tn", .token = "7"}));
    EXPECT_EQ(answer.asked.token, "7");
    EXPECT_EQ(answer.asked.fields, "%tn");
    EXPECT_EQ(answer.people.at(1),
              (who_entry{shown("Bruno", 2), "Number 2", "#piazza", voice | half_operator, true, true, {}, 60'000}));
}

TEST(ask_whois, tells_all_there_is) {
    crowd s;
    s.go(2, "#x");
    s.now_ms = 11'000;
    s.utter(2, "#x");
    s.now_ms = 21'000;
    s.utter(2, "#x", speech::tags);
    s.utter(2, "#x", speech::notice);
    s.utter(2, "#x", speech::ctcp);
    s.utter(2, "#x", speech::ctcp_answer);
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(1), nick("BRUNO")})),
              (whois_is{.session = session(1),
                        .asked = "BRUNO",
                        .found = true,
                        .who = shown("Bruno", 2),
                        .real_name = "Number 2",
                        .idle_ms = 10'000,
                        .since_ms = 1'000,
                        .channels = {{"#piazza", 0}, {"#x", channel_operator}}}));
    EXPECT_EQ(s.run(ask_whois{session(1), nick("Nobody")}),
              (effects{whois_is{.session = session(1), .asked = "Nobody"}}));
    s.whisper(2, "Anna", "x");
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(1), nick("bruno")})).idle_ms, 0);
}

TEST(ask_whois, idle_is_who_says_nothing_whatever_their_program_asks) {
    crowd s;
    const auto idle = [&] { return first<whois_is>(s.run(ask_whois{session(1), nick("Bruno")})).idle_ms; };
    s.now_ms = 5'000;
    for (const auto kind : {speech::ctcp, speech::ctcp_answer, speech::notice, speech::tags}) {
        s.utter(2, lobby.name, kind);
        s.run(tell{session(2), nick("Anna"), of_kind(kind)});
        EXPECT_EQ(idle(), 4'000) << static_cast<int>(kind);
    }
    for (const auto kind : {speech::text, speech::action}) {
        s.now_ms += 1'000;
        s.utter(2, lobby.name, kind);
        EXPECT_EQ(idle(), 0);
        s.now_ms += 1'000;
        s.run(tell{session(2), nick("Anna"), of_kind(kind)});
        EXPECT_EQ(idle(), 0);
    }
}

TEST(ask_whowas, the_latest_first_of_who_left_or_took_another_nick) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    const auto ask = [&](std::uint32_t limit) {
        return first<whowas_is>(s.run(ask_whowas{session(1), nick("BRUNO"), limit})).people;
    };
    EXPECT_TRUE(ask(0).empty()) << "who is here";
    s.go_away(2);
    s.now_ms = 2'000;
    s.enter(3, "bruno");
    s.call(3, "Carla");
    s.call(3, "CARLA");
    EXPECT_EQ(ask(0), (std::vector<was_here>{{shown("bruno", 3), "Number 3", {}, 2'000},
                                             {shown("Bruno", 2), "Number 2", {}, 1'000}}));
    EXPECT_EQ(ask(1).size(), 1U);
    EXPECT_EQ(ask(2).size(), 2U);
    EXPECT_TRUE(first<whowas_is>(s.run(ask_whowas{session(1), nick("carla"), 0})).people.empty()) << "only the case";
}

TEST(ask_whowas, remembers_so_many) {
    scene s;
    s.enter(1, "Anna");
    for (std::uint64_t i = 0; i <= whowas_max; ++i) {
        effects out;
        const auto name = i == 0 ? "First" : i == 1 ? "Second" : "Other";
        s.chat.apply({.at_ms = 1'000, .what = log_in{session(2), who(name), from(2), {}, {}}}, out);
        s.chat.apply({.at_ms = 1'000, .what = leave{session(2), {}}}, out);
    }
    const auto ask = [&](std::string_view name) {
        return first<whowas_is>(s.run(ask_whowas{session(1), nick(name), 0})).people.size();
    };
    EXPECT_EQ(ask("first"), 0U);
    EXPECT_EQ(ask("second"), 1U);
    EXPECT_EQ(ask("other"), whowas_max - 1);
}

}  // namespace
}  // namespace brusio::chat::test
