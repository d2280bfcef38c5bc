// NickServ, ChanServ and HistServ.
#include "door/irc/services.hpp"

#include <gtest/gtest.h>

#include "door/irc/accounts_scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::plain;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

class services : public test::accounts {
  protected:
    void SetUp() override { registered("anna"); }
    // The parts of the first line of an answer that can be known.
    std::string first(client& c, std::string_view line) { return ask(c, line).at(0); }
};

// ── being spoken to ─────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(services, answer_as_notices_of_theirs_however_they_are_spoken_to) {
    auto& c = enter("bea");
    const std::string answer = ":NickServ!NickServ@brusio.localhost NOTICE bea :You are not logged in to an account";
    for (const auto* line : {"PRIVMSG NickServ :INFO", "privmsg nickserv info", "NS INFO", "NICKSERV INFO",
                             "NS :info  ", "PRIVMSG NickServ@brusio.localhost INFO"}) {
        EXPECT_EQ(type(c, line), (lines{answer})) << line;
    }
    EXPECT_EQ(verbs(type(c, "PRIVMSG NickServ@elsewhere INFO")), (lines{"401"}));
}

TEST_F(services, answer_no_notices_and_no_ctcp) {
    auto& c = enter("bea", "message-tags");
    EXPECT_EQ(type(c, "NOTICE NickServ :INFO"), lines{});
    EXPECT_EQ(type(c, "PRIVMSG NickServ :\1VERSION\1"), lines{});
    EXPECT_EQ(type(c, "@+typing=active TAGMSG NickServ"), lines{});
}

TEST_F(services, what_they_are_told_is_not_echoed) {
    auto& c = enter("bea", "echo-message labeled-response batch");
    const auto told = type(c, "@label=1 PRIVMSG NickServ :IDENTIFY anna :correct horse");
    for (const auto& line : told) EXPECT_EQ(line.find("correct"), std::string::npos) << line;
    EXPECT_EQ(verbs(told).back(), "NOTICE");
}

TEST_F(services, answers_have_the_label_of_their_question) {
    auto& c = enter("bea", "labeled-response batch");
    EXPECT_EQ(type(c, "@label=1 NS LOGOUT"),
              (lines{"@label=1 :NickServ!NickServ@brusio.localhost NOTICE bea :You are not logged in to an account"}));
    EXPECT_EQ(verbs(type(c, "@label=2 PRIVMSG NickServ :IDENTIFY anna correct")), (lines{"NOTICE"}));
    EXPECT_TRUE(type(c, "@label=3 PRIVMSG NickServ :HELP").at(0).starts_with("@label=3 "));
}

TEST_F(services, explain_themselves) {
    auto& c = enter("bea");
    for (const auto& s : all_services()) {
        const auto verb = std::string(s.nick.substr(0, 1)) + "S ";
        const auto told = ask(c, verb + "HELP");
        EXPECT_EQ(told.size(), s.commands.size() + 2);
        EXPECT_EQ(ask(c, verb), told) << "alone, too";
        for (const auto& command : s.commands) {
            EXPECT_FALSE(command.help.empty());
            EXPECT_EQ(ask(c, verb + "HELP " + std::string(command.name)).at(1), command.help.substr(0, 340))
                << command.name;
            if (command.min_words > 0) {
                EXPECT_TRUE(first(c, verb + std::string(command.name)).starts_with("Write ")) << command.name;
            }
        }
    }
    EXPECT_EQ(first(c, "NS FROBNICATE"), "There is no command FROBNICATE; HELP lists what there is");
    EXPECT_EQ(verbs(type(c, "HELP NS")), (lines{"704", "705", "706"}));
}

TEST_F(services, are_nobody_but_known_to_whois) {
    auto& c = enter("bea");
    EXPECT_EQ(verbs(type(c, "WHOIS NickServ")), (lines{"311", "312", "335", "318"}));
    EXPECT_EQ(shorts(type(c, "WHOIS chanserv")).at(0), "311 bea ChanServ ChanServ brusio.localhost *");
}

