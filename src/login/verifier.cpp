#include "login/verifier.hpp"

#include <openssl/evp.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <charconv>

#include <sodium.h>

#include "base/text.hpp"
#include "login/crypto.hpp"

namespace brusio::login {
namespace {

using base::fail;

constexpr std::string_view argon2_start = "$argon2id$";
constexpr std::string_view scram_start = "SCRAM-SHA-256$";
constexpr unsigned long long argon2_passes = 2;
constexpr std::size_t argon2_memory = 19UL * 1024 * 1024;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t salt_bytes_max = 64;

std::size_t characters_in(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

base::result<std::string> make_argon2(std::string_view password) {
    std::string hash(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), argon2_passes, argon2_memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fail("there is not enough memory to keep a password; it takes 19 MiB");
    }
    hash.resize(hash.find('\0'));
    return hash;
}

void wipe(std::u16string& secret) {
    sodium_memzero(secret.data(), secret.size() * sizeof(char16_t));
    secret.clear();
}

// Nothing when SASLprep forbids the text.
std::optional<std::u16string> sasl_prepared(const std::u16string& text) {
    static const UStringPrepProfile* const profile = [] {
        UErrorCode status = U_ZERO_ERROR;
        auto* opened = usprep_openByType(USPREP_RFC4013_SASLPREP, &status);
        if (U_FAILURE(status)) std::abort();  // ICU's data files are missing: a broken installation
        return opened;
    }();
    // Compatibility forms grow to at most 18 UTF-16 units each.
    std::u16string out(text.size() * 18 + 1, u'\0');
    UErrorCode status = U_ZERO_ERROR;
    const auto n = usprep_prepare(profile, text.data(), static_cast<int32_t>(text.size()), out.data(),
                                  static_cast<int32_t>(out.size()), USPREP_DEFAULT, nullptr, &status);
    if (U_FAILURE(status) || n <= 0) {
        wipe(out);
        return std::nullopt;
    }
    out.resize(static_cast<std::size_t>(n));
    return out;
}

std::u16string utf16(std::string_view text) {
    std::u16string out(text.size(), u'\0');  // never more units than there were bytes
    int32_t n = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(out.data(), static_cast<int32_t>(out.size()), &n, text.data(), static_cast<int32_t>(text.size()),
                  &status);
    out.resize(U_SUCCESS(status) ? static_cast<std::size_t>(n) : 0);
    return out;
}

std::string utf8(const std::u16string& text) {
    std::string out(text.size() * 3, '\0');
    int32_t n = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(out.data(), static_cast<int32_t>(out.size()), &n, text.data(), static_cast<int32_t>(text.size()),
                &status);
    out.resize(U_SUCCESS(status) ? static_cast<std::size_t>(n) : 0);
    return out;
}

// What is before `mark`, which is taken away with it; nothing when there is no mark.
std::optional<std::string_view> take_until(std::string_view& rest, char mark) {
    const auto at = rest.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    const auto taken = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return taken;
}

bool read_key(std::string_view base64, std::array<unsigned char, 32>& key) {
    const auto bytes = from_base64(base64);
    if (!bytes || bytes->size() != key.size()) return false;
    std::ranges::copy(*bytes, key.begin());
    return true;
}

}  // namespace

base::result<void> check_new_password(std::string_view password, std::size_t min_length) {
    if (password.empty()) return fail("a password cannot be empty");
    if (password.size() > password_bytes_max) return fail("a password has at most {} bytes", password_bytes_max);
    if (!base::valid_utf8(password)) return fail("a password must be UTF-8");
    if (!is_typeable(password, password_bytes_max)) return fail("a password cannot have control characters");
    if (characters_in(password) < min_length) return fail("a password has at least {} characters", min_length);
    return {};
}

base::result<verifiers> make_verifiers(std::string_view password, std::uint32_t scram_iterations) {
    if (auto usable = check_new_password(password, 1); !usable) return std::unexpected(usable.error());
    if (scram_iterations == 0 || scram_iterations > scram_iterations_max) {
        return fail("SCRAM takes 1 to {} iterations", scram_iterations_max);
    }
    const auto salt = random_bytes(salt_bytes);
    auto argon2 = make_argon2(password);
    if (!argon2) return std::unexpected(argon2.error());
    auto prepared = prepare_for_scram(password);
    auto keys = make_scram_keys(prepared, salt, scram_iterations);
    login::wipe(prepared);
    return verifiers{.argon2 = std::move(*argon2), .scram = scram_text(keys)};
}

bool is_password(const std::string& argon2, std::string_view given) {
    if (given.empty() || given.size() > password_bytes_max) return false;
    if (!argon2.starts_with(argon2_start)) {
        pretend_to_check(given);
        return false;
    }
    return crypto_pwhash_str_verify(argon2.c_str(), given.data(), given.size()) == 0;
}

void pretend_to_check(std::string_view given) {
    if (given.empty() || given.size() > password_bytes_max) return;  // as is_password
    std::array<unsigned char, 32> out{};
    const std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
    // Without memory a real check fails as fast.
    static_cast<void>(crypto_pwhash(out.data(), out.size(), given.data(), given.size(), salt.data(), argon2_passes,
                                    argon2_memory, crypto_pwhash_ALG_ARGON2ID13));
    sodium_memzero(out.data(), out.size());
}

std::string prepare_for_scram(std::string_view password) {
    if (base::is_ascii(password) || password.size() > password_bytes_max) return std::string(password);
    auto wide = utf16(password);
    auto prepared = sasl_prepared(wide);
    wipe(wide);
    if (!prepared) return std::string(password);
    auto out = utf8(*prepared);
    wipe(*prepared);
    return out;
}

scram_keys make_scram_keys(std::string_view prepared, std::string_view salt, std::uint32_t iterations) {
    scram_keys keys{.iterations = iterations, .salt = std::string(salt)};
    digest salted{};
    if (PKCS5_PBKDF2_HMAC(prepared.data(), static_cast<int>(prepared.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                          static_cast<int>(iterations), EVP_sha256(), static_cast<int>(salted.size()),
                          salted.data()) != 1) {
        std::abort();  // OpenSSL without SHA-256, or no iterations: nothing that may be gone on with
    }
    auto client_key = hmac_sha256(view(salted), "Client Key");
    keys.stored_key = sha256(view(client_key));
    keys.server_key = hmac_sha256(view(salted), "Server Key");
    sodium_memzero(client_key.data(), client_key.size());
    sodium_memzero(salted.data(), salted.size());
    return keys;
}

std::string scram_text(const scram_keys& keys) {
    return fmt::format("{}{}:{}${}:{}", scram_start, keys.iterations, to_base64(keys.salt),
                       to_base64(view(keys.stored_key)), to_base64(view(keys.server_key)));
}

std::optional<scram_keys> parse_scram(std::string_view verifier) {
    if (!verifier.starts_with(scram_start) || verifier.size() > 512) return std::nullopt;
    auto rest = verifier.substr(scram_start.size());
    const auto iterations = take_until(rest, ':');
    const auto salt = take_until(rest, '$');
    const auto stored = take_until(rest, ':');
    if (!iterations || !salt || !stored || iterations->starts_with('0')) return std::nullopt;
    scram_keys keys;
    const auto read = std::from_chars(iterations->begin(), iterations->end(), keys.iterations);
    if (read.ec != std::errc() || read.ptr != iterations->end()) return std::nullopt;
    if (keys.iterations == 0 || keys.iterations > scram_iterations_max) return std::nullopt;
    auto salt_read = from_base64(*salt);
    if (!salt_read || salt_read->empty() || salt_read->size() > salt_bytes_max) return std::nullopt;
    keys.salt = std::move(*salt_read);
    if (!read_key(*stored, keys.stored_key) || !read_key(rest, keys.server_key)) return std::nullopt;
    return keys;
}

}  // namespace brusio::login
