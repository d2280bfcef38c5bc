// Labels on whole conversations: each labeled line is answered exactly once, under its label.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::verbs;

// How often a label comes back.
std::size_t labels(const lines& told, std::string_view label) {
    return static_cast<std::size_t>(std::ranges::count_if(
        told, [&](const auto& line) { return wire::find_tag(wire::parse_irc(line)->tags, "label") == label; }));
}

constexpr std::string_view asked_for = "labeled-response batch message-tags echo-message draft/multiline";

class labeled_lines : public testing::Test {
  protected:
    labeled_lines() { w.type(anna, "JOIN #c"); }

    scene w;
    client& anna = w.enter("anna", asked_for);
};

TEST_F(labeled_lines, every_command_is_answered_once) {
    w.enter("eva");
    for (const auto* line : {"PING x",
                             "PONG x",
                             "JOIN #d",
                             "JOIN #d",
                             "JOIN #e,#f",
                             "PART #d",
                             "PART #nowhere",
                             "NONSENSE",
                             "PRIVMSG #c :x",
                             "PRIVMSG eva :x",
                             "NOTICE eva :x",
                             "PRIVMSG nobody :x",
                             "PRIVMSG",
                             "NOTICE",
                             "WHOIS eva",
                             "WHOIS nobody",
                             "WHO #c",
                             "NAMES #c",
                             "LIST",
                             "MODE #c",
                             "MODE #c +b",
                             "MODE #c +i",
                             "MODE #c +yz",
                             "MODE #c :",
                             "MODE anna +i",
                             "AWAY :x",
                             "AWAY",
                             "NICK anne",
                             "NICK eva",
                             "NICK 1",
                             "NICK anna",
                             "HELP",
                             "MOTD",
                             "VERSION",
                             "INFO",
                             "ISUPPORT",
                             "STATS u",
                             "STATS o",
                             "LUSERS",
                             "MONITOR + x",
                             "MONITOR - x",
                             "MONITOR L",
                             "TOPIC #c",
                             "TOPIC #c :x",
                             "KICK #c nobody",
                             "INVITE eva #c",
                             "INVITE",
                             "OPER root wrong",
                             "OPER root secret",
                             "REHASH",
                             "UBAN LIST",
                             "CAP LIST",
                             "CAP REQ nonsense",
                             "USER a b c d",
                             "RENAME #c #cc",
                             "RENAME #cc #c",
                             "ISON eva",
                             "SETNAME :x",
                             "SILENCE",
                             "TAGMSG #c",
                             "BATCH -1",
                             "BATCH +1 nonsense",
                             "LINKS",
                             "ERROR :x",
                             "WALLOPS :x",
                             "KILL nobody :x",
                             "CHGHOST anna x.y",
                             "PART #c,#e,#f",
                             "JOIN 0"}) {
        const auto told = w.type(anna, "@label=abc " + std::string(line));
        ASSERT_FALSE(told.empty()) << line;
        EXPECT_EQ(labels(told, "abc"), 1U) << line;
        EXPECT_EQ(labels(told, "abc") == 1 && told.front().starts_with("@label=abc"), true) << told.front();
        if (told.size() > 1) EXPECT_TRUE(short_of(told.front()).starts_with("BATCH +")) << line;
    }
}

TEST_F(labeled_lines, none_one_and_many) {
    EXPECT_EQ(w.type(anna, "@label=1 PONG x"), (lines{"@label=1 :brusio.localhost ACK"}));
    EXPECT_EQ(w.type(anna, "@label=2 PING x"), (lines{"@label=2 :brusio.localhost PONG brusio.localhost :x"}));
    const auto told = w.type(anna, "@label=3 TOPIC #c,x");
    EXPECT_EQ(told.size(), 1U);
    const auto many = w.type(anna, "@label=4 WHOIS anna");
    EXPECT_EQ(short_of(many.front()).substr(0, 7), "BATCH +");
    EXPECT_EQ(verbs(many).back(), "BATCH");
}

TEST_F(labeled_lines, what_others_do_in_between_has_no_label) {
    auto& eva = w.enter("eva");
    w.type(eva, "JOIN #c");
    w.quiet();
    w.hub.feed(anna, "@label=1 WHOIS eva\r\n");
    w.hub.feed(eva, "PRIVMSG #c :x\r\nPRIVMSG anna :y\r\n");
    w.hub.feed(anna, "@label=2 PRIVMSG #c :z\r\n");
    w.hub.settle();
    for (const auto& line : w.hears(anna)) {
        const auto tags = wire::parse_irc(line)->tags;
        if (!line.contains("eva!~eva") || verbs({line}).at(0) != "PRIVMSG") continue;
        EXPECT_FALSE(wire::find_tag(tags, "label")) << line;
        EXPECT_FALSE(wire::find_tag(tags, "batch")) << line;
    }
}

