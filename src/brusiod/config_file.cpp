// parse_settings: the one file that knows TOML. Each key is one row of a table; all mistakes are found, and the one
// that stands first in the file is told.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "brusiod/config.hpp"
#include "brusiod/units.hpp"

// Last, because it changes NDEBUG.
// clang-format off
#include "brusiod/toml.hpp"
// clang-format on

namespace brusio::brusiod {
namespace {

using base::fail;
using outcome = base::result<void>;

constexpr std::uint64_t count_max = 1'000'000'000;
constexpr std::uint64_t memory_max = std::uint64_t{1} << 40U;
constexpr std::uint64_t message_bytes_max = 9'999'999'999;  // what a frame's header of ten digits can announce

// ---- values: each reader says what it wants when it gets something else ----

std::string_view kind(const toml::node& n) {
    if (n.is_string()) return "text";
    if (n.is_integer()) return "a whole number";
    if (n.is_floating_point()) return "a number with a fraction";
    if (n.is_boolean()) return "true or false";
    if (n.is_array()) return "a list";
    if (n.is_table()) return "a table";
    return "a date or time";
}

std::unexpected<base::error> wanted(std::string_view key, std::string_view what, const toml::node& n) {
    return fail("{} must be {}, not {}", key, what, kind(n));
}

outcome read(const toml::node& n, std::string_view key, std::string& out) {
    const auto* text = n.as_string();
    if (text == nullptr) return wanted(key, "text in quotes", n);
    out = text->get();
    return {};
}

outcome read(const toml::node& n, std::string_view key, bool& out) {
    const auto* flag = n.as_boolean();
    if (flag == nullptr) return wanted(key, "true or false", n);
    out = flag->get();
    return {};
}

outcome in_range(std::string_view key, std::int64_t number, std::uint64_t max, std::string_view unit,
                 std::uint64_t& out) {
    if (number < 0 || static_cast<std::uint64_t>(number) > max) {
        return fail("{} must be from 0 to {}{}, not {}", key, max, unit, number);
    }
    out = static_cast<std::uint64_t>(number);
    return {};
}

outcome read_count(const toml::node& n, std::string_view key, std::uint64_t max, std::uint32_t& out) {
    const auto* number = n.as_integer();
    if (number == nullptr) return wanted(key, "a whole number", n);
    std::uint64_t count = 0;
    const auto done = in_range(key, number->get(), max, "", count);
    if (done) out = static_cast<std::uint32_t>(count);
    return done;
}

outcome read_rate(const toml::node& n, std::string_view key, double& out) {
    const auto number = n.is_number() ? n.value<double>() : std::nullopt;
    if (!number) return wanted(key, "a number", n);
    if (!(*number >= 0 && *number <= static_cast<double>(count_max))) {  // so that NaN is outside too
        return fail("{} must be from 0 to {}, not {}", key, count_max, *number);
    }
    out = *number;
    return {};
}

outcome read_size(const toml::node& n, std::string_view key, std::uint64_t max, std::uint64_t& out) {
    if (const auto* number = n.as_integer()) return in_range(key, number->get(), max, " bytes", out);
    const auto* text = n.as_string();
    if (text == nullptr) return wanted(key, "a size such as \"1 MiB\" or a number of bytes", n);
    const auto size = parse_size(text->get());
    if (!size) return fail("{}: {}", key, size.error().text);
    return in_range(key, static_cast<std::int64_t>(*size), max, " bytes", out);  // at most 1 TiB: fits
}

outcome read_duration(const toml::node& n, std::string_view key, std::chrono::milliseconds& out) {
    const auto number = n.is_number() ? n.value<double>() : std::nullopt;
    if (!number && !n.is_string()) return wanted(key, "a time such as \"20s\" or a number of seconds", n);
    const auto time = number ? duration_from_seconds(*number) : parse_duration(n.as_string()->get());
    if (!time) return fail("{}: {}", key, time.error().text);
    out = *time;
    return {};
}

// A relative path in the file is relative to the file's folder, wherever the server was started.
outcome read_path(const toml::node& n, std::string_view key, const std::filesystem::path& folder,
                  std::filesystem::path& out) {
    std::string text;
    if (auto done = read(n, key, text); !done) return done;
    if (text.empty()) return fail("{} must name a file or folder, not be empty", key);
    if (text.find('\0') != std::string::npos) return fail("{} cannot have a NUL character", key);
    out = folder / text;
    return {};
}

outcome read_server_name(const toml::node& n, std::string& out) {
    std::string typed;
    if (auto done = read(n, "server.name", typed); !done) return done;
    // It is shown as the name of who speaks, so it has to be what a person's name may be.
    auto who = base::make_identity(typed);
    if (!who) return fail("server.name cannot be \"{}\": {}", base::clean_line(typed), who.error().text);
    out = std::move(who->name);
    return {};
}

outcome read_chat_thread(const toml::node& n, chat_thread_mode& out) {
    std::string mode;
    if (auto done = read(n, "server.chat_thread", mode); !done) return done;
    if (mode == "auto") {
        out = chat_thread_mode::automatic;
    } else if (mode == "own") {
        out = chat_thread_mode::own;
    } else if (mode == "shared") {
        out = chat_thread_mode::shared;
    } else {
        return fail("server.chat_thread must be \"auto\", \"own\" or \"shared\", not \"{}\"", base::clean_line(mode));
    }
    return {};
}

// Blanks of any script. `text` is UTF-8, as TOML always is.
bool has_blank(std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
        if (base::trim(text.substr(begin, end - begin)).empty()) return true;
        begin = end;
    }
    return false;
}

outcome read_lobby(const toml::node& n, std::string& out) {
    std::string name;
    if (auto done = read(n, "server.lobby", name); !done) return done;
    if (!name.empty()) {  // "" is none: whether that may be depends on the doors
        const auto shown = base::clean_line(name);
        if (!name.starts_with('#'))
            return fail("server.lobby must start with #, as in \"#piazza\", not be \"{}\"", shown);
        if (name.size() > 64) return fail("server.lobby has at most 64 bytes, not {}", name.size());
        if (shown != name || name.find(',') != std::string::npos || has_blank(name)) {
            return fail("server.lobby cannot have blanks, commas or control characters, as \"{}\" has", shown);
        }
    }
    out = std::move(name);
    return {};
}

// ---- the file ----

struct document {
    settings result;
    std::filesystem::path folder;
    std::uint32_t lobby_line = 0;
    std::uint32_t tls_line = 0;          // of the first listener with TLS
    std::uint32_t first_wrong_line = 0;  // 0: nothing is wrong so far
    std::string first_wrong;

