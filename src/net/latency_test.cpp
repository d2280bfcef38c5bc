#include "net/latency.hpp"

#include <gtest/gtest.h>

namespace brusio::net {
namespace {

TEST(latency, figures_are_right_to_an_eighth) {
    for (const std::int64_t value : {0, 1, 7, 8, 9, 15, 16, 17, 100, 1000, 12'345, 1'000'000, 50'000'000}) {
        latency l;
        l.add(value, 3);
        const auto f = l.take();
        EXPECT_EQ(f.commands, 3U);
        EXPECT_EQ(f.p50, f.most);
        EXPECT_GE(static_cast<std::int64_t>(f.most), value);
        EXPECT_LE(static_cast<std::int64_t>(f.most), value + value / 8);
    }
}

TEST(latency, percentiles_count_commands) {
    latency l;
    l.add(10, 98);
    l.add(1000, 1);
    l.add(100'000, 1);
    const auto f = l.take();
    EXPECT_EQ(f.p50, 10U);
    EXPECT_GE(f.p99, 1000U);
    EXPECT_LT(f.p99, 2000U);
    EXPECT_GE(f.most, 100'000U);
}

TEST(latency, each_call_begins_anew_and_nothing_breaks_it) {
    latency l;
    l.add(-5, 1);
    l.add(INT64_MAX, 1);
    EXPECT_EQ(l.take().commands, 2U);
    EXPECT_EQ(l.take().commands, 0U);
}

}  // namespace
}  // namespace brusio::net