TEST_F(labeled_lines, a_message_to_oneself_is_labeled_once) {
    const auto told = w.type(anna, "@label=1 PRIVMSG anna :x");
    EXPECT_EQ(told.size(), 2U);
    EXPECT_EQ(labels(told, "1"), 1U);
}

TEST_F(labeled_lines, a_batch_is_answered_under_the_label_that_opened_it) {
    const auto say = [&](const lines& all) {
        anna.sent.clear();
        for (const auto& line : all) w.hub.feed(anna, line + "\r\n");
        w.hub.settle();
        return w.hears(anna);
    };
    auto told =
        say({"@label=1 BATCH +a draft/multiline #c", "@batch=a PRIVMSG #c :x", "@batch=a PRIVMSG #c :y", "BATCH -a"});
    EXPECT_EQ(labels(told, "1"), 1U);
    EXPECT_EQ(told.size(), 4U);
    EXPECT_TRUE(told.front().starts_with("@label=1"));
    told = say({"@label=2 BATCH +a draft/multiline #c", "@batch=a PRIVMSG #d :x", "BATCH -a"});
    EXPECT_EQ(told.size(), 1U);
    EXPECT_EQ(labels(told, "2"), 1U);
    told = say({"@label=3 BATCH +a draft/multiline #c", "BATCH -a"});
    EXPECT_EQ(labels(told, "3"), 1U);
    told = say({"@label=4 BATCH +a draft/multiline #nowhere", "@batch=a PRIVMSG #nowhere :x", "BATCH -a"});
    EXPECT_EQ(told.size(), 1U);
    EXPECT_EQ(labels(told, "4"), 1U);
}

TEST_F(labeled_lines, a_label_within_an_open_batch_does_not_take_its_place) {
    for (const auto* line :
         {"@label=1 BATCH +a draft/multiline #c", "@label=2 PING x", "@batch=a PRIVMSG #c :x", "PING y"}) {
        w.hub.feed(anna, std::string(line) + "\r\n");
    }
    w.hub.settle();
    EXPECT_EQ(w.hears(anna), (lines{"@label=2 :brusio.localhost PONG brusio.localhost :x",
                                    ":brusio.localhost PONG brusio.localhost :y"}));
    EXPECT_EQ(labels(w.type(anna, "BATCH -a"), "1"), 1U);
}

TEST_F(labeled_lines, long_answers_end_before_the_next_label) {
    for (int i = 0; i < 260; ++i) {
        auto& c = w.enter("somebody" + std::to_string(i));
        w.hub.feed(c, "JOIN #c\r\n");
        w.hub.settle();
    }
    anna.sent.clear();
    w.hub.feed(anna, "@label=1 NAMES #c\r\n@label=2 PING x\r\n");
    w.hub.settle();
    const auto told = w.hears(anna);
    EXPECT_EQ(labels(told, "1"), 1U);
    EXPECT_EQ(labels(told, "2"), 1U);
    EXPECT_TRUE(told.back().starts_with("@label=2 "));
    EXPECT_TRUE(short_of(told[told.size() - 2]).starts_with("BATCH -"));
    for (std::size_t i = 1; i + 2 < told.size(); ++i) EXPECT_TRUE(told[i].starts_with("@batch=")) << told[i];
}

TEST_F(labeled_lines, the_last_words_have_the_label) {
    EXPECT_EQ(w.type(anna, "@label=1 QUIT :bye"), (lines{"@label=1 ERROR :Quit: bye"}));
    EXPECT_TRUE(anna.closing);
    auto& root = w.enter_operator("boss", asked_for);
    const auto told = w.type(root, "@label=2 KILL boss :enough");
    EXPECT_EQ(labels(told, "2"), 1U);
    EXPECT_EQ(verbs(told), (lines{"BATCH", "KILL", "ERROR", "BATCH"}));
}

TEST_F(labeled_lines, lines_that_cannot_be_read_are_answered_under_theirs) {
    EXPECT_EQ(shorts(w.type(anna, "@label=1 PRIVMSG #c :" + std::string(600, 'x'))), (lines{"417 anna"}));
    EXPECT_EQ(labels(w.type(anna, "@label=1 PRIVMSG #c :" + std::string(600, 'x')), "1"), 1U);
    EXPECT_EQ(labels(w.type(anna, std::string("@label=2 PRIVMSG #c :a\0b", 24)), "2"), 1U);
    EXPECT_EQ(labels(w.type(anna, "@label=3 PRIVMSG #c :\xFF"), "3"), 1U);
}

