// METADATA in both drafts: what is asked, what is told, and in which words.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

constexpr std::string_view second = "batch draft/metadata-2";
constexpr std::string_view third = "batch draft/metadata-3";

// Lines of one batch, without it; the batch's own words are `opened`.
lines inside(const lines& all, std::string_view opened) {
    EXPECT_GE(all.size(), 2U);
    if (all.size() < 2) return {};
    const auto begin = short_of(all.front());
    const auto words = begin.substr(begin.find(' ') + 2);
    const auto reference = words.substr(0, words.find(' '));
    EXPECT_EQ(begin, "BATCH +" + reference + " " + std::string(opened));
    EXPECT_EQ(short_of(all.back()), "BATCH -" + reference);
    lines some;
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
        const auto tag = "@batch=" + reference + " ";
        EXPECT_TRUE(all[i].starts_with(tag)) << all[i];
        some.push_back(all[i].substr(tag.size() + std::string_view(":brusio.localhost ").size()));
    }
    return some;
}

class metadata_command : public testing::Test {
  protected:
    std::string only(client& c, const std::string& line) {
        const auto told = w.type(c, line);
        EXPECT_EQ(told.size(), 1U) << line;
        return told.empty() ? std::string() : told.front();
    }
    std::string only_short(client& c, const std::string& line) { return short_of(only(c, line)); }

    scene w;
};

TEST_F(metadata_command, needs_batch_and_one_of_the_drafts) {
    auto& anna = w.enter("anna");
    EXPECT_EQ(only_short(anna, "METADATA * LIST"), "421 anna METADATA");
    w.type(anna, "CAP REQ draft/metadata-3");
    EXPECT_EQ(only_short(anna, "METADATA * LIST"), "421 anna METADATA") << "the order does not matter";
    w.type(anna, "CAP REQ batch");
    EXPECT_EQ(w.type(anna, "METADATA * LIST").size(), 2U);
    EXPECT_EQ(only_short(anna, "CAP REQ draft/metadata-2"), "CAP anna NAK") << "not both";
    EXPECT_EQ(only_short(anna, "CAP REQ :-draft/metadata-3 draft/metadata-2"), "CAP anna ACK");
    auto& bruno = w.connect();
    EXPECT_EQ(only_short(bruno, "CAP REQ :batch draft/metadata-2 draft/metadata-3"), "CAP * NAK");
}

TEST_F(metadata_command, values_are_set_asked_for_and_taken_away) {
    for (const auto caps : {second, third}) {
        auto& anna = w.enter("anna", caps);
        EXPECT_EQ(only(anna, "METADATA * SET url :http://example.org a"),
                  ":brusio.localhost 761 anna anna url * :http://example.org a");
        EXPECT_EQ(only_short(anna, "METADATA anna set avatar x"), "761 anna anna avatar *") << "oneself by name";
        EXPECT_EQ(inside(w.type(anna, "METADATA anna LIST"), "metadata anna"),
                  (lines{"761 anna anna avatar * :x", "761 anna anna url * :http://example.org a"}));
        auto& bruno = w.enter("bruno", caps);
        EXPECT_EQ(inside(w.type(bruno, "METADATA ANNA GET nothing url"), "metadata anna"),
                  (lines{"766 bruno anna nothing :Key not set", "761 bruno anna url * :http://example.org a"}));
        EXPECT_EQ(only_short(anna, "METADATA * SET url"), "766 anna anna url");
        EXPECT_EQ(inside(w.type(anna, "METADATA * CLEAR"), "metadata anna"),
                  lines{"766 anna anna avatar :Key not set"});
        EXPECT_TRUE(inside(w.type(anna, "METADATA * LIST"), "metadata anna").empty());
        w.type(anna, "QUIT");
        w.type(bruno, "QUIT");
    }
}

TEST_F(metadata_command, an_empty_value_is_one_in_draft_2_and_none_in_draft_3) {
    auto& two = w.enter("two", second);
    EXPECT_EQ(only(two, "METADATA * SET url :"), ":brusio.localhost 761 two two url * :");
    auto& three = w.enter("three", third);
    EXPECT_EQ(inside(w.type(three, "METADATA two GET url"), "metadata two"), lines{"766 three two url :Key not set"});
    EXPECT_TRUE(inside(w.type(three, "METADATA two LIST"), "metadata two").empty());
    w.type(three, "METADATA * SET url x");
    EXPECT_EQ(only_short(three, "METADATA * SET url :"), "766 three three url");
}

