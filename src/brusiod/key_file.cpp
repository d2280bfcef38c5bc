#include "brusiod/key_file.hpp"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include <sodium.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

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
base::result<std::optional<secret_key>> read_key(const std::filesystem::path& path, std::string_view without) {
    const file from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from && errno == ENOENT) return std::nullopt;
    if (!from) return failed("read", path, errno);
    std::array<char, 2 * std::tuple_size_v<secret_key> + 2> bytes{};
    const auto got = ::read(from.fd(), bytes.data(), bytes.size());
    if (got < 0) return failed("read", path, errno);
    std::string_view text(bytes.data(), static_cast<std::size_t>(got));
    if (text.ends_with('\n')) text.remove_suffix(1);
    secret_key key{};
    std::size_t length = 0;
    const char* end = nullptr;
    const bool read_all = text.size() == 2 * key.size() &&
                          sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &length, &end) == 0;
    if (!read_all || length != key.size() || end != text.data() + text.size()) {
        return fail(
            "{} is broken: a key is 64 hexadecimal digits; bring it back from a copy, or remove it to have a new one, "
            "with which {}",
            base::clean_line(path.string()), without);
    }
    return key;
}

// Makes the file with all its bytes or not at all; does nothing when somebody else made it meanwhile.
base::result<void> write_key(const std::filesystem::path& path, const secret_key& key) {
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

base::result<secret_key> load_or_make_key(const std::filesystem::path& path, std::string_view without) {
    auto kept = read_key(path, without);
    if (!kept) return std::unexpected(kept.error());
    if (*kept) return **kept;
    if (sodium_init() < 0) return fail("libsodium cannot be used");
    secret_key made{};
    randombytes_buf(made.data(), made.size());
    if (auto written = write_key(path, made); !written) return std::unexpected(written.error());
    kept = read_key(path, without);  // another server may have been faster
    if (!kept) return std::unexpected(kept.error());
    if (!*kept) return failed("read", path, ENOENT);
    return **kept;
}

}  // namespace brusio::brusiod
