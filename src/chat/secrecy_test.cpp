// What outsiders see of secret channels and of invisible people: nothing, whatever they ask.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

// Anna and Bruno are in #x, Carla is outside, Olga is an operator of the server.
struct veiled : scene {
    explicit veiled(std::string_view modes) {
        enter_into(1, "Anna", "#x");
        enter_into(2, "Bruno", "#x");
        enter(3, "Carla");
        enter_operator(4, "Olga");
        mode(1, "#x", modes);
        run(set_topic{session(1), room("#x"), "t"});
    }
    std::vector<std::string> names(std::uint64_t n) {
        std::vector<std::string> all;
        for (const auto& p : first<names_are>(run(ask_names{session(n), room("#x"), {}})).people) {
            all.emplace_back(p.who.nick());
        }
        return all;
    }
    std::vector<std::string> who_asks(const ask_who& question) {
        std::vector<std::string> all;
        for (const auto& e : first<who_are>(run(question)).people) {
            all.push_back(std::string(e.who.nick()) + " " + e.channel);
        }
        return all;
    }
    std::vector<std::string> members(std::uint64_t n) {
        return who_asks({.session = session(n), .channel = room("#X")});
    }
    std::vector<std::string> matching(std::uint64_t n, std::string_view mask) {
        return who_asks({.session = session(n), .mask = std::string(mask), .fold = base::fold(mask)});
    }
    std::vector<std::string> channels_of(std::uint64_t n, std::string_view name) {
        std::vector<std::string> all;
        for (const auto& seat : first<whois_is>(run(ask_whois{session(n), nick(name)})).channels) {
            all.push_back(seat.channel);
        }
        return all;
    }
    std::size_t listed(std::uint64_t n, bool named) {
        ask_channels question{.session = session(n)};
        if (named) question.named = {room("#x")};
        return first<channels_are>(run(question)).channels.size();
    }
};
using strings = std::vector<std::string>;

TEST(a_secret_channel, is_not_there_for_outsiders) {
    veiled s("+s");
    EXPECT_EQ(s.names(3), strings{});
    EXPECT_EQ(first<names_are>(s.run(ask_names{session(3), room("#x"), {}})),
              (names_are{.session = session(3), .asked = {session(3), room("#x"), {}}}))
        << "as of a channel that does not exist";
    EXPECT_EQ(s.members(3), strings{});
    EXPECT_EQ(s.matching(3, "anna"), strings{"Anna "});
    EXPECT_EQ(s.matching(3, "*nna*"), strings{"Anna "});
    EXPECT_EQ(s.channels_of(3, "Anna"), strings{});
    EXPECT_EQ(s.listed(3, false), 0U);
    EXPECT_EQ(s.listed(3, true), 0U);
    const refused unknown{session(3), refusal::no_such_channel, "#X", {}, {}};
    const auto x = room("#X");
    for (const auto& c : std::vector<command>{
             ask_topic{session(3), x}, ask_modes{session(3), x}, ask_list{session(3), x, 'b'},
             set_topic{session(3), x, "x"}, change_modes{session(3), x, changes("+m")},
             kick{session(3), x, nick("Anna"), {}}, invite{session(3), nick("Olga"), x}, part{session(3), x, {}},
             rename_channel{session(3), x, room("#y"), {}}, say{session(3), x, 0, text("x")}}) {
        EXPECT_EQ(s.run(c), effects{unknown}) << c.index();
    }
}

TEST(a_secret_channel, is_open_to_members_and_server_operators) {
    veiled s("+s");
    for (const std::uint64_t n : {2U, 4U}) {
        EXPECT_EQ(s.names(n), (strings{"Anna", "Bruno"}));
        EXPECT_EQ(s.members(n), (strings{"Anna #x", "Bruno #x"}));
        EXPECT_EQ(s.channels_of(n, "Anna"), strings{"#x"});
        EXPECT_EQ(s.listed(n, false), 1U);
        EXPECT_EQ(s.listed(n, true), 1U);
        EXPECT_TRUE(has<topic_is>(s.run(ask_topic{session(n), room("#x")})));
        EXPECT_TRUE(has<modes_are>(s.run(ask_modes{session(n), room("#x")})));
        EXPECT_TRUE(has<list_is>(s.run(ask_list{session(n), room("#x"), 'b'})));
    }
    EXPECT_TRUE(first<names_are>(s.run(ask_names{session(2), room("#x"), {}})).secret);
    EXPECT_TRUE(joins(s.go(3, "#x")));
    EXPECT_EQ(s.names(3).size(), 3U);
}

