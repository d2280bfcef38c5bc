#include "brusiod/command_line.hpp"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

using words = std::vector<std::string>;

run_options run(const words& arguments) {
    const auto c = parse_command_line(arguments);
    const auto* options = std::get_if<run_options>(&c);
    EXPECT_NE(options, nullptr) << std::get<print_and_exit>(c).text;
    return options == nullptr ? run_options{} : *options;
}

print_and_exit printed(const words& arguments) {
    const auto c = parse_command_line(arguments);
    const auto* print = std::get_if<print_and_exit>(&c);
    return print == nullptr ? print_and_exit{.text = "it would run", .code = -1} : *print;
}

TEST(command_line, nothing) {
    const auto o = run({});
    EXPECT_EQ(o.from, sources{});
    EXPECT_FALSE(o.check_config);
}

TEST(command_line, everything) {
    const auto o = run({"--config", "/etc/b.toml", "--listen", "frame=[::1]:0", "--listen=frame=unix:/run/x", "--data",
                        "d", "--check-config", "--log-messages"});
    EXPECT_EQ(o.from.file, "/etc/b.toml");
    ASSERT_EQ(o.from.listeners.size(), 2U);
    EXPECT_EQ(o.from.listeners[0].door, "frame");
    EXPECT_EQ(o.from.listeners[0].where.text(), "[::1]:0");
    EXPECT_EQ(o.from.listeners[1].where.text(), "unix:/run/x");
    EXPECT_EQ(o.from.data, "d");
    EXPECT_TRUE(o.from.log_messages);
    EXPECT_TRUE(o.check_config);
    EXPECT_EQ(run({"--config=[a]"}).from.file, "[a]");
    EXPECT_EQ(run({"--data=[a,b]"}).from.data, "[a,b]");
}

TEST(command_line, an_irc_listener) {
    const auto o = run({"--listen", "irc=127.0.0.1:6667"});
    ASSERT_EQ(o.from.listeners.size(), 1U);
    EXPECT_EQ(o.from.listeners[0].door, "irc");
}

TEST(command_line, hash_password) {
    EXPECT_TRUE(run({"--hash-password"}).hash_password);
    EXPECT_FALSE(run({}).hash_password);
}

admin_options admin(const words& arguments) {
    const auto c = parse_command_line(arguments);
    const auto* options = std::get_if<admin_options>(&c);
    const auto* print = std::get_if<print_and_exit>(&c);
    EXPECT_NE(options, nullptr) << (print == nullptr ? "it would run" : print->text);
    return options == nullptr ? admin_options{} : *options;
}

TEST(command_line, commands) {
    for (const auto& typed :
         {words{"account", "add", "anna"}, words{"account", "passwd", "anna"}, words{"account", "unsuspend", "anna"},
          words{"account", "suspend", "anna"}, words{"account", "suspend", "anna", "spam"}, words{"account", "list"},
          words{"account", "list", "a*"}, words{"data", "export", "anna"}, words{"data", "erase", "anna"},
          words{"backup", "b.db"}, words{"backup", "-"}}) {
        const auto o = admin(typed);
        EXPECT_EQ(o.words, typed);
        EXPECT_EQ(o.from, sources{});
        EXPECT_FALSE(o.yes);
    }
    EXPECT_EQ(admin({"account", "suspend", "anna", "it", "is", "spam"}).words,
              (words{"account", "suspend", "anna", "it is spam"}));
}

TEST(command_line, a_commands_options_stand_before_or_behind_it) {
    const words typed = {"data", "erase", "anna"};
    for (const auto& arguments : {words{"--config", "c", "--data", "d", "data", "erase", "anna", "--yes"},
                                  words{"data", "erase", "anna", "--yes", "--data=d", "--config", "c"},
                                  words{"--yes", "data", "--data", "d", "erase", "--config=c", "anna"}}) {
        const auto o = admin(arguments);
        EXPECT_EQ(o.words, typed);
        EXPECT_EQ(o.from, (sources{.file = "c", .listeners = {}, .data = "d"}));
        EXPECT_TRUE(o.yes);
    }
}

TEST(command_line, what_stands_behind_two_dashes_is_no_option) {
    EXPECT_EQ(admin({"account", "suspend", "anna", "--", "--yes", "-x", "--"}).words,
              (words{"account", "suspend", "anna", "--yes -x --"}));
    EXPECT_EQ(admin({"account", "add", "--data", "d", "--", "-x-"}).words, (words{"account", "add", "-x-"}));
}

TEST(command_line, version) {
    EXPECT_EQ(version_text(), "brusiod " BRUSIO_VERSION);
    const auto p = printed({"--version"});
    EXPECT_EQ(p.text, "brusiod " BRUSIO_VERSION "\n");
    EXPECT_EQ(p.code, 0);
}

