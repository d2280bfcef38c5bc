#include "login/sasl.hpp"

#include <random>

#include <gtest/gtest.h>

#include "login/crypto.hpp"

namespace brusio::login {
namespace {

using namespace std::string_literals;

sasl_state state_of(std::string_view chunk) { return sasl_reader().take(chunk).state; }

TEST(sasl, one_short_chunk_is_a_response) {
    sasl_reader reader;
    const auto read = reader.take("amlsbGVzAGppbGxlcwBzZXNhbWU=");
    EXPECT_EQ(read.state, sasl_state::done);
    EXPECT_EQ(read.bytes, "jilles\0jilles\0sesame"s);
    EXPECT_EQ(reader.take("QQ==").bytes, "A") << "nothing is left of the one before";
}

TEST(sasl, a_plus_is_an_empty_response) {
    const auto read = sasl_reader().take("+");
    EXPECT_EQ(read.state, sasl_state::done);
    EXPECT_EQ(read.bytes, "");
}

TEST(sasl, a_full_chunk_means_more_and_a_plus_ends) {
    sasl_reader reader;
    EXPECT_EQ(reader.take(std::string(400, 'A')).state, sasl_state::more);
    EXPECT_EQ(reader.take(std::string(400, 'A')).state, sasl_state::more);
    const auto read = reader.take("+");
    EXPECT_EQ(read.state, sasl_state::done);
    EXPECT_EQ(read.bytes, std::string(600, '\0'));
    EXPECT_EQ(reader.take(std::string(400, 'A')).state, sasl_state::more);
    EXPECT_EQ(reader.take("QQ==").bytes, std::string(300, '\0') + "A");
}

TEST(sasl, an_asterisk_aborts_whenever_it_comes) {
    EXPECT_EQ(state_of("*"), sasl_state::aborted);
    sasl_reader reader;
    EXPECT_EQ(reader.take(std::string(400, 'A')).state, sasl_state::more);
    EXPECT_EQ(reader.take("*").state, sasl_state::aborted);
    EXPECT_EQ(reader.take("+").bytes, "") << "the chunk before is forgotten";
}

TEST(sasl, what_is_too_long_is_said_so_and_forgotten) {
    EXPECT_EQ(state_of(std::string(401, 'A')), sasl_state::too_long);
    EXPECT_EQ(state_of(std::string(5000, '!')), sasl_state::too_long);
    sasl_reader reader;
    for (int i = 0; i < 20; ++i) ASSERT_EQ(reader.take(std::string(400, 'A')).state, sasl_state::more);
    EXPECT_EQ(reader.take(std::string(400, 'A')).state, sasl_state::too_long) << "8400 bytes";
    EXPECT_EQ(reader.take("QQ==").bytes, "A");
    sasl_reader small(404);
    ASSERT_EQ(small.take(std::string(400, 'A')).state, sasl_state::more);
    EXPECT_EQ(small.take("QUFB").state, sasl_state::done);
    ASSERT_EQ(small.take(std::string(400, 'A')).state, sasl_state::more);
    EXPECT_EQ(small.take("QUFBQUFB").state, sasl_state::too_long);
}

TEST(sasl, what_is_not_base64_is_malformed) {
    for (const std::string& wrong : {""s, "A"s, "AB"s, "ABC"s, "!!!!"s, "QQ= ="s, "++"s, "**"s, "QQ==\0"s, "\0\0\0\0"s,
                                     "QQ==QQ=="s, "-_-_"s, "AB==="s, " "s}) {
        EXPECT_EQ(state_of(wrong), sasl_state::malformed) << wrong;
    }
    sasl_reader reader;
    ASSERT_EQ(reader.take(std::string(400, '!')).state, sasl_state::more) << "known when it is whole";
    EXPECT_EQ(reader.take("QQ==").state, sasl_state::malformed);
    EXPECT_EQ(reader.take("QQ==").state, sasl_state::done);
}

TEST(sasl, what_is_cut_into_chunks_is_read_again) {
    std::mt19937 random(3);  // NOLINT: the same each time
    for (std::size_t size = 0; size < 1300; ++size) {
        std::string bytes(size, '\0');
        for (auto& c : bytes) c = static_cast<char>(random());
        const auto chunks = in_chunks(bytes);
        sasl_reader reader;
        for (std::size_t i = 0; i < chunks.size(); ++i) {
            ASSERT_LE(chunks[i].size(), sasl_chunk_bytes);
            const auto read = reader.take(chunks[i]);
            const bool last = i + 1 == chunks.size();
            ASSERT_EQ(read.state, last ? sasl_state::done : sasl_state::more) << size;
            if (last) EXPECT_EQ(read.bytes, bytes);
        }
    }
    EXPECT_EQ(in_chunks(""), std::vector<std::string>{"+"});
    EXPECT_EQ(in_chunks(std::string(300, '\0')), (std::vector<std::string>{std::string(400, 'A'), "+"}));
    EXPECT_EQ(in_chunks(std::string(303, '\0')), (std::vector<std::string>{std::string(400, 'A'), "AAAA"}));
}

TEST(sasl, no_random_chunks_do_harm_or_grow) {
    std::mt19937 random(5);  // NOLINT: the same each time
    sasl_reader reader;
    for (int round = 0; round < 20'000; ++round) {
        std::string chunk(random() % 4 == 0 ? 400 : random() % 420, 'A');
        for (auto n = random() % 3; n > 0 && !chunk.empty(); --n) {
            chunk[random() % chunk.size()] = static_cast<char>(random());
        }
        const auto read = reader.take(random() % 50 == 0 ? "+" : chunk);
        EXPECT_LE(read.bytes.size(), sasl_base64_max / 4 * 3);
        if (read.state != sasl_state::done) EXPECT_TRUE(read.bytes.empty());
    }
}

TEST(plain, has_an_account_and_a_password) {
    const auto plain = parse_plain("\0alice\0sesame"s);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->authzid, "");
    EXPECT_EQ(plain->account, "alice");
    EXPECT_EQ(plain->password, "sesame");
    EXPECT_EQ(parse_plain("\0alice\0 \xFF\t "s)->password, " \xFF\t ") << "as it is";
}

TEST(plain, nobody_is_somebody_else) {
    EXPECT_TRUE(parse_plain("alice\0alice\0x"s));
    EXPECT_TRUE(parse_plain("ALICE\0alice\0x"s));
    EXPECT_TRUE(parse_plain("\u00C9l\u00E8ve\0\u00E9l\u00E8ve\0x"s));
    EXPECT_FALSE(parse_plain("bob\0alice\0x"s));
    EXPECT_FALSE(parse_plain("alic\0alice\0x"s));
    EXPECT_FALSE(parse_plain("\xFF\0alice\0x"s));
}

TEST(plain, what_has_another_form_is_nothing) {
    for (const std::string& wrong :
         {""s, "\0"s, "\0\0"s, "alice"s, "alice\0x"s, "\0alice\0"s, "\0\0x"s, "a\0\0x"s, "\0alice\0x\0"s,
          "\0alice\0x\0y"s, "\0\0\0"s, "\0al\nice\0x"s, "\0\xFF\0x"s, "\0al\u0085ice\0x"s}) {
        EXPECT_FALSE(parse_plain(wrong)) << to_hex(wrong);
    }
}

TEST(plain, what_is_too_long_is_not_cut) {
    EXPECT_TRUE(parse_plain("\0alice\0"s + std::string(1024, 'x')));
    EXPECT_FALSE(parse_plain("\0alice\0"s + std::string(1025, 'x')));
    EXPECT_TRUE(parse_plain("\0"s + std::string(256, 'x') + "\0x"s));
    EXPECT_FALSE(parse_plain("\0"s + std::string(257, 'x') + "\0x"s));
}

TEST(plain, no_random_bytes_do_harm) {
    std::mt19937 random(9);  // NOLINT: the same each time
    for (int round = 0; round < 50'000; ++round) {
        std::string bytes(random() % 12, 'a');
        for (auto& c : bytes) {
            if (random() % 3 == 0) c = '\0';
            if (random() % 9 == 0) c = static_cast<char>(random());
        }
        const auto plain = parse_plain(bytes);
        if (plain) EXPECT_EQ(plain->authzid + "\0"s + plain->account + "\0"s + plain->password, bytes);
    }
}

}  // namespace
}  // namespace brusio::login
