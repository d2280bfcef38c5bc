// ask_password: a password from whoever runs the program. It knows terminals; it does not know what the password is
// for.
#pragma once

#include <string>

#include "base/result.hpp"

namespace brusio::brusiod {

// When `in` is a terminal, asks on standard error, twice, without echo; a signal that ends or stops the program finds
// the terminal as it was. Else reads one line, which may lack its line feed. Main thread, before there are others.
base::result<std::string> ask_password(int in);

}  // namespace brusio::brusiod
