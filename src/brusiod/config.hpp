// brusiod: the server program: its command line, configuration, signals, and main. It knows every setting by name; it
// does not know protocols, sockets or chat, which are told what they need.
//
// config.hpp: the settings and where they come from: defaults, then the file, then the command line. Plain values and
// pure functions, any thread; `load_settings` and `default_data_folder` also read files and the environment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "brusiod/address.hpp"

namespace brusio::brusiod {

struct listener {
    std::string door;  // "frame"
    address where;
    bool tls = false;

    bool operator==(const listener&) const = default;
};

enum class chat_thread_mode : std::uint8_t {
    automatic,  // shared on two cores or fewer, own on more
    own,        // a thread for the chat alone
    shared,     // the first worker's
};

// For each of them 0 means no limit, except for `exempt`, the networks that the limits of addresses and rates leave
// alone.
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

    bool operator==(const limit_settings&) const = default;

    static std::vector<cidr> default_exempt();  // 127.0.0.0/8 and ::1
};

// The certificate chain and the key, PEM; both empty when there are none.
struct tls_settings {
    std::filesystem::path certificate;
    std::filesystem::path key;

    bool operator==(const tls_settings&) const = default;
};

struct settings {
    std::string server_name = "brusio.localhost";
    std::filesystem::path data;  // a folder; `load_settings` always fills it in
    std::uint32_t workers = 0;   // 0: one for each core
    chat_thread_mode chat_thread = chat_thread_mode::automatic;
    std::string lobby = "#piazza";
    std::vector<listener> listeners = default_listeners();
    tls_settings tls;
    limit_settings limits;
    bool frame_commands = true;
    bool log_messages = false;  // command line only

    bool operator==(const settings&) const = default;

    static std::vector<listener> default_listeners();  // frames on 127.0.0.1:1234
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
// in errors, and its folder is what relative paths are relative to.
base::result<settings> parse_settings(std::string_view toml, const std::filesystem::path& file);

// `DOOR=ADDRESS`, as in `frame=127.0.0.1:1234`.
base::result<listener> parse_listener(std::string_view text);

// The place for data when nobody names one: $XDG_STATE_HOME/brusio, or ~/.local/state/brusio.
base::result<std::filesystem::path> default_data_folder();

// An error when this version has no door of that name.
base::result<void> check_door(std::string_view door);

// An error when two listeners have one address. Port 0 is a different port each time.
base::result<void> check_distinct(const std::vector<listener>& listeners);

// The names of the changed keys that a reload cannot apply, as "server.workers"; the rest (limits, tls, frame.commands)
// it can.
std::vector<std::string> changes_needing_restart(const settings& old, const settings& now);

}  // namespace brusio::brusiod
