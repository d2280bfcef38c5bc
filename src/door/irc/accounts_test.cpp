// Coming as an account by other ways than SASL, being one of several clients of a user, and what others are told.
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

// ── PASS ────────────────────────────────────────────────────────────────────────────────────────────────────────────

class pass : public test::accounts {
  protected:
    explicit pass(settings s = test::with_accounts()) : accounts(std::move(s)) {}
    void SetUp() override { registered("anna"); }
    lines come_by(client& c, std::string_view password, std::string_view nick) {
        type(c, "PASS :" + std::string(password));
        type(c, "NICK " + std::string(nick));
        return type(c, "USER u 0 * :Real");
    }
};

TEST_F(pass, logs_in_to_an_account) {
    auto& c = connect();
    const auto told = come_by(c, "anna:correct horse", "anna");
    EXPECT_EQ(short_of(told.at(0)), "900 * anna!~u@host.192.0.2.1 anna");
    EXPECT_EQ(short_of(told.at(1)), "001 anna");
}

TEST_F(pass, a_wrong_one_lets_nobody_in) {
    for (const auto& wrong : {"anna:wrong", "nobody:correct horse"}) {
        auto& c = connect();
        EXPECT_EQ(verbs(come_by(c, wrong, "bea")), (lines{"464", "ERROR"})) << wrong;
        EXPECT_TRUE(c.closing);
    }
    w.hub.secrets.instead = shown::outcome::busy;
    EXPECT_EQ(verbs(come_by(connect(), "anna:correct horse", "bea")), (lines{"464", "ERROR"}));
}

TEST_F(pass, what_names_no_account_is_ignored_where_no_password_is_needed) {
    for (const auto& other : {"hello", ":hello", "hello:", "two words:x", "1a:x"}) {
        auto& c = connect();
        EXPECT_EQ(verbs(come_by(c, other, "bea")).at(0), "001") << other;
        type(c, "QUIT");
    }
}

TEST_F(pass, is_not_tried_where_secrets_may_not_be_sent) {
    auto& c = w.connect_in_clear();
    EXPECT_EQ(verbs(come_by(c, "anna:correct horse", "anna")), (lines{"464", "ERROR"}));
}

TEST_F(pass, sasl_goes_before_it) {
    registered("bea");
    auto& c = connect_asking("sasl");
    type(c, "PASS :bea:correct horse");
    authenticate(c, plain("anna", "correct horse"));
    come(c, "carla");
    EXPECT_EQ(account_of(c, "carla"), "anna");
}

class pass_with_server_password : public pass {
  protected:
    pass_with_server_password() : pass(locked()) {}
    static settings locked() {
        auto s = test::with_accounts();
        s.password = "open:sesame";
        return s;
    }
    void SetUp() override {
        auto& c = connect();
        come_by(c, "open:sesame", "anna");
        EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")).at(0), "REGISTER SUCCESS anna");
        type(c, "QUIT");
    }
};

TEST_F(pass_with_server_password, an_account_replaces_it) {
    EXPECT_EQ(verbs(come_by(connect(), "anna:correct horse", "anna")).at(0), "900");
}

TEST_F(pass_with_server_password, what_is_no_accounts_is_the_servers) {
    EXPECT_EQ(verbs(come_by(connect(), "open:sesame", "bea")).at(0), "001");
    EXPECT_EQ(verbs(come_by(connect(), "anna:wrong", "carla")), (lines{"464", "ERROR"}));
    EXPECT_EQ(verbs(come_by(w.connect_in_clear(), "open:sesame", "dora")), (lines{"464", "ERROR"}));
    EXPECT_EQ(verbs(come_by(w.connect_in_clear(), "anna:correct horse", "eva")), (lines{"464", "ERROR"}));
}

TEST_F(pass_with_server_password, registering_before_the_log_in_does_not) {
    auto& c = connect();
    EXPECT_NE(offer(c).find(" draft/account-registration=custom-account-name "), std::string::npos);
    type(c, "NICK bea");
    EXPECT_EQ(shorts(type(c, "REGISTER * * :correct horse")), (lines{"FAIL REGISTER COMPLETE_CONNECTION_REQUIRED *"}));
    EXPECT_EQ(verbs(come(c, "bea")), (lines{"464", "ERROR"}));
}

TEST_F(pass_with_server_password, sasl_replaces_it_too) {
    auto& c = connect_asking("sasl");
    authenticate(c, plain("anna", "correct horse"));
    EXPECT_EQ(verbs(come(c, "anna")).at(0), "001");
}

// ── nicks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

class with_anna : public test::accounts {
  protected:
    void SetUp() override { registered("anna"); }
};

TEST_F(with_anna, a_registered_nick_is_its_accounts) {
    auto& c = connect();
    type(c, "NICK anna");
    const auto told = type(c, "USER a 0 * :A");
    EXPECT_EQ(shorts(told), (lines{"433 * anna"}));
    EXPECT_NE(text_of(told.at(0)).find("SASL"), std::string::npos);
    type(c, "NICK bea");
    EXPECT_EQ(short_of(type(c, "NICK anna").at(0)), "433 bea anna");
    EXPECT_EQ(verbs(type(c, "NS IDENTIFY anna :correct horse")), (lines{"900", "NOTICE"}));
    EXPECT_EQ(verbs(type(c, "NICK anna")), (lines{"NICK"}));
}

