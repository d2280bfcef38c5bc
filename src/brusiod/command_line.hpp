// command_line: what was typed after `brusiod`, as a value. Pure, any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "brusiod/config.hpp"

namespace brusio::brusiod {

// The exit codes that --help promises.
inline constexpr int exit_ended = 0;   // ended as it was asked to
inline constexpr int exit_failed = 1;  // could not start, or could not go on
inline constexpr int exit_usage = 2;   // the command line or the configuration is wrong

struct run_options {
    sources from;
    bool check_config = false;   // read the configuration, say whether it is right, and end
    bool hash_password = false;  // ask for a password, print its hash, and end; nothing else is set
};

// A command for the running server, or for its files when none runs.
struct admin_options {
    sources from;  // the file and the data folder only
    // One of, each with what it needs and nothing else: account add|passwd|unsuspend NAME, account suspend NAME
    // [REASON] (all its words as one), account list [MASK], data export|erase ACCOUNT, backup FILE.
    std::vector<std::string> words;
    bool yes = false;      // account drop, data erase: do not ask again
    bool dropped = false;  // data export, data erase: of who had the account before it was dropped
};

// Print `text`, which ends with a line feed, and end with `code`: on standard output when the code is 0, else on
// standard error.
struct print_and_exit {
    std::string text;
    int code = exit_ended;
};

using command_line = std::variant<run_options, admin_options, print_and_exit>;

// `arguments` without the program's name.
command_line parse_command_line(std::vector<std::string> arguments);

std::string version_text();  // "brusiod 0.1.0"

}  // namespace brusio::brusiod
