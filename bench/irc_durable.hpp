// Senders two by two in channels of their own, each with one message in flight: it waits for its own echo, which a
// server that keeps messages sends when they are on the disk. Counts messages a second and how long the echo takes.
#pragma once

#include "base/result.hpp"
#include "client_socket.hpp"
#include "irc_options.hpp"

namespace brusio::bench {

// Prints a line of JSON. Fails when a connection is closed, or when nothing comes for 20 s.
base::result<void> run_irc_durable(const irc_options& options, client_factory& factory);

}  // namespace brusio::bench