TEST_F(metadata_command, is_refused_in_the_words_of_draft_2) {
    auto& anna = w.enter("anna", second);
    w.enter("bruno");
    EXPECT_EQ(only_short(anna, "METADATA nobody LIST"), "FAIL METADATA INVALID_TARGET nobody");
    EXPECT_EQ(only_short(anna, "METADATA #no,where LIST"), "FAIL METADATA INVALID_TARGET #no,where");
    EXPECT_EQ(only_short(anna, "METADATA *ALL SYNC"), "FAIL METADATA INVALID_TARGET *ALL");
    EXPECT_EQ(only_short(anna, "METADATA bruno SUB x"), "FAIL METADATA INVALID_TARGET bruno");
    EXPECT_EQ(only_short(anna, "METADATA bruno SET url x"), "FAIL METADATA KEY_NO_PERMISSION bruno url");
    EXPECT_EQ(only_short(anna, "METADATA bruno CLEAR"), "FAIL METADATA KEY_NO_PERMISSION bruno *");
    EXPECT_EQ(only_short(anna, "METADATA * SET $url$ x"), "FAIL METADATA KEY_INVALID $url$");
    EXPECT_EQ(only_short(anna, "METADATA * SET url"), "FAIL METADATA KEY_NOT_SET anna url");
    EXPECT_EQ(only_short(anna, "METADATA * SET url :" + std::string(301, 'x')), "FAIL METADATA VALUE_INVALID");
    EXPECT_EQ(only_short(anna, "METADATA * SNEEZE"), "FAIL METADATA SUBCOMMAND_INVALID SNEEZE");
    EXPECT_EQ(only_short(anna, "metadata * :a b"), "FAIL METADATA SUBCOMMAND_INVALID *");
    EXPECT_EQ(only_short(anna, "METADATA *"), "461 anna METADATA");
    EXPECT_EQ(only_short(anna, "METADATA * GET"), "461 anna METADATA");
    EXPECT_EQ(inside(w.type(anna, "METADATA * GET $x"), "metadata anna"),
              lines{"FAIL METADATA KEY_INVALID $x :That cannot be a key"});
    for (int i = 0; i < 50; ++i) w.type(anna, "METADATA * SET k" + std::to_string(i) + " x");
    EXPECT_EQ(only_short(anna, "METADATA * SET one.more x"), "FAIL METADATA LIMIT_REACHED anna");
}

TEST_F(metadata_command, is_refused_in_the_words_of_draft_3) {
    auto& anna = w.enter("anna", third);
    w.enter("bruno");
    EXPECT_EQ(only_short(anna, "METADATA nobody LIST"), "FAIL METADATA INVALID_TARGET nobody");
    EXPECT_EQ(only_short(anna, "METADATA bruno SUBS"), "FAIL METADATA INVALID_TARGET bruno");
    EXPECT_EQ(only_short(anna, "METADATA bruno SET url x"), "FAIL METADATA KEY_NO_PERMISSION bruno url");
    EXPECT_EQ(only_short(anna, "METADATA * SET $url$ x"), "FAIL METADATA INVALID_KEY $url$");
    EXPECT_EQ(only_short(anna, "METADATA * SET url"), "766 anna anna url") << "nothing is lost";
    EXPECT_EQ(only_short(anna, "METADATA * SET url :" + std::string(301, 'x')), "FAIL METADATA INVALID_VALUE url");
    EXPECT_EQ(only_short(anna, "METADATA * SNEEZE"), "FAIL METADATA INVALID_PARAMS SNEEZE");
    EXPECT_EQ(only_short(anna, "METADATA * :: hi!"), "FAIL METADATA INVALID_PARAMS *");
    EXPECT_EQ(only_short(anna, "METADATA"), "FAIL METADATA INVALID_PARAMS *");
    EXPECT_EQ(only_short(anna, "METADATA * GET"), "FAIL METADATA INVALID_PARAMS GET");
    EXPECT_EQ(only_short(anna, "METADATA * LIST x"), "FAIL METADATA INVALID_PARAMS LIST");
    EXPECT_EQ(inside(w.type(anna, "METADATA * GET $x"), "metadata anna"),
              lines{"WARN METADATA INVALID_KEY $x :That cannot be a key"});
    for (int i = 0; i < 50; ++i) w.type(anna, "METADATA * SET k" + std::to_string(i) + " x");
    EXPECT_EQ(only_short(anna, "METADATA * SET one.more x"), "FAIL METADATA LIMIT_REACHED SET anna 50");
}

