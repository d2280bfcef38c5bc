// log: lines on standard output, written by a thread of its own so that no slow reader of the log ever holds the chat
// up. When they come faster than they can be written, the oldest that wait are dropped and counted. Any thread.
#pragma once

#include <string>

#include "net/engine.hpp"

namespace brusio::brusiod {

class log {
  public:
    log();
    ~log();  // writes what waits; after two seconds with a reader that stands still, ends the process with code 0
    log(const log&) = delete;
    log& operator=(const log&) = delete;

    static void write(net::severity severity, const std::string& text);
};

}  // namespace brusio::brusiod
