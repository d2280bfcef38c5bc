#include "login/scram.hpp"

#include <algorithm>
#include <ranges>

#include <sodium.h>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "login/crypto.hpp"

namespace brusio::login {
namespace {

using base::fail;

constexpr std::size_t nonce_bytes_max = 512;
constexpr std::size_t salt_bytes = 16;  // as real ones have
constexpr std::size_t secret_key_bytes_min = 16;
constexpr std::string_view taken_names = "anmrcsipve";  // attributes with a meaning of their own

// "printable" in the RFC: visible ASCII but the comma.
bool is_nonce(std::string_view text) {
    return !text.empty() && text.size() <= nonce_bytes_max &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F && c != ','; });
}

// An optional extension, which is passed over.
bool is_extension(std::string_view part) {
    const auto letter = part.empty() ? '\0' : part[0];
    const bool alpha = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    return alpha && part.size() >= 3 && part[1] == '=' && !taken_names.contains(letter);
}

bool is_message(std::string_view text) {
    return text.size() <= scram_message_bytes_max && !text.contains('\0') && base::valid_utf8(text);
}

std::string_view take_part(std::string_view& rest) {
    const auto at = std::min(rest.find(','), rest.size());
    const auto part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return part;
}

// The value of attribute `name`; nothing when the part is another one.
std::optional<std::string_view> value_of(std::string_view part, char name) {
    if (part.size() < 2 || part[0] != name || part[1] != '=') return std::nullopt;
    return part.substr(2);
}

// A saslname: =2C is a comma, =3D an equals sign, and no other = may be there.
std::optional<std::string> unescaped(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] != '=') {
            out += name[i];
            continue;
        }
        const auto code = name.substr(i + 1, 2);
        if (code != "2C" && code != "3D") return std::nullopt;
        out += code == "2C" ? ',' : '=';
        i += 2;
    }
    return out;
}

}  // namespace

std::string make_nonce() { return to_base64(random_bytes(18)); }

scram_exchange::~scram_exchange() {
    sodium_memzero(keys_.stored_key.data(), keys_.stored_key.size());
    sodium_memzero(keys_.server_key.data(), keys_.server_key.size());
}

base::result<std::string> scram_exchange::begin(std::string_view client_first) {
    if (step_ != step::fresh) return fail("the exchange has begun already");
    step_ = step::over;
    if (!is_message(client_first)) return fail("the message is too long or no text");
    auto rest = client_first;
    const auto flag = take_part(rest);
    if (flag.starts_with("p=")) return fail("channel binding is not supported");
    if (flag != "n" && flag != "y") return fail("the message does not begin with n,, or y,,");
    const auto authzid_part = take_part(rest);
    if (!authzid_part.empty()) {
        const auto escaped = value_of(authzid_part, 'a');
        auto authzid = escaped ? unescaped(*escaped) : std::nullopt;
        if (!authzid || authzid->size() > account_bytes_max) return fail("the authorization identity cannot be read");
        authzid_ = std::move(*authzid);
    }
    gs2_header_ = client_first.substr(0, flag.size() + authzid_part.size() + 2);
    client_first_bare_ = rest;

    const auto name_part = take_part(rest);
    if (name_part.starts_with("m=")) return fail("a mandatory extension is not known");
    const auto name_escaped = value_of(name_part, 'n');
    auto name = name_escaped ? unescaped(*name_escaped) : std::nullopt;
    if (!name || !is_typeable(*name, account_bytes_max)) return fail("the user name cannot be read");
    const auto nonce = value_of(take_part(rest), 'r');
    if (!nonce || !is_nonce(*nonce)) return fail("the nonce cannot be read");
    nonce_ = *nonce;
    if (client_first_bare_.ends_with(',')) return fail("the message ends with a comma");
    while (!rest.empty()) {
        if (!is_extension(take_part(rest))) return fail("an extension cannot be read, or is mandatory");
    }
    if (!authzid_.empty() && base::fold(authzid_) != base::fold(*name)) {
        return fail("nobody may log in as somebody else");
    }
    step_ = step::begun;
    return *name;
}

std::string scram_exchange::send_challenge(std::string_view server_nonce) {
    nonce_ += server_nonce;
    server_first_ = fmt::format("r={},s={},i={}", nonce_, to_base64(keys_.salt), keys_.iterations);
    step_ = step::challenged;
    return server_first_;
}

std::string scram_exchange::challenge(const std::string& scram_verifier, std::string_view server_nonce) {
    if (step_ != step::begun || !is_nonce(server_nonce)) return "";
    auto keys = parse_scram(scram_verifier);
    if (!keys) return "";
    keys_ = std::move(*keys);
    known_ = true;
    return send_challenge(server_nonce);
}

std::string scram_exchange::challenge_unknown(std::string_view user, std::string_view secret_key,
                                              std::string_view server_nonce, std::uint32_t iterations) {
    if (step_ != step::begun || !is_nonce(server_nonce) || secret_key.size() < secret_key_bytes_min) return "";
    // The words in front keep this apart from whatever else the key is used for.
    const auto salt = hmac_sha256(secret_key, fmt::format("scram salt of {}", user));
    keys_ = {.iterations = iterations, .salt = std::string(view(salt).substr(0, salt_bytes))};
    const auto nobody = random_bytes(keys_.stored_key.size());
    std::ranges::copy(nobody, keys_.stored_key.begin());
    known_ = false;
    return send_challenge(server_nonce);
}

std::optional<std::string> scram_exchange::finish(std::string_view client_final) {
    if (step_ != step::challenged) return std::nullopt;
    step_ = step::over;
    if (!is_message(client_final)) return std::nullopt;
    const auto proof_at = client_final.rfind(",p=");
    if (proof_at == std::string_view::npos) return std::nullopt;
    const auto without_proof = client_final.substr(0, proof_at);
    const auto proof = from_base64(client_final.substr(proof_at + 3));

    auto rest = without_proof;
    const auto binding = value_of(take_part(rest), 'c');
    const auto nonce = value_of(take_part(rest), 'r');
    if (!proof || proof->size() != digest{}.size() || !binding || *binding != to_base64(gs2_header_)) {
        return std::nullopt;
    }
    if (!nonce || !same(*nonce, nonce_) || without_proof.ends_with(',')) return std::nullopt;
    while (!rest.empty()) {
        if (!is_extension(take_part(rest))) return std::nullopt;
    }

    const auto everything = fmt::format("{},{},{}", client_first_bare_, server_first_, without_proof);
    auto client_key = hmac_sha256(view(keys_.stored_key), everything);
    for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= static_cast<unsigned char>((*proof)[i]);
    const bool right = same(view(sha256(view(client_key))), view(keys_.stored_key));
    sodium_memzero(client_key.data(), client_key.size());
    const auto server_signature = hmac_sha256(view(keys_.server_key), everything);
    if (!right || !known_) return std::nullopt;
    return "v=" + to_base64(view(server_signature));
}

}  // namespace brusio::login
