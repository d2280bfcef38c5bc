// The keys of the tables that are there once: [server], [tls], [limits], [frame], [irc]. config_accounts.cpp has
// [history] and [accounts].
#include <algorithm>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "brusiod/config_values.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;
using view = std::string_view;

constexpr std::uint32_t count_max = 1'000'000'000;
constexpr std::uint64_t memory_max = std::uint64_t{1} << 40U;
constexpr std::uint64_t message_bytes_max = 9'999'999'999;  // what a frame's header of ten digits can announce
constexpr std::uint64_t read_queue_min = 5120;  // one line of IRC with tags has up to 4608: alone it is no flood
constexpr std::size_t icon_bytes_max = 300;     // so that it fits a line of IRC
constexpr std::size_t admin_lines_max = 3;      // as many as ADMIN answers
constexpr std::size_t server_name_bytes_max = 63;

bool is_ascii_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Lines of IRC begin with it, as the source: nothing in it may end that, or make it look like a person's
// nick!user@host.
outcome read_server_name(document& d, const config_value& v, view key) {
    std::string name;
    if (auto done = read(v, key, name); !done) return done;
    const auto shown = base::clean_line(name);
    const auto is_allowed = [](char c) { return is_ascii_alnum(c) || c == '.' || c == '-' || c == '_'; };
    if (!std::ranges::all_of(name, is_allowed)) {
        return fail("{} can only have the letters a to z, digits, dots, hyphens and underscores, not be \"{}\"", key,
                    shown);
    }
    if (name.empty() || name.size() > server_name_bytes_max) {
        return fail("{} must have 1 to {} characters, not {}", key, server_name_bytes_max, name.size());
    }
    if (!is_ascii_alnum(name.front())) return fail("{} must begin with a letter or digit, not be \"{}\"", key, shown);
    d.result.server_name = std::move(name);
    return {};
}

outcome read_chat_thread(document& d, const config_value& v, view key) {
    using enum chat_thread_mode;
    return read_choice<chat_thread_mode>(v, key, {{"auto", automatic}, {"own", own}, {"shared", shared}},
                                         d.result.chat_thread);
}

outcome read_lobby(document& d, const config_value& v, view key) {
    std::string name;
    if (auto done = read(v, key, name); !done) return done;
    if (!name.empty()) {  // "" is none: whether that may be depends on the doors
        const auto shown = base::clean_line(name);
        if (!name.starts_with('#')) return fail("{} must start with #, as in \"#piazza\", not be \"{}\"", key, shown);
        if (name.size() > 64) return fail("{} has at most 64 bytes, not {}", key, name.size());
        if (shown != name || name.find(',') != std::string::npos || has_blank(name)) {
            return fail("{} cannot have blanks, commas or control characters, as \"{}\" has", key, shown);
        }
        if (!base::is_channel_name(name)) {
            return fail("{} cannot have *, ? or invisible characters, as \"{}\" has", key, shown);
        }
    }
    d.result.lobby = std::move(name);
    return {};
}

outcome read_admin(document& d, const config_value& v, view key) {
    if (v.kind != value_kind::list) return wanted(key, "a list such as [\"Anna\", \"anna@example.org\"]", v);
    if (v.list.size() > admin_lines_max) {
        return fail("{} has at most {} lines, not {}", key, admin_lines_max, v.list.size());
    }
    d.result.admin.clear();
    for (const auto& element : v.list) {
        if (auto done = read_line(element, key, d.result.admin.emplace_back()); !done) {
            d.wrong(element.line, done.error().text);
        }
    }
    return {};
}

constexpr key_row server_rows[] = {
    {"name", &read_server_name},
    {"network", [](document& d, const config_value& v, view key) { return read_word(v, key, d.result.network); }},
    {"description",
     [](document& d, const config_value& v, view key) { return read_line(v, key, d.result.description); }},
    {"admin", &read_admin},
    {"motd", [](document& d, const config_value& v, view key) { return read_path(v, key, d.folder, d.result.motd); }},
    {"password", [](document& d, const config_value& v, view key) { return read_password(v, key, d.result.password); }},
    {"require_account",
     [](document& d, const config_value& v, view key) { return read(v, key, d.result.require_account); }},
    {"cloak", [](document& d, const config_value& v, view key) { return read(v, key, d.result.cloak); }},
    {"proxies", [](document& d, const config_value& v,
                   view key) { return read_networks(d, v, key, "[\"10.0.0.0/8\"]", d.result.proxies); }},
    {"data", [](document& d, const config_value& v, view key) { return read_path(v, key, d.folder, d.result.data); }},
    {"workers",
     [](document& d, const config_value& v, view key) { return read_count(v, key, 0, 64, d.result.workers); }},
    {"chat_thread", &read_chat_thread},
    {"lobby", &read_lobby},
};

constexpr key_row tls_rows[] = {
    {"certificate", [](document& d, const config_value& v,
                       view key) { return read_path(v, key, d.folder, d.result.tls.certificate); }},
    {"key", [](document& d, const config_value& v, view key) { return read_path(v, key, d.folder, d.result.tls.key); }},
};

template <std::uint32_t limit_settings::* Count, std::uint32_t Min = 0, std::uint32_t Max = count_max>
outcome limit_count(document& d, const config_value& v, view key) {
    return read_count(v, key, Min, Max, d.result.limits.*Count);
}

template <std::uint64_t limit_settings::* Size, std::uint64_t Min = 0, std::uint64_t Max = memory_max>
outcome limit_size(document& d, const config_value& v, view key) {
    return read_size(v, key, Min, Max, d.result.limits.*Size);
}