TEST_F(services, take_no_passwords_where_secrets_may_not_be_sent) {
    auto& c = w.connect_in_clear();
    come(c, "bea");
    for (const auto* line : {"NS IDENTIFY anna correct", "NS REGISTER correcthorse", "NS PASSWORD a b"}) {
        EXPECT_EQ(first(c, line), "Passwords are taken only over TLS; change yours if you have just sent it") << line;
    }
}

TEST(no_accounts, no_services) {
    test::scene w;
    auto& c = w.enter("bea");
    EXPECT_EQ(verbs(w.type(c, "PRIVMSG NickServ :HELP")), (lines{"401"}));
    EXPECT_EQ(verbs(w.type(c, "NS HELP")), (lines{"421"}));
    EXPECT_EQ(verbs(w.type(c, "AUTHENTICATE PLAIN")), (lines{"904"}));
    EXPECT_EQ(shorts(w.type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER TEMPORARILY_UNAVAILABLE *"}));
}

// ── NickServ ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(services, nickserv_registers) {
    auto& c = enter("bea");
    EXPECT_EQ(ask(c, "NS REGISTER short").size(), 1U);
    EXPECT_EQ(ask(c, "NS REGISTER correcthorse"),
              (lines{"The account is registered",
                     ":brusio.localhost 900 bea bea!~u@host.192.0.2.1 bea :You are now "
                     "logged in as bea",
                     "You are logged in as bea"}));
    EXPECT_EQ(ask(c, "NS REGISTER correcthorse"), (lines{"You are logged in to an account already"}));
    EXPECT_EQ(verbs(authenticate(connect_asking("sasl"), plain("bea", "correcthorse"))), (lines{"900", "903"}));
}

TEST_F(services, nickserv_logs_in_and_out) {
    auto& c = enter("bea");
    EXPECT_EQ(ask(c, "NS IDENTIFY anna wrong"), (lines{"You are not logged in: wrong account or password"}));
    EXPECT_EQ(ask(c, "NS IDENTIFY nobody wrong"), (lines{"You are not logged in: wrong account or password"}));
    w.hub.secrets.instead = shown::outcome::throttled;
    EXPECT_EQ(ask(c, "NS IDENTIFY anna wrong"), (lines{"You are not logged in: too many failures; wait a while"}));
    w.hub.secrets.instead.reset();
    type(c, "NS REGISTER onlyonce");
    EXPECT_EQ(ask(c, "NS LOGOUT").back(), "You are logged out");
    EXPECT_EQ(ask(c, "NS IDENTIFY onlyonce").back(), "You are logged in as bea") << "the account of the nick";
}

class with_account : public services {
  protected:
    void SetUp() override {
        registered("anna", "correcthorse");
        anna = &enter_as("anna", "anna", {}, "correcthorse");
    }
    client* anna = nullptr;
};

TEST_F(with_account, nickserv_changes_the_password) {
    EXPECT_EQ(ask(*anna, "NS PASSWORD wrong newpassword"), (lines{"The old password is not right"}));
    EXPECT_EQ(ask(*anna, "NS PASSWORD correcthorse x").at(0).substr(0, 30), "That cannot be the new passwor");
    auto& other = enter_as("anna", "anna", {}, "correcthorse");
    EXPECT_EQ(ask(*anna, "NS PASSWORD correcthorse newpassword"), (lines{"The password is changed"}));
    EXPECT_TRUE(other.closing) << "whoever came by the old one is out";
    EXPECT_FALSE(anna->closing);
    auto& c = connect_asking("sasl");
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "correcthorse"))), (lines{"904"}));
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "newpassword"))), (lines{"900", "903"}));
}

