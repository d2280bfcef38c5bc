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
