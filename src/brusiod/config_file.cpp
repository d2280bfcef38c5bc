// parse_settings: the document as a whole: which tables there are, what unknown keys may have meant, and what single
// keys cannot show.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "brusiod/config_document.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

void read_single(document& d, const table_row& row, const config_entry& found) {
    if (found.value.kind == value_kind::table) return read_keys(d, row, found.value);
    d.wrong(found.line, fmt::format("{0} must be a table, written [{0}]", row.name));
}

std::span<const table_row> tables() {
    static const table_row rows[] = {
        {"server", server_keys(), &read_single},
        listen_table(),
        {"tls", tls_keys(), &read_single},
        {"limits", limit_keys(), &read_single},
        {"frame", frame_keys(), &read_single},
        {"irc", irc_keys(), &read_single},
        operator_table(),
        webirc_table(),
        {"history", history_keys(), &read_single},
        {"accounts", account_keys(), &read_single},
    };
    return rows;
}

std::string_view nearest_name(std::string_view word, const auto& rows) {
    if (word.size() > 64) return "";  // no key is near, and comparing would take long
    std::vector<std::string_view> names;
    for (const auto& row : rows) names.push_back(row.name);
    return base::nearest(word, names);
}

std::string written(const table_row& row) {
    return fmt::format(fmt::runtime(row.is_list ? "[[{}]]" : "[{}]"), row.name);
}

// The table, as written in a file, where a key of that name would be right; "" when there is none.
std::string home_of(std::string_view key) {
    for (const auto& table : tables()) {
        if (std::ranges::find(table.keys, key, &key_row::name) != table.keys.end()) return written(table);
    }
    return "";
}

std::string unknown_key(std::string_view key, const table_row& table) {
    auto text = fmt::format("unknown key \"{}\" in {}", base::clean_line(key), written(table));
    if (const auto near = nearest_name(key, table.keys); !near.empty()) {
        return text + fmt::format("; did you mean \"{}\"?", near);
    }
    if (const auto home = home_of(key); !home.empty()) return text + fmt::format("; it belongs in {}", home);
    return text;
}

std::string unknown_table(std::string_view name, const config_value& v) {
    const auto shown = base::clean_line(name);
    if (v.kind != value_kind::table && !v.is_list_of_tables()) {
        auto text = fmt::format("the key \"{}\" stands outside of any table", shown);
        if (const auto home = home_of(name); !home.empty()) text += fmt::format("; it belongs in {}", home);
        return text;
    }
    const auto row = std::ranges::find(tables(), nearest_name(name, tables()), &table_row::name);
    return fmt::format("unknown table [{}]", shown) +
           (row == tables().end() ? "" : fmt::format("; did you mean {}?", written(*row)));
}

// ---- what single keys cannot show ----

// Where a key stands that is there once; 0 when it is not there.
std::uint32_t line_at(const config_value& root, std::string_view table, std::string_view key) {
    const auto* found = root.find(table);
    found = found == nullptr ? nullptr : found->value.find(key);
    return found == nullptr ? 0 : found->line;
}

// Where the first [[listen]] says `key = true`; 0 when none does.
std::uint32_t first_listener_with(const config_value& root, std::string_view key) {
    const auto* listen = root.find("listen");
    if (listen == nullptr) return 0;
    for (const auto& table : listen->value.list) {
        const auto* found = table.find(key);
        if (found != nullptr && found->value.flag) return found->line;
    }
    return 0;
}

void check_tls_keys(document& d, const config_value& root) {
    const auto& tls = d.result.tls;
    const auto line = first_listener_with(root, "tls");
    if (line != 0 && tls.certificate.empty() && tls.key.empty()) {
        d.wrong(line, "tls = true needs a certificate and a key in [tls]");
    }
    if (const auto* found = root.find("tls"); found != nullptr && tls.certificate.empty() != tls.key.empty()) {
        d.wrong(found->value.line, "[tls] needs both a certificate and a key");
    }
}

void check_frames(document& d, const config_value& root) {
    const auto& s = d.result;
    if (std::ranges::find(s.listeners, "frame", &listener::door) == s.listeners.end()) return;
    if (s.lobby.empty()) d.wrong(line_at(root, "server", "lobby"), "the frame door needs a lobby");
    if (s.password.empty()) return;
    // Without a password for those who come by frames it would protect nothing.
    const std::string because =
        "server.password cannot be while there is a frame listener: frames have no place for a password";
    const bool by_default = s.listeners == settings::default_listeners();
    d.wrong(line_at(root, "server", "password"),
            because + (by_default ? "; without any [[listen]], frames come to 127.0.0.1:1234" : ""));
}

