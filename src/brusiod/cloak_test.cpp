#include "brusiod/cloak.hpp"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <latch>
#include <set>
#include <thread>
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

// ---- the key ----

class cloak_key : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-cloak-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path file() const { return folder_ / "cloak.key"; }
    std::string text() const {
        std::ifstream in(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(std::string_view text) const { std::ofstream(file(), std::ios::binary) << text; }
    std::ptrdiff_t files() const { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

    std::filesystem::path folder_;
};

TEST_F(cloak_key, is_made_once) {
    const auto made = load_or_make_key(folder_);
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_NE(*made, cloak::key{});
    struct stat info{};
    ASSERT_EQ(stat(file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
    EXPECT_EQ(text().size(), 65U);
    EXPECT_EQ(text().find_first_not_of("0123456789abcdef"), 64U);
    EXPECT_EQ(files(), 1);
    EXPECT_EQ(*load_or_make_key(folder_), *made);

    std::filesystem::remove(file());
    EXPECT_NE(*load_or_make_key(folder_), *made);
}

TEST_F(cloak_key, is_read_as_it_stands) {
    std::string hex;
    for (int i = 0; i < 32; ++i) hex += "0A";
    for (const std::string_view end : {"", "\n"}) {
        write(hex + std::string(end));
        const auto key = load_or_make_key(folder_);
        ASSERT_TRUE(key) << key.error().text;
        EXPECT_TRUE(std::ranges::all_of(*key, [](auto byte) { return byte == 10; }));
    }
}

TEST_F(cloak_key, a_broken_file_is_an_error_and_stays) {
    const std::string good(64, 'a');
    for (const auto& broken : {std::string(), std::string("\n"), good.substr(1), good + "a", good.substr(1) + "g",
                               good + "\n\n", "a " + good.substr(2), good.substr(1) + "\n"}) {
        write(broken);
        const auto key = load_or_make_key(folder_);
        ASSERT_FALSE(key) << broken;
        EXPECT_TRUE(key.error().text.starts_with(file().string() + " is broken: a key is 64 hexadecimal digits"))
            << key.error().text;
        EXPECT_EQ(text(), broken);
    }
}

TEST_F(cloak_key, without_a_folder) {
    const auto key = load_or_make_key(folder_ / "none");
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().text,
              "cannot write " + (folder_ / "none/cloak.key").string() + ": No such file or directory");
}

TEST_F(cloak_key, unreadable) {
    std::filesystem::create_directory(file());
    EXPECT_EQ(load_or_make_key(folder_).error().text, "cannot read " + file().string() + ": Is a directory");
}

TEST_F(cloak_key, all_who_make_it_at_once_have_the_same) {
    constexpr int together = 4;
    for (int round = 0; round < 100; ++round) {
        std::vector<cloak::key> keys(together);
        std::latch start(together);
        std::vector<std::thread> servers;
        for (auto& key : keys) {
            servers.emplace_back([this, &key, &start] {
                start.arrive_and_wait();
                key = load_or_make_key(folder_).value_or(cloak::key{});
            });
        }
        for (auto& server : servers) server.join();
        ASSERT_NE(keys.front(), cloak::key{});
        ASSERT_TRUE(std::ranges::all_of(keys, [&](const auto& key) { return key == keys.front(); }));
        ASSERT_EQ(files(), 1);
        std::filesystem::remove(file());
    }
}

}  // namespace
}  // namespace brusio::brusiod
