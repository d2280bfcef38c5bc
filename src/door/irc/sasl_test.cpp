// AUTHENTICATE: chunks, mechanisms, failures, and what disturbs it.
#include <gtest/gtest.h>

#include "door/irc/accounts_scene_test.hpp"
#include "login/scram.hpp"
#include "login/verifier.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::plain;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

class sasl_login : public test::accounts {
  protected:
    void SetUp() override { registered("anna"); }
    client& c = connect_asking("sasl");
};

TEST_F(sasl_login, plain_logs_in_before_the_welcome) {
    const auto told = authenticate(c, plain("anna", "correct horse"));
    EXPECT_EQ(shorts(told), (lines{"900 * * anna", "903 *"}));
    come(c, "anna");
    EXPECT_TRUE(w.talk(c).logged_in());
    EXPECT_EQ(account_of(c, "anna"), "anna");
}

TEST_F(sasl_login, the_mask_is_told_as_far_as_it_is_known) {
    type(c, "NICK anna");
    EXPECT_EQ(short_of(authenticate(c, plain("anna", "correct horse")).at(0)), "900 * anna!*@host.192.0.2.1 anna");
    type(c, "USER a 0 * :A");
    EXPECT_EQ(short_of(authenticate(c, plain("ANNA", "correct horse", "Anna")).at(0)),
              "900 * anna!~a@host.192.0.2.1 anna");
}

TEST_F(sasl_login, mechanisms_are_told_in_the_value_and_on_asking_for_another) {
    const auto told = offer(c);
    EXPECT_NE(told.find(" sasl=PLAIN,SCRAM-SHA-256 "), std::string::npos) << told;
    EXPECT_EQ(shorts(type(c, "AUTHENTICATE DIGEST-MD5")), (lines{"908 * PLAIN,SCRAM-SHA-256", "904 *"}));
    EXPECT_EQ(type(c, "AUTHENTICATE plain"), (lines{"AUTHENTICATE +"})) << "in any case";
}

TEST_F(sasl_login, what_is_wrong_can_be_tried_again) {
    for (const auto& wrong :
         {plain("anna", "wrong"), plain("nobody", "correct horse"), plain("", "correct horse"), plain("anna", ""),
          plain("anna", "correct horse", "bea"), plain("anna", std::string("correct horse\0", 14)), std::string("!!!"),
          std::string("+"), std::string("YQ==")}) {
        EXPECT_EQ(shorts(authenticate(c, wrong)), (lines{"904 *"})) << wrong;
    }
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "correct horse"))), (lines{"900", "903"}));
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "wrong"))), (lines{"904"})) << "also after it";
}

TEST_F(sasl_login, an_answer_comes_in_chunks_of_400) {
    const std::string password(1024, 'x');
    registered("bea", std::string(400, 'x'));
    for (const std::size_t n :
         {std::size_t{294}, std::size_t{295}, std::size_t{400}, std::size_t{595}, std::size_t{1024}}) {
        type(c, "AUTHENTICATE PLAIN");
        const auto all = plain("bea", password.substr(0, n));
        lines told;
        for (std::size_t at = 0; at < all.size(); at += 400) {
            EXPECT_EQ(told, lines{});
            told = type(c, "AUTHENTICATE " + all.substr(at, 400));
        }
        if (all.size() % 400 == 0) told = type(c, "AUTHENTICATE +");
        EXPECT_EQ(verbs(told), n == 400 ? (lines{"900", "903"}) : (lines{"904"})) << n << " " << all.size();
    }
}

