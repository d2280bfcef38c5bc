#include "brusiod/config.hpp"

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

using std::chrono::milliseconds;

settings good(std::string_view toml) {
    auto s = parse_settings(toml, "/etc/brusio.toml");
    EXPECT_TRUE(s) << s.error().text;
    return s ? *s : settings{};
}

std::string wrong(std::string_view toml) {
    const auto s = parse_settings(toml, "/etc/brusio.toml");
    return s ? "nothing is wrong" : s.error().text;
}

TEST(config, defaults) {
    const auto s = good("");
    EXPECT_EQ(s, settings{});
    EXPECT_EQ(s.server_name, "brusio.localhost");
    EXPECT_EQ(s.workers, 0U);
    EXPECT_EQ(s.chat_thread, chat_thread_mode::automatic);
    EXPECT_EQ(s.lobby, "#piazza");
    ASSERT_EQ(s.listeners.size(), 2U);
    EXPECT_EQ(s.listeners[0].door, "frame");
    EXPECT_EQ(s.listeners[0].where.text(), "127.0.0.1:1234");
    EXPECT_FALSE(s.listeners[0].tls);
    EXPECT_EQ(s.listeners[1].door, "irc");
    EXPECT_EQ(s.listeners[1].where.text(), "127.0.0.1:6667");
    EXPECT_EQ(s.limits.connections_per_ip, 16U);
    EXPECT_EQ(s.limits.connects_per_minute_per_ip, 32U);
    ASSERT_EQ(s.limits.exempt.size(), 2U);
    EXPECT_EQ(s.limits.exempt[0].text(), "127.0.0.0/8");
    EXPECT_EQ(s.limits.exempt[1].text(), "::1");
    EXPECT_EQ(s.limits.commands_per_second, 2);
    EXPECT_EQ(s.limits.burst, 10U);
    EXPECT_EQ(s.limits.send_queue, 1048576U);
    EXPECT_EQ(s.limits.send_memory, 268435456U);
    EXPECT_EQ(s.limits.login_timeout, milliseconds(20000));
    EXPECT_EQ(s.limits.message_bytes, 16384U);
    EXPECT_TRUE(s.frame_commands);
    EXPECT_FALSE(s.log_messages);
}

TEST(config, everything) {
    const auto s = good(R"(
[server]
name = "chat.example.org"
data = "/var/lib/brusio"
workers = 64
chat_thread = "own"
lobby = "#perché"

[[listen]]
door = "frame"
address = "0.0.0.0:1234"

[[listen]]
door = "frame"
address = "[::]:1235"
tls = true

[[listen]]
door = "frame"
address = "unix:/run/brusio.sock"
tls = false

[tls]
certificate = "tls/fullchain.pem"
key = "/secret/privkey.pem"

[limits]
connections_per_ip = 3
connects_per_minute_per_ip = 4
exempt = ["10.0.0.0/8"]
commands_per_second = 0.5
burst = 5
send_queue = "256 KiB"
send_memory = 10000000
login_timeout = "500ms"
message_bytes = 9_999_999_999

[frame]
commands = false
)");
    EXPECT_EQ(s.server_name, "chat.example.org");
    EXPECT_EQ(s.data, "/var/lib/brusio");
    EXPECT_EQ(s.workers, 64U);
    EXPECT_EQ(s.chat_thread, chat_thread_mode::own);
    EXPECT_EQ(s.lobby, "#perché");
    ASSERT_EQ(s.listeners.size(), 3U);
    EXPECT_EQ(s.listeners[0].where.text(), "0.0.0.0:1234");
    EXPECT_EQ(s.listeners[1].where.text(), "[::]:1235");
    EXPECT_TRUE(s.listeners[1].tls);
    EXPECT_EQ(s.listeners[2].where.text(), "unix:/run/brusio.sock");
    EXPECT_FALSE(s.listeners[2].tls);
    EXPECT_EQ(s.tls.certificate, "/etc/tls/fullchain.pem");  // relative to the file's folder
    EXPECT_EQ(s.tls.key, "/secret/privkey.pem");
    EXPECT_EQ(s.limits.connections_per_ip, 3U);
    EXPECT_EQ(s.limits.connects_per_minute_per_ip, 4U);
    ASSERT_EQ(s.limits.exempt.size(), 1U);
    EXPECT_EQ(s.limits.exempt[0].text(), "10.0.0.0/8");
    EXPECT_EQ(s.limits.commands_per_second, 0.5);
    EXPECT_EQ(s.limits.burst, 5U);
    EXPECT_EQ(s.limits.send_queue, 262144U);
    EXPECT_EQ(s.limits.send_memory, 10000000U);
    EXPECT_EQ(s.limits.login_timeout, milliseconds(500));
    EXPECT_EQ(s.limits.message_bytes, 9999999999U);
    EXPECT_FALSE(s.frame_commands);
}

