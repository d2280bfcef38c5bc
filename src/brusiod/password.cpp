#include "brusiod/password.hpp"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr std::string_view hash_start = "$argon2id$";

bool sodium_ready() { return sodium_init() >= 0; }

// Of one length whatever the password's, so that comparing them tells nothing of it.
using digest = std::array<unsigned char, crypto_generichash_BYTES>;
digest digest_of(std::string_view text) {
    digest d{};
    crypto_generichash(d.data(), d.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    return d;
}

// "$2y$10$…", "$6$salt$…", "$argon2i$…": the way hashes are written since crypt(3).
bool looks_like_a_hash(std::string_view text) {
    return text.starts_with('$') && text.find('$', 1) != std::string_view::npos;
}

}  // namespace

base::result<std::string> hash_password(std::string_view password) {
    if (auto usable = check_password(password); !usable) return std::unexpected(usable.error());
    if (!sodium_ready()) return fail("libsodium cannot be used");
    std::string hash(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fail("there is not enough memory to hash a password; it takes 64 MiB");
    }
    hash.resize(hash.find('\0'));
    return hash;
}

bool verify_password(const std::string& hash_or_plain, std::string_view given) {
    if (hash_or_plain.empty() || !sodium_ready()) return false;
    if (is_password_hash(hash_or_plain)) {
        return crypto_pwhash_str_verify(hash_or_plain.c_str(), given.data(), given.size()) == 0;
    }
    const auto kept = digest_of(hash_or_plain);
    const auto other = digest_of(given);
    return sodium_memcmp(kept.data(), other.data(), kept.size()) == 0;
}

base::result<void> check_password(std::string_view password) {
    if (password.empty()) return fail("a password cannot be empty");
    if (password.size() > password_bytes_max) return fail("a password has at most {} bytes", password_bytes_max);
    if (!base::valid_utf8(password)) return fail("a password must be UTF-8");
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (std::ranges::any_of(password, is_control)) return fail("a password cannot have control characters");
    return {};
}

base::result<void> check_stored_password(const std::string& hash_or_plain) {
    if (!looks_like_a_hash(hash_or_plain)) return check_password(hash_or_plain);
    if (!is_password_hash(hash_or_plain)) {
        return fail("only argon2id hashes are known; make one with brusiod --hash-password");
    }
    // It answers -1 to what is no hash; whether the strength is today's is not asked.
    const bool whole = sodium_ready() && hash_or_plain.find('\0') == std::string::npos &&
                       crypto_pwhash_str_needs_rehash(hash_or_plain.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                      crypto_pwhash_MEMLIMIT_INTERACTIVE) != -1;
    if (!whole) return fail("this is not a whole argon2id hash; make one with brusiod --hash-password");
    return {};
}

bool is_password_hash(std::string_view text) { return text.starts_with(hash_start); }

}  // namespace brusio::brusiod
