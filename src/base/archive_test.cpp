#include "base/archive.hpp"

#include <gtest/gtest.h>

#include "base/ids.hpp"

namespace brusio::base {
namespace {

struct inner {
    std::string text;
    std::optional<std::int32_t> maybe;
    auto operator<=>(const inner&) const = default;
};
struct outer {
    session_id session;
    std::vector<inner> list;
    std::variant<std::string, inner> either;
    bool flag = false;
    auto operator<=>(const outer&) const = default;
};

outer sample() { return {{7, 1234567890123}, {{"uno", -5}, {"", std::nullopt}}, inner{"due", 3}, true}; }

TEST(archive, round_trip) { EXPECT_EQ(decode<outer>(encode(sample())), sample()); }

TEST(archive, every_cut_is_refused) {
    auto bytes = encode(sample());
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(decode<outer>(std::string_view(bytes).substr(0, n))) << n;
    EXPECT_FALSE(decode<outer>(bytes + "x"));
}

TEST(archive, a_length_that_lies_allocates_nothing) {
    std::string lie(8, '\xff');
    EXPECT_FALSE(decode<std::string>(lie));
    EXPECT_FALSE(decode<std::vector<std::uint64_t>>(lie));
}

TEST(archive, what_is_derived_is_neither_written_nor_compared) {
    struct kept {
        std::int32_t of = 0;
        derived<std::string> text;
        bool operator==(const kept&) const = default;
    };
    kept with{7, {}};
    *with.text = "seven";
    const kept without{7, {}};
    EXPECT_EQ(encode(with), encode(without));
    EXPECT_EQ(with, without);
    EXPECT_EQ(*decode<kept>(encode(with))->text, "");
}

}  // namespace
}  // namespace brusio::base
