// SEARCH on whole conversations. What people may type is tested in door/search_text_test.cpp.
#include <gtest/gtest.h>

#include "door/irc/past_scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::has_tag;
using test::inside;
using test::lines;
using test::short_of;
using test::shorts;
using test::tag;
using test::text_of;
using test::texts;
using test::verbs;

class search_command : public testing::Test {
  protected:
    search_command() {
        w.type(anna, "JOIN #c,#d");
        w.type(bruno, "JOIN #c");
        w.say(bruno, "PRIVMSG #c :good morning");
        w.say(anna, "PRIVMSG #d :good evening");
        w.say(anna, "PRIVMSG #c :good night");
        w.say(anna, "PRIVMSG bruno :good grief");
        w.quiet();
    }
    lines find(client& c, std::string_view what) {
        return texts(inside(w.type(c, "SEARCH " + std::string(what)), "soju.im/search"));
    }

    test::past_scene w;
    client& anna = w.enter("anna", "batch message-tags server-time soju.im/search");
    client& bruno = w.enter("bruno", "batch message-tags server-time labeled-response soju.im/search");
};

TEST_F(search_command, finds_what_one_may_read_oldest_first) {
    EXPECT_EQ(find(anna, "text=good"), (lines{"good morning", "good evening", "good night", "good grief"}));
    EXPECT_EQ(find(bruno, "text=good"), (lines{"good morning", "good night", "good grief"}));
    EXPECT_EQ(find(bruno, "text=nothing"), lines{});
}

TEST_F(search_command, attributes_are_tags) {
    EXPECT_EQ(find(anna, "text=good\\snight;in=#c"), lines{"good night"});
    EXPECT_EQ(find(anna, "from=BRUNO;text=good"), lines{"good morning"});
    EXPECT_EQ(find(anna, "in=#d"), lines{"good evening"});
    EXPECT_EQ(find(anna, "in=bruno"), lines{"good grief"});
    EXPECT_EQ(find(anna, "text=good;limit=1"), lines{"good grief"});
    EXPECT_EQ(find(anna, ":text=\"good night\""), lines{"good night"}) << "also behind a colon";
    EXPECT_EQ(find(anna, "before=2010-01-01T00:00:00.000Z;in=#c"), lines{});
}

TEST_F(search_command, people_type_words) {
    EXPECT_EQ(find(anna, "good in:#c from:anna"), lines{"good night"});
    EXPECT_EQ(find(anna, ":good -night in:#c"), lines{"good morning"});
    EXPECT_EQ(find(anna, "\"good n*\" "), lines{"good night"});
}

TEST_F(search_command, a_moment_given_is_in_it) {
    const auto night = w.type(anna, "SEARCH text=night").at(1);
    EXPECT_EQ(find(anna, "in=#c;before=" + tag(night, "time")), (lines{"good morning", "good night"}));
    EXPECT_EQ(find(anna, "in=#c;after=" + tag(night, "time")), lines{"good night"});
    EXPECT_EQ(find(anna, "in=#c;before=" + tag(night, "msgid")), lines{"good morning"}) << "a message is not";
}

TEST_F(search_command, a_message_is_what_it_was) {
    const auto found = inside(w.type(bruno, "SEARCH text=grief"), "soju.im/search");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(short_of(found[0]), "PRIVMSG bruno");
    EXPECT_TRUE(has_tag(found[0], "msgid"));
    EXPECT_TRUE(has_tag(found[0], "time"));
}

TEST_F(search_command, what_cannot_be_meant_is_refused) {
    for (const auto* what : {"in=", "in=;text=x", "text=", "limit=0;text=x", "limit=x;text=x", "after=yesterday",
                             "text=x;color=red", "before:x", "in=9/9", "in:9/9 x", ":", "limit=5"}) {
        const auto told = w.type(anna, "SEARCH " + std::string(what));
        ASSERT_EQ(told.size(), 1U) << what;
        EXPECT_TRUE(short_of(told[0]).starts_with("FAIL SEARCH INVALID_PARAMS")) << told[0];
    }
    EXPECT_EQ(short_of(w.type(anna, "SEARCH in=#nowhere;text=x").at(0)), "FAIL SEARCH INVALID_PARAMS in=#nowhere");
    EXPECT_EQ(short_of(w.type(anna, "SEARCH").at(0)), "461 anna SEARCH");
}

