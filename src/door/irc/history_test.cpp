// CHATHISTORY on whole conversations.
#include "door/irc/history.hpp"

#include "door/irc/past_scene_test.hpp"
#include "door/irc/render.hpp"
#include "door/references.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::has_tag;
using test::inside;
using test::lines;
using test::short_of;
using test::tag;
using test::text_of;
using test::texts;
using test::verbs;

constexpr std::string_view knows_all = "batch message-tags server-time account-tag draft/chathistory";

class chathistory_command : public testing::Test {
  protected:
    chathistory_command() {
        w.type(anna, "JOIN #c");
        w.type(bruno, "JOIN #c");
        for (int i = 0; i < 10; ++i) {
            const auto echo = w.say(anna, "PRIVMSG #c :m" + std::to_string(i));
            ids.push_back("msgid=" + tag(echo.at(0), "msgid"));
            times.push_back("timestamp=" + tag(echo.at(0), "time"));
        }
        w.quiet();
    }
    lines ask(std::string_view line) { return w.type(bruno, "CHATHISTORY " + std::string(line)); }
    lines read(std::string_view line) { return texts(inside(ask(line), "chathistory")); }
    static lines numbers(int from, int to) {
        lines all;
        for (int i = from; i < to; ++i) all.push_back("m" + std::to_string(i));
        return all;
    }

    test::past_scene w;
    client& anna = w.enter("anna", "echo-message message-tags server-time");
    client& bruno = w.enter("bruno", knows_all);
    lines ids;
    lines times;
};

TEST_F(chathistory_command, latest_tells_the_last_ones_oldest_first) {
    EXPECT_EQ(read("LATEST #c * 50"), numbers(0, 10));
    EXPECT_EQ(read("LATEST #C * 3"), numbers(7, 10));
    EXPECT_EQ(read("latest #c " + ids[4] + " 50"), numbers(5, 10));
    EXPECT_EQ(read("LATEST #c " + times[4] + " 50"), numbers(5, 10));
    EXPECT_EQ(read("LATEST #c " + ids[4] + " 2"), numbers(8, 10));
}

TEST_F(chathistory_command, before_and_after_leave_out_what_they_name) {
    for (const auto& ref : {ids, times}) {
        EXPECT_EQ(read("BEFORE #c " + ref[6] + " 50"), numbers(0, 6));
        EXPECT_EQ(read("BEFORE #c " + ref[6] + " 2"), numbers(4, 6));
        EXPECT_EQ(read("AFTER #c " + ref[3] + " 50"), numbers(4, 10));
        EXPECT_EQ(read("AFTER #c " + ref[3] + " 3"), numbers(4, 7));
        EXPECT_EQ(read("AROUND #c " + ref[7] + " 1"), numbers(7, 8));
        EXPECT_EQ(read("AROUND #c " + ref[7] + " 3"), numbers(6, 9));
        EXPECT_EQ(read("BETWEEN #c " + ref[0] + " " + ref[9] + " 50"), numbers(1, 9));
        EXPECT_EQ(read("BETWEEN #c " + ref[9] + " " + ref[0] + " 50"), numbers(1, 9));
        EXPECT_EQ(read("BETWEEN #c " + ref[0] + " " + ref[9] + " 3"), numbers(1, 4));
        EXPECT_EQ(read("BETWEEN #c " + ref[9] + " " + ref[0] + " 3"), numbers(6, 9));
        EXPECT_EQ(read("BETWEEN #c " + ref[4] + " " + ref[4] + " 3"), lines{});
    }
    EXPECT_EQ(read("BETWEEN #c " + times[4] + " " + ids[4] + " 3"), lines{}) << "in the same millisecond";
    EXPECT_EQ(read("BETWEEN #c " + times[2] + " " + ids[5] + " 50"), numbers(3, 5));
}

TEST_F(chathistory_command, a_millisecond_is_in_or_out_as_a_whole) {
    w.say(anna, "PRIVMSG #c :a");
    const auto b = w.type(anna, "PRIVMSG #c :b");
    const auto at = "timestamp=" + tag(b.at(0), "time");
    EXPECT_EQ(read("BEFORE #c " + at + " 50"), numbers(0, 10));
    EXPECT_EQ(read("AFTER #c " + at + " 50"), lines{});
    EXPECT_EQ(read("AFTER #c " + times[9] + " 50"), (lines{"a", "b"}));
    EXPECT_EQ(read("BEFORE #c msgid=" + tag(b.at(0), "msgid") + " 1"), lines{"a"});
}

