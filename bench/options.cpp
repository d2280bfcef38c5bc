#include "options.hpp"

#include <CLI/CLI.hpp>

#include "message_stream.hpp"

namespace brusio::bench {

int read_options(int argc, char** argv, load_options& options) {
    CLI::App app{"Loads a server of the frame protocol: one sender, many receivers. Prints one line of JSON."};
    std::string address;
    app.add_option("--connect", address, "HOST:PORT of the server")->required();
    app.add_option("--receivers", options.receivers, "clients that read everything")->capture_default_str();
    app.add_option("--stalled", options.stalled, "further clients that join and never read")->capture_default_str();
    app.add_option("--bytes", options.bytes, "length of a message")->capture_default_str();
    app.add_option("--in-flight", options.in_flight, "messages sent and not yet received by all")
        ->capture_default_str();
    app.add_option("--rate", options.rate, "messages a second instead of a window, for latency")->capture_default_str();
    app.add_option("--seconds", options.seconds, "how long to measure")->capture_default_str();
    app.add_option("--messages", options.messages, "how many to measure, instead of --seconds");
    app.add_option("--warmup", options.warmup, "seconds before, not measured")->capture_default_str();
    app.add_option("--fill", options.fill,
                   "bytes to each receiver before the warm-up, to fill the stalled ones' queues");
    app.add_option("--pid", options.pid, "the server's process, to read its CPU time and memory");
    app.add_flag("--idle", options.idle,
                 "join, print the memory per connection, hold until the end of stdin, then see who is still served");
    app.add_flag("--tls", options.tls, "speak TLS, without verifying (with --idle only)");
    try {
        app.parse(argc, argv);
        const auto colon = address.rfind(':');
        if (colon == std::string::npos) throw CLI::ValidationError("--connect", "needs HOST:PORT");
        options.host = address.substr(0, colon);
        options.port = address.substr(colon + 1);
        if (options.tls && !options.idle) throw CLI::ValidationError("--tls", "works with --idle only");
        if (options.receivers == 0 || options.in_flight == 0) {
            throw CLI::ValidationError("--receivers, --in-flight", "must be at least 1");
        }
        if (options.in_flight > message_stream::slots) {
            throw CLI::ValidationError("--in-flight", fmt::format("can be at most {}", message_stream::slots));
        }
        if (options.bytes < message_stream::body_bytes_min || options.bytes > 65536) {
            throw CLI::ValidationError("--bytes", fmt::format("from {} to 65536", message_stream::body_bytes_min));
        }
    } catch (const CLI::ParseError& e) {
        return app.exit(e);
    }
    return -1;
}

}  // namespace brusio::bench
