// mail_address: whether an address can be written to, and the code that is sent there. It sends nothing and asks no
// DNS. Any thread, fast.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace brusio::login {

// A practical check, narrower than RFC 5321: one @; before it 1 to 64 letters, digits and -+_='~^&#*?{} with single
// dots between; after it a host name with at least one dot whose last label is no number; at most 254 bytes, ASCII.
// Nothing that a mail program takes for an option, a route, a pipe or a file (no hyphen in front; no ! % | / ` $), so
// it may be an argument of its own of a command. A shell's line is another matter: quote there.
bool is_mail_address(std::string_view text);

inline constexpr std::size_t code_length = 8;

// A code to type from a mail: 8 of 32 letters and digits without 0, O, 1 and I; 40 bits, so the number of attempts must
// be limited by whoever asks for it.
std::string make_code();

// Whether `typed` is the code; case, blanks and hyphens do not matter. In constant time. An empty code is nobody's.
bool is_code(std::string_view code, std::string_view typed);

}  // namespace brusio::login