TEST_F(sasl_login, what_is_too_long_ends_it) {
    type(c, "AUTHENTICATE PLAIN");
    EXPECT_EQ(shorts(type(c, "AUTHENTICATE " + std::string(401, 'A'))), (lines{"905 *"}));
    EXPECT_EQ(shorts(type(c, "AUTHENTICATE " + std::string(401, 'A'))), (lines{"905 *"}));
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE YQ==")), (lines{"908", "904"})) << "it is a mechanism again";
    type(c, "AUTHENTICATE PLAIN");
    lines told;
    for (int i = 0; i < 40 && told.empty(); ++i) told = type(c, "AUTHENTICATE " + std::string(400, 'A'));
    EXPECT_EQ(shorts(told), (lines{"904 *"})) << "all chunks together are bounded, too";
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "correct horse"))), (lines{"900", "903"}));
}

TEST_F(sasl_login, a_star_aborts) {
    type(c, "AUTHENTICATE PLAIN");
    EXPECT_EQ(shorts(type(c, "AUTHENTICATE *")), (lines{"906 *"}));
    EXPECT_EQ(shorts(type(c, "AUTHENTICATE *")), (lines{"906 *"}));
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "correct horse"))), (lines{"900", "903"}));
}

TEST_F(sasl_login, other_commands_do_not_disturb_it) {
    type(c, "AUTHENTICATE PLAIN");
    EXPECT_EQ(type(c, "NICK anna"), lines{});
    EXPECT_EQ(type(c, "USER a 0 * :A"), lines{});
    EXPECT_EQ(verbs(type(c, "CAP REQ batch")), (lines{"CAP"}));
    EXPECT_EQ(verbs(type(c, "PING 1")), (lines{"PONG"}));
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE " + plain("anna", "correct horse"))), (lines{"900", "903"}));
}

TEST_F(sasl_login, completing_the_log_in_aborts_it) {
    type(c, "AUTHENTICATE PLAIN");
    const auto told = verbs(come(c, "bea"));
    EXPECT_EQ(told.at(0), "906");
    EXPECT_EQ(told.at(1), "001");
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE " + plain("anna", "correct horse"))), (lines{"908", "904"}));
    EXPECT_EQ(account_of(c, "bea"), "") << "without an account";
}

TEST_F(sasl_login, it_can_be_done_at_any_time_also_into_another_account) {
    registered("bea");
    come(c, "carla");
    EXPECT_EQ(shorts(authenticate(c, plain("anna", "correct horse"))),
              (lines{"900 carla carla!~u@host.192.0.2.1 anna", "903 carla"}));
    EXPECT_EQ(shorts(authenticate(c, plain("bea", "correct horse"))),
              (lines{"900 carla carla!~u@host.192.0.2.1 bea", "903 carla"}));
    EXPECT_EQ(shorts(authenticate(c, plain("anna", "wrong"))), (lines{"904 carla"}));
    EXPECT_EQ(account_of(c, "carla"), "bea") << "the failure changes nothing";
}

TEST_F(sasl_login, answers_have_their_label_before_and_after_the_log_in) {
    type(c, "CAP REQ :labeled-response batch");
    EXPECT_EQ(type(c, "@label=1 AUTHENTICATE PLAIN"), (lines{"@label=1 AUTHENTICATE +"}));
    auto told = type(c, "@label=2 AUTHENTICATE " + plain("anna", "correct horse"));
    EXPECT_TRUE(told.at(0).starts_with("@label=2 :brusio.localhost BATCH +")) << told.at(0);
    EXPECT_EQ(verbs(told), (lines{"BATCH", "900", "903", "BATCH"}));
    come(c, "anna");
    EXPECT_EQ(type(c, "@label=3 AUTHENTICATE PLAIN"), (lines{"@label=3 AUTHENTICATE +"}));
    told = type(c, "@label=4 AUTHENTICATE " + plain("anna", "correct horse"));
    EXPECT_TRUE(told.at(0).starts_with("@label=4 :brusio.localhost BATCH +")) << told.at(0);
    EXPECT_EQ(verbs(told), (lines{"BATCH", "900", "903", "BATCH"}));
    type(c, "AUTHENTICATE PLAIN");
    EXPECT_EQ(type(c, "@label=5 AUTHENTICATE *"),
              (lines{"@label=5 :brusio.localhost 906 anna :SASL authentication aborted"}));
}

