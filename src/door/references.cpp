#include "door/references.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>

namespace brusio::door {
namespace {

constexpr auto last_id = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// Exactly so many digits at the front; they are taken off.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    unsigned value = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

// "2026-11-23", taken off the front.
std::optional<std::int64_t> take_day(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                              std::chrono::day(*day)};
    if (!date.ok() || *year < 1970) return std::nullopt;
    return duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count();
}

// ".123", taken off the front, in milliseconds; nothing there is 0.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 9) return std::nullopt;
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < digits ? text[i] - '0' : 0);
    text.remove_prefix(digits);
    return ms;
}

}  // namespace

std::optional<std::int64_t> parse_day(std::string_view text) {
    const auto day = take_day(text);
    return text.empty() ? day : std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
    const auto day = take_day(text);
    if (!day || !take(text, 'T')) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *second > 60) return std::nullopt;
    const auto ms = take_fraction(text);
    if (!ms || text != "Z") return std::nullopt;
    return *day + (std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + *second) * 1000 + *ms;
}

std::optional<chat::message_id> parse_msgid(std::string_view text) {
    constexpr std::string_view digits = "234567abcdefghijklmnopqrstuvwxyz";
    if (text.size() != 13 || text.front() > 'j') return std::nullopt;  // 65 bits, of which the first is none of the id
    std::uint64_t value = 0;
    for (const char c : text) {
        const auto at = digits.find(c);
        if (at == std::string_view::npos) return std::nullopt;
        value = value << 5U | at;
    }
    return value == 0 || value > last_id ? std::nullopt : std::optional(chat::message_id{value});
}

chat::message_id first_of(std::int64_t at_ms) {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(at_ms, 0));
    return {ms > last_id >> 16U ? last_id : ms << 16U};
}

chat::message_id last_of(std::int64_t at_ms) { return {first_of(at_ms).value | 0xFFFFU}; }

std::string time_text(std::int64_t at_ms) {
    const std::time_t seconds = at_ms / 1000;
    std::tm t{};
    gmtime_r(&seconds, &t);
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&](std::size_t at, int digits, std::int64_t value) {
        for (int i = digits - 1; i >= 0; --i, value /= 10) {
            text[at + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
        }
    };
    put(0, 4, t.tm_year + 1900);
    put(5, 2, t.tm_mon + 1);
    put(8, 2, t.tm_mday);
    put(11, 2, t.tm_hour);
    put(14, 2, t.tm_min);
    put(17, 2, t.tm_sec);
    put(20, 3, at_ms % 1000);
    return text;
}

std::string msgid_text(chat::message_id id) {
    static constexpr std::string_view digits = "234567abcdefghijklmnopqrstuvwxyz";
    std::string text(13, digits.front());
    auto value = id.value;
    for (auto at = text.rbegin(); at != text.rend(); ++at, value >>= 5U) *at = digits[value & 31U];
    return text;
}

store::timeline timeline_of(const chat::past_granted::part& part) {
    return {part.channel, part.owner, part.peer, part.peer_fold, part.from};
}

}  // namespace brusio::door