TEST_F(chathistory_command, times_beyond_all_messages_tell_nothing_or_all) {
    EXPECT_EQ(read("BEFORE #c timestamp=1970-01-01T00:00:00.000Z 50"), lines{});
    EXPECT_EQ(read("AFTER #c timestamp=1970-01-01T00:00:00.000Z 50"), numbers(0, 10));
    EXPECT_EQ(read("BEFORE #c timestamp=9999-12-31T23:59:59.999Z 50"), numbers(0, 10));
    EXPECT_EQ(read("AFTER #c timestamp=9999-12-31T23:59:59.999Z 50"), lines{});
    EXPECT_EQ(read("BETWEEN #c timestamp=1970-01-01T00:00:00.000Z timestamp=9999-12-31T23:59:59.999Z 50"),
              numbers(0, 10));
    EXPECT_EQ(read("BETWEEN #c timestamp=9999-12-31T23:59:59.999Z timestamp=1970-01-01T00:00:00.000Z 50"),
              numbers(0, 10));
}

TEST_F(chathistory_command, the_end_is_told_when_there_is_no_more) {
    const auto ended = [&](std::string_view line) { return has_tag(ask(line).at(0), "draft/chathistory-end"); };
    EXPECT_TRUE(ended("LATEST #c * 10"));
    EXPECT_FALSE(ended("LATEST #c * 9"));
    EXPECT_TRUE(ended("BEFORE #c " + ids[6] + " 6"));
    EXPECT_FALSE(ended("BEFORE #c " + ids[6] + " 5"));
    EXPECT_TRUE(ended("AFTER #c " + ids[6] + " 3"));
    EXPECT_FALSE(ended("AFTER #c " + ids[6] + " 2"));
    EXPECT_TRUE(ended("BETWEEN #c " + ids[0] + " " + ids[9] + " 8"));
    EXPECT_FALSE(ended("BETWEEN #c " + ids[9] + " " + ids[0] + " 7"));
    EXPECT_TRUE(ended("BEFORE #c " + ids[0] + " 5")) << "nothing is the end, too";
}

TEST_F(chathistory_command, a_line_is_what_it_was) {
    w.type(anna, "JOIN #d");
    w.type(bruno, "JOIN #d");
    w.register_account(anna, "anna");
    w.type(anna, "MODE anna +B");
    w.quiet();
    w.say(anna, "@+draft/reply=x;+typing=done PRIVMSG #d :hello");
    const auto live = w.hears(bruno).at(0);
    EXPECT_EQ(tag(live, "account"), "anna");
    w.say(anna,
          "NOTICE #d :\x01"
          "PONG 5\x01");
    w.say(anna,
          "PRIVMSG #d :\x01"
          "ACTION waves\x01");
    const auto again = inside(ask("LATEST #d * 10"), "chathistory");
    ASSERT_EQ(again.size(), 3U);
    const auto batch = tag(again[0], "batch");
    EXPECT_EQ(again[0], "@batch=" + batch + ";" + live.substr(1));
    EXPECT_EQ(short_of(again[1]), "NOTICE #d");
    EXPECT_EQ(text_of(again[2]),
              "\x01"
              "ACTION waves\x01");
}

TEST_F(chathistory_command, a_client_gets_as_much_as_it_knows) {
    auto& plain = w.enter("carla");
    w.type(plain, "JOIN #c");
    w.say(anna, "PRIVMSG #c :one");
    w.say(anna, "PRIVMSG #c :two");
    EXPECT_EQ(w.type(plain, "CHATHISTORY LATEST #c * 1"), lines{":anna!~anna@host.192.0.2.1 PRIVMSG #c :two"})
        << "without batch, tags and times";
    auto& batches = w.enter("dora", "batch");
    w.type(batches, "JOIN #c");
    w.say(anna, "PRIVMSG #c :three");
    const auto told = w.type(batches, "CHATHISTORY LATEST #c * 5");
    EXPECT_FALSE(told.at(0).starts_with('@')) << "no tag that it has not asked for";
    EXPECT_EQ(texts(inside(told, "chathistory")), lines{"three"});
}

