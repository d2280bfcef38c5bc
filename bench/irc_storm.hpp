// Many IRC clients join one channel at the same moment, while a pair in another channel talks.
#pragma once

#include "base/result.hpp"
#include "client_socket.hpp"
#include "irc_options.hpp"

namespace brusio::bench {

// Logs everybody in, lets the pair talk alone for a while, then sends all JOINs at once, `options.rounds` times, each
// time to a channel of its own, and each time until everyone has seen itself and all who came later, and the names.
// Prints a line of JSON: the pair's latency before and during the storms, and the server's CPU time for one storm.
base::result<void> run_irc_storm(const irc_options& options, client_factory& factory);

}  // namespace brusio::bench
