#include "login/scram.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "login/crypto.hpp"

namespace brusio::login {
namespace {

constexpr std::uint32_t few = 16;
constexpr std::string_view server_key = "a key of the server's own";

std::string verifier_of(std::string_view password, std::uint32_t iterations = few) {
    return scram_text(make_scram_keys(prepare_for_scram(password), "0123456789abcdef", iterations));
}

std::string attribute(std::string_view message, char name) {
    std::size_t at = 0;
    while (at < message.size()) {
        const auto end = std::min(message.find(',', at), message.size());
        if (message[at] == name && message[at + 1] == '=') return std::string(message.substr(at + 2, end - at - 2));
        at = end + 1;
    }
    return "";
}

// The other side, which knows the password. What it sends can be spoilt on the way.
struct client {
    std::string user = "alice";
    std::string password = "secret";
    std::string header = "n,,";
    std::string nonce = "fyko+d2lbbFgONRv9qkxdawL";
    std::string first_extensions = "";
    std::string final_extensions = "";
    std::string binding = "";   // instead of the header
    std::string repeated = "";  // instead of the nonce
    std::string padding = "";   // after the proof's bytes
    std::string expected = "";

    std::string bare() const { return "n=" + user + ",r=" + nonce + first_extensions; }
    std::string first() const { return header + bare(); }
    std::string last(const std::string& server_first) {
        const auto salt = from_base64(attribute(server_first, 's')).value();
        const auto iterations = static_cast<std::uint32_t>(std::stoul(attribute(server_first, 'i')));
        const auto without_proof = "c=" + to_base64(binding.empty() ? header : binding) +
                                   ",r=" + (repeated.empty() ? attribute(server_first, 'r') : repeated) +
                                   final_extensions;
        return without_proof + ",p=" + proof(salt, iterations, bare() + "," + server_first + "," + without_proof);
    }

