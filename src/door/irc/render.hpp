// What happens in chat as IRC lines, for a client of one wire shape. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "chat/values.hpp"
#include "door/irc/capabilities.hpp"
#include "door/references.hpp"
#include "wire/irc_line.hpp"

namespace brusio::door::irc {

// Appends the lines that everyone with these capabilities is sent of the effect; nothing when they are told nothing.
void render(std::string& out, const chat::effect& what, caps shape, std::string_view server);

// Appends a message, as one line, as several, or as a draft/multiline batch. `target`: a channel with the prefix of
// STATUSMSG, or a nick.
struct message_line {
    chat::message_id id;
    std::int64_t at_ms = 0;
    const chat::person* who = nullptr;
    std::string_view target;
    const chat::message* what = nullptr;
};
void render_message(std::string& out, const message_line& m, caps shape);

// The tags that every line about somebody carries: when, by which account, by a bot.
void add_tags(wire::irc_line& line, const chat::person& who, std::int64_t at_ms, caps shape);

// "~@" of a set of ranks, highest first; only the highest without multi-prefix.
std::string prefixes_of(chat::ranks has, bool all);
// The mode changes of one MODE line: "+ov-l mario anna".
std::string changes_text(const std::vector<chat::mode_change>& changes);

}  // namespace brusio::door::irc
