// config_document: what the .cpp files that turn a configuration file into settings share. Each key is one row of a
// table; all mistakes are found, and the one that stands first in the file is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "brusiod/config.hpp"
#include "brusiod/config_tree.hpp"

namespace brusio::brusiod {

using outcome = base::result<void>;

struct document {
    settings result;
    std::filesystem::path folder;        // of the file
    std::uint32_t first_wrong_line = 0;  // 0: nothing is wrong so far
    std::string first_wrong;

    void wrong(std::uint32_t line, std::string what) {
        if (first_wrong_line != 0 && first_wrong_line <= line) return;
        first_wrong_line = line;
        first_wrong = std::move(what);
    }
};

// One key of a table. `set` is told the key as people call it ("limits.burst"). A row without `set` is a key whose
// feature is not in this version: it is refused, never ignored.
struct key_row {
    std::string_view name;
    outcome (*set)(document& d, const config_value& v, std::string_view key) = nullptr;
};

struct table_row {
    std::string_view name;
    std::span<const key_row> keys;  // none: the whole table's feature is not in this version
    void (*read)(document& d, const table_row& row, const config_entry& found) = nullptr;
    bool is_list = false;  // written [[name]]
};

// A row of a table of which there can be many: its keys are read together, by who reads the table.
constexpr key_row read_with_its_table(std::string_view name) {
    return {name, [](document&, const config_value&, std::string_view) { return outcome{}; }};
}

// Sets what `table` has; says what is wrong with its keys and values.
void read_keys(document& d, const table_row& row, const config_value& table);

// The elements of [[name]], or none when it is something else, which is said; `name` is "listeners", as people say.
std::span<const config_value> tables_of(document& d, const table_row& row, const config_entry& found,
                                        std::string_view name);

// config_keys.cpp: tables that are there once
std::span<const key_row> server_keys();
std::span<const key_row> tls_keys();
std::span<const key_row> limit_keys();
std::span<const key_row> frame_keys();
std::span<const key_row> irc_keys();

// config_accounts.cpp: what people keep here
std::span<const key_row> history_keys();
std::span<const key_row> account_keys();

// config_tables.cpp: tables of which there can be many
table_row listen_table();
table_row operator_table();
table_row webirc_table();

}  // namespace brusio::brusiod
