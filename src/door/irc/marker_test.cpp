// How far somebody has read.
#include <gtest/gtest.h>

#include "door/irc/past_scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::short_of;
using test::shorts;
using test::verbs;

class markread_command : public testing::Test {
  protected:
    std::string first(client& c, const std::string& line) {
        const auto told = w.type(c, line);
        EXPECT_EQ(told.size(), 1U) << line;
        return told.empty() ? std::string() : short_of(told.front());
    }

    test::past_scene w;
    client& anna = w.enter("anna", "draft/read-marker");
};

TEST_F(markread_command, a_marker_is_kept_and_only_moves_forward) {
    EXPECT_EQ(first(anna, "MARKREAD #c"), "MARKREAD #c *");
    const std::string at = "timestamp=2019-06-01T12:00:00.000Z";
    EXPECT_EQ(w.type(anna, "MARKREAD #c " + at), lines{":brusio.localhost MARKREAD #c " + at});
    EXPECT_EQ(first(anna, "MARKREAD #c timestamp=2019-01-01T00:00:00.000Z"), "MARKREAD #c " + at);
    EXPECT_EQ(first(anna, "MARKREAD #C"), "MARKREAD #C " + at) << "by its name in any case";
    EXPECT_EQ(first(anna, "MARKREAD #c timestamp=2020-01-01T00:00:00.123Z"),
              "MARKREAD #c timestamp=2020-01-01T00:00:00.123Z");
    EXPECT_EQ(first(anna, "MARKREAD bruno " + at), "MARKREAD bruno " + at) << "any valid target";
}

TEST_F(markread_command, who_enters_is_told_before_the_end_of_the_names) {
    EXPECT_EQ(verbs(w.type(anna, "JOIN #c")), (lines{"JOIN", "MARKREAD", "353", "366"}));
    w.type(anna, "MARKREAD #c timestamp=2020-01-01T00:00:00.123Z");
    w.type(anna, "PART #c");
    EXPECT_EQ(shorts(w.type(anna, "JOIN #c")).at(1), "MARKREAD #c timestamp=2020-01-01T00:00:00.123Z");
    auto& bruno = w.enter("bruno");
    EXPECT_EQ(verbs(w.type(bruno, "JOIN #c")), (lines{"JOIN", "353", "366"})) << "who does not know of it is not told";
}

TEST_F(markread_command, what_cannot_be_meant_is_refused_in_its_words) {
    EXPECT_EQ(first(anna, "MARKREAD"), "FAIL MARKREAD NEED_MORE_PARAMS");
    EXPECT_EQ(first(anna, "MARKREAD #c *"), "FAIL MARKREAD INVALID_PARAMS *");
    EXPECT_EQ(first(anna, "MARKREAD #c timestamp=not-a-timestamp"),
              "FAIL MARKREAD INVALID_PARAMS timestamp=not-a-timestamp");
    EXPECT_EQ(first(anna, "MARKREAD #c 2020-01-01T00:00:00.123Z"),
              "FAIL MARKREAD INVALID_PARAMS 2020-01-01T00:00:00.123Z");
    EXPECT_EQ(first(anna, "MARKREAD 9/9"), "FAIL MARKREAD INVALID_PARAMS 9/9");
    auto& bruno = w.enter("bruno");
    EXPECT_EQ(first(bruno, "MARKREAD #c"), "421 bruno MARKREAD");
}

TEST_F(markread_command, too_many_markers_are_refused) {
    lines told;
    for (int i = 0; i < 1100 && (told.empty() || !short_of(told[0]).starts_with("FAIL")); ++i) {
        told = w.type(anna, "MARKREAD #c" + std::to_string(i) + " timestamp=2020-01-01T00:00:00.123Z");
    }
    EXPECT_TRUE(short_of(told.at(0)).starts_with("FAIL MARKREAD INTERNAL_ERROR #c")) << told.at(0);
}

TEST_F(markread_command, all_clients_of_an_account_are_told) {
    w.register_account(anna, "anna");
    auto& knows = w.enter_as("anna", "anna2", "draft/read-marker");
    auto& does_not = w.enter_as("anna", "anna3");
    auto& other = w.enter("bruno", "draft/read-marker");
    w.quiet();
    const std::string line = "MARKREAD #c timestamp=2020-01-01T00:00:00.123Z";
    EXPECT_EQ(shorts(w.type(anna, line)), lines{line});
    EXPECT_EQ(shorts(w.hears(knows)), lines{line});
    EXPECT_EQ(w.hears(does_not), lines{});
    EXPECT_EQ(w.hears(other), lines{});
    w.type(anna, line);
    EXPECT_EQ(w.hears(knows), lines{}) << "nothing has changed";
}

}  // namespace
}  // namespace brusio::door::irc
