#include "login/token.hpp"

#include <algorithm>

#include "login/crypto.hpp"

namespace brusio::login {
namespace {

constexpr std::string_view start = "brt_";
constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t secret_bytes = 32;  // of 5 bits each
static_assert(start.size() + token_id_bytes + 1 + secret_bytes == token_bytes);

bool is_base32(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return base32.contains(c); });
}

}  // namespace

new_token make_token() {
    new_token made{.id = random_text(base32, token_id_bytes)};
    auto secret = random_text(base32, secret_bytes);
    made.text = fmt::format("{}{}_{}", start, made.id, secret);
    wipe(secret);
    made.hash = to_hex(view(sha256(made.text)));
    return made;
}

std::optional<std::string> token_id(std::string_view text) {
    if (text.size() != token_bytes || !text.starts_with(start)) return std::nullopt;
    const auto id = text.substr(start.size(), token_id_bytes);
    const auto rest = text.substr(start.size() + token_id_bytes);
    if (!is_base32(id) || rest[0] != '_' || !is_base32(rest.substr(1))) return std::nullopt;
    return std::string(id);
}

bool is_token(std::string_view text, std::string_view hash) {
    return token_id(text).has_value() && same(to_hex(view(sha256(text))), hash);
}

}  // namespace brusio::login
