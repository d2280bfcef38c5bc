#include "brusiod/control_link.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "brusiod/control_wire.hpp"

namespace brusio::brusiod {
namespace {

constexpr std::size_t sentence_bytes_max = 4096;

}  // namespace

control_wake::control_wake() : file_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
control_wake::~control_wake() {
    if (file_ >= 0) ::close(file_);
}
void control_wake::wake() const { ::eventfd_write(file_, 1); }
void control_wake::clear() const {
    eventfd_t times = 0;
    ::eventfd_read(file_, &times);
}

control_link::control_link(int fd, std::shared_ptr<control_wake> wake, const control_limits& limits)
    : limits_(limits), wake_(std::move(wake)), fd_(fd), asked_by_(steady::now() + limits.request_within) {}

control_link::~control_link() {
    if (fd_ >= 0) ::close(fd_);
}

short control_link::events() const {
    if (asking_) return POLLIN;
    const std::lock_guard lock(mutex_);
    return sent_ < queue_.size() ? POLLOUT : 0;  // its end is seen without being asked for
}

control_link::steady::time_point control_link::deadline() const {
    if (asking_) return asked_by_;
    return read_by_.value_or(steady::time_point::max());
}

void control_link::serve(steady::time_point now) {
    if (is_closed()) return;
    const auto seen = std::exchange(revents_, short{0});
    if (asking_) {
        if (seen != 0) read();
        if (asking_ && now >= asked_by_) close();
    } else if ((seen & (POLLHUP | POLLERR)) != 0) {
        close();
    }
    if (!asking_ && !is_closed()) write(now);
}

// Never more than the one request: what follows it is not read.
void control_link::read() {
    const auto missing = [this]() -> std::size_t {
        if (input_.size() < control_length_bytes) return control_length_bytes - input_.size();
        return control_length_bytes + control_length(input_) - input_.size();
    };
    std::array<char, 4096> chunk;
    for (;;) {
        const auto got = ::recv(fd_, chunk.data(), std::min(missing(), chunk.size()), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) return close();
        input_.append(chunk.data(), static_cast<std::size_t>(got));
        if (input_.size() < control_length_bytes) continue;
        if (control_length(input_) > limits_.request_bytes) return refuse("the command is too long");
        if (missing() == 0) break;
    }
    request_ = base::decode<control_request>(std::string_view(input_).substr(control_length_bytes));
    if (!request_ || request_->words.empty()) {
        request_.reset();
        return refuse("this is no command that this version of the server knows");
    }
    asking_ = false;
    std::ranges::fill(input_, '\0');  // it may hold a password
    input_.clear();
}

void control_link::refuse(std::string_view sentence) {
    asking_ = false;
    err(sentence);
    end(1);
}

std::optional<control_request> control_link::take_request() {
    return is_closed() ? std::nullopt : std::exchange(request_, std::nullopt);
}

void control_link::write(steady::time_point now) {
    bool finished = false;
    {
        const std::lock_guard lock(mutex_);
        while (sent_ < queue_.size()) {
            const auto sent = ::send(fd_, queue_.data() + sent_, queue_.size() - sent_, MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0 && errno == EAGAIN) break;
            if (sent < 0) {
                finished = true;
                break;
            }
            sent_ += static_cast<std::size_t>(sent);
            read_by_.reset();
        }
        if (sent_ == queue_.size()) {
            queue_.clear();
            sent_ = 0;
            read_by_.reset();
            finished = finished || ended_;
        } else if (!read_by_) {
            read_by_ = now + limits_.read_within;
        }
        if (has_room()) room_.notify_all();
    }
    if (finished || (read_by_ && now >= *read_by_)) close();
}

void control_link::finish() {
    if (is_closed()) return;
    if (!asking_) write(steady::now());
    close();
}

void control_link::close() {
    if (is_closed()) return;
    ::close(std::exchange(fd_, -1));
    request_.reset();
    const std::lock_guard lock(mutex_);
    gone_ = true;
    queue_ = {};
    sent_ = 0;
    room_.notify_all();
}

bool control_link::wait_for_room(std::unique_lock<std::mutex>& lock) {
    const auto free = [this] { return gone_ || ended_ || has_room(); };
    if (std::this_thread::get_id() == server_) {  // a handler that answers at once: nobody else will send it
        while (!free()) {
            lock.unlock();
            pollfd file{fd_, POLLOUT, 0};
            const int timeout = static_cast<int>(limits_.read_within.count());
            if (::poll(&file, 1, timeout) == 0 || (file.revents & (POLLHUP | POLLERR)) != 0) {
                close();
            } else {
                write(steady::now());
            }
            lock.lock();
        }
    } else {
        // The server's thread closes who does not read; twice its time is for a handler that keeps it from that.
        room_.wait_for(lock, 2 * limits_.read_within, free);
    }
    return !gone_ && !ended_ && has_room();
}

bool control_link::out(std::string_view text) {
    while (!text.empty()) {
        const auto part = text.substr(0, control_text_max);
        text.remove_prefix(part.size());
        std::unique_lock lock(mutex_);
        if (!wait_for_room(lock)) return false;
        append({control_kind::out, std::string(part)});
    }
    const std::lock_guard lock(mutex_);
    return !gone_ && !ended_;
}

void control_link::err(std::string_view sentence) {
    const std::lock_guard lock(mutex_);
    const bool flood = queue_.size() - sent_ > 2 * limits_.queue_bytes;
    if (!flood) append({control_kind::err, std::string(sentence.substr(0, sentence_bytes_max))});
}

void control_link::end(std::uint8_t code) {
    const std::lock_guard lock(mutex_);
    append({control_kind::end, "", code});
    ended_ = true;
}

void control_link::append(const control_reply& reply) {
    if (gone_ || ended_) return;
    const bool wake = sent_ == queue_.size();
    // What was sent goes when it is most of it, so that moving the rest costs little.
    if (sent_ > queue_.size() / 2) queue_.erase(0, std::exchange(sent_, 0));
    queue_ += encode_frame(reply);
    if (wake) wake_->wake();
}

answering::~answering() {
    if (ended_) return;
    link_->err("the server gave no answer");
    link_->end(1);
}

void answering::err(std::string_view sentence) {
    if (!ended_) link_->err(sentence);
}

void answering::end(std::uint8_t code) {
    if (!ended_.exchange(true)) link_->end(code);
}

}  // namespace brusio::brusiod
