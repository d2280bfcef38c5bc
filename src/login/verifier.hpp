// login: how somebody's secret is made, kept and checked. It knows passwords, SCRAM, SASL's messages, device tokens and
// how often somebody may be wrong; it does not know accounts, chat, stores, sockets, or what time it is.
//
// verifier.hpp: what is kept of a password, and whether a password fits it. Any thread; but making one takes 19 MiB and
// some 50 ms, and checking one some 15 ms: not the chat thread and not a worker.
//
// Argon2 gets a password's bytes as they are. For SCRAM (RFC 5802) a password that is not ASCII goes through SASLprep
// (RFC 4013, ICU's); one that SASLprep forbids (it knows Unicode 3.2: no newer emoji) is used as it is, which is what
// PostgreSQL does and what most clients send.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::login {

inline constexpr std::size_t password_bytes_max = 1024;
inline constexpr std::uint32_t scram_iterations_default = 65'536;
inline constexpr std::uint32_t scram_iterations_max = 10'000'000;

// What is kept of a password. Neither tells it; whoever knows one can try words against it at leisure.
struct verifiers {
    std::string argon2;  // "$argon2id$v=19$m=19456,t=2,p=1$…"; "" when there is no password
    std::string scram;   // "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>" in base64, as RFC 5803 and
                         // PostgreSQL write it; "" when there is none
    bool operator==(const verifiers&) const = default;
};

// Both, with new salts. An error when `password` cannot be one (check_new_password with no minimum), when there is no
// memory, or when the iterations are none or over scram_iterations_max.
base::result<verifiers> make_verifiers(std::string_view password,
                                       std::uint32_t scram_iterations = scram_iterations_default);

// Whether `given` is the password of which `argon2` is kept. What is no argon2id string fits nothing, and so does a
// password that is empty or over password_bytes_max: it is never cut.
bool is_password(const std::string& argon2, std::string_view given);

// Costs what is_password costs, for accounts that do not exist or have no password: the time must not tell.
void pretend_to_check(std::string_view given);

// Whether somebody may choose this password: 1 to 1024 bytes of UTF-8, no control characters, at least `min_length`
// characters (code points). The error is a sentence for whoever typed it.
base::result<void> check_new_password(std::string_view password, std::size_t min_length);

// What SCRAM makes its keys of: see the head of this file. `password` must be UTF-8. A secret itself: wipe it.
std::string prepare_for_scram(std::string_view password);

// A SCRAM verifier taken apart.
struct scram_keys {
    std::uint32_t iterations = 0;
    std::string salt;  // bytes, 1 to 64 of them
    std::array<unsigned char, 32> stored_key{};
    std::array<unsigned char, 32> server_key{};
};
// Nothing when it is not whole.
std::optional<scram_keys> parse_scram(std::string_view verifier);
std::string scram_text(const scram_keys& keys);

// The keys of an already prepared password (RFC 5802, section 3).
scram_keys make_scram_keys(std::string_view prepared, std::string_view salt, std::uint32_t iterations);

}  // namespace brusio::login
