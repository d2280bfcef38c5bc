#include "wire/irc_tags.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace brusio::wire {

std::vector<irc_tag> final_tags(std::string_view raw) {
    std::vector<irc_tag> tags;
    for_each_tag(raw, [&](auto key, auto value) { tags.push_back({key, value}); });
    std::vector<std::uint32_t> order(tags.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](auto a, auto b) {
        const auto by_key = tags[a].key <=> tags[b].key;
        return by_key != 0 ? by_key < 0 : a < b;
    });
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        auto& earlier = tags[order[i]].key;
        if (earlier == tags[order[i + 1]].key) earlier = {};
    }
    std::erase_if(tags, [](const auto& tag) { return tag.key.empty(); });
    return tags;
}

std::optional<std::string_view> find_tag(std::string_view raw, std::string_view key) {
    std::optional<std::string_view> found;
    for_each_tag(raw, [&](auto k, auto value) {
        if (k == key) found = value;
    });
    return found;
}

void unescape_tag_value(std::string& out, std::string_view escaped) {
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        char c = escaped[i];
        if (c == '\\') {
            if (++i == escaped.size()) return;
            switch (c = escaped[i]) {
                case ':':
                    c = ';';
                    break;
                case 's':
                    c = ' ';
                    break;
                case 'r':
                    c = '\r';
                    break;
                case 'n':
                    c = '\n';
                    break;
                default:
                    break;
            }
        }
        out.push_back(c);
    }
}

void escape_tag_value(std::string& out, std::string_view value) {
    for (char c : value) {
        switch (c) {
            case ';':
                out += "\\:";
                break;
            case ' ':
                out += "\\s";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\0':
                break;
            default:
                out.push_back(c);
        }
    }
}

}  // namespace brusio::wire
