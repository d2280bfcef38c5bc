#include "brusiod/command_line.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <span>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace brusio::brusiod {
namespace {

// By hand, because what a person needs most (the example, signals, exit codes) is not in a list of options.
constexpr std::string_view help = R"(Usage: brusiod [OPTION]...
       brusiod COMMAND [--config FILE] [--data DIR]

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

Commands, for the server that runs on the same data, or for its files when none
runs; a password is asked for, or is a line of standard input:
  account add NAME       make an account:    brusiod account add anna
  account passwd NAME    set its password:   brusiod account passwd anna <file
  account suspend NAME [REASON]
                         keep it out:        brusiod account suspend anna spam
  account unsuspend NAME let it in again:    brusiod account unsuspend anna
  account drop NAME      delete it; what it said stays until it is erased
  account list [MASK]    print accounts:     brusiod account list 'a*'
  data export ACCOUNT    print all it said:  brusiod data export anna >anna.out
  data erase ACCOUNT     erase all it said, after asking for the name again, or
                         with --yes:         brusiod data erase anna
                         --dropped: of accounts of that name that were dropped
  backup FILE            copy everything:    brusiod backup /backup/brusio.db

Signals:
  TERM, INT  stop accepting, deliver what is queued for up to 5 seconds, and
             end; a second one ends at once
  HUP        read the configuration and the certificates again; when they are
             wrong, go on with the old ones

Exit codes:
  0  ended as asked
  1  could not start or go on: an address in use, no permission, a wrong
     certificate; a command was refused
  2  the command line or the configuration is wrong

Example:
  brusiod --listen irc=0.0.0.0:6667 --listen frame=unix:/run/brusio.sock
)";

constexpr std::array<std::string_view, 11> options = {
    "--config",  "--listen", "--data", "--check-config", "--hash-password", "--log-messages",
    "--version", "--help",   "-h",     "--yes",          "--dropped",
};

// What may be typed as a command. `needs` is what its one word is called in --help.
struct command_row {
    std::string_view name;
    std::string_view needs;
    bool optional = false;  // the word may be left out
    bool reason = false;    // more words may follow
};
constexpr command_row commands[] = {
    {"account add", "NAME"},       {"account passwd", "NAME"}, {"account suspend", "NAME", false, true},
    {"account unsuspend", "NAME"}, {"account drop", "NAME"},   {"account list", "MASK", true},
    {"data export", "ACCOUNT"},    {"data erase", "ACCOUNT"},  {"backup", "FILE"},
};

constexpr std::string_view yes_goes_with = "--yes only goes with account drop and data erase";
bool asks_again(std::string_view name) { return name == "account drop" || name == "data erase"; }

print_and_exit usage_error(std::string_view sentence) {
    return {fmt::format("brusiod: {}; see brusiod --help\n", sentence), exit_usage};
}

std::string_view near_word(std::string_view word, std::span<const std::string_view> known) {
    return word.size() > 64 ? "" : base::nearest(word, known);  // comparing long ones takes long
}

std::string with_guess(std::string sentence, std::string_view near) {
    return near.empty() ? sentence : fmt::format("{}; did you mean {}?", sentence, near);
}

print_and_exit unknown_option(const std::string& argument) {
    const auto word = argument.substr(0, argument.find('='));
    return usage_error(with_guess(fmt::format("unknown option {}", base::clean_line(word)), near_word(word, options)));
}

print_and_exit unexpected_argument(const std::string& argument) {
    return usage_error(fmt::format("unexpected argument \"{}\"", base::clean_line(argument)));
}

print_and_exit unknown_command(const std::vector<std::string>& words) {
    const auto group_of = [](const command_row& row) { return row.name.substr(0, row.name.find(' ')); };
    std::vector<std::string_view> groups;
    std::vector<std::string_view> verbs;  // of the group that was typed
    for (const auto& row : commands) {
        if (groups.empty() || groups.back() != group_of(row)) groups.push_back(group_of(row));
        if (group_of(row) == words[0]) verbs.push_back(row.name.substr(words[0].size() + 1));
    }
    if (verbs.empty()) {
        const auto near = near_word(words[0], groups);
        if (near.empty()) return unexpected_argument(words[0]);
        return usage_error(with_guess(fmt::format("unknown command \"{}\"", base::clean_line(words[0])), near));
    }
    if (words.size() == 1) return usage_error(fmt::format("{} what? {}", words[0], fmt::join(verbs, ", ")));
    const auto near = near_word(words[1], verbs);
    const auto sentence = fmt::format("unknown command \"{} {}\"", words[0], base::clean_line(words[1]));
    if (near.empty()) return usage_error(fmt::format("{}; there are {}", sentence, fmt::join(verbs, ", ")));
    return usage_error(with_guess(sentence, fmt::format("{} {}", words[0], near)));
}