    void wrong(std::uint32_t line, std::string what) {
        if (first_wrong_line != 0 && first_wrong_line <= line) return;
        first_wrong_line = line;
        first_wrong = std::move(what);
    }
};

std::uint32_t line_of(const toml::node& n) { return n.source().begin.line; }
std::uint32_t line_of(const toml::key& k) { return k.source().begin.line; }

// One key of a table. A row without `set` is a key whose feature is not in this version: it is refused, never ignored.
struct key_row {
    std::string_view name;
    outcome (*set)(document& d, const toml::node& n) = nullptr;
};

constexpr key_row server_keys[] = {
    {"name", [](document& d, const toml::node& n) { return read_server_name(n, d.result.server_name); }},
    {"data", [](document& d, const toml::node& n) { return read_path(n, "server.data", d.folder, d.result.data); }},
    {"workers", [](document& d, const toml::node& n) { return read_count(n, "server.workers", 64, d.result.workers); }},
    {"chat_thread", [](document& d, const toml::node& n) { return read_chat_thread(n, d.result.chat_thread); }},
    {"lobby",
     [](document& d, const toml::node& n) {
         d.lobby_line = line_of(n);
         return read_lobby(n, d.result.lobby);
     }},
    {"password"},
    {"network"},
    {"motd"},
    {"description"},
};

constexpr key_row tls_keys[] = {
    {"certificate",
     [](document& d, const toml::node& n) {
         return read_path(n, "tls.certificate", d.folder, d.result.tls.certificate);
     }},
    {"key", [](document& d, const toml::node& n) { return read_path(n, "tls.key", d.folder, d.result.tls.key); }},
};

outcome read_exempt(document& d, const toml::node& n) {
    const auto* list = n.as_array();
    if (list == nullptr) return wanted("limits.exempt", "a list such as [\"127.0.0.0/8\", \"::1\"]", n);
    d.result.limits.exempt.clear();
    for (const auto& element : *list) {
        std::string text;
        auto done = read(element, "each element of limits.exempt", text);
        if (done) {
            const auto network = cidr::parse(text);
            if (network) {
                d.result.limits.exempt.push_back(*network);
            } else {
                done = fail("limits.exempt: {}", network.error().text);
            }
        }
        if (!done) d.wrong(line_of(element), done.error().text);  // lists go over many lines
    }
    return {};
}

constexpr key_row limit_keys[] = {
    {"connections_per_ip",
     [](document& d, const toml::node& n) {
         return read_count(n, "limits.connections_per_ip", count_max, d.result.limits.connections_per_ip);
     }},
    {"connects_per_minute_per_ip",
     [](document& d, const toml::node& n) {
         return read_count(n, "limits.connects_per_minute_per_ip", count_max,
                           d.result.limits.connects_per_minute_per_ip);
     }},
    {"exempt", &read_exempt},
    {"commands_per_second",
     [](document& d, const toml::node& n) {
         return read_rate(n, "limits.commands_per_second", d.result.limits.commands_per_second);
     }},
    {"burst",
     [](document& d, const toml::node& n) { return read_count(n, "limits.burst", count_max, d.result.limits.burst); }},
    {"send_queue",
     [](document& d, const toml::node& n) {
         return read_size(n, "limits.send_queue", memory_max, d.result.limits.send_queue);
     }},
    {"send_memory",
     [](document& d, const toml::node& n) {
         return read_size(n, "limits.send_memory", memory_max, d.result.limits.send_memory);
     }},
    {"login_timeout",
     [](document& d, const toml::node& n) {
         return read_duration(n, "limits.login_timeout", d.result.limits.login_timeout);
     }},
    {"message_bytes",
     [](document& d, const toml::node& n) {
         return read_size(n, "limits.message_bytes", message_bytes_max, d.result.limits.message_bytes);
     }},
};

constexpr key_row frame_keys[] = {
    {"commands", [](document& d, const toml::node& n) { return read(n, "frame.commands", d.result.frame_commands); }},
    {"accounts"},
};

// Of a [[listen]] the keys are read together, so their setters do nothing.
outcome read_with_its_listener(document& /*d*/, const toml::node& /*n*/) { return {}; }
constexpr key_row listen_keys[] = {
    {"door", &read_with_its_listener},
    {"address", &read_with_its_listener},
    {"tls", &read_with_its_listener},
    {"proxy_protocol"},
    {"websocket"},
};

struct table_row {
    std::string_view name;
    std::span<const key_row> keys;  // none: the whole table's feature is not in this version
};
constexpr table_row tables[] = {
    {"server", server_keys}, {"listen", listen_keys}, {"tls", tls_keys}, {"limits", limit_keys},
    {"frame", frame_keys},   {"history", {}},         {"accounts", {}},  {"operator", {}},
};

std::string_view nearest_name(std::string_view word, const auto& rows) {
    if (word.size() > 64) return "";  // no key is near, and comparing would take long
    std::vector<std::string_view> names;
    for (const auto& row : rows) names.push_back(row.name);
    return base::nearest(word, names);
}

std::string written(std::string_view table) { return table == "listen" ? "[[listen]]" : fmt::format("[{}]", table); }

// The table, as written in a file, where a key of that name would be right; "" when there is none.
std::string home_of(std::string_view key) {
    for (const auto& table : tables) {
        if (std::ranges::find(table.keys, key, &key_row::name) != table.keys.end()) return written(table.name);
    }
    return "";
}

std::string unknown_key(std::string_view key, const table_row& table) {
    auto text = fmt::format("unknown key \"{}\" in {}", base::clean_line(key), written(table.name));
    if (const auto near = nearest_name(key, table.keys); !near.empty()) {
        return text + fmt::format("; did you mean \"{}\"?", near);
    }
    if (const auto home = home_of(key); !home.empty()) return text + fmt::format("; it belongs in {}", home);
    return text;
}

std::string unknown_table(std::string_view name, const toml::node& n) {
    const auto shown = base::clean_line(name);
    if (!n.is_table() && !n.is_array_of_tables()) {
        auto text = fmt::format("the key \"{}\" stands outside of any table", shown);
        if (const auto home = home_of(name); !home.empty()) text += fmt::format("; it belongs in {}", home);
        return text;
    }
    const auto near = nearest_name(name, tables);
    return fmt::format("unknown table [{}]", shown) +
           (near.empty() ? "" : fmt::format("; did you mean {}?", written(near)));
}

void read_table(document& d, const table_row& row, const toml::table& table) {
    for (const auto& [key, node] : table) {
        const auto found = std::ranges::find(row.keys, key.str(), &key_row::name);
        if (found == row.keys.end()) {
            d.wrong(line_of(key), unknown_key(key.str(), row));
        } else if (found->set == nullptr) {
            d.wrong(line_of(key), fmt::format("\"{}\" in {} belongs to a feature that is not in this version",
                                              found->name, written(row.name)));
        } else if (const auto done = found->set(d, node); !done) {
            d.wrong(line_of(key), done.error().text);
        }
    }
}

std::optional<address> read_address(document& d, const toml::node& n) {
    std::string text;
    if (const auto done = read(n, "address", text); !done) {
        d.wrong(line_of(n), done.error().text);
        return std::nullopt;
    }
    auto where = address::parse(text);
    if (!where) {
        d.wrong(line_of(n), where.error().text);
        return std::nullopt;
    }
    // Unlike the command line's, a file's words must not depend on where the server is started.
    if (where->family() == AF_UNIX && !where->text().starts_with("unix:/")) {
        d.wrong(line_of(n), fmt::format("the path of \"{}\" must start with /", base::clean_line(text)));
        return std::nullopt;
    }
    return *where;
}

void read_listener(document& d, const table_row& row, const toml::table& table) {
    read_table(d, row, table);
    // A key that seems to be missing may be there under a wrong name, which is the better thing to say.
    const bool all_known = d.first_wrong_line == 0;
    std::string door;
    bool tls = false;
    std::optional<address> where;
    const auto line = line_of(table);
    if (const auto* n = table.get("door")) {
        auto done = read(*n, "door", door);
        if (done) done = check_door(door);
        if (!done) d.wrong(line_of(*n), done.error().text);
    } else if (all_known) {
        d.wrong(line, "this [[listen]] needs a door, such as door = \"frame\"");
    }
    if (const auto* n = table.get("address")) {
        where = read_address(d, *n);
    } else if (all_known) {
        d.wrong(line, "this [[listen]] needs an address, such as address = \"127.0.0.1:1234\"");
    }
    if (const auto* n = table.get("tls")) {
        if (const auto done = read(*n, "tls", tls); !done) d.wrong(line_of(*n), done.error().text);
        if (tls && d.tls_line == 0) d.tls_line = line_of(*n);
    }
    if (!where) return;
    d.result.listeners.push_back({.door = std::move(door), .where = std::move(*where), .tls = tls});
    if (const auto distinct = check_distinct(d.result.listeners); !distinct) d.wrong(line, distinct.error().text);
}

void read_listeners(document& d, const table_row& row, const toml::node& n) {
    const auto* list = n.as_array();
    if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
        return d.wrong(line_of(n), "listeners are a list of tables: write [[listen]] with two brackets");
    }
    if (list->empty()) return;
    d.result.listeners.clear();
    for (const auto& element : *list) read_listener(d, row, *element.as_table());
}

