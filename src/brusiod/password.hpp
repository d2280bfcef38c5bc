// password: how passwords are kept and compared: as argon2id hashes (libsodium's strings, "$argon2id$…"), or, where the
// configuration says so, as they are. Any thread, but a hash takes 64 MiB and some 60 ms: not the chat thread and not a
// worker.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::brusiod {

inline constexpr std::size_t password_bytes_max = 300;  // so that it fits a line of IRC

// The hash to write into the configuration: argon2id at libsodium's "interactive" strength, with a new salt. An error
// when nobody could type `password` (see check_password) or there is no memory.
base::result<std::string> hash_password(std::string_view password);

// Whether `given` is the password that `hash_or_plain` keeps. A plain one is compared in constant time. An empty
// `hash_or_plain` fits nothing.
bool verify_password(const std::string& hash_or_plain, std::string_view given);

// Whether a password can be typed and sent: 1 to 300 bytes of UTF-8 without control characters.
base::result<void> check_password(std::string_view password);

// Whether `verify_password` could ever say yes to what a configuration keeps: a whole argon2id hash, or a plain
// password that can be typed. What looks like a hash of another kind is refused, so that it is not taken for a plain
// password.
base::result<void> check_stored_password(const std::string& hash_or_plain);

bool is_password_hash(std::string_view text);  // begins as one

}  // namespace brusio::brusiod
