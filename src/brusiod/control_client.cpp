// The asker's end: ask_running_server, and the client that writes to files of this process.
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "brusiod/control.hpp"
#include "brusiod/control_wire.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};  // until the server has taken the request

std::string why(int number) { return std::generic_category().message(number); }

class descriptor {
  public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

// 0, or why not. What the server has to say about a request that it did not want to read is read later.
int send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EPIPE || errno == ECONNRESET ? 0 : errno;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return 0;
}

bool write_all(std::FILE* to, std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), to) == text.size();
}

// The answers as they come in.
class answer_reader {
  public:
    explicit answer_reader(int fd) : fd_(fd) {}

    // Nothing when the server ended before the answers did, or sent what is none.
    std::optional<control_reply> next() {
        if (!have(control_length_bytes)) return std::nullopt;
        const std::size_t length = control_length(left());
        if (length > control_reply_bytes_max || !have(control_length_bytes + length)) return std::nullopt;
        auto reply = base::decode<control_reply>(left().substr(control_length_bytes, length));
        if (reply && reply->kind > control_kind::end) reply.reset();
        taken_ += control_length_bytes + length;
        return reply;
    }

  private:
    std::string_view left() const { return std::string_view(bytes_).substr(taken_); }

    bool have(std::size_t bytes) {
        while (left().size() < bytes) {
            if (!more()) return false;
        }
        return true;
    }

    bool more() {
        bytes_.erase(0, std::exchange(taken_, 0));
        std::array<char, 65536> chunk;
        ssize_t got = 0;
        do {
            got = ::recv(fd_, chunk.data(), chunk.size(), 0);
        } while (got < 0 && errno == EINTR);
        if (got <= 0) return false;
        bytes_.append(chunk.data(), static_cast<std::size_t>(got));
        return true;
    }

    int fd_;
    std::string bytes_;
    std::size_t taken_ = 0;
};

}  // namespace

base::result<std::optional<int>> ask_running_server(const std::filesystem::path& path, const control_request& request,
                                                    std::FILE* out, std::FILE* err) {
    const auto asked = encode_frame(request);
    if (asked.size() > control_length_bytes + control_limits{}.request_bytes) return fail("the command is too long");
    const auto unreachable = [&path](int number) {
        return fail("cannot reach the running server at {}: {}", path.string(), why(number));
    };
    const auto at = control_address::of(path);
    if (!at && (at.error() == ENOENT || at.error() == ENOTDIR)) return std::optional<int>();
    if (!at) return unreachable(at.error());
    const descriptor to(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (to.get() < 0) return unreachable(errno);
    ::setsockopt(to.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(to.get(), at->address(), at->size()) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<int>();
        return unreachable(errno == EAGAIN ? ETIMEDOUT : errno);
    }
    if (const int failed = send_all(to.get(), asked)) return unreachable(failed == EAGAIN ? ETIMEDOUT : failed);
    answer_reader answers(to.get());
    const auto unwritten = [] { return fail("cannot write to the standard output: {}", why(errno)); };
    while (const auto reply = answers.next()) {
        switch (reply->kind) {
            case control_kind::out:
                if (!write_all(out, reply->text)) return unwritten();
                break;
            case control_kind::err:
                write_all(err, shown_sentence(reply->text));
                break;
            case control_kind::end:
                if (std::fflush(out) != 0) return unwritten();
                return static_cast<int>(reply->code);
        }
    }
    std::fflush(out);  // what came is better than nothing
    return fail("the server ended in the middle of its answer");
}

bool file_client::out(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (code_ || failed_) return false;
    if (write_all(out_, text)) return true;
    fail_to_write();
    return false;
}

void file_client::fail_to_write() {
    failed_ = true;
    write_all(err_, shown_sentence(fmt::format("cannot write to the standard output: {}", why(errno))));
}

void file_client::err(std::string_view sentence) {
    const std::lock_guard lock(mutex_);
    if (!code_) write_all(err_, shown_sentence(sentence));
}

void file_client::end(std::uint8_t code) {
    const std::lock_guard lock(mutex_);
    if (code_) return;
    if (!failed_ && std::fflush(out_) != 0) fail_to_write();
    code_ = failed_ && code == 0 ? 1 : code;
    ended_.notify_all();
}

int file_client::wait_for_end() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return code_.has_value(); });
    return *code_;
}

}  // namespace brusio::brusiod
