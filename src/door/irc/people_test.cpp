// LIST's conditions, WHO and WHOX, masks, MONITOR, SILENCE.
#include <gtest/gtest.h>

#include "door/irc/commands.hpp"
#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

class people : public testing::Test {
  protected:
    chat::ask_channels list(std::string_view conditions) {
        return w.asked_one<chat::ask_channels>(anna, "LIST " + std::string(conditions));
    }
    chat::ask_who who(std::string_view rest) { return w.asked_one<chat::ask_who>(anna, "WHO " + std::string(rest)); }

    scene w;
    test::client& anna = w.enter("anna");
};

// ── LIST ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(people, list_reads_every_condition) {
    EXPECT_EQ(list(">5").more_than, 5U);
    EXPECT_EQ(list("<5").less_than, 5U);
    EXPECT_EQ(list("C<2").created_after_ms, 120'000);
    EXPECT_EQ(list("C>2").created_before_ms, 120'000);
    EXPECT_EQ(list("T<60").topic_after_ms, 3'600'000);
    EXPECT_EQ(list("t>60").topic_before_ms, 3'600'000);
    EXPECT_EQ(list("c<1").created_after_ms, 60'000);
    EXPECT_EQ(list("*Piazza*").masks, (std::vector<std::string>{"*piazza*"}));
    EXPECT_EQ(list("!*a*").not_masks, (std::vector<std::string>{"*a*"}));
    EXPECT_EQ(list("#a,#B").named.size(), 2U);
    EXPECT_EQ(list("#a,#B").named[1].fold, "#b");
    const auto all = list(">1,<9,C>1,*a*,!*b*");
    EXPECT_EQ(all.more_than, 1U);
    EXPECT_EQ(all.less_than, 9U);
    EXPECT_EQ(all.created_before_ms, 60'000);
    EXPECT_EQ(all.masks.size() + all.not_masks.size(), 2U);
}

TEST_F(people, conditions_that_cannot_be_read_are_none) {
    for (const auto* odd : {">", "<x", "C<", "C>-1", "T<1x", ">99999999999999999999", "C>99999999999999999999"}) {
        EXPECT_EQ(list(odd), (chat::ask_channels{.session = anna.session, .after = {}})) << odd;
    }
    // No overflow: at most a century.
    EXPECT_EQ(list("C>4294967295").created_before_ms, std::int64_t{52'560'000} * 60'000);
}

TEST_F(people, list_answers_what_was_asked) {
    w.type(anna, "JOIN #one,#two,#secret");
    w.type(anna, "MODE #secret +s");
    w.type(anna, "TOPIC #two :a topic");
    auto& eva = w.enter("eva");
    w.type(eva, "JOIN #two");
    EXPECT_EQ(shorts(w.type(eva, "LIST")), (lines{"321 eva Channel", "322 eva #one 1", "322 eva #two 2", "323 eva"}));
    EXPECT_EQ(shorts(w.type(eva, "LIST >1")), (lines{"321 eva Channel", "322 eva #two 2", "323 eva"}));
    EXPECT_EQ(shorts(w.type(eva, "LIST #one,#secret,#none,nonsense")),
              (lines{"321 eva Channel", "322 eva #one 1", "323 eva"}));
    EXPECT_EQ(shorts(w.type(eva, "LIST nonsense")), (lines{"321 eva Channel", "323 eva"}));
    EXPECT_EQ(shorts(w.type(eva, "LIST !*o*")), (lines{"321 eva Channel", "323 eva"}));
}

// ── WHO ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(people, who_reads_its_options) {
    EXPECT_EQ(who("#C").channel->fold, "#c");
    EXPECT_FALSE(who("anna").channel);
    EXPECT_EQ(who("An?*?").fold, "an??*");
    EXPECT_EQ(who("0").fold, "*");
    EXPECT_TRUE(who("* o").operators);
    EXPECT_FALSE(who("* %o").operators);
    EXPECT_EQ(who("* %tna,42").fields, "%tna");
    EXPECT_EQ(who("* %tna,42").token, "42");
    EXPECT_EQ(who("* o%tn,1").fields, "%tn");
    EXPECT_TRUE(who("* o%tn,1").operators);
}

TEST_F(people, who_answers_in_the_usual_form) {
    w.type(anna, "JOIN #c");
    w.type(anna, "AWAY :lunch");
    EXPECT_EQ(w.type(anna, "WHO #c"),
              (lines{":brusio.localhost 352 anna #c ~anna host.192.0.2.1 brusio.localhost anna G@ :0 The real anna",
                     ":brusio.localhost 315 anna #c :End of /WHO list"}));
    EXPECT_EQ(shorts(w.type(anna, "WHO #nowhere")), (lines{"315 anna #nowhere"}));
    EXPECT_EQ(shorts(w.type(anna, "WHO #not,a,channel")), (lines{"315 anna #not,a,channel"}));
    EXPECT_EQ(verbs(w.type(anna, "WHO ann?")), (lines{"352", "315"}));
}

TEST_F(people, whox_gives_its_fields_in_the_order_of_the_specification) {
    w.type(anna, "JOIN #c");
    EXPECT_EQ(w.type(anna, "WHO #c %rotcuihsnfdla,7").at(0),
              ":brusio.localhost 354 anna 7 #c ~anna 192.0.2.1 host.192.0.2.1 brusio.localhost anna H@ 0 0 0 @ :The "
              "real anna");
    EXPECT_EQ(w.type(anna, "WHO anna %nt").at(0), ":brusio.localhost 354 anna 0 anna");
    auto& eva = w.enter("eva");
    EXPECT_EQ(w.type(eva, "WHO anna %ni").at(0), ":brusio.localhost 354 eva 255.255.255.255 anna");
}

TEST_F(people, flags_tell_who_is_away_operator_and_bot) {
    auto& op = w.enter_operator("root1");
    w.type(op, "MODE root1 +B");
    w.type(op, "JOIN #c");
    EXPECT_EQ(w.type(anna, "WHO root1 %f").at(0), ":brusio.localhost 354 anna H*@B");
    w.type(op, "MODE #c +v root1");
    EXPECT_EQ(w.type(op, "WHO #c %f").at(0), ":brusio.localhost 354 root1 H*@B");
    w.type(op, "CAP REQ multi-prefix");
    EXPECT_EQ(w.type(op, "WHO #c %f").at(0), ":brusio.localhost 354 root1 H*@+B");
}

// ── NAMES ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(people, long_lists_of_names_come_whole_and_in_slices) {
    w.type(anna, "JOIN #c");
    for (int i = 0; i < 520; ++i) {
        auto& c = w.enter("somebody" + std::to_string(i));
        w.hub.feed(c, "JOIN #c\r\n");
        w.hub.settle();
    }
    anna.sent.clear();
    w.hub.feed(anna, "NAMES #c\r\nPING after\r\n");
    w.hub.settle();
    const auto told = w.hears(anna);
    std::size_t names = 0;
    for (std::size_t i = 0; i + 2 < told.size(); ++i) {
        EXPECT_EQ(short_of(told[i]), "353 anna = #c");
        const auto text = text_of(told[i]);
        names += static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1;
    }
    EXPECT_EQ(names, 521U);
    EXPECT_EQ(short_of(told[told.size() - 2]), "366 anna #c");
    EXPECT_EQ(verbs(told).back(), "PONG");
}

TEST_F(people, names_show_ranks_and_masks_as_asked_for) {
    w.type(anna, "JOIN #c");
    w.type(anna, "MODE #c +v anna");
    EXPECT_EQ(text_of(w.type(anna, "NAMES #c").at(0)), "@anna");
    w.type(anna, "CAP REQ :multi-prefix userhost-in-names");
    EXPECT_EQ(text_of(w.type(anna, "NAMES #c").at(0)), "@+anna!~anna@host.192.0.2.1");
    EXPECT_EQ(shorts(w.type(anna, "NAMES")), (lines{"366 anna *"}));
    EXPECT_EQ(shorts(w.type(anna, "NAMES nonsense,#nowhere")), (lines{"366 anna nonsense", "366 anna #nowhere"}));
}

// ── MONITOR ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(people, monitor_tells_who_is_here_and_who_comes_and_goes) {
    w.enter("eva");
    EXPECT_EQ(w.type(anna, "MONITOR + Eva,mario"),
              (lines{":brusio.localhost 730 anna :eva!~eva@host.192.0.2.1", ":brusio.localhost 731 anna :mario"}));
    auto& mario = w.enter("mario");
    EXPECT_EQ(w.hears(anna), (lines{":brusio.localhost 730 anna :mario!~mario@host.192.0.2.1"}));
    w.type(mario, "NICK luigi");
    EXPECT_EQ(w.hears(anna), (lines{":brusio.localhost 731 anna :mario"}));
    EXPECT_EQ(shorts(w.type(anna, "MONITOR L")), (lines{"732 anna", "733 anna"}));
    EXPECT_TRUE(w.type(anna, "MONITOR - eva").empty());
    EXPECT_EQ(text_of(w.type(anna, "MONITOR L").at(0)), "mario");
    EXPECT_EQ(verbs(w.type(anna, "MONITOR S")), (lines{"731"}));
    EXPECT_TRUE(w.type(anna, "MONITOR C").empty());
    EXPECT_EQ(shorts(w.type(anna, "monitor l")), (lines{"733 anna"}));
}

TEST_F(people, monitor_takes_no_nonsense) {
    EXPECT_EQ(shorts(w.type(anna, "MONITOR X")), (lines{"FAIL MONITOR INVALID_SUBCOMMAND X"}));
    EXPECT_EQ(shorts(w.type(anna, "MONITOR +")), (lines{"461 anna MONITOR"}));
    EXPECT_TRUE(w.type(anna, "MONITOR + ,,,").empty());
}

TEST_F(people, long_monitor_lists_come_in_lines_that_fit) {
    std::vector<std::string> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back("nick_with_many_letters_" + std::to_string(i));
        w.type(anna, "MONITOR + " + all.back());
    }
    std::vector<std::string> listed_nicks;
    const auto told = w.type(anna, "MONITOR L");
    EXPECT_GT(told.size(), 5U);
    for (std::size_t i = 0; i + 1 < told.size(); ++i) {
        const auto text = text_of(told[i]);
        for (const auto nick : listed(text)) listed_nicks.emplace_back(nick);
    }
    EXPECT_EQ(listed_nicks, all);
    std::vector<std::string> gone;
    for (const auto& line : w.type(anna, "MONITOR S")) {
        const auto text = text_of(line);
        for (const auto nick : listed(text)) gone.emplace_back(nick);
    }
    EXPECT_EQ(gone, all);
}

