// PRIVMSG, NOTICE, TAGMSG and multiline batches: what they become.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using chat::speech;
using test::client;
using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

class messages : public testing::Test {
  protected:
    messages() { w.type(anna, "JOIN #c"); }

    chat::message said(std::string_view line) { return w.asked_one<chat::say>(anna, line).what; }
    // A batch in one piece; what anna is sent.
    lines batch_of(const lines& all) {
        anna.sent.clear();
        for (const auto& line : all) w.hub.feed(anna, line + "\r\n");
        w.hub.settle();
        return w.hears(anna);
    }

    scene w;
    client& anna = w.enter("anna", "message-tags batch draft/multiline echo-message");
};

// ── what a text is ──────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(messages, ctcp_is_told_from_text) {
    struct row {
        std::string_view verb;
        std::string_view text;
        speech kind;
        std::string_view body;
    };
    for (const auto& r : std::initializer_list<row>{
             {"PRIVMSG", "hello", speech::text, "hello"},
             {"PRIVMSG",
              "\x01"
              "ACTION waves\x01",
              speech::action, "waves"},
             {"PRIVMSG",
              "\x01"
              "ACTION waves",
              speech::action, "waves"},
             {"PRIVMSG",
              "\x01"
              "ACTION\x01",
              speech::action, ""},
             {"PRIVMSG",
              "\x01"
              "ACTION \x01",
              speech::action, ""},
             {"PRIVMSG",
              "\x01"
              "ACTIONS x\x01",
              speech::ctcp, "ACTIONS x"},
             {"PRIVMSG", "\x01VERSION\x01", speech::ctcp, "VERSION"},
             {"PRIVMSG", "\x01PING 1 2\x01", speech::ctcp, "PING 1 2"},
             {"PRIVMSG", "\x01\x01", speech::ctcp, ""},
             {"PRIVMSG", "\x01", speech::text, "\x01"},
             {"PRIVMSG", "x\x01VERSION\x01", speech::text, "x\x01VERSION\x01"},
             {"NOTICE", "hello", speech::notice, "hello"},
             {"NOTICE", "\x01VERSION x\x01", speech::ctcp_answer, "VERSION x"},
             {"NOTICE",
              "\x01"
              "ACTION x\x01",
              speech::ctcp_answer, "ACTION x"},
         }) {
        const auto what = said(std::string(r.verb) + " #c :" + std::string(r.text));
        EXPECT_EQ(what.kind, r.kind) << r.text;
        EXPECT_EQ(what.body, r.body) << r.text;
        EXPECT_TRUE(what.formatted);
    }
}

TEST_F(messages, a_ctcp_arrives_as_it_was_sent) {
    auto& eva = w.enter("eva");
    w.quiet();
    for (const auto* text : {"\x01VERSION\x01",
                             "\x01"
                             "ACTION waves\x01",
                             "\x01PING 1\x01"}) {
        w.type(anna, "PRIVMSG eva :" + std::string(text));
        EXPECT_EQ(text_of(w.hears(eva).at(0)), text);
        w.type(anna, "NOTICE eva :" + std::string(text));
        EXPECT_EQ(text_of(w.hears(eva).at(0)), text);
    }
}

// Two halves would be two questions.
TEST_F(messages, a_ctcp_that_does_not_fit_is_cut_and_stays_one) {
    auto& eva = w.enter("eva");
    w.quiet();
    for (const auto* verb : {"PRIVMSG", "NOTICE"}) {
        w.type(anna,
               std::string(verb) + " eva :\x01PING " + std::string(490 - std::string_view(verb).size(), '1') + "\x01");
        const auto heard = w.hears(eva);
        ASSERT_EQ(heard.size(), 1U);
        EXPECT_TRUE(text_of(heard.at(0)).starts_with("\x01PING 1111"));
        EXPECT_TRUE(heard.at(0).ends_with("1\x01"));
    }
}

TEST_F(messages, prefixes_choose_the_lowest_rank_that_hears) {
    EXPECT_EQ(w.asked_one<chat::say>(anna, "PRIVMSG @#c :x").at_least, chat::channel_operator);
    EXPECT_EQ(w.asked_one<chat::say>(anna, "PRIVMSG @+#c :x").at_least, chat::voice);
    EXPECT_EQ(w.asked_one<chat::say>(anna, "PRIVMSG ~#c :x").at_least, chat::founder);
    EXPECT_EQ(w.asked_one<chat::say>(anna, "PRIVMSG #c :x").at_least, 0);
    EXPECT_EQ(w.asked_one<chat::tell>(anna, "PRIVMSG @eva :x").nick.name, "@eva");
}

