#include "brusiod/config_values.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "brusiod/password.hpp"
#include "brusiod/units.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr double rate_max = 1e9;
constexpr std::chrono::days lifetime_max{36'500};
constexpr std::size_t line_bytes_max = 200;
constexpr std::size_t word_characters_max = 32;

std::string_view called(value_kind kind) {
    switch (kind) {
        case value_kind::text:
            return "text";
        case value_kind::integer:
            return "a whole number";
        case value_kind::fraction:
            return "a number with a fraction";
        case value_kind::flag:
            return "true or false";
        case value_kind::list:
            return "a list";
        case value_kind::table:
            return "a table";
        case value_kind::date:
            break;
    }
    return "a date or time";
}

outcome in_range(std::string_view key, std::int64_t number, std::uint64_t min, std::uint64_t max, std::string_view unit,
                 std::uint64_t& out) {
    if (number < 0 || static_cast<std::uint64_t>(number) < min || static_cast<std::uint64_t>(number) > max) {
        return fail("{} must be from {} to {}{}, not {}", key, min, max, unit, number);
    }
    out = static_cast<std::uint64_t>(number);
    return {};
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::unexpected<base::error> wanted(std::string_view key, std::string_view what, const config_value& v) {
    return fail("{} must be {}, not {}", key, what, called(v.kind));
}

outcome read(const config_value& v, std::string_view key, std::string& out) {
    if (v.kind != value_kind::text) return wanted(key, "text in quotes", v);
    out = v.text;
    return {};
}

outcome read(const config_value& v, std::string_view key, bool& out) {
    if (v.kind != value_kind::flag) return wanted(key, "true or false", v);
    out = v.flag;
    return {};
}

outcome read_count(const config_value& v, std::string_view key, std::uint32_t min, std::uint32_t max,
                   std::uint32_t& out) {
    if (v.kind != value_kind::integer) return wanted(key, "a whole number", v);
    std::uint64_t count = 0;
    const auto done = in_range(key, v.integer, min, max, "", count);
    if (done) out = static_cast<std::uint32_t>(count);
    return done;
}

outcome read_rate(const config_value& v, std::string_view key, double& out) {
    if (!v.is_number()) return wanted(key, "a number", v);
    if (!(v.number >= 0 && v.number <= rate_max)) {  // so that NaN is outside too
        return fail("{} must be from 0 to {:.0f}, not {}", key, rate_max, v.number);
    }
    out = v.number;
    return {};
}

outcome read_size(const config_value& v, std::string_view key, std::uint64_t min, std::uint64_t max,
                  std::uint64_t& out) {
    if (v.kind == value_kind::integer) return in_range(key, v.integer, min, max, " bytes", out);
    if (v.kind != value_kind::text) return wanted(key, "a size such as \"1 MiB\" or a number of bytes", v);
    const auto size = parse_size(v.text);
    if (!size) return fail("{}: {}", key, size.error().text);
    return in_range(key, static_cast<std::int64_t>(*size), min, max, " bytes", out);  // at most 1 TiB: fits
}

outcome read_duration(const config_value& v, std::string_view key, std::chrono::milliseconds& out) {
    if (!v.is_number() && v.kind != value_kind::text) {
        return wanted(key, "a time such as \"20s\" or a number of seconds", v);
    }
    const auto time = v.is_number() ? duration_from_seconds(v.number) : parse_duration(v.text);
    if (!time) return fail("{}: {}", key, time.error().text);
    out = *time;
    return {};
}

outcome read_lifetime(const config_value& v, std::string_view key, std::string_view endless,
                      std::optional<std::chrono::milliseconds>& out) {
    if (v.kind != value_kind::text) return wanted(key, fmt::format("\"{}\" or a time such as \"90d\"", endless), v);
    if (v.text == endless) {
        out.reset();
        return {};
    }
    const auto text = base::trim(v.text);
    if (!text.empty() && text.back() >= '0' && text.back() <= '9') {
        return fail("{} needs a unit, as in \"90d\", not \"{}\"", key, base::clean_line(text));
    }
    const auto time = parse_duration(text, lifetime_max);
    if (!time) return fail("{}: {}", key, time.error().text);
    if (*time < std::chrono::minutes(1)) return fail("{} must be at least 1m", key);
    out = *time;
    return {};
}

base::result<std::size_t> read_one_of(const config_value& v, std::string_view key,
                                      std::span<const std::string_view> words) {
    std::string text;
    if (auto done = read(v, key, text); !done) return std::unexpected(done.error());
    const auto found = std::ranges::find(words, text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::string all;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i != 0) all += i + 1 == words.size() ? " or " : ", ";
        all += fmt::format("\"{}\"", words[i]);
    }
    return fail("{} must be {}, not \"{}\"", key, all, base::clean_line(text));
}

outcome read_path(const config_value& v, std::string_view key, const std::filesystem::path& folder,
                  std::filesystem::path& out) {
    std::string text;
    if (auto done = read(v, key, text); !done) return done;
    if (text.empty()) return fail("{} must name a file or folder, not be empty", key);
    if (text.find('\0') != std::string::npos) return fail("{} cannot have a NUL character", key);
    out = folder / text;
    return {};
}

outcome read_line(const config_value& v, std::string_view key, std::string& out) {
    std::string text;
    if (auto done = read(v, key, text); !done) return done;
    if (text.size() > line_bytes_max) return fail("{} has at most {} bytes, not {}", key, line_bytes_max, text.size());
    if (const auto shown = base::clean_line(text); shown != text) {
        return fail("{} must be one line without control characters, not \"{}\"", key, shown);
    }
    out = std::move(text);
    return {};
}

outcome check_word(std::string_view text, std::string_view key) {
    const auto characters = static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
    const auto shown = base::clean_line(text);
    if (characters == 0 || characters > word_characters_max) {
        return fail("{} must have 1 to {} characters, not {}", key, word_characters_max, characters);
    }
    if (shown != text || has_blank(text)) {
        return fail("{} cannot have blanks or control characters, as \"{}\" has", key, shown);
    }
    return {};
}

outcome read_word(const config_value& v, std::string_view key, std::string& out) {
    std::string text;
    auto done = read(v, key, text);
    if (done) done = check_word(text, key);
    if (done) out = std::move(text);
    return done;
}

outcome read_password(const config_value& v, std::string_view key, std::string& out) {
    std::string text;
    if (auto done = read(v, key, text); !done) return done;
    if (!text.empty()) {
        if (auto usable = check_stored_password(text); !usable) return fail("{}: {}", key, usable.error().text);
    }
    out = std::move(text);
    return {};
}

outcome read_texts(document& d, const config_value& v, std::string_view key, std::string_view example,
                   const std::function<outcome(const std::string&)>& add) {
    if (v.kind != value_kind::list) return wanted(key, fmt::format("a list such as {}", example), v);
    for (const auto& element : v.list) {
        std::string text;
        auto done = read(element, fmt::format("each element of {}", key), text);
        if (done) done = add(text);
        if (!done) d.wrong(element.line, done.error().text);
    }
    return {};
}

outcome read_networks(document& d, const config_value& v, std::string_view key, std::string_view example,
                      std::vector<cidr>& out) {
    std::vector<cidr> networks;
    auto done = read_texts(d, v, key, example, [&](const std::string& text) -> outcome {
        const auto network = cidr::parse(text);
        if (!network) return fail("{}: {}", key, network.error().text);
        networks.push_back(*network);
        return {};
    });
    if (done) out = std::move(networks);
    return done;
}

bool has_blank(std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin + 1;
        while (end < text.size() && !begins_character(text[end])) ++end;
        if (base::trim(text.substr(begin, end - begin)).empty()) return true;
        begin = end;
    }
    return false;
}

}  // namespace brusio::brusiod
