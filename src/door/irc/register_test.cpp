// REGISTER and VERIFY, after the log-in and before it.
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

class registering : public test::accounts {
  protected:
    explicit registering(settings s = test::with_accounts()) : accounts(std::move(s)) {}
};

TEST_F(registering, makes_an_account_of_the_nick_and_logs_in) {
    auto& c = enter("anna", "draft/account-registration");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")),
              (lines{"REGISTER SUCCESS anna", "900 anna anna!~u@host.192.0.2.1 anna"}));
    EXPECT_EQ(account_of(c, "anna"), "anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER ALREADY_AUTHENTICATED anna"}));
    EXPECT_EQ(shorts(type(c, "VERIFY anna x")), (lines{"FAIL VERIFY ALREADY_AUTHENTICATED anna"}));
}

TEST_F(registering, the_name_may_be_another_than_the_nick) {
    auto& c = enter("anna");
    EXPECT_EQ(shorts(type(c, "REGISTER bea * :correct horse")).at(0), "REGISTER SUCCESS bea");
    auto& d = enter("dora");
    EXPECT_EQ(shorts(type(d, "REGISTER bea * :correct horse")), (lines{"FAIL REGISTER ACCOUNT_EXISTS bea"}));
    EXPECT_EQ(shorts(type(d, "REGISTER BEA * :correct horse")), (lines{"FAIL REGISTER ACCOUNT_EXISTS BEA"}));
    EXPECT_EQ(shorts(type(d, "REGISTER anna * :correct horse")), (lines{"FAIL REGISTER ACCOUNT_EXISTS anna"}))
        << "a nick that is in use is no name for others";
    EXPECT_EQ(shorts(type(d, "REGISTER a*b * :correct horse")), (lines{"FAIL REGISTER BAD_ACCOUNT_NAME a*b"}));
    EXPECT_EQ(shorts(type(d, "REGISTER brusio.localhost * :correct horse")),
              (lines{"FAIL REGISTER BAD_ACCOUNT_NAME brusio.localhost"}));
}

TEST_F(registering, passwords_are_looked_at) {
    auto& c = enter("anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * * short")), (lines{"FAIL REGISTER WEAK_PASSWORD anna"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * * :")), (lines{"FAIL REGISTER INVALID_PARAMS anna"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * * :a\x01tab in it")), (lines{"FAIL REGISTER UNACCEPTABLE_PASSWORD anna"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * *")), (lines{"461 anna REGISTER"}));
    w.hub.no_passwords = "too much to do";
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER TEMPORARILY_UNAVAILABLE anna"}));
    w.hub.no_passwords.clear();
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")).at(0), "REGISTER SUCCESS anna");
}

TEST_F(registering, addresses_are_looked_at) {
    auto& c = enter("anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * not-one :correct horse")), (lines{"FAIL REGISTER INVALID_EMAIL anna"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * anna@example.org :correct horse")).at(0), "REGISTER SUCCESS anna")
        << "it may be given";
    EXPECT_TRUE(w.hub.letters.empty());
}

TEST_F(registering, is_refused_where_secrets_may_not_be_sent) {
    auto& c = w.connect_in_clear();
    come(c, "anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER TEMPORARILY_UNAVAILABLE *"}));
}

TEST_F(registering, answers_have_their_label) {
    auto& c = enter("anna", "labeled-response batch");
    EXPECT_EQ(type(c, "@label=1 REGISTER * * short").at(0).substr(0, 9), "@label=1 ");
    const auto told = type(c, "@label=2 REGISTER * * :correct horse");
    EXPECT_EQ(verbs(told), (lines{"BATCH", "REGISTER", "900", "BATCH"}));
}

TEST_F(registering, a_store_that_fails_is_told) {
    auto& c = enter("anna");
    w.hub.obey(chat::store_answer{chat::store_verdict::refused, {}});
    w.quiet();
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER TEMPORARILY_UNAVAILABLE anna"}));
}

