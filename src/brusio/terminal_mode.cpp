#include "brusio/terminal_mode.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/text.hpp"
#include "brusio/signals.hpp"
#include "brusio/terminal.hpp"

namespace brusio::client {
namespace {

class terminal_run : public session_view {
  public:
    terminal_run(session_options options, line_style style) : options_(std::move(options)), style_(style) {}
    ending run();

  private:
    void on_connected() override;
    void on_pair(const pair& message) override { terminal_.show(render(message, style_)); }
    void on_notice(const std::string& sentence) override { notice(sentence); }

    void notice(std::string_view sentence) { terminal_.show(fmt::format("-- {}\n", sentence)); }
    bool over() const { return killed_ || (session_ && session_->ended()); }
    // Waits for one thing and does it; true: stdin is readable.
    bool step(bool with_keys);
    void on_signals();
    terminal::wake wait_for_key();
    bool ask_name();
    void talk();
    void say(const std::string& line);

    session_options options_;
    line_style style_;
    signal_pipe signals_{SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
    terminal terminal_;
    terminal::waiter waiter_ = [this] { return wait_for_key(); };
    std::optional<session> session_;
    std::optional<int> killed_;  // the signal that ends us
    bool greeted_ = false;
};

void terminal_run::on_connected() {
    notice(fmt::format("connected to {} as {}{}", describe(options_.where), shown_name(options_.name),
                       greeted_ ? "" : ". /help for help, Ctrl-D leaves"));
    greeted_ = true;
}

void terminal_run::on_signals() {
    while (const auto number = signals_.next()) {
        if (*number == SIGWINCH) {
            terminal_.resized();
        } else if (*number == SIGTSTP) {
            terminal_.suspend();
        } else {
            killed_ = number;
        }
    }
}

bool terminal_run::step(bool with_keys) {
    enum { signal_at, server_at, key_at };
    pollfd fds[] = {{signals_.fd(), POLLIN, 0},
                    {session_ ? session_->fd() : -1, session_ ? session_->events() : short{0}, 0},
                    {with_keys ? STDIN_FILENO : -1, POLLIN, 0}};
    const int ready =
        poll(fds, std::size(fds), poll_timeout(clock::now(), {session_ ? session_->deadline() : std::nullopt}));
    if (ready < 0) fds[key_at].revents = 0;
    on_signals();
    if (session_ && !killed_) session_->advance(clock::now());
    terminal_.flush();
    return fds[key_at].revents != 0;
}

terminal::wake terminal_run::wait_for_key() {
    for (;;) {
        const bool key = step(true);
        if (killed_) return terminal::wake::keep;
        if (over()) return terminal::wake::erase;
        if (key) return terminal::wake::key;
    }
}

bool terminal_run::ask_name() {
    while (options_.name.empty()) {
        const auto typed = terminal_.read_line("Username: ", "", 0, waiter_);
        if (typed.what != terminal::typed::kind::line) return false;
        options_.name = base::trim(typed.text);
    }
    return true;
}

void terminal_run::say(const std::string& line) {
    if (line.empty()) return;
    terminal_.remember(line);
    if (!session_->connected()) {
        notice("not connected: this was not sent");
        if (is_quit(line)) session_->leave(clock::now());
        return;
    }
    session_->say(line);
    if (is_quit(line)) session_->leave(clock::now());
}

void terminal_run::talk() {
    const auto own = shown_name(options_.name);
    const int colour = style_.colour ? colour_of(options_.name) : 0;
    bool leaving = false;
    while (!over() && !leaving) {
        const auto typed = terminal_.read_line(own, " > ", colour, waiter_);
        if (typed.what == terminal::typed::kind::stopped) return;
        if (typed.what == terminal::typed::kind::line) say(typed.text);
        leaving = typed.what == terminal::typed::kind::end_of_input || is_quit(typed.text);
    }
    if (leaving) session_->leave(clock::now());
}

ending terminal_run::run() {
    if (ask_name()) {
        session_.emplace(options_, *this, clock::now());
        while (!over() && !session_->connected()) step(false);
        if (!over()) talk();
        while (!over()) step(false);
        terminal_.flush();
    }
    if (killed_) return {static_cast<exit_code>(128 + *killed_), {}};
    return session_ ? *session_->ended() : ending{};
}

}  // namespace

ending run_terminal(session_options options, line_style style) { return terminal_run(std::move(options), style).run(); }

}  // namespace brusio::client
