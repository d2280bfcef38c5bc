#include "brusio/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace brusio::client {
namespace {

using status = io_result::status;
constexpr std::size_t read_quota = 1U << 20U;

}  // namespace

connection::connection(const target& where, std::shared_ptr<tls_context> tls, clock::time_point now)
    : where_(where),
      context_(std::move(tls)),
      lookup_(std::make_unique<lookup>(where)),
      give_up_(now + connect_timeout),
      give_up_one_(give_up_) {}

connection::~connection() {
    tls_.reset();
    if (fd_ >= 0) close(fd_);
}

int connection::fd() const { return stage_ == stage::looking_up ? lookup_->fd() : fd_; }

short connection::events() const {
    switch (stage_) {
        case stage::looking_up:
            return POLLIN;
        case stage::connecting:
            return POLLOUT;
        case stage::securing:
            return wants_write_ ? POLLOUT : POLLIN;
        case stage::open:
            return static_cast<short>(POLLIN | (wants_write_ ? POLLOUT : 0));
        case stage::ended:
            break;
    }
    return 0;
}

std::optional<clock::time_point> connection::deadline() const {
    switch (stage_) {
        case stage::connecting:
            return give_up_one_;
        case stage::looking_up:
        case stage::securing:
            return give_up_;
        case stage::open:
            // Queued since the last call, or left over by it: there is something to do at once.
            if (more_to_read_ ||
                (!wants_write_ && !write_waits_ && !write_failed_ && (unsent() > 0 || (finish_ && !finished_)))) {
                return clock::time_point::min();
            }
            return std::nullopt;
        case stage::ended:
            break;
    }
    return std::nullopt;
}

void connection::end(std::string failure) {
    stage_ = stage::ended;
    failure_ = std::move(failure);
    tls_.reset();
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
}

void connection::advance(clock::time_point now, std::string& received) {
    if (stage_ == stage::looking_up) addresses_are_known(now);
    if (stage_ == stage::connecting) check_connected(now);
    if (stage_ == stage::securing) {
        shake_hands();
        if (stage_ == stage::securing && now >= give_up_) {
            end(fmt::format("{} did not answer in TLS within {} seconds", describe(where_), connect_timeout.count()));
        }
    }
    if (stage_ != stage::open) return;
    // Reading first: an explanation that came just before a reset must not be lost to a failing write.
    wants_write_ = false;
    write_waits_ = false;
    read_all(received);
    if (stage_ == stage::open) write_all();
}

void connection::addresses_are_known(clock::time_point now) {
    if (lookup_->ready()) {
        auto found = lookup_->take();
        if (!found) return end(fmt::format("cannot reach {}: {}", describe(where_), found.error().text));
        addresses_ = std::move(*found);
        return next_address(now, 0);
    }
    if (now >= give_up_) end(fmt::format("cannot reach {}: no answer from the name service", describe(where_)));
}

// Tries the addresses that are left; `last_error` is why the one before failed.
void connection::next_address(clock::time_point now, int last_error) {
    stage_ = stage::connecting;
    while (next_ < addresses_.size() && now < give_up_) {
        const auto left = static_cast<int>(addresses_.size() - next_);
        const auto& to = addresses_[next_++];
        if (fd_ >= 0) close(fd_);
        fd_ = socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd_ < 0) {
            last_error = errno;
            continue;
        }
        const int on = 1;
        if (!where_.local()) setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        give_up_one_ = now + (give_up_ - now) / left;
        if (connect(fd_, to.get(), to.size) == 0) return begin_tls(now);
        if (errno == EINPROGRESS) return;
        last_error = errno;
    }
    if (last_error == ETIMEDOUT || last_error == 0) {
        return end(
            fmt::format("cannot reach {}: no answer within {} seconds", describe(where_), connect_timeout.count()));
    }
    const bool nobody = last_error == ECONNREFUSED || last_error == ENOENT;
    end(fmt::format("cannot reach {}: {}{}", describe(where_), error_text(last_error),
                    nobody ? ". Is brusiod running there?" : ""));
}

void connection::check_connected(clock::time_point now) {
    pollfd one{fd_, POLLOUT, 0};
    if (poll(&one, 1, 0) == 0) {
        if (now >= give_up_one_) next_address(now, ETIMEDOUT);
        return;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return next_address(now, error);
    begin_tls(now);
}

void connection::begin_tls(clock::time_point now) {
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    wants_write_ = false;
    if (!context_) {
        stage_ = stage::open;
        return;
    }
    stage_ = stage::securing;
    give_up_ = now + connect_timeout;
    tls_ = std::make_unique<tls_stream>(context_, where_, fd_);
}

void connection::shake_hands() {
    const auto result = tls_->handshake();
    if (result.what == status::failed) return end(tls_->sentence());
    if (result.what == status::ok) stage_ = stage::open;
    wants_write_ = result.what == status::want_write;
}

io_result connection::read_some(char* to, std::size_t size) {
    if (tls_) return tls_->read(to, size);
    const auto got = recv(fd_, to, size, 0);
    if (got > 0) return {status::ok, static_cast<std::size_t>(got)};
    if (got == 0) return {status::closed};
    return {errno == EAGAIN || errno == EINTR ? status::want_read : status::failed};
}

io_result connection::write_some(std::string_view bytes) {
    if (tls_) return tls_->write(bytes);
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {status::ok, static_cast<std::size_t>(sent)};
    return {errno == EAGAIN || errno == EINTR ? status::want_write : status::failed};
}

void connection::read_all(std::string& received) {
    char room[64 * 1024];
    more_to_read_ = false;
    for (std::size_t total = 0; total < read_quota;) {
        const auto got = read_some(room, sizeof room);
        if (got.what == status::ok) {
            received.append(room, got.bytes);
            total += got.bytes;
            continue;
        }
        if (got.what == status::closed) return end();
        if (got.what == status::failed) {
            return end(tls_ ? tls_->sentence()
                            : fmt::format("lost the connection to {}: {}", describe(where_), error_text(errno)));
        }
        if (got.what == status::want_write) wants_write_ = true;
        return;
    }
    more_to_read_ = tls_ && tls_->has_pending();
}

// A failing write does not end the connection: what the peer said before it went is still to be read, and reading then
// finds the end (or the error) by itself.
void connection::write_all() {
    while (unsent() > 0 && !write_failed_) {
        const auto sent = write_some(std::string_view(out_).substr(out_at_, 256U * 1024U));
        if (sent.what == status::ok) {
            out_at_ += sent.bytes;
            continue;
        }
        if (sent.what == status::want_write) wants_write_ = true;
        if (sent.what == status::want_read) write_waits_ = true;
        if (sent.what == status::failed || sent.what == status::closed) write_failed_ = true;
        break;
    }
    if (out_at_ > 0 && out_at_ >= out_.size() / 2) {
        out_.erase(0, out_at_);
        out_at_ = 0;
    }
    if (!finish_ || finished_ || unsent() > 0 || write_failed_) return;
    if (!tls_) {
        finished_ = shutdown(fd_, SHUT_WR) == 0;
        write_failed_ = !finished_;
        return;
    }
    const auto result = tls_->finish();
    finished_ = result.what == status::ok;
    wants_write_ = wants_write_ || result.what == status::want_write;
    write_waits_ = result.what == status::want_read;
    write_failed_ = result.what == status::failed;
}

}  // namespace brusio::client
