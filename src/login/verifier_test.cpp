#include "login/verifier.hpp"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

#include "login/crypto.hpp"

namespace brusio::login {
namespace {

constexpr std::uint32_t few = 16;  // iterations: these tests need many verifiers, not safe ones

TEST(verifier, fits_its_password_only) {
    const auto made = make_verifiers("pérché no", few);
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_TRUE(made->argon2.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << made->argon2;
    EXPECT_TRUE(is_password(made->argon2, "pérché no"));
    for (std::string_view other : {"", "perche no", "pérché no ", "Pérché no", "pérché"}) {
        EXPECT_FALSE(is_password(made->argon2, other)) << other;
    }
    EXPECT_FALSE(is_password(made->argon2, made->argon2)) << "whoever reads the hash does not know the password";
}

TEST(verifier, has_a_new_salt_each_time) {
    const auto a = make_verifiers("secret", few);
    const auto b = make_verifiers("secret", few);
    ASSERT_TRUE(a && b);
    EXPECT_NE(a->argon2, b->argon2);
    EXPECT_NE(a->scram, b->scram);
    EXPECT_EQ(parse_scram(a->scram)->salt.size(), 16U);
}

TEST(verifier, nothing_fits_what_is_no_hash) {
    for (const char* hash : {"", "secret", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$", "$2y$10$abc"}) {
        EXPECT_FALSE(is_password(hash, "secret")) << hash;
        EXPECT_FALSE(is_password(hash, "")) << hash;
    }
}

TEST(verifier, a_password_is_never_cut) {
    const std::string longest(password_bytes_max, 'x');
    const auto made = make_verifiers(longest, few);
    ASSERT_TRUE(made);
    EXPECT_TRUE(is_password(made->argon2, longest));
    EXPECT_FALSE(is_password(made->argon2, longest.substr(1)));
    EXPECT_FALSE(is_password(made->argon2, longest + "x"));
    EXPECT_FALSE(is_password(made->argon2, std::string(password_bytes_max - 1, 'x') + "y"));
    EXPECT_FALSE(make_verifiers(longest + "x", few));
}

TEST(verifier, iterations_are_bounded_and_many_unless_said) {
    EXPECT_FALSE(make_verifiers("secret", 0));
    EXPECT_FALSE(make_verifiers("secret", scram_iterations_max + 1));
    const auto made = make_verifiers("secret");
    ASSERT_TRUE(made);
    EXPECT_EQ(parse_scram(made->scram)->iterations, 65'536U);
}

// Figures made with another implementation (Python's hashlib), with RFC 7677's password and salt.
TEST(verifier, scram_keys_are_the_standard_s) {
    const auto salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
    EXPECT_EQ(scram_text(make_scram_keys("pencil", *salt, 4096)),
              "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
              "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(verifier, scram_text_round_trips) {
    const auto made = make_verifiers("secret", few);
    ASSERT_TRUE(made);
    const auto keys = parse_scram(made->scram);
    ASSERT_TRUE(keys) << made->scram;
    EXPECT_EQ(scram_text(*keys), made->scram);
    EXPECT_EQ(keys->iterations, few);
}

TEST(verifier, a_scram_text_that_is_not_whole_is_none) {
    const auto whole = scram_text(make_scram_keys("pencil", "0123456789abcdef", few));
    ASSERT_TRUE(parse_scram(whole));
    for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_scram(whole.substr(0, n))) << n;
    for (std::string_view tail : {"=", "A", ":", "$", " ", "\n"}) {
        EXPECT_FALSE(parse_scram(whole + std::string(tail))) << tail;
    }
    const auto with = [&](std::string_view iterations) {
        auto text = whole;
        return text.replace(text.find('$') + 1, 2, iterations);
    };
    EXPECT_TRUE(parse_scram(with("4096")));
    for (std::string_view wrong : {"", "0", "016", "-1", "+1", " 16", "16 ", "10000001", "99999999999999999999", "x"}) {
        EXPECT_FALSE(parse_scram(with(wrong))) << wrong;
    }
    EXPECT_FALSE(parse_scram(scram_text(make_scram_keys("pencil", std::string(65, 's'), few)))) << "a salt too long";
    std::mt19937 random(1);  // NOLINT: the same each time
    for (int round = 0; round < 20'000; ++round) {
        auto text = whole;
        for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
        if (const auto keys = parse_scram(text)) EXPECT_EQ(scram_text(*keys), text);
    }
}

TEST(verifier, sasl_prep_is_what_rfc_4013_says) {
    EXPECT_EQ(prepare_for_scram("user"), "user");
    EXPECT_EQ(prepare_for_scram("USER"), "USER");
    EXPECT_EQ(prepare_for_scram("I\u00ADX"), "IX") << "a soft hyphen is nothing";
    EXPECT_EQ(prepare_for_scram("\u00AA"), "a");
    EXPECT_EQ(prepare_for_scram("\u2168"), "IX");
    EXPECT_EQ(prepare_for_scram("a\u00A0b"), "a b") << "a blank is a blank";
    EXPECT_EQ(prepare_for_scram("e\u0301"), "\u00E9");
    EXPECT_EQ(prepare_for_scram("\u0627\u0031"), "\u0627\u0031") << "forbidden (bidi): as it is";
    EXPECT_EQ(prepare_for_scram("e\u0301\U0001F600"), "e\u0301\U0001F600") << "unassigned then: as it is";
    EXPECT_EQ(prepare_for_scram("\u00AD"), "\u00AD") << "nothing would be left";
    std::string longest;
    while (longest.size() + 3 <= password_bytes_max) longest += "\uFDFA";  // the one that grows most
    EXPECT_GT(prepare_for_scram(longest).size(), longest.size());
}

TEST(verifier, argon2_gets_a_password_as_it_is_and_scram_prepared) {
    const auto made = make_verifiers("cafe\u0301", few);
    ASSERT_TRUE(made);
    EXPECT_TRUE(is_password(made->argon2, "cafe\u0301"));
    EXPECT_FALSE(is_password(made->argon2, "caf\u00E9"));
    const auto keys = parse_scram(made->scram);
    EXPECT_EQ(scram_text(make_scram_keys("caf\u00E9", keys->salt, few)), made->scram);
}

TEST(verifier, a_new_password_is_checked_and_the_answer_says_what_is_wrong) {
    EXPECT_TRUE(check_new_password("correct horse", 8));
    EXPECT_TRUE(check_new_password("àèìòùàèì", 8)) << "characters count, not bytes";
    EXPECT_TRUE(check_new_password(std::string(1024, 'x'), 8));
    EXPECT_EQ(check_new_password("", 0).error().text, "a password cannot be empty");
    EXPECT_EQ(check_new_password(std::string(1025, 'x'), 8).error().text, "a password has at most 1024 bytes");
    EXPECT_EQ(check_new_password("abc\xFF", 1).error().text, "a password must be UTF-8");
    EXPECT_EQ(check_new_password("àèìòùàè", 8).error().text, "a password has at least 8 characters");
    for (const std::string& control : {std::string("ab\0cd", 5), std::string("a\tb"), std::string("a\x7F"),
                                       std::string("a\u0085"), std::string("\u009F"), std::string("a\r\n")}) {
        EXPECT_EQ(check_new_password(control, 1).error().text, "a password cannot have control characters");
        EXPECT_FALSE(make_verifiers(control, few));
    }
    EXPECT_TRUE(check_new_password("\u00A0\u00E9", 1)) << "not every C2 is a control";
}

// A broad bound, because machines are busy: what must not be is that one of them returns at once.
TEST(verifier, pretending_takes_as_long_as_checking) {
    const auto made = make_verifiers("secret", few);
    ASSERT_TRUE(made);
    const auto quickest = [](auto what) {
        auto best = std::chrono::nanoseconds::max();
        for (int i = 0; i < 5; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            what();
            best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
        }
        return best;
    };
    const auto checked = quickest([&] { EXPECT_FALSE(is_password(made->argon2, "wrong")); });
    const auto pretended = quickest([] { pretend_to_check("wrong"); });
    const auto without = quickest([] { EXPECT_FALSE(is_password("", "wrong")); });
    EXPECT_GT(pretended * 2, checked);
    EXPECT_GT(checked * 2, pretended);
    EXPECT_GT(without * 2, checked) << "an account without a password";
}

TEST(crypto, base64_is_strict) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64(std::string("\0\xFF", 2)), "AP8=");
    for (int c = 0x80; c < 0x100; ++c) EXPECT_FALSE(from_base64("AAA" + std::string(1, static_cast<char>(c)))) << c;
    EXPECT_EQ(from_base64("AP8="), std::string("\0\xFF", 2));
    EXPECT_EQ(from_base64(""), "");
    const std::string with_nul("A\0==", 4);
    for (const std::string& wrong : std::initializer_list<std::string>{
             "A", "AP8", "AP8==", "AP9=", "=AP8", "AP 8", "AP8=AP8=", "A===", "====", "AP-_", "AP8\n", with_nul}) {
        EXPECT_FALSE(from_base64(wrong)) << wrong;
    }
}

TEST(crypto, hex_is_read_strictly) {
    EXPECT_EQ(from_hex("00fFa1"), std::string("\0\xFF\xA1", 3));
    EXPECT_EQ(from_hex(""), "");
    for (const auto* bad : {"0", "000", "0g", " 00", "00 ", "00:00"}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(crypto, hmac_and_digest_are_the_standard_s) {  // RFC 4231's case 2 and 6; FIPS 180
    EXPECT_EQ(to_hex(view(hmac_sha256("Jefe", "what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        to_hex(view(hmac_sha256(std::string(131, '\xAA'), "Test Using Larger Than Block-Size Key - Hash Key First"))),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(to_hex(view(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(crypto, what_is_wiped_is_gone) {
    std::string secret = "a secret that is too long for the string itself";
    const char* where = secret.data();
    const auto n = secret.size();
    secret.resize(3);
    wipe(secret);
    EXPECT_TRUE(secret.empty());
    ASSERT_EQ(secret.data(), where);
    for (std::size_t i = 1; i < n; ++i) EXPECT_EQ(where[i], '\0') << i;
}

}  // namespace
}  // namespace brusio::login
