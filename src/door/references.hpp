// How moments and messages are written, and how clients refer to them. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/values.hpp"
#include "store/questions.hpp"

namespace brusio::door {

// "2026-11-23T08:24:31.123Z" (IRCv3 server-time) in milliseconds since 1970. The fraction may be missing, or have up to
// nine digits; second 60 is the next minute's first. Nothing before 1970, and nothing that is no date.
std::optional<std::int64_t> parse_time(std::string_view text);

// The same time as it is written, with three digits of the fraction.
std::string time_text(std::int64_t at_ms);

// "2026-11-23": when that day begins, in UTC.
std::optional<std::int64_t> parse_day(std::string_view text);

// A msgid as msgid_text writes it; nothing when none of ours can look so.
std::optional<chat::message_id> parse_msgid(std::string_view text);
// 13 characters, which sort as the messages do.
std::string msgid_text(chat::message_id id);

// Ids are times: the first and the last that a message of this millisecond can have. Beyond all that a store can hold,
// the last of these.
chat::message_id first_of(std::int64_t at_ms);
chat::message_id last_of(std::int64_t at_ms);
inline std::int64_t time_of(chat::message_id id) { return static_cast<std::int64_t>(id.value >> 16U); }

// Where the store finds one part of what chat has granted.
store::timeline timeline_of(const chat::past_granted::part& part);

}  // namespace brusio::door
