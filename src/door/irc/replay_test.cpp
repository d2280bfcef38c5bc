// What an account missed, told without being asked for; and one's own words from one's other clients.
#include <gtest/gtest.h>

#include "door/irc/past_scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::inside;
using test::lines;
using test::short_of;
using test::shorts;
using test::tag;
using test::text_of;
using test::texts;
using test::verbs;

// Chat tells since when an account was away; here the test does.
class missed : public testing::Test {
  protected:
    missed() {
        w.hub.before_leaving = [this](chat::effect& e) {
            if (auto* in = std::get_if<chat::logged_in>(&e)) {
                if (in->who.account.empty()) return;
                in->missed_since_ms = since_ms;
                in->last = last_known();
            } else if (auto* j = std::get_if<chat::joined>(&e)) {
                j->last = last_known();
            }
        };
        w.type(anna, "JOIN #c");
        w.type(bruno, "JOIN #c");
        w.register_account(anna, "anna");
        w.register_account(bruno, "bruno");
        w.say(bruno, "PRIVMSG #c :before");
        w.say(bruno, "PRIVMSG anna :you there?");
    }
    chat::message_id last_known() const {
        return w.hub.past.all.empty() ? chat::message_id{} : w.hub.past.all.back().what.id;
    }

    void anna_goes() {
        w.hub.now_ms += 1000;
        since_ms = w.hub.now_ms;
        w.type(anna, "QUIT");
        w.hub.now_ms += 1000;
    }
    lines comes_back(std::string_view caps = {}) {
        auto& again = w.enter_as("anna", "anna", caps);
        now = &again;
        return of_others(test::lines_of(again.take()));
    }
    lines joins(client& c, std::string_view channel) { return of_others(w.type(c, "JOIN " + std::string(channel))); }
    // Messages and what is around them, not the welcome.
    static lines of_others(const lines& all) {
        lines out;
        for (const auto& line : all) {
            const auto verb = verbs({line}).front();
            if (verb == "PRIVMSG" || verb == "NOTICE" || verb == "BATCH") out.push_back(line);
        }
        return out;
    }

    test::past_scene w;
    client& anna = w.enter("anna", "echo-message");
    client& bruno = w.enter("bruno", "message-tags");
    client* now = nullptr;
    std::int64_t since_ms = 0;
};

TEST_F(missed, messages_come_with_their_time_in_front_where_it_cannot_be_told_otherwise) {
    anna_goes();
    w.hub.now_ms = 1'795'422'271'123;  // 08:24
    w.hub.now_ms += 60'000;
    w.type(bruno, "PRIVMSG #c :one");
    w.say(bruno,
          "PRIVMSG #c :\x01"
          "ACTION waves\x01");
    w.say(bruno, "NOTICE #c :two");
    EXPECT_EQ(comes_back(), lines{});
    EXPECT_EQ(texts(joins(*now, "#c")), (lines{"[08:25] one",
                                               "\x01"
                                               "ACTION [08:25] waves\x01",
                                               "[08:25] two"}));
}

TEST_F(missed, who_is_told_times_gets_no_text_in_front) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :one");
    comes_back("server-time");
    const auto told = joins(*now, "#c");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(text_of(told[0]), "one");
    EXPECT_NE(tag(told[0], "time"), "-");
}

TEST_F(missed, a_client_that_knows_batches_gets_one) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :one");
    comes_back("server-time batch");
    EXPECT_EQ(texts(inside(joins(*now, "#c"), "chathistory")), lines{"one"});
}

TEST_F(missed, it_comes_after_ones_own_coming) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :one");
    comes_back();
    const auto told = verbs(w.type(*now, "JOIN #c"));
    EXPECT_EQ(told.front(), "JOIN");
    EXPECT_EQ(std::ranges::count(told, "PRIVMSG"), 1);
}

TEST_F(missed, who_asks_for_the_past_is_told_nothing_by_itself) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :one");
    EXPECT_EQ(comes_back("draft/chathistory batch"), lines{});
    EXPECT_EQ(joins(*now, "#c"), lines{});
}

TEST_F(missed, programs_are_not_told) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :!reboot");
    comes_back();
    w.type(*now, "MODE anna +B");
    EXPECT_EQ(joins(*now, "#c"), lines{});
}

TEST_F(missed, without_an_account_nothing_is_missed) {
    w.say(bruno, "PRIVMSG #c :one");
    since_ms = 1;
    auto& carla = w.enter("carla");
    EXPECT_EQ(joins(carla, "#c"), lines{});
}

TEST_F(missed, only_messages_and_only_once) {
    anna_goes();
    w.say(bruno, "TOPIC #c :tea");
    w.say(bruno,
          "PRIVMSG #c :\x01"
          "VERSION\x01");
    w.say(bruno, "@+draft/react=x TAGMSG #c");
    w.say(bruno, "PRIVMSG #c :one");
    comes_back("message-tags");
    EXPECT_EQ(texts(joins(*now, "#c")).size(), 1U);
    w.say(bruno, "PRIVMSG #c :live");
    w.type(*now, "PART #c");
    EXPECT_EQ(joins(*now, "#c"), lines{});
}

TEST_F(missed, who_leaves_a_channel_and_comes_again_is_told_nothing_twice) {
    w.type(bruno, "JOIN #piazza");
    anna_goes();
    w.say(bruno, "PRIVMSG #piazza :one");
    comes_back("server-time");
    EXPECT_EQ(texts(joins(*now, "#piazza")), lines{"one"});
    w.type(*now, "PART #piazza");
    EXPECT_EQ(joins(*now, "#piazza"), lines{});
}

