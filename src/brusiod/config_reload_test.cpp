// What a reload changes, and what is told of it.
#include <gtest/gtest.h>

#include "brusiod/config.hpp"

namespace brusio::brusiod {
namespace {

using strings = std::vector<std::string>;

settings changed_for_a_restart(const settings& old) {
    auto now = old;
    now.server_name = "x";
    now.network = "x";
    now.data = "/x";
    now.workers = 1;
    now.chat_thread = chat_thread_mode::own;
    now.lobby = "#x";
    now.cloak = false;
    now.limits.read_queue = 2048;
    now.limits.channels_per_user = 7;
    now.history.enabled = false;
    now.history.durability = durability_mode::async;
    now.history.unregistered_grace = {};
    now.accounts.always_on = always_on_mode::off;
    now.accounts.always_on_expires.reset();
    return now;
}

settings changed_for_a_reload(const settings& old) {
    auto now = old;
    now.limits.burst = 1;
    now.limits.exempt.clear();
    now.tls = {.certificate = "c", .key = "k"};
    now.frame_commands = false;
    now.description = "x";
    now.admin = {"x"};
    now.motd = "/x";
    now.motd_text = {"x"};
    now.irc.icon = "https://x";
    now.irc.blocked_tags = {"*"};
    now.operators = {{.name = "x", .password_hash = "x"}};
    now.webirc = {{.password = "x", .addresses = {*cidr::parse("::1")}}};
    now.require_account = true;
    now.frame_accounts = true;
    now.history.keep = now.history.keep_direct = std::chrono::days(1);
    now.history.replay_lines = 1;
    now.accounts.registration = false;
    now.accounts.before_connect = false;
    now.accounts.plaintext = true;
    now.accounts.email = email_mode::required;
    now.accounts.mail_command = {"/x"};
    now.accounts.password_min = 1;
    now.accounts.channels = false;
    now.accounts.channels_per_account = 1;
    return now;
}

settings changed_with_the_listeners(const settings& old) {
    auto now = old;
    now.password = "x";
    now.proxies = {*cidr::parse("::1")};
    now.irc.sts = std::chrono::seconds(1);
    now.irc.sts_port = 1;
    return now;
}

TEST(config_reload, names_what_needs_a_restart) {
    const settings old;
    EXPECT_TRUE(changes_needing_restart(old, old).empty());
    EXPECT_TRUE(changes_needing_restart(old, changed_for_a_reload(old)).empty());
    EXPECT_TRUE(changes_needing_restart(old, changed_with_the_listeners(old)).empty());
    const strings restart = {"server.name",
                             "server.network",
                             "server.data",
                             "server.workers",
                             "server.chat_thread",
                             "server.lobby",
                             "server.cloak",
                             "limits.read_queue",
                             "limits.channels_per_user",
                             "history.enabled",
                             "history.durability",
                             "history.unregistered_grace",
                             "accounts.always_on",
                             "accounts.always_on_expires"};
    EXPECT_EQ(changes_needing_restart(old, changed_for_a_restart(old)), restart);
    auto now = changed_for_a_reload(old);
    now.listeners[0].tls = true;
    EXPECT_EQ(changes_needing_restart(old, now), strings{"listen"});
    now = changed_with_the_listeners(now);
    EXPECT_EQ(changes_needing_restart(old, now), (strings{"listen", "server.password", "server.proxies", "irc.sts"}));
}

TEST(config_reload, changes_what_it_can) {
    const settings old;
    EXPECT_EQ(after_reload(old, changed_for_a_reload(old)), changed_for_a_reload(old));
    EXPECT_EQ(after_reload(old, changed_with_the_listeners(old)), changed_with_the_listeners(old));
    EXPECT_EQ(after_reload(old, changed_for_a_restart(old)), old);
    EXPECT_EQ(after_reload(old, changed_for_a_reload(changed_for_a_restart(old))), changed_for_a_reload(old));
}

TEST(config_reload, what_fits_only_new_listeners_waits_with_them) {
    const settings old;
    auto now = changed_with_the_listeners(changed_for_a_reload(old));
    now.listeners.pop_back();
    EXPECT_EQ(after_reload(old, now), changed_for_a_reload(old));
}

TEST(config_reload, a_certificate_that_was_taken_out_stays) {
    settings old;
    old.tls = {.certificate = "c", .key = "k"};
    EXPECT_EQ(after_reload(old, settings{}).tls, old.tls);
}

TEST(config_reload, sts_that_is_withdrawn_is_not_sts_that_is_off) {
    settings old;
    old.irc.sts = std::chrono::seconds(600);
    settings now = old;
    now.irc.sts = std::chrono::seconds(0);
    EXPECT_EQ(after_reload(old, now).irc.sts, std::chrono::seconds(0));
    now.irc.sts.reset();
    EXPECT_EQ(after_reload(old, now).irc.sts, std::nullopt);
}

TEST(config_reload, a_failure_is_told_with_its_beginning_and_a_success_never) {
    EXPECT_EQ(told_of_failed_reload("/etc/brusio.toml:2: x"), "The old configuration stays: /etc/brusio.toml:2: x");
    EXPECT_EQ(told_of_failed_reload("a\nb"), "The old configuration stays: a␊b");  // one line
    EXPECT_EQ(told_of_failed_reload(""), reload_failed);
    EXPECT_EQ(told_of_reload({}), "Configuration reloaded");
    EXPECT_EQ(told_of_reload({"server.name", "listen"}),
              "Configuration reloaded. Needs a restart to take effect: server.name, listen");
}

}  // namespace
}  // namespace brusio::brusiod