TEST_F(with_account, a_token_is_shown_once_and_logs_in) {
    const auto told = ask(*anna, "NS TOKEN ADD phone 90d");
    ASSERT_EQ(told.size(), 2U);
    const std::string_view shown = "Your token, which is shown only now: ";
    ASSERT_TRUE(told.at(1).starts_with(shown)) << told.at(1);
    const auto token = told.at(1).substr(shown.size());
    const auto listed = ask(*anna, "NS TOKEN LIST");
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_NE(listed.at(0).find("(phone), made "), std::string::npos) << listed.at(0);
    EXPECT_NE(listed.at(0).find(", until "), std::string::npos) << listed.at(0);
    EXPECT_EQ(listed.at(0).find(token), std::string::npos);
    auto& phone = enter_as("anna", "anna", {}, token);
    EXPECT_EQ(ask(phone, "NS PASSWORD " + token + " newpassword"), (lines{"The old password is not right"}));
    const auto id = listed.at(0).substr(0, listed.at(0).find(' '));
    EXPECT_EQ(ask(*anna, "NS TOKEN DEL " + id), (lines{"Removed: " + id}));
    EXPECT_TRUE(phone.closing);
    EXPECT_EQ(ask(*anna, "NS TOKEN LIST"), (lines{"0 tokens"}));
    EXPECT_EQ(verbs(authenticate(connect_asking("sasl"), plain("anna", token))), (lines{"904"}));
}

TEST_F(with_account, a_read_only_token_only_listens) {
    const auto told = ask(*anna, "NS TOKEN ADD bot read-only").at(1);
    auto& bot = enter_as("robot", "anna", {}, told.substr(told.rfind(' ') + 1));
    type(bot, "JOIN #c");
    EXPECT_EQ(shorts(type(bot, "PRIVMSG #c :x")), (lines{"404 robot *"}));
    EXPECT_EQ(ask(bot, "NS TOKEN ADD more"), (lines{"What you logged in with may only listen"}));
    EXPECT_EQ(ask(*anna, "NS TOKEN ADD x 1y").size(), 1U);
    EXPECT_EQ(ask(*anna, "NS TOKEN ADD next").size(), 2U) << "nothing of the one refused is left";
}

TEST_F(with_account, a_token_that_could_not_be_stored_is_not_shown_later) {
    w.hub.obey(chat::store_answer{chat::store_verdict::refused, {}});
    EXPECT_EQ(ask(*anna, "NS TOKEN ADD lost").at(0).substr(0, 16), "The server canno");
    w.hub.obey(chat::store_answer{chat::store_verdict::committed, {}});
    const auto told = ask(*anna, "NS TOKEN ADD phone");
    ASSERT_EQ(told.size(), 2U);
    const auto id = told.at(0).substr(std::string("Added: ").size());
    EXPECT_NE(told.at(1).find("brt_" + id + "_"), std::string::npos) << told.at(1);
}

TEST_F(with_account, certificates_are_listed) {
    const std::string print(64, 'b');
    std::string typed;
    for (int i = 0; i < 32; ++i) typed += i == 0 ? "BB" : ":BB";
    EXPECT_EQ(ask(*anna, "NS CERT ADD " + typed), (lines{"Added: " + print}));
    EXPECT_EQ(ask(*anna, "NS CERT LIST").size(), 2U);
    EXPECT_EQ(ask(*anna, "NS CERT DEL " + print), (lines{"Removed: " + print}));
    EXPECT_EQ(ask(*anna, "NS CERT DEL " + print), (lines{"There is no " + print}));
    EXPECT_EQ(ask(*anna, "NS CERT ADD").size(), 1U) << "there is none here";
    EXPECT_EQ(ask(*anna, "NS CERT ADD xyz").at(0).substr(0, 13), "A fingerprint");
}

TEST_F(with_account, nicks_are_grouped) {
    type(*anna, "NICK anna_work");
    EXPECT_EQ(ask(*anna, "NS GROUP"), (lines{"The nick anna_work is reserved for you"}));
    EXPECT_EQ(ask(*anna, "NS INFO").at(2), "Nicks: anna, anna_work");
    type(*anna, "NICK anna");
    auto& c = enter("bea");
    EXPECT_EQ(verbs(type(c, "NICK anna_work")), (lines{"433"}));
    EXPECT_EQ(ask(*anna, "NS UNGROUP anna_work"), (lines{"The nick anna_work is free"}));
    EXPECT_EQ(verbs(type(c, "NICK anna_work")), (lines{"NICK"}));
    EXPECT_EQ(ask(*anna, "NS UNGROUP anna"), (lines{"anna is the name of the account itself"}));
}

