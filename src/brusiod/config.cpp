#include "brusiod/config.hpp"

#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/ranges.h>
#include <pwd.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr std::array<std::string_view, 2> doors = {"frame", "irc"};
constexpr std::array<std::string_view, 1> later_doors = {"http"};
constexpr std::size_t file_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t motd_bytes_max = std::size_t{64} << 10U;

base::result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max,
                                    std::string_view its_limit) {
    const auto failed = [&path](int number) {
        return fail("cannot read {}: {}", base::clean_line(path.string()), std::generic_category().message(number));
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (!file) return failed(errno);
    std::string text(bytes_max + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return failed(errno);
    if (text.size() > bytes_max) return fail("cannot read {}: {}", base::clean_line(path.string()), its_limit);
    return text;
}

base::result<std::vector<std::string>> read_motd(const std::filesystem::path& path) {
    const auto text = read_file(path, motd_bytes_max, "it has at most 64 KiB");
    if (!text) return fail("server.motd: {}", text.error().text);
    if (!base::valid_utf8(*text)) return fail("server.motd: {} is not UTF-8", base::clean_line(path.string()));
    std::string_view rest = *text;
    if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);  // as some editors begin a file
    std::vector<std::string> lines;
    while (!rest.empty()) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(base::clean_line(line));
    }
    return lines;
}

// Told when the server starts, not when the first person registers.
base::result<void> check_mail_command(const account_settings& accounts) {
    if (accounts.email == email_mode::none) return {};
    const std::filesystem::path program = accounts.mail_command.front();
    std::error_code error;
    if (::access(program.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(program, error)) return {};
    return fail("accounts.mail_command: {} is not a program that can be run here", base::clean_line(program.string()));
}

std::optional<std::filesystem::path> home_folder() {
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return home;
    // A service may have no $HOME, but its user has a folder.
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::nullopt;
    if (found->pw_dir == nullptr || *found->pw_dir != '/') return std::nullopt;
    return found->pw_dir;
}

}  // namespace

std::vector<cidr> limit_settings::default_exempt() { return {*cidr::parse("127.0.0.0/8"), *cidr::parse("::1")}; }

std::vector<listener> settings::default_listeners() {
    return {{.door = "frame", .where = *address::parse("127.0.0.1:1234")},
            {.door = "irc", .where = *address::parse("127.0.0.1:6667")}};
}

base::result<settings> load_settings(const sources& from) {
    settings s;
    if (!from.file.empty()) {
        const auto text = read_file(from.file, file_bytes_max, "a configuration file has at most 1 MiB");
        if (!text) return std::unexpected(text.error());
        auto parsed = parse_settings(*text, from.file, from.listeners);
        if (!parsed) return parsed;
        s = std::move(*parsed);
    }
    if (!from.listeners.empty()) {
        s.listeners = from.listeners;
        if (const auto distinct = check_distinct(s.listeners); !distinct) return std::unexpected(distinct.error());
    }
    if (!s.motd.empty()) {
        auto lines = read_motd(s.motd);
        if (!lines) return std::unexpected(lines.error());
        s.motd_text = std::move(*lines);
    }
    if (const auto usable = check_mail_command(s.accounts); !usable) return std::unexpected(usable.error());
    if (!from.data.empty()) s.data = from.data;
    if (s.data.empty()) {
        auto folder = default_data_folder();
        if (!folder) return std::unexpected(folder.error());
        s.data = std::move(*folder);
    }
    s.log_messages = from.log_messages;
    return s;
}

base::result<listener> parse_listener(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) {
        return fail("\"{}\" is not a listener; write DOOR=ADDRESS, such as frame=127.0.0.1:1234",
                    base::clean_line(text));
    }
    const auto door = text.substr(0, equals);
    if (const auto known = check_door(door); !known) return std::unexpected(known.error());
    auto where = address::parse(text.substr(equals + 1));
    if (!where) return std::unexpected(where.error());
    return listener{.door = std::string(door), .where = std::move(*where)};
}

base::result<std::filesystem::path> default_data_folder() {
    // A relative $XDG_STATE_HOME is to be ignored, says the specification that invented it.
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
        return std::filesystem::path(state) / "brusio";
    }
    if (const auto home = home_folder()) return *home / ".local/state/brusio";
    return fail("there is no home folder to keep data in; name one with --data or [server] data");
}

