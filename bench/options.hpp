// What brusio-load is asked to do.
#pragma once

#include <cstdint>
#include <string>

namespace brusio::bench {

struct load_options {
    std::string host;
    std::string port;
    std::uint32_t receivers = 1000;
    std::uint32_t stalled = 0;    // further clients, which join and never read
    std::size_t bytes = 100;      // length of a message's body
    std::uint64_t in_flight = 1;  // closed loop: messages sent and not yet received by all
    double rate = 0;              // open loop when above 0: messages a second, whatever comes back
    double seconds = 5;           // measured
    std::uint64_t messages = 0;   // measured; above 0: instead of `seconds`
    double warmup = 0.5;          // seconds before, not measured
    std::uint64_t fill = 0;       // bytes to each receiver before the warm-up, so that the stalled ones are full
    int pid = 0;                  // the server's, to read its CPU time and memory; 0: unknown
    bool idle = false;
    bool tls = false;
};

// Fills `options` from the command line. Returns an exit code when the program is to end at once, else -1.
int read_options(int argc, char** argv, load_options& options);

}  // namespace brusio::bench
