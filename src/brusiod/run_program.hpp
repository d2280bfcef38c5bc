// run_program: another program, run once with something to read. It knows processes, not what they do.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace brusio::brusiod {

// Runs `command` (an absolute path and arguments; no shell) with `input` as its standard input, in /, with no other
// file of this process, in a process group of its own. Blocks until it ends; when that takes longer than `within`, or
// `stop` (a file descriptor, or -1) becomes readable, the group is killed. An error unless it ended with code 0; the
// sentence has the first line that the program wrote to its standard error. Its standard output goes nowhere. To be
// called on a thread in which SIGPIPE is blocked or ignored.
base::result<void> run_program(const std::vector<std::string>& command, std::string_view input,
                               std::chrono::milliseconds within, int stop);

}  // namespace brusio::brusiod
