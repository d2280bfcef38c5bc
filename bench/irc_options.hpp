// What brusio-irc-load is asked to do.
#pragma once

#include <cstdint>

#include "options.hpp"

namespace brusio::bench {

enum class irc_mode : std::uint8_t { fanout, login, storm, durable };

struct irc_options {
    irc_mode mode = irc_mode::fanout;
    load_options server;              // host, port and pid only
    std::uint32_t unfinished = 1000;  // log-ins on their way at once
    // fanout
    std::uint32_t receivers = 1000;
    std::uint64_t in_flight = 1;  // messages sent and not yet received by all
    std::size_t bytes = 100;      // length of a message's text
    double seconds = 3;           // measured
    double warmup = 0.5;
    std::uint32_t capability_sets = 0;  // the receivers have these in turn; 0: none of them asks for any
    // login
    std::uint32_t clients = 10000;
    std::uint32_t channels = 1000;
    // storm
    std::uint32_t joiners = 2000;
    std::uint32_t rounds = 3;  // storms one after the other, each into a channel of its own
    double rate = 100;         // messages a second, of each of the pair
    double quiet = 2;          // seconds before the first storm in which only the pair talks
};

// Fills `options` from the command line. Returns an exit code when the program is to end at once, else -1.
int read_options(int argc, char** argv, irc_options& options);

}  // namespace brusio::bench
