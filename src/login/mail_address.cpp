#include "login/mail_address.hpp"

#include <algorithm>

#include "login/crypto.hpp"

namespace brusio::login {
namespace {

constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t label_bytes_max = 63;
constexpr std::string_view code_characters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
static_assert(code_characters.size() == 32);

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_local_part(std::string_view text) {
    if (text.empty() || text.size() > local_bytes_max || text.starts_with('-')) return false;
    if (text.starts_with('.') || text.ends_with('.') || text.contains("..")) return false;
    return std::ranges::all_of(
        text, [](char c) { return is_letter(c) || is_digit(c) || std::string_view(".-+_='~^&#*?{}").contains(c); });
}

bool is_label(std::string_view text) {
    if (text.empty() || text.size() > label_bytes_max || text.starts_with('-') || text.ends_with('-')) return false;
    return std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
    auto dot = text.find('.');
    if (dot == std::string_view::npos) return false;
    while (dot != std::string_view::npos) {
        if (!is_label(text.substr(0, dot))) return false;
        text.remove_prefix(dot + 1);
        dot = text.find('.');
    }
    return is_label(text) && !std::ranges::all_of(text, is_digit);
}

std::string as_printed(std::string_view code) {
    std::string out;
    for (const char c : code.substr(0, std::size_t{4} * code_length)) {
        if (c == ' ' || c == '-') continue;
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

}  // namespace

bool is_mail_address(std::string_view text) {
    if (text.size() > address_bytes_max) return false;
    const auto at = text.find('@');
    return at != std::string_view::npos && is_local_part(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

std::string make_code() { return random_text(code_characters, code_length); }

bool is_code(std::string_view code, std::string_view typed) {
    return !code.empty() && typed.size() <= 4 * code_length && same(as_printed(code), as_printed(typed));
}

}  // namespace brusio::login
