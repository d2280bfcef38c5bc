// crypto: the few pieces that the rest of login is made of, over libsodium. It knows no message and no form. Any
// thread. Where libsodium or the system's randomness cannot be used at all, the process ends: nothing safe is left.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace brusio::login {

using digest = std::array<unsigned char, 32>;

digest sha256(std::string_view bytes);
digest hmac_sha256(std::string_view key, std::string_view bytes);
inline std::string_view view(const digest& d) { return {reinterpret_cast<const char*>(d.data()), d.size()}; }

// Equal, in a time that depends on the lengths only.
bool same(std::string_view a, std::string_view b);

// RFC 4648's, padded. Reading is strict: whole groups of four, no blanks, no bits left over.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);  // of lower or upper case, nothing else in it

std::string random_bytes(std::size_t n);
// `n` characters of `alphabet`, each as likely.
std::string random_text(std::string_view alphabet, std::size_t n);

// Overwritten, then empty.
void wipe(std::string& secret);

// 1 to `bytes_max` bytes of UTF-8 without control characters (C0, DEL, C1): what a name or a password can be.
bool is_typeable(std::string_view text, std::size_t bytes_max);

}  // namespace brusio::login