TEST(config, zero_is_no_limit) {
    const auto s = good(
        "[limits]\nconnections_per_ip = 0\nconnects_per_minute_per_ip = 0\nexempt = []\ncommands_per_second = 0\n"
        "burst = 0\nsend_queue = 0\nsend_memory = \"0\"\nlogin_timeout = 0.0\nmessage_bytes = 0\n");
    EXPECT_EQ(s.limits, (limit_settings{.connections_per_ip = 0,
                                        .connects_per_minute_per_ip = 0,
                                        .exempt = {},
                                        .commands_per_second = 0,
                                        .burst = 0,
                                        .send_queue = 0,
                                        .send_memory = 0,
                                        .login_timeout = {},
                                        .message_bytes = 0}));
}

TEST(config, a_server_is_called_by_letters_digits_dots_hyphens_and_underscores) {
    for (const auto& name :
         {std::string("x"), std::string("7"), std::string("Chat-1_a.example.org"), std::string(63, 'x')}) {
        EXPECT_EQ(good("server.name = \"" + name + "\"").server_name, name);
    }
}

TEST(config, small_things) {
    EXPECT_EQ(good("server.chat_thread = \"auto\"").chat_thread, chat_thread_mode::automatic);
    EXPECT_EQ(good("server = {chat_thread = \"shared\"}").chat_thread, chat_thread_mode::shared);
    EXPECT_EQ(good("limits.login_timeout = 3").limits.login_timeout, milliseconds(3000));
    EXPECT_EQ(good("limits.login_timeout = 0.0001").limits.login_timeout, milliseconds(1));
    EXPECT_EQ(good("listen = []").listeners, settings::default_listeners());
    EXPECT_EQ(good("server.data = \"here\"").data, "/etc/here");
    EXPECT_EQ(good("[tls]").tls, tls_settings{});
    EXPECT_EQ(good("server.lobby = \"#" + std::string(63, 'x') + "\"").lobby.size(), 64U);
    const auto any =
        good("listen = [{door = \"frame\", address = \"127.0.0.1:0\"}, {door = \"frame\", address = \"127.0.0.1:0\"}]");
    EXPECT_EQ(any.listeners.size(), 2U);  // each port 0 is another port
    const auto s = parse_settings("[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n", "brusio.toml");
    ASSERT_TRUE(s);
    EXPECT_EQ(s->tls.certificate, "c.pem");
}

struct bad_file {
    std::string_view toml;
    std::string_view message;  // after "/etc/brusio.toml:"
};

class config_bad_file : public testing::TestWithParam<bad_file> {};

