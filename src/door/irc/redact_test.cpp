// Messages that are taken back.
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

constexpr std::string_view knows =
    "batch message-tags server-time echo-message labeled-response draft/chathistory "
    "draft/message-redaction";

class redact_command : public testing::Test {
  protected:
    redact_command() {
        w.type(anna, "JOIN #c");
        w.type(bruno, "JOIN #c");
        w.type(carla, "JOIN #c");
        w.register_account(anna, "anna");
        w.quiet();
    }
    std::string says(client& c, std::string_view target, std::string_view text) {
        return tag(w.say(c, "PRIVMSG " + std::string(target) + " :" + std::string(text)).at(0), "msgid");
    }
    std::string first(client& c, const std::string& line) {
        const auto told = w.type(c, line);
        EXPECT_FALSE(told.empty()) << line;
        return told.empty() ? std::string() : short_of(told.front());
    }

    test::past_scene w;
    client& anna = w.enter("anna", knows);  // first, and so the channel's operator
    client& bruno = w.enter("bruno", knows);
    client& carla = w.enter("carla", "batch message-tags draft/chathistory");  // does not know of it
};

TEST_F(redact_command, ones_own_message_is_taken_back_for_all_who_know_of_it) {
    const auto id = says(bruno, "#c", "oops");
    w.quiet();
    const auto told = w.say(bruno, "REDACT #c " + id + " :wrong window");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(short_of(told[0]), "REDACT #c " + id);
    EXPECT_EQ(text_of(told[0]), "wrong window");
    EXPECT_NE(told[0].find(" :bruno!~bruno@"), std::string::npos);
    EXPECT_EQ(w.hears(anna), told) << "the same for everybody";
    EXPECT_EQ(w.hears(carla), lines{});
}

TEST_F(redact_command, without_a_reason_there_is_none) {
    const auto id = says(bruno, "#c", "oops");
    EXPECT_TRUE(w.say(bruno, "REDACT #c " + id).at(0).ends_with("REDACT #c " + id));
}

TEST_F(redact_command, operators_take_back_others_messages_and_nobody_else) {
    const auto id = says(bruno, "#c", "spam");
    const auto own = says(anna, "#c", "mine");
    EXPECT_EQ(first(bruno, "REDACT #c " + own), "FAIL REDACT REDACT_FORBIDDEN #c " + own);
    EXPECT_EQ(first(anna, "REDACT #c " + id + " :spam"), "REDACT #c " + id);
    EXPECT_EQ(first(anna, "REDACT #c " + id), "FAIL REDACT UNKNOWN_MSGID #c " + id) << "it is gone already";
}

TEST_F(redact_command, what_is_not_there_is_told_so) {
    const auto id = says(anna, "#c", "x");
    EXPECT_EQ(first(anna, "REDACT #nowhere " + id), "FAIL REDACT INVALID_TARGET #nowhere");
    EXPECT_EQ(first(anna, "REDACT #nowhere whatever"), "FAIL REDACT INVALID_TARGET #nowhere");
    EXPECT_EQ(first(anna, "REDACT 9/9 whatever"), "FAIL REDACT INVALID_TARGET 9/9");
    EXPECT_EQ(first(anna, "REDACT #c nonexistent123"), "FAIL REDACT UNKNOWN_MSGID #c nonexistent123");
    EXPECT_EQ(first(anna, "REDACT #c 2222222222223"), "FAIL REDACT UNKNOWN_MSGID #c 2222222222223");
    EXPECT_EQ(first(anna, "REDACT bruno " + id), "FAIL REDACT UNKNOWN_MSGID bruno " + id) << "not said there";
    EXPECT_EQ(first(anna, "REDACT #c"), "461 anna REDACT");
    EXPECT_EQ(first(carla, "REDACT #c " + id), "421 carla REDACT") << "a client must know of it";
    w.type(bruno, "PART #c");
    EXPECT_EQ(first(bruno, "REDACT #c " + id), "FAIL REDACT INVALID_TARGET #c");
}

