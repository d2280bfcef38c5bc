#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace brusio::base {
namespace {

TEST(token_bucket, burst_then_rate) {
    token_bucket bucket;
    const rate_limit limit{2, 10};
    std::int64_t now = 1'000'000;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(bucket.take(limit, now)) << i;
    EXPECT_FALSE(bucket.take(limit, now));
    const auto wait = bucket.wait_ms(limit, now);
    EXPECT_GE(wait, 500);
    EXPECT_LE(wait, 502);
    EXPECT_FALSE(bucket.take(limit, now + wait - 2));
    EXPECT_TRUE(bucket.take(limit, now + wait));
    EXPECT_FALSE(bucket.take(limit, now + wait));
}

TEST(token_bucket, what_costs_more_than_the_burst_begins_with_one_token_and_the_next_waits_for_its_debt) {
    token_bucket bucket;
    const rate_limit limit{10, 4};
    std::int64_t now = 1'000'000;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(limit, now));
    EXPECT_TRUE(bucket.take(limit, now, 20));  // there was one left: 19 are owed
    EXPECT_FALSE(bucket.take(limit, now));
    const auto wait = bucket.wait_ms(limit, now);
    EXPECT_GE(wait, 2000);
    EXPECT_LE(wait, 2002);
    EXPECT_FALSE(bucket.take(limit, now + wait - 2, 20));
    EXPECT_TRUE(bucket.take(limit, now + wait, 20));
}

TEST(token_bucket, no_more_than_the_burst_is_saved) {
    token_bucket bucket;
    const rate_limit limit{2, 3};
    EXPECT_TRUE(bucket.take(limit, 1));
    int taken = 0;
    while (bucket.take(limit, 1'000'000'000)) ++taken;
    EXPECT_EQ(taken, 3);
}

TEST(token_bucket, rate_zero_is_no_limit) {
    token_bucket bucket;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(bucket.take({0, 1}, 0));
    EXPECT_EQ(bucket.wait_ms({0, 1}, 0), 0);
}

}  // namespace
}  // namespace brusio::base