void check_require_account(document& d, const config_value& root) {
    const auto& s = d.result;
    if (!s.require_account || s.frame_accounts) return;
    if (std::ranges::find(s.listeners, "frame", &listener::door) == s.listeners.end()) return;
    d.wrong(line_at(root, "server", "require_account"),
            "server.require_account needs accounts = true in [frame] while there is a frame listener: else nobody "
            "could come in there");
}

void check_mail(document& d, const config_value& root) {
    const auto& a = d.result.accounts;
    if (a.email == email_mode::none || !a.mail_command.empty()) return;
    d.wrong(line_at(root, "accounts", "mail_command"),
            "accounts.mail_command cannot be empty with email = \"required\"");
}

void check_sts(document& d, const config_value& root, bool replaced) {
    auto& irc = d.result.irc;
    if (!irc.sts) return;
    const auto line = line_at(root, "irc", "sts");
    bool there = false;
    std::uint16_t port = 0;
    for (const auto& l : d.result.listeners) {
        if (l.door != "irc" || !l.tls) continue;
        there = true;
        if (port == 0) port = l.where.port();
    }
    if (!there) {
        d.wrong(line, std::string("irc.sts needs a [[listen]] with door = \"irc\" and tls = true") +
                          (replaced ? "; --listen replaces those of the file" : ""));
    } else if (irc.sts_port == 0 && port == 0) {
        d.wrong(line, "irc.sts needs irc.sts_port: no irc listener with TLS has a port that is known");
    } else if (irc.sts_port == 0) {
        irc.sts_port = port;
    }
}

// Only when each key is right: else a wrong certificate would be told as a missing one.
void check_together(document& d, const config_value& root, const std::vector<listener>& instead) {
    if (d.first_wrong_line != 0) return;
    if (line_at(root, "history", "keep_direct") == 0) d.result.history.keep_direct = d.result.history.keep;
    check_tls_keys(d, root);
    if (const auto line = first_listener_with(root, "proxy_protocol"); line != 0 && d.result.proxies.empty()) {
        d.wrong(line,
                "proxy_protocol = true needs the proxies' addresses: write proxies = [\"10.0.0.0/8\"] in [server]");
    }
    if (!instead.empty()) d.result.listeners = instead;
    check_frames(d, root);
    check_require_account(d, root);
    check_mail(d, root);
    check_sts(d, root, !instead.empty());
}

}  // namespace

void read_keys(document& d, const table_row& row, const config_value& table) {
    for (const auto& [key, line, value] : table.table) {
        const auto found = std::ranges::find(row.keys, key, &key_row::name);
        if (found == row.keys.end()) {
            d.wrong(line, unknown_key(key, row));
        } else if (found->set == nullptr) {
            d.wrong(line, fmt::format("\"{}\" in {} belongs to a feature that is not in this version", found->name,
                                      written(row)));
        } else if (const auto done = found->set(d, value, fmt::format("{}.{}", row.name, key)); !done) {
            d.wrong(line, done.error().text);
        }
    }
}

std::span<const config_value> tables_of(document& d, const table_row& row, const config_entry& found,
                                        std::string_view name) {
    const auto& v = found.value;
    if (v.kind == value_kind::list && (v.list.empty() || v.is_list_of_tables())) return v.list;
    d.wrong(v.line, fmt::format("{} are a list of tables: write {} with two brackets", name, written(row)));
    return {};
}

base::result<settings> parse_settings(std::string_view text, const std::filesystem::path& file,
                                      const std::vector<listener>& instead) {
    const auto shown = base::clean_line(file.string());
    const auto root = parse_toml(text);
    if (!root) return fail("{}:{}: {}", shown, root.error().line, root.error().text);
    document d;
    d.folder = file.parent_path();
    for (const auto& entry : root->table) {
        const auto row = std::ranges::find(tables(), entry.key, &table_row::name);
        if (row == tables().end()) {
            d.wrong(entry.line, unknown_table(entry.key, entry.value));
        } else if (row->read == nullptr) {
            d.wrong(entry.line, fmt::format("[{}] belongs to a feature that is not in this version", row->name));
        } else {
            row->read(d, *row, entry);
        }
    }
    check_together(d, *root, instead);
    if (d.first_wrong_line != 0) return fail("{}:{}: {}", shown, d.first_wrong_line, d.first_wrong);
    return std::move(d.result);
}

}  // namespace brusio::brusiod