TEST_F(metadata_command, a_value_that_no_line_holds_is_too_large) {
    auto s = test::usual();
    s.server_name = std::string(60, 's') + ".it";
    scene far(s);
    auto& anna = far.enter("anna", third);
    const auto set = [&](std::size_t key) {
        return short_of(far.type(anna, "METADATA * SET " + std::string(key, 'k') + " :" + std::string(300, 'x')).at(0));
    };
    EXPECT_TRUE(set(20).starts_with("761 "));
    EXPECT_TRUE(set(64).starts_with("FAIL METADATA INVALID_VALUE "));
}

TEST_F(metadata_command, subscriptions_are_kept_in_order_and_bounded) {
    auto& anna = w.enter("anna", second);
    EXPECT_EQ(w.type(anna, "METADATA * SUB url avatar"), lines{":brusio.localhost 770 anna url avatar"});
    EXPECT_EQ(inside(w.type(anna, "METADATA anna SUBS"), "metadata-subs"), lines{"772 anna avatar url"});
    EXPECT_EQ(shorts(w.type(anna, "METADATA * SUB foo $url bar")),
              (lines{"FAIL METADATA KEY_INVALID $url", "770 anna foo bar"}));
    EXPECT_EQ(shorts(w.type(anna, "METADATA * UNSUB foo $url never")),
              (lines{"FAIL METADATA KEY_INVALID $url", "771 anna foo never"}));
    for (int i = 0; i < 47; ++i) w.type(anna, "METADATA * SUB k" + std::to_string(i));
    EXPECT_EQ(shorts(w.type(anna, "METADATA * SUB url one.more another")),
              (lines{"770 anna url", "FAIL METADATA TOO_MANY_SUBS one.more"}));
    const auto all = inside(w.type(anna, "METADATA * SUBS"), "metadata-subs");
    EXPECT_GT(all.size(), 1U);
    std::size_t keys = 0;
    for (const auto& line : all) keys += static_cast<std::size_t>(std::ranges::count(line, ' ')) - 1;
    EXPECT_EQ(keys, 50U);
}

TEST_F(metadata_command, draft_3_is_sent_for_what_is_set_already) {
    auto& anna = w.enter("anna", third);
    EXPECT_EQ(shorts(w.type(anna, "METADATA * SUB url avatar $x")),
              (lines{"WARN METADATA INVALID_KEY $x", "770 anna url avatar", "774 anna *ALL 0"}));
    EXPECT_EQ(shorts(w.type(anna, "METADATA * SUB avatar")), lines{"770 anna avatar"}) << "nothing is new";
    for (int i = 0; i < 48; ++i) w.type(anna, "METADATA * SUB k" + std::to_string(i));
    EXPECT_EQ(shorts(w.type(anna, "METADATA * SUB one.more")), lines{"FAIL METADATA LIMIT_REACHED SUB one.more 50"});
}

TEST_F(metadata_command, subscriptions_end_with_the_capability_or_with_batch) {
    for (const auto* gone : {"-draft/metadata-3", "-batch"}) {
        auto& anna = w.enter("anna", third);
        w.type(anna, "METADATA * SUB url");
        EXPECT_EQ(only_short(anna, std::string("CAP REQ ") + gone), "CAP anna ACK");
        w.type(anna, "CAP REQ :batch draft/metadata-3");
        EXPECT_TRUE(inside(w.type(anna, "METADATA * SUBS"), "metadata-subs").empty());
        w.type(anna, "QUIT");
    }
}

// What one is told of others.
class metadata_news : public metadata_command {
  protected:
    metadata_news() {
        w.type(two, "METADATA * SUB url");
        w.type(three, "METADATA * SUB url");
        for (auto* c : {&anna, &two, &three, &old}) w.type(*c, "JOIN #c");
        w.quiet();
    }
    client& anna = w.enter("anna", second);
    client& two = w.enter("two", second);
    client& three = w.enter("three", third);
    client& old = w.enter("old");
};

