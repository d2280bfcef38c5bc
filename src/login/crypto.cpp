#include "login/crypto.hpp"

#include <cstdlib>

#include <sodium.h>

#include "base/text.hpp"

namespace brusio::login {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void require_sodium() {
    static const bool usable = sodium_init() >= 0;
    if (!usable) std::abort();
}

}  // namespace

digest sha256(std::string_view bytes) {
    digest d{};
    crypto_hash_sha256(d.data(), bytes_of(bytes), bytes.size());
    return d;
}

digest hmac_sha256(std::string_view key, std::string_view bytes) {
    digest d{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
    crypto_auth_hmacsha256_final(&state, d.data());
    sodium_memzero(&state, sizeof state);
    return d;
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string to_base64(std::string_view bytes) {
    require_sodium();
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // the NUL, which is counted
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    require_sodium();
    // libsodium 1.0.18 takes bytes over 0x7F for a slash.
    if (text.size() % 4 != 0 || !base::is_ascii(text)) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                          nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
        wipe(bytes);
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

std::string to_hex(std::string_view bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes_of(bytes), bytes.size());
    text.pop_back();
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string bytes(text.size() / 2, '\0');
    std::size_t length = 0;
    const auto bad = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                    text.size(), nullptr, &length, nullptr);
    if (bad != 0 || length * 2 != text.size()) return std::nullopt;
    return bytes;
}

std::string random_bytes(std::size_t n) {
    require_sodium();
    std::string bytes(n, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_text(std::string_view alphabet, std::size_t n) {
    require_sodium();
    std::string text(n, '\0');
    for (auto& c : text) c = alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))];
    return text;
}

void wipe(std::string& secret) {
    secret.resize(secret.capacity());  // what was cut off before is wiped, too
    sodium_memzero(secret.data(), secret.size());
    secret.clear();
}

bool is_typeable(std::string_view text, std::size_t bytes_max) {
    if (text.empty() || text.size() > bytes_max || !base::valid_utf8(text)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7F) return false;
        if (c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;  // valid: there is a next one
    }
    return true;
}

}  // namespace brusio::login
