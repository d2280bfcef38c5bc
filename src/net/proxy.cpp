#include "net/proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace brusio::net {
namespace {

using namespace std::string_view_literals;

constexpr proxy_header bad{proxy_status::bad, 0, std::nullopt};
constexpr proxy_header more{proxy_status::need_more, 0, std::nullopt};

// ── version 1: "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n" ────────────────────────────────────────────────────

constexpr auto v1_begin = "PROXY "sv;
constexpr std::size_t v1_bytes = 107;  // with its CRLF

// Decimal, no sign, no leading zero.
std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return port;
}

std::optional<peer> peer_in_text(int family, std::string_view ip, std::uint16_t port) {
    char text[INET6_ADDRSTRLEN] = "";
    if (ip.size() >= sizeof text || ip.contains('\0')) return std::nullopt;
    std::memcpy(text, ip.data(), ip.size());
    sockaddr_storage address{};
    if (family == AF_INET) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        if (inet_pton(AF_INET, text, &v4.sin_addr) != 1) return std::nullopt;
        std::memcpy(&address, &v4, sizeof v4);
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1) return std::nullopt;
        std::memcpy(&address, &v6, sizeof v6);
    }
    return peer_of(address);
}

// What stands between "PROXY " and CRLF.
proxy_header read_words(std::string_view line, std::size_t size) {
    std::array<std::string_view, 5> words;  // family, source, destination, their ports
    std::size_t count = 0;
    for (bool last = false; !last && count < words.size(); ++count) {
        const auto end = line.find(' ');
        words.at(count) = line.substr(0, end);
        last = end == std::string_view::npos;
        line.remove_prefix(last ? line.size() : end + 1);
        if (count == 0 && words[0] == "UNKNOWN") return {proxy_status::complete, size, std::nullopt};
        if (count == words.size() - 1 && !last) return bad;
    }
    if (count != words.size() || (words[0] != "TCP4" && words[0] != "TCP6")) return bad;
    const int family = words[0] == "TCP4" ? AF_INET : AF_INET6;
    const auto source_port = port_of(words[3]);
    const auto own_port = port_of(words[4]);
    if (!source_port || !own_port || !peer_in_text(family, words[2], *own_port)) return bad;
    const auto source = peer_in_text(family, words[1], *source_port);
    if (!source) return bad;
    return {proxy_status::complete, size, source};
}

proxy_header read_v1(std::string_view input) {
    const auto line = input.substr(0, v1_bytes);
    const auto end = line.find('\n');
    if (end == std::string_view::npos) return line.size() < v1_bytes ? more : bad;
    if (line[end - 1] != '\r') return bad;  // there is something before: "PROXY " at least
    return read_words(line.substr(v1_begin.size(), end - 1 - v1_begin.size()), end + 1);
}

// ── version 2 ───────────────────────────────────────────────────────────────────────────────────────────────────────

// Signature, version and command, family and transport, length of what follows (big-endian); then the addresses, and
// more that we do not read.
constexpr auto v2_begin = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t v2_fixed_bytes = 16;

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

// Source, destination (of `ip_bytes` each), source port, destination port.
peer peer_in_bytes(std::string_view body, std::size_t ip_bytes) {
    peer p;
    if (ip_bytes == 4) p.ip[10] = p.ip[11] = 0xff;
    std::memcpy(p.ip.data() + p.ip.size() - ip_bytes, body.data(), ip_bytes);
    p.port = static_cast<std::uint16_t>(byte_at(body, 2 * ip_bytes) << 8U | byte_at(body, 2 * ip_bytes + 1));
    return p;
}

proxy_header read_v2(std::string_view input) {
    if (input.size() > 12) {
        if (byte_at(input, 12) != 0x20 && byte_at(input, 12) != 0x21) return bad;  // version 2: LOCAL, PROXY
    }
    if (input.size() < v2_fixed_bytes) return more;
    const auto size = v2_fixed_bytes + (byte_at(input, 14) << 8U | byte_at(input, 15));
    if (size > proxy_header_bytes) return bad;
    const bool local = byte_at(input, 12) == 0x20;
    const auto family = byte_at(input, 13) >> 4U;
    const auto transport = byte_at(input, 13) & 0xfU;
    constexpr std::array<std::size_t, 4> address_bytes{0, 12, 36, 216};  // unspecified, IPv4, IPv6, unix
    if (!local) {
        if (family >= address_bytes.size() || transport > 2) return bad;
        if (size - v2_fixed_bytes < address_bytes.at(family)) return bad;
    }
    if (input.size() < size) return more;
    const bool names_tcp = !local && transport == 1 && (family == 1 || family == 2);
    if (!names_tcp) return {proxy_status::complete, size, std::nullopt};
    return {proxy_status::complete, size, peer_in_bytes(input.substr(v2_fixed_bytes), family == 1 ? 4 : 16)};
}

}  // namespace

proxy_header read_proxy(std::string_view input) {
    const auto begins = [&](std::string_view with) {
        const auto n = std::min(input.size(), with.size());
        return input.substr(0, n) == with.substr(0, n);
    };
    if (begins(v1_begin)) return input.size() < v1_begin.size() ? more : read_v1(input);
    if (begins(v2_begin)) return input.size() < v2_begin.size() ? more : read_v2(input);
    return bad;
}

}  // namespace brusio::net
