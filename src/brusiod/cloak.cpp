#include "brusiod/cloak.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <sodium.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

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

// A descriptor that is closed.
class file {
  public:
    explicit file(int fd) : fd_(fd) {}
    ~file() {
        if (fd_ >= 0) ::close(fd_);
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

std::unexpected<base::error> failed(std::string_view what, const std::filesystem::path& path, int number) {
    return fail("cannot {} {}: {}", what, base::clean_line(path.string()), std::generic_category().message(number));
}

// Nothing when there is no such file.
base::result<std::optional<cloak::key>> read_key(const std::filesystem::path& path) {
    const file from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from && errno == ENOENT) return std::nullopt;
    if (!from) return failed("read", path, errno);
    std::array<char, 2 * std::tuple_size_v<cloak::key> + 2> bytes{};
    const auto got = ::read(from.fd(), bytes.data(), bytes.size());
    if (got < 0) return failed("read", path, errno);
    std::string_view text(bytes.data(), static_cast<std::size_t>(got));
    if (text.ends_with('\n')) text.remove_suffix(1);
    cloak::key key{};
    std::size_t length = 0;
    const char* end = nullptr;
    const bool read_all = text.size() == 2 * key.size() &&
                          sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &length, &end) == 0;
    if (!read_all || length != key.size() || end != text.data() + text.size()) {
        return fail(
            "{} is broken: a key is 64 hexadecimal digits; bring it back from a copy, or remove it to have a new one, "
            "with which bans of cloaked addresses fit no more",
            base::clean_line(path.string()));
    }
    return key;
}

// Makes the file with all its bytes or not at all; does nothing when somebody else made it meanwhile.
base::result<void> write_key(const std::filesystem::path& path, const cloak::key& key) {
    std::string text(2 * key.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), key.data(), key.size());
    text.back() = '\n';  // in place of the NUL

    std::string temporary = path.string() + ".XXXXXX";
    const file to(mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
    if (!to) return failed("write", path, errno);
    int number = 0;
    if (const auto put = ::write(to.fd(), text.data(), text.size()); put != static_cast<ssize_t>(text.size())) {
        number = put < 0 ? errno : ENOSPC;
    } else if (fsync(to.fd()) != 0 || (::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)) {
        number = errno;
    }
    ::unlink(temporary.c_str());
    if (number != 0) return failed("write", path, number);
    if (const file folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); folder) {
        fsync(folder.fd());  // so that the name survives a power cut too
    }
    return {};
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

base::result<cloak::key> load_or_make_key(const std::filesystem::path& data_folder, std::string_view name) {
    const auto path = data_folder / name;
    auto kept = read_key(path);
    if (!kept) return std::unexpected(kept.error());
    if (*kept) return **kept;
    if (sodium_init() < 0) return fail("libsodium cannot be used");
    cloak::key made{};
    randombytes_buf(made.data(), made.size());
    if (auto written = write_key(path, made); !written) return std::unexpected(written.error());
    kept = read_key(path);  // another server may have been faster
    if (!kept) return std::unexpected(kept.error());
    if (!*kept) return failed("read", path, ENOENT);
    return **kept;
}

}  // namespace brusio::brusiod