TEST_F(search_command, a_store_that_fails_is_an_error) {
    w.hub.past.fails = true;
    EXPECT_EQ(short_of(w.type(anna, "SEARCH text=x").at(0)), "FAIL SEARCH INTERNAL_ERROR");
}

TEST_F(search_command, an_answer_has_its_label) {
    const auto told = w.type(bruno, "@label=a SEARCH text=good");
    EXPECT_EQ(tag(told.at(0), "label"), "a");
    EXPECT_EQ(texts(inside(told, "soju.im/search")).size(), 3U);
    EXPECT_EQ(tag(w.type(bruno, "@label=b SEARCH limit=0").at(0), "label"), "b");
    EXPECT_EQ(verbs(w.type(bruno, "PING x")), lines{"PONG"});
}

TEST_F(search_command, people_without_the_capability_are_told_how_it_ends) {
    auto& carla = w.enter("carla", "standard-replies");
    w.type(carla, "JOIN #c");
    w.say(anna, "PRIVMSG #c :tea one");
    w.say(anna, "PRIVMSG #c :tea two");
    w.quiet();
    auto told = w.type(carla, "SEARCH tea");
    EXPECT_EQ(verbs(told), (lines{"PRIVMSG", "PRIVMSG", "NOTE"}));
    EXPECT_EQ(short_of(told.back()), "NOTE SEARCH END");
    told = w.type(carla, "SEARCH tea limit:1");
    ASSERT_EQ(verbs(told), (lines{"PRIVMSG", "NOTE"}));
    EXPECT_EQ(short_of(told.back()), "NOTE SEARCH MORE");
    const auto mark = text_of(told.back());
    const auto before = mark.substr(mark.find("before:"));
    EXPECT_EQ(texts(w.type(carla, "SEARCH tea limit:1 " + before)).at(0), "tea one") << "and how to go on";
    EXPECT_EQ(short_of(w.type(carla, "SEARCH coffee").at(0)), "NOTE SEARCH END");
    auto& dora = w.enter("dora");
    w.type(dora, "JOIN #c");
    EXPECT_EQ(short_of(w.type(dora, "SEARCH tea").at(0)), "NOTICE dora");
}

TEST_F(search_command, several_lines_within_a_labeled_answer_belong_where_they_belong) {
    auto& carla = w.enter("carla", "batch message-tags labeled-response standard-replies draft/multiline");
    w.type(carla, "JOIN #m");
    for (const auto* line :
         {"BATCH +1 draft/multiline #m", "@batch=1 PRIVMSG #m :tea", "@batch=1 PRIVMSG #m :cup", "BATCH -1"}) {
        w.type(carla, line);
    }
    const auto told = w.type(carla, "@label=a SEARCH tea");
    std::set<std::string> open;
    for (const auto& line : told) {
        const auto m = wire::parse_irc(line);
        std::size_t batches = 0;
        wire::for_each_tag(m->tags, [&](std::string_view key, std::string_view) { batches += key == "batch"; });
        EXPECT_LE(batches, 1U) << line;
        if (batches == 1) EXPECT_TRUE(open.contains(tag(line, "batch"))) << line;
        if (m->verb == "BATCH" && m->param(0).starts_with('+')) open.emplace(m->param(0).substr(1));
        if (m->verb == "BATCH" && m->param(0).starts_with('-')) open.erase(std::string(m->param(0).substr(1)));
    }
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(verbs(told), (lines{"BATCH", "BATCH", "BATCH", "PRIVMSG", "PRIVMSG", "BATCH", "BATCH", "NOTE", "BATCH"}));
}

}  // namespace
}  // namespace brusio::door::irc
