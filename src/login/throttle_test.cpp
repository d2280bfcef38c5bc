#include "login/throttle.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::login {
namespace {

using address = throttle::address;

address ipv4(std::uint32_t n) {
    return {0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xFF,
            0xFF,
            static_cast<std::uint8_t>(n >> 24),
            static_cast<std::uint8_t>(n >> 16),
            static_cast<std::uint8_t>(n >> 8),
            static_cast<std::uint8_t>(n)};
}

address ipv6(std::uint32_t prefix, std::uint32_t host) {
    address a{0x20, 0x01};
    for (std::size_t i = 0; i < 4; ++i) {
        a[4 + i] = static_cast<std::uint8_t>(prefix >> (24 - 8 * i));
        a[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
    }
    return a;
}

const address home = ipv4(1);

// Fails until it is told to stop: how often that was.
int fails(throttle& t, const address& from, std::string_view account, std::int64_t now, bool exempt = false,
          bool device = false) {
    int n = 0;
    while (n < 1000 && t.allowed(from, exempt, account, device, now)) {
        t.failed(from, exempt, account, device, now);
        ++n;
    }
    return n;
}

TEST(throttle, an_address_may_fail_ten_times_then_once_each_six_seconds) {
    throttle t;
    EXPECT_EQ(fails(t, home, "", 1000), 10);
    EXPECT_EQ(fails(t, home, "", 6999), 0);
    EXPECT_EQ(fails(t, home, "", 7000), 1);
    EXPECT_EQ(fails(t, home, "", 12'999), 0);
    EXPECT_EQ(fails(t, home, "", 25'000), 3);
    EXPECT_EQ(fails(t, home, "", 1'000'000), 10) << "no more than that is saved";
    EXPECT_EQ(fails(t, ipv4(2), "", 1000), 10) << "another address";
}

TEST(throttle, another_account_is_no_way_out_for_an_address) {
    throttle t;
    int n = 0;
    for (int i = 0; i < 100; ++i) {
        const auto account = "a" + std::to_string(i);
        if (!t.allowed(home, false, account, false, 0)) continue;
        t.failed(home, false, account, false, 0);
        ++n;
    }
    EXPECT_EQ(n, 10);
}

TEST(throttle, an_ipv6_network_of_64_bits_is_one_address) {
    throttle t;
    int n = 0;
    for (std::uint32_t host = 0; host < 100; ++host) n += fails(t, ipv6(7, host), "", 0);
    EXPECT_EQ(n, 10);
    EXPECT_EQ(fails(t, ipv6(8, 0), "", 0), 10);
    EXPECT_EQ(t.addresses(), 2U);
}

TEST(throttle, strangers_may_fail_an_account_thirty_times_then_once_each_ten_seconds) {
    throttle t;
    int n = 0;
    for (std::uint32_t i = 0; i < 100; ++i) n += fails(t, ipv4(i), "alice", 0);
    EXPECT_EQ(n, 30);
    EXPECT_FALSE(t.allowed(ipv4(1000), false, "alice", false, 9'999));
    EXPECT_EQ(fails(t, ipv4(1000), "alice", 10'000), 1);
    EXPECT_TRUE(t.allowed(ipv4(1000), false, "bob", false, 10'000));
}

TEST(throttle, nobody_locks_somebody_else_out) {
    throttle t;
    t.succeeded(home, false, "alice", false, 0);
    for (std::uint32_t i = 10; i < 100; ++i) fails(t, ipv4(i), "alice", 0);
    EXPECT_FALSE(t.allowed(ipv4(2), false, "alice", false, 0)) << "a stranger must wait";
    EXPECT_TRUE(t.allowed(home, false, "alice", false, 0)) << "who was here before need not";
    EXPECT_TRUE(t.allowed(ipv4(2), false, "alice", true, 0)) << "nor who has shown a token";
    EXPECT_EQ(fails(t, home, "alice", 0), 10) << "but no address fails for ever";
    EXPECT_FALSE(t.allowed(home, false, "alice", true, 0));
}

TEST(throttle, an_exempt_address_is_only_stopped_for_the_account) {
    throttle t;
    EXPECT_EQ(fails(t, home, "alice", 0, true), 30);
    EXPECT_EQ(fails(t, home, "bob", 0, true), 30);
    EXPECT_EQ(t.addresses(), 0U);
    EXPECT_EQ(fails(t, home, "", 0, true), 1000) << "no account, no address: nothing to count";
}

TEST(throttle, who_shares_an_exempt_address_with_the_owner_cannot_guess_for_ever) {
    throttle t;
    t.succeeded(home, true, "alice", false, 0);
    EXPECT_EQ(fails(t, home, "alice", 0, true), 30);
    EXPECT_EQ(fails(t, home, "alice", 10'000, true), 1);
    EXPECT_EQ(fails(t, ipv4(2), "alice", 0), 10) << "and takes nothing from the strangers";
}

TEST(throttle, a_success_forgives_nothing) {
    throttle t;
    for (int i = 0; i < 9; ++i) t.failed(home, false, "alice", false, 0);
    t.succeeded(home, false, "mallory", false, 0);
    EXPECT_EQ(fails(t, home, "alice", 0), 1);
    for (int i = 0; i < 30; ++i) t.failed(home, true, "bob", false, 0);
    t.succeeded(home, true, "bob", false, 0);
    t.succeeded(home, true, "bob", false, 0);
    EXPECT_FALSE(t.allowed(ipv4(2), false, "bob", false, 0));
    EXPECT_EQ(fails(t, home, "bob", 0, true), 30);
    t.succeeded(home, true, "bob", false, 0);
    EXPECT_EQ(fails(t, home, "bob", 0, true), 0) << "of the address's own count, too";
}

TEST(throttle, checks_at_the_same_time_are_paid_for_later) {
    throttle t;
    for (int i = 0; i < 15; ++i) ASSERT_TRUE(t.allowed(home, false, "", false, 0));
    for (int i = 0; i < 15; ++i) t.failed(home, false, "", false, 0);
    EXPECT_FALSE(t.allowed(home, false, "", false, 35'999));
    EXPECT_TRUE(t.allowed(home, false, "", false, 36'000));
    for (int i = 0; i < 100'000; ++i) t.failed(home, false, "", false, 0);
    EXPECT_TRUE(t.allowed(home, false, "", false, 66'000)) << "but not for ever";
}

TEST(throttle, the_last_sixteen_places_of_an_account_are_known) {
    throttle t;
    for (std::uint32_t i = 0; i < 16; ++i) t.succeeded(ipv6(i, 1), false, "alice", false, 0);
    t.succeeded(ipv6(0, 2), false, "alice", false, 0);  // the same network again: the latest now
    EXPECT_TRUE(t.known_prefix("alice", ipv6(1, 9)));
    t.succeeded(ipv6(16, 1), false, "alice", false, 0);
    EXPECT_TRUE(t.known_prefix("alice", ipv6(0, 9)));
    EXPECT_FALSE(t.known_prefix("alice", ipv6(1, 1))) << "the one that was not used for longest";
    for (std::uint32_t i = 2; i <= 16; ++i) EXPECT_TRUE(t.known_prefix("alice", ipv6(i, 1))) << i;
    EXPECT_FALSE(t.known_prefix("bob", ipv6(0, 1)));
    EXPECT_FALSE(t.known_prefix("", ipv6(0, 1)));
    t.forget_account("alice");
    t.forget_account("bob");
    EXPECT_FALSE(t.known_prefix("alice", ipv6(16, 1)));
    EXPECT_EQ(t.known_accounts(), 0U);
}

TEST(throttle, the_accounts_longest_not_seen_are_forgotten_first) {
    throttle t({.known_accounts = 3});
    for (const char* name : {"a", "b", "c", "a", "d"}) t.succeeded(home, false, name, false, 0);
    EXPECT_EQ(t.known_accounts(), 3U);
    EXPECT_TRUE(t.known_prefix("a", home));
    EXPECT_FALSE(t.known_prefix("b", home));
    EXPECT_TRUE(t.known_prefix("c", home));
    EXPECT_TRUE(t.known_prefix("d", home));
}

TEST(throttle, filling_the_table_frees_nobody) {
    throttle t({.addresses = 100});
    EXPECT_EQ(fails(t, home, "", 0), 10);
    for (std::uint32_t i = 10; i < 500; ++i) t.failed(ipv4(i), false, "", false, 0);
    EXPECT_EQ(t.addresses(), 100U);
    EXPECT_FALSE(t.allowed(home, false, "", false, 0)) << "who has failed most is forgotten last";
    // 99 full counts, and a guesser whose own count would be the smallest each time.
    throttle full({.addresses = 100});
    for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(fails(full, ipv4(i), "", 0), 10);
    int n = 0;
    for (int round = 0; round < 100; ++round) {
        for (std::uint32_t i = 200; i < 202; ++i) n += fails(full, ipv4(i), "", 0);
    }
    EXPECT_LE(n, 4);
}

TEST(throttle, what_is_forgotten_makes_room) {
    throttle t({.addresses = 100});
    for (std::uint32_t i = 0; i < 100; ++i) fails(t, ipv4(i), "", 0);
    EXPECT_EQ(fails(t, ipv4(200), "", 60'000), 10) << "nothing is taken over from counts that are over";
    EXPECT_LE(t.addresses(), 100U);
}

// Against a plain model that forgets nothing: with room for everybody the throttle says exactly the same.
TEST(throttle, says_what_a_plain_model_says) {
    struct bucket {
        double debt = 0;
        std::int64_t last = 0;
        double at(std::int64_t now, double each) const { return std::max(0.0, debt - double(now - last) / each); }
        bool allowed(std::int64_t now, double each, double burst) const { return at(now, each) <= burst - 1 + 1e-9; }
        void fail(std::int64_t now, double each, double burst) {
            debt = std::max(at(now, each), std::min(at(now, each) + 1, 2 * burst));
            last = now;
        }
    };
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random(seed);  // NOLINT: the same each time
        throttle t;
        std::map<std::uint32_t, bucket> addresses;
        std::map<std::string, bucket> accounts;
        std::map<std::pair<std::string, std::uint32_t>, bucket> known;
        std::int64_t now = 5'000'000;
        int refused = 0;
        const auto host = [&] { return static_cast<std::uint32_t>(random()); };
        for (int step = 0; step < 20'000; ++step) {
            now += random() % 8 == 0 ? static_cast<std::int64_t>(random() % 6000) : 0;
            const auto from = static_cast<std::uint32_t>(random() % 12);
            const auto account = random() % 8 == 0 ? std::string() : "a" + std::to_string(random() % 5);
            const bool exempt = from < 3;
            const bool device = random() % 10 == 0;
            const auto place = known.find({account, from});
            const bool is_known = place != known.end();
            bool expected = exempt || addresses[from].allowed(now, 6000, 10);
            if (!device && !account.empty()) {
                expected = expected && (is_known ? place->second : accounts[account]).allowed(now, 10'000, 30);
            }
            ASSERT_EQ(t.known_prefix(account, ipv6(from, 0)), is_known);
            ASSERT_EQ(t.allowed(ipv6(from, host()), exempt, account, device, now), expected) << step;
            refused += expected ? 0 : 1;
            if (expected && random() % 400 == 0) {
                t.succeeded(ipv6(from, host()), exempt, account, device, now);
                if (!account.empty()) known.try_emplace({account, from});
            } else if (expected || random() % 20 == 0) {  // some come late
                t.failed(ipv6(from, host()), exempt, account, device, now);
                if (!exempt) addresses[from].fail(now, 6000, 10);
                if (!device && !account.empty()) {
                    (is_known ? known[{account, from}] : accounts[account]).fail(now, 10'000, 30);
                }
            }
        }
        EXPECT_GT(refused, 1000) << "the test must come this far";
    }
}

// With tables far too small: bounded, and still nobody fails more than the limit while they are in it.
TEST(throttle, stays_within_its_bounds_whatever_comes) {
    for (unsigned seed = 0; seed < 10; ++seed) {
        std::mt19937 random(seed);  // NOLINT: the same each time
        throttle t({.addresses = 20, .accounts = 10, .known_accounts = 5, .known_prefixes = 3});
        std::int64_t now = 0;
        int all = 0;
        for (int step = 0; step < 20'000; ++step) {
            now += random() % 50;
            const auto from = ipv4(random() % 200);
            const auto account = "a" + std::to_string(random() % 100);
            if (!t.allowed(from, false, account, false, now)) continue;
            ++all;
            if (random() % 4 == 0) {
                t.succeeded(from, false, account, false, now);
                ASSERT_TRUE(t.known_prefix(account, from));
            } else {
                t.failed(from, false, account, false, now);
            }
            ASSERT_LE(t.addresses(), 20U);
            ASSERT_LE(t.accounts(), 10U);
            ASSERT_LE(t.known_accounts(), 5U);
        }
        EXPECT_GT(all, 100);
    }
}

TEST(throttle, holds_ten_thousand_and_no_more) {
    throttle t;
    for (std::uint32_t i = 0; i < 12'000; ++i) {
        t.failed(ipv4(i), false, "a" + std::to_string(i), false, i % 3);
        t.succeeded(ipv4(i), false, "b" + std::to_string(i), false, 0);
    }
    EXPECT_EQ(t.addresses(), 10'000U);
    EXPECT_EQ(t.accounts(), 10'000U);
    EXPECT_EQ(t.known_accounts(), 10'000U);
}

TEST(throttle, places_are_known_again_by_the_name_that_they_had) {
    const throttle before({}, "a key");
    throttle t({}, "a key");
    const auto home = ipv4(7);
    t.know("alice", before.place(home));
    EXPECT_TRUE(t.known_prefix("alice", home));
    EXPECT_FALSE(t.known_prefix("alice", ipv4(8)));
    EXPECT_FALSE(t.known_prefix("bob", home));
    EXPECT_EQ(before.place(ipv6(1, 1)), before.place(ipv6(1, 2))) << "of one prefix";
    EXPECT_NE(before.place(home), throttle({}, "another key").place(home))
        << "nobody without the key knows where it is";
    for (const auto* bad : {"", "no hex", "0123", "0123456789abcdef0123456789abcdef00"}) t.know("bob", bad);
    EXPECT_EQ(t.known_accounts(), 1U);
}

}  // namespace
}  // namespace brusio::login
