// CHATHISTORY (IRCv3 chathistory, draft): what a line asks for, as questions to the store. Pure functions, any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/questions.hpp"
#include "wire/irc.hpp"

namespace brusio::door::irc {

inline constexpr std::uint32_t history_page_max = 500;        // messages of one answer, as 005 says
inline constexpr std::size_t history_bytes_max = 512 * 1024;  // and no more than that, but one message always

// "msgid=…", "timestamp=…": all ids that it can mean; of a message one, of a time those of its millisecond.
struct history_reference {
    chat::message_id first;
    chat::message_id last;
    std::string unknown;  // the msgid, when no message of ours has such a one
};

enum class history_verb : std::uint8_t { latest, before, after, around, between, targets };
struct history_request {
    history_verb what = history_verb::latest;
    std::string verb;                       // as typed
    std::string target;                     //
    std::optional<history_reference> from;  // none: LATEST *
    history_reference to;                   // of BETWEEN and TARGETS
    std::uint32_t limit = 0;
};
// "FAIL CHATHISTORY code context… :text"
struct history_failure {
    std::string_view code;
    std::vector<std::string> context;
    std::string_view text;
};
std::expected<history_request, history_failure> parse_history(const wire::irc_message& line);

// The page; nothing when there can be no message in it.
std::optional<store::page_query> page_of(const history_request& r, const store::timeline& of, bool events);
// What comes behind that page, in the direction in which it is read; nothing around a message.
std::optional<store::page_query> page_behind(const store::page_query& q, const chat::entry& last, std::uint32_t limit);
// Whether its entries come from the newest to the oldest.
bool reads_backwards(const store::page_query& q);

}  // namespace brusio::door::irc
