// How clients refer to moments and messages. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "chat/values.hpp"

namespace brusio::door {

// "2026-11-23T08:24:31.123Z" (IRCv3 server-time) in milliseconds since 1970. The fraction may be missing, or have up to
// nine digits; second 60 is the next minute's first. Nothing before 1970, and nothing that is no date.
std::optional<std::int64_t> parse_time(std::string_view text);

// "2026-11-23": when that day begins, in UTC.
std::optional<std::int64_t> parse_day(std::string_view text);

// A msgid as irc::msgid_text writes it; nothing when none of ours can look so.
std::optional<chat::message_id> parse_msgid(std::string_view text);

// Ids are times: the first and the last that a message of this millisecond can have. Beyond all that a store can hold,
// the last of these.
chat::message_id first_of(std::int64_t at_ms);
chat::message_id last_of(std::int64_t at_ms);
inline std::int64_t time_of(chat::message_id id) { return static_cast<std::int64_t>(id.value >> 16U); }

}  // namespace brusio::door
