#include "brusiod/units.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

using std::chrono::milliseconds;

TEST(units, sizes) {
    const std::pair<std::string_view, std::uint64_t> good[] = {
        {"0", 0},
        {"16384", 16384},
        {"1 MiB", 1048576},
        {"1MiB", 1048576},
        {"256 KiB", 262144},
        {"10 MB", 10000000},
        {"3 kB", 3000},
        {"3 KB", 3000},
        {"7 B", 7},
        {"2 GB", 2000000000},
        {"2 GiB", 2147483648ULL},
        {"  5\tKiB ", 5120},
        {"1024 GiB", 1ULL << 40U},
    };
    for (const auto& [text, bytes] : good) {
        const auto got = parse_size(text);
        ASSERT_TRUE(got) << text << ": " << got.error().text;
        EXPECT_EQ(*got, bytes) << text;
    }
}

TEST(units, wrong_sizes) {
    for (std::string_view text :
         {"", " ", "MiB", "-1", "+1", "1.5 MiB", "1 Mb", "1 mib", "1 TiB", "0x10", "1 M iB", "ten"}) {
        const auto got = parse_size(text);
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().text,
                  fmt::format("\"{}\" is not a size; write \"1 MiB\", \"256 KiB\", \"10 MB\" or a number "
                              "of bytes",
                              text));
    }
    for (std::string_view text :
         {"1025 GiB", "99999999999999999999", "99999999999999999999 B", "18446744073709551615 KB"}) {
        const auto got = parse_size(text);
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().text, fmt::format("\"{}\" is too large a size; at most 1 TiB", text));
    }
    EXPECT_EQ(parse_size("\x1b[2J").error().text.find('\x1b'), std::string::npos);
}

TEST(units, times) {
    const std::pair<std::string_view, std::int64_t> good[] = {
        {"0", 0},        {"20", 20000},       {"20s", 20000},  {"500ms", 500},  {"2m", 120000},
        {"1h", 3600000}, {"1.5", 1500},       {"1.5s", 1500},  {"0.5 ms", 1},   {"0.0001s", 1},
        {"0s", 0},       {"30d", 2592000000}, {" 3 s ", 3000}, {"4.35s", 4350}, {"2w", 1209600000},
    };
    for (const auto& [text, ms] : good) {
        const auto got = parse_duration(text);
        ASSERT_TRUE(got) << text << ": " << got.error().text;
        EXPECT_EQ(*got, milliseconds(ms)) << text;
    }
}

TEST(units, wrong_times) {
    for (std::string_view text :
         {"", "s", "-1s", "20 sec", "1y", "1W", "1D", "inf", "nan", "1e3", "1h30m", ".5s", "0x10"}) {
        const auto got = parse_duration(text);
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().text,
                  fmt::format("\"{}\" is not a time; write \"20s\", \"500ms\", \"2m\", \"1h\", \"30d\" or a number "
                              "of seconds",
                              text));
    }
    EXPECT_EQ(parse_duration("366d").error().text, "a time can be at most 365 days");
    EXPECT_EQ(parse_duration(std::string(400, '9')).error().text, "a time can be at most 365 days");
    EXPECT_EQ(duration_from_seconds(-0.5).error().text, "a time cannot be negative");
    EXPECT_EQ(duration_from_seconds(std::nan("")).error().text, "a time must be a number");
    EXPECT_EQ(duration_from_seconds(INFINITY).error().text, "a time can be at most 365 days");
    EXPECT_EQ(*duration_from_seconds(2.5), milliseconds(2500));
}

TEST(units, a_time_may_be_longer_where_that_is_said) {
    using std::chrono::days;
    EXPECT_EQ(parse_duration("53w").error().text, "a time can be at most 365 days");
    EXPECT_EQ(*parse_duration("53w", days(400)), days(371));
    EXPECT_EQ(*parse_duration("400d", days(400)), days(400));
    EXPECT_EQ(parse_duration("401d", days(400)).error().text, "a time can be at most 400 days");
}

}  // namespace
}  // namespace brusio::brusiod