TEST_F(metadata_news, of_a_change_come_in_each_drafts_words) {
    w.type(anna, "METADATA * SET url x");
    EXPECT_EQ(w.hears(two), lines{":" + w.talk(anna).mask() + " METADATA anna url * :x"});
    EXPECT_EQ(w.hears(three), lines{":brusio.localhost 761 three anna url * :x"});
    EXPECT_TRUE(w.hears(old).empty());
    w.type(anna, "METADATA * SET url");
    EXPECT_EQ(w.hears(two), lines{":" + w.talk(anna).mask() + " METADATA anna url *"});
    EXPECT_EQ(shorts(w.hears(three)), lines{"766 three anna url"});
    w.type(anna, "METADATA #c SET url y");
    EXPECT_EQ(shorts(w.hears(two)), lines{"METADATA #c url *"});
    EXPECT_EQ(shorts(w.hears(three)), lines{"761 three #c url *"});
    w.type(anna, "METADATA * SET avatar x");
    EXPECT_TRUE(w.hears(two).empty()) << "not subscribed to";
    w.type(two, "CAP REQ -batch");
    w.type(anna, "METADATA #c SET url z");
    EXPECT_TRUE(w.hears(two).empty());
}

TEST_F(metadata_news, of_a_channel_come_when_one_enters) {
    w.type(anna, "METADATA * SET url x");
    w.type(anna, "METADATA #c SET url y");
    const auto batch_of = [&](client& c) {
        w.type(c, "PART #c");
        auto told = w.type(c, "JOIN #c");
        EXPECT_EQ(verbs(told).front(), "JOIN");
        const auto all = verbs(told);
        const auto names = std::ranges::find(all, "366") - all.begin();
        return inside(lines(told.begin() + names + 1, told.end()), "metadata #c");
    };
    EXPECT_EQ(batch_of(two), (lines{"METADATA #c url * :y", "METADATA anna url * :x"}));
    EXPECT_EQ(batch_of(three), (lines{"761 three #c url * :y", "761 three anna url * :x"}));
    w.type(three, "METADATA * UNSUB url");
    EXPECT_TRUE(batch_of(three).empty()) << "draft 3 is told that there is nothing";
    w.type(two, "METADATA * UNSUB url");
    w.type(two, "PART #c");
    EXPECT_EQ(verbs(w.type(two, "JOIN #c")), (lines{"JOIN", "353", "366"}));
    w.type(old, "PART #c");
    EXPECT_EQ(verbs(w.type(old, "JOIN #c")), (lines{"JOIN", "353", "366"}));
}

TEST_F(metadata_news, of_draft_2_come_with_the_subscription) {
    w.type(anna, "METADATA * SET url x");
    w.type(anna, "METADATA * SET avatar y");
    w.quiet();
    const auto told = w.type(two, "METADATA * SUB avatar");
    EXPECT_EQ(told, (lines{":brusio.localhost 770 two avatar", ":brusio.localhost METADATA anna avatar * :y"}));
    EXPECT_EQ(w.type(two, "METADATA * SUB avatar").size(), 1U) << "nothing is new";
}

TEST_F(metadata_news, of_the_monitored_come_with_730) {
    auto& elsewhere = w.enter("elsewhere", third);
    w.type(elsewhere, "METADATA * SUB url");
    w.type(anna, "METADATA * SET url x");
    auto told = w.type(elsewhere, "MONITOR + anna,nobody");
    EXPECT_EQ(verbs(told), (lines{"730", "731", "BATCH", "761", "BATCH"}));
    EXPECT_EQ(inside(lines(told.begin() + 2, told.end()), "metadata anna"), lines{"761 elsewhere anna url * :x"});
    w.quiet();
    auto& nobody = w.enter("nobody");
    EXPECT_EQ(verbs(w.hears(elsewhere)), (lines{"730", "BATCH", "BATCH"})) << "even when there is nothing";
    w.type(nobody, "QUIT");
    EXPECT_EQ(verbs(w.hears(elsewhere)), lines{"731"});
    auto& other = w.enter("other", second);
    w.type(other, "METADATA * SUB url");
    told = w.type(other, "MONITOR + anna,old");
    EXPECT_EQ(inside(lines(told.begin() + 1, told.end()), "metadata anna"), lines{"METADATA anna url * :x"});
}

TEST_F(metadata_news, are_synced_when_asked_for) {
    w.type(anna, "METADATA * SET url x");
    w.type(anna, "METADATA #c SET url y");
    w.type(anna, "METADATA #c SET avatar z");
    EXPECT_EQ(inside(w.type(two, "METADATA #C SYNC"), "metadata #c"),
              (lines{"METADATA #c url * :y", "METADATA anna url * :x"}));
    EXPECT_EQ(inside(w.type(three, "METADATA #c SYNC"), "metadata #c"),
              (lines{"761 three #c url * :y", "761 three anna url * :x"}));
    EXPECT_EQ(inside(w.type(three, "METADATA anna SYNC"), "metadata anna"), lines{"761 three anna url * :x"});
    w.type(anna, "JOIN #d");
    w.type(three, "JOIN #d");
    w.type(three, "METADATA * SET url mine");
    auto& far = w.enter("far", second);
    w.type(far, "METADATA * SET url z");
    w.type(three, "MONITOR + far");
    EXPECT_EQ(inside(w.type(three, "METADATA *ALL SYNC"), "metadata *ALL"),
              (lines{"761 three three url * :mine", "761 three #c url * :y", "761 three anna url * :x",
                     "761 three far url * :z"}))
        << "each once";
}

