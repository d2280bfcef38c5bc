// The server's end of the control socket. One thread does all input and output; other threads only append to a link's
// queue, under its lock, and wake that thread.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

#include "brusiod/control.hpp"
#include "brusiod/control_link.hpp"
#include "brusiod/control_wire.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;
using steady = std::chrono::steady_clock;

std::string why(int number) { return std::generic_category().message(number); }

bool may_ask(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
    return who.uid == 0 || who.uid == ::geteuid();
}

// What a connection that is not to be served is told; it always fits a new socket.
void turn_away(int fd, std::string_view sentence) {
    const auto answer = encode_frame(control_reply{control_kind::err, std::string(sentence)}) +
                        encode_frame(control_reply{control_kind::end, "", 1});
    (void)::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// A bound socket that nobody can reach yet, or an errno.
std::expected<int, int> bind_to(const control_address& at) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return std::unexpected(errno);
    if (::bind(fd, at.address(), at.size()) == 0) return fd;
    const int number = errno;
    ::close(fd);
    return std::unexpected(number);
}

// Whether what is there is a socket that no process listens on any more.
bool is_left_behind(const control_address& at) {
    struct stat there{};
    if (::fstatat(at.folder(), at.name().c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISSOCK(there.st_mode)) {
        return false;
    }
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool refused = fd >= 0 && ::connect(fd, at.address(), at.size()) != 0 && errno == ECONNREFUSED;
    if (fd >= 0) ::close(fd);
    return refused;
}

// The folder is locked meanwhile, because between two servers that start at once a socket that is bound but does not
// listen yet would look like one that was left behind.
base::result<int> listen_at(const control_address& at, const std::string& shown) {
    const auto failed = [&shown](int number) {
        return fail("cannot make the control socket {}: {}", shown, why(number));
    };
    if (::flock(at.folder(), LOCK_EX) != 0) return failed(errno);
    auto fd = bind_to(at);
    if (!fd && fd.error() == EADDRINUSE) {
        if (!is_left_behind(at)) return fail("{} is in use: another server has the same data", shown);
        ::unlinkat(at.folder(), at.name().c_str(), 0);
        fd = bind_to(at);
    }
    if (!fd) return failed(fd.error());
    // Not by a umask, which would be that of every thread.
    if (::fchmodat(at.folder(), at.name().c_str(), 0600, 0) == 0 && ::listen(*fd, 16) == 0 &&
        ::flock(at.folder(), LOCK_UN) == 0) {
        return *fd;
    }
    const int number = errno;
    ::close(*fd);
    ::unlinkat(at.folder(), at.name().c_str(), 0);
    return failed(number);
}

class socket_server final : public control_server {
  public:
    socket_server(control_address at, int listener, std::shared_ptr<control_wake> wake, handler handle,
                  const control_limits& limits)
        : at_(std::move(at)), listener_(listener), handle_(std::move(handle)), limits_(limits), wake_(std::move(wake)) {
        ::fstatat(at_.folder(), at_.name().c_str(), &made_, AT_SYMLINK_NOFOLLOW);
        // Signals are for the main thread.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        thread_ = std::thread([this] { run(); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    ~socket_server() override {
        stopping_ = true;
        wake_->wake();
        thread_.join();
        ::close(listener_);
        struct stat there{};
        const bool ours = ::fstatat(at_.folder(), at_.name().c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                          there.st_ino == made_.st_ino && there.st_dev == made_.st_dev;
        if (ours) ::unlinkat(at_.folder(), at_.name().c_str(), 0);
    }

  private:
    void run() {
        while (!stopping_) {
            wait();
            if (stopping_) break;
            accept_all();
            for (const auto& link : links_) link->serve(steady::now());
            for (const auto& link : links_) {
                auto request = link->take_request();
                if (!request) continue;
                handle_(std::move(*request), std::make_shared<answering>(link));
                link->serve(steady::now());
            }
            std::erase_if(links_, [](const auto& link) { return link->is_closed(); });
        }
        for (const auto& link : links_) link->finish();
    }

    void wait() {
        std::vector<pollfd> files = {{wake_->file(), POLLIN, 0}, {listener_, POLLIN, 0}};
        auto next = steady::time_point::max();
        if (pause_until_ > steady::now()) {
            files[1].fd = -1;
            next = pause_until_;
        }
        for (const auto& link : links_) {
            files.push_back({link->file(), link->events(), 0});
            next = std::min(next, link->deadline());
        }
        int timeout = -1;
        if (next != steady::time_point::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - steady::now());
            timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 600'000));
        }
        if (::poll(files.data(), files.size(), timeout) < 0) return;
        if (files[0].revents != 0) wake_->clear();
        for (std::size_t i = 0; i < links_.size(); ++i) links_[i]->saw(files[i + 2].revents);
    }

    void accept_all() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (fd < 0) {
                // Out of descriptors or memory: the one that waits would wake us again and again.
                if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
                    pause_until_ = steady::now() + std::chrono::seconds(1);
                }
                return;
            }
            if (may_ask(fd) && links_.size() < limits_.clients) {
                links_.push_back(std::make_shared<control_link>(fd, wake_, limits_));
                continue;
            }
            turn_away(fd, may_ask(fd) ? "the server is busy with other commands; try again"
                                      : "only the server's own user and root may do that");
            ::close(fd);
        }
    }

    control_address at_;
    int listener_;
    handler handle_;
    control_limits limits_;
    struct stat made_{};
    std::shared_ptr<control_wake> wake_;
    std::atomic<bool> stopping_ = false;
    steady::time_point pause_until_;
    std::vector<std::shared_ptr<control_link>> links_;
    std::thread thread_;
};

}  // namespace

base::result<std::unique_ptr<control_server>> control_server::start(const std::filesystem::path& path, handler handle,
                                                                    control_limits limits) {
    auto at = control_address::of(path);
    if (!at) return fail("cannot make the control socket {}: {}", path.string(), why(at.error()));
    auto wake = std::make_shared<control_wake>();
    if (wake->file() < 0) return fail("cannot make the control socket {}: {}", path.string(), why(errno));
    const auto listener = listen_at(*at, path.string());
    if (!listener) return std::unexpected(listener.error());
    return std::make_unique<socket_server>(std::move(*at), *listener, std::move(wake), std::move(handle), limits);
}

}  // namespace brusio::brusiod