// ── before the log-in ───────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(registering, before_the_log_in_comes_as_the_new_account) {
    auto& c = connect_asking("draft/account-registration");
    type(c, "NICK anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")),
              (lines{"REGISTER SUCCESS anna", "900 * anna!*@host.192.0.2.1 anna"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER ALREADY_AUTHENTICATED anna"}));
    EXPECT_EQ(shorts(come(c, "anna")).at(0), "001 anna");
    EXPECT_EQ(account_of(c, "anna"), "anna");
}

TEST_F(registering, before_the_log_in_needs_a_nick_first) {
    auto& c = connect();
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER NEED_NICK *"}));
    EXPECT_EQ(shorts(type(c, "REGISTER anna * :correct horse")), (lines{"FAIL REGISTER NEED_NICK *"}));
}

TEST_F(registering, before_the_log_in_a_nick_in_use_is_no_name) {
    enter("root");
    auto& c = connect();
    type(c, "NICK root");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER ACCOUNT_EXISTS root"}));
    EXPECT_EQ(shorts(type(c, "USER a 0 * :A")), (lines{"433 * root"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER ACCOUNT_EXISTS root"}))
        << "it is still the one asked for last";
    type(c, "NICK anna");
    EXPECT_TRUE(w.talk(c).logged_in());
}

TEST_F(registering, what_is_typed_behind_it_waits) {
    auto& c = connect();
    w.hub.feed(c, "CAP LS 302\r\nNICK anna\r\nUSER a 0 * :A\r\nREGISTER * * :correct horse\r\nCAP END\r\nJOIN #c\r\n");
    w.hub.settle();
    const auto told = verbs(w.hears(c));
    const auto offered = std::ranges::find(told, "REGISTER") - told.begin();
    EXPECT_EQ(lines(told.begin() + offered, told.begin() + offered + 3), (lines{"REGISTER", "900", "001"}));
    EXPECT_EQ(told.back(), "366");
    EXPECT_EQ(account_of(c, "anna"), "anna");
}

TEST_F(registering, before_the_log_in_answers_have_their_label) {
    auto& c = connect_asking("labeled-response batch");
    type(c, "NICK anna");
    EXPECT_EQ(verbs(type(c, "@label=1 REGISTER * * :correct horse")), (lines{"BATCH", "REGISTER", "900", "BATCH"}));
    auto& d = connect_asking("labeled-response batch");
    type(d, "NICK anna");
    EXPECT_EQ(type(d, "@label=2 REGISTER * * :correct horse").at(0).substr(0, 28), "@label=2 :brusio.localhost F");
    EXPECT_EQ(type(d, "@label=3 PING x").size(), 1U);
}

TEST_F(registering, before_the_log_in_a_failure_afterwards_closes) {
    auto& c = connect_asking("batch");
    type(c, "NICK anna");
    type(c, "REGISTER * * :correct horse");
    w.hub.secrets.instead = shown::outcome::busy;
    EXPECT_EQ(verbs(come(c, "anna")), (lines{"904", "ERROR"}));
}

class registering_late : public registering {
  protected:
    registering_late() : registering(late()) {}
    static settings late() {
        auto s = test::with_accounts();
        s.accounts.before_connect = false;
        return s;
    }
};

TEST_F(registering_late, is_refused_before_the_log_in) {
    auto& c = connect();
    EXPECT_NE(offer(c).find("draft/account-registration=custom-account-name "), std::string::npos);
    type(c, "NICK anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER COMPLETE_CONNECTION_REQUIRED *"}));
    EXPECT_EQ(shorts(type(c, "VERIFY anna x")), (lines{"FAIL VERIFY COMPLETE_CONNECTION_REQUIRED anna"}));
}

// ── by a letter ─────────────────────────────────────────────────────────────────────────────────────────────────────

class registering_by_letter : public registering {
  protected:
    registering_by_letter() : registering(by_letter()) {}
    static settings by_letter() {
        auto s = test::with_accounts();
        s.accounts.email_required = true;
        return s;
    }
    std::string code_sent() {
        const auto& text = w.hub.letters.back().text;
        const auto at = text.find("/VERIFY anna ");
        return text.substr(at + 13, text.find('\n', at) - at - 13);
    }
};

TEST_F(registering_by_letter, needs_an_address) {
    auto& c = enter("anna");
    EXPECT_NE(offer(c).find("=before-connect,email-required,custom-account-name "), std::string::npos);
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER INVALID_EMAIL anna"}));
    EXPECT_EQ(shorts(type(c, "REGISTER * x@y :correct horse")), (lines{"FAIL REGISTER INVALID_EMAIL anna"}));
}

TEST_F(registering_by_letter, the_code_completes_it) {
    auto& c = enter("anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * anna@example.org :correct horse")),
              (lines{"REGISTER VERIFICATION_REQUIRED anna"}));
    ASSERT_EQ(w.hub.letters.size(), 1U);
    EXPECT_EQ(w.hub.letters.back().to, "anna@example.org");
    EXPECT_EQ(account_of(c, "anna"), "") << "it does not count yet";
    EXPECT_EQ(shorts(type(c, "VERIFY anna WRONG")), (lines{"FAIL VERIFY INVALID_CODE anna"}));
    auto code = code_sent();
    for (auto& letter : code) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    EXPECT_EQ(shorts(type(c, "VERIFY anna :" + code.insert(4, "-"))),
              (lines{"VERIFY SUCCESS anna", "900 anna anna!~u@host.192.0.2.1 anna"}));
}

