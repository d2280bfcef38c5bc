#include "brusiod/key_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

class key_file : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-key-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path file() const { return folder_ / "secret.key"; }
    std::string text() const {
        std::ifstream in(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(std::string_view text) const { std::ofstream(file(), std::ios::binary) << text; }
    std::ptrdiff_t files() const { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

    std::filesystem::path folder_;
};

TEST_F(key_file, is_made_once) {
    const auto made = load_or_make_key(file(), "all is lost");
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_NE(*made, secret_key{});
    struct stat info{};
    ASSERT_EQ(stat(file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
    EXPECT_EQ(text().size(), 65U);
    EXPECT_EQ(text().find_first_not_of("0123456789abcdef"), 64U);
    EXPECT_EQ(files(), 1);
    EXPECT_EQ(*load_or_make_key(file(), "all is lost"), *made);

    std::filesystem::remove(file());
    EXPECT_NE(*load_or_make_key(file(), "all is lost"), *made);
}

TEST_F(key_file, is_read_as_it_stands) {
    std::string hex;
    for (int i = 0; i < 32; ++i) hex += "0A";
    for (const std::string_view end : {"", "\n"}) {
        write(hex + std::string(end));
        const auto key = load_or_make_key(file(), "all is lost");
        ASSERT_TRUE(key) << key.error().text;
        EXPECT_TRUE(std::ranges::all_of(*key, [](auto byte) { return byte == 10; }));
    }
}

TEST_F(key_file, a_broken_file_is_an_error_and_stays) {
    const std::string good(64, 'a');
    for (const auto& broken : {std::string(), std::string("\n"), good.substr(1), good + "a", good.substr(1) + "g",
                               good + "\n\n", "a " + good.substr(2), good.substr(1) + "\n"}) {
        write(broken);
        const auto key = load_or_make_key(file(), "all is lost");
        ASSERT_FALSE(key) << broken;
        EXPECT_EQ(key.error().text,
                  file().string() +
                      " is broken: a key is 64 hexadecimal digits; bring it back from a copy, or remove it to "
                      "have a new one, with which all is lost");
        EXPECT_EQ(text(), broken);
    }
}

TEST_F(key_file, without_a_folder) {
    const auto key = load_or_make_key(folder_ / "none/secret.key", "all is lost");
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().text,
              "cannot write " + (folder_ / "none/secret.key").string() + ": No such file or directory");
}

TEST_F(key_file, unreadable) {
    std::filesystem::create_directory(file());
    EXPECT_EQ(load_or_make_key(file(), "all is lost").error().text,
              "cannot read " + file().string() + ": Is a directory");
}

TEST_F(key_file, all_who_make_it_at_once_have_the_same) {
    constexpr int together = 4;
    for (int round = 0; round < 100; ++round) {
        std::vector<secret_key> keys(together);
        std::latch start(together);
        std::vector<std::thread> servers;
        for (auto& key : keys) {
            servers.emplace_back([this, &key, &start] {
                start.arrive_and_wait();
                key = load_or_make_key(file(), "all is lost").value_or(secret_key{});
            });
        }
        for (auto& server : servers) server.join();
        ASSERT_NE(keys.front(), secret_key{});
        ASSERT_TRUE(std::ranges::all_of(keys, [&](const auto& key) { return key == keys.front(); }));
        ASSERT_EQ(files(), 1);
        std::filesystem::remove(file());
    }
}

}  // namespace
}  // namespace brusio::brusiod
