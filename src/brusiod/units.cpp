#include "brusiod/units.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

struct size_unit {
    std::string_view name;
    std::uint64_t bytes;
};
constexpr size_unit size_units[] = {{"", 1},
                                    {"B", 1},
                                    {"kB", 1000},
                                    {"KB", 1000},
                                    {"MB", 1000 * 1000},
                                    {"GB", 1000 * 1000 * 1000},
                                    {"KiB", 1U << 10U},
                                    {"MiB", 1U << 20U},
                                    {"GiB", 1U << 30U}};
constexpr std::uint64_t size_max = std::uint64_t{1} << 40U;

struct time_unit {
    std::string_view name;
    double seconds;
};
constexpr time_unit time_units[] = {{"", 1},          {"ms", 0.001},       {"s", 1}, {"m", 60}, {"h", 3600},
                                    {"d", 24 * 3600}, {"w", 7 * 24 * 3600}};

// `from_chars` also reads "inf", "nan" and a leading minus, none of which is an amount.
template <class Number, class... Format>
bool take_number(std::string_view& text, Number& number, Format... format) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return false;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, format...);
    if (failure == std::errc::result_out_of_range) {
        number = std::numeric_limits<Number>::max();  // refused as too large, not as a mistake of form
    } else if (failure != std::errc{}) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

base::result<std::uint64_t> parse_size(std::string_view text) {
    auto rest = base::trim(text);
    std::uint64_t number = 0;
    if (take_number(rest, number)) {
        rest = base::trim(rest);
        const auto* unit = std::ranges::find(size_units, rest, &size_unit::name);
        if (unit != std::end(size_units)) {
            if (number > size_max / unit->bytes) {
                return base::fail("\"{}\" is too large a size; at most 1 TiB", base::clean_line(text));
            }
            return number * unit->bytes;
        }
    }
    return base::fail("\"{}\" is not a size; write \"1 MiB\", \"256 KiB\", \"10 MB\" or a number of bytes",
                      base::clean_line(text));
}

base::result<std::chrono::milliseconds> parse_duration(std::string_view text, std::chrono::days max) {
    auto rest = base::trim(text);
    double number = 0;
    if (take_number(rest, number, std::chars_format::fixed)) {
        rest = base::trim(rest);
        const auto* unit = std::ranges::find(time_units, rest, &time_unit::name);
        if (unit != std::end(time_units)) return duration_from_seconds(number * unit->seconds, max);
    }
    return base::fail("\"{}\" is not a time; write \"20s\", \"500ms\", \"2m\", \"1h\", \"30d\" or a number of seconds",
                      base::clean_line(text));
}

base::result<std::chrono::milliseconds> duration_from_seconds(double seconds, std::chrono::days max) {
    if (std::isnan(seconds)) return base::fail("a time must be a number");
    if (seconds < 0) return base::fail("a time cannot be negative");
    if (seconds > static_cast<double>(std::chrono::seconds(max).count())) {
        return base::fail("a time can be at most {} days", max.count());
    }
    const auto ms = std::chrono::milliseconds(std::llround(seconds * 1000));
    return seconds > 0 ? std::max(ms, std::chrono::milliseconds(1)) : ms;
}

}  // namespace brusio::brusiod
