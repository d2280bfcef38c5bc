#include "irc_options.hpp"

#include <CLI/CLI.hpp>

#include "irc_capabilities.hpp"
#include "irc_stream.hpp"

namespace brusio::bench {
namespace {

void add_modes(CLI::App& app, irc_options& o) {
    const auto positive = CLI::PositiveNumber;
    auto* fanout = app.add_subcommand("fanout", "one sender, many receivers in one channel: CPU per delivery");
    fanout->add_option("--receivers", o.receivers, "clients in the channel")->capture_default_str()->check(positive);
    fanout->add_option("--in-flight", o.in_flight, "messages sent and not yet received by all")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, irc_stream::slots));
    fanout->add_option("--bytes", o.bytes, "length of a message's text")
        ->capture_default_str()
        ->check(CLI::Range(irc_stream::text_bytes_min, std::size_t{400}));
    fanout->add_option("--seconds", o.seconds, "how long to measure")->capture_default_str();
    fanout->add_option("--warmup", o.warmup, "seconds before, not measured")->capture_default_str();
    fanout
        ->add_option("--capability-sets", o.capability_sets,
                     "give the receivers the first so many of ten sets of capabilities, in turn; 1: all of them "
                     "everything; 0: nothing is negotiated")
        ->capture_default_str()
        ->check(CLI::Range(0U, capability_sets_max));
    fanout->callback([&o] { o.mode = irc_mode::fanout; });

    auto* login = app.add_subcommand("login", "log-ins, each with one JOIN: CPU and memory of each");
    login->add_option("--clients", o.clients, "how many")->capture_default_str()->check(positive);
    login->add_option("--channels", o.channels, "over so many channels")->capture_default_str()->check(positive);
    login->callback([&o] { o.mode = irc_mode::login; });

    auto* storm =
        app.add_subcommand("storm", "many JOINs at once, and how long a pair elsewhere waits for its messages");
    storm->add_option("--clients", o.joiners, "how many join")->capture_default_str()->check(positive);
    storm->add_option("--rounds", o.rounds, "storms, each into a new channel")->capture_default_str()->check(positive);
    storm->add_option("--rate", o.rate, "messages a second, of each of the pair")
        ->capture_default_str()
        ->check(positive);
    storm->add_option("--quiet", o.quiet, "seconds in which only the pair talks, before")->capture_default_str();
    storm->callback([&o] { o.mode = irc_mode::storm; });

    auto* durable = app.add_subcommand("durable",
                                       "senders with one message in flight each, two by two in channels: "
                                       "echoes a second");
    durable->add_option("--clients", o.clients, "senders")->check(positive);
    durable->add_option("--bytes", o.bytes, "length of a message's text, about")->capture_default_str();
    durable->add_option("--seconds", o.seconds, "how long to measure")->capture_default_str();
    durable->add_option("--warmup", o.warmup, "seconds before, not measured")->capture_default_str();
    durable->callback([&o] { o.mode = irc_mode::durable; });
}

}  // namespace

int read_options(int argc, char** argv, irc_options& options) {
    CLI::App app{"Loads a server of IRC with clients of its own and measures it. Prints one line of JSON."};
    std::string address;
    app.add_option("--connect", address, "HOST:PORT of the server")->required();
    app.add_option("--pid", options.server.pid, "the server's process, to read its CPU time and memory");
    app.add_option("--unfinished", options.unfinished, "so many log-ins on their way at once")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.require_subcommand(1);
    app.fallthrough();
    add_modes(app, options);
    try {
        app.parse(argc, argv);
        const auto colon = address.rfind(':');
        if (colon == std::string::npos) throw CLI::ValidationError("--connect", "needs HOST:PORT");
        options.server.host = address.substr(0, colon);
        options.server.port = address.substr(colon + 1);
    } catch (const CLI::ParseError& e) {
        return app.exit(e);
    }
    return -1;
}

}  // namespace brusio::bench
