// The settings that the IRC door needs; config_test.cpp has the rest.
#include <gtest/gtest.h>

#include "brusiod/config.hpp"
#include "brusiod/password.hpp"

namespace brusio::brusiod {
namespace {

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

// A hash of "x", once: making one takes a while.
const std::string& hash() {
    static const std::string made = *hash_password("x");
    return made;
}

const std::string only_irc = "[[listen]]\ndoor = \"irc\"\naddress = \"127.0.0.1:6667\"\n";
const std::string tls_irc =
    "[[listen]]\ndoor = \"irc\"\naddress = \"127.0.0.1:6697\"\ntls = true\n[tls]\ncertificate = \"c\"\nkey = \"k\"\n";

TEST(config_irc, defaults) {
    const auto s = good("");
    EXPECT_EQ(s.network, "Brusio");
    EXPECT_EQ(s.description, "Brusio chat");
    EXPECT_EQ(s.admin, strings{});
    EXPECT_EQ(s.password, "");
    EXPECT_EQ(s.motd, "");
    EXPECT_EQ(s.motd_text, strings{});
    EXPECT_TRUE(s.cloak);
    EXPECT_TRUE(s.proxies.empty());
    EXPECT_EQ(s.limits.read_queue, 32768U);
    EXPECT_EQ(s.limits.channels_per_user, 100U);
    EXPECT_EQ(s.irc, irc_settings{});
    EXPECT_EQ(s.irc.sts, std::nullopt);
    EXPECT_TRUE(s.operators.empty());
    EXPECT_TRUE(s.webirc.empty());
}

TEST(config_irc, everything) {
    std::string toml = R"(
[server]
network = "Perché"
description = "a chat for the console"
admin = ["Anna", "", "anna@example.org"]
password = "se cret"
motd = "motd.txt"
cloak = false
proxies = ["10.0.0.0/8", "::1"]
lobby = ""

[[listen]]
door = "irc"
address = "0.0.0.0:6667"
proxy_protocol = true

[[listen]]
door = "irc"
address = "unix:/run/irc.sock"
tls = true

[[listen]]
door = "irc"
address = "[::]:6697"
tls = true

[tls]
certificate = "c"
key = "k"

[limits]
read_queue = 5120
channels_per_user = 10000

[irc]
sts = "30d"
icon = "https://example.org/icon.svg?a=b"
blocked_tags = ["typing", "draft/react", "example.org/a-b", "typing"]

[operator.bruno]
password = "HASH"
[operator."Annà"]
password = "HASH"

[[webirc]]
password = "gate"
addresses = ["192.0.2.0/24"]
[[webirc]]
password = "HASH"
addresses = ["::1"]
)";
    for (auto at = toml.find("HASH"); at != std::string::npos; at = toml.find("HASH")) toml.replace(at, 4, hash());
    const auto s = good(toml);
    EXPECT_EQ(s.network, "Perché");
    EXPECT_EQ(s.description, "a chat for the console");
    EXPECT_EQ(s.admin, (strings{"Anna", "", "anna@example.org"}));
    EXPECT_EQ(s.password, "se cret");
    EXPECT_EQ(s.motd, "/etc/motd.txt");
    EXPECT_EQ(s.motd_text, strings{});
    EXPECT_FALSE(s.cloak);
    ASSERT_EQ(s.proxies.size(), 2U);
    EXPECT_EQ(s.proxies[1].text(), "::1");
    EXPECT_EQ(s.lobby, "");
    ASSERT_EQ(s.listeners.size(), 3U);
    EXPECT_EQ(s.listeners[0].door, "irc");
    EXPECT_TRUE(s.listeners[0].proxy_protocol);
    EXPECT_FALSE(s.listeners[2].proxy_protocol);
    EXPECT_EQ(s.limits.read_queue, 5120U);
    EXPECT_EQ(s.limits.channels_per_user, 10000U);
    EXPECT_EQ(s.irc.sts, std::chrono::days(30));
    EXPECT_EQ(s.irc.sts_port, 6697);  // a unix socket has none
    EXPECT_EQ(s.irc.icon, "https://example.org/icon.svg?a=b");
    EXPECT_EQ(s.irc.blocked_tags, (strings{"typing", "draft/react", "example.org/a-b"}));
    ASSERT_EQ(s.operators.size(), 2U);
    EXPECT_EQ(s.operators[0], (operator_settings{.name = "Annà", .password_hash = hash()}));
    EXPECT_EQ(s.operators[1].name, "bruno");
    ASSERT_EQ(s.webirc.size(), 2U);
    EXPECT_EQ(s.webirc[0].password, "gate");
    EXPECT_EQ(s.webirc[0].addresses.at(0).text(), "192.0.2.0/24");
    EXPECT_EQ(s.webirc[1].password, hash());
}

TEST(config_irc, sts) {
    EXPECT_EQ(good("[irc]\nsts = \"30d\"\n" + tls_irc).irc.sts, std::chrono::days(30));
    EXPECT_EQ(good("[irc]\nsts = \"30d\"\n" + tls_irc).irc.sts_port, 6697);
    EXPECT_EQ(good("[irc]\nsts = 90\nsts_port = 443\n" + tls_irc).irc.sts_port, 443);
    EXPECT_EQ(good("irc.sts = 1.9\n" + tls_irc).irc.sts, std::chrono::seconds(1));
    const auto unix_only =
        "[irc]\nsts = \"1h\"\nsts_port = 6697\n[[listen]]\ndoor = \"irc\"\naddress = \"unix:/x\"\n"
        "tls = true\n[tls]\ncertificate = \"c\"\nkey = \"k\"\n";
    EXPECT_EQ(good(unix_only).irc.sts_port, 6697);
}

// IRCv3 sts: what clients keep, they drop when they are told a duration of 0.
TEST(config_irc, sts_of_no_time_is_not_no_sts) {
    for (const std::string zero : {"0", "\"0\"", "\"0s\"", "0.0", "\"0d\""}) {
        const auto s = good("[irc]\nsts = " + zero + "\n" + tls_irc);
        EXPECT_EQ(s.irc.sts, std::chrono::seconds(0)) << zero;
        EXPECT_EQ(s.irc.sts_port, 6697) << zero;
        EXPECT_NE(s.irc, good(tls_irc).irc);
    }
    EXPECT_EQ(good("[irc]\nsts_port = 6697\n" + tls_irc).irc.sts, std::nullopt);
    // Only who comes with TLS can be told.
    EXPECT_EQ(wrong("[irc]\nsts = \"0s\"\n" + only_irc),
              "/etc/brusio.toml:2: irc.sts needs a [[listen]] with door = \"irc\" and tls = true");
}

// IRCv3 message-tags, CLIENTTAGDENY: "*" is the first, and exceptions are from it.
TEST(config_irc, blocked_tags_may_be_all_but_some) {
    const auto tags = [](const std::string& list) { return good("irc.blocked_tags = " + list).irc.blocked_tags; };
    EXPECT_EQ(tags(R"(["*", "-typing", "-draft/react"])"), (strings{"*", "-typing", "-draft/react"}));
    EXPECT_EQ(tags(R"(["-typing", "-draft/react", "*"])"), (strings{"*", "-typing", "-draft/react"}));
    EXPECT_EQ(tags(R"(["-example.org/a-b", "*", "-typing", "*", "-typing"])"),
              (strings{"*", "-example.org/a-b", "-typing"}));
    EXPECT_EQ(tags(R"(["typing", "*"])"), (strings{"*", "typing"}));
    EXPECT_EQ(tags(R"(["*"])"), strings{"*"});
}

TEST(config_irc, small_things) {
    EXPECT_EQ(good("irc.icon = \"\"").irc.icon, "");
    EXPECT_EQ(good("irc.blocked_tags = []").irc.blocked_tags, strings{});
    EXPECT_EQ(good("server.description = \"\"").description, "");
    EXPECT_EQ(good("server.password = \"\"").password, "");  // with frames, as by default
    EXPECT_EQ(good("server.password = \"" + hash() + "\"\n" + only_irc).password, hash());
    EXPECT_EQ(good("server.network = \"" + std::string(32, 'x') + "\"").network.size(), 32U);
    EXPECT_EQ(good("server.network = \"èèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèè\"").network.size(), 64U);
    EXPECT_EQ(good("webirc = []").webirc, std::vector<webirc_settings>{});
    EXPECT_EQ(good("[operator]").operators, std::vector<operator_settings>{});
    EXPECT_EQ(good("[server]\nlobby = \"\"\n" + only_irc).lobby, "");
    const auto unproxied = good("[server]\nproxies = []\n" + only_irc + "proxy_protocol = false");
    EXPECT_FALSE(unproxied.listeners[0].proxy_protocol);
}

struct bad_file {
    std::string toml;
    std::string message;  // after "/etc/brusio.toml:"
};
void PrintTo(const bad_file& file, std::ostream* out) { *out << file.toml; }

class config_irc_bad_file : public testing::TestWithParam<bad_file> {};

TEST_P(config_irc_bad_file, is_told_exactly) {
    EXPECT_EQ(wrong(GetParam().toml), "/etc/brusio.toml:" + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    server, config_irc_bad_file,
    testing::Values(
        bad_file{"[server]\nnetwork = \"\"", "2: server.network must have 1 to 32 characters, not 0"},
        bad_file{"[server]\nnetwork = \"" + std::string(33, 'x') + "\"",
                 "2: server.network must have 1 to 32 characters, not 33"},
        bad_file{"[server]\nnetwork = \"a b\"",
                 "2: server.network cannot have blanks or control characters, as \"a b\" has"},
        bad_file{"[server]\nnetwork = \"a\\u0007\"",
                 "2: server.network cannot have blanks or control characters, as \"a␇\" has"},
        bad_file{"[server]\nnetwork = \"a\\u007Fb\"",
                 "2: server.network cannot have blanks or control characters, as \"a␡b\" has"},
        bad_file{"[server]\nnetwork = \"a\\u0080b\"",
                 "2: server.network cannot have blanks or control characters, as \"a\uFFFDb\" has"},
        bad_file{"[server]\nnetwork = 1", "2: server.network must be text in quotes, not a whole number"},
        bad_file{"[server]\ndescription = \"a\\nb\"",
                 "2: server.description must be one line without control characters, not \"a␊b\""},
        bad_file{"[server]\ndescription = \"" + std::string(201, 'x') + "\"",
                 "2: server.description has at most 200 bytes, not 201"},
        bad_file{"[server]\nadmin = \"Anna\"",
                 "2: server.admin must be a list such as [\"Anna\", \"anna@example.org\"], not text"},
        bad_file{"[server]\nadmin = [\"1\", \"2\", \"3\", \"4\"]", "2: server.admin has at most 3 lines, not 4"},
        bad_file{"[server]\nadmin = [\n\"1\",\n2]", "4: server.admin must be text in quotes, not a whole number"},
        bad_file{"[server]\ncloak = \"yes\"", "2: server.cloak must be true or false, not text"},
        bad_file{"[server]\nmotd = \"\"", "2: server.motd must name a file or folder, not be empty"},
        bad_file{"[server]\nproxies = \"::1\"", "2: server.proxies must be a list such as [\"10.0.0.0/8\"], not text"},
        bad_file{"[server]\nproxies = [\"here\"]",
                 "2: server.proxies: \"here\" is not a network; write 127.0.0.0/8, ::1 or 2001:db8::/32"},
        bad_file{"[server]\npassword = 1", "2: server.password must be text in quotes, not a whole number"},
        bad_file{"[server]\npassword = \"a\\nb\"", "2: server.password: a password cannot have control characters"},
        bad_file{"[server]\npassword = \"$argon2id$x\"",
                 "2: server.password: this is not a whole argon2id hash; make one with brusiod --hash-password"},
        bad_file{"[server]\npassword = \"$6$salt$x\"",
                 "2: server.password: only argon2id hashes are known; make one with brusiod --hash-password"},
        bad_file{"[server]\n\npassword = \"x\"",
                 "3: server.password cannot be while there is a frame listener: frames have no place for a password; "
                 "without any [[listen]], frames come to 127.0.0.1:1234"},
        bad_file{"[server]\npassword = \"x\"\n[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\n" + only_irc,
                 "2: server.password cannot be while there is a frame listener: frames have no place for a "
                 "password"}));

INSTANTIATE_TEST_SUITE_P(
    limits, config_irc_bad_file,
    testing::Values(
        bad_file{"[limits]\nread_queue = 0", "2: limits.read_queue must be from 5120 to 1099511627776 bytes, not 0"},
        bad_file{"[limits]\nread_queue = \"1 KiB\"",
                 "2: limits.read_queue must be from 5120 to 1099511627776 bytes, not 1024"},
        bad_file{"[limits]\nread_queue = 5119",
                 "2: limits.read_queue must be from 5120 to 1099511627776 bytes, not 5119"},
        bad_file{"[limits]\nchannels_per_user = 0", "2: limits.channels_per_user must be from 1 to 10000, not 0"},
        bad_file{"[limits]\nchannels_per_user = 10001",
                 "2: limits.channels_per_user must be from 1 to 10000, not 10001"}));

INSTANTIATE_TEST_SUITE_P(
    irc, config_irc_bad_file,
    testing::Values(
        bad_file{"[irc]\nstss = 1", "2: unknown key \"stss\" in [irc]; did you mean \"sts\"?"},
        bad_file{"irc = 1", "1: irc must be a table, written [irc]"},
        bad_file{"[server]\nicon = \"x\"", "2: unknown key \"icon\" in [server]; it belongs in [irc]"},
        bad_file{"[irc]\nsts = \"500ms\"", "2: irc.sts must be at least 1s, or 0s to withdraw it"},
        bad_file{"[irc]\nsts = \"400d\"", "2: irc.sts: a time can be at most 365 days"},
        bad_file{"[irc]\nsts = \"30d\"\n" + only_irc,
                 "2: irc.sts needs a [[listen]] with door = \"irc\" and tls = true"},
        bad_file{"[irc]\nsts = \"30d\"\n[[listen]]\ndoor = \"frame\"\naddress = \"127.0.0.1:1\"\ntls = true\n" +
                     only_irc + "[tls]\ncertificate = \"c\"\nkey = \"k\"\n",
                 "2: irc.sts needs a [[listen]] with door = \"irc\" and tls = true"},
        bad_file{"[irc]\nsts = \"30d\"\n[[listen]]\ndoor = \"irc\"\naddress = \"127.0.0.1:0\"\ntls = true\n"
                 "[tls]\ncertificate = \"c\"\nkey = \"k\"\n",
                 "2: irc.sts needs irc.sts_port: no irc listener with TLS has a port that is known"},
        bad_file{"[irc]\nsts_port = 0", "2: irc.sts_port must be from 1 to 65535, not 0"},
        bad_file{"[irc]\nsts_port = 65536", "2: irc.sts_port must be from 1 to 65535, not 65536"},
        bad_file{"[irc]\nicon = \"http://example.org/x\"",
                 "2: irc.icon must be a URL such as \"https://example.org/icon.png\", in ASCII and without blanks, not "
                 "\"http://example.org/x\""},
        bad_file{"[irc]\nicon = \"https://a b\"",
                 "2: irc.icon must be a URL such as \"https://example.org/icon.png\", in ASCII and without blanks, not "
                 "\"https://a b\""},
        bad_file{"[irc]\nicon = \"https://\"",
                 "2: irc.icon must be a URL such as \"https://example.org/icon.png\", in ASCII and without blanks, not "
                 "\"https://\""},
        bad_file{"[irc]\nicon = \"https://" + std::string(293, 'x') + "\"",
                 "2: irc.icon has at most 300 bytes, not 301"},
        bad_file{"[irc]\nblocked_tags = \"*\"", "2: irc.blocked_tags must be a list such as [\"typing\"], not text"},
        bad_file{"[irc]\nblocked_tags = [\n\"+typing\"]", "3: irc.blocked_tags: write \"typing\" without the +"},
        bad_file{"[irc]\nblocked_tags = [\"\"]",
                 "2: irc.blocked_tags: \"\" is not the name of a tag, nor \"*\" for all"},
        bad_file{"[irc]\nblocked_tags = [\"a b\"]",
                 "2: irc.blocked_tags: \"a b\" is not the name of a tag, nor \"*\" for all"},
        bad_file{"[irc]\nblocked_tags = [\"-typing\"]",
                 "2: irc.blocked_tags: \"-typing\" excepts a tag from \"*\", which is not in the list"},
        bad_file{"[irc]\nblocked_tags = [\"typing\",\n\"reply\",\n\"-draft/react\",\n\"-x\"]",
                 "4: irc.blocked_tags: \"-draft/react\" excepts a tag from \"*\", which is not in the list"},
        bad_file{"[irc]\nblocked_tags = [\"*\", \"-+typing\"]", "2: irc.blocked_tags: write \"-typing\" without the +"},
        bad_file{"[irc]\nblocked_tags = [\"*\", \"--typing\"]",
                 "2: irc.blocked_tags: \"--typing\" is not the name of a tag, nor \"*\" for all"},
        bad_file{"[irc]\nblocked_tags = [\"*\", \"-*\"]",
                 "2: irc.blocked_tags: \"-*\" is not the name of a tag, nor \"*\" for all"},
        bad_file{"[irc]\nblocked_tags = [\"*\", \"-\"]",
                 "2: irc.blocked_tags: \"-\" is not the name of a tag, nor \"*\" for all"},
        bad_file{"[irc]\nblocked_tags = [\"a/b/c\"]",
                 "2: irc.blocked_tags: \"a/b/c\" is not the name of a tag, nor \"*\" for all"}));

INSTANTIATE_TEST_SUITE_P(
    operators, config_irc_bad_file,
    testing::Values(
        bad_file{"[operator.alice]\npassword = \"secret\"",
                 "2: operator.alice.password must be a hash that begins with $argon2id$; make one with brusiod "
                 "--hash-password"},
        bad_file{"[operator.alice]\npassword = \"\"",
                 "2: operator.alice.password must be a hash that begins with $argon2id$; make one with brusiod "
                 "--hash-password"},
        bad_file{"[operator.alice]\npassword = \"$argon2id$v=19$m=65536,t=2,p=1$abc\"",
                 "2: operator.alice.password: this is not a whole argon2id hash; make one with brusiod "
                 "--hash-password"},
        bad_file{"\n[operator.alice]",
                 "2: the operator \"alice\" needs a password; make one with brusiod --hash-password"},
        bad_file{"[operator.alice]\npasword = \"x\"",
                 "2: unknown key \"pasword\" in [operator]; did you mean \"password\"?"},
        bad_file{"[operator]\npassword = \"x\"", "2: an operator is a table with a name, written [operator.NAME]"},
        bad_file{"operator = 1", "1: operators are tables with a name, written [operator.NAME]"},
        bad_file{"[[operator]]\nname = \"x\"", "1: operators are tables with a name, written [operator.NAME]"},
        bad_file{"[operator.\"a b\"]",
                 "1: the name of an operator cannot have blanks or control characters, as \"a b\" has"},
        bad_file{"[operator.\"\"]", "1: the name of an operator must have 1 to 32 characters, not 0"},
        bad_file{"[operator.\":a\"]", "1: the name of an operator cannot begin with a colon"}));

INSTANTIATE_TEST_SUITE_P(
    gateways, config_irc_bad_file,
    testing::Values(
        bad_file{"[webirc]\npassword = \"x\"", "1: gateways are a list of tables: write [[webirc]] with two brackets"},
        bad_file{"\n[[webirc]]\naddresses = [\"::1\"]", "2: this [[webirc]] needs a password"},
        bad_file{"[[webirc]]\npassword = \"x\"",
                 "1: this [[webirc]] needs addresses, such as addresses = [\"192.0.2.0/24\"]"},
        bad_file{"[[webirc]]\npassword = \"x\"\naddresses = []", "3: the addresses of a [[webirc]] cannot be empty"},
        bad_file{"[[webirc]]\npassword = \"\"\naddresses = [\"::1\"]",
                 "2: the password of a [[webirc]] cannot be empty"},
        bad_file{"[[webirc]]\npassword = \"$2y$x\"\naddresses = [\"::1\"]",
                 "2: password: only argon2id hashes are known; make one with brusiod --hash-password"},
        bad_file{"[[webirc]]\npassword = \"x\"\naddresses = [\"::1\",\n\"x\"]",
                 "4: addresses: \"x\" is not a network; write 127.0.0.0/8, ::1 or 2001:db8::/32"},
        bad_file{"[[webirc]]\npassword = \"x\"\nadresses = [\"::1\"]",
                 "3: unknown key \"adresses\" in [[webirc]]; did you mean \"addresses\"?"}));

INSTANTIATE_TEST_SUITE_P(
    proxies, config_irc_bad_file,
    testing::Values(
        bad_file{only_irc + "proxy_protocol = true",
                 "4: proxy_protocol = true needs the proxies' addresses: write proxies = [\"10.0.0.0/8\"] in [server]"},
        bad_file{only_irc + "proxy_protocol = 1", "4: proxy_protocol must be true or false, not a whole number"},
        bad_file{"[server]\nproxies = [\"::1\"]\n[[listen]]\ndoor = \"irc\"\naddress = \"unix:/x\"\n"
                 "proxy_protocol = true",
                 "6: proxy_protocol is not for unix sockets"}));

TEST(config_irc, what_the_command_line_listens_on_is_what_counts) {
    const std::vector<listener> frames = {*parse_listener("frame=127.0.0.1:1")};
    const std::vector<listener> irc = {*parse_listener("irc=127.0.0.1:1")};
    EXPECT_EQ(wrong("[server]\npassword = \"x\"", irc), "nothing is wrong");
    EXPECT_EQ(wrong("[server]\npassword = \"x\"\n" + only_irc, frames),
              "/etc/brusio.toml:2: server.password cannot be while there is a frame listener: frames have no place for "
              "a password");
    EXPECT_EQ(wrong("[server]\nlobby = \"#w*ld\"", irc),
              "/etc/brusio.toml:2: server.lobby cannot have *, ? or invisible characters, as \"#w*ld\" has");
    EXPECT_EQ(wrong("[server]\nlobby = \"\"", irc), "nothing is wrong");
    EXPECT_EQ(wrong("[server]\nlobby = \"\"\n" + only_irc, frames), "/etc/brusio.toml:2: the frame door needs a lobby");
    EXPECT_EQ(wrong("[irc]\nsts = 1\n" + tls_irc, irc),
              "/etc/brusio.toml:2: irc.sts needs a [[listen]] with door = \"irc\" and tls = true; --listen replaces "
              "those of the file");
}

TEST(config_irc, passwords_are_not_told) {
    for (const std::string text : {"hunter2\\u0001", "$6$hunter2$", "$argon2id$hunter2", "hunter2"}) {
        const auto line = "password = \"" + text + "\"\n";
        for (const auto& toml : {"[server]\n" + line, "[operator.a]\n" + line, "[[webirc]]\n" + line}) {
            const auto told = wrong(toml);
            EXPECT_NE(told, "nothing is wrong");
            EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
        }
    }
}

}  // namespace
}  // namespace brusio::brusiod