// ── several clients ─────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(with_anna, a_second_client_finds_everything_as_it_is) {
    auto& one = enter_as("anna", "anna");
    type(one, "JOIN #c");
    type(one, "TOPIC #c :hello");
    type(one, "JOIN #d");
    auto& two = connect_asking("sasl extended-join");
    authenticate(two, plain("anna", "correct horse"));
    auto told = shorts(come(two, "anna"));
    EXPECT_EQ(told.at(0), "001 anna");
    const auto at = std::ranges::find(told, "JOIN #c anna");
    ASSERT_NE(at, told.end());
    EXPECT_EQ(lines(at, told.end()),
              (lines{"JOIN #c anna", "332 anna #c", "333 anna #c anna!~u@host.192.0.2.1 1795422271", "JOIN #d anna",
                     "353 anna = #c", "366 anna #c", "353 anna = #d", "366 anna #d"}));
    type(one, "PRIVMSG #c :from one");
    EXPECT_EQ(w.hears(two), (lines{":anna!~u@host.192.0.2.1 PRIVMSG #c :from one"}));
}

TEST_F(with_anna, no_names_for_a_client_that_wants_none) {
    auto& one = enter_as("anna", "anna");
    type(one, "JOIN #c");
    auto& two = connect_asking("sasl no-implicit-names");
    authenticate(two, plain("anna", "correct horse"));
    const auto told = verbs(come(two, "anna"));
    EXPECT_EQ(told.back(), "JOIN");
}

TEST_F(with_anna, another_nick_is_another_user_of_the_account) {
    enter_as("anna", "anna");
    auto& two = enter_as("anna2", "anna");
    EXPECT_EQ(account_of(two, "anna2"), "anna");
}

// ── what others are told ────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(with_anna, those_in_a_channel_hear_of_a_log_in) {
    auto& bea = enter("bea", "account-notify account-tag extended-join");
    auto& dull = enter("dull");
    auto& c = connect_asking("sasl account-notify");
    come(c, "carla");
    for (auto* one : {&bea, &dull, &c}) type(*one, "JOIN #c");
    w.quiet();
    auto told = authenticate(c, plain("anna", "correct horse"));
    EXPECT_EQ(told.at(0), ":carla!~u@host.192.0.2.1 ACCOUNT anna") << "oneself as well";
    EXPECT_EQ(verbs(told), (lines{"ACCOUNT", "900", "903"}));
    EXPECT_EQ(w.hears(bea), (lines{":carla!~u@host.192.0.2.1 ACCOUNT anna"}));
    EXPECT_EQ(w.hears(dull), lines{});
    type(c, "PRIVMSG #c :x");
    EXPECT_EQ(w.hears(bea), (lines{"@account=anna :carla!~u@host.192.0.2.1 PRIVMSG #c :x"}));
    EXPECT_EQ(verbs(type(c, "NS LOGOUT")), (lines{"ACCOUNT", "901", "NOTICE"}));
    EXPECT_EQ(w.hears(bea), (lines{":carla!~u@host.192.0.2.1 ACCOUNT *"}));
}

TEST_F(with_anna, whox_and_extended_join_tell_the_account) {
    auto& bea = enter("bea", "extended-join");
    type(bea, "JOIN #c");
    auto& anna = enter_as("anna", "anna");
    w.quiet();
    type(anna, "JOIN #c");
    EXPECT_EQ(w.hears(bea).at(0), ":anna!~u@host.192.0.2.1 JOIN #c anna :Real");
    EXPECT_EQ(shorts(type(bea, "WHO anna %na")).at(0), "354 bea anna anna");
    EXPECT_EQ(shorts(type(bea, "WHO bea %na")).at(0), "354 bea bea 0");
}

TEST_F(with_anna, a_ban_can_mean_an_account) {
    auto& bea = enter("bea");
    type(bea, "JOIN #c");
    type(bea, "MODE #c +b $a:anna");
    EXPECT_EQ(verbs(type(enter_as("anna", "anna"), "JOIN #c")), (lines{"474"}));
}

TEST_F(with_anna, whose_account_is_suspended_goes_and_stays_out) {
    auto& root = enter("root");
    type(root, "OPER root secret");
    auto& anna = enter_as("anna", "anna");
    EXPECT_EQ(ask(root, "NS SUSPEND anna for spam"), (lines{"The account anna is suspended"}));
    EXPECT_EQ(w.hears(anna), (lines{"ERROR :Closing link: your account is suspended: for spam"}));
    auto& again = connect_asking("sasl");
    authenticate(again, plain("anna", "correct horse"));
    EXPECT_EQ(verbs(come(again, "anna")), (lines{"902", "ERROR"}));
    auto& other = enter("other", "sasl");
    EXPECT_EQ(shorts(authenticate(other, plain("anna", "correct horse"))), (lines{"902 other"}));
    EXPECT_EQ(ask(root, "NS UNSUSPEND anna"), (lines{"The account anna is open again"}));
    EXPECT_EQ(verbs(authenticate(other, plain("anna", "correct horse"))), (lines{"900", "903"}));
    EXPECT_EQ(ask(other, "NS SUSPEND root").size(), 1U) << "others may not";
}

// ── settings ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(with_anna, what_is_no_longer_offered_is_told) {
    auto& c = connect();
    type(c, "CAP LS 302");
    type(c, "CAP REQ draft/account-registration");
    come(c, "bea");
    auto s = test::with_accounts();
    s.accounts.email_required = true;
    w.door->set(s);
    EXPECT_EQ(c.talk->hear_settings(true).bytes,
              ":brusio.localhost CAP bea NEW "
              ":draft/account-registration=before-connect,email-required,custom-account-name\r\n");
    s.accounts.registration = false;
    w.door->set(s);
    EXPECT_EQ(c.talk->hear_settings(true).bytes, ":brusio.localhost CAP bea DEL :draft/account-registration\r\n");
    EXPECT_EQ(short_of(type(c, "CAP LIST").at(0)), "CAP bea LIST");
    EXPECT_EQ(text_of(type(c, "CAP LIST").at(0)), "cap-notify");
}

}  // namespace
}  // namespace brusio::door::irc
