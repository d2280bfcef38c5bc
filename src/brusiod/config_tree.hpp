// config_tree: the text of a TOML file as plain values that remember their lines. Its .cpp is the one file that knows
// the TOML library. Pure, any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::brusiod {

enum class value_kind : std::uint8_t { text, integer, fraction, flag, list, table, date };

struct config_entry;

struct config_value {
    value_kind kind = value_kind::table;
    std::uint32_t line = 0;           // where it begins, from 1
    std::string text;                 // UTF-8
    std::int64_t integer = 0;         // of an integer
    double number = 0;                // of an integer or a fraction
    bool flag = false;                //
    std::vector<config_value> list;   //
    std::vector<config_entry> table;  // sorted by key

    bool is_number() const { return kind == value_kind::integer || kind == value_kind::fraction; }
    bool is_list_of_tables() const;                        // and not empty
    const config_entry* find(std::string_view key) const;  // in `table`; null when there is none
};

struct config_entry {
    std::string key;
    std::uint32_t line = 0;  // of the key
    config_value value;
};

struct config_mistake {
    std::uint32_t line = 0;
    std::string text;  // cleaned, without the file and the line
};

// The table of everything, or where the text stops being TOML. Lists and tables nested deeper than any setting are left
// empty.
std::expected<config_value, config_mistake> parse_toml(std::string_view text);

}  // namespace brusio::brusiod
