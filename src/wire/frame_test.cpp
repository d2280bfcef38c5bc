#include "wire/frame.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::wire {
namespace {

constexpr std::uint64_t limit = 16384;

TEST(frame, header_read_leniently) {
    for (auto good :
         {"5         ", "         5", "    5     ", "0000000005", "+5        ", "   +0005  ", "+000000005"}) {
        EXPECT_EQ(parse_frame_header(good, limit), 5U) << good;
    }
    EXPECT_EQ(parse_frame_header("0         ", limit), 0U);
    EXPECT_EQ(parse_frame_header("9999999999", frame_no_limit), 9999999999U);
}

TEST(frame, anything_else_is_not_a_length) {
    for (auto bad :
         {"          ", "-5        ", "1_0       ", "0x10      ", "++5       ", "+         ", "+ 5       ",
          "1 2       ", "5\t        ", "\n5        ", "5.0       ", "1e3       ", "GET / HTTP", "5         x", "5"}) {
        const auto length = parse_frame_header(bad, limit);
        ASSERT_FALSE(length) << bad;
        EXPECT_EQ(length.error(), frame_error::not_a_length) << bad;
    }
    EXPECT_FALSE(parse_frame_header(std::string_view("5\0\0\0\0\0\0\0\0\0", 10), limit));
}

TEST(frame, length_over_the_limit) {
    EXPECT_EQ(parse_frame_header("16384     ", limit), limit);
    EXPECT_EQ(parse_frame_header("16385     ", limit).error(), frame_error::too_long);
    EXPECT_EQ(parse_frame_header("9999999999", limit).error(), frame_error::too_long);
}

TEST(frame, written_left_aligned) {
    std::string out;
    append_frame(out, "ciao");
    append_frame(out, "");
    EXPECT_EQ(out, "4         ciao0         ");
}

TEST(frame, the_header_is_judged_before_the_body_comes) {
    EXPECT_EQ(split_frame("9999999999", limit).error(), frame_error::too_long);
    EXPECT_EQ(split_frame("hello worl", limit).error(), frame_error::not_a_length);
    EXPECT_FALSE(split_frame("hello wor", limit)->complete);
}

// Property: any bodies, written and then read in pieces of any size, come back the same.
TEST(frame, round_trip_in_any_pieces) {
    std::mt19937 random(42);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> bodies(random() % 8);
        std::string bytes;
        for (auto& body : bodies) {
            body.resize(random() % 3 == 0 ? random() % 3000 : random() % 20);
            for (auto& c : body) c = static_cast<char>(random());
            append_frame(bytes, body);
        }
        std::string pending;
        std::vector<std::string> read;
        for (std::size_t at = 0; at < bytes.size();) {
            const auto n = std::min<std::size_t>(1 + random() % 700, bytes.size() - at);
            pending.append(bytes, at, n);
            at += n;
            for (;;) {
                const auto split = split_frame(pending, limit);
                ASSERT_TRUE(split);
                if (!split->complete) break;
                read.emplace_back(split->body);
                pending.erase(0, split->consumed);
            }
        }
        EXPECT_EQ(read, bodies);
        EXPECT_TRUE(pending.empty());
    }
}

}  // namespace
}  // namespace brusio::wire