  private:
    // By the other formula of the RFC: from the password, where the server only knows what is kept.
    std::string proof(const std::string& salt, std::uint32_t iterations, const std::string& everything) {
        digest salted = hmac_sha256(password, salt + std::string("\0\0\0\1", 4));
        auto u = salted;
        for (std::uint32_t i = 1; i < iterations; ++i) {
            u = hmac_sha256(password, view(u));
            for (std::size_t k = 0; k < u.size(); ++k) salted[k] ^= u[k];
        }
        auto key = hmac_sha256(view(salted), "Client Key");
        const auto signature = hmac_sha256(view(sha256(view(key))), everything);
        for (std::size_t k = 0; k < key.size(); ++k) key[k] ^= signature[k];
        expected = "v=" + to_base64(view(hmac_sha256(view(hmac_sha256(view(salted), "Server Key")), everything)));
        return to_base64(std::string(view(key)) + padding);
    }
};

// Whether the client gets in, and believes the server.
bool gets_in(client c, const std::string& verifier) {
    scram_exchange x;
    if (!x.begin(c.first())) return false;
    const auto server_first = x.challenge(verifier, make_nonce());
    if (server_first.empty()) return false;
    const auto server_final = x.finish(c.last(server_first));
    if (server_final) EXPECT_EQ(*server_final, c.expected);
    return server_final.has_value();
}

TEST(scram, rfc_7677_s_example_is_answered_as_there) {
    const auto salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
    const auto verifier = scram_text(make_scram_keys("pencil", *salt, 4096));
    scram_exchange x;
    EXPECT_EQ(x.begin("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").value(), "user");
    EXPECT_EQ(x.challenge(verifier, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"),
              "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    EXPECT_EQ(x.finish("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                       "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
              "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(scram, the_right_password_gets_in_and_no_other) {
    const auto verifier = verifier_of("secret");
    EXPECT_TRUE(gets_in({}, verifier));
    EXPECT_TRUE(gets_in({.header = "y,,"}, verifier));
    for (const char* wrong : {"Secret", "secre", "secrets", "x"}) EXPECT_FALSE(gets_in({.password = wrong}, verifier));
    EXPECT_FALSE(gets_in({}, verifier_of("other")));
}

TEST(scram, verifiers_made_for_an_account_let_it_in) {
    const auto made = make_verifiers("caff\u00E8 e\u0301 \u2168", 64);
    ASSERT_TRUE(made);
    EXPECT_TRUE(gets_in({.password = "caff\u00E8 \u00E9 IX"}, made->scram)) << "as a client prepares it";
    EXPECT_FALSE(gets_in({.password = "caff\u00E8 \u00E9 ix"}, made->scram));
}

TEST(scram, extensions_are_passed_over_but_mandatory_ones_are_not) {
    const auto verifier = verifier_of("secret");
    EXPECT_TRUE(gets_in({.first_extensions = ",x=1,Y=a=b"}, verifier));
    EXPECT_TRUE(gets_in({.final_extensions = ",x=1,z=2"}, verifier));
    for (const char* wrong : {",m=x", ",x=1,m=x", ",", ",x=", ",x", ",=1", ",,x=1", ",1=x", ",r=other", ",n=bob",
                              ",x=1,", ",p=AAAA", ",c=biws"}) {
        EXPECT_FALSE(gets_in({.first_extensions = wrong}, verifier)) << wrong;
        EXPECT_FALSE(gets_in({.final_extensions = wrong}, verifier)) << wrong;
    }
    EXPECT_FALSE(scram_exchange().begin("n,,m=x,n=alice,r=abc"));
}

TEST(scram, a_name_is_unescaped) {
    EXPECT_EQ(scram_exchange().begin("n,,n=a=2Cb=3Dc,r=x").value(), "a,b=c");
    EXPECT_EQ(scram_exchange().begin("n,,n==3D=3D,r=x").value(), "==");
    EXPECT_EQ(scram_exchange().begin("n,,n=\u00E9l\u00E8ve,r=x").value(), "\u00E9l\u00E8ve");
    EXPECT_EQ(scram_exchange().begin("n,,n=" + std::string(256, 'x') + ",r=x").value().size(), 256U);
    for (const char* wrong :
         {"", "=", "a=", "a=2", "a=2c", "a=3d", "a=4B", "a==", "=2C=", "a\tb", "a\x7F", "\xFF", "\u0085", "a\r\n"}) {
        EXPECT_FALSE(scram_exchange().begin("n,,n=" + std::string(wrong) + ",r=x")) << wrong;
    }
    EXPECT_FALSE(scram_exchange().begin("n,,n=" + std::string(257, 'x') + ",r=x"));
}

TEST(scram, an_authorization_identity_is_one_s_own) {
    const auto verifier = verifier_of("secret");
    EXPECT_TRUE(gets_in({.header = "n,a=alice,"}, verifier));
    EXPECT_TRUE(gets_in({.header = "n,a=ALICE,"}, verifier));
    EXPECT_TRUE(gets_in({.header = "n,a=,"}, verifier));
    EXPECT_TRUE(gets_in({.user = "a=2Cb", .header = "y,a=A=2CB,"}, verifier));
    for (const char* wrong : {"n,a=bob,", "n,a=alic,", "n,alice,", "n,b=alice,", "n,a=alice=,", "n,a=\xFF,"}) {
        EXPECT_FALSE(gets_in({.header = wrong}, verifier)) << wrong;
    }
    scram_exchange x;
    ASSERT_TRUE(x.begin("n,a=A=2CB,n=a=2Cb,r=x"));
    EXPECT_EQ(x.authzid(), "A,B");
}

TEST(scram, channel_binding_is_refused_and_said_so) {
    EXPECT_EQ(scram_exchange().begin("p=tls-unique,,n=alice,r=x").error().text, "channel binding is not supported");
    for (const char* wrong : {"",
                              "n",
                              "n,",
                              "n,,",
                              "N,,n=a,r=x",
                              "x,,n=a,r=x",
                              ",,n=a,r=x",
                              "nn,,n=a,r=x",
                              "n,n=a,r=x",
                              "n=a,r=x",
                              "n,,,n=a,r=x",
                              "n,,r=x,n=a",
                              "n,,n=a",
                              "n,,n=a,",
                              "n,,n=a,r=",
                              "n,,n=a,r=x,",
                              "n,,n=a,r=x y",
                              "n,,n=a,r=\u00E9",
                              "n,,n=a,r=\x7F",
                              " n,,n=a,r=x"}) {
        EXPECT_FALSE(scram_exchange().begin(wrong)) << wrong;
    }
    for (const std::string& nul : {std::string("n,,n=a\0,r=x", 11), std::string("n,,n=a,r=x\0", 11),
                                   std::string("n,,n=a,r=x,x=\0", 14), std::string("\0n,,n=a,r=x", 11)}) {
        EXPECT_FALSE(scram_exchange().begin(nul));
    }
}

TEST(scram, what_is_too_long_is_refused) {
    EXPECT_TRUE(scram_exchange().begin("n,,n=a,r=" + std::string(512, 'x')));
    EXPECT_FALSE(scram_exchange().begin("n,,n=a,r=" + std::string(513, 'x')));
    EXPECT_TRUE(scram_exchange().begin("n,,n=a,r=x,x=" + std::string(4000, 'x')));
    EXPECT_FALSE(scram_exchange().begin("n,,n=a,r=x,x=" + std::string(4096, 'x')));
    EXPECT_FALSE(gets_in({.final_extensions = ",x=" + std::string(4096, 'x')}, verifier_of("secret")));
}

TEST(scram, the_last_message_must_repeat_what_was_agreed) {
    const auto verifier = verifier_of("secret");
    EXPECT_FALSE(gets_in({.header = "y,,", .binding = "n,,"}, verifier)) << "the header was changed on the way";
    EXPECT_FALSE(gets_in({.header = "n,,", .binding = "n,,x"}, verifier));
    EXPECT_FALSE(gets_in({.header = "n,a=alice,", .binding = "n,,"}, verifier));
    EXPECT_FALSE(gets_in({.repeated = "fyko+d2lbbFgONRv9qkxdawLold"}, verifier)) << "signed for another exchange";
    EXPECT_FALSE(gets_in({.padding = "x"}, verifier)) << "a proof has 32 bytes";
    // Each of these is what an honest client sends but for one thing.
    const auto answer_to = [&](auto spoil) {
        client c;
        scram_exchange x;
        EXPECT_TRUE(x.begin(c.first()));
        auto last = c.last(x.challenge(verifier, "server"));
        spoil(last);
        return x.finish(last);
    };
    const auto replace = [](std::string from, std::string to) {
        return [=](std::string& s) { s.replace(s.find(from), from.size(), to); };
    };
    EXPECT_TRUE(answer_to([](std::string&) {}));
    EXPECT_FALSE(answer_to(replace("server", "servex"))) << "another nonce";
    EXPECT_FALSE(answer_to(replace("server", ""))) << "only the client's nonce";
    EXPECT_FALSE(answer_to(replace("c=biws,", "")));
    EXPECT_FALSE(answer_to(replace("c=biws", "c=")));
    EXPECT_FALSE(answer_to(replace("c=biws", "c=biw=")));
    EXPECT_FALSE(answer_to(replace("c=biws", "C=biws")));
    EXPECT_FALSE(answer_to(replace(",p=", ",p")));
    EXPECT_FALSE(answer_to(replace(",p=", ",p=A")));
    EXPECT_FALSE(answer_to([](std::string& s) { s.resize(s.find(",p=")); }));
    EXPECT_FALSE(answer_to([](std::string& s) { s.resize(s.find(",p=") + 3); }));
    EXPECT_FALSE(answer_to([](std::string& s) { s.pop_back(); }));
    EXPECT_FALSE(answer_to([](std::string& s) { s += ",x=1"; }));
    EXPECT_FALSE(answer_to([](std::string& s) { s += '\0'; }));
    EXPECT_FALSE(answer_to([](std::string& s) { s += "AAAA"; }));
    EXPECT_FALSE(answer_to([](std::string& s) { s.clear(); }));
    EXPECT_FALSE(answer_to([](std::string& s) { s = "p=AAAA"; }));
}

TEST(scram, no_single_changed_byte_gets_in) {
    const auto verifier = verifier_of("secret");
    client c;
    std::mt19937 random(7);  // NOLINT: the same each time
    for (std::size_t i = 0;; ++i) {
        scram_exchange x;
        ASSERT_TRUE(x.begin(c.first()));
        auto last = c.last(x.challenge(verifier, "server"));
        if (i >= last.size()) break;
        last[i] = static_cast<char>(last[i] ^ static_cast<char>(1 + random() % 255));
        EXPECT_FALSE(x.finish(last)) << last;
    }
}

TEST(scram, stored_key_instead_of_the_password_does_not_do) {
    // Whoever has read the verifier must still not get in: a proof of zeros makes the key its own signature.
    const auto verifier = verifier_of("secret");
    client c;
    scram_exchange x;
    ASSERT_TRUE(x.begin(c.first()));
    const auto server_first = x.challenge(verifier, "server");
    EXPECT_FALSE(x.finish("c=biws,r=" + attribute(server_first, 'r') + ",p=" + to_base64(std::string(32, '\0'))));
}

TEST(scram, steps_out_of_order_give_nothing) {
    const auto verifier = verifier_of("secret");
    client c;
    {
        scram_exchange x;
        EXPECT_EQ(x.challenge(verifier, "server"), "");
        EXPECT_EQ(x.challenge_unknown("alice", server_key, "server"), "");
        EXPECT_FALSE(x.finish("c=biws,r=x,p=AAAA"));
        ASSERT_TRUE(x.begin(c.first())) << "nothing has happened yet";
        EXPECT_FALSE(x.begin(c.first()));
    }
    {
        scram_exchange x;
        ASSERT_FALSE(x.begin("p=x,,n=a,r=x"));
        EXPECT_FALSE(x.begin(c.first())) << "one attempt for each exchange";
        EXPECT_EQ(x.challenge(verifier, "server"), "");
    }
    scram_exchange x;
    ASSERT_TRUE(x.begin(c.first()));
    const auto server_first = x.challenge(verifier, "server");
    EXPECT_EQ(x.challenge(verifier, "again"), "");
    const auto last = c.last(server_first);
    EXPECT_FALSE(x.finish("c=biws,r=x,p=AAAA"));
    EXPECT_FALSE(x.finish(last)) << "one attempt for each challenge";
}

TEST(scram, a_broken_verifier_gives_no_challenge_and_the_unknown_one_goes_on) {
    client c;
    scram_exchange x;
    ASSERT_TRUE(x.begin(c.first()));
    EXPECT_EQ(x.challenge("", "server"), "");
    EXPECT_EQ(x.challenge("SCRAM-SHA-256$16:x$y:z", "server"), "");
    EXPECT_EQ(x.challenge(verifier_of("secret"), ""), "");
    EXPECT_EQ(x.challenge(verifier_of("secret"), "a,b"), "");
    EXPECT_EQ(x.challenge_unknown("alice", "short", "server"), "") << "salts that anybody can make";
    const auto server_first = x.challenge_unknown("alice", server_key, "server", few);
    EXPECT_FALSE(x.finish(c.last(server_first)));
}

TEST(scram, who_does_not_exist_is_asked_like_who_does) {
    const auto ask = [](std::string_view user, std::string_view key) {
        scram_exchange x;
        EXPECT_TRUE(x.begin("n,,n=alice,r=abc"));
        return x.challenge_unknown(user, key, "server");
    };
    scram_exchange real;
    ASSERT_TRUE(real.begin("n,,n=alice,r=abc"));
    const auto made = make_verifiers("secret");
    const auto known = real.challenge(made->scram, "server");
    const auto unknown = ask("alice", server_key);
    EXPECT_EQ(known.size(), unknown.size());
    EXPECT_EQ(attribute(known, 'r'), attribute(unknown, 'r'));
    EXPECT_EQ(attribute(known, 'i'), attribute(unknown, 'i'));
    EXPECT_EQ(unknown, ask("alice", server_key)) << "the same salt each time";
    EXPECT_NE(unknown, ask("bob", server_key));
    EXPECT_NE(unknown, ask("alice", "another key of the server's"));
}

TEST(scram, nobody_gets_in_without_an_account) {
    for (const char* password : {"", "secret", "x"}) {
        client c{.password = password};
        scram_exchange x;
        ASSERT_TRUE(x.begin(c.first()));
        EXPECT_FALSE(x.finish(c.last(x.challenge_unknown("alice", server_key, make_nonce(), few))));
    }
}

TEST(scram, nonces_are_new_and_fit_a_message) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto nonce = make_nonce();
        EXPECT_EQ(nonce.size(), 24U);
        EXPECT_FALSE(nonce.contains(','));
        EXPECT_TRUE(seen.insert(nonce).second);
    }
}

TEST(scram, no_random_message_gets_in_or_does_harm) {
    const auto verifier = verifier_of("secret");
    std::mt19937 random(42);  // NOLINT: the same each time
    constexpr std::string_view pieces[] = {"n,,", "y,", "p=", "n=",    "r=", "c=",     "biws", ",",      "=",
                                           "=2C", "m=", "a=", "alice", "x=", "server", "\xC3", "\u00E9", "AAAA"};
    const auto some = [&] {
        std::string text;
        for (auto n = random() % 12; n > 0; --n) {
            if (random() % 8 == 0) {
                text += static_cast<char>(random());
            } else {
                text += pieces[random() % std::size(pieces)];
            }
        }
        return text;
    };
    int begun = 0;
    for (int round = 0; round < 50'000; ++round) {
        scram_exchange x;
        const auto first = random() % 2 == 0 ? some() : "n,,n=alice,r=x" + some();
        if (const auto user = x.begin(first)) {
            ++begun;
            EXPECT_TRUE(is_typeable(*user, account_bytes_max));
            EXPECT_FALSE(x.challenge(verifier, "server").empty());
        }
        EXPECT_FALSE(x.finish(random() % 2 == 0 ? some() : "c=biws,r=xserver" + some()));
    }
    EXPECT_GT(begun, 1000) << "the test must come this far";
}

}  // namespace
}  // namespace brusio::login
