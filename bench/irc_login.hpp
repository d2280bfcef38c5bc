// Many IRC clients that log in, join one channel each, and say nothing.
#pragma once

#include "base/result.hpp"
#include "client_socket.hpp"
#include "irc_options.hpp"

namespace brusio::bench {

// Logs `options.clients` in and prints a line of JSON: the server's CPU time for each, from its connection to the names
// of its channel, and the memory that each keeps, its share of a channel included. One client before them is not
// counted, so that what the server makes once is not charged to each.
base::result<void> run_irc_login(const irc_options& options, client_factory& factory);

}  // namespace brusio::bench