TEST_F(redact_command, direct_messages_are_taken_back_on_both_sides) {
    const auto id = says(anna, "bruno", "secret");
    w.quiet();
    EXPECT_EQ(shorts(w.say(anna, "REDACT bruno " + id)), lines{"REDACT bruno " + id});
    EXPECT_EQ(shorts(w.hears(bruno)), lines{"REDACT bruno " + id});
    EXPECT_EQ(verbs(inside(w.type(bruno, "CHATHISTORY LATEST anna * 5"), "chathistory")), lines{"REDACT"});
    const auto other = says(anna, "bruno", "mine");
    EXPECT_EQ(first(bruno, "REDACT anna " + other), "FAIL REDACT REDACT_FORBIDDEN anna " + other);
}

TEST_F(redact_command, a_reaction_is_taken_back_like_any_message) {
    const auto id = tag(w.say(bruno, "@+draft/react=x TAGMSG #c").at(0), "msgid");
    EXPECT_EQ(first(bruno, "REDACT #c " + id), "REDACT #c " + id);
}

TEST_F(redact_command, the_past_has_its_place_but_not_its_text) {
    says(anna, "#c", "one");
    const auto id = says(bruno, "#c", "two");
    says(anna, "#c", "three");
    w.say(anna, "REDACT #c " + id + " :spam");
    w.quiet();
    const auto told = inside(w.type(bruno, "CHATHISTORY LATEST #c * 10"), "chathistory");
    EXPECT_EQ(verbs(told), (lines{"PRIVMSG", "REDACT", "PRIVMSG"}));
    EXPECT_EQ(short_of(told.at(1)), "REDACT #c " + id);
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY LATEST #c * 10"), "chathistory")), (lines{"one", "three"}));
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY LATEST #c * 2"), "chathistory")), (lines{"one", "three"}))
        << "it does not count";
    EXPECT_EQ(texts(inside(w.type(bruno, "CHATHISTORY LATEST #c * 2"), "chathistory")),
              (lines{"one", "spam", "three"}));
}

TEST_F(redact_command, a_page_is_full_however_much_was_taken_back) {
    for (int i = 0; i < 30; ++i) {
        const auto id = says(bruno, "#c", "m" + std::to_string(i));
        if (i % 3 != 0) w.say(bruno, "REDACT #c " + id);
    }
    w.quiet();
    const auto latest = w.type(carla, "CHATHISTORY LATEST #c * 5");
    EXPECT_EQ(texts(inside(latest, "chathistory")), (lines{"m15", "m18", "m21", "m24", "m27"}));
    EXPECT_FALSE(test::has_tag(latest.at(0), "draft/chathistory-end"));
    const auto from = "msgid=" + tag(latest.at(1), "msgid");
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY BEFORE #c " + from + " 3"), "chathistory")),
              (lines{"m6", "m9", "m12"}));
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY AFTER #c " + from + " 3"), "chathistory")),
              (lines{"m18", "m21", "m24"}));
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY AFTER #c " + from + " 50"), "chathistory")),
              (lines{"m18", "m21", "m24", "m27"}));
    EXPECT_EQ(texts(inside(w.type(carla, "CHATHISTORY BETWEEN #c " + from + " timestamp=2100-01-01T00:00:00.000Z 2"),
                           "chathistory")),
              (lines{"m18", "m21"}));
}

TEST_F(redact_command, its_answer_has_the_label) {
    const auto id = says(bruno, "#c", "oops");
    EXPECT_EQ(tag(w.type(bruno, "@label=a REDACT #c " + id).at(0), "label"), "a");
    EXPECT_EQ(tag(w.type(bruno, "@label=b REDACT #c " + id).at(0), "label"), "b");
    EXPECT_EQ(tag(w.type(bruno, "@label=c REDACT #c nothing").at(0), "label"), "c");
    EXPECT_EQ(verbs(w.type(bruno, "PING x")), lines{"PONG"});
}

}  // namespace
}  // namespace brusio::door::irc