TEST_F(sasl_login, input_behind_it_waits) {
    w.hub.feed(c, "AUTHENTICATE PLAIN\r\nAUTHENTICATE " + plain("anna", "correct horse") +
                      "\r\nNICK anna\r\nUSER a 0 * :A\r\nCAP END\r\nJOIN #c\r\n");
    w.hub.settle();
    const auto told = verbs(w.hears(c));
    EXPECT_EQ(lines(told.begin(), told.begin() + 4), (lines{"AUTHENTICATE", "900", "903", "001"}));
    EXPECT_EQ(lines(told.end() - 3, told.end()), (lines{"JOIN", "353", "366"}));
}

TEST_F(sasl_login, without_the_capability_it_is_refused) {
    auto& other = connect();
    type(other, "CAP LS 302");
    EXPECT_EQ(shorts(type(other, "AUTHENTICATE PLAIN")), (lines{"904 *"}));
    come(other, "bea");
    EXPECT_TRUE(w.talk(other).logged_in());
    EXPECT_EQ(shorts(type(other, "AUTHENTICATE PLAIN")), (lines{"904 bea"}));
    EXPECT_EQ(shorts(type(other, "AUTHENTICATE")), (lines{"461 bea AUTHENTICATE"}));
}

TEST_F(sasl_login, it_is_not_offered_where_secrets_may_not_be_sent) {
    auto& clear = w.connect_in_clear();
    for (const auto& line : type(clear, "CAP LS 302")) {
        EXPECT_EQ(line.find("sasl"), std::string::npos);
        EXPECT_EQ(line.find("account-registration"), std::string::npos);
    }
    EXPECT_EQ(short_of(type(clear, "CAP REQ sasl").at(0)), "CAP * NAK");
    EXPECT_EQ(shorts(type(clear, "AUTHENTICATE PLAIN")), (lines{"904 *"}));
}

TEST_F(sasl_login, whoever_cannot_be_checked_now_is_told) {
    w.hub.secrets.instead = shown::outcome::busy;
    EXPECT_EQ(text_of(authenticate(c, plain("anna", "correct horse")).at(0)),
              "SASL authentication failed: too many log-ins at once; try again");
    w.hub.secrets.instead = shown::outcome::throttled;
    EXPECT_EQ(text_of(authenticate(c, plain("anna", "correct horse")).at(0)),
              "SASL authentication failed: too many failures; wait a while");
    w.hub.secrets.instead = shown::outcome::not_here;
    EXPECT_EQ(verbs(authenticate(c, plain("anna", "correct horse"))), (lines{"904"}));
}

// ── SCRAM ───────────────────────────────────────────────────────────────────────────────────────────────────────────

class scram_login : public sasl_login {
  protected:
    std::string said(const std::string& line) {
        const auto payload = line.substr(line.find(' ') + 1);
        return payload == "+" ? std::string() : login::from_base64(payload).value();
    }
    // The client's side, as RFC 5802 has it; gives its last message.
    std::string last_message(const std::string& server_first, std::string_view password) {
        const auto nonce = server_first.substr(2, server_first.find(",s=") - 2);
        const auto salt_at = server_first.find(",s=") + 3;
        const auto salt = login::from_base64(server_first.substr(salt_at, server_first.find(",i=") - salt_at)).value();
        const auto rounds = static_cast<std::uint32_t>(std::stoul(server_first.substr(server_first.find(",i=") + 3)));
        const auto without = "c=biws,r=" + nonce;
        const auto keys = login::make_scram_keys(password, salt, rounds);
        const auto signature =
            login::hmac_sha256(login::view(keys.stored_key), "n=anna,r=abc," + server_first + "," + without);
        auto proof = client_key(password, salt, rounds);
        for (std::size_t i = 0; i < proof.size(); ++i) {
            proof[i] = static_cast<char>(static_cast<unsigned char>(proof[i]) ^ signature[i]);
        }
        return without + ",p=" + login::to_base64(proof);
    }
    static std::string client_key(std::string_view password, const std::string& salt, std::uint32_t rounds) {
        auto u = login::hmac_sha256(password, salt + std::string("\0\0\0\1", 4));
        auto salted = u;
        for (std::uint32_t i = 1; i < rounds; ++i) {
            u = login::hmac_sha256(password, login::view(u));
            for (std::size_t k = 0; k < u.size(); ++k) salted[k] ^= u[k];
        }
        return std::string(login::view(login::hmac_sha256(login::view(salted), "Client Key")));
    }
    lines exchange(std::string_view password) {
        const auto first = authenticate(c, login::to_base64("n,,n=anna,r=abc"), "SCRAM-SHA-256");
        EXPECT_EQ(verbs(first), (lines{"AUTHENTICATE"}));
        return type(c, "AUTHENTICATE " + login::to_base64(last_message(said(first.at(0)), password)));
    }
};

