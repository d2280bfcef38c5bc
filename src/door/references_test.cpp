#include "door/references.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace brusio::door {
namespace {

TEST(references, A_time_is_read_as_server_time_writes_it) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:00.000Z"), 0);
    EXPECT_EQ(parse_time("2026-11-23T08:24:31.123Z"), 1'795'422'271'123);
    EXPECT_EQ(parse_time("2024-02-29T23:59:59.999Z"), 1'709'251'199'999);
    EXPECT_EQ(parse_time("2026-11-23T08:24:31Z"), 1'795'422'271'000);
    EXPECT_EQ(parse_time("2026-11-23T08:24:31.1Z"), 1'795'422'271'100);
    EXPECT_EQ(parse_time("2026-11-23T08:24:31.123456789Z"), 1'795'422'271'123);
    EXPECT_EQ(parse_time("2016-12-31T23:59:60.500Z"), parse_time("2017-01-01T00:00:00.500Z"));
}

TEST(references, What_is_no_time_is_none) {
    for (const auto* text : {"",
                             "*",
                             "not-a-timestamp",
                             "2026-11-23",
                             "2026-11-23T08:24:31.123",
                             "2026-11-23T08:24:31.123z",
                             "2026-11-23 08:24:31.123Z",
                             "2026-13-01T00:00:00.000Z",
                             "2026-02-29T00:00:00.000Z",
                             "2026-00-10T00:00:00.000Z",
                             "2026-11-31T00:00:00.000Z",
                             "2026-11-23T24:00:00.000Z",
                             "2026-11-23T08:60:31.123Z",
                             "2026-11-23T08:24:61.123Z",
                             "2026-11-23T08:24:31.Z",
                             "2026-11-23T08:24:31.1234567890Z",
                             "1969-12-31T23:59:59.999Z",
                             "2026-11-23T08:24:31.123Z ",
                             "+026-11-23T08:24:31.123Z",
                             "2026-11-23T08:24:31.123+01:00"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_day("2026-11-23T"), std::nullopt);
    EXPECT_EQ(parse_day("2026-11-23"), parse_time("2026-11-23T00:00:00.000Z"));
}

TEST(references, A_msgid_is_thirteen_letters_of_ours) {
    EXPECT_EQ(parse_msgid("2222222222223"), chat::message_id{1});
    EXPECT_EQ(parse_msgid("bzzzzzzzzzzzz")->value, std::numeric_limits<std::int64_t>::max());
    for (const auto* text : {"", "3", "2222222222222", "22222222222233", "2222222222221", "A222222222223",
                             "czzzzzzzzzzzz", "zzzzzzzzzzzzz", "nonexistent123"}) {
        EXPECT_EQ(parse_msgid(text), std::nullopt) << text;
    }
}

TEST(references, Msgids_sort_as_the_messages_do) {
    std::string last;
    for (std::uint64_t id = 1; id < std::uint64_t{1} << 62U; id += id / 3 + 1) {
        const auto text = msgid_text({id});
        EXPECT_LT(last, text);
        EXPECT_EQ(parse_msgid(text)->value, id);
        last = text;
    }
}

TEST(references, Ids_of_a_millisecond_lie_between_its_bounds) {
    EXPECT_EQ(first_of(5).value, 5U << 16U);
    EXPECT_EQ(last_of(5).value, (6U << 16U) - 1);
    EXPECT_EQ(first_of(-5).value, 0U);
    EXPECT_EQ(time_of(last_of(1'795'422'271'123)), 1'795'422'271'123);
    EXPECT_EQ(last_of(std::numeric_limits<std::int64_t>::max()).value,
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace
}  // namespace brusio::door
