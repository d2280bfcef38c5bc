// What 005 says of this server: made from the tables that the server itself works by.
#pragma once

#include <string>
#include <vector>

#include "door/irc/irc_door.hpp"

namespace brusio::door::irc {

// "KEY" or "KEY=value", sorted.
std::vector<std::string> isupport_tokens(const settings& s);
// The same, thirteen to a line.
std::vector<std::string> isupport_lines(const settings& s);
// What is another value now, or is there no more ("-KEY"), the same way.
std::vector<std::string> isupport_changes(const settings& before, const settings& now);

}  // namespace brusio::door::irc
