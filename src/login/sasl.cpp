#include "login/sasl.hpp"

#include "base/identity.hpp"
#include "login/crypto.hpp"
#include "login/scram.hpp"

namespace brusio::login {

sasl_reader::~sasl_reader() { wipe(base64_); }

void sasl_reader::reset() { wipe(base64_); }

sasl_read sasl_reader::take(std::string_view chunk) {
    const auto ended = [this](sasl_state state) {
        reset();
        return sasl_read{.state = state};
    };
    if (chunk == "*") return ended(sasl_state::aborted);
    if (chunk.size() > sasl_chunk_bytes) return ended(sasl_state::too_long);
    if (chunk.empty()) return ended(sasl_state::malformed);
    if (chunk != "+") {
        if (base64_.size() + chunk.size() > base64_max_) return ended(sasl_state::too_long);
        // At once what it can grow to: growing would leave copies of a secret behind.
        if (base64_.empty() && chunk.size() == sasl_chunk_bytes) base64_.reserve(base64_max_);
        base64_ += chunk;
        if (chunk.size() == sasl_chunk_bytes) return {.state = sasl_state::more};
    }
    auto bytes = from_base64(base64_);
    if (!bytes) return ended(sasl_state::malformed);
    reset();
    return {.state = sasl_state::done, .bytes = std::move(*bytes)};
}

std::vector<std::string> in_chunks(std::string_view bytes) {
    const auto base64 = to_base64(bytes);
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < base64.size(); at += sasl_chunk_bytes) {
        chunks.push_back(base64.substr(at, sasl_chunk_bytes));
    }
    if (base64.size() % sasl_chunk_bytes == 0) chunks.emplace_back("+");
    return chunks;
}

std::optional<plain_message> parse_plain(std::string_view bytes) {
    const auto first = bytes.find('\0');
    if (first == std::string_view::npos) return std::nullopt;
    const auto second = bytes.find('\0', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto authzid = bytes.substr(0, first);
    const auto account = bytes.substr(first + 1, second - first - 1);
    const auto password = bytes.substr(second + 1);
    if (password.empty() || password.size() > password_bytes_max || password.contains('\0')) return std::nullopt;
    if (!is_typeable(account, account_bytes_max)) return std::nullopt;
    if (!authzid.empty() && (!is_typeable(authzid, account_bytes_max) || base::fold(authzid) != base::fold(account))) {
        return std::nullopt;
    }
    return plain_message{std::string(authzid), std::string(account), std::string(password)};
}

}  // namespace brusio::login
