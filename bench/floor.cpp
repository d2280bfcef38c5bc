// brusio-floor PORT: the yardstick. The barest single-threaded broadcast of the frame protocol: one epoll, one read
// buffer, one turn buffer for all, one send for each receiver and loop turn. No log, no limits on names, no commands,
// no explanations: whatever a real server costs more than this is the price of its features. Not for use.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "wire/frame.hpp"

namespace brusio::bench {
namespace {

constexpr std::uint64_t body_bytes_max = 1U << 20U;
constexpr std::size_t backlog_bytes_max =
    16U << 20U;  // a receiver this far behind is closed, else it would eat the machine

struct connection {
    int fd = -1;
    bool named = false;
    bool spoke = false;  // in this turn: it is not to get its own messages back
    bool closing = false;
    std::size_t turn_begin = 0;  // where it joined, when that was in this turn
    std::string name_frame;
    std::string partial;  // an unfinished frame
    std::string backlog;  // what a full socket did not take
};

struct own_message {
    int fd;
    std::size_t begin, end;
};

class floor_server {
  public:
    bool listen_on(std::uint16_t port) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (listener_ < 0) return false;
        const int one = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        socklen_t size = sizeof address;
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 4096) != 0) return false;
        ::getsockname(listener_, raw, &size);
        fmt::print("listening on {}\n", ntohs(address.sin_port));
        std::fflush(stdout);
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
        return true;
    }

    int run() {
        std::array<epoll_event, 512> events;
        while (true) {
            const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            if (n < 0 && errno != EINTR) return 1;
            for (int i = 0; i < n; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                if (event.data.fd == listener_) {
                    if (!accept_all()) return 1;
                    continue;
                }
                auto& c = *connections_[static_cast<std::size_t>(event.data.fd)];
                if ((event.events & EPOLLOUT) != 0) flush_backlog(c);
                if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !c.closing) read_once(c);
            }
            flush_turn();
            close_ended();
        }
    }

  private:
    void watch(int operation, int fd, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.fd = fd;
        ::epoll_ctl(epoll_, operation, fd, &event);
    }

    bool accept_all() {
        while (true) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return true;
                fmt::print(stderr, "brusio-floor: accept: {}\n", std::strerror(errno));
                return false;
            }
            const int one = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            const auto slot = static_cast<std::size_t>(fd);
            if (connections_.size() <= slot) connections_.resize(slot + 1);
            connections_[slot] = std::make_unique<connection>();
            connections_[slot]->fd = fd;
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        }
    }

    void read_once(connection& c) {
        const auto n = ::recv(c.fd, buffer_.data(), buffer_.size(), 0);
        if (n <= 0) {
            if (n == 0 || (errno != EAGAIN && errno != EINTR)) end(c);
            return;
        }
        std::string_view input(buffer_.data(), static_cast<std::size_t>(n));
        if (!c.partial.empty()) {
            c.partial.append(input);
            input = c.partial;
        }
        while (true) {
            const auto frame = wire::split_frame(input, body_bytes_max);
            if (!frame) return end(c);
            if (!frame->complete) break;
            take(c, frame->body);
            input.remove_prefix(frame->consumed);
        }
        if (input.empty()) {
            if (!c.partial.empty()) std::string().swap(c.partial);
        } else {
            c.partial = std::string(input);
        }
    }

    void take(connection& c, std::string_view body) {
        if (!c.named) {
            wire::append_frame(c.name_frame, body);
            c.named = true;
            c.turn_begin = turn_.size();
            members_.push_back(&c);
            return;
        }
        const auto begin = turn_.size();
        turn_.append(c.name_frame);
        wire::append_frame(turn_, body);
        c.spoke = true;
        own_.push_back({c.fd, begin, turn_.size()});
    }

    void flush_turn() {
        for (auto* c : members_) {
            if (c->spoke) {
                send_to_speaker(*c);
            } else if (turn_.size() > c->turn_begin) {
                send(*c, std::string_view(turn_).substr(c->turn_begin));
            }
            c->turn_begin = 0;
        }
        turn_.clear();
        own_.clear();
    }

    // A speaker gets the turn without its own messages.
    void send_to_speaker(connection& c) {
        scratch_.clear();
        for (const auto& m : own_) {
            if (m.fd != c.fd && m.begin >= c.turn_begin) scratch_.append(turn_, m.begin, m.end - m.begin);
        }
        c.spoke = false;
        if (!scratch_.empty()) send(c, scratch_);
    }

    void send(connection& c, std::string_view bytes) {
        if (c.closing) return;
        if (c.backlog.empty()) {
            const auto n = ::send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n == static_cast<ssize_t>(bytes.size())) return;
            if (n < 0 && errno != EAGAIN) return end(c);
            if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
            watch(EPOLL_CTL_MOD, c.fd, EPOLLIN | EPOLLOUT);
        }
        c.backlog.append(bytes);
        if (c.backlog.size() > backlog_bytes_max) end(c);
    }

    void flush_backlog(connection& c) {
        const auto n = ::send(c.fd, c.backlog.data(), c.backlog.size(), MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) end(c);
            return;
        }
        c.backlog.erase(0, static_cast<std::size_t>(n));
        if (c.backlog.empty()) {
            std::string().swap(c.backlog);
            watch(EPOLL_CTL_MOD, c.fd, EPOLLIN);
        }
    }

    // Closed at the end of the turn only, so that no number of a file is used again while events for it may be waiting.
    void end(connection& c) {
        if (c.closing) return;
        c.closing = true;
        ended_.push_back(c.fd);
    }

    void close_ended() {
        if (ended_.empty()) return;
        std::erase_if(members_, [](const connection* c) { return c->closing; });
        for (int fd : ended_) {
            connections_[static_cast<std::size_t>(fd)].reset();
            ::close(fd);
        }
        ended_.clear();
    }

    int listener_ = -1;
    int epoll_ = -1;
    std::array<char, 65536> buffer_;
    std::string turn_;              // what was said in this turn, in order
    std::vector<own_message> own_;  // who said which part of it
    std::string scratch_;
    std::vector<std::unique_ptr<connection>> connections_;  // by number of the file
    std::vector<connection*> members_;
    std::vector<int> ended_;
};

}  // namespace
}  // namespace brusio::bench

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    const std::string_view text = argc == 2 ? argv[1] : "";
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
    if (argc != 2 || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
        fmt::print(stderr, "usage: brusio-floor PORT   (0: any free one)\n");
        return 2;
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    auto server = std::make_unique<brusio::bench::floor_server>();
    if (!server->listen_on(port)) {
        fmt::print(stderr, "brusio-floor: cannot listen on {}: {}\n", port, std::strerror(errno));
        return 1;
    }
    return server->run();
}
