#include "brusio/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>

namespace brusio::client {
namespace {

// Never closed: a signal may come at any moment, and a byte written to a reused number would be worse than a lost one.
int write_fd = -1;

void on_signal(int number) {
    const int saved = errno;
    const auto byte = static_cast<unsigned char>(number);
    // A full pipe means that signals are already waiting.
    [[maybe_unused]] const auto written = write(write_fd, &byte, 1);
    errno = saved;
}

}  // namespace

signal_pipe::signal_pipe(std::initializer_list<int> signals) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    read_fd_ = ends[0];
    write_fd = ends[1];
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (const int number : signals) {
        struct sigaction before{};
        // What the parent had us ignore stays ignored (nohup, background jobs of simple shells).
        if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
        sigaction(number, &action, nullptr);
    }
}

signal_pipe::~signal_pipe() { close(read_fd_); }

std::optional<int> signal_pipe::next() {
    unsigned char byte = 0;
    if (read(read_fd_, &byte, 1) != 1) return std::nullopt;
    return byte;
}

}  // namespace brusio::client
