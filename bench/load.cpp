// brusio-load: puts a server of the frame protocol under load and measures it. What the options mean: brusio-load
// --help; what the figures mean: docs/performance.md. Exit codes: 0 measured, 1 failed (one sentence on stderr), 2
// wrong usage.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "broadcast_run.hpp"
#include "client_socket.hpp"
#include "idle_run.hpp"
#include "options.hpp"

namespace brusio::bench {
namespace {

void print(const load_options& options, const broadcast_figures& f) {
    const auto deliveries = static_cast<double>(f.deliveries);
    const auto each_us = [&](std::int64_t ns) {
        return deliveries > 0 ? static_cast<double>(ns) / 1e3 / deliveries : 0.0;
    };
    const auto us = [&](double part) { return static_cast<double>(f.latency.quantile(part)) / 1e3; };
    fmt::print(
        "{{\"mode\":\"broadcast\",\"receivers\":{},\"stalled\":{},\"bytes\":{},\"in_flight\":{},\"rate\":{},"
        "\"messages\":{},"
        "\"deliveries\":{},\"seconds\":{:.3f},\"deliveries_per_second\":{:.0f},\"server_cpu_us\":{:.4f},"
        "\"load_cpu_us\":{:.4f},\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f},\"sent_late_us\":{:.1f},"
        "\"server_rss\":{},\"server_files\":{}}}\n",
        options.receivers, options.stalled, options.bytes, options.rate > 0 ? 0 : options.in_flight, options.rate,
        f.messages, f.deliveries, f.seconds, deliveries / f.seconds, each_us(f.server_cpu_ns), each_us(f.load_cpu_ns),
        us(0.5), us(0.99), static_cast<double>(f.latency.max()) / 1e3, static_cast<double>(f.late_ns) / 1e3,
        f.server_rss, f.server_files);
}

base::result<void> load(const load_options& options) {
    auto factory = client_factory::create(options);
    if (!factory) return std::unexpected(factory.error());
    if (options.idle) return run_idle(options, *factory);
    broadcast_run run(options, *factory);
    const auto figures = run.run();
    if (!figures) return std::unexpected(figures.error());
    print(options, *figures);
    return {};
}

}  // namespace
}  // namespace brusio::bench

int main(int argc, char** argv) {
    brusio::bench::load_options options;
    if (const int code = brusio::bench::read_options(argc, argv, options); code >= 0) return code == 0 ? 0 : 2;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    ::prctl(PR_SET_TIMERSLACK, 1);  // messages at a rate are to be sent on time
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    if (auto done = brusio::bench::load(options); !done) {
        fmt::print(stderr, "brusio-load: {}\n", done.error().text);
        return 1;
    }
    return 0;
}
