// brusiod: the server program: its command line, configuration, signals, and main. It knows every setting by name; it
// does not know protocols, sockets or chat, which are told what they need.
//
// config.hpp: the settings and where they come from: defaults, then the file, then the command line. Plain values and
// pure functions, any thread; `load_settings` and `default_data_folder` also read files and the environment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "brusiod/address.hpp"

namespace brusio::brusiod {

struct listener {
    std::string door;  // "frame" or "irc"
    address where;
    bool tls = false;
    bool proxy_protocol = false;  // connections from `settings::proxies` begin with a PROXY header

    bool operator==(const listener&) const = default;
};

enum class chat_thread_mode : std::uint8_t {
    automatic,  // shared on two cores or fewer, own on more
    own,        // a thread for the chat alone
    shared,     // the first worker's
};

// 0 means no limit, except for `exempt`, the networks that the limits of addresses and rates leave alone, and for the
// last two, which are never 0.
struct limit_settings {
    std::uint32_t connections_per_ip = 16;
    std::uint32_t connects_per_minute_per_ip = 32;
    std::vector<cidr> exempt = default_exempt();
    double commands_per_second = 2;
    std::uint32_t burst = 10;                            // commands; 0 as well as 0 commands_per_second: no rate limit
    std::uint64_t send_queue = std::uint64_t{1} << 20U;  // bytes, of one connection
    std::uint64_t send_memory = std::uint64_t{256} << 20U;  // bytes, of all connections together
    std::chrono::milliseconds login_timeout = std::chrono::seconds(20);
    std::uint64_t message_bytes = 16384;  // of one message's body
    // Bytes of one IRC connection that may wait while it is over its rate; more is a flood. At least 5 KiB.
    std::uint64_t read_queue = std::uint64_t{32} << 10U;
    std::uint32_t channels_per_user = 100;

    bool operator==(const limit_settings&) const = default;

    static std::vector<cidr> default_exempt();  // 127.0.0.0/8 and ::1
};

// The certificate chain and the key, PEM; both empty when there are none.
struct tls_settings {
    std::filesystem::path certificate;
    std::filesystem::path key;

    bool operator==(const tls_settings&) const = default;
};

struct irc_settings {
    // How long clients must come with TLS; 0 s withdraws what was said before. None: they are told nothing.
    std::optional<std::chrono::seconds> sts;
    std::uint16_t sts_port = 0;  // never 0 when there is `sts`
    std::string icon;            // a URL (https); "": none
    // Client-only tags that are refused, without "+". With "*", which comes first, all are but those after "-".
    std::vector<std::string> blocked_tags;

    bool operator==(const irc_settings&) const = default;
};

enum class durability_mode : std::uint8_t {
    commit,  // what is seen is on disk
    async,   // delivered first, on disk within a second
};

// What is remembered of what was said. A time that is not there: forever.
struct history_settings {
    bool enabled = true;
    std::optional<std::chrono::milliseconds> keep;         // at least a minute
    std::optional<std::chrono::milliseconds> keep_direct;  // of direct messages; a file that has none means `keep`
    durability_mode durability = durability_mode::commit;
    std::uint32_t replay_lines = 100;  // to clients that cannot ask for what they missed; 0: none
    // How long an unregistered channel outlives its last member. May be 0.
    std::chrono::milliseconds unregistered_grace = std::chrono::hours(1);

    bool operator==(const history_settings&) const = default;
};

enum class email_mode : std::uint8_t { none, required };

// Whether an account's user stays when its last client goes: where the account asks for it, unless it asks for the
// contrary, or never.
enum class always_on_mode : std::uint8_t { opt_in, opt_out, off };

struct account_settings {
    bool registration = true;    // by people themselves; the command line always may
    bool before_connect = true;  // registering, before the log-in is complete
    bool plaintext = false;      // passwords without TLS, from other machines
    email_mode email = email_mode::none;
    // A program's absolute path and its arguments, which reads a mail from its standard input and finds the recipient
    // there. Not empty when email is required; then `load_settings` has seen that it can be run.
    std::vector<std::string> mail_command = {"/usr/sbin/sendmail", "-t", "-i"};
    std::uint32_t password_min = 8;  // characters of a new password
    always_on_mode always_on = always_on_mode::opt_in;
    // For how long without any client; not there: without end.
    std::optional<std::chrono::milliseconds> always_on_expires = std::chrono::days(30);
    bool channels = true;  // people may register channels
    std::uint32_t channels_per_account = 20;

