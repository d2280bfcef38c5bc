// The past as lines: each entry as it was when it happened, for a client with these capabilities. Pure functions, any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "chat/values.hpp"
#include "door/irc/capabilities.hpp"

namespace brusio::door::irc {

// Appends the entry's lines: nothing of events without draft/event-playback, of tags without message-tags, and of what
// was taken back without draft/message-redaction, which gets a REDACT in its place.
void render_entry(std::string& out, const chat::entry& e, caps enabled, std::string_view server);

// "+o-v anna bruno", as an entry has it, in single changes.
std::vector<chat::mode_change> changes_in(std::string_view text);

}  // namespace brusio::door::irc