// `words` are not empty.
command_line command_of(admin_options admin, std::vector<std::string> words) {
    const auto typed = [&words](const command_row& row) {
        const auto blank = row.name.find(' ');
        if (blank == std::string_view::npos) return words[0] == row.name;
        return words.size() > 1 && words[0] == row.name.substr(0, blank) && words[1] == row.name.substr(blank + 1);
    };
    const auto* const row = std::ranges::find_if(commands, typed);
    if (row == std::end(commands)) return unknown_command(words);
    const std::size_t before = row->name.find(' ') == std::string_view::npos ? 1 : 2;
    const bool given = words.size() > before && !words[before].empty();
    if (!given && (!row->optional || words.size() > before)) {
        return usage_error(fmt::format("{0} needs its {1}: brusiod {0} {1}", row->name, row->needs));
    }
    if (words.size() > before + 1 && !row->reason) return unexpected_argument(words[before + 1]);
    if (admin.yes && !asks_again(row->name)) return usage_error(yes_goes_with);
    if (admin.dropped && !row->name.starts_with("data ")) {
        return usage_error("--dropped only goes with data export and data erase");
    }
    admin.words.assign(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), before + 1)));
    if (words.size() > before + 1) {
        admin.words.push_back(
            fmt::format("{}", fmt::join(words.begin() + static_cast<std::ptrdiff_t>(before) + 1, words.end(), " ")));
    }
    if (admin.dropped) admin.words.emplace_back("dropped");
    return admin;
}

// The words that are no options. What stands after "--" is none, whatever it begins with.
std::expected<std::vector<std::string>, print_and_exit> words_of(const std::vector<std::string>& rest) {
    std::vector<std::string> words;
    bool only_words = false;
    for (const auto& argument : rest) {
        if (!only_words && argument == "--") {
            only_words = true;
        } else if (!only_words && argument.size() > 1 && argument.starts_with('-')) {
            return std::unexpected(unknown_option(argument));
        } else {
            words.push_back(argument);
        }
    }
    return words;
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
    bool yes = false;
    bool dropped = false;
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
    app.add_flag("--yes", yes)->disable_flag_override();
    app.add_flag("--dropped", dropped)->disable_flag_override();

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
    auto words = words_of(app.remaining());
    if (!words) return words.error();
    if (run.hash_password && !alone) {
        if (!words->empty()) return unexpected_argument(words->front());
        return usage_error("--hash-password goes with no other option");
    }

    for (const auto& [name, values] : {std::pair{"--config", &config}, {"--data", &data}}) {
        if (values->size() > 1) return usage_error(fmt::format("{} can be given only once", name));
        // A forgotten value swallows the next option.
        if (!values->empty() && (values->front().empty() || values->front().starts_with("--"))) {
            return usage_error(fmt::format("{} needs a value", name));
        }
    }
    if (!config.empty()) run.from.file = config.front();
    if (!data.empty()) run.from.data = data.front();
    if (!words->empty()) {
        auto command = command_of({.from = run.from, .words = {}, .yes = yes, .dropped = dropped}, std::move(*words));
        const bool other = run.check_config || run.from.log_messages || !listen.empty();
        if (std::holds_alternative<admin_options>(command) && other) {
            return usage_error("only --config and --data go with a command");
        }
        return command;
    }
    if (yes) return usage_error(yes_goes_with);
    if (dropped) return usage_error("--dropped only goes with data export and data erase");
    for (const auto& text : listen) {
        auto l = parse_listener(text);
        if (!l) return usage_error("--listen: " + l.error().text);
        run.from.listeners.push_back(std::move(*l));
    }
    return run;
}

}  // namespace brusio::brusiod