TEST_F(registering_by_letter, before_the_log_in_too) {
    auto& c = connect_asking("draft/account-registration");
    type(c, "NICK anna");
    EXPECT_EQ(shorts(type(c, "REGISTER * anna@example.org :correct horse")),
              (lines{"REGISTER VERIFICATION_REQUIRED anna"}));
    EXPECT_EQ(shorts(type(c, "VERIFY anna " + code_sent())),
              (lines{"VERIFY SUCCESS anna", "900 * anna!*@host.192.0.2.1 anna"}));
    EXPECT_EQ(shorts(come(c, "anna")).at(0), "001 anna");
    EXPECT_EQ(account_of(c, "anna"), "anna");
}

TEST_F(registering_by_letter, another_connection_may_show_the_code) {
    type(enter("anna"), "REGISTER * anna@example.org :correct horse");
    auto& c = connect();
    EXPECT_EQ(shorts(type(c, "VERIFY anna " + code_sent())), (lines{"VERIFY SUCCESS anna"}));
}

TEST_F(registering_by_letter, codes_cannot_be_guessed_at_for_long) {
    auto& c = enter("anna");
    type(c, "REGISTER * anna@example.org :correct horse");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(shorts(type(c, "VERIFY anna WRONG")), (lines{"FAIL VERIFY INVALID_CODE anna"}));
    }
    EXPECT_EQ(shorts(type(c, "VERIFY anna " + code_sent())), (lines{"FAIL VERIFY TEMPORARILY_UNAVAILABLE anna"}));
    w.hub.now_ms += 61'000;
    EXPECT_EQ(shorts(type(c, "VERIFY anna " + code_sent())).at(0), "VERIFY SUCCESS anna");
}

TEST_F(registering_by_letter, letters_are_not_sent_without_end) {
    for (int i = 0; i < 6; ++i) {
        auto& c = enter("n" + std::to_string(i));
        const auto told = shorts(type(c, "REGISTER * victim@example.org :correct horse")).at(0);
        EXPECT_EQ(told, i < 5 ? "REGISTER VERIFICATION_REQUIRED n" + std::to_string(i)
                              : "FAIL REGISTER TEMPORARILY_UNAVAILABLE n5");
    }
    EXPECT_EQ(w.hub.letters.size(), 5U);
}

}  // namespace
}  // namespace brusio::door::irc
