// The server's process: arguments, signals, the end.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "brusiod/admin.hpp"
#include "brusiod/ask_password.hpp"
#include "brusiod/command_line.hpp"
#include "brusiod/log.hpp"
#include "brusiod/notify.hpp"
#include "brusiod/offline.hpp"
#include "brusiod/password.hpp"
#include "brusiod/server.hpp"

namespace brusio::brusiod {
namespace {

int complain(const std::string& sentence, int code) {
    fmt::print(stderr, "brusiod: {}\n", sentence);
    return code;
}

// As many connections as the machine's administrator allows.
void raise_file_limit() {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

// Signals are read from a file, so that they come between other things and never in the middle of one. To be called
// before any thread is made: they all inherit the mask.
int signal_file() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, s);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &wanted, SFD_CLOEXEC);
}

int next_signal(int signals) {
    signalfd_siginfo info{};
    return ::read(signals, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

// SIGHUP means *reload*; but it also comes when the terminal that we run in is closed, and then nobody is left to end
// us.
void wait_for_end(int signals, server& running, bool in_a_terminal) {
    for (;;) {
        const bool reload = next_signal(signals) == SIGHUP && !(in_a_terminal && isatty(STDIN_FILENO) == 0);
        if (!reload) return;
        notify_systemd("RELOADING=1");
        running.reload();
        notify_systemd("READY=1");
    }
}

// Returns when everything is delivered and closed, or its time is over; a second signal ends the process at once.
void shut_down(int signals, server& running) {
    notify_systemd("STOPPING=1");
    log::write(net::severity::info, "Shutting down: delivering what is queued");
    const int done = eventfd(0, EFD_CLOEXEC);
    running.stop([done] { eventfd_write(done, 1); });
    std::array<pollfd, 2> either{pollfd{done, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    for (;;) {
        poll(either.data(), either.size(), -1);
        eventfd_t times = 0;
        if ((either[0].revents & POLLIN) != 0 && eventfd_read(done, &times) == 0) break;
        if ((either[1].revents & POLLIN) != 0 && next_signal(signals) != SIGHUP) _exit(exit_failed);
    }
    ::close(done);
}

int print_hash() {
    const auto password = ask_password(STDIN_FILENO);
    if (!password) return complain(password.error().text, exit_failed);
    const auto hash = hash_password(*password);
    if (!hash) return complain(hash.error().text, exit_failed);
    fmt::print("{}\n", *hash);
    return exit_ended;
}

int run(const run_options& options) {
    if (options.hash_password) return print_hash();
    const auto with = load_settings(options.from);
    if (!with) return complain(with.error().text, exit_usage);
    if (options.check_config) {
        if (const auto tls = check_tls(*with); !tls) return complain(tls.error().text, exit_usage);
        fmt::print("The configuration is right.\n");
        return exit_ended;
    }
    const bool in_a_terminal = isatty(STDIN_FILENO) == 1;  // now, not when it may be closed already
    raise_file_limit();
    const int signals = signal_file();
    const log writer;
    {
        auto running = server::start(options.from, *with);
        if (!running) return complain(running.error().text, exit_failed);
        notify_systemd("READY=1");
        wait_for_end(signals, **running, in_a_terminal);
        shut_down(signals, **running);
    }
    log::write(net::severity::info, "Stopped");
    return exit_ended;
}

}  // namespace
}  // namespace brusio::brusiod

int main(int argc, char** argv) {
    using namespace brusio::brusiod;
    const auto parsed = parse_command_line({argv + 1, argv + argc});
    if (const auto* text = std::get_if<print_and_exit>(&parsed)) {
        fmt::print(text->code == exit_ended ? stdout : stderr, "{}", text->text);
        return text->code;
    }
    if (const auto* admin = std::get_if<admin_options>(&parsed)) {
        return administer(*admin, STDIN_FILENO, stdout, stderr, administer_offline);
    }
    return run(std::get<run_options>(parsed));
}
