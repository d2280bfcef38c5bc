// [history], [accounts], and the keys of other tables that speak of accounts.
#include <sys/stat.h>

#include <fstream>

#include <gtest/gtest.h>

#include "brusiod/config.hpp"

namespace brusio::brusiod {
namespace {

using std::chrono::milliseconds;
using strings = std::vector<std::string>;

settings good(std::string_view toml) {
    auto s = parse_settings(toml, "/etc/brusio.toml");
    EXPECT_TRUE(s) << s.error().text;
    return s ? *s : settings{};
}

std::string wrong(std::string_view toml, const std::vector<listener>& instead = {}) {
    const auto s = parse_settings(toml, "/etc/brusio.toml", instead);
    return s ? "nothing is wrong" : s.error().text;
}

const std::string only_irc = "[[listen]]\ndoor = \"irc\"\naddress = \"127.0.0.1:6667\"\n";

TEST(config_accounts, history_is_on_where_nothing_is_said) {
    for (const auto* toml : {"", "[history]\n"}) {
        const auto s = good(toml);
        EXPECT_TRUE(s.history.enabled);
        EXPECT_EQ(s.history.keep, std::nullopt);
        EXPECT_EQ(s.history.keep_direct, std::nullopt);
        EXPECT_EQ(s.history.durability, durability_mode::commit);
        EXPECT_EQ(s.history.replay_lines, 100U);
        EXPECT_EQ(s.history.unregistered_grace, std::chrono::hours(1));
    }
}

TEST(config_accounts, defaults) {
    for (const auto* toml : {"", "[accounts]\n"}) {
        const auto s = good(toml);
        EXPECT_TRUE(s.accounts.registration);
        EXPECT_TRUE(s.accounts.before_connect);
        EXPECT_FALSE(s.accounts.plaintext);
        EXPECT_EQ(s.accounts.email, email_mode::none);
        EXPECT_EQ(s.accounts.mail_command, (strings{"/usr/sbin/sendmail", "-t", "-i"}));
        EXPECT_EQ(s.accounts.password_min, 8U);
        EXPECT_EQ(s.accounts.always_on, always_on_mode::opt_in);
        EXPECT_EQ(s.accounts.always_on_expires, std::chrono::days(30));
        EXPECT_TRUE(s.accounts.channels);
        EXPECT_EQ(s.accounts.channels_per_account, 20U);
        EXPECT_FALSE(s.frame_accounts);
        EXPECT_FALSE(s.require_account);
    }
}

TEST(config_accounts, everything) {
    const auto s = good(R"(
[server]
require_account = true
[frame]
accounts = true
[history]
enabled = false
keep = "90d"
keep_direct = "2w"
durability = "async"
replay_lines = 1000
unregistered_grace = "0s"
[accounts]
registration = false
before_connect = false
plaintext = true
email = "required"
mail_command = ["/usr/bin/msmtp", "-t", ""]
password_min = 128
always_on = "opt-out"
always_on_expires = "never"
channels = false
channels_per_account = 10000
)");
    EXPECT_TRUE(s.require_account);
    EXPECT_TRUE(s.frame_accounts);
    EXPECT_EQ(s.history, (history_settings{.enabled = false,
                                           .keep = std::chrono::days(90),
                                           .keep_direct = std::chrono::days(14),
                                           .durability = durability_mode::async,
                                           .replay_lines = 1000,
                                           .unregistered_grace = milliseconds(0)}));
    EXPECT_EQ(s.accounts, (account_settings{.registration = false,
                                            .before_connect = false,
                                            .plaintext = true,
                                            .email = email_mode::required,
                                            .mail_command = {"/usr/bin/msmtp", "-t", ""},
                                            .password_min = 128,
                                            .always_on = always_on_mode::opt_out,
                                            .always_on_expires = std::nullopt,
                                            .channels = false,
                                            .channels_per_account = 10000}));
}

TEST(config_accounts, direct_messages_are_kept_as_the_others_unless_it_is_said) {
    EXPECT_EQ(good("history.keep = \"90d\"").history.keep_direct, std::chrono::days(90));
    EXPECT_EQ(good("[history]\nkeep_direct = \"forever\"\nkeep = \"90d\"").history.keep_direct, std::nullopt);
    EXPECT_EQ(good("history.keep_direct = \"1d\"").history.keep, std::nullopt);
    EXPECT_EQ(good("history.keep_direct = \"1d\"").history.keep_direct, std::chrono::days(1));
}

TEST(config_accounts, small_things) {
    EXPECT_EQ(good("history.keep = \"1m\"").history.keep, std::chrono::minutes(1));
    EXPECT_EQ(good("history.keep = \"3650d\"").history.keep, std::chrono::days(3650));
    EXPECT_EQ(good("history.replay_lines = 0").history.replay_lines, 0U);
    EXPECT_EQ(good("history.unregistered_grace = 90").history.unregistered_grace, std::chrono::seconds(90));
    EXPECT_EQ(good("accounts.always_on = \"off\"").accounts.always_on, always_on_mode::off);
    EXPECT_EQ(good("accounts.always_on_expires = \"520w\"").accounts.always_on_expires, std::chrono::weeks(520));
    EXPECT_EQ(good("accounts.mail_command = []").accounts.mail_command, strings{});
    EXPECT_EQ(good("accounts.password_min = 1").accounts.password_min, 1U);
}

struct bad_file {
    std::string toml;
    std::string message;  // after "/etc/brusio.toml:"
};
void PrintTo(const bad_file& file, std::ostream* out) { *out << file.toml; }

class config_accounts_bad_file : public testing::TestWithParam<bad_file> {};

TEST_P(config_accounts_bad_file, is_told_exactly) {
    EXPECT_EQ(wrong(GetParam().toml), "/etc/brusio.toml:" + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    history, config_accounts_bad_file,
    testing::Values(
        bad_file{"history = 1", "1: history must be a table, written [history]"},
        bad_file{"[history]\nenabld = true", "2: unknown key \"enabld\" in [history]; did you mean \"enabled\"?"},
        bad_file{"[server]\nreplay_lines = 1", "2: unknown key \"replay_lines\" in [server]; it belongs in [history]"},
        bad_file{"[history]\nenabled = 1", "2: history.enabled must be true or false, not a whole number"},
        bad_file{"[history]\nkeep = 90",
                 "2: history.keep must be \"forever\" or a time such as \"90d\", not a whole number"},
        bad_file{"[history]\nkeep = \"90\"", "2: history.keep needs a unit, as in \"90d\", not \"90\""},
        bad_file{"[history]\nkeep = \" 90 \"", "2: history.keep needs a unit, as in \"90d\", not \"90\""},
        bad_file{"[history]\nkeep = \"59s\"", "2: history.keep must be at least 1m"},
        bad_file{"[history]\nkeep = \"0d\"", "2: history.keep must be at least 1m"},
        bad_file{"[history]\nkeep = \"36501d\"", "2: history.keep: a time can be at most 36500 days"},
        bad_file{"[history]\nkeep = \"for ever\"",
                 "2: history.keep: \"for ever\" is not a time; write \"20s\", \"500ms\", \"2m\", \"1h\", \"30d\" or a "
                 "number of seconds"},
        bad_file{"[history]\nkeep_direct = \"1s\"", "2: history.keep_direct must be at least 1m"},
        bad_file{"[history]\ndurability = \"sync\"",
                 "2: history.durability must be \"commit\" or \"async\", not \"sync\""},
        bad_file{"[history]\nreplay_lines = 1001", "2: history.replay_lines must be from 0 to 1000, not 1001"},
        bad_file{"[history]\nunregistered_grace = \"never\"",
                 "2: history.unregistered_grace: \"never\" is not a time; write \"20s\", \"500ms\", \"2m\", \"1h\", "
                 "\"30d\" or a number of seconds"}));

INSTANTIATE_TEST_SUITE_P(
    accounts, config_accounts_bad_file,
    testing::Values(
        bad_file{"[accounts]\nregistraton = true",
                 "2: unknown key \"registraton\" in [accounts]; did you mean \"registration\"?"},
        bad_file{"[accounts]\nemail = true", "2: accounts.email must be text in quotes, not true or false"},
        bad_file{"[accounts]\nemail = \"optional\"",
                 "2: accounts.email must be \"none\" or \"required\", not \"optional\""},
        bad_file{"[accounts]\nmail_command = \"/bin/x\"",
                 R"(2: accounts.mail_command must be a list such as ["/usr/sbin/sendmail", "-t", "-i"], not text)"},
        bad_file{"[accounts]\nmail_command = [\"sendmail\"]",
                 "2: accounts.mail_command must begin with the absolute path of a program, as in "
                 R"(["/usr/sbin/sendmail", "-t", "-i"], not with "sendmail")"},
        bad_file{"[accounts]\nmail_command = [\n1,\n\"-t\"]",
                 "3: each element of accounts.mail_command must be text in quotes, not a whole number"},
        bad_file{"[accounts]\nmail_command = [\"/bin/x\",\n\"a\\u0000b\"]",
                 "3: accounts.mail_command cannot have a NUL character"},
        bad_file{"[accounts]\nemail = \"required\"\nmail_command = []",
                 "3: accounts.mail_command cannot be empty with email = \"required\""},
        bad_file{"[accounts]\npassword_min = 0", "2: accounts.password_min must be from 1 to 128, not 0"},
        bad_file{"[accounts]\npassword_min = 129", "2: accounts.password_min must be from 1 to 128, not 129"},
        bad_file{"[accounts]\nalways_on = true", "2: accounts.always_on must be text in quotes, not true or false"},
        bad_file{"[accounts]\nalways_on = \"on\"",
                 "2: accounts.always_on must be \"opt-in\", \"opt-out\" or \"off\", not \"on\""},
        bad_file{"[accounts]\nalways_on_expires = 30",
                 "2: accounts.always_on_expires must be \"never\" or a time such as \"90d\", not a whole number"},
        bad_file{"[accounts]\nchannels = 3", "2: accounts.channels must be true or false, not a whole number"},
        bad_file{"[accounts]\nchannels_per_account = 0",
                 "2: accounts.channels_per_account must be from 1 to 10000, not 0"},
        bad_file{"[frame]\naccounts = 1", "2: frame.accounts must be true or false, not a whole number"},
        bad_file{"[server]\nrequire_account = 1",
                 "2: server.require_account must be true or false, not a whole number"}));

TEST(config_accounts, where_an_account_is_needed_every_door_must_have_a_way_to_log_in) {
    const std::string needed = "[server]\nrequire_account = true\n";
    const std::string told =
        "/etc/brusio.toml:2: server.require_account needs accounts = true in [frame] while there is a frame listener: "
        "else nobody could come in there";
    EXPECT_EQ(wrong(needed), told);  // frames are there by default
    EXPECT_EQ(wrong(needed + "[frame]\naccounts = true"), "nothing is wrong");
    EXPECT_EQ(wrong(needed + only_irc), "nothing is wrong");
    EXPECT_EQ(wrong(needed + only_irc, {*parse_listener("frame=127.0.0.1:1")}), told);
    EXPECT_EQ(wrong(needed, {*parse_listener("irc=127.0.0.1:1")}), "nothing is wrong");
}

TEST(config_accounts, a_mail_command_that_cannot_be_run_is_told_at_the_start) {
    char name[] = "/tmp/brusio-mail-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    const std::filesystem::path folder = name;
    const auto program = (folder / "send").string();
    sources from{.file = folder / "brusio.toml", .listeners = {}, .data = folder};
    const auto told = [&](const std::string& email) {
        std::ofstream(from.file) << "[accounts]\nemail = \"" << email << "\"\nmail_command = [\"" << program << "\"]\n";
        const auto s = load_settings(from);
        return s ? "nothing is wrong" : s.error().text;
    };
    const auto sentence = "accounts.mail_command: " + program + " is not a program that can be run here";
    EXPECT_EQ(told("none"), "nothing is wrong");
    EXPECT_EQ(told("required"), sentence);
    std::ofstream(program) << "#!/bin/sh\n";
    EXPECT_EQ(told("required"), sentence);
    chmod(program.c_str(), 0700);
    EXPECT_EQ(told("required"), "nothing is wrong");
    std::filesystem::remove(program);
    std::filesystem::create_directory(program);
    EXPECT_EQ(told("required"), sentence);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace brusio::brusiod