TEST_F(with_account, ghosts_go) {
    type(*anna, "QUIT");
    auto& thief = enter_as("anna", "anna", {}, "correcthorse");
    auto& c = enter("bea");
    EXPECT_EQ(ask(c, "NS GHOST anna"), (lines{"You are not logged in to an account"}));
    type(c, "NS IDENTIFY anna correcthorse");
    EXPECT_EQ(ask(c, "NS GHOST anna"), (lines{"anna is put out"}));
    EXPECT_TRUE(thief.closing);
    EXPECT_TRUE(thief.sent.find("ERROR :Closing link: the nick was claimed") != std::string::npos) << thief.sent;
    enter_as("anna", "anna", {}, "correcthorse");
    const auto told = ask(c, "NS RECOVER anna");
    EXPECT_EQ(told, (lines{"anna is put out", ":bea!~u@host.192.0.2.1 NICK anna"}));
    EXPECT_EQ(ask(c, "NS GHOST nobody"), (lines{"Nobody has the nick nobody"}));
}

TEST_F(with_account, sessions_are_listed_and_ended) {
    auto& other = enter_as("anna", "anna", {}, "correcthorse");
    const auto told = ask(*anna, "NS SESSIONS");
    ASSERT_EQ(told.size(), 3U);
    const auto& theirs = told.at(0).find("(this one)") == std::string::npos ? told.at(0) : told.at(1);
    EXPECT_EQ(ask(*anna, "NS LOGOFF " + theirs.substr(0, theirs.find(':'))), (lines{"That session is ended"}));
    EXPECT_TRUE(other.closing);
    EXPECT_EQ(ask(*anna, "NS LOGOFF 999"), (lines{"There is no session of that number"}));
    EXPECT_EQ(ask(*anna, "NS LOGOFF x"), (lines{"Write a number of the list SESSIONS"}));
}

TEST_F(with_account, others_are_told_little_of_an_account) {
    auto& c = enter("bea");
    EXPECT_EQ(ask(c, "NS INFO anna").size(), 2U);
    EXPECT_EQ(ask(c, "NS INFO nobody"), (lines{"There is no account nobody"}));
    EXPECT_EQ(ask(*anna, "NS INFO").size(), 3U);
}

TEST_F(with_account, dropping_needs_the_name) {
    EXPECT_EQ(ask(*anna, "NS DROP bea"),
              (lines{"To delete your account for ever, write DROP anna; what you have said stays, unless you have it "
                     "erased before (HistServ FORGET)"}));
    EXPECT_EQ(ask(*anna, "NS DROP anna").at(0), "The account anna is deleted");
    EXPECT_EQ(verbs(authenticate(connect_asking("sasl"), plain("anna", "correcthorse"))), (lines{"904"}));
}

TEST_F(with_account, always_on_is_the_servers_to_allow) {
    EXPECT_EQ(ask(*anna, "NS SET ALWAYS-ON on").at(0).substr(0, 12), "Nobody stays");
    EXPECT_EQ(ask(*anna, "NS SET ALWAYS-ON maybe").at(0).substr(0, 5), "Write");
}

