#include "brusiod/config_tree.hpp"

#include <algorithm>

#include "base/text.hpp"

// Last, because it changes NDEBUG.
// clang-format off
#include "brusiod/toml.hpp"
// clang-format on

namespace brusio::brusiod {
namespace {

constexpr unsigned depth_max = 4;  // [[table]] key = ["element"]

value_kind kind_of(const toml::node& n) {
    if (n.is_string()) return value_kind::text;
    if (n.is_integer()) return value_kind::integer;
    if (n.is_floating_point()) return value_kind::fraction;
    if (n.is_boolean()) return value_kind::flag;
    if (n.is_array()) return value_kind::list;
    if (n.is_table()) return value_kind::table;
    return value_kind::date;
}

config_value value_of(const toml::node& n, unsigned depth) {
    config_value v;
    v.kind = kind_of(n);
    v.line = n.source().begin.line;
    if (const auto* text = n.as_string()) v.text = text->get();
    if (const auto* flag = n.as_boolean()) v.flag = flag->get();
    if (const auto* number = n.as_floating_point()) v.number = number->get();
    if (const auto* number = n.as_integer()) {
        v.integer = number->get();
        v.number = static_cast<double>(v.integer);
    }
    if (depth == depth_max) return v;
    if (const auto* list = n.as_array()) {
        for (const auto& element : *list) v.list.push_back(value_of(element, depth + 1));
    }
    if (const auto* table = n.as_table()) {
        for (const auto& [key, node] : *table) {
            v.table.push_back({std::string(key.str()), key.source().begin.line, value_of(node, depth + 1)});
        }
    }
    return v;
}

}  // namespace

bool config_value::is_list_of_tables() const {
    return !list.empty() && std::ranges::all_of(list, [](const auto& v) { return v.kind == value_kind::table; });
}

const config_entry* config_value::find(std::string_view key) const {
    const auto found = std::ranges::find(table, key, &config_entry::key);
    return found == table.end() ? nullptr : &*found;
}

std::expected<config_value, config_mistake> parse_toml(std::string_view text) {
    const auto parsed = toml::parse(text, std::string_view{});
    if (!parsed) {
        const auto& e = parsed.error();
        return std::unexpected(config_mistake{e.source().begin.line, base::clean_line(e.description())});
    }
    return value_of(parsed.table(), 0);
}

}  // namespace brusio::brusiod
