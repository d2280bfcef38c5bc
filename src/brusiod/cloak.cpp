#include "brusiod/cloak.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>

#include <sodium.h>

namespace brusio::brusiod {
namespace {

constexpr cloak::ip_bytes mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t mapped_bytes = 12;

bool is_ipv4(const cloak::ip_bytes& ip) {
    return std::equal(ip.begin(), ip.begin() + mapped_bytes, mapped_prefix.begin());
}

// 40 bits as eight letters and digits (RFC 4648's base32 in lower case).
std::string base32(const unsigned char* five_bytes) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::uint64_t bits = 0;
    for (int i = 0; i < 5; ++i) bits = bits << 8U | five_bytes[i];
    std::string text;
    for (int shift = 35; shift >= 0; shift -= 5) text += alphabet[bits >> static_cast<unsigned>(shift) & 31U];
    return text;
}

// `label` keeps networks of different kinds apart whose bytes are the same.
std::string hash_of(const cloak::key& key, std::string_view label, const std::uint8_t* network, std::size_t bytes) {
    std::string input(label);
    input.append(reinterpret_cast<const char*>(network), bytes);
    std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(input.data()), input.size(),
                       key.data(), key.size());
    return base32(hash.data());
}

}  // namespace

std::string cloak::host(const ip_bytes& ip, bool local) const {
    if (local) return "unix";
    if (is_ipv4(ip)) {
        const auto* bytes = ip.data() + mapped_bytes;
        return hash_of(key_, "brusio cloak ipv4/32:", bytes, 4) + '.' +
               hash_of(key_, "brusio cloak ipv4/24:", bytes, 3) + '.' +
               hash_of(key_, "brusio cloak ipv4/16:", bytes, 2) + ".ip";
    }
    return hash_of(key_, "brusio cloak ipv6/64:", ip.data(), 8) + '.' +
           hash_of(key_, "brusio cloak ipv6/48:", ip.data(), 6) + '.' +
           hash_of(key_, "brusio cloak ipv6/32:", ip.data(), 4) + ".ip";
}

std::string plain_host(const cloak::ip_bytes& ip, bool local) {
    if (local) return "localhost";
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4(ip)) return inet_ntop(AF_INET, ip.data() + mapped_bytes, text.data(), text.size());
    const std::string address = inet_ntop(AF_INET6, ip.data(), text.data(), text.size());
    return address.starts_with(':') ? "0" + address
                                    : address;  // else it could not stand in the middle of a line of IRC
}

}  // namespace brusio::brusiod
