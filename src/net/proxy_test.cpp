#include "net/proxy.hpp"

#include <gtest/gtest.h>

namespace brusio::net {
namespace {

using namespace std::string_view_literals;

std::string said(std::string_view input) {
    const auto h = read_proxy(input);
    if (h.status == proxy_status::need_more) return "more";
    if (h.status == proxy_status::bad) return "bad";
    return fmt::format("{} {}", h.size, h.from ? h.from->text() : "own");
}

std::string v2(char command, char family, std::string_view body) {
    std::string s("\r\n\r\n\0\r\nQUIT\n"sv);
    s += command;
    s += family;
    s += static_cast<char>(body.size() >> 8U);
    s += static_cast<char>(body.size() & 0xffU);
    return s.append(body);
}

constexpr auto four = "\xc0\x00\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb"sv;  // 192.0.2.1:56324 to 198.51.100.1:443
constexpr auto six =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x00\x50\x01\xbb"sv;

TEST(proxy, version_1_names_the_client) {
    EXPECT_EQ(said("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nNICK a"), "45 192.0.2.1:56324");
    EXPECT_EQ(said("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n"), "36 [2001:db8::1]:0");
    EXPECT_EQ(said("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), "37 192.0.2.1:1");
    EXPECT_EQ(said("PROXY UNKNOWN\r\n"), "15 own");
    EXPECT_EQ(said("PROXY UNKNOWN ffff::1 what ever 1 2 3\r\n"), "39 own");
}

TEST(proxy, version_2_names_the_client) {
    EXPECT_EQ(said(v2('\x21', '\x11', four) + "NICK a"), "28 192.0.2.1:56324");
    EXPECT_EQ(said(v2('\x21', '\x21', six)), "52 [2001:db8::1]:80");
    EXPECT_EQ(said(v2('\x21', '\x11', std::string(four).append("\x03\x00\x04more"sv))), "35 192.0.2.1:56324");
    EXPECT_EQ(said(v2('\x20', '\x00', "")), "16 own");         // LOCAL
    EXPECT_EQ(said(v2('\x20', '\x7f', "ignored")), "23 own");  // … whatever else it says
    EXPECT_EQ(said(v2('\x21', '\x00', "")), "16 own");         // unspecified
    EXPECT_EQ(said(v2('\x21', '\x12', four)), "28 own");       // a datagram's
    EXPECT_EQ(said(v2('\x21', '\x31', std::string(216, 'x'))), "232 own");
}

TEST(proxy, what_is_begun_well_needs_more) {
    for (const auto& whole : {std::string("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"), v2('\x21', '\x11', four),
                              v2('\x20', '\x00', "tail")}) {
        for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_EQ(said(whole.substr(0, n)), "more") << n;
        EXPECT_NE(said(whole), "more");
    }
}

TEST(proxy, bad_headers) {
    for (const auto line : {"NICK a\r\n"sv,
                            "proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n"sv,
                            "PROXYTCP4"sv,
                            "PROXY \r\n"sv,
                            "PROXY\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n"sv,
                            "PROXY TCP4  192.0.2.1 198.51.100.1 1 2\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 1 65536\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 01 2\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 -1 2\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 1 \r\n"sv,
                            "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n"sv,
                            "PROXY TCP4 192.0.2.01 198.51.100.1 1 2\r\n"sv,
                            "PROXY TCP4 192.0.2.1\0 198.51.100.1 1 2\r\n"sv,
                            "PROXY TCP4 ::1 ::1 1 2\r\n"sv,
                            "PROXY TCP6 192.0.2.1 192.0.2.1 1 2\r\n"sv,
                            "PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n"sv,
                            "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n"sv,
                            "PROXY UNKNOWN\n"sv,
                            "PROXY UNKNOWNS\r\n"sv}) {
        EXPECT_EQ(said(line), "bad") << line;
    }
    EXPECT_EQ(said("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), "107 own");
    EXPECT_EQ(said("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "bad");
    EXPECT_EQ(said("PROXY UNKNOWN " + std::string(93, 'x')), "bad");
    EXPECT_EQ(said(v2('\x11', '\x11', four)), "bad");            // version 1 in version 2's clothes
    EXPECT_EQ(said(v2('\x22', '\x11', four)), "bad");            // neither LOCAL nor PROXY
    EXPECT_EQ(said(v2('\x21', '\x11', four.substr(1))), "bad");  // too short for its addresses
    EXPECT_EQ(said(v2('\x21', '\x21', four)), "bad");
    EXPECT_EQ(said(v2('\x21', '\x41', six)), "bad");
    EXPECT_EQ(said(v2('\x21', '\x13', four)), "bad");
    EXPECT_EQ(said(v2('\x21', '\x11', std::string(16368, 'x'))), "16384 120.120.120.120:30840");
    EXPECT_EQ(said(v2('\x21', '\x11', std::string(16369, 'x')).substr(0, 16)), "bad");
}

}  // namespace
}  // namespace brusio::net