TEST(a_channel_that_is_not_secret, is_open_to_all) {
    veiled s("-s");
    EXPECT_EQ(s.names(3), (strings{"Anna", "Bruno"}));
    EXPECT_FALSE(first<names_are>(s.run(ask_names{session(3), room("#x"), {}})).secret);
    EXPECT_EQ(s.members(3), (strings{"Anna #x", "Bruno #x"}));
    EXPECT_EQ(s.matching(3, "anna"), strings{"Anna #x"});
    EXPECT_EQ(s.channels_of(3, "Anna"), strings{"#x"});
    EXPECT_EQ(s.listed(3, false), 1U);
    EXPECT_EQ(why(s.run(set_topic{session(3), room("#x"), "x"})), refusal::not_a_member);
}

TEST(an_invisible_user, is_seen_in_lists_by_who_shares_a_channel) {
    veiled s("-s");
    s.own_mode(1, "Anna", "+i");
    EXPECT_EQ(s.names(3), strings{"Bruno"});
    EXPECT_EQ(s.members(3), strings{"Bruno #x"});
    EXPECT_EQ(s.matching(3, "a*"), strings{});
    EXPECT_EQ(s.matching(3, "anna"), strings{"Anna "}) << "whose nick one knows";
    EXPECT_EQ(s.channels_of(3, "Anna"), strings{}) << "but not where they are";
    EXPECT_EQ(s.channels_of(1, "Anna"), strings{"#x"});
    for (const std::uint64_t n : {2U, 4U}) {
        EXPECT_EQ(s.names(n), (strings{"Anna", "Bruno"}));
        EXPECT_EQ(s.members(n), (strings{"Anna #x", "Bruno #x"}));
        EXPECT_EQ(s.matching(n, "a*").size(), 1U);
        EXPECT_EQ(s.channels_of(n, "Anna"), strings{"#x"});
    }
    EXPECT_EQ(s.matching(1, "a*"), strings{"Anna #x"}) << "oneself";
    s.own_mode(1, "Anna", "-i");
    EXPECT_EQ(s.matching(3, "a*"), strings{"Anna #x"});
}

TEST(an_invisible_user, other_channels_stay_hidden_from_who_shares_one) {
    veiled s("-s");
    s.go(1, "#y");
    s.own_mode(1, "Anna", "+i");
    EXPECT_EQ(s.channels_of(2, "Anna"), strings{"#x"});
    EXPECT_EQ(s.channels_of(4, "Anna"), (strings{"#x", "#y"}));
}

TEST(addresses_and_certificates, are_for_operators_and_oneself) {
    veiled s("-s");
    const auto whois = [&](std::uint64_t n) { return first<whois_is>(s.run(ask_whois{session(n), nick("anna")})); };
    const auto address = [&](std::uint64_t n) {
        return first<who_are>(s.run(ask_who{.session = session(n), .fold = "anna"})).people.at(0).address;
    };
    s.own_mode(1, "Anna", "+w");
    for (const std::uint64_t n : {2U, 3U}) {
        EXPECT_EQ(whois(n).address, "");
        EXPECT_EQ(whois(n).certificate, "");
        EXPECT_EQ(whois(n).modes, 0U);
        EXPECT_EQ(address(n), "");
        EXPECT_EQ(s.matching(n, "192.0.2.1"), strings{});
    }
    for (const std::uint64_t n : {1U, 4U}) {
        EXPECT_EQ(whois(n).address, "192.0.2.1");
        EXPECT_EQ(whois(n).certificate, "cert1");
        EXPECT_EQ(whois(n).modes, hears_wallops);
        EXPECT_EQ(address(n), "192.0.2.1");
        EXPECT_EQ(s.matching(n, "192.0.2.1"), strings{"Anna #x"});
    }
    s.go_away(1);
    const auto was = [&](std::uint64_t n) {
        return first<whowas_is>(s.run(ask_whowas{session(n), nick("anna"), 0})).people.at(0).address;
    };
    EXPECT_EQ(was(2), "");
    EXPECT_EQ(was(4), "192.0.2.1");
}

}  // namespace
}  // namespace brusio::chat::test
