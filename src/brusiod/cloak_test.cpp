#include "brusiod/cloak.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

cloak::ip_bytes ip(const std::string& text) {
    cloak::ip_bytes bytes{};
    const auto mapped = text.find(':') == std::string::npos ? "::ffff:" + text : text;
    EXPECT_EQ(inet_pton(AF_INET6, mapped.c_str(), bytes.data()), 1) << text;
    return bytes;
}

cloak::key key_of(std::uint8_t first) {
    cloak::key k{};
    k[0] = first;
    return k;
}

std::string host(const std::string& address) { return cloak(key_of(1)).host(ip(address), false); }

std::string tail(const std::string& host) { return host.substr(host.find('.')); }  // what a ban of a network has
std::string last(const std::string& host) { return host.substr(host.find('.', 9)); }

TEST(cloak, has_its_form) {
    for (const std::string address : {"192.0.2.1", "2001:db8::1", "::1", "0.0.0.0"}) {
        const auto h = host(address);
        ASSERT_EQ(h.size(), 29U) << h;
        for (std::size_t i = 0; i < h.size(); ++i) {
            const bool letter = (h[i] >= 'a' && h[i] <= 'z') || (h[i] >= '2' && h[i] <= '7');
            EXPECT_TRUE(i == 8 || i == 17 || i == 26 ? h[i] == '.' : letter) << h << " at " << i;
        }
        EXPECT_TRUE(h.ends_with(".ip"));
    }
}

TEST(cloak, is_the_same_for_ever) {  // bans are kept: a version must not change it (Python's blake2b made these)
    EXPECT_EQ(host("192.0.2.1"), "jelhf7ye.v4hpluhm.lj3yauak.ip");
    EXPECT_EQ(host("2001:db8:1:2::3"), "mb4bgu4d.dvy5ebwe.hcd523nn.ip");
}

TEST(cloak, its_parts_are_the_networks_of_an_ipv4_address) {
    const auto h = host("192.0.2.1");
    EXPECT_NE(h, host("192.0.2.2"));
    EXPECT_EQ(tail(h), tail(host("192.0.2.255")));
    EXPECT_NE(tail(h), tail(host("192.0.3.1")));
    EXPECT_EQ(last(h), last(host("192.0.3.1")));
    EXPECT_NE(last(h), last(host("192.1.2.1")));
}

TEST(cloak, its_parts_are_the_networks_of_an_ipv6_address) {
    const auto h = host("2001:db8:1:2::1");
    EXPECT_EQ(h, host("2001:db8:1:2:ffff::9"));  // one customer
    EXPECT_NE(h, host("2001:db8:1:3::1"));
    EXPECT_EQ(tail(h), tail(host("2001:db8:1:3::1")));
    EXPECT_NE(tail(h), tail(host("2001:db8:2:2::1")));
    EXPECT_EQ(last(h), last(host("2001:db8:2:2::1")));
    EXPECT_NE(last(h), last(host("2001:db9:1:2::1")));
}

TEST(cloak, no_part_is_another) {  // else a part would tell that a number in the address is 0
    std::set<std::string> parts;
    for (const std::string address : {"0.0.0.0", "::"}) {
        const auto h = host(address);
        parts.insert({h.substr(0, 8), h.substr(9, 8), h.substr(18, 8)});
    }
    EXPECT_EQ(parts.size(), 6U);
}

TEST(cloak, another_key_gives_another_host) {
    const auto a = cloak(key_of(1)).host(ip("192.0.2.1"), false);
    const auto b = cloak(key_of(2)).host(ip("192.0.2.1"), false);
    EXPECT_NE(a.substr(0, 8), b.substr(0, 8));
    EXPECT_NE(a.substr(9, 8), b.substr(9, 8));
    EXPECT_NE(a.substr(18, 8), b.substr(18, 8));
}

TEST(cloak, of_who_has_no_address) {
    EXPECT_EQ(cloak(key_of(1)).host({}, true), "unix");
    EXPECT_EQ(plain_host({}, true), "localhost");
}

TEST(cloak, plain_hosts) {
    EXPECT_EQ(plain_host(ip("192.0.2.1"), false), "192.0.2.1");
    EXPECT_EQ(plain_host(ip("2001:db8::1"), false), "2001:db8::1");
    EXPECT_EQ(plain_host(ip("::1"), false), "0::1");
    EXPECT_EQ(plain_host(ip("::"), false), "0::");
}

}  // namespace
}  // namespace brusio::brusiod