TEST_P(config_bad_file, is_told_exactly) {
    EXPECT_EQ(wrong(GetParam().toml), "/etc/brusio.toml:" + std::string(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    names, config_bad_file,
    testing::Values(
        bad_file{"[server]\n\nworkrs = 2", "3: unknown key \"workrs\" in [server]; did you mean \"workers\"?"},
        bad_file{"[server]\nfoobar = 2", "2: unknown key \"foobar\" in [server]"},
        bad_file{"[server]\nburst = 2", "2: unknown key \"burst\" in [server]; it belongs in [limits]"},
        bad_file{"[server]\n\"\\u001b[2J\" = 2", "2: unknown key \"␛[2J\" in [server]"},
        bad_file{"[server]\n\"\" = 2", "2: unknown key \"\" in [server]"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddres = \"x\"",
                 "3: unknown key \"addres\" in [[listen]]; did you mean \"address\"?"},
        bad_file{"[[listen]]\ndoor = \"frame\"",
                 "1: this [[listen]] needs an address, such as address = \"127.0.0.1:1234\""},
        bad_file{"[[listen]]\naddress = \"127.0.0.1:1\"\ndoor = \"frame\"\naddres = \"x\"",
                 "4: unknown key \"addres\" in [[listen]]; did you mean \"address\"?"},
        bad_file{"[servr]\nname = \"x\"", "1: unknown table [servr]; did you mean [server]?"},
        bad_file{"[[lissten]]\n", "1: unknown table [lissten]; did you mean [[listen]]?"},
        bad_file{"[somewhere]", "1: unknown table [somewhere]"},
        bad_file{"workers = 2", "1: the key \"workers\" stands outside of any table; it belongs in [server]"},
        bad_file{"x = 2", "1: the key \"x\" stands outside of any table"},
        bad_file{"log_messages = true", "1: the key \"log_messages\" stands outside of any table"},
        // the mistake that stands first in the file, whatever the keys are called
        bad_file{"[tls]\nzzz = 1\n[server]\nworkers = 99", "2: unknown key \"zzz\" in [tls]"},
        bad_file{"[server]\nworkers = 99\nname = 3", "2: server.workers must be from 0 to 64, not 99"}));

INSTANTIATE_TEST_SUITE_P(
    later_versions, config_bad_file,
    testing::Values(bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\nwebsocket = true",
                             "4: \"websocket\" in [[listen]] belongs to a feature that is not in this version"},
                    bad_file{"[[listen]]\ndoor = \"http\"\naddress = \"127.0.0.1:8080\"",
                             "2: the door \"http\" is not in this version"},
                    bad_file{"[[listen]]\ndoor = \"fram\"\naddress = \"127.0.0.1:1\"",
                             "2: unknown door \"fram\"; this version has \"frame\" and \"irc\""}));

INSTANTIATE_TEST_SUITE_P(
    types, config_bad_file,
    testing::Values(
        bad_file{"server = 3", "1: server must be a table, written [server]"},
        bad_file{"[[server]]\nname = \"x\"", "1: server must be a table, written [server]"},
        bad_file{"[listen]\ndoor = \"frame\"", "1: listeners are a list of tables: write [[listen]] with two brackets"},
        bad_file{"listen = [1]", "1: listeners are a list of tables: write [[listen]] with two brackets"},
        bad_file{"listen = \"frame=127.0.0.1:1\"",
                 "1: listeners are a list of tables: write [[listen]] with two brackets"},
        bad_file{"[server]\nname = 3", "2: server.name must be text in quotes, not a whole number"},
        bad_file{"[server]\ndata = true", "2: server.data must be text in quotes, not true or false"},
        bad_file{"[server]\nworkers = \"2\"", "2: server.workers must be a whole number, not text"},
        bad_file{"[server]\nworkers = 2.5", "2: server.workers must be a whole number, not a number with a fraction"},
        bad_file{"[server]\nchat_thread = true", "2: server.chat_thread must be text in quotes, not true or false"},
        bad_file{"[server]\nlobby = 2020-01-01", "2: server.lobby must be text in quotes, not a date or time"},
        bad_file{"[[listen]]\ndoor = 1\naddress = \"127.0.0.1:1\"",
                 "2: door must be text in quotes, not a whole number"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = 1234",
                 "3: address must be text in quotes, not a whole number"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\ntls = \"yes\"",
                 "4: tls must be true or false, not text"},
        bad_file{"[tls]\ncertificate = [\"a\"]", "2: tls.certificate must be text in quotes, not a list"},
        bad_file{"[limits]\nburst = {a = 1}", "2: limits.burst must be a whole number, not a table"},
        bad_file{"[limits]\ncommands_per_second = \"2\"", "2: limits.commands_per_second must be a number, not text"},
        bad_file{"[limits]\nexempt = \"::1\"",
                 "2: limits.exempt must be a list such as [\"127.0.0.0/8\", \"::1\"], not text"},
        bad_file{"[limits]\nexempt = [\n\"::1\",\n1]",
                 "4: each element of limits.exempt must be text in quotes, not a whole number"},
        bad_file{
            "[limits]\nsend_queue = 1.5",
            "2: limits.send_queue must be a size such as \"1 MiB\" or a number of bytes, not a number with a fraction"},
        bad_file{"[limits]\nlogin_timeout = true",
                 "2: limits.login_timeout must be a time such as \"20s\" or a number of seconds, not true or false"},
        bad_file{"[frame]\ncommands = 1", "2: frame.commands must be true or false, not a whole number"}));

INSTANTIATE_TEST_SUITE_P(
    values, config_bad_file,
    testing::Values(
        bad_file{"[server]\nworkers = -1", "2: server.workers must be from 0 to 64, not -1"},
        bad_file{"[server]\nworkers = 65", "2: server.workers must be from 0 to 64, not 65"},
        bad_file{"[server]\nchat_thread = \"fast\"",
                 "2: server.chat_thread must be \"auto\", \"own\" or \"shared\", not \"fast\""},
        bad_file{"[server]\nlobby = \"piazza\"",
                 "2: server.lobby must start with #, as in \"#piazza\", not be \"piazza\""},
        bad_file{"[server]\nlobby = \"#a b\"",
                 "2: server.lobby cannot have blanks, commas or control characters, as \"#a b\" has"},
        bad_file{"[server]\nlobby = \"#a\\u00A0b\"",
                 "2: server.lobby cannot have blanks, commas or control characters, as \"#a\u00A0b\" has"},
        bad_file{"[server]\nlobby = \"#a,#b\"",
                 "2: server.lobby cannot have blanks, commas or control characters, as \"#a,#b\" has"},
        bad_file{"[server]\nlobby = \"#a\\u0007\"",
                 "2: server.lobby cannot have blanks, commas or control characters, as \"#a␇\" has"},
        bad_file{"[server]\nlobby = \"#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
                 "2: server.lobby has at most 64 bytes, not 65"},
        bad_file{"[server]\nlobby = \"\"", "2: the frame door needs a lobby"},
        bad_file{"[server]\ndata = \"\"", "2: server.data must name a file or folder, not be empty"},
        bad_file{"[tls]\nkey = \"a\\u0000b\"", "2: tls.key cannot have a NUL character"},
        bad_file{"[limits]\nconnections_per_ip = -1",
                 "2: limits.connections_per_ip must be from 0 to 1000000000, not -1"},
        bad_file{"[limits]\nconnects_per_minute_per_ip = 5000000000",
                 "2: limits.connects_per_minute_per_ip must be from 0 to 1000000000, not 5000000000"},
        bad_file{"[limits]\nburst = -1", "2: limits.burst must be from 0 to 1000000000, not -1"},
        bad_file{"[limits]\ncommands_per_second = -0.5",
                 "2: limits.commands_per_second must be from 0 to 1000000000, not -0.5"},
        bad_file{"[limits]\ncommands_per_second = nan",
                 "2: limits.commands_per_second must be from 0 to 1000000000, not nan"},
        bad_file{"[limits]\nsend_queue = -1", "2: limits.send_queue must be from 0 to 1099511627776 bytes, not -1"},
        bad_file{"[limits]\nsend_memory = \"1 Mb\"",
                 "2: limits.send_memory: \"1 Mb\" is not a size; write \"1 MiB\", \"256 KiB\", \"10 MB\" or a number "
                 "of bytes"},
        bad_file{"[limits]\nmessage_bytes = 10_000_000_000",
                 "2: limits.message_bytes must be from 0 to 9999999999 bytes, not 10000000000"},
        bad_file{"[limits]\nmessage_bytes = \"10 GB\"",
                 "2: limits.message_bytes must be from 0 to 9999999999 bytes, not 10000000000"},
        bad_file{"[limits]\nlogin_timeout = -1", "2: limits.login_timeout: a time cannot be negative"},
        bad_file{"[limits]\nlogin_timeout = inf", "2: limits.login_timeout: a time can be at most 365 days"},
        bad_file{
            "[limits]\nlogin_timeout = \"1y\"",
            "2: limits.login_timeout: \"1y\" is not a time; write \"20s\", \"500ms\", \"2m\", \"1h\", \"30d\" or a "
            "number of seconds"},
        bad_file{
            "[limits]\nexempt = [\"::1\", \n \"10.0.0.1/8\"]",
            "3: limits.exempt: \"10.0.0.1/8\" is not a network: bits after the first 8 are set; write 10.0.0.0/8"}));

INSTANTIATE_TEST_SUITE_P(
    server_names, config_bad_file,
    testing::Values(
        bad_file{"[server]\nname = \"\"", "2: server.name must have 1 to 63 characters, not 0"},
        bad_file{"[server]\nname = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
                 "2: server.name must have 1 to 63 characters, not 64"},
        bad_file{
            "[server]\nname = \" \"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \" \""},
        bad_file{
            "[server]\nname = \":x\"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \":x\""},
        bad_file{
            "[server]\nname = \"a!b@c\"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \"a!b@c\""},
        bad_file{
            "[server]\nname = \"a@b\"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \"a@b\""},
        bad_file{
            "[server]\nname = \"x y\"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \"x y\""},
        bad_file{"[server]\nname = \" chat.example.org\"",
                 "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \" "
                 "chat.example.org\""},
        bad_file{
            "[server]\nname = \"a\\u0007b\"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \"a␇b\""},
        bad_file{"[server]\nname = \"perché\"",
                 "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be "
                 "\"perché\""},
        bad_file{
            "[server]\nname = \"a*b\"",
            "2: server.name can only have the letters a to z, digits, dots, hyphens and underscores, not be \"a*b\""},
        bad_file{"[server]\nname = \".x\"", "2: server.name must begin with a letter or digit, not be \".x\""},
        bad_file{"[server]\nname = \"-x\"", "2: server.name must begin with a letter or digit, not be \"-x\""},
        bad_file{"[server]\nname = \"_\"", "2: server.name must begin with a letter or digit, not be \"_\""}));

INSTANTIATE_TEST_SUITE_P(
    listeners, config_bad_file,
    testing::Values(
        bad_file{"[[listen]]\naddress = \"127.0.0.1:1\"", "1: this [[listen]] needs a door, such as door = \"frame\""},
        bad_file{"\n[[listen]]\ndoor = \"frame\"",
                 "2: this [[listen]] needs an address, such as address = \"127.0.0.1:1234\""},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"localhost:1234\"",
                 "3: \"localhost\" is not an IP address; host names are not looked up here"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"unix:x\"", "3: the path of \"unix:x\" must start with /"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"[::1]:1\"\n[[listen]]\ndoor = \"frame\"\n"
                 "address = \"[0::1]:1\"",
                 "4: two listeners have the address [::1]:1"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\ntls = true",
                 "4: tls = true needs a certificate and a key in [tls]"},
        bad_file{"[tls]\ncertificate = \"c.pem\"", "1: [tls] needs both a certificate and a key"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\ntls = true\n[tls]\nkey = \"k.pem\"",
                 "5: [tls] needs both a certificate and a key"},
        bad_file{"[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\ntls = true\n[tls]\nkey = 1",
                 "6: tls.key must be text in quotes, not a whole number"}));

