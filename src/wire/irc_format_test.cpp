#include "wire/irc_format.hpp"

#include <gtest/gtest.h>

namespace brusio::wire {
namespace {

TEST(irc_format, switches_go_and_text_stays) {
    EXPECT_EQ(strip_formatting("\x02"
                               "b\x1d"
                               "i\x1f"
                               "u\x1e"
                               "s\x11"
                               "m\x16"
                               "r\x0f"
                               "o"),
              "biusmro");
    EXPECT_EQ(strip_formatting("caffè, 12"), "caffè, 12");
    EXPECT_EQ(strip_formatting(""), "");
    EXPECT_EQ(strip_formatting("\x01"
                               "ACTION waves\x01\x07"),
              "\x01"
              "ACTION waves\x01\x07");
}

TEST(irc_format, colours_take_their_digits) {
    EXPECT_EQ(strip_formatting("\x03"
                               "4red\x03"),
              "red");
    EXPECT_EQ(strip_formatting("\x03"
                               "04,12x"),
              "x");
    EXPECT_EQ(strip_formatting("\x03"
                               "123,456"),
              "3,456");
    EXPECT_EQ(strip_formatting("\x03"
                               "12,345"),
              "5");
    EXPECT_EQ(strip_formatting("\x03"
                               "4,x"),
              ",x");
    EXPECT_EQ(strip_formatting("\x03,4"), ",4");
    EXPECT_EQ(strip_formatting("\x03"
                               "4,"),
              ",");
    EXPECT_EQ(strip_formatting("\x03"), "");
}

TEST(irc_format, hexadecimal_colours_take_six_digits) {
    EXPECT_EQ(strip_formatting("\x04"
                               "ff00FFx"),
              "x");
    EXPECT_EQ(strip_formatting("\x04"
                               "ff00FF,0102033"),
              "3");
    EXPECT_EQ(strip_formatting("\x04"
                               "ff00F"),
              "ff00F");
    EXPECT_EQ(strip_formatting("\x04"
                               "ff00ff,12345"),
              ",12345");
}

}  // namespace
}  // namespace brusio::wire