TEST_F(labeled_lines, a_label_is_never_more_than_a_word) {
    anna.sent.clear();
    w.hub.feed(anna, "@" + std::string(5'000, 'y') + ";label=1\r\n@label=2 PING x\r\n");
    w.hub.settle();
    EXPECT_EQ(w.hears(anna), (lines{":brusio.localhost 417 anna :Input line was too long",
                                    "@label=2 :brusio.localhost PONG brusio.localhost :x"}));
    for (const char odd : {'\r', '\0'}) {
        const auto told = w.type(anna, std::string("@label=a") + odd + "b PING x");  // lines_of looks for odd bytes
        EXPECT_EQ(shorts(told), (lines{"FAIL * INVALID_LINE"}));
    }
}

TEST_F(labeled_lines, of_an_unreadable_line_does_not_mix_with_that_of_its_batch) {
    w.type(anna, "@label=1 BATCH +a draft/multiline #c");
    const auto told = w.type(anna, "@label=2 PRIVMSG #c :\xFF");
    EXPECT_EQ(told.size(), 2U);
    EXPECT_EQ(labels(told, "1"), 1U);
    EXPECT_EQ(labels(told, "2"), 1U);
    EXPECT_EQ(w.type(anna, "BATCH -a"), lines{});
}

TEST_F(labeled_lines, what_is_refused_beside_a_batch_is_answered_under_its_own) {
    w.type(anna, "@label=1 BATCH +a draft/multiline #c");
    auto told = w.type(anna, "@label=2 PRIVMSG #c :x");
    EXPECT_EQ(labels(told, "1"), 1U);
    EXPECT_EQ(labels(told, "2"), 1U);
    EXPECT_EQ(w.type(anna, "BATCH -a"), lines{});
    told = w.type(anna, "@label=3 BATCH +a nonsense #c");
    EXPECT_EQ(labels(told, "3"), 1U);
    EXPECT_EQ(labels(w.type(anna, "@batch=b;label=4 PRIVMSG #c :x"), "4"), 1U);
    EXPECT_EQ(w.type(anna, "BATCH -a"), lines{});
    w.type(anna, "@label=5 BATCH +a draft/multiline #c");
    told = w.type(anna, "@label=6 BATCH +b draft/multiline #c");
    EXPECT_EQ(labels(told, "5"), 1U);
    EXPECT_EQ(labels(told, "6"), 1U);
}

TEST_F(labeled_lines, a_reference_that_is_not_open_is_named_as_it_is) {
    EXPECT_EQ(short_of(w.type(anna, "BATCH -ab").at(0)), "FAIL BATCH INVALID_REFTAG ab");
    EXPECT_EQ(short_of(w.type(anna, "BATCH +a_b draft/multiline #c").at(0)), "FAIL BATCH INVALID_REFTAG a_b");
}

TEST_F(labeled_lines, labels_that_are_too_long_or_unasked_for_are_none) {
    EXPECT_EQ(w.type(anna, "@label=" + std::string(65, 'x') + " PONG x"), lines{});
    EXPECT_EQ(labels(w.type(anna, "@label=" + std::string(64, 'x') + " PONG x"), std::string(64, 'x')), 1U);
    EXPECT_EQ(w.type(anna, "@label= PONG x"), lines{});
    w.type(anna, "CAP REQ -batch");
    EXPECT_EQ(w.type(anna, "@label=1 PONG x"), lines{});
    auto& eva = w.enter("eva");
    EXPECT_EQ(w.type(eva, "@label=1 PING x"), (lines{":brusio.localhost PONG brusio.localhost :x"}));
}

// ── before the log-in ───────────────────────────────────────────────────────────────────────────────────────────────

TEST(labels_before_the_log_in, each_line_is_answered_at_once) {
    scene w;
    auto& c = w.connect();
    w.type(c, "CAP REQ :labeled-response batch");
    for (const auto* line : {"PING x", "PONG x", "NONSENSE", "JOIN #c", "NICK", "NICK anna", "CAP LS 302", "USER a",
                             "USER a 0 * :A", "PASS x", "ISUPPORT", "AWAY :x", "CAP LIST"}) {
        const auto told = w.type(c, "@label=abc " + std::string(line));
        EXPECT_EQ(labels(told, "abc"), 1U) << line;
        EXPECT_TRUE(!told.empty() && told.front().starts_with("@label=abc")) << line;
    }
    const auto told = w.type(c, "@label=last CAP END");
    EXPECT_EQ(labels(told, "last"), 1U);
    EXPECT_EQ(std::ranges::count(verbs(told), std::string("001")), 1);
}

TEST(labels_before_the_log_in, the_last_words_are_not_lost) {
    scene w;
    auto& c = w.connect();
    w.type(c, "CAP REQ :labeled-response batch");
    EXPECT_EQ(w.type(c, "@label=1 QUIT :bye"), (lines{"@label=1 ERROR :Quit: bye"}));
    EXPECT_TRUE(c.closing);
}

// Whether it is let in is decided only after the line; the answer is the line's all the same.
TEST(labels_before_the_log_in, what_is_decided_later_is_answered_under_it) {
    scene w;
    w.enter("zed");
    auto& c = w.connect();
    w.type(c, "CAP REQ :labeled-response batch");
    w.type(c, "NICK zed");
    w.type(c, "USER u 0 * :x");
    EXPECT_EQ(shorts(w.type(c, "@label=3 CAP END")), (lines{"433 * zed"}));
    EXPECT_TRUE(w.type(c, "@label=4 NICK zed").at(0).starts_with("@label=4 :brusio.localhost 433 "));
    const auto told = w.type(c, "@label=5 NICK zoe");
    EXPECT_TRUE(told.at(0).starts_with("@label=5 :brusio.localhost ACK")) << told.at(0);
    EXPECT_EQ(verbs(told).at(1), "001");
    EXPECT_EQ(labels(told, "5"), 1U);
    EXPECT_EQ(labels(w.type(c, "@label=6 PING x"), "6"), 1U);
}

TEST(labels_before_the_log_in, a_gateway_is_answered_too) {
    auto s = test::usual();
    s.gateways = {{"gate", [](const net::peer&) { return true; }}};
    scene w(s);
    for (const bool right : {true, false}) {
        auto& c = w.connect();
        w.type(c, "CAP REQ :labeled-response batch");
        const auto told = w.type(c, std::string("@label=1 WEBIRC ") + (right ? "gate" : "wrong") + " g h 198.51.100.7");
        EXPECT_EQ(labels(told, "1"), 1U) << right;
        EXPECT_EQ(verbs(told), (right ? lines{"ACK"} : lines{"ERROR"}));
    }
    auto& c = w.connect();
    for (int i = 0; i < 4; ++i) w.type(w.connect(), "WEBIRC wrong g h 198.51.100.7");
    EXPECT_EQ(verbs(w.type(c, "WEBIRC gate g h 198.51.100.7")), (lines{"ERROR"})) << "after five wrong ones";
}

TEST(labels_before_the_log_in, a_refusal_for_good_has_it) {
    auto s = test::usual();
    s.password = "sesame";
    scene w(s);
    auto& c = w.connect();
    for (const auto* line : {"CAP REQ :labeled-response batch", "PASS wrong", "NICK anna", "USER a 0 * :A"})
        w.type(c, line);
    auto told = w.type(c, "@label=1 CAP END");
    EXPECT_EQ(labels(told, "1"), 1U);
    EXPECT_EQ(verbs(told), (lines{"BATCH", "464", "ERROR", "BATCH"}));
    EXPECT_TRUE(c.closing);

    scene open;
    auto& root = open.enter_operator("boss");
    open.type(root, "UBAN ADD bea!*@* :no");
    auto& bea = open.connect();
    for (const auto* line : {"CAP REQ :labeled-response batch", "NICK bea", "USER a 0 * :A"}) open.type(bea, line);
    told = open.type(bea, "@label=2 CAP END");
    EXPECT_EQ(labels(told, "2"), 1U);
    EXPECT_EQ(verbs(told), (lines{"BATCH", "465", "ERROR", "BATCH"}));
}

TEST(labels_before_the_log_in, a_line_that_ends_it_for_a_password_is_answered) {
    auto s = test::usual();
    s.password = "sesame";
    scene w(s);
    auto& c = w.connect();
    w.type(c, "CAP REQ :labeled-response batch");
    w.type(c, "NICK anna");
    w.type(c, "USER a 0 * :A");
    const auto told = w.type(c, "@label=1 CAP END");
    EXPECT_EQ(labels(told, "1"), 1U);
    EXPECT_TRUE(std::ranges::any_of(told, [](const auto& line) { return short_of(line) == "ERROR"; }));
}

}  // namespace
}  // namespace brusio::door::irc