TEST_F(people, a_full_monitor_list_is_told_in_lines_that_fit) {
    for (int i = 0; i < 100; ++i) w.type(anna, "MONITOR + nick" + std::to_string(i));
    std::string line = "MONITOR + ";
    std::vector<std::string> over;
    for (int i = 0; i < 27; ++i) {
        over.push_back("longer_nick_no_" + std::to_string(i));
        line += (i == 0 ? "" : ",") + over.back();
    }
    std::vector<std::string> told_of;
    const auto told = w.type(anna, line);
    EXPECT_GT(told.size(), 1U);
    for (const auto& one : told) {
        EXPECT_EQ(text_of(one), "Monitor list is full");
        const std::string nicks(wire::parse_irc(one)->param(2));
        for (const auto nick : listed(nicks)) told_of.emplace_back(nick);
    }
    EXPECT_EQ(told_of, over);
}

TEST_F(people, whowas_takes_a_list) {
    for (const auto* nick : {"zed", "yan"}) w.type(w.enter(nick), "QUIT");
    EXPECT_EQ(verbs(w.type(anna, "WHOWAS zed,yan,nobody")),
              (lines{"314", "312", "369", "314", "312", "369", "406", "369"}));
}

TEST_F(people, a_new_host_is_told_to_oneself_and_simulated_for_who_does_not_know_it) {
    auto& root = w.enter_operator("boss", "chghost");
    auto& old = w.enter("olga");
    auto& modern = w.enter("mona", "chghost");
    w.type(anna, "JOIN #c");
    for (auto* c : {&root, &old, &modern}) w.type(*c, "JOIN #c");
    w.quiet();
    w.type(root, "CHGHOST anna vip.example");
    EXPECT_EQ(w.hears(old), (lines{":anna!~anna@host.192.0.2.1 QUIT :Changing host", ":anna!~anna@vip.example JOIN #c",
                                   ":brusio.localhost MODE #c +o anna"}));
    EXPECT_EQ(w.hears(modern), (lines{":anna!~anna@host.192.0.2.1 CHGHOST ~anna vip.example"}));
    EXPECT_EQ(verbs(w.hears(anna)), (lines{"396"}));
    w.quiet();
    EXPECT_EQ(verbs(w.type(root, "CHGHOST boss z.example")), (lines{"CHGHOST", "396", "NOTICE"}));
    EXPECT_EQ(verbs(w.hears(old)), (lines{"QUIT", "JOIN"}));
}

