// IRC's tags: any bytes as a tag section, as a value, and as a key.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "wire/irc.hpp"
#include "wire/irc_line.hpp"
#include "wire/irc_tags.hpp"

namespace {

using namespace brusio::wire;

void must(bool holds) {
    if (!holds) std::abort();
}

void check_section(std::string_view raw) {
    std::map<std::string_view, std::string_view> last;
    for_each_tag(raw, [&](auto key, auto value) {
        must(!key.empty() && key.find_first_of(";=") == std::string_view::npos && !value.contains(';'));
        last[key] = value;
    });
    const auto tags = final_tags(raw);
    must(tags.size() == last.size());
    const bool few = tags.size() < 100;
    for (const auto& t : tags) {
        must(last.at(t.key) == t.escaped_value);
        if (few) must(find_tag(raw, t.key) == t.escaped_value);
        std::string value;
        unescape_tag_value(value, t.escaped_value);
        must(value.size() <= t.escaped_value.size());
    }
    must(!find_tag(raw, "no=key").has_value());
}

void check_value(std::string_view value) {
    std::string wire;
    escape_tag_value(wire, value);
    must(wire.size() <= 2 * value.size());
    must(wire.find_first_of(std::string_view("; \r\n\0", 5)) == std::string::npos);
    std::string back;
    unescape_tag_value(back, wire);
    std::string expected(value);
    std::erase(expected, '\0');
    must(back == expected);
}

void check_written(std::string_view key, std::string_view value) {
    std::string out;
    irc_line(out).tag(key, value).escaped_tag(key, value).tag("id", "1").verb("V").end();
    const auto split = split_irc_line(out, {irc_line::max_tags, irc_line::max_body});
    must(split.what == irc_split::status::line && split.consumed == out.size());
    const auto m = parse_irc(split.line);
    must(m.has_value() && m->verb == "V" && m->param_count == 0);
    std::size_t written = 0;
    for_each_tag(m->tags, [&](auto k, auto) {
        must(k == key || k == "id");
        ++written;
    });
    must(written >= 1 && written <= 3 && find_tag(m->tags, "id").has_value());
    const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || c == '/' || c == '-' || c == '+';
    });
    if (plain && value.size() < 2000) must(written == 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 20000) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    check_section(input);
    check_value(input);
    const auto key = input.substr(0, data[0] % 24U);
    check_written(key, input.substr(key.size()));
    return 0;
}