TEST_F(missed, what_is_heard_live_is_not_told_again) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :one");
    comes_back();
    now->sent.clear();
    // All in one turn: what is said after the join is heard, and what was said before is missed.
    w.hub.feed(bruno, "PRIVMSG #c :two\r\n");
    w.hub.feed(*now, "JOIN #c\r\n");
    w.hub.feed(bruno, "PRIVMSG #c :three\r\n");
    w.hub.settle();
    const auto told = texts(of_others(test::lines_of(now->take())));
    EXPECT_EQ(std::ranges::count_if(told, [](const auto& t) { return t.ends_with("three"); }), 1);
    EXPECT_EQ(std::ranges::count_if(told, [](const auto& t) { return t.ends_with("one"); }), 1);
}

TEST_F(missed, at_most_so_many_lines) {
    auto s = test::scene::with_history();
    s.history.replay_lines = 3;
    s.now_ms = [this] { return w.hub.now_ms; };
    w.door->set(s);
    anna_goes();
    for (int i = 0; i < 5; ++i) w.say(bruno, "PRIVMSG #c :m" + std::to_string(i));
    comes_back("server-time");
    EXPECT_EQ(texts(joins(*now, "#c")), (lines{"m2", "m3", "m4"})) << "the last ones";
    s.history.replay_lines = 0;
    w.door->set(s);
    w.type(*now, "QUIT");
    w.say(bruno, "PRIVMSG #c :late");
    comes_back("server-time");
    EXPECT_EQ(joins(*now, "#c"), lines{});
}

TEST_F(missed, direct_messages_come_with_the_welcome) {
    anna_goes();
    // Nobody can be written to who is not here: another client of the account stands in for it.
    auto& other = w.enter_as("anna", "anna", "echo-message");
    w.say(bruno, "PRIVMSG anna :first");
    w.say(other, "PRIVMSG bruno :mine");
    w.say(bruno, "PRIVMSG anna :second");
    w.type(other, "QUIT");
    w.hub.now_ms += 1000;
    EXPECT_EQ(texts(comes_back("server-time")), (lines{"first", "second"})) << "not one's own";
    w.type(*now, "QUIT");
    EXPECT_EQ(texts(comes_back("server-time znc.in/self-message")), (lines{"first", "mine", "second"}));
    w.type(*now, "QUIT");
    EXPECT_EQ(texts(inside(comes_back("server-time batch echo-message"), "chathistory")),
              (lines{"first", "mine", "second"}));
}

TEST_F(missed, whoever_comes_to_their_user_is_told_of_each_channel) {
    w.type(anna, "JOIN #d");
    w.hub.now_ms += 1000;
    since_ms = w.hub.now_ms;
    w.say(bruno, "PRIVMSG #c :one");
    w.say(anna, "PRIVMSG #d :two");
    const auto told = texts(comes_back("server-time"));
    EXPECT_EQ(told, (lines{"one", "two"})) << "as chat says that it was away since then";
}

TEST_F(missed, a_store_that_fails_tells_nothing) {
    anna_goes();
    w.say(bruno, "PRIVMSG #c :one");
    w.hub.past.fails = true;
    comes_back();
    EXPECT_EQ(joins(*now, "#c"), lines{});
    EXPECT_EQ(verbs(w.type(*now, "PING x")), lines{"PONG"});
}

// ── one's own words ─────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(missed, own_direct_messages_reach_ones_other_clients_that_expect_them) {
    auto& echoes = w.enter_as("anna", "anna", "echo-message");
    auto& knows = w.enter_as("anna", "anna", "znc.in/self-message");
    auto& does_not = w.enter_as("anna", "anna");
    w.quiet();
    w.say(does_not, "PRIVMSG bruno :hi");
    EXPECT_EQ(shorts(w.hears(echoes)), lines{"PRIVMSG bruno"});
    EXPECT_EQ(shorts(w.hears(knows)), lines{"PRIVMSG bruno"});
    EXPECT_EQ(w.hears(does_not), lines{}) << "no echo without echo-message";
    w.quiet();
    w.say(knows, "PRIVMSG bruno :hi");
    EXPECT_EQ(w.hears(does_not), lines{});
    EXPECT_EQ(w.hears(knows), lines{}) << "self-message is no echo";
    EXPECT_EQ(shorts(w.hears(echoes)), lines{"PRIVMSG bruno"});
    w.quiet();
    w.say(bruno, "PRIVMSG anna :hello");
    EXPECT_EQ(shorts(w.hears(does_not)), lines{"PRIVMSG anna"});
    w.quiet();
    w.say(knows, "PRIVMSG #c :all");
    EXPECT_EQ(shorts(w.hears(does_not)), lines{"PRIVMSG #c"}) << "in channels it is always told";
}

TEST_F(missed, what_one_tells_oneself_is_told) {
    auto& plain = w.enter_as("anna", "anna");
    w.quiet();
    EXPECT_EQ(shorts(w.say(plain, "PRIVMSG anna :note")), lines{"PRIVMSG anna"});
    EXPECT_EQ(shorts(w.hears(anna)), lines{"PRIVMSG anna"});
}

}  // namespace
}  // namespace brusio::door::irc