// What single keys cannot show. Only when each key is right: else a wrong certificate would be told as a missing one.
void check_together(document& d, const toml::table& root) {
    if (d.first_wrong_line != 0) return;
    const auto& tls = d.result.tls;
    if (d.tls_line != 0 && tls.certificate.empty() && tls.key.empty()) {
        d.wrong(d.tls_line, "tls = true needs a certificate and a key in [tls]");
    }
    if (const auto* n = root.get("tls"); n != nullptr && tls.certificate.empty() != tls.key.empty()) {
        d.wrong(line_of(*n), "[tls] needs both a certificate and a key");
    }
    const bool frames = std::ranges::any_of(d.result.listeners, [](const listener& l) { return l.door == "frame"; });
    if (frames && d.result.lobby.empty()) d.wrong(d.lobby_line, "the frame door needs a lobby");
}

void read_document(document& d, const toml::table& root) {
    for (const auto& [key, node] : root) {
        const auto* row = std::ranges::find(tables, key.str(), &table_row::name);
        if (row == std::end(tables)) {
            d.wrong(line_of(key), unknown_table(key.str(), node));
        } else if (row->keys.empty()) {
            d.wrong(line_of(key), fmt::format("[{}] belongs to a feature that is not in this version", row->name));
        } else if (row->name == "listen") {
            read_listeners(d, *row, node);
        } else if (const auto* table = node.as_table()) {
            read_table(d, *row, *table);
        } else {
            d.wrong(line_of(key), fmt::format("{0} must be a table, written [{0}]", row->name));
        }
    }
    check_together(d, root);
}

}  // namespace

base::result<settings> parse_settings(std::string_view text, const std::filesystem::path& file) {
    const auto shown = base::clean_line(file.string());
    const auto parsed = toml::parse(text, std::string_view{});
    if (!parsed) {
        const auto& e = parsed.error();
        return fail("{}:{}: {}", shown, e.source().begin.line, base::clean_line(e.description()));
    }
    document d;
    d.folder = file.parent_path();
    read_document(d, parsed.table());
    if (d.first_wrong_line != 0) return fail("{}:{}: {}", shown, d.first_wrong_line, d.first_wrong);
    return std::move(d.result);
}

}  // namespace brusio::brusiod
