// Signals as bytes of a pipe, so that a poll loop sees them in its own time. One object in a process, on its main
// thread.
#pragma once

#include <initializer_list>
#include <optional>

namespace brusio::client {

class signal_pipe {
  public:
    // Throws std::system_error when there is no pipe to be had. SIGPIPE is ignored from here on.
    explicit signal_pipe(std::initializer_list<int> signals);
    ~signal_pipe();
    signal_pipe(const signal_pipe&) = delete;
    signal_pipe& operator=(const signal_pipe&) = delete;

    int fd() const { return read_fd_; }  // readable when next() has something
    std::optional<int> next();           // does not wait

  private:
    int read_fd_ = -1;
};

}  // namespace brusio::client