    bool operator==(const account_settings&) const = default;
};

// Who may become operator.
struct operator_settings {
    std::string name;
    std::string password_hash;  // argon2id: see password.hpp

    bool operator==(const operator_settings&) const = default;
};

// A gateway that says whom it speaks for (WEBIRC).
struct webirc_settings {
    std::string password;  // plain or an argon2id hash: see password.hpp
    std::vector<cidr> addresses;

    bool operator==(const webirc_settings&) const = default;
};

struct settings {
    std::string server_name = "brusio.localhost";  // 1 to 63 ASCII letters, digits, '.', '-', '_'
    std::string network = "Brusio";                // one word, 1 to 32 characters
    std::string description = "Brusio chat";
    std::vector<std::string> admin;      // up to three lines for who asks who runs this
    std::string password;                // of connections; plain or an argon2id hash; "": none. Never with frames
    std::filesystem::path motd;          // a file; empty: none
    std::vector<std::string> motd_text;  // its lines, cleaned; `load_settings` fills them in
    bool require_account = false;        // nobody comes in without an account
    bool cloak = true;                   // hide addresses
    std::vector<cidr> proxies;           // who may begin with a PROXY header; see listener::proxy_protocol
    std::filesystem::path data;          // a folder; `load_settings` always fills it in
    std::uint32_t workers = 0;           // 0: one for each core
    chat_thread_mode chat_thread = chat_thread_mode::automatic;
    std::string lobby = "#piazza";  // may be "" when no listener speaks frames
    std::vector<listener> listeners = default_listeners();
    tls_settings tls;
    limit_settings limits;
    bool frame_commands = true;
    bool frame_accounts = false;  // "name:password" in the frame of the name logs in
    history_settings history;
    account_settings accounts;
    irc_settings irc;
    std::vector<operator_settings> operators;  // each name once
    std::vector<webirc_settings> webirc;
    bool log_messages = false;  // command line only

    bool operator==(const settings&) const = default;

    static std::vector<listener> default_listeners();  // frames on 127.0.0.1:1234, irc on 127.0.0.1:6667
};

// What the command line says about the settings.
struct sources {
    std::filesystem::path file;       // empty: no file
    std::vector<listener> listeners;  // when not empty, these replace the default and the configured ones
    std::filesystem::path data;       // empty: not given
    bool log_messages = false;

    bool operator==(const sources&) const = default;
};

// The settings to run with, or one sentence (`FILE:LINE: …` when the file is wrong). For a reload, call it again with
// the same sources.
base::result<settings> load_settings(const sources& from);

// The text of a configuration file over the defaults; `data` stays empty when the text has none. `file` names the file
// in errors, and its folder is what relative paths are relative to. `instead`, when not empty, replaces the listeners
// before it is asked whether everything fits together. Reads no file: `motd_text` stays empty.
base::result<settings> parse_settings(std::string_view toml, const std::filesystem::path& file,
                                      const std::vector<listener>& instead = {});

// `DOOR=ADDRESS`, as in `frame=127.0.0.1:1234`.
base::result<listener> parse_listener(std::string_view text);

// The place for data when nobody names one: $XDG_STATE_HOME/brusio, or ~/.local/state/brusio.
base::result<std::filesystem::path> default_data_folder();

// An error when this version has no door of that name.
base::result<void> check_door(std::string_view door);

// An error when two listeners have one address. Port 0 is a different port each time.
base::result<void> check_distinct(const std::vector<listener>& listeners);

// The names of the changed keys that a reload cannot apply, as "server.workers". When the listeners change, the keys
// that only fit the new ones (server.password, server.proxies, irc.sts) wait with them.
std::vector<std::string> changes_needing_restart(const settings& old, const settings& now);

// What runs after a reload from `old` to `now`: `now`, but with the old values of what needs a restart, so that the
// next reload compares with what really runs. A certificate that was taken out of the file stays.
settings after_reload(const settings& old, settings now);

// What came of a reload, in one line for whoever asked for it. What failed begins with `reload_failed`, and only that.
inline constexpr std::string_view reload_failed = "The old configuration stays: ";
std::string told_of_failed_reload(std::string_view why);
std::string told_of_reload(const std::vector<std::string>& needing_restart);  // from changes_needing_restart

}  // namespace brusio::brusiod
