// Saving and loading, and bytes that are no saved state: they come from other nodes and from disks.
#include <random>

#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

// Three people in the lobby, one bound to it, two of them in #bar, one more who has just left it, three messages that
// wait for the store; and some of everything else.
scene busy() {
    scene s(usual(true));
    s.enter_lobby(1, "Anna");
    s.enter_bound(2, "m\u0430rio");
    s.enter_lobby(3, "Mario Rossi");
    s.go(1, "#bar");
    s.go(3, "#bar");
    s.speak(1, "x");
    s.speak(2, "y");
    s.enter(4, "Carla");
    s.go_away(4);
    s.mode(1, "#bar", "+kbeIWv", {"key", "zeno", "x", "y", "5", "Anna"});
    s.utter(1, "#bar", speech::tags);
    s.call_in(1, "m\u0430rio", "#bar");
    s.run(set_topic{session(1), room("#bar"), "t"});
    s.rule(3);
    s.own_mode(3, "Mario_Rossi", "+iw");
    s.run(set_away{session(3), "asleep"});
    s.run(monitor{session(2), list_action::add, {nick("Anna"), nick("Zeno")}});
    s.run(silence{session(2), list_action::add, "x!*@*", "x!*@*"});
    s.enter(5, "Dario");
    s.go(5, "#bar", "key");
    s.utter(5, "#bar", speech::notice);
    s.stay_away(5, "#bar");
    s.run(change_server_bans{session(3), list_action::add, {.what = "q!*@*", .fold = "q!*@*", .until_ms = 9}});
    s.run(require_account{session(3), false});
    return s;
}

picture busy_picture() { return picture_of(busy().chat); }

bool loads(const picture& p) { return state::load(usual(true), base::encode(p)).has_value(); }

// Everything that a state can be asked to do; what follows does not matter here, only that it can be done.
void exercise(state& s) {
    effects out;
    std::int64_t at = 2'000;
    const auto run = [&](command c) { s.apply({.at_ms = ++at, .what = std::move(c)}, out); };
    for (std::uint64_t i = 1; i <= 5; ++i) {
        run(log_in{session(i), who("Zeno " + std::to_string(i)), from(i), lobby, {}});
        run(become_operator{session(i), "root"});
        run(join{session(i), room("#bar"), "key", true});
        run(say{session(i), lobby, 0, text("x")});
        run(say{session(i), room("#bar"), voice, text("x")});
        run(tell{session(i), nick("anna"), text("x")});
        run(ask_who{.session = session(i), .fold = "*", .limit = 2});
        run(ask_whois{session(i), nick("anna")});
        run(ask_channels{.session = session(i), .topic_after_ms = 500});
        run(change_modes{session(i), room("#bar"), changes("+bW", {"*", "3"})});
        run(set_away{session(i), "x"});
        run(monitor{session(i), list_action::add, {nick("anna"), nick("Yuri_1")}});
    }
    run(store_answer{store_verdict::refused, {}});
    EXPECT_EQ(s.broken_invariant(), "");
    for (std::uint64_t i = 1; i <= 5; ++i) {
        run(rename{session(i), who("Yuri " + std::to_string(i))});
        run(part{session(i), room("#bar"), {}});
        run(kill{session(i), nick("anna"), {}});
        run(leave{session(i), "x"});
    }
    EXPECT_EQ(s.broken_invariant(), "");
}

TEST(save, and_load_give_an_equal_state) {
    auto s = busy();
    const auto bytes = s.chat.save();
    auto loaded = state::load(usual(true), bytes);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->broken_invariant(), "");
    EXPECT_EQ(loaded->save(), bytes);
    EXPECT_EQ(loaded->digest(), s.chat.digest());
    EXPECT_EQ(loaded->users(), 4U);
    EXPECT_EQ(loaded->sessions(), 4U);
}

TEST(save, names_and_looks_are_taken_in_the_loaded_state_too) {
    scene s(usual(true));
    s.chat = std::move(state::load(usual(true), busy().chat.save()).value());
    EXPECT_NE(only<log_in_refused>(s.enter(7, "ANNA")), nullptr);
    EXPECT_NE(only<log_in_refused>(s.enter(7, "mario")), nullptr);
    EXPECT_NE(only<log_in_refused>(s.enter(7, "brusio.localhost")), nullptr);
    EXPECT_NE(only<not_stored>({s.run(store_answer{store_verdict::refused, {}}).at(0)}), nullptr);
    s.go_away(2);
    EXPECT_TRUE(has<logged_in>(s.enter_bound(7, "mario")));
}