TEST_F(messages, nobody_is_told_twice_and_no_more_than_ten) {
    EXPECT_EQ(w.asked<chat::tell>(anna, "PRIVMSG a,b,a :x").size(), 2U);
    EXPECT_EQ(w.asked<chat::tell>(anna, "PRIVMSG a,A,\u00C4,\u00E4 :x").size(), 2U);
    EXPECT_EQ(w.asked<chat::tell>(anna, "PRIVMSG 1,2,3,4,5,6,7,8,9,a,b,c :x").size(), targets_max);
    EXPECT_EQ(w.asked<chat::tell>(anna, "NOTICE 1,2,3,4,5,6,7,8,9,a,b,c :x").size(), targets_max);
}

TEST_F(messages, notices_are_never_answered) {
    for (const auto* line :
         {"NOTICE", "NOTICE eva", "NOTICE nobody :x", "NOTICE #nowhere :x", "NOTICE 1,2,3,4,5,6,7,8,9,a,b,c :x"}) {
        EXPECT_TRUE(w.type(anna, line).empty()) << line;
    }
}

TEST_F(messages, what_is_missing_is_told) {
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG")), (lines{"411 anna"}));
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG , :x")), (lines{"411 anna"}));
    EXPECT_EQ(text_of(w.type(anna, "TAGMSG").at(0)), "No recipient given (TAGMSG)");
    EXPECT_EQ(shorts(w.type(anna, "@+typing=active TAGMSG ,")), (lines{"411 anna"}));
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG " + std::string(480, 'n') + " :x")),
              (lines{"401 anna " + std::string(100, 'n')}));
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG #c")), (lines{"412 anna"}));
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG #c :")), (lines{"412 anna"}));
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG nobody :x")), (lines{"401 anna nobody"}));
    EXPECT_EQ(shorts(w.type(anna, "PRIVMSG #nowhere :x")), (lines{"403 anna #nowhere"}));
}

TEST_F(messages, tags_are_for_those_who_asked_for_tags) {
    EXPECT_EQ(said("@+a=1;label=x;time=now PRIVMSG #c :x").tags, "+a=1");
    auto& old = w.enter("old");
    EXPECT_EQ(w.asked_one<chat::tell>(old, "@+a=1 PRIVMSG anna :x").what.tags, "");
    EXPECT_EQ(shorts(w.type(old, "@+a=1 TAGMSG anna")), (lines{"421 old TAGMSG"}));
    EXPECT_TRUE(w.asked<chat::say>(anna, "TAGMSG #c").empty());
    EXPECT_TRUE(w.asked<chat::say>(anna, "@x=1 TAGMSG #c").empty());
    EXPECT_EQ(said("@+typing=active TAGMSG #c").kind, speech::tags);
    w.type(old, "JOIN #c");
    w.quiet();
    w.type(anna, "@+typing=active TAGMSG #c");
    EXPECT_TRUE(w.hears(old).empty());
}

// ── multiline ───────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(messages, a_batch_becomes_one_message) {
    const auto told = batch_of({"@+x=y BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :one ",
                                "@batch=1;draft/multiline-concat PRIVMSG #c two",
                                "@batch=1 PRIVMSG #c :", "@batch=1 PRIVMSG #C :three", "BATCH -1"});
    ASSERT_EQ(told.size(), 6U);
    EXPECT_NE(told[0].find("+x=y"), std::string::npos);
    EXPECT_EQ(short_of(told[0]).substr(0, 7), "BATCH +");
    EXPECT_EQ(text_of(told[1]), "one ");
    EXPECT_NE(told[2].find("draft/multiline-concat"), std::string::npos);
    EXPECT_EQ(text_of(told[2]), "two");
    EXPECT_EQ(text_of(told[3]), "");
    EXPECT_EQ(text_of(told[4]), "three");
    auto& old = w.enter("old");
    w.type(old, "JOIN #c");
    w.quiet();
    batch_of({"BATCH +1 draft/multiline #c", "@batch=1 NOTICE #c :one", "@batch=1 NOTICE #c :two", "BATCH -1"});
    EXPECT_EQ(verbs(w.hears(old)), (lines{"NOTICE", "NOTICE"}));
}

