// The tables of which there can be many: [[listen]], [operator.NAME], [[webirc]].
#include <optional>

#include "base/text.hpp"
#include "brusiod/config_values.hpp"
#include "brusiod/password.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

// ---- [[listen]] ----

constexpr key_row listen_rows[] = {
    read_with_its_table("door"),           read_with_its_table("address"), read_with_its_table("tls"), {"websocket"},
    read_with_its_table("proxy_protocol"),
};

std::optional<address> read_address(document& d, const config_value& v) {
    std::string text;
    if (const auto done = read(v, "address", text); !done) {
        d.wrong(v.line, done.error().text);
        return std::nullopt;
    }
    auto where = address::parse(text);
    if (!where) {
        d.wrong(v.line, where.error().text);
        return std::nullopt;
    }
    // Unlike the command line's, a file's words must not depend on where the server is started.
    if (where->family() == AF_UNIX && !where->text().starts_with("unix:/")) {
        d.wrong(v.line, fmt::format("the path of \"{}\" must start with /", base::clean_line(text)));
        return std::nullopt;
    }
    return *where;
}

bool read_flag(document& d, const config_value& table, std::string_view key) {
    bool flag = false;
    const auto* found = table.find(key);
    if (found == nullptr) return flag;
    if (const auto done = read(found->value, key, flag); !done) d.wrong(found->value.line, done.error().text);
    return flag;
}

void read_listener(document& d, const table_row& row, const config_value& table) {
    read_keys(d, row, table);
    // A key that seems to be missing may be there under a wrong name, which is the better thing to say.
    const bool all_known = d.first_wrong_line == 0;
    std::string door;
    std::optional<address> where;
    if (const auto* found = table.find("door")) {
        auto done = read(found->value, "door", door);
        if (done) done = check_door(door);
        if (!done) d.wrong(found->value.line, done.error().text);
    } else if (all_known) {
        d.wrong(table.line, "this [[listen]] needs a door, such as door = \"frame\"");
    }
    if (const auto* found = table.find("address")) {
        where = read_address(d, found->value);
    } else if (all_known) {
        d.wrong(table.line, "this [[listen]] needs an address, such as address = \"127.0.0.1:1234\"");
    }
    const bool tls = read_flag(d, table, "tls");
    const bool proxied = read_flag(d, table, "proxy_protocol");
    if (!where) return;
    if (proxied && where->family() == AF_UNIX) {  // a proxy is known by its address, and there is none
        d.wrong(table.find("proxy_protocol")->line, "proxy_protocol is not for unix sockets");
    }
    d.result.listeners.push_back(
        {.door = std::move(door), .where = std::move(*where), .tls = tls, .proxy_protocol = proxied});
    if (const auto distinct = check_distinct(d.result.listeners); !distinct) d.wrong(table.line, distinct.error().text);
}

void read_listeners(document& d, const table_row& row, const config_entry& found) {
    const auto tables = tables_of(d, row, found, "listeners");
    if (tables.empty()) return;
    d.result.listeners.clear();
    for (const auto& table : tables) read_listener(d, row, table);
}

// ---- [operator.NAME] ----

constexpr key_row operator_rows[] = {read_with_its_table("password")};

outcome read_operator_password(const config_value& v, std::string_view key, std::string& out) {
    if (auto done = read_password(v, key, out); !done) return done;
    if (is_password_hash(out)) return {};
    return fail("{} must be a hash that begins with $argon2id$; make one with brusiod --hash-password", key);
}

void read_operator(document& d, const table_row& row, const config_entry& found) {
    if (found.value.kind != value_kind::table) {
        return d.wrong(found.line, "an operator is a table with a name, written [operator.NAME]");
    }
    if (auto named = check_word(found.key, "the name of an operator"); !named) {
        return d.wrong(found.line, named.error().text);
    }
    if (found.key.starts_with(':')) return d.wrong(found.line, "the name of an operator cannot begin with a colon");
    read_keys(d, row, found.value);
    const auto* password = found.value.find("password");
    if (password == nullptr) {
        constexpr auto missing = "the operator \"{}\" needs a password; make one with brusiod --hash-password";
        if (d.first_wrong_line == 0) d.wrong(found.value.line, fmt::format(missing, found.key));
        return;
    }
    operator_settings who{.name = found.key};
    const auto key = fmt::format("operator.{}.password", found.key);
    if (auto done = read_operator_password(password->value, key, who.password_hash); !done) {
        return d.wrong(password->line, done.error().text);
    }
    d.result.operators.push_back(std::move(who));
}

void read_operators(document& d, const table_row& row, const config_entry& found) {
    if (found.value.kind != value_kind::table) {
        return d.wrong(found.line, "operators are tables with a name, written [operator.NAME]");
    }
    for (const auto& one : found.value.table) read_operator(d, row, one);
}

// ---- [[webirc]] ----

constexpr key_row webirc_rows[] = {read_with_its_table("password"), read_with_its_table("addresses")};

void read_gateway(document& d, const table_row& row, const config_value& table) {
    read_keys(d, row, table);
    const bool all_known = d.first_wrong_line == 0;
    webirc_settings gateway;
    const auto* password = table.find("password");
    const auto* addresses = table.find("addresses");
    if (password != nullptr) {
        auto done = read_password(password->value, "password", gateway.password);
        if (done && gateway.password.empty()) done = fail("the password of a [[webirc]] cannot be empty");
        if (!done) d.wrong(password->line, done.error().text);
    } else if (all_known) {
        d.wrong(table.line, "this [[webirc]] needs a password");
    }
    if (addresses != nullptr) {
        const auto before = d.first_wrong_line;
        auto done = read_networks(d, addresses->value, "addresses", "[\"192.0.2.0/24\"]", gateway.addresses);
        if (done && gateway.addresses.empty() && d.first_wrong_line == before) {
            done = fail("the addresses of a [[webirc]] cannot be empty");
        }
        if (!done) d.wrong(addresses->line, done.error().text);
    } else if (all_known) {
        d.wrong(table.line, "this [[webirc]] needs addresses, such as addresses = [\"192.0.2.0/24\"]");
    }
    d.result.webirc.push_back(std::move(gateway));
}

void read_gateways(document& d, const table_row& row, const config_entry& found) {
    for (const auto& table : tables_of(d, row, found, "gateways")) read_gateway(d, row, table);
}

}  // namespace

table_row listen_table() { return {"listen", listen_rows, &read_listeners, true}; }
table_row operator_table() { return {"operator", operator_rows, &read_operators}; }
table_row webirc_table() { return {"webirc", webirc_rows, &read_gateways, true}; }

}  // namespace brusio::brusiod
