// Settings from files: which count, what cannot be read, and the message of the day.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "brusiod/config.hpp"

namespace brusio::brusiod {
namespace {

using strings = std::vector<std::string>;

// A folder of its own, and an environment that points into it.
class config_files : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-config-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
        setenv("XDG_STATE_HOME", "/state", 1);
    }
    void TearDown() override {
        unsetenv("XDG_STATE_HOME");
        std::filesystem::remove_all(folder_);
    }
    std::filesystem::path write(std::string_view text) const {
        std::ofstream(folder_ / "brusio.toml", std::ios::binary) << text;
        return folder_ / "brusio.toml";
    }

    std::filesystem::path folder_;
};

TEST_F(config_files, nothing_at_all) {
    const auto s = load_settings({});
    ASSERT_TRUE(s);
    settings defaults;
    defaults.data = "/state/brusio";
    EXPECT_EQ(*s, defaults);
}

TEST_F(config_files, default_data) {
    const char* variable = std::getenv("HOME");
    const std::string home = variable == nullptr ? "" : variable;
    setenv("HOME", "/home/alice", 1);
    unsetenv("XDG_STATE_HOME");
    EXPECT_EQ(*default_data_folder(), "/home/alice/.local/state/brusio");
    setenv("XDG_STATE_HOME", "relative", 1);  // to be ignored
    EXPECT_EQ(*default_data_folder(), "/home/alice/.local/state/brusio");
    setenv("XDG_STATE_HOME", "", 1);
    EXPECT_EQ(*default_data_folder(), "/home/alice/.local/state/brusio");
    setenv("HOME", home.c_str(), 1);
}

TEST_F(config_files, command_line_over_file_over_defaults) {
    sources from;
    from.file =
        write("[server]\nworkers = 3\ndata = \"d\"\n[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:99\"\n");
    auto s = load_settings(from);
    ASSERT_TRUE(s) << s.error().text;
    EXPECT_EQ(s->workers, 3U);
    EXPECT_EQ(s->data, folder_ / "d");
    ASSERT_EQ(s->listeners.size(), 1U);
    EXPECT_EQ(s->listeners[0].where.text(), "127.0.0.1:99");
    EXPECT_FALSE(s->log_messages);

    from.listeners = {*parse_listener("frame=[::1]:0"), *parse_listener("frame=unix:/run/x")};
    from.data = "elsewhere";
    from.log_messages = true;
    s = load_settings(from);
    ASSERT_TRUE(s) << s.error().text;
    EXPECT_EQ(s->workers, 3U);
    EXPECT_EQ(s->data, "elsewhere");
    EXPECT_EQ(s->listeners, from.listeners);
    EXPECT_TRUE(s->log_messages);

    from.listeners.push_back(*parse_listener("frame=unix:/run/x"));
    s = load_settings(from);
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().text, "two listeners have the address unix:/run/x");
}

TEST_F(config_files, unreadable) {
    const auto told = [](const std::filesystem::path& file) {
        sources from;
        from.file = file;
        const auto s = load_settings(from);
        return s ? "nothing is wrong" : s.error().text;
    };
    EXPECT_EQ(told(folder_ / "none.toml"),
              "cannot read " + (folder_ / "none.toml").string() + ": No such file or directory");
    EXPECT_EQ(told(folder_), "cannot read " + folder_.string() + ": Is a directory");
    const auto file = write(std::string((1U << 20U) + 1, '\n'));
    EXPECT_EQ(told(file), "cannot read " + file.string() + ": a configuration file has at most 1 MiB");
    if (geteuid() != 0) {  // root reads everything
        chmod(file.c_str(), 0);
        EXPECT_EQ(told(file), "cannot read " + file.string() + ": Permission denied");
    }
    EXPECT_EQ(told(write("[server]\nworkers = 65\n")),
              file.string() + ":2: server.workers must be from 0 to 64, not 65");
}

// ---- the message of the day ----

class config_motd : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-motd-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
        from_.file = folder_ / "brusio.toml";
        from_.data = folder_;
        write("brusio.toml", "[server]\nmotd = \"motd.txt\"\n");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const char* file, std::string_view text) const {
        std::ofstream(folder_ / file, std::ios::binary) << text;
    }
    strings lines(std::string_view text) const {
        write("motd.txt", text);
        const auto s = load_settings(from_);
        EXPECT_TRUE(s) << s.error().text;
        return s ? s->motd_text : strings{};
    }
    std::string told() const {
        const auto s = load_settings(from_);
        return s ? "nothing is wrong" : s.error().text;
    }

    std::filesystem::path folder_;
    sources from_;
};

TEST_F(config_motd, is_read_line_by_line) {
    EXPECT_EQ(lines("Ciao!\n\n  perché no\n"), (strings{"Ciao!", "", "  perché no"}));
    EXPECT_EQ(lines("one\r\ntwo"), (strings{"one", "two"}));
    EXPECT_EQ(lines("\xEF\xBB\xBFone"), strings{"one"});
    EXPECT_EQ(lines(""), strings{});
    EXPECT_EQ(lines("\n"), strings{""});
    EXPECT_EQ(lines("\x1b[31mred\n"), strings{"␛[31mred"});
    EXPECT_EQ(lines(std::string(65536, 'x')).size(), 1U);
}

TEST_F(config_motd, must_be_readable) {
    const auto file = (folder_ / "motd.txt").string();
    EXPECT_EQ(told(), "server.motd: cannot read " + file + ": No such file or directory");
    write("motd.txt", std::string(65537, 'x'));
    EXPECT_EQ(told(), "server.motd: cannot read " + file + ": it has at most 64 KiB");
    write("motd.txt", "\xff");
    EXPECT_EQ(told(), "server.motd: " + file + " is not UTF-8");
}

}  // namespace
}  // namespace brusio::brusiod