TEST_F(messages, what_is_wrong_with_a_batch_is_told_once_and_nothing_is_said) {
    struct row {
        lines typed;
        std::string answer;
    };
    const std::string open = "BATCH +1 draft/multiline #c";
    for (const auto& [typed, answer] : std::initializer_list<row>{
             {{"BATCH -2"}, "INVALID_REFTAG 2"},
             {{"BATCH +! draft/multiline #c"}, "INVALID_REFTAG !"},
             {{"BATCH +1 nonsense #c"}, "UNKNOWN_TYPE 1 nonsense"},
             {{"BATCH +1"}, "UNKNOWN_TYPE 1 *"},
             {{"BATCH +1 draft/multiline"}, "MULTILINE_INVALID"},
             {{open, "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "@batch=1 PRIVMSG #c :", "@batch=1 PRIVMSG #c :", "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "@batch=1 PRIVMSG #d :x", "@batch=1 PRIVMSG #d :y", "BATCH -1"}, "MULTILINE_INVALID_TARGET #c #d"},
             {{open, "@batch=1 PRIVMSG #c :x", "@batch=1 NOTICE #c :y", "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "@batch=1 JOIN #d", "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "@batch=1;draft/multiline-concat PRIVMSG #c :", "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "PRIVMSG #c :x", "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "@batch=2 PRIVMSG #c :x", "BATCH -1"}, "MULTILINE_INVALID"},
             {{open, "BATCH +2 draft/multiline #c"}, "MULTILINE_INVALID"},
         }) {
        EXPECT_EQ(shorts(batch_of(typed)), (lines{"FAIL BATCH " + answer})) << typed.back();
        EXPECT_EQ(verbs(w.type(anna, "PRIVMSG #c :after")), (lines{"PRIVMSG"})) << typed.back();
    }
}

// Which lines are pieces is told on the worker, by their form; an open batch answers none of them, but once.
TEST_F(messages, pieces_are_what_a_batch_takes_without_a_word) {
    const auto what = [&](const std::string& line) { return w.door->splitter()->next(line + "\r\n", 0).what; };
    using net::part;
    for (const auto* line : {"BATCH +1 draft/multiline #c", "@label=1 batch +1 x", "  BATCH +1"})
        EXPECT_EQ(what(line), part::begins) << line;
    for (const auto* line : {"BATCH -1", "@x BATCH -1", "batch", "BATCH :"}) EXPECT_EQ(what(line), part::ends) << line;
    for (const auto* line :
         {"@batch=1 PRIVMSG #c :x", "@+a=b;batch=1 notice #c :x", "@batch=1;draft/multiline-concat PRIVMSG #c :"}) {
        EXPECT_EQ(what(line), part::piece) << line;
    }
    for (const auto* line : {"PRIVMSG #c :x", "@batch=1 PING x", "@batch=1;label=2 PRIVMSG #c :x",
                             "@batch=1 PRIVMSG #c :\xFF", "@batch=1 TAGMSG #c", "@+batch=1 PRIVMSG #c :x", "BOTH +1"}) {
        EXPECT_EQ(what(line), part::none) << line;
    }
    w.type(anna, "BATCH +1 draft/multiline #c");
    EXPECT_EQ(verbs(w.type(anna, "@batch=2 PRIVMSG #c :x")), (lines{"FAIL"}));
    for (const auto* line : {"@batch=2 PRIVMSG #c :x", "@batch=1 NOTICE #c :x", "@batch PRIVMSG"}) {
        EXPECT_TRUE(w.type(anna, line).empty()) << line;
    }
}

TEST_F(messages, a_batch_has_at_most_a_hundred_lines) {
    lines all{"BATCH +1 draft/multiline #c"};
    for (std::size_t i = 0; i < multiline_lines_max; ++i) all.emplace_back("@batch=1 PRIVMSG #c :x");
    auto more = all;
    all.emplace_back("BATCH -1");
    EXPECT_EQ(batch_of(all).size(), multiline_lines_max + 2);
    more.insert(more.end(), {"@batch=1 PRIVMSG #c :x", "@batch=1 PRIVMSG #c :x", "BATCH -1"});
    EXPECT_EQ(shorts(batch_of(more)), (lines{"FAIL BATCH MULTILINE_MAX_LINES 100"}));
}

TEST_F(messages, a_batch_has_at_most_so_many_bytes) {
    settings s = test::usual();
    s.message_bytes = 100;
    w.door->set(s);
    const auto line = "@batch=1;draft/multiline-concat PRIVMSG #c :" + std::string(50, 'x');
    EXPECT_EQ(batch_of({"BATCH +1 draft/multiline #c", line, line, "BATCH -1"}).size(), 4U);
    EXPECT_EQ(shorts(batch_of({"BATCH +1 draft/multiline #c", line, line, "@batch=1 PRIVMSG #c :x", "BATCH -1"})),
              (lines{"FAIL BATCH MULTILINE_MAX_BYTES 100"}));
    // The line feed between two lines counts.
    EXPECT_EQ(shorts(batch_of(
                  {"BATCH +1 draft/multiline #c", line, "@batch=1 PRIVMSG #c :" + std::string(50, 'x'), "BATCH -1"})),
              (lines{"FAIL BATCH MULTILINE_MAX_BYTES 100"}));
}

TEST_F(messages, other_commands_go_on_while_a_batch_is_open) {
    EXPECT_EQ(verbs(batch_of({"BATCH +1 draft/multiline #c", "PING 1", "@batch=1 PRIVMSG #c :x", "BATCH -1"})),
              (lines{"PONG", "PRIVMSG"}));
}

}  // namespace
}  // namespace brusio::door::irc
