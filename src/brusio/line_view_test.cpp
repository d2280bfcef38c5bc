#include "brusio/line_view.hpp"

#include <set>

#include <gtest/gtest.h>

namespace brusio::client {
namespace {

TEST(line_view, plain) {
    EXPECT_EQ(render({"mario", "ciao"}, {}), "mario > ciao\n");
    EXPECT_EQ(render({"mario", ""}, {}), "mario > \n");
    EXPECT_EQ(render({"Mario Rossi", "perché no? 日本 🙂"}, {}), "Mario Rossi > perché no? 日本 🙂\n");
}

TEST(line_view, nobody_can_fake_a_line) {
    EXPECT_EQ(render({"eva", "ciao\nmario > I resign\r\nmario > really"}, {}),
              "eva > ciao\n      | mario > I resign\n      | mario > really\n");
    EXPECT_EQ(render({"eva", "ciao\rmario > x"}, {}), "eva > ciao␍mario > x\n");
    EXPECT_EQ(render({"eva",
                      "a\xC2\x85"
                      "b\xE2\x80\xA8"
                      "c"},
                     {}),
              "eva > a\uFFFDb\uFFFDc\n");
    EXPECT_EQ(render({"mario > I resign", "x"}, {}), "mario › I resign > x\n");
    EXPECT_EQ(render({"a\nmario", "x"}, {}), "a␊mario > x\n");
}

TEST(line_view, a_line_end_at_the_end_is_dropped) {
    EXPECT_EQ(render({"a", "x\n"}, {}), "a > x\n");
    EXPECT_EQ(render({"a", "x\r\n"}, {}), "a > x\n");
    EXPECT_EQ(render({"a", "x\n\n"}, {}), "a > x\n      | \n");
}

TEST(line_view, escapes_do_not_reach_the_terminal) {
    const auto shown = render({"\x1B[31mm", "\x1B]0;title\x07 \xFF"}, {});
    EXPECT_EQ(shown, "␛[31mm > ␛]0;title␇ \uFFFD\n");
}

TEST(line_view, raw_is_raw) { EXPECT_EQ(render({"a\x1B", "x\ny\xFF\r\n"}, {.raw = true}), "a\x1B > x\ny\xFF\r\n\n"); }

TEST(line_view, colours_are_stable_and_few) {
    std::set<int> seen;
    for (int i = 0; i < 200; ++i) seen.insert(colour_of("user" + std::to_string(i)));
    EXPECT_EQ(seen, (std::set<int>{31, 32, 35, 36, 91, 94}));
    EXPECT_EQ(colour_of("mario"), colour_of("mario"));
    EXPECT_EQ(render({"mario", "ciao"}, {.colour = true}),
              "\x1B[" + std::to_string(colour_of("mario")) + "mmario\x1B[39m > ciao\n");
}

}  // namespace
}  // namespace brusio::client