INSTANTIATE_TEST_SUITE_P(
    toml, config_bad_file,
    testing::Values(
        bad_file{"[server]\nname = chat", "2: Error while parsing value: could not determine value type"},
        bad_file{"[server", "1: Error while parsing table header: encountered end-of-file"},
        bad_file{"ñ = 1", "1: Error while parsing root table: expected keys, tables, whitespace or comments, saw 'ñ'"},
        bad_file{"[!]",
                 "1: Error while parsing key: expected bare key starting character or string delimiter, saw '!'"},
        bad_file{"[server]\nworkers = 1\nworkers = 2",
                 "3: Error while parsing key-value pair: cannot redefine existing integer 'workers'"},
        bad_file{"[server]\n\n\nname = \"\xff\"", "4: Encountered invalid utf-8 sequence"}));

TEST(config, listeners_as_typed) {
    EXPECT_EQ(parse_listener("frame=127.0.0.1:1234")->where.text(), "127.0.0.1:1234");
    EXPECT_EQ(parse_listener("frame=unix:/a=b")->where.text(), "unix:/a=b");
    EXPECT_EQ(parse_listener("127.0.0.1:1234").error().text,
              "\"127.0.0.1:1234\" is not a listener; write DOOR=ADDRESS, such as frame=127.0.0.1:1234");
    EXPECT_EQ(parse_listener("irc=127.0.0.1:6667")->door, "irc");
    EXPECT_EQ(parse_listener("http=127.0.0.1:8080").error().text, "the door \"http\" is not in this version");
    EXPECT_EQ(parse_listener("=127.0.0.1:6667").error().text,
              "unknown door \"\"; this version has \"frame\" and \"irc\"");
    EXPECT_EQ(parse_listener("frame=").error().text,
              "\"\" has no port; write 127.0.0.1:1234, [::1]:1234 or unix:/path");
}

}  // namespace
}  // namespace brusio::brusiod