constexpr key_row limit_rows[] = {
    {"connections_per_ip", &limit_count<&limit_settings::connections_per_ip>},
    {"connects_per_minute_per_ip", &limit_count<&limit_settings::connects_per_minute_per_ip>},
    {"exempt", [](document& d, const config_value& v,
                  view key) { return read_networks(d, v, key, "[\"127.0.0.0/8\", \"::1\"]", d.result.limits.exempt); }},
    {"commands_per_second", [](document& d, const config_value& v,
                               view key) { return read_rate(v, key, d.result.limits.commands_per_second); }},
    {"burst", &limit_count<&limit_settings::burst>},
    {"send_queue", &limit_size<&limit_settings::send_queue>},
    {"send_memory", &limit_size<&limit_settings::send_memory>},
    {"login_timeout",
     [](document& d, const config_value& v, view key) { return read_duration(v, key, d.result.limits.login_timeout); }},
    {"message_bytes", &limit_size<&limit_settings::message_bytes, 0, message_bytes_max>},
    {"read_queue", &limit_size<&limit_settings::read_queue, read_queue_min>},
    {"channels_per_user", &limit_count<&limit_settings::channels_per_user, 1, 10'000>},
};

constexpr key_row frame_rows[] = {
    {"commands", [](document& d, const config_value& v, view key) { return read(v, key, d.result.frame_commands); }},
    {"accounts", [](document& d, const config_value& v, view key) { return read(v, key, d.result.frame_accounts); }},
};

outcome read_sts(document& d, const config_value& v, view key) {
    std::chrono::milliseconds time{};
    if (auto done = read_duration(v, key, time); !done) return done;
    if (time.count() != 0 && time < std::chrono::seconds(1)) {
        return fail("{} must be at least 1s, or 0s to withdraw it", key);
    }
    d.result.irc.sts = std::chrono::duration_cast<std::chrono::seconds>(time);
    return {};
}

outcome read_sts_port(document& d, const config_value& v, view key) {
    std::uint32_t port = 0;
    auto done = read_count(v, key, 1, 65535, port);
    if (done) d.result.irc.sts_port = static_cast<std::uint16_t>(port);
    return done;
}

outcome read_icon(document& d, const config_value& v, view key) {
    constexpr view scheme = "https://";
    std::string url;
    if (auto done = read(v, key, url); !done) return done;
    const bool visible = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; });
    if (!url.empty() && (!url.starts_with(scheme) || url.size() == scheme.size() || !visible)) {
        return fail(
            "{} must be a URL such as \"https://example.org/icon.png\", in ASCII and without blanks, not \"{}\"", key,
            base::clean_line(url));
    }
    if (url.size() > icon_bytes_max) return fail("{} has at most {} bytes, not {}", key, icon_bytes_max, url.size());
    d.result.irc.icon = std::move(url);
    return {};
}

// `vendor.example/name` or `name`, as IRCv3's message tags have them. A hyphen in front makes an exception of it.
bool is_tag(view name) {
    const auto is_letter = [](char c) { return is_ascii_alnum(c) || c == '-'; };
    const auto slash = name.find('/');
    const auto vendor = slash == view::npos ? view("x") : name.substr(0, slash);
    const auto key = slash == view::npos ? name : name.substr(slash + 1);
    return !key.empty() && !vendor.empty() && !name.starts_with('-') && name.size() <= 100 &&
           std::ranges::all_of(key, is_letter) &&
           std::ranges::all_of(vendor, [is_letter](char c) { return is_letter(c) || c == '.'; });
}

outcome check_blocked_tag(view written, view key) {
    const bool is_exception = written.starts_with('-');
    const auto name = is_exception ? written.substr(1) : written;
    if (name.starts_with('+')) {
        return fail("{}: write \"{}{}\" without the +", key, is_exception ? "-" : "", base::clean_line(name.substr(1)));
    }
    if (written == "*" || is_tag(name)) return {};
    return fail("{}: \"{}\" is not the name of a tag, nor \"*\" for all", key, base::clean_line(written));
}

// What CLIENTTAGDENY says (IRCv3 message-tags): "*" comes first, and only after it are there exceptions.
outcome read_blocked_tags(document& d, const config_value& v, view key) {
    auto& tags = d.result.irc.blocked_tags;
    tags.clear();
    auto done = read_texts(d, v, key, "[\"typing\"]", [&](const std::string& written) -> outcome {
        auto usable = check_blocked_tag(written, key);
        if (usable && std::ranges::find(tags, written) == tags.end()) tags.push_back(written);
        return usable;
    });
    if (const auto all = std::ranges::find(tags, "*"); all != tags.end()) {
        std::rotate(tags.begin(), all, all + 1);
        return done;
    }
    for (const auto& element : v.list) {
        if (!element.text.starts_with('-')) continue;
        d.wrong(element.line, fmt::format("{}: \"{}\" excepts a tag from \"*\", which is not in the list", key,
                                          base::clean_line(element.text)));
    }
    return done;
}

constexpr key_row irc_rows[] = {
    {"sts", &read_sts},
    {"sts_port", &read_sts_port},
    {"icon", &read_icon},
    {"blocked_tags", &read_blocked_tags},
};

}  // namespace

std::span<const key_row> server_keys() { return server_rows; }
std::span<const key_row> tls_keys() { return tls_rows; }
std::span<const key_row> limit_keys() { return limit_rows; }
std::span<const key_row> frame_keys() { return frame_rows; }
std::span<const key_row> irc_keys() { return irc_rows; }

}  // namespace brusio::brusiod
