#include "login/token.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace brusio::login {
namespace {

TEST(token, is_itself_and_no_other) {
    const auto made = make_token();
    const auto other = make_token();
    EXPECT_EQ(made.text.size(), token_bytes);
    EXPECT_TRUE(made.text.starts_with("brt_" + made.id + "_")) << made.text;
    EXPECT_EQ(made.hash.size(), 64U);
    EXPECT_EQ(token_id(made.text), made.id);
    EXPECT_TRUE(is_token(made.text, made.hash));
    EXPECT_FALSE(is_token(other.text, made.hash));
    EXPECT_FALSE(is_token(made.hash, made.hash)) << "whoever reads what is kept does not know the token";
    EXPECT_FALSE(is_token(made.text, ""));
    EXPECT_FALSE(is_token("", ""));
    EXPECT_FALSE(is_token(made.text, made.hash.substr(1)));
    EXPECT_FALSE(is_token(made.text, made.hash + "0"));
    EXPECT_FALSE(is_token("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        << "its SHA-256, but no token";
}

TEST(token, every_character_counts) {
    const auto made = make_token();
    std::mt19937 random(11);  // NOLINT: the same each time
    for (std::size_t i = 0; i < made.text.size(); ++i) {
        for (int round = 0; round < 20; ++round) {
            auto text = made.text;
            text[i] = static_cast<char>(text[i] ^ static_cast<char>(1 + random() % 255));
            EXPECT_FALSE(is_token(text, made.hash)) << text;
        }
    }
}

TEST(token, has_one_form) {
    const std::string good = "brt_a2b3c4d5_mfrggzdfmztwq2lknnwg23tpobyxe43u";
    EXPECT_EQ(token_id(good), "a2b3c4d5");
    for (const std::string& wrong :
         {std::string(), good + "a", good.substr(1), "BRT_" + good.substr(4), "brt-" + good.substr(4),
          "brt_a2b3c4d5-" + good.substr(13), "brt_A2b3c4d5_" + good.substr(13), "brt_a2b3c4d1_" + good.substr(13),
          good.substr(0, 44) + "1", good.substr(0, 44) + " ", good.substr(0, 44) + std::string(1, '\0')}) {
        EXPECT_FALSE(token_id(wrong)) << wrong;
    }
    std::mt19937 random(12);  // NOLINT: the same each time
    for (int round = 0; round < 20'000; ++round) {
        std::string text(random() % 50, '\0');
        for (auto& c : text) c = static_cast<char>(random());
        EXPECT_FALSE(token_id(text));
    }
}

TEST(token, no_two_are_alike_and_every_character_is_used) {
    std::set<std::string> texts;
    std::set<char> characters;
    for (int i = 0; i < 2000; ++i) {
        const auto made = make_token();
        EXPECT_TRUE(texts.insert(made.text).second);
        EXPECT_EQ(token_id(made.text), made.id);
        for (const char c : made.text.substr(13)) characters.insert(c);
    }
    EXPECT_EQ(characters.size(), 32U);
}

}  // namespace
}  // namespace brusio::login