TEST_F(chathistory_command, a_message_of_several_lines_comes_back_as_one) {
    auto& sends = w.enter("carla", "batch message-tags draft/multiline labeled-response draft/chathistory");
    w.type(sends, "JOIN #m");
    for (const auto* line : {"BATCH +1 draft/multiline #m", "@batch=1 PRIVMSG #m :first", "@batch=1 PRIVMSG #m :second",
                             "BATCH -1", "PRIVMSG #m :alone"}) {
        w.type(sends, line);
    }
    const auto told = w.type(sends, "CHATHISTORY LATEST #m * 10");
    const auto in = inside(told, "chathistory");
    ASSERT_EQ(verbs(in), (lines{"BATCH", "PRIVMSG", "PRIVMSG", "BATCH", "PRIVMSG"}));
    const auto outer = tag(in[4], "batch");
    EXPECT_EQ(tag(in[0], "batch"), outer);
    EXPECT_EQ(tag(in[3], "batch"), outer);
    const auto inner = tag(in[1], "batch");
    EXPECT_NE(inner, outer);
    EXPECT_EQ(short_of(in[0]), "BATCH +" + inner + " draft/multiline #m");
    EXPECT_EQ(tag(in[1], "msgid"), "-");
    EXPECT_TRUE(has_tag(in[0], "msgid"));
    w.type(bruno, "JOIN #m");
    const auto labeled = w.type(sends, "@label=7 CHATHISTORY LATEST #m * 10");
    EXPECT_EQ(tag(labeled.at(0), "label"), "7") << "the batch is the answer";
    EXPECT_EQ(verbs(inside(labeled, "chathistory")), verbs(in));
    EXPECT_EQ(std::ranges::count_if(labeled, [](const auto& l) { return has_tag(l, "label"); }), 1);
}

TEST_F(chathistory_command, direct_messages_are_of_both_sides) {
    w.say(anna, "PRIVMSG bruno :hi");
    w.say(bruno, "PRIVMSG anna :hello");
    w.say(anna, "PRIVMSG bruno :how are you?");
    const auto told = inside(ask("LATEST ANNA * 10"), "chathistory");
    EXPECT_EQ(texts(told), (lines{"hi", "hello", "how are you?"}));
    EXPECT_EQ(short_of(told.at(0)), "PRIVMSG bruno");
    EXPECT_EQ(short_of(told.at(1)), "PRIVMSG anna");
    EXPECT_EQ(short_of(ask("LATEST ANNA * 10").at(0)).substr(0, 6), "BATCH ");
    EXPECT_TRUE(ask("LATEST ANNA * 10").at(0).ends_with(" chathistory anna")) << "as the target is called";
    EXPECT_TRUE(ask("LATEST #C * 10").at(0).ends_with(" chathistory #c"));
    EXPECT_EQ(read("LATEST nobody * 10"), lines{});
}

TEST_F(chathistory_command, targets_are_what_has_something_new) {
    w.say(anna, "PRIVMSG bruno :hi");
    const auto told = inside(ask("TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 10"),
                             "draft/chathistory-targets");
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(short_of(told[0]), "CHATHISTORY TARGETS #c " + times[9].substr(10));
    EXPECT_EQ(short_of(told[1]), "CHATHISTORY TARGETS anna " + time_text(w.hub.now_ms));
    const auto one = inside(ask("TARGETS timestamp=2100-01-01T00:00:00.000Z timestamp=2020-01-01T00:00:00.000Z 1"),
                            "draft/chathistory-targets");
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(short_of(one[0]).substr(0, 24), "CHATHISTORY TARGETS anna") << "counted from the first time";
    EXPECT_EQ(
        inside(ask("TARGETS timestamp=2020-01-01T00:00:00.000Z " + times[9] + " 10"), "draft/chathistory-targets"),
        lines{})
        << "what is newer than the bound";
    EXPECT_EQ(inside(ask("TARGETS " + times[9] + " " + times[9] + " 10"), "draft/chathistory-targets"), lines{});
}

TEST_F(chathistory_command, targets_say_whether_that_is_all) {
    w.say(anna, "PRIVMSG bruno :hi");
    const auto ask_for = [&](int n) {
        return has_tag(
            ask("TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z " + std::to_string(n))
                .at(0),
            "draft/chathistory-end");
    };
    EXPECT_FALSE(ask_for(1));
    EXPECT_TRUE(ask_for(2));
}