TEST(save, an_empty_chat) {
    for (const auto& options : {usual(), settings{.lobby = std::nullopt}}) {
        const state empty(options);
        const auto loaded = state::load(options, empty.save());
        ASSERT_TRUE(loaded);
        EXPECT_EQ(loaded->digest(), empty.digest());
    }
}

TEST(digest, tells_states_apart) {
    scene s;
    auto last = s.chat.digest();
    const auto changed = [&] {
        const auto now = s.chat.digest();
        const bool differs = now != last;
        last = now;
        return differs;
    };
    s.enter(1, "Anna");
    EXPECT_TRUE(changed());
    s.call(1, "anna");
    EXPECT_TRUE(changed());
    s.go(1, "#piazza");
    EXPECT_TRUE(changed());
    s.speak(1, "x");
    EXPECT_TRUE(changed());
    s.run(store_answer{store_verdict::unknown, {}});
    EXPECT_TRUE(changed());
    s.run(ask_door{session(1), "help", false});
    EXPECT_FALSE(changed());
    s.now_ms += 1;
    s.run(ask_door{session(1), "help", false});
    EXPECT_TRUE(changed());
}

TEST(load, every_cut_and_every_addition_is_refused) {
    const auto bytes = busy().chat.save();
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        ASSERT_FALSE(state::load(usual(true), std::string_view(bytes).substr(0, n))) << n;
    }
    EXPECT_FALSE(state::load(usual(true), bytes + '\0'));
    EXPECT_FALSE(state::load(usual(true), std::string(1'000, '\xff')));
}

// Flipped bytes may still be a state (another letter in a name); if so it is a whole one that can be used.
TEST(load, damaged_bytes_are_refused_or_a_state_that_works) {
    const auto good = busy().chat.save();
    std::mt19937 random(7);  // NOLINT: the same damage each time
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    int loaded_anyway = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = good;
        for (auto flips = 1 + below(4); flips > 0; --flips) {
            // Small numbers make plausible damage (equal ids, other counts), any byte makes the rest.
            bytes[below(bytes.size())] = static_cast<char>(below(2) == 0 ? below(8) : below(256));
        }
        if (below(10) == 0) bytes.erase(below(bytes.size()), 1 + below(20));
        if (below(10) == 0) bytes.insert(below(bytes.size()), bytes.substr(below(bytes.size()), below(100)));
        auto loaded = state::load(usual(true), bytes);
        if (!loaded) continue;
        ++loaded_anyway;
        ASSERT_EQ(loaded->broken_invariant(), "");
        exercise(*loaded);
        ASSERT_FALSE(testing::Test::HasFailure()) << "round " << round;
    }
    EXPECT_GT(loaded_anyway, 100);
}

TEST(load, the_picture_is_the_layout) {
    ASSERT_TRUE(loads(busy_picture()));
    EXPECT_EQ(base::encode(busy_picture()), busy().chat.save());
    EXPECT_EQ(busy_picture().users.at(3).slow_in.size(), 1U) << "of everything some";
    EXPECT_EQ(busy_picture().users.at(1).invitations.size(), 1U);
}

TEST(load, another_format_is_refused) {
    auto p = busy_picture();
    p.format = 3;
    EXPECT_FALSE(loads(p));
}

struct damage {
    const char* what;
    void (*apply)(picture&);
};

const std::vector<damage> damages{
    {"two users with one id", [](picture& p) { p.users[1].id = p.users[0].id; }},
    {"a user twice", [](picture& p) { p.users.push_back(p.users[0]); }},
    {"two users with one nick", [](picture& p) { p.users[1].who.nick_fold = p.users[0].who.nick_fold; }},
    {"two users with one name", [](picture& p) { p.users[1].who.name_fold = p.users[0].who.name_fold; }},
    {"look-alikes", [](picture& p) { p.users[1].who.skeleton = p.users[0].who.skeleton; }},
    {"a session that says it twice", [](picture& p) { p.sessions.push_back(p.sessions[0]); }},
    {"a session of nobody", [](picture& p) { p.sessions.push_back({{9, 9}, {99}}); }},
    {"a session of another", [](picture& p) { p.sessions[0].user = p.users[1].id; }},
    {"a session that its user does not know", [](picture& p) { p.sessions.push_back({{9, 9}, p.users[0].id}); }},
    {"a user active before there was time", [](picture& p) { p.users[0].active_ms = -9'223'372'036'854'774'808; }},
    {"a session bound to where it is not", [](picture& p) { p.sessions[1].bound_to = {99}; }},
    {"a nick watched twice", [](picture& p) { p.sessions[1].watches.push_back(p.sessions[1].watches[0]); }},
    {"an operator without a name", [](picture& p) { p.users[0].modes |= server_operator; }},
    {"a name without an operator", [](picture& p) { p.users[0].operator_name = "root"; }},
    {"fewer people at most than there are", [](picture& p) { p.most_users = 1; }},
    {"too many masks", [](picture& p) { p.channels[0].bans.resize(list_entries_max + 1); }},
    {"too many invitations", [](picture& p) { p.users[0].invitations.resize(invitations_max + 1); }},
    {"slow in too many channels",
     [](picture& p) {
         for (std::uint64_t i = 0; i <= slowed_max; ++i) p.users[0].slow_in.push_back({{100 + i}, 1});
     }},
    {"slow twice in one channel", [](picture& p) { p.users[0].slow_in.assign(2, {{99}, 1}); }},
    {"slow where one is", [](picture& p) { p.users[0].slow_in = {{p.users[0].channels[0], 1}}; }},
    {"slow since a time to come", [](picture& p) { p.users[0].slow_in = {{{99}, p.last_ms + 1}}; }},
    {"a word of a time to come", [](picture& p) { p.channels[1].members[0].spoke_ms = p.last_ms + 1; }},
    {"too many who were here", [](picture& p) { p.whowas.resize(whowas_max + 1); }},
    {"a user without a session", [](picture& p) { p.users[0].sessions.clear(); }},
    {"a session of two users", [](picture& p) { p.users[0].sessions = p.users[1].sessions; }},
    {"a session twice", [](picture& p) { p.users[0].sessions.push_back(p.users[0].sessions[0]); }},
    {"a user above the last number", [](picture& p) { p.last_number = p.users.back().id.value - 1; }},
    {"two channels with one id", [](picture& p) { p.channels[1].id = p.channels[0].id; }},
    {"two channels with one name", [](picture& p) { p.channels[1].name = p.channels[0].name; }},
    {"a channel above the last number", [](picture& p) { p.channels[1].id = p.channels[1].id = {p.last_number + 1}; }},
    {"a member twice", [](picture& p) { p.channels[1].members.push_back(p.channels[1].members.back()); }},
    {"a channel twice in a user", [](picture& p) { p.users[0].channels.push_back(p.users[0].channels.back()); }},
    {"a member out of order", [](picture& p) { std::swap(p.channels[0].members[0], p.channels[0].members[1]); }},
    {"a member that the user does not know", [](picture& p) { p.users[0].channels.pop_back(); }},
    {"a channel that does not know its member", [](picture& p) { p.channels[1].members.pop_back(); }},
    {"a member that is nobody", [](picture& p) { p.channels[1].members.push_back({.user = {99}}); }},
    {"a channel that is nowhere", [](picture& p) { p.users[0].channels.push_back({99}); }},
    {"an empty channel", [](picture& p) { p.channels.push_back({.id = {p.last_number}, .name = room("#x")}); }},
    {"a second lobby",
     [](picture& p) { p.channels.push_back({.id = {p.last_number}, .name = room("#x"), .permanent = true}); }},
    {"a lobby that can end", [](picture& p) { p.channels[0].permanent = false; }},
    {"a message above the last number", [](picture& p) { p.waiting.back().id = {p.last_number + 1}; }},
    {"messages out of order", [](picture& p) { std::swap(p.waiting[0], p.waiting[1]); }},
    {"a message twice", [](picture& p) { p.waiting.push_back(p.waiting.back()); }},
    {"a negative time", [](picture& p) { p.last_ms = -1; }},
};

TEST(load, states_that_no_command_leads_to_are_refused) {
    for (const auto& d : damages) {
        auto p = busy_picture();
        d.apply(p);
        EXPECT_FALSE(loads(p)) << d.what;
    }
}

TEST(load, no_lobby) {
    scene s;
    s.enter(1, "Anna");
    auto p = base::decode<picture>(s.chat.save()).value();
    p.channels.clear();
    EXPECT_FALSE(loads(p));
}

}  // namespace
}  // namespace brusio::chat::test