TEST_F(scram_login, logs_in_without_showing_the_password) {
    const auto told = exchange("correct horse");
    ASSERT_EQ(verbs(told), (lines{"AUTHENTICATE"}));
    EXPECT_TRUE(said(told.at(0)).starts_with("v="));
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE +")), (lines{"900", "903"}));
}

TEST_F(scram_login, fails_with_another_password_and_can_be_tried_again) {
    EXPECT_EQ(verbs(exchange("wrong horse")), (lines{"904"}));
    EXPECT_EQ(verbs(exchange("correct horse")), (lines{"AUTHENTICATE"}));
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE YQ==")), (lines{"904"})) << "the last answer is empty";
}

TEST_F(scram_login, is_aborted_and_broken_at_each_step) {
    authenticate(c, login::to_base64("n,,n=anna,r=abc"), "SCRAM-SHA-256");
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE *")), (lines{"906"}));
    exchange("correct horse");
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE *")), (lines{"906"}));
    EXPECT_EQ(verbs(authenticate(c, "+", "SCRAM-SHA-256")), (lines{"904"}));
    EXPECT_EQ(verbs(authenticate(c, login::to_base64("p=tls-unique,,n=a,r=b"), "SCRAM-SHA-256")), (lines{"904"}));
}

TEST_F(scram_login, of_nobody_looks_the_same_until_the_end) {
    auto told = authenticate(c, login::to_base64("n,,n=nobody,r=abc"), "SCRAM-SHA-256");
    EXPECT_TRUE(said(told.at(0)).starts_with("r=abc")) << said(told.at(0));
}

// ── EXTERNAL ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(sasl_login, a_certificate_logs_in) {
    const std::string print(64, 'a');
    auto& anna = enter_as("anna", "anna");
    EXPECT_EQ(ask(anna, "NS CERT ADD " + print), (lines{"Added: " + print}));
    auto& secure = connect(true);
    secure.talk->hear_certificate(print);
    EXPECT_NE(offer(secure).find(" sasl=PLAIN,EXTERNAL,SCRAM-SHA-256 "), std::string::npos);
    type(secure, "CAP REQ sasl");
    EXPECT_EQ(verbs(authenticate(secure, "+", "EXTERNAL")), (lines{"900", "903"}));
    EXPECT_EQ(verbs(authenticate(secure, login::to_base64("anna"), "EXTERNAL")), (lines{"900", "903"}));
    EXPECT_EQ(verbs(authenticate(secure, login::to_base64("bea"), "EXTERNAL")), (lines{"904"}));
}

TEST_F(sasl_login, without_a_certificate_external_is_not_there) {
    EXPECT_EQ(verbs(type(c, "AUTHENTICATE EXTERNAL")), (lines{"904"}));
    auto& secure = connect(true);
    EXPECT_NE(offer(secure).find(" sasl=PLAIN,SCRAM-SHA-256 "), std::string::npos);
}

}  // namespace
}  // namespace brusio::door::irc