base::result<void> check_door(std::string_view door) {
    if (std::ranges::find(doors, door) != doors.end()) return {};
    const auto shown = base::clean_line(door);
    if (std::ranges::find(later_doors, door) != later_doors.end()) {
        return fail("the door \"{}\" is not in this version", shown);
    }
    return fail("unknown door \"{}\"; this version has \"frame\" and \"irc\"", shown);
}

base::result<void> check_distinct(const std::vector<listener>& listeners) {
    for (auto one = listeners.begin(); one != listeners.end(); ++one) {
        if (one->where.any_port()) continue;
        const auto same = [one](const listener& other) { return other.where == one->where; };
        if (std::any_of(listeners.begin(), one, same)) {
            return fail("two listeners have the address {}", base::clean_line(one->where.text()));
        }
    }
    return {};
}

std::vector<std::string> changes_needing_restart(const settings& old, const settings& now) {
    std::vector<std::string> names;
    if (old.server_name != now.server_name) names.emplace_back("server.name");
    if (old.network != now.network) names.emplace_back("server.network");
    if (old.data != now.data) names.emplace_back("server.data");
    if (old.workers != now.workers) names.emplace_back("server.workers");
    if (old.chat_thread != now.chat_thread) names.emplace_back("server.chat_thread");
    if (old.lobby != now.lobby) names.emplace_back("server.lobby");
    if (old.cloak != now.cloak) names.emplace_back("server.cloak");
    if (old.limits.read_queue != now.limits.read_queue) names.emplace_back("limits.read_queue");
    if (old.limits.channels_per_user != now.limits.channels_per_user) names.emplace_back("limits.channels_per_user");
    if (old.history.enabled != now.history.enabled) names.emplace_back("history.enabled");
    if (old.history.durability != now.history.durability) names.emplace_back("history.durability");
    if (old.history.unregistered_grace != now.history.unregistered_grace) {
        names.emplace_back("history.unregistered_grace");
    }
    if (old.accounts.always_on != now.accounts.always_on) names.emplace_back("accounts.always_on");
    if (old.accounts.always_on_expires != now.accounts.always_on_expires) {
        names.emplace_back("accounts.always_on_expires");
    }
    if (old.listeners == now.listeners) return names;
    names.emplace_back("listen");
    if (old.password != now.password) names.emplace_back("server.password");
    if (old.proxies != now.proxies) names.emplace_back("server.proxies");
    if (old.irc.sts != now.irc.sts || old.irc.sts_port != now.irc.sts_port) names.emplace_back("irc.sts");
    return names;
}

settings after_reload(const settings& old, settings now) {
    if (old.listeners != now.listeners) {
        now.password = old.password;
        now.proxies = old.proxies;
        now.irc.sts = old.irc.sts;
        now.irc.sts_port = old.irc.sts_port;
    }
    now.server_name = old.server_name;
    now.network = old.network;
    now.data = old.data;
    now.workers = old.workers;
    now.chat_thread = old.chat_thread;
    now.lobby = old.lobby;
    now.cloak = old.cloak;
    now.limits.read_queue = old.limits.read_queue;
    now.limits.channels_per_user = old.limits.channels_per_user;
    now.history.enabled = old.history.enabled;
    now.history.durability = old.history.durability;
    now.history.unregistered_grace = old.history.unregistered_grace;
    now.accounts.always_on = old.accounts.always_on;
    now.accounts.always_on_expires = old.accounts.always_on_expires;
    now.listeners = old.listeners;
    if (now.tls.certificate.empty()) now.tls = old.tls;
    return now;
}

std::string told_of_failed_reload(std::string_view why) {
    return fmt::format("{}{}", reload_failed, base::clean_line(why));
}

std::string told_of_reload(const std::vector<std::string>& needing_restart) {
    if (needing_restart.empty()) return "Configuration reloaded";
    return fmt::format("Configuration reloaded. Needs a restart to take effect: {}", fmt::join(needing_restart, ", "));
}

}  // namespace brusio::brusiod