// ── SILENCE, away ───────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(people, silence_keeps_private_messages_away) {
    EXPECT_EQ(w.type(anna, "SILENCE +eva"), (lines{":anna!~anna@host.192.0.2.1 SILENCE +eva!*@*"}));
    auto& eva = w.enter("eva");
    w.quiet();
    EXPECT_TRUE(w.type(eva, "PRIVMSG anna :x").empty());
    EXPECT_TRUE(w.hears(anna).empty());
    EXPECT_EQ(shorts(w.type(anna, "SILENCE")), (lines{"271 anna anna eva!*@*", "272 anna anna"}));
    EXPECT_EQ(verbs(w.type(anna, "SILENCE -EVA")), (lines{"SILENCE"}));
    w.type(eva, "PRIVMSG anna :x");
    EXPECT_EQ(verbs(w.hears(anna)), (lines{"PRIVMSG"}));
    EXPECT_EQ(shorts(w.type(anna, "SILENCE +$a:x")), (lines{"FAIL SILENCE INVALID_MASK $a:x"}));
}

TEST_F(people, present) {
    w.enter("eva");
    EXPECT_EQ(w.type(anna, "ISON eva nobody ANNA"), (lines{":brusio.localhost 303 anna :eva anna"}));
    EXPECT_EQ(w.type(anna, "ISON :eva nobody"), (lines{":brusio.localhost 303 anna :eva"}));
    EXPECT_EQ(w.type(anna, "ISON nobody"), (lines{":brusio.localhost 303 anna :"}));
    w.type(anna, "AWAY :x");
    EXPECT_EQ(w.type(anna, "USERHOST anna eva"),
              (lines{":brusio.localhost 302 anna :anna=-~anna@host.192.0.2.1 eva=+~eva@host.192.0.2.1"}));
}

}  // namespace
}  // namespace brusio::door::irc
