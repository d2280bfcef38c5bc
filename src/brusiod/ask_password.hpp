// ask_password: a password, or another answer, from whoever runs the program. It knows terminals; it does not know what
// the answer is for.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::brusiod {

// When `in` is a terminal, asks on standard error, twice, without echo; a signal that ends or stops the program finds
// the terminal as it was. Else reads one line, which may lack its line feed. Main thread, before there are others.
base::result<std::string> ask_password(int in);

// Asks on standard error, with echo, and reads one line; "" at the end of input. Main thread.
base::result<std::string> ask_line(int in, std::string_view question);

}  // namespace brusio::brusiod
