#include "irc_fanout.hpp"

#include <algorithm>

#include "process_figures.hpp"

namespace brusio::bench {
namespace {

constexpr std::string_view channel = "#bench";
constexpr std::int64_t second_ns = 1'000'000'000;

}  // namespace

irc_fanout::irc_fanout(const irc_options& options, client_factory& factory)
    : options_(options),
      crowd_(factory),
      stream_(channel, options.bytes),
      next_(options.receivers),
      received_by_(irc_stream::slots) {}

base::result<void> irc_fanout::run() {
    if (auto done = log_in(); !done) return done;
    if (auto done = send_for(options_.warmup, options_.in_flight); !done) return done;
    if (auto done = measure(); !done) return done;
    // One more message, not measured: what came twice at the very end stands before it and is found out.
    if (auto done = send_one(); !done) return done;
    return drain(1);
}

base::result<void> irc_fanout::log_in() {
    std::vector<irc_plan> plans;
    plans.reserve(std::size_t{options_.receivers} + 1);
    for (std::uint32_t i = 0; i < options_.receivers; ++i) {
        plans.push_back({.nick = fmt::format("reader{}", i),
                         .channel = std::string(channel),
                         .capability_set = options_.capability_sets == 0 ? -1 : int(i % options_.capability_sets)});
    }
    plans.push_back({.nick = "load-sender", .channel = std::string(channel)});
    if (auto done = crowd_.log_in(plans, options_.unfinished); !done) return done;
    // What is left of the JOINs is read before the first message: each receiver gets this one after them.
    if (auto done = send_one(); !done) return done;
    return drain(1);
}

base::result<void> irc_fanout::send_one() {
    received_by_[stream_.made() % irc_stream::slots] = 0;
    return crowd_.send(options_.receivers, stream_.make(now_ns()));
}

// Returns when fewer than `in_flight` messages are on their way.
base::result<void> irc_fanout::drain(std::uint64_t in_flight) {
    while (stream_.made() - completed_ >= in_flight) {
        auto done =
            crowd_.turn(second_ns, [this](std::uint32_t number, std::string_view line) { return take(number, line); });
        if (!done) return done;
        while (completed_ < stream_.made() && received_by_[completed_ % irc_stream::slots] == options_.receivers) {
            ++completed_;
        }
        if (now_ns() - std::max(crowd_.read_time(), stream_.time_of(stream_.made() - 1)) > irc_patience_ns) {
            const auto behind = std::ranges::count_if(next_, [this](std::uint64_t n) { return n < stream_.made(); });
            return base::fail("nothing came for 20 s; {} of {} receivers miss something", behind, next_.size());
        }
    }
    return {};
}

base::result<void> irc_fanout::send_for(double seconds, std::uint64_t in_flight) {
    const auto end = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    while (now_ns() < end) {
        std::string lines;  // all that the window allows, in one write
        while (stream_.made() - completed_ < in_flight) {
            received_by_[stream_.made() % irc_stream::slots] = 0;
            lines += stream_.make(now_ns());
        }
        if (auto done = crowd_.send(options_.receivers, lines); !done) return done;
        if (auto done = drain(in_flight); !done) return done;
    }
    return drain(1);
}

base::result<void> irc_fanout::take(std::uint32_t number, std::string_view line) {
    if (number < options_.receivers) {
        auto& next = next_[number];
        if (stream_.delivers(line, next)) {
            ++received_by_[next % irc_stream::slots];
            if (measuring_) latency_.record(crowd_.read_time() - stream_.time_of(next));
            ++next;
            return {};
        }
    }
    // The sender asked for no echo.
    if (line.contains(stream_.marker())) {
        return base::fail("client {} got something else than it was to get: \"{}\"", number, shown(line));
    }
    if (auto done = crowd_.usual(number, line); !done) return std::unexpected(done.error());
    return {};
}

base::result<void> irc_fanout::measure() {
    const int pid = options_.server.pid;
    const auto server_cpu = [&] { return pid > 0 ? cpu_nanoseconds(pid) : std::int64_t{0}; };
    const auto first = stream_.made();
    const auto cpu_before = server_cpu();
    if (!cpu_before) return std::unexpected(cpu_before.error());
    const auto own_before = own_cpu_ns();
    const auto begin = now_ns();
    measuring_ = true;
    if (auto done = send_for(options_.seconds, options_.in_flight); !done) return done;
    measuring_ = false;
    const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
    const auto own = own_cpu_ns() - own_before;
    const auto cpu_after = server_cpu();
    if (!cpu_after) return std::unexpected(cpu_after.error());
    const auto deliveries = (stream_.made() - first) * options_.receivers;
    if (latency_.count() != deliveries) {
        return base::fail("{} deliveries were to come and {} were counted", deliveries, latency_.count());
    }
    const auto each_us = [&](std::int64_t ns) {
        return static_cast<double>(ns) / 1e3 / static_cast<double>(deliveries);
    };
    const auto us = [&](double part) { return static_cast<double>(latency_.quantile(part)) / 1e3; };
    fmt::print(
        "{{\"mode\":\"irc-fanout\",\"receivers\":{},\"stalled\":0,\"bytes\":{},\"in_flight\":{},\"capability_sets\":{},"
        "\"missing\":\"{}\",\"deliveries\":{},\"seconds\":{:.3f},\"deliveries_per_second\":{:.0f},"
        "\"server_cpu_us\":{:.4f},\"load_cpu_us\":{:.4f},\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f}}}\n",
        options_.receivers, options_.bytes, options_.in_flight, options_.capability_sets, crowd_.missing_capabilities(),
        deliveries, seconds, static_cast<double>(deliveries) / seconds, each_us(*cpu_after - *cpu_before), each_us(own),
        us(0.5), us(0.99), static_cast<double>(latency_.max()) / 1e3);
    return {};
}

}  // namespace brusio::bench
