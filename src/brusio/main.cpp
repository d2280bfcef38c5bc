// The command line of brusio.
#include <fcntl.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <langinfo.h>
#include <pwd.h>

#include "brusio/stream_mode.hpp"
#include "brusio/terminal_mode.hpp"

namespace {

using namespace brusio;
using client::ending;
using client::exit_code;

constexpr const char* about =
    "brusio, a console client for a chat of brusiod\n"
    "\n"
    "Each line you type is a message; what the others say comes as \"name > text\" while you type.\n"
    "Without a target it goes to 127.0.0.1:1234. The port is 1234 when none is given; IPv6 addresses\n"
    "stand in brackets: [::1]:1234. A name may contain blanks and '@'; without one, brusio asks for it,\n"
    "or, when its input is not a terminal, takes $USER (else the log-in name).";

constexpr const char* more =
    "Ctrl-D or /quit leaves. Up and Down bring back earlier lines, Ctrl-R searches in them.\n"
    "With input from a pipe, each line is sent, then the sending side is closed and the server's end\n"
    "awaited. With output to a pipe, plain lines are written. NO_COLOR=1 turns the colours off.\n"
    "\n"
    "Exit codes:\n"
    "  0    you left, or all input was sent and the server closed without an explanation\n"
    "  1    no connection, the connection was lost, or the server closed while we were still talking\n"
    "  2    wrong usage\n"
    "  3    the server closed the connection and explained why (name taken, message too long, ...)\n"
    "  130  Ctrl-C (other signals: 128 + their number)";

struct command_line {
    std::optional<std::string> target;
    std::string ca;
    bool tls = false;
    bool raw = false;
    bool reconnect = false;
    bool plain = false;
};

// Descriptors 0 to 2 must be taken, or the connection would get one of their numbers.
void open_missing_streams() {
    for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = open("/dev/null", O_RDWR)) {
        if (fd > STDERR_FILENO) {
            close(fd);
            return;
        }
    }
}

void choose_locale() {
    std::setlocale(LC_ALL, "");
    if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::string login_name() {
    const char* user = std::getenv("USER");
    if (user != nullptr && *user != '\0') return user;
    const auto* entry = getpwuid(getuid());
    return entry == nullptr ? "" : entry->pw_name;
}

ending wrong_usage(std::string sentence) { return {exit_code::usage, std::move(sentence)}; }

ending run(const command_line& typed) {
    client::session_options options;
    if (typed.target) {
        auto where = client::parse_target(*typed.target);
        if (!where) return wrong_usage(where.error().text);
        options.where = std::move(*where);
    }
    if (!typed.ca.empty() && !typed.tls) return wrong_usage("--ca is of use with --tls only: add --tls");
    if (typed.tls && options.where.local()) return wrong_usage("--tls is for HOST[:PORT], not for a unix socket");
    if (typed.tls) {
        auto context = client::tls_context::make(typed.ca);
        if (!context) return wrong_usage(context.error().text);
        options.tls = std::move(*context);
    }
    options.reconnect = typed.reconnect;
    options.name = options.where.name.value_or("");

    const bool from_person = isatty(STDIN_FILENO) != 0;
    const bool to_person = isatty(STDOUT_FILENO) != 0;
    const client::line_style style{.raw = typed.raw, .colour = to_person && client::colours_wanted()};
    if (from_person && to_person) return client::run_terminal(std::move(options), style);
    if (options.name.empty() && from_person) {
        auto name = client::ask_name_simply();
        if (!name) return {};
        options.name = std::move(*name);
    }
    if (options.name.empty()) options.name = login_name();
    if (options.name.empty()) return wrong_usage("no name: write NAME@HOST");
    return client::run_stream(std::move(options), style);
}

}  // namespace

int main(int argc, char** argv) {
    open_missing_streams();
    choose_locale();
    command_line typed;
    CLI::App app(about);
    app.footer(more);
    app.set_version_flag("--version", "brusio " BRUSIO_VERSION, "Print the version and exit");
    app.add_option("target", typed.target, "[NAME@]HOST[:PORT], unix:PATH or NAME@unix:PATH")->option_text(" ");
    app.add_flag("--tls", typed.tls, "Encrypted; the server's certificate and name are verified");
    app.add_option("--ca", typed.ca, "Trust the authorities in this PEM file instead of the system's")
        ->option_text("FILE");
    app.add_flag("--raw", typed.raw, "Do not clean what others send: terminal escapes work, with all their dangers");
    app.add_flag("--reconnect", typed.reconnect, "After a lost connection, try again after 1, 2, 4 ... 30 seconds");
    app.add_flag("--plain", typed.plain, "The scrolling mode, which is the only one in this version");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        client::complain(std::string(error.what()) + ". See brusio --help");
        return static_cast<int>(exit_code::usage);
    }
    try {
        const auto end = run(typed);
        client::complain(end.sentence);
        return static_cast<int>(end.code);
    } catch (const std::exception& error) {
        client::complain(error.what());
        return static_cast<int>(exit_code::failed);
    }
}
