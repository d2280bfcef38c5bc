// Many clients that say their name and nothing more: what does the server keep in memory for each, and does it hold
// them?
#pragma once

#include "base/result.hpp"
#include "client_socket.hpp"
#include "options.hpp"

namespace brusio::bench {

// Joins `options.receivers` clients, prints a line of JSON with the memory for each, holds them until the end of stdin,
// then sends one message, which every client is to get, and prints a line with how many did. Fails when not all joined.
base::result<void> run_idle(const load_options& options, client_factory& factory);

}  // namespace brusio::bench
