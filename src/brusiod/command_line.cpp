#include "brusiod/command_line.hpp"

#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

// By hand, because what a person needs most (the example, signals, exit codes) is not in a list of options.
constexpr std::string_view help = R"(Usage: brusiod [OPTION]...

The brusio chat server. With no option it works at once, on this machine only:
it speaks the frame protocol on 127.0.0.1:1234, and IRC on 127.0.0.1:6667.

Options:
  --config FILE          read the configuration from FILE (TOML)
  --listen DOOR=ADDRESS  listen here, instead of on the default and the
                         configured addresses; may be given many times.
                         DOOR is frame or irc; ADDRESS is 127.0.0.1:1234,
                         [::1]:1234 or unix:/path; port 0 lets the system
                         choose one (for TLS, write it into the file)
  --data DIR             keep data in DIR (default: $XDG_STATE_HOME/brusio,
                         or ~/.local/state/brusio)
  --check-config         only say whether the configuration is right
  --hash-password        ask for a password (or read a line of standard
                         input), print its hash for the configuration, end
  --log-messages         log the text of every message
  --version              print the version
  -h, --help             print this help

Signals:
  TERM, INT  stop accepting, deliver what is queued for up to 5 seconds, and
             end; a second one ends at once
  HUP        read the configuration and the certificates again; when they are
             wrong, go on with the old ones

Exit codes:
  0  ended as asked
  1  could not start or go on: an address in use, no permission, a wrong
     certificate
  2  the command line or the configuration is wrong

Example:
  brusiod --listen irc=0.0.0.0:6667 --listen frame=unix:/run/brusio.sock
)";

constexpr std::array<std::string_view, 9> options = {
    "--config",  "--listen", "--data", "--check-config", "--hash-password", "--log-messages",
    "--version", "--help",   "-h",
};

print_and_exit usage_error(std::string_view sentence) {
    return {fmt::format("brusiod: {}; see brusiod --help\n", sentence), exit_usage};
}

print_and_exit unexpected_argument(const std::string& argument) {
    const auto shown = base::clean_line(argument);
    if (!argument.starts_with('-')) return usage_error(fmt::format("unexpected argument \"{}\"", shown));
    const auto word = argument.substr(0, argument.find('='));
    const auto near = word.size() > 64 ? std::string_view() : base::nearest(word, options);
    return usage_error(fmt::format("unknown option {}", base::clean_line(word)) +
                       (near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

// CLI11's sentence begins with the option's name, a flag's without its dashes; the rest speaks of "TEXT" and
// "overrides".
print_and_exit wrong_value(std::string_view told) {
    const auto name = told.substr(0, told.find_first_of(": "));
    if (name.starts_with("--")) return usage_error(fmt::format("{} needs a value", name));
    return usage_error(fmt::format("--{} takes no value", name));
}

}  // namespace

std::string version_text() { return "brusiod " BRUSIO_VERSION; }

command_line parse_command_line(std::vector<std::string> arguments) {
    CLI::App app;
    std::vector<std::string> config;
    std::vector<std::string> listen;
    std::vector<std::string> data;
    run_options run;
    app.allow_extras();  // so that we can say what was meant
    app.set_help_flag("-h,--help");
    app.set_version_flag("--version", version_text());
    // One value for each option, so that a second --config is seen and a listener in brackets is not taken for a list.
    for (auto [name, values] : {std::pair{"--config", &config}, {"--listen", &listen}, {"--data", &data}}) {
        app.add_option(name, *values)->allow_extra_args(false);
    }
    app.add_flag("--check-config", run.check_config)->disable_flag_override();
    app.add_flag("--hash-password", run.hash_password)->disable_flag_override();
    app.add_flag("--log-messages", run.from.log_messages)->disable_flag_override();

    const bool alone = arguments.size() == 1;
    std::ranges::reverse(arguments);  // CLI11 reads them from the back
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        return print_and_exit{std::string(help), exit_ended};
    } catch (const CLI::CallForVersion&) {
        return print_and_exit{version_text() + "\n", exit_ended};
    } catch (const CLI::ArgumentMismatch& e) {
        return wrong_value(e.what());
    } catch (const CLI::ParseError& e) {
        return usage_error(base::clean_line(e.what()));
    }
    if (const auto rest = app.remaining(); !rest.empty()) return unexpected_argument(rest.front());

    if (run.hash_password && !alone) return usage_error("--hash-password goes with no other option");

    for (const auto& [name, values] : {std::pair{"--config", &config}, {"--data", &data}}) {
        if (values->size() > 1) return usage_error(fmt::format("{} can be given only once", name));
        // A forgotten value swallows the next option.
        if (!values->empty() && (values->front().empty() || values->front().starts_with("--"))) {
            return usage_error(fmt::format("{} needs a value", name));
        }
    }
    if (!config.empty()) run.from.file = config.front();
    if (!data.empty()) run.from.data = data.front();
    for (const auto& text : listen) {
        auto l = parse_listener(text);
        if (!l) return usage_error("--listen: " + l.error().text);
        run.from.listeners.push_back(std::move(*l));
    }
    return run;
}

}  // namespace brusio::brusiod