TEST_F(chathistory_command, what_cannot_be_meant_is_refused_in_its_words) {
    const auto refusal = [&](std::string_view line) {
        const auto told = ask(line);
        EXPECT_EQ(told.size(), 1U) << line;
        return told.empty() ? std::string() : short_of(told.front());
    };
    const auto& m = ids[3];
    EXPECT_EQ(refusal("EVER #c * 10"), "FAIL CHATHISTORY INVALID_PARAMS EVER");
    EXPECT_EQ(refusal("LATEST"), "FAIL CHATHISTORY INVALID_PARAMS LATEST");
    EXPECT_EQ(refusal("LATEST #c *"), "FAIL CHATHISTORY INVALID_PARAMS LATEST");
    EXPECT_EQ(refusal("LATEST #c * 10 10"), "FAIL CHATHISTORY INVALID_PARAMS LATEST");
    EXPECT_EQ(refusal("BETWEEN #c " + m + " 10"), "FAIL CHATHISTORY INVALID_PARAMS BETWEEN");
    EXPECT_EQ(refusal("BEFORE #c * 10"), "FAIL CHATHISTORY INVALID_PARAMS BEFORE *");
    EXPECT_EQ(refusal("BEFORE #c timestamp=2026 10"), "FAIL CHATHISTORY INVALID_PARAMS BEFORE timestamp=2026");
    EXPECT_EQ(refusal("BEFORE #c nonsense 10"), "FAIL CHATHISTORY INVALID_PARAMS BEFORE nonsense");
    EXPECT_EQ(refusal("BEFORE #c seq=4 10"), "FAIL CHATHISTORY INVALID_MSGREFTYPE BEFORE #c seq=4");
    for (const auto* limit : {"0", "-1", "x", "10x", "1.5"}) {
        EXPECT_EQ(refusal("LATEST #c * " + std::string(limit)),
                  "FAIL CHATHISTORY INVALID_PARAMS LATEST " + std::string(limit));
    }
    EXPECT_EQ(refusal("TARGETS " + m + " " + times[3] + " 10"), "FAIL CHATHISTORY INVALID_PARAMS TARGETS " + m);
    EXPECT_EQ(refusal("LATEST #nowhere * 10"), "FAIL CHATHISTORY INVALID_TARGET LATEST #nowhere");
    EXPECT_EQ(refusal("LATEST 9/9 * 10"), "FAIL CHATHISTORY INVALID_TARGET LATEST 9/9");
    EXPECT_EQ(refusal("LATEST @#c * 10"), "FAIL CHATHISTORY INVALID_TARGET LATEST @#c");
    EXPECT_EQ(refusal("BEFORE #c msgid=unknown 10"), "FAIL CHATHISTORY MESSAGE_ERROR BEFORE #c unknown");
    EXPECT_EQ(refusal("BEFORE #nowhere msgid=unknown 10"), "FAIL CHATHISTORY INVALID_TARGET BEFORE #nowhere")
        << "what one may not read is told first";
    EXPECT_EQ(short_of(w.type(bruno, "CHATHISTORY").at(0)), "461 bruno CHATHISTORY");
}

TEST_F(chathistory_command, only_members_read_and_only_what_they_may) {
    auto& carla = w.enter("carla", knows_all);
    EXPECT_EQ(short_of(w.type(carla, "CHATHISTORY LATEST #c * 10").at(0)), "FAIL CHATHISTORY INVALID_TARGET LATEST #c");
    w.type(carla, "JOIN #c");
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY LATEST #c * 10"), "chathistory")), lines{})
        << "an unregistered channel's past begins with one's coming";
    w.type(carla, "PART #c");
    EXPECT_EQ(short_of(w.type(carla, "CHATHISTORY LATEST #c * 10").at(0)), "FAIL CHATHISTORY INVALID_TARGET LATEST #c");
}

TEST_F(chathistory_command, a_store_that_fails_is_an_error) {
    w.hub.past.fails = true;
    EXPECT_EQ(short_of(ask("LATEST #c * 10").at(0)), "FAIL CHATHISTORY MESSAGE_ERROR LATEST #c");
    EXPECT_EQ(short_of(ask("TARGETS " + times[0] + " " + times[3] + " 10").at(0)),
              "FAIL CHATHISTORY MESSAGE_ERROR TARGETS *");
    w.hub.past.fails = false;
    EXPECT_EQ(read("LATEST #c * 1"), numbers(9, 10));
}

TEST_F(chathistory_command, more_than_the_limit_is_the_limit) {
    ask("LATEST #c * 100000000000000000000000");
    const auto* q = std::get_if<store::page_query>(&w.hub.past.asked.back());
    ASSERT_NE(q, nullptr);
    EXPECT_EQ(q->limit, history_page_max);
}

