#include "brusiod/address.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

address good_address(std::string_view text) {
    auto a = address::parse(text);
    EXPECT_TRUE(a) << text << ": " << a.error().text;
    return *a;
}

TEST(address, ipv4) {
    const auto a = good_address("127.0.0.1:1234");
    EXPECT_EQ(a.family(), AF_INET);
    EXPECT_EQ(a.size(), sizeof(sockaddr_in));
    EXPECT_EQ(a.text(), "127.0.0.1:1234");
    EXPECT_FALSE(a.any_port());
    EXPECT_EQ(a.port(), 1234);
    sockaddr_in in{};
    std::memcpy(&in, a.data(), sizeof in);
    EXPECT_EQ(ntohs(in.sin_port), 1234);
    EXPECT_EQ(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
    EXPECT_TRUE(good_address("0.0.0.0:0").any_port());
}

TEST(address, ipv6) {
    const auto a = good_address("[0:0::1]:65535");
    EXPECT_EQ(a.family(), AF_INET6);
    EXPECT_EQ(a.size(), sizeof(sockaddr_in6));
    EXPECT_EQ(a.text(), "[::1]:65535");
    EXPECT_EQ(a.port(), 65535);
    EXPECT_EQ(a, good_address("[::1]:65535"));
    EXPECT_FALSE(a == good_address("[::1]:65534"));
    sockaddr_in6 in{};
    std::memcpy(&in, a.data(), sizeof in);
    EXPECT_EQ(ntohs(in.sin6_port), 65535);
    EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&in.sin6_addr));
}

TEST(address, unix_path) {
    const auto a = good_address("unix:/run/brusio.sock");
    EXPECT_EQ(a.family(), AF_UNIX);
    EXPECT_EQ(a.text(), "unix:/run/brusio.sock");
    EXPECT_EQ(a.port(), 0);
    sockaddr_un un{};
    std::memcpy(&un, a.data(), a.size());
    EXPECT_STREQ(un.sun_path, "/run/brusio.sock");
    const auto longest = "unix:/" + std::string(106, 'x');
    EXPECT_EQ(good_address(longest).text(), longest);
    EXPECT_EQ(good_address(longest).size(), sizeof(sockaddr_un));
}

TEST(address, wrong_ones) {
    const std::pair<std::string, std::string_view> bad[] = {
        {"", "\"\" has no port; write 127.0.0.1:1234, [::1]:1234 or unix:/path"},
        {"1234", "\"1234\" has no port; write 127.0.0.1:1234, [::1]:1234 or unix:/path"},
        {"127.0.0.1", "\"127.0.0.1\" has no port; write 127.0.0.1:1234, [::1]:1234 or unix:/path"},
        {"[::1]", "\"[::1]\" has no port; write 127.0.0.1:1234, [::1]:1234 or unix:/path"},
        {":1234", "the address before the port is missing; for all addresses write 0.0.0.0 or [::]"},
        {"localhost:1234", "\"localhost\" is not an IP address; host names are not looked up here"},
        {"*:1234", "\"*\" is not an IP address; host names are not looked up here"},
        {"256.0.0.1:1234", "\"256.0.0.1\" is not an IPv4 address"},
        {"127.1:1234", "\"127.1\" is not an IPv4 address"},
        {"::1:1234", "\"::1:1234\" is not an address; an IPv6 address stands in brackets, as in [::1]:1234"},
        {"[127.0.0.1]:1234", "\"127.0.0.1\" is not an IPv6 address"},
        {"[::g]:1234", "\"::g\" is not an IPv6 address"},
        {"127.0.0.1:", "\"\" is not a port; ports are 0 to 65535"},
        {"127.0.0.1:65536", "\"65536\" is not a port; ports are 0 to 65535"},
        {"127.0.0.1:-1", "\"-1\" is not a port; ports are 0 to 65535"},
        {"127.0.0.1: 12", "\" 12\" is not a port; ports are 0 to 65535"},
        {"127.0.0.1:12x", "\"12x\" is not a port; ports are 0 to 65535"},
        {"unix:", "\"unix:\" needs a path, such as unix:/run/brusio.sock"},
        {"unix:@x", "abstract unix sockets are not supported; write a path, such as unix:/run/x.sock"},
        {"unix:/" + std::string(107, 'x'), "the path of a unix socket has at most 107 bytes"},
        {std::string("unix:/a\0b", 9), "the path of a unix socket cannot have a NUL character"},
        {std::string("127.0.0.1\0x:1", 13), "\"127.0.0.1␀x\" is not an IP address; host names are not looked up here"},
    };
    for (const auto& [text, message] : bad) {
        const auto a = address::parse(text);
        ASSERT_FALSE(a) << text;
        EXPECT_EQ(a.error().text, message);
    }
}

