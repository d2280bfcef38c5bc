#include "brusio/pairs.hpp"

#include <gtest/gtest.h>

#include "wire/frame.hpp"

namespace brusio::client {
namespace {

TEST(pairs, in_any_pieces) {
    std::string bytes;
    for (const auto* body : {"mario", "ciao", "lucia", "", "", "x"}) wire::append_frame(bytes, body);
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        pair_reader reader;
        std::vector<pair> got;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            reader.append(std::string_view(bytes).substr(at, piece));
            for (;;) {
                auto next = reader.next();
                ASSERT_TRUE(next);
                if (!*next) break;
                got.push_back(**next);
            }
        }
        EXPECT_EQ(got, (std::vector<pair>{{"mario", "ciao"}, {"lucia", ""}, {"", "x"}}));
        EXPECT_FALSE(reader.in_the_middle());
    }
}

TEST(pairs, unfinished_ones_are_known) {
    pair_reader reader;
    EXPECT_FALSE(reader.in_the_middle());
    std::string name;
    wire::append_frame(name, "mario");
    reader.append(name);
    EXPECT_FALSE(reader.next().value());
    EXPECT_TRUE(reader.in_the_middle());
}

TEST(pairs, what_is_not_the_protocol) {
    for (std::string_view bad : {"HTTP/1.1 400", "9999999999", "67108865  ", "\x15\x03\x01\x00"}) {
        pair_reader reader;
        reader.append(bad);
        EXPECT_FALSE(reader.next()) << bad;
    }
    pair_reader large;
    large.append("67108864  ");
    EXPECT_TRUE(large.next());
}

TEST(pairs, explanations_and_quit) {
    EXPECT_TRUE((pair{"s", "Closing: the name is taken"}).explains());
    EXPECT_FALSE((pair{"s", "Closing the door"}).explains());
    EXPECT_TRUE(is_quit("/quit"));
    EXPECT_TRUE(is_quit("/quit bye"));
    EXPECT_FALSE(is_quit("/quitter"));
    EXPECT_FALSE(is_quit(" /quit"));
}

}  // namespace
}  // namespace brusio::client