TEST(command_line, help) {
    for (const auto& arguments : {words{"--help"}, words{"-h"}, words{"--data", "x", "--help"}}) {
        const auto p = printed(arguments);
        EXPECT_EQ(p.code, 0);
        EXPECT_TRUE(p.text.starts_with("Usage: brusiod")) << p.text;
        for (std::string_view part :
             {"--config FILE", "--listen DOOR=ADDRESS", "--data DIR", "--check-config", "--hash-password",
              "--log-messages", "--version", "--help", "account add NAME", "account list [MASK]", "account drop NAME",
              "--yes", "--dropped", "data erase ACCOUNT", "backup FILE", "TERM, INT", "HUP", "Exit codes", "Example"}) {
            EXPECT_NE(p.text.find(part), std::string::npos) << part;
        }
        std::istringstream lines(p.text);
        for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST(command_line, mistakes) {
    const std::pair<words, std::string> bad[] = {
        {{"--lisen", "x"}, "unknown option --lisen; did you mean --listen?"},
        {{"--lisen=x"}, "unknown option --lisen; did you mean --listen?"},
        {{"--foo"}, "unknown option --foo"},
        {{"-z"}, "unknown option -z; did you mean -h?"},
        {{"-\x1b"}, "unknown option -␛; did you mean -h?"},
        {{"brusio.toml"}, "unexpected argument \"brusio.toml\""},
        {{"--listen", "frame=127.0.0.1:1", "frame=127.0.0.1:2"}, "unexpected argument \"frame=127.0.0.1:2\""},
        {{"--config", "a", "--config", "b"}, "--config can be given only once"},
        {{"--data", "a", "--data=b"}, "--data can be given only once"},
        {{"--config", ""}, "--config needs a value"},
        {{"--data="}, "--data needs a value"},
        {{"--config"}, "--config needs a value"},
        {{"--listen"}, "--listen needs a value"},
        {{"--config", "--log-messages"}, "--config needs a value"},
        {{"--listen", "--log-messages"},
         "--listen: \"--log-messages\" is not a listener; write DOOR=ADDRESS, such as frame=127.0.0.1:1234"},
        {{"--listen", "127.0.0.1:1"},
         "--listen: \"127.0.0.1:1\" is not a listener; write DOOR=ADDRESS, such as frame=127.0.0.1:1234"},
        {{"--listen", "http=127.0.0.1:1"}, "--listen: the door \"http\" is not in this version"},
        {{"--listen", "frame=localhost:1"},
         "--listen: \"localhost\" is not an IP address; host names are not looked up here"},
        {{"--check-config=maybe"}, "--check-config takes no value"},
        {{"--hash-password=secret"}, "--hash-password takes no value"},
        {{"--hash-password", "--config", "a"}, "--hash-password goes with no other option"},
        {{"--hash-password", "secret"}, "unexpected argument \"secret\""},
        {{"--log-messages=false"}, "--log-messages takes no value"},
        {{"acount"}, "unknown command \"acount\"; did you mean account?"},
        {{"acount", "add", "x"}, "unknown command \"acount\"; did you mean account?"},
        {{"backups", "x"}, "unknown command \"backups\"; did you mean backup?"},
        {{"account"}, "account what? add, passwd, suspend, unsuspend, drop, list"},
        {{"data"}, "data what? export, erase"},
        {{"account", "ad", "x"}, "unknown command \"account ad\"; did you mean account add?"},
        {{"account", "suspended", "x"}, "unknown command \"account suspended\"; did you mean account suspend?"},
        {{"account", "\x1b"}, "unknown command \"account ␛\"; there are add, passwd, suspend, unsuspend, drop, list"},
        {{"data", std::string(100, 'x')},
         "unknown command \"data " + std::string(100, 'x') + "\"; there are export, erase"},
        {{"account", "add"}, "account add needs its NAME: brusiod account add NAME"},
        {{"account", "add", ""}, "account add needs its NAME: brusiod account add NAME"},
        {{"account", "list", ""}, "account list needs its MASK: brusiod account list MASK"},
        {{"data", "export"}, "data export needs its ACCOUNT: brusiod data export ACCOUNT"},
        {{"backup"}, "backup needs its FILE: brusiod backup FILE"},
        {{"account", "add", "a", "b"}, "unexpected argument \"b\""},
        {{"account", "list", "a", "b"}, "unexpected argument \"b\""},
        {{"backup", "a", "b"}, "unexpected argument \"b\""},
        {{"account", "add", "x", "--ye"}, "unknown option --ye; did you mean --yes?"},
        {{"account", "add", "x", "--yes"}, "--yes only goes with account drop and data erase"},
        {{"account", "list", "--dropped"}, "--dropped only goes with data export and data erase"},
        {{"--dropped"}, "--dropped only goes with data export and data erase"},
        {{"--yes"}, "--yes only goes with account drop and data erase"},
        {{"account", "add", "x", "--listen", "irc=127.0.0.1:1"}, "only --config and --data go with a command"},
        {{"account", "add", "x", "--check-config"}, "only --config and --data go with a command"},
        {{"account", "add", "x", "--log-messages"}, "only --config and --data go with a command"},
        {{"account", "add", "x", "--data"}, "--data needs a value"},
        {{"account", "add", "x", "--hash-password"}, "unexpected argument \"account\""},
    };
    for (const auto& [arguments, sentence] : bad) {
        const auto p = printed(arguments);
        EXPECT_EQ(p.text, fmt::format("brusiod: {}; see brusiod --help\n", sentence));
        EXPECT_EQ(p.code, 2);
    }
}

}  // namespace
}  // namespace brusio::brusiod