bool contains(std::string_view network, std::string_view ip_and_port) {
    const auto n = cidr::parse(network);
    EXPECT_TRUE(n) << network << ": " << n.error().text;
    return n->contains(good_address(ip_and_port).data());
}

TEST(cidr, contains) {
    EXPECT_TRUE(contains("127.0.0.0/8", "127.255.0.3:1"));
    EXPECT_FALSE(contains("127.0.0.0/8", "128.0.0.1:1"));
    EXPECT_TRUE(contains("10.1.2.3", "10.1.2.3:1"));
    EXPECT_FALSE(contains("10.1.2.3", "10.1.2.2:1"));
    EXPECT_TRUE(contains("10.1.2.2/31", "10.1.2.3:1"));
    EXPECT_FALSE(contains("10.1.2.2/31", "10.1.2.4:1"));
    EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8:1"));
    EXPECT_FALSE(contains("0.0.0.0/0", "[::1]:1"));
    EXPECT_TRUE(contains("::1", "[::1]:1"));
    EXPECT_FALSE(contains("::1", "[::2]:1"));
    EXPECT_TRUE(contains("2001:db8::/33", "[2001:db8:7fff::1]:1"));
    EXPECT_FALSE(contains("2001:db8::/33", "[2001:db8:8000::1]:1"));
    EXPECT_TRUE(contains("::/0", "[2001:db8::1]:1"));
    EXPECT_FALSE(contains("::/0", "8.8.8.8:1"));
    EXPECT_FALSE(contains("::/0", "unix:/x"));
}

TEST(cidr, mapped_ipv4_is_ipv4) {
    EXPECT_TRUE(contains("127.0.0.0/8", "[::ffff:127.0.0.1]:1"));
    EXPECT_FALSE(contains("127.0.0.0/8", "[::ffff:128.0.0.1]:1"));
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.9.9.9:1"));
    EXPECT_EQ(*cidr::parse("::ffff:10.0.0.0/104"), *cidr::parse("10.0.0.0/8"));
}

TEST(cidr, text) {
    for (std::string_view text : {"127.0.0.0/8", "10.1.2.3", "::1", "2001:db8::/32", "::/0", "0.0.0.0/0"}) {
        EXPECT_EQ(cidr::parse(text)->text(), text);
    }
    EXPECT_EQ(cidr::parse("10.1.2.3/32")->text(), "10.1.2.3");
    EXPECT_EQ(cidr::parse("0:0::1/128")->text(), "::1");
}

TEST(cidr, wrong_ones) {
    const std::pair<std::string, std::string_view> bad[] = {
        {"", "\"\" is not a network; write 127.0.0.0/8, ::1 or 2001:db8::/32"},
        {"localhost", "\"localhost\" is not a network; write 127.0.0.0/8, ::1 or 2001:db8::/32"},
        {"[::1]", "\"[::1]\" is not a network; write 127.0.0.0/8, ::1 or 2001:db8::/32"},
        {"127.0.0.0/33", "\"127.0.0.0/33\" is not a network: after the / comes a number from 0 to 32"},
        {"127.0.0.0/", "\"127.0.0.0/\" is not a network: after the / comes a number from 0 to 32"},
        {"127.0.0.0/-1", "\"127.0.0.0/-1\" is not a network: after the / comes a number from 0 to 32"},
        {"127.0.0.0/8/8", "\"127.0.0.0/8/8\" is not a network: after the / comes a number from 0 to 32"},
        {"::1/129", "\"::1/129\" is not a network: after the / comes a number from 0 to 128"},
        {"10.0.0.1/8", "\"10.0.0.1/8\" is not a network: bits after the first 8 are set; write 10.0.0.0/8"},
        {"::1/64", "\"::1/64\" is not a network: bits after the first 64 are set; write ::/64"},
    };
    for (const auto& [text, message] : bad) {
        const auto n = cidr::parse(text);
        ASSERT_FALSE(n) << text;
        EXPECT_EQ(n.error().text, message);
    }
}

TEST(cidr, exempt) {
    const std::array networks = {*cidr::parse("127.0.0.0/8"), *cidr::parse("::1")};
    EXPECT_TRUE(is_exempt(networks, good_address("127.0.0.1:1").data()));
    EXPECT_TRUE(is_exempt(networks, good_address("[::1]:1").data()));
    EXPECT_FALSE(is_exempt(networks, good_address("192.0.2.1:1").data()));
    EXPECT_TRUE(is_exempt(networks, good_address("unix:/x").data()));
    EXPECT_TRUE(is_exempt({}, good_address("unix:/x").data()));
    EXPECT_FALSE(is_exempt({}, good_address("127.0.0.1:1").data()));
}

}  // namespace
}  // namespace brusio::brusiod
