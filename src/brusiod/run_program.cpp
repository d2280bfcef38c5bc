#include "brusiod/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include <spawn.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;
using steady = std::chrono::steady_clock;

constexpr std::size_t complaint_bytes_max = 500;

std::string why(int number) { return std::generic_category().message(number); }

class descriptor {
  public:
    explicit descriptor(int fd = -1) : fd_(fd) {}
    ~descriptor() { close(); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    void set(int fd) { fd_ = fd; }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

// Both ends close when another program starts; ours, the one at `ours`, does not block.
bool make_pipe(std::array<descriptor, 2>& ends, std::size_t ours) {
    std::array<int, 2> made;
    if (::pipe2(made.data(), O_CLOEXEC) != 0) return false;
    ends[0].set(made[0]);
    ends[1].set(made[1]);
    return ::fcntl(made[ours], F_SETFL, O_NONBLOCK) == 0;
}

// What the service manager says to this process is not for others.
std::vector<char*> environment_for_others() {
    std::vector<char*> kept;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const bool ours =
            std::ranges::any_of(std::array<std::string_view, 5>{"NOTIFY_SOCKET=", "LISTEN_", "WATCHDOG_",
                                                                "CREDENTIALS_DIRECTORY=", "INVOCATION_ID="},
                                [text](std::string_view name) { return text.starts_with(name); });
        if (!ours) kept.push_back(*entry);
    }
    kept.push_back(nullptr);
    return kept;
}

// 0 or an errno.
int spawn(const std::vector<std::string>& command, int input, int complaints, pid_t& child) {
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    auto environment = environment_for_others();

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, complaints, 2);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawn_file_actions_addchdir_np(&files, "/");

    // This process ignores and blocks some signals; a program expects none of that.
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

    const int failed = ::posix_spawn(&child, words[0], &files, &how, words.data(), environment.data());
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

enum class ending : std::uint8_t { by_itself, too_late, stopped };

// Feeds the program and reads what it complains of, until it has ended or must.
class attendance {
  public:
    attendance(int child, descriptor& input, descriptor& complaints, int stop, std::string_view left)
        : child_(child), input_(input), complaints_(complaints), stop_(stop), left_(left) {}

    ending wait(steady::time_point until) {
        for (;;) {
            if (left_.empty()) input_.close();  // it may wait for the end
            std::array<pollfd, 4> files{pollfd{child_, POLLIN, 0}, pollfd{stop_, POLLIN, 0},
                                        pollfd{input_.get(), POLLOUT, 0}, pollfd{complaints_.get(), POLLIN, 0}};
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
            if (left.count() <= 0) return ending::too_late;
            if (::poll(files.data(), files.size(), static_cast<int>(left.count())) <= 0) continue;
            if (files[2].revents != 0) feed();
            if (files[3].revents != 0) listen();
            if (files[0].revents != 0) return ending::by_itself;
            if (files[1].revents != 0) return ending::stopped;
        }
    }

    // The first line, cleaned.
    std::string complaint() {
        listen();
        const auto text = base::trim(heard_);
        return base::clean_line(text.substr(0, text.find('\n')));
    }

  private:
    void feed() {
        const auto fed = ::write(input_.get(), left_.data(), left_.size());
        if (fed < 0 && (errno == EAGAIN || errno == EINTR)) return;
        left_.remove_prefix(fed < 0 ? left_.size() : static_cast<std::size_t>(fed));  // it may not want all
    }

    // What is there; whatever is too much is thrown away, so that the program is not held up. Not for ever, when it
    // writes for ever.
    void listen() {
        std::array<char, 4096> chunk;
        for (int turn = 0; turn < 32 && complaints_.get() >= 0; ++turn) {
            const auto got = ::read(complaints_.get(), chunk.data(), chunk.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) return complaints_.close();
            const auto room = complaint_bytes_max - heard_.size();
            heard_.append(chunk.data(), std::min(static_cast<std::size_t>(got), room));
        }
    }

    int child_;
    descriptor& input_;
    descriptor& complaints_;
    int stop_;
    std::string_view left_;
    std::string heard_;
};

base::result<void> outcome_of(const std::string& program, int status, const std::string& complaint) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    const auto ended = WIFEXITED(status) ? fmt::format("ended with code {}", WEXITSTATUS(status))
                                         : fmt::format("was ended by signal {}", WTERMSIG(status));
    return fail("{} {}{}{}", program, ended, complaint.empty() ? "" : ": ", complaint);
}

}  // namespace

base::result<void> run_program(const std::vector<std::string>& command, std::string_view input,
                               std::chrono::milliseconds within, int stop) {
    if (command.empty() || !command[0].starts_with('/')) return fail("there is no program to run");
    const auto program = base::clean_line(command[0]);
    std::array<descriptor, 2> in;
    std::array<descriptor, 2> err;
    if (!make_pipe(in, 1) || !make_pipe(err, 0)) return fail("cannot run {}: {}", program, why(errno));
    pid_t child = 0;
    if (const int failed = spawn(command, in[0].get(), err[1].get(), child)) {
        return fail("cannot run {}: {}", program, why(failed));
    }
    in[0].close();
    err[1].close();

    // Not yet waited for, so the number is still the child's.
    const descriptor watched(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    auto ended = ending::stopped;
    const int watch_failed = watched.get() < 0 ? errno : 0;
    attendance attend(watched.get(), in[1], err[0], stop, input);
    if (watch_failed == 0) ended = attend.wait(steady::now() + within);
    if (ended != ending::by_itself) ::kill(-child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (watch_failed != 0) return fail("cannot run {}: {}", program, why(watch_failed));
    if (ended == ending::stopped) return fail("{} was stopped: the server is shutting down", program);
    if (ended == ending::too_late) {
        return fail("{} did not end within {} s and was killed", program,
                    std::chrono::duration_cast<std::chrono::seconds>(within).count());
    }
    return outcome_of(program, status, attend.complaint());
}

}  // namespace brusio::brusiod
