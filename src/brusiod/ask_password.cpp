#include "brusiod/ask_password.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <termios.h>

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr std::size_t line_bytes_max = 4096;  // as long as a terminal's line can be

base::result<std::string> read_line(int in, std::string_view what) {
    std::string line;
    for (char c = 0; line.size() < line_bytes_max;) {
        const auto got = ::read(in, &c, 1);  // no more than the line: the rest is not ours
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("cannot read the {}: {}", what, std::generic_category().message(errno));
        if (got == 0 || c == '\n') {
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        line.push_back(c);
    }
    return fail("the {} is too long", what);
}

// While it lives, the terminal does not echo and the signals below wait.
class silent_terminal {
  public:
    explicit silent_terminal(int terminal) : terminal_(terminal) {
        sigset_t waiting;
        sigemptyset(&waiting);
        for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&waiting, s);
        sigprocmask(SIG_BLOCK, &waiting, &mask_before_);
        signals_ = signalfd(-1, &waiting, SFD_CLOEXEC);
        if (tcgetattr(terminal_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag = (silent.c_lflag & ~static_cast<tcflag_t>(ECHO)) | ECHONL;
        changed_ = tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    ~silent_terminal() {
        if (changed_) tcsetattr(terminal_, TCSADRAIN, &before_);
        if (signals_ >= 0) ::close(signals_);
        sigprocmask(SIG_SETMASK, &mask_before_, nullptr);  // what waited comes now
    }
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;

    bool silent() const { return changed_; }

    // Until there is a line; false when a signal came first.
    bool wait() const {
        std::array<pollfd, 2> either{pollfd{terminal_, POLLIN, 0}, pollfd{signals_, POLLIN, 0}};
        while (poll(either.data(), either.size(), -1) < 0 && errno == EINTR) {
        }
        return (either[1].revents & POLLIN) == 0;
    }

  private:
    int terminal_;
    int signals_ = -1;
    bool changed_ = false;
    termios before_{};
    sigset_t mask_before_{};
};

// The answer to both questions, or nothing when a signal came first and the program goes on (it was stopped and
// continued).
std::optional<base::result<std::string>> ask_twice(int terminal) {
    const silent_terminal quiet(terminal);
    if (!quiet.silent()) return fail("cannot keep the terminal from showing the password");
    std::array<std::string, 2> answers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        fmt::print(stderr, "{}: ", i == 0 ? "Password" : "The same again");
        std::fflush(stderr);
        if (!quiet.wait()) {
            fmt::print(stderr, "\n");
            return std::nullopt;
        }
        auto line = read_line(terminal, "password");
        if (!line || line->empty()) return line;  // no need to repeat what will be refused
        answers[i] = std::move(*line);
    }
    if (answers[0] != answers[1]) return fail("the two passwords differ");
    return answers[0];
}

}  // namespace

base::result<std::string> ask_password(int in) {
    if (isatty(in) == 0) return read_line(in, "password");
    for (;;) {
        if (auto answer = ask_twice(in)) return std::move(*answer);
    }
}

base::result<std::string> ask_line(int in, std::string_view question) {
    fmt::print(stderr, "{} ", question);
    std::fflush(stderr);
    return read_line(in, "answer");
}

}  // namespace brusio::brusiod
