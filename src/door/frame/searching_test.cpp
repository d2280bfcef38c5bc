#include "door/frame/searching.hpp"

#include <gtest/gtest.h>

#include "door/references.hpp"

namespace brusio::door::frame {
namespace {

chat::entry said(std::uint64_t id, std::string text) {
    chat::entry e;
    e.id = {id};
    e.at_ms = 1'795'422'271'123;
    e.who.name = "Anna";
    e.target = "#piazza";
    e.what.body = std::move(text);
    return e;
}

TEST(frame_search, asks_only_for_what_can_be) {
    EXPECT_TRUE(ask_search({1}, "gatto"));
    EXPECT_FALSE(ask_search({1}, "limit:5"));
    EXPECT_FALSE(ask_search({1}, "gatto in:🎭"));
    const auto of_channel = ask_search({1}, "gatto in:#Piazza");
    ASSERT_TRUE(of_channel && of_channel->of && of_channel->of->channel);
    EXPECT_EQ(of_channel->of->channel->fold, "#piazza");
    const auto of_person = ask_search({1}, "gatto in:Mario");
    ASSERT_TRUE(of_person && of_person->of);
    EXPECT_EQ(of_person->of->nick.fold, "mario");
}

TEST(frame_search, asks_only_in_what_was_granted) {
    chat::past_granted granted{.session = {1}, .asked = "gatto limit:7", .parts = {{.channel = {5}, .from = {9}}}};
    const auto query = granted_search(granted);
    ASSERT_EQ(query.in.size(), 1U);
    EXPECT_EQ(query.in[0].channel, chat::channel_id{5});
    EXPECT_EQ(query.in[0].from, chat::message_id{9});
    EXPECT_EQ(query.limit, 7U);
}

TEST(frame_search, shows_the_oldest_first_one_line_each) {
    const store::found two{.entries = {said(2, "dopo\nla riga"), said(1, "prima")}};
    EXPECT_EQ(found_text(two, "x", "#piazza", 1000),
              "2 found (times in UTC):\n" + time_text(said(1, "").at_ms).substr(0, 10) + " " +
                  time_text(said(1, "").at_ms).substr(11, 5) + "  Anna: prima\n" +
                  time_text(said(1, "").at_ms).substr(0, 10) + " " + time_text(said(1, "").at_ms).substr(11, 5) +
                  "  Anna: dopo␊la riga");
}

TEST(frame_search, what_does_not_fit_is_said_and_found_with_the_line_it_names) {
    store::found many;
    for (std::uint64_t id = 9; id > 0; --id) many.entries.push_back(said(id << 16U, std::string(300, 'x')));
    const auto text = found_text(many, "x before:2030-01-01", "#piazza", 1000);
    EXPECT_NE(text.find("3 found"), std::string::npos) << text;
    EXPECT_NE(text.find("/search x before:" + msgid_text({7U << 16U})), std::string::npos) << text;
    EXPECT_EQ(text.find("2030"), std::string::npos) << text;
}

}  // namespace
}  // namespace brusio::door::frame