TEST_F(chathistory_command, what_comes_after_it_waits_for_it) {
    bruno.sent.clear();
    w.hub.feed(bruno, "CHATHISTORY LATEST #c * 1\r\nPING x\r\nCHATHISTORY LATEST #c * 2\r\n");
    w.hub.settle();
    EXPECT_EQ(verbs(test::lines_of(bruno.take())),
              (lines{"BATCH", "PRIVMSG", "BATCH", "PONG", "BATCH", "PRIVMSG", "PRIVMSG", "BATCH"}));
}

TEST_F(chathistory_command, an_answer_has_its_label) {
    auto& carla = w.enter("carla", "batch labeled-response message-tags draft/chathistory");
    w.type(carla, "JOIN #c");
    for (const auto* line : {"CHATHISTORY LATEST #c * 10", "CHATHISTORY LATEST #d * 10", "CHATHISTORY LATEST #c * 0",
                             "CHATHISTORY", "CHATHISTORY BEFORE #c msgid=x 5"}) {
        const auto told = w.type(carla, "@label=a " + std::string(line));
        ASSERT_FALSE(told.empty()) << line;
        EXPECT_EQ(tag(told.at(0), "label"), "a") << line;
        EXPECT_EQ(verbs(w.type(carla, "PING x")), lines{"PONG"}) << "and it is over";
    }
}

TEST_F(chathistory_command, a_page_is_bounded_in_bytes) {
    auto& carla = w.enter("carla", "batch message-tags draft/multiline draft/chathistory");
    w.type(carla, "JOIN #m");
    const std::string long_text(400, 'x');
    for (int m = 0; m < 40; ++m) {
        w.hub.feed(carla, "BATCH +1 draft/multiline #m\r\n");
        for (int i = 0; i < 40; ++i) w.hub.feed(carla, "@batch=1 PRIVMSG #m :" + long_text + "\r\n");
        w.hub.feed(carla, "BATCH -1\r\n");
        w.hub.settle();
    }
    carla.sent.clear();
    w.hub.feed(carla, "CHATHISTORY LATEST #m * 500\r\n");
    w.hub.settle();
    EXPECT_LE(carla.sent.size(), history_bytes_max * 2);
    const auto told = test::lines_of(carla.take());
    EXPECT_GT(told.size(), 20 * 42U);
    EXPECT_LT(told.size(), 40 * 42U);
    EXPECT_FALSE(has_tag(told.at(0), "draft/chathistory-end"));
    const auto oldest = tag(told.at(1), "msgid");
    const auto rest = w.type(carla, "CHATHISTORY BEFORE #m msgid=" + oldest + " 500");
    EXPECT_EQ(rest.size() + told.size(), 40 * 42U + 4) << "and the rest is on the next page";
    EXPECT_TRUE(has_tag(rest.at(0), "draft/chathistory-end"));
}

TEST_F(chathistory_command, isupport_and_capabilities_say_that_there_is_a_history) {
    auto& carla = w.connect();
    const auto offered = w.type(carla, "CAP LS 302");
    std::string all;
    for (const auto& line : offered) all += text_of(line) + " ";
    for (const auto* name : {"draft/chathistory", "draft/event-playback", "draft/read-marker",
                             "draft/message-redaction", "soju.im/search", "znc.in/self-message"}) {
        EXPECT_NE(all.find(name), std::string::npos) << name;
    }
    std::string tokens;
    for (const auto& line : w.type(bruno, "ISUPPORT")) tokens += line;
    EXPECT_NE(tokens.find(" CHATHISTORY=500 "), std::string::npos);
    EXPECT_NE(tokens.find(" MSGREFTYPES=msgid,timestamp "), std::string::npos);
}

TEST(without_history, there_is_no_command_for_it) {
    test::scene w;
    auto& anna = w.enter("anna");
    for (const auto* line : {"CHATHISTORY LATEST #c * 10", "MARKREAD #c", "REDACT #c x", "SEARCH x"}) {
        EXPECT_EQ(short_of(w.type(anna, line).at(0)).substr(0, 4), "421 ") << line;
    }
    std::string tokens;
    for (const auto& line : w.type(anna, "ISUPPORT")) tokens += line;
    EXPECT_EQ(tokens.find("CHATHISTORY"), std::string::npos);
    std::string all;
    for (const auto& line : w.type(anna, "CAP LS 302")) all += line;
    EXPECT_EQ(all.find("chathistory"), std::string::npos);
    EXPECT_NE(all.find("znc.in/self-message"), std::string::npos);
}

}  // namespace
}  // namespace brusio::door::irc
