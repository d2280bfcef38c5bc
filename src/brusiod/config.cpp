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

#include <pwd.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr std::array<std::string_view, 1> doors = {"frame"};
constexpr std::array<std::string_view, 2> later_doors = {"irc", "http"};
constexpr std::size_t file_bytes_max = std::size_t{1} << 20U;

base::result<std::string> read_file(const std::filesystem::path& path) {
    const auto failed = [&path](int number) {
        return fail("cannot read {}: {}", base::clean_line(path.string()), std::generic_category().message(number));
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (!file) return failed(errno);
    std::string text(file_bytes_max + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return failed(errno);
    if (text.size() > file_bytes_max) {
        return fail("cannot read {}: a configuration file has at most 1 MiB", base::clean_line(path.string()));
    }
    return text;
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
    return {{.door = "frame", .where = *address::parse("127.0.0.1:1234"), .tls = false}};
}

base::result<settings> load_settings(const sources& from) {
    settings s;
    if (!from.file.empty()) {
        const auto text = read_file(from.file);
        if (!text) return std::unexpected(text.error());
        auto parsed = parse_settings(*text, from.file);
        if (!parsed) return parsed;
        s = std::move(*parsed);
    }
    if (!from.listeners.empty()) {
        s.listeners = from.listeners;
        if (const auto distinct = check_distinct(s.listeners); !distinct) return std::unexpected(distinct.error());
    }
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
    return listener{.door = std::string(door), .where = std::move(*where), .tls = false};
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
    return fail("unknown door \"{}\"; this version has \"frame\"", shown);
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
    if (old.data != now.data) names.emplace_back("server.data");
    if (old.workers != now.workers) names.emplace_back("server.workers");
    if (old.chat_thread != now.chat_thread) names.emplace_back("server.chat_thread");
    if (old.lobby != now.lobby) names.emplace_back("server.lobby");
    if (old.listeners != now.listeners) names.emplace_back("listen");
    return names;
}

}  // namespace brusio::brusiod