TEST_F(metadata_news, of_a_big_channel_are_one_batch) {
    for (int i = 0; i < 250; ++i) {
        auto& c = w.enter("n" + std::to_string(i), second);
        w.type(c, "METADATA * SET url x");
        w.type(c, "JOIN #c");
    }
    w.quiet();
    for (auto* c : {&two, &three}) {
        w.type(*c, "PART #c");
        auto told = w.type(*c, "JOIN #c");
        const auto all = verbs(told);
        const auto begin = std::ranges::find(all, "BATCH") - all.begin();
        EXPECT_EQ(inside(lines(told.begin() + begin, told.end()), "metadata #c").size(), 250U);
        EXPECT_EQ(inside(w.type(*c, "METADATA #c SYNC"), "metadata #c").size(), 250U);
    }
    EXPECT_EQ(inside(w.type(three, "METADATA *ALL SYNC"), "metadata *ALL").size(), 250U);
}

TEST_F(metadata_news, go_with_a_label) {
    w.type(anna, "METADATA * SET url x");
    w.type(three, "CAP REQ :labeled-response");
    EXPECT_EQ(w.type(three, "@label=1 METADATA * SET url y"),
              lines{"@label=1 :brusio.localhost 761 three three url * :y"});
    auto told = w.type(three, "@label=2 METADATA anna GET url");
    ASSERT_EQ(told.size(), 3U);
    EXPECT_TRUE(told[0].starts_with("@label=2 :brusio.localhost BATCH +")) << told[0];
    told = w.type(three, "@label=3 METADATA * SUB avatar");
    EXPECT_EQ(verbs(told), (lines{"BATCH", "770", "774", "BATCH"}));
    told = w.type(three, "@label=4 METADATA * SUB avatar");
    EXPECT_TRUE(told.at(0).starts_with("@label=4 ")) << told.at(0);
}

TEST_F(metadata_news, of_somebody_are_in_whois) {
    w.type(anna, "METADATA * SET url x");
    for (auto* c : {&two, &three}) {
        const auto told = w.type(*c, "WHOIS anna");
        EXPECT_EQ(
            std::ranges::count(told, ":brusio.localhost 760 " + std::string(w.talk(*c).nick()) + " anna url * :x"), 1);
    }
    EXPECT_EQ(std::ranges::count(verbs(w.type(old, "WHOIS anna")), "760"), 0);
}

// Before the log-in.
class metadata_before : public metadata_command {
  protected:
    client& begin(std::string_view caps) {
        auto& c = w.connect();
        w.type(c, "CAP REQ :" + std::string(caps));
        return c;
    }
    lines end(client& c, const std::string& nick) {
        w.type(c, "NICK " + nick);
        w.type(c, "USER u 0 * :U");
        return w.type(c, "CAP END");
    }
    // Of the welcome.
    static lines own(const lines& welcome) {
        const auto all = verbs(welcome);
        const auto from = std::ranges::find(all, "BATCH");
        const auto to = std::ranges::find(from + 1, all.end(), "BATCH");
        const auto motd = std::ranges::find_if(all, [](const auto& v) { return v == "376" || v == "422"; });
        EXPECT_LT(to, motd);
        return {welcome.begin() + (from - all.begin()), welcome.begin() + (to - all.begin()) + 1};
    }
};

