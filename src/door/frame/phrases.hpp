// The sentences that frame clients are told, and the pairs of frames they come in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chat/values.hpp"

namespace brusio::door::frame {

// Name frame and message frame, whole.
std::string pair(std::string_view name, std::string_view text);

// What the server says, in lines without control characters, whatever was quoted in it.
std::string server_says(std::string_view server_name, std::string_view text);

// Every explanation begins so, and nothing else that the server says does: clients may rely on it.
inline constexpr std::string_view explanation_prefix = "Closing: ";
std::string explanation(std::string_view server_name, std::string_view sentence);

inline constexpr std::string_view private_prefix = "[private]";
// Before a nick and "]": what one has told it with another client.
inline constexpr std::string_view private_to_prefix = "[private to ";

std::string help_text(bool history);
std::string usage(std::string_view command);
std::string why_refused(chat::name_refusal why, std::string_view name);
std::string people(const chat::names_are& answer);
// Why a message or command had no effect, for those who are in the lobby.
std::string why_refused(const chat::refused& refusal);
std::string is_away(const chat::is_away& answer);
// Why somebody was not let into the lobby.
std::string why_not_in(const chat::not_let_in& refusal);
std::string why_ended(const chat::ended& end);

// Requests between programs and tags are not for people who read frames.
bool is_for_people(chat::speech kind);
// A message's body: of a frame client to the byte; of other protocols without their formatting and without control
// characters but tabs and line feeds. Nothing when only such characters were in it, as then nothing was said.
std::optional<std::string> plain(const chat::message& what);

}  // namespace brusio::door::frame
