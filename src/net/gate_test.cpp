#include "net/gate.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::net {
namespace {

TEST(gate, closes_over_the_mark_and_opens_under_half_of_it) {
    int opened = 0;
    gate g([&] { ++opened; });
    meter m(g, 10);
    m.add(10);
    EXPECT_TRUE(g.open());
    m.add(1);
    EXPECT_FALSE(g.open());
    m.subtract(5);
    EXPECT_FALSE(g.open());
    m.subtract(1);
    EXPECT_TRUE(g.open());
    EXPECT_EQ(opened, 1);
}

TEST(gate, any_of_the_meters_keeps_it_closed) {
    int opened = 0;
    gate g([&] { ++opened; });
    meter a(g, 1);
    meter b(g, 1);
    a.add(2);
    b.add(2);
    a.subtract(2);
    EXPECT_FALSE(g.open());
    b.subtract(2);
    EXPECT_TRUE(g.open());
    EXPECT_EQ(opened, 1);
}

// However adding and taking meet, a gate is open when nothing is left: otherwise nobody would read again.
TEST(gate, is_open_when_all_threads_are_done) {
    for (int round = 0; round < 50; ++round) {
        gate g([] {});
        meter m(g, 3);
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 500; ++i) {
                    m.add(2);
                    m.subtract(2);
                }
            });
        }
        threads.clear();
        EXPECT_TRUE(g.open());
        EXPECT_EQ(m.level(), 0);
    }
}

}  // namespace
}  // namespace brusio::net
