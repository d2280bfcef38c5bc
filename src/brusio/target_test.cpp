#include "brusio/target.hpp"

#include <gtest/gtest.h>

namespace brusio::client {
namespace {

target host(std::optional<std::string> name, std::string where, std::uint16_t port) {
    return target{std::move(name), std::move(where), port, ""};
}

TEST(target, hosts) {
    EXPECT_EQ(parse_target("example.org"), host({}, "example.org", 1234));
    EXPECT_EQ(parse_target("example.org:99"), host({}, "example.org", 99));
    EXPECT_EQ(parse_target("bob@example.org:99"), host("bob", "example.org", 99));
    EXPECT_EQ(parse_target("[::1]"), host({}, "::1", 1234));
    EXPECT_EQ(parse_target("bob@[fe80::1%lo]:7"), host("bob", "fe80::1%lo", 7));
}

TEST(target, names_have_blanks_and_at_signs) {
    EXPECT_EQ(parse_target("Mario Rossi@localhost"), host("Mario Rossi", "localhost", 1234));
    EXPECT_EQ(parse_target("mario@home@localhost"), host("mario@home", "localhost", 1234));
}

TEST(target, unix_sockets) {
    auto found = parse_target("unix:/run/a@b");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, "/run/a@b");
    EXPECT_FALSE(found->name);
    found = parse_target("a@b@unix:/run/x@unix:y");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "a@b");
    EXPECT_EQ(found->path, "/run/x@unix:y");
    EXPECT_EQ(describe(*found), "unix:/run/x@unix:y");
}

TEST(target, bad_ones_are_told_in_a_sentence) {
    for (const auto* bad : {"", "bob@", "@host", "  @host", ":1234", "host:", "host:0", "host:65536", "host:12x", "::1",
                            "[::1", "[host]:1", "[::1]x", "unix:", "bob@unix:", "a b", "http://x", "host:+5"}) {
        const auto found = parse_target(bad);
        ASSERT_FALSE(found) << bad;
        EXPECT_FALSE(found.error().text.empty()) << bad;
        EXPECT_NE(found.error().text.back(), '.') << bad;
    }
    EXPECT_FALSE(parse_target("unix:" + std::string(200, 'x')));
    EXPECT_EQ(parse_target("::1").error().text, "write an IPv6 address in brackets: [::1]:1234");
}

TEST(target, described) {
    EXPECT_EQ(describe(target{}), "127.0.0.1:1234");
    EXPECT_EQ(describe(*parse_target("x@[::1]:5")), "[::1]:5");
}

}  // namespace
}  // namespace brusio::client
