// token: a secret for one device, with which it logs in instead of the password. It knows what a token looks like and
// what is kept of it; it does not know whose it is. Any thread; fast, because a token is too random to be guessed at.
//
//     brt_a2b3c4d5_mfrggzdfmztwq2lknnwg23tpobyxe43u         "brt_", the id (public), "_", 160 random bits in base32
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace brusio::login {

inline constexpr std::size_t token_id_bytes = 8;
inline constexpr std::size_t token_bytes = 45;

struct new_token {
    std::string text;  // shown once to whom it belongs, kept nowhere; wipe it
    std::string id;    // to look it up by and to list; 40 random bits: whoever keeps it makes another when it is taken
    std::string hash;  // what is kept: SHA-256 of the text, 64 hexadecimal digits
};
new_token make_token();

// The id when `text` has a token's form. It says nothing about whether there is such a token.
std::optional<std::string> token_id(std::string_view text);

// Whether `hash` is kept of this token; in constant time.
bool is_token(std::string_view text, std::string_view hash);

}  // namespace brusio::login