TEST_F(metadata_before, the_log_in_is_for_the_door_and_then_comes_along) {
    for (const auto caps : {second, third}) {
        auto& c = begin(caps);
        EXPECT_EQ(only(c, "METADATA * SET display-name :a b c"), ":brusio.localhost 761 * * display-name * :a b c");
        EXPECT_EQ(only_short(c, "METADATA * SET gone x"), "761 * * gone *");
        EXPECT_EQ(only_short(c, "METADATA * SET gone"), "766 * * gone");
        EXPECT_EQ(w.type(c, "METADATA * SUB url avatar"), lines{":brusio.localhost 770 * url avatar"});
        EXPECT_EQ(w.type(c, "METADATA * UNSUB avatar"), lines{":brusio.localhost 771 * avatar"});
        EXPECT_EQ(inside(w.type(c, "METADATA * GET display-name url"), "metadata *"),
                  (lines{"761 * * display-name * :a b c", "766 * * url :Key not set"}));
        EXPECT_EQ(inside(w.type(c, "METADATA * LIST"), "metadata *"), lines{"761 * * display-name * :a b c"});
        EXPECT_TRUE(inside(w.type(c, "METADATA * SYNC"), "metadata *").empty());
        EXPECT_EQ(inside(w.type(c, "METADATA * SUBS"), "metadata-subs"), lines{"772 * url"});
        EXPECT_EQ(only_short(c, "METADATA abc LIST"), "FAIL METADATA INVALID_TARGET abc");
        EXPECT_EQ(inside(own(end(c, "abc")), "metadata abc"),
                  lines{caps == second ? "METADATA abc display-name * :a b c" : "761 abc abc display-name * :a b c"});
        EXPECT_EQ(inside(w.type(c, "METADATA * SUBS"), "metadata-subs"), lines{"772 abc url"});
        auto& other = w.enter("other", second);
        EXPECT_EQ(inside(w.type(other, "METADATA abc LIST"), "metadata abc"),
                  lines{"761 other abc display-name * :a b c"});
        w.type(c, "QUIT");
        w.type(other, "QUIT");
    }
}

TEST_F(metadata_before, the_log_in_nothing_may_be_said_of_oneself) {
    auto& c = begin(third);
    EXPECT_TRUE(inside(own(end(c, "abc")), "metadata abc").empty()) << "which is told";
    EXPECT_EQ(std::ranges::count(verbs(end(begin("batch"), "old")), "BATCH"), 0);
}

TEST_F(metadata_before, the_log_in_the_same_bounds_hold) {
    auto& c = begin(third);
    EXPECT_EQ(only_short(c, "METADATA * SET $x y"), "FAIL METADATA INVALID_KEY $x");
    EXPECT_EQ(only_short(c, "METADATA * SET x :" + std::string(301, 'x')), "FAIL METADATA INVALID_VALUE x");
    EXPECT_EQ(shorts(w.type(c, "METADATA * SUB $x y")), (lines{"WARN METADATA INVALID_KEY $x", "770 * y"}));
    for (int i = 0; i < 50; ++i) w.type(c, "METADATA * SET k" + std::to_string(i) + " x");
    EXPECT_EQ(only_short(c, "METADATA * SET one.more x"), "FAIL METADATA LIMIT_REACHED SET * 50");
    for (int i = 0; i < 49; ++i) w.type(c, "METADATA * SUB k" + std::to_string(i));
    EXPECT_EQ(only_short(c, "METADATA * SUB one.more"), "FAIL METADATA LIMIT_REACHED SUB one.more 50");
    EXPECT_EQ(inside(w.type(c, "METADATA * CLEAR"), "metadata *").size(), 50U);
    EXPECT_TRUE(inside(w.type(c, "METADATA * LIST"), "metadata *").empty());
    w.type(c, "CAP REQ -draft/metadata-3");
    w.type(c, "CAP REQ draft/metadata-2");
    EXPECT_TRUE(inside(w.type(c, "METADATA * SUBS"), "metadata-subs").empty());
}

TEST_F(metadata_before, what_follows_the_log_in_in_one_go_is_answered_after_it) {
    auto& c = begin(third);
    w.type(c, "METADATA * SUB url");
    c.sent.clear();
    w.hub.feed(c, "NICK abc\r\nUSER u 0 * :U\r\nCAP END\r\nMETADATA * SUB avatar\r\nMETADATA * SUBS\r\n");
    w.hub.settle();
    const auto told = shorts(w.hears(c));
    EXPECT_EQ(std::ranges::count(told, "770 abc avatar"), 1);
    EXPECT_EQ(std::ranges::count(told, "772 abc avatar url"), 1);
}

TEST(metadata_offer, has_its_limits) {
    std::string all;
    for (const auto& list : offered({}, way::plain, true, cap_room)) all += " " + list;
    EXPECT_TRUE(all.contains(" draft/metadata-2=before-connect,max-subs=50,max-keys=50,max-value-bytes=300"));
    EXPECT_TRUE(
        all.contains(" draft/metadata-3=before-connect,max-subs=50,max-keys=50,max-key-bytes=64,max-value-bytes=300"));
}

}  // namespace
}  // namespace brusio::door::irc
