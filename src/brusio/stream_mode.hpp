// The client between pipes or files (or a terminal on one side only): each line of stdin is a message, each message a
// line of stdout.
#pragma once

#include "brusio/line_view.hpp"
#include "brusio/session.hpp"

namespace brusio::client {

// Runs until the end; signals are taken over. `style` is for stdout.
ending run_stream(session_options options, line_style style);

// Asks on stderr and reads one line from stdin, a terminal; empty answers are asked again. Nothing at the end of input.
std::optional<std::string> ask_name_simply();

}  // namespace brusio::client
