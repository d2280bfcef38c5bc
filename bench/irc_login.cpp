#include "irc_login.hpp"

#include <vector>

#include "irc_crowd.hpp"
#include "process_figures.hpp"

namespace brusio::bench {

base::result<void> run_irc_login(const irc_options& options, client_factory& factory) {
    const int pid = options.server.pid;
    irc_crowd crowd(factory);
    const std::vector<irc_plan> first{{.nick = "first", .channel = "#first"}};
    if (auto done = crowd.log_in(first, 1); !done) return done;
    const auto memory_before = settled_memory(pid);
    if (!memory_before) return std::unexpected(memory_before.error());

    std::vector<irc_plan> plans;
    plans.reserve(options.clients);
    for (std::uint32_t i = 0; i < options.clients; ++i) {
        plans.push_back({.nick = fmt::format("idle{}", i), .channel = fmt::format("#room{}", i % options.channels)});
    }
    const auto server_cpu = [&] { return pid > 0 ? cpu_nanoseconds(pid) : std::int64_t{0}; };
    const auto cpu_before = server_cpu();
    const auto own_before = own_cpu_ns();
    const auto begin = now_ns();
    if (auto done = crowd.log_in(plans, options.unfinished); !done) return done;
    const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
    const auto own = own_cpu_ns() - own_before;
    const auto cpu_after = server_cpu();
    if (!cpu_before) return std::unexpected(cpu_before.error());
    if (!cpu_after) return std::unexpected(cpu_after.error());
    const auto memory_after = settled_memory(pid);
    if (!memory_after) return std::unexpected(memory_after.error());

    const auto n = std::int64_t{options.clients};
    const auto each_us = [&](std::int64_t ns) { return static_cast<double>(ns) / 1e3 / static_cast<double>(n); };
    fmt::print(
        "{{\"mode\":\"irc-login\",\"clients\":{},\"channels\":{},\"seconds\":{:.2f},\"server_cpu_us\":{:.3f},"
        "\"load_cpu_us\":{:.3f},\"server_rss\":{},\"rss_per_user\":{},\"pss_per_user\":{}}}\n",
        options.clients, options.channels, seconds, each_us(*cpu_after - *cpu_before), each_us(own), memory_after->rss,
        (memory_after->rss - memory_before->rss) / n, (memory_after->pss - memory_before->pss) / n);
    return {};
}

}  // namespace brusio::bench