// ── ChanServ ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(with_account, chanserv_registers_and_gives_ranks) {
    EXPECT_EQ(ask(*anna, "CS REGISTER #c"), (lines{"There is no channel #c"}));
    type(*anna, "JOIN #c");
    const auto told = ask(*anna, "CS REGISTER #c");
    EXPECT_EQ(told.at(0), "The channel #c is registered, and yours");
    registered("bea", "correcthorse");
    EXPECT_EQ(ask(*anna, "CS AMODE #c +ov bea bea"), (lines{"The access of bea to #c is changed"}));
    EXPECT_EQ(ask(*anna, "CS AMODE #c"), (lines{"+ov bea", "#c: founder anna, and 1 in the list"}));
    EXPECT_EQ(ask(*anna, "CS ACCESS #c").size(), 2U);
    auto& bea = enter_as("bea", "bea", {}, "correcthorse");
    EXPECT_NE(test::text_of(type(bea, "JOIN #c").at(1)).find("@bea"), std::string::npos);
    type(bea, "MODE #c -o bea");
    EXPECT_EQ(ask(bea, "CS OP #c").back(), "You have your ranks in #c");
    EXPECT_EQ(ask(*anna, "CS AMODE #c -o bea"), (lines{"The access of bea to #c is changed"}));
    EXPECT_EQ(ask(*anna, "CS AMODE #c"), (lines{"#c: founder anna, and 0 in the list"}));
    EXPECT_EQ(ask(*anna, "CS AMODE #c +x bea"), (lines{"x is no rank"}));
    EXPECT_EQ(ask(*anna, "CS AMODE #c +o"), (lines{"An account is missing for one of the letters"}));
    EXPECT_EQ(ask(*anna, "CS AMODE #c +o nobody"), (lines{"There is no account nobody"}));
    EXPECT_EQ(ask(bea, "CS DROP #c"), (lines{"You may not do that in #c"}));
}

TEST_F(with_account, chanserv_tells_and_sets) {
    type(*anna, "JOIN #c");
    EXPECT_EQ(ask(*anna, "CS INFO #c"), (lines{"The channel #c is not registered"}));
    type(*anna, "CS REGISTER #c");
    EXPECT_EQ(ask(*anna, "CS SET #c HISTORY since-join").size(), 1U);
    EXPECT_EQ(ask(*anna, "CS SET #c KEEP 90d").size(), 1U);
    EXPECT_EQ(ask(*anna, "CS INFO #c").at(1),
              "What was said is read by each member since they joined, and kept for 90 days");
    ask(*anna, "CS SET #c KEEP forever");
    EXPECT_NE(ask(*anna, "CS INFO #c").at(1).find("kept for ever"), std::string::npos);
    ask(*anna, "CS SET #c KEEP default");
    EXPECT_NE(ask(*anna, "CS INFO #c").at(1).find("kept as the server says"), std::string::npos);
    EXPECT_EQ(ask(*anna, "CS SET #c HISTORY x").at(0).substr(0, 9), "Write SET");
    EXPECT_EQ(ask(*anna, "CS SET #c COLOUR x").at(0).substr(0, 9), "Write SET");
    registered("bea", "correcthorse");
    EXPECT_EQ(ask(*anna, "CS TRANSFER #c bea"),
              (lines{"bea is the founder of #c", ":ChanServ!services@services MODE #c -q anna"}));
    EXPECT_EQ(ask(*anna, "CS DROP #c"), (lines{"You may not do that in #c"}));
    EXPECT_EQ(ask(*anna, "CS REGISTER nochannel"), (lines{"nochannel is no channel"}));
}

// ── HistServ ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(with_account, histserv_takes_back_a_message) {
    auto& c = enter("bea", "message-tags");
    type(*anna, "JOIN #c");
    type(c, "JOIN #c");
    w.quiet();
    type(*anna, "PRIVMSG #c :oops");
    const auto line = w.hears(c).at(0);
    const auto at = line.find("msgid=") + 6;
    const auto id = line.substr(at, line.find_first_of("; ", at) - at);
    EXPECT_EQ(ask(c, "HS DELETE #c " + id), (lines{"You may not take back this message"}));
    EXPECT_EQ(ask(*anna, "HS DELETE #c " + id), (lines{"The message is taken back"}));
    EXPECT_EQ(ask(*anna, "HS DELETE #c " + id), (lines{"There is no such message"}));
    EXPECT_EQ(ask(*anna, "HS DELETE #c x"), (lines{"There is no such message"}));
}

}  // namespace
}  // namespace brusio::door::irc
