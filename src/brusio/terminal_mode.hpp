// The client in front of a person: messages come while one types. The linear mode: the screen scrolls, as in a console.
#pragma once

#include "brusio/line_view.hpp"
#include "brusio/session.hpp"

namespace brusio::client {

// Asks for the name when `options.name` is empty. Runs until the end; signals are taken over, the terminal is given
// back as it was.
ending run_terminal(session_options options, line_style style);

}  // namespace brusio::client
