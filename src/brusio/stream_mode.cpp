#include "brusio/stream_mode.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/text.hpp"
#include "brusio/signals.hpp"

namespace brusio::client {
namespace {

constexpr std::size_t unsent_max = 256U * 1024U;      // above this, input waits
constexpr std::size_t unwritten_max = 1024U * 1024U;  // above this, the server waits
constexpr std::size_t pipe_piece = 4096;  // a pipe that poll() calls writable takes so much without blocking

class stream_run : public session_view {
  public:
    stream_run(session_options options, line_style style)
        : style_(style), typed_(isatty(STDIN_FILENO) != 0), session_(std::move(options), *this, clock::now()) {}

    ending run();

  private:
    void on_connected() override {}
    void on_pair(const pair& message) override { out_ += render(message, style_); }
    void on_notice(const std::string& sentence) override { complain(sentence); }

    bool wants_input() const { return !input_ended_ && session_.connected() && session_.unsent() < unsent_max; }
    void read_input(clock::time_point now);
    void say_line(std::string_view line, clock::time_point now);
    void end_input(clock::time_point now);
    std::size_t unwritten() const { return out_.size() - out_at_; }
    void write_output();
    std::optional<ending> on_signals();

    line_style style_;
    bool typed_;  // stdin is a terminal: a person sits there and does not want to wait for ever
    signal_pipe signals_{SIGINT, SIGTERM, SIGHUP};
    std::string in_;  // the beginning of a line
    std::string out_;
    std::size_t out_at_ = 0;  // what of it is written
    std::optional<ending> output_end_;
    bool input_ended_ = false;
    session session_;
};

void stream_run::say_line(std::string_view line, clock::time_point now) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || input_ended_) return;
    session_.say(line);
    if (is_quit(line)) end_input(now);
}

void stream_run::end_input(clock::time_point now) {
    input_ended_ = true;
    if (typed_) {
        session_.leave(now);
    } else {
        session_.finish();
    }
}

void stream_run::read_input(clock::time_point now) {
    char room[64 * 1024];
    const auto got = read(STDIN_FILENO, room, sizeof room);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
        say_line(in_, now);  // a last line without a line end is a line
        in_.clear();
        if (!input_ended_) end_input(now);
        return;
    }
    std::string_view rest(room, static_cast<std::size_t>(got));
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        in_.append(rest.substr(0, end));
        say_line(in_, now);
        in_.clear();
        rest.remove_prefix(end + 1);
    }
    in_.append(rest);
}

void stream_run::write_output() {
    const auto sent = write(STDOUT_FILENO, out_.data() + out_at_, std::min(unwritten(), pipe_piece));
    if (sent >= 0) {
        out_at_ += static_cast<std::size_t>(sent);
        if (out_at_ < out_.size() / 2) return;  // moving half of it at a time keeps the cost linear
        out_.erase(0, out_at_);
        out_at_ = 0;
    } else if (errno == EPIPE) {
        output_end_ = ending{exit_code::left, {}};  // `| head` has read enough
    } else if (errno != EINTR && errno != EAGAIN) {
        output_end_ = ending{exit_code::failed, "cannot write the output: " + error_text(errno)};
    }
}

std::optional<ending> stream_run::on_signals() {
    const auto number = signals_.next();
    if (!number) return std::nullopt;
    return ending{static_cast<exit_code>(128 + *number), {}};
}

ending stream_run::run() {
    while (!session_.ended() || unwritten() > 0) {
        enum { signal_at, server_at, output_at, input_at };
        const bool patient = unwritten() < unwritten_max;
        pollfd fds[] = {{signals_.fd(), POLLIN, 0},
                        {patient ? session_.fd() : -1, session_.events(), 0},
                        {STDOUT_FILENO, static_cast<short>(unwritten() > 0 ? POLLOUT : 0), 0},
                        {wants_input() ? STDIN_FILENO : -1, POLLIN, 0}};
        auto now = clock::now();
        if (poll(fds, std::size(fds), poll_timeout(now, {patient ? session_.deadline() : std::nullopt})) < 0 &&
            errno != EINTR) {
            return {exit_code::failed, "cannot wait for input: " + error_text(errno)};
        }
        if (auto end = on_signals()) return *end;
        now = clock::now();
        if (fds[input_at].revents != 0) read_input(now);
        if (patient) session_.advance(now);
        if (unwritten() > 0 && fds[output_at].revents != 0) write_output();
        // The reader of a pipe is gone: nobody listens, even when there is nothing to write just now.
        if ((fds[output_at].revents & POLLERR) != 0 && !output_end_) output_end_ = ending{exit_code::left, {}};
        if (output_end_) return *output_end_;
    }
    return *session_.ended();
}

}  // namespace

ending run_stream(session_options options, line_style style) { return stream_run(std::move(options), style).run(); }

std::optional<std::string> ask_name_simply() {
    for (;;) {
        fmt::print(stderr, "Username: ");
        std::string line;
        char c = 0;
        ssize_t got = 0;
        while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') line += c;
        const auto name = base::trim(line);
        if (!name.empty()) return std::string(name);
        if (got != 1) {
            fmt::print(stderr, "\n");
            return std::nullopt;
        }
    }
}

}  // namespace brusio::client
