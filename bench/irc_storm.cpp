#include "irc_storm.hpp"

#include <charconv>
#include <vector>

#include "irc_crowd.hpp"
#include "irc_pair.hpp"
#include "process_figures.hpp"

namespace brusio::bench {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

class storm_run {
  public:
    storm_run(const irc_options& options, client_factory& factory)
        : options_(options), crowd_(factory), pair_(factory, options.rate) {}

    base::result<void> run();

  private:
    base::result<void> log_in();
    base::result<void> wait(double seconds);
    base::result<void> one_storm(std::uint32_t round);
    base::result<void> take(std::uint32_t number, std::string_view line);
    base::result<void> ask_server_times();
    void print(double seconds, std::int64_t cpu_ns, std::int64_t own_ns) const;

    const irc_options& options_;
    irc_crowd crowd_;
    irc_pair pair_;
    std::string channel_;      // of this round
    std::uint64_t joins_ = 0;  // JOINs of this round that anybody has seen
    std::uint32_t named_ = 0;  // clients that have all the names
    // What the server says of itself (STATS t), if it can: from a command read to its bytes written.
    bool asking_ = false;
    std::int64_t server_p99_us_ = -1;
};

base::result<void> storm_run::log_in() {
    if (auto done = pair_.log_in(); !done) return done;
    std::vector<irc_plan> plans;
    plans.reserve(options_.joiners);
    for (std::uint32_t i = 0; i < options_.joiners; ++i) plans.push_back({.nick = fmt::format("joiner{}", i)});
    return crowd_.log_in(plans, options_.unfinished);
}

base::result<void> storm_run::take(std::uint32_t number, std::string_view line) {
    auto body = line;
    while (body.ends_with('\n') || body.ends_with('\r')) body.remove_suffix(1);
    if (body.ends_with(channel_) && split_line(body).command == "JOIN") {
        ++joins_;
        return {};
    }
    const auto parts = crowd_.usual(number, line);
    if (!parts) return std::unexpected(parts.error());
    if (parts->command == "366") ++named_;
    if (parts->command == "219") asking_ = false;
    if (const auto at = line.find("p99 "); parts->command == "249" && at != std::string_view::npos) {
        std::from_chars(line.data() + at + 4, line.data() + line.size(), server_p99_us_);
    }
    if (asking_ && parts->command.starts_with('4')) {
        asking_ = false;  // it has no such figures, or not for everybody
        return {};
    }
    if (parts->command.starts_with('4')) {
        return base::fail("joiner {} was told: \"{}\"", number, shown(line));
    }
    return {};
}

base::result<void> storm_run::wait(double seconds) {
    const auto end = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    for (auto now = now_ns(); now < end; now = now_ns()) {
        auto done = crowd_.turn(end - now, [this](std::uint32_t n, std::string_view line) { return take(n, line); });
        if (!done) return done;
    }
    return {};
}

// The answer begins the server's count anew.
base::result<void> storm_run::ask_server_times() {
    asking_ = true;
    if (auto done = crowd_.send(0, "STATS t\r\n"); !done) return done;
    const auto end = now_ns() + 5 * second_ns;
    while (asking_ && now_ns() < end) {
        auto done = crowd_.turn(second_ns, [this](std::uint32_t n, std::string_view line) { return take(n, line); });
        if (!done) return done;
    }
    return {};
}

// Who joins as the k-th of n sees n - k + 1 JOINs, its own among them.
base::result<void> storm_run::one_storm(std::uint32_t round) {
    channel_ = fmt::format("#storm{}", round);
    joins_ = 0;
    named_ = 0;
    const auto n = std::uint64_t{options_.joiners};
    const auto all_joins = n * (n + 1) / 2;
    const auto command = fmt::format("JOIN {}\r\n", channel_);
    for (std::uint32_t i = 0; i < options_.joiners; ++i) {
        if (auto done = crowd_.send(i, command); !done) return done;
    }
    const auto begin = now_ns();
    while (joins_ < all_joins || named_ < n) {
        auto done = crowd_.turn(second_ns, [this](std::uint32_t c, std::string_view line) { return take(c, line); });
        if (!done) return done;
        if (now_ns() - std::max(begin, crowd_.read_time()) > irc_patience_ns) {
            return base::fail("nothing came for 20 s; {} of {} JOINs were seen, {} of {} clients have the names",
                              joins_, all_joins, named_, n);
        }
    }
    if (joins_ > all_joins) return base::fail("{} JOINs were seen instead of {}", joins_, all_joins);
    return {};
}

base::result<void> storm_run::run() {
    if (auto done = log_in(); !done) return done;
    pair_.start();
    if (auto done = wait(0.5); !done) return done;  // the last of the log-ins
    pair_.set_phase(irc_pair::quiet);
    if (auto done = wait(options_.quiet); !done) return done;
    const int pid = options_.server.pid;
    const auto cpu_before = pid > 0 ? cpu_nanoseconds(pid) : std::int64_t{0};
    if (!cpu_before) return std::unexpected(cpu_before.error());
    if (auto done = ask_server_times(); !done) return done;
    const auto own_before = own_cpu_ns();
    pair_.set_phase(irc_pair::storm);
    const auto begin = now_ns();
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
        if (auto done = one_storm(round); !done) return done;
    }
    const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
    pair_.set_phase(irc_pair::uncounted);
    server_p99_us_ = -1;
    if (auto done = ask_server_times(); !done) return done;
    if (auto done = pair_.finish(); !done) return done;
    const auto cpu_after = pid > 0 ? cpu_nanoseconds(pid) : std::int64_t{0};
    if (!cpu_after) return std::unexpected(cpu_after.error());
    print(seconds, *cpu_after - *cpu_before, own_cpu_ns() - own_before);
    return {};
}

void storm_run::print(double seconds, std::int64_t cpu_ns, std::int64_t own_ns) const {
    const auto us = [this](irc_pair::phase p, double part) {
        return static_cast<double>(pair_.latency(p).quantile(part)) / 1e3;
    };
    const auto& storm = pair_.latency(irc_pair::storm);
    const auto rounds = static_cast<double>(options_.rounds);
    fmt::print(
        "{{\"mode\":\"irc-storm\",\"clients\":{},\"rounds\":{},\"storm_seconds\":{:.3f},\"storm_cpu_ms\":{:.1f},\"load_"
        "cpu_ms\":{:.1f},"
        "\"samples\":{},\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f},\"quiet_p50_us\":{:.1f},"
        "\"quiet_p99_us\":{:.1f},\"server_p99_us\":{}}}\n",
        options_.joiners, options_.rounds, seconds / rounds, static_cast<double>(cpu_ns) / 1e6 / rounds,
        static_cast<double>(own_ns) / 1e6 / rounds, storm.count(), us(irc_pair::storm, 0.5), us(irc_pair::storm, 0.99),
        static_cast<double>(storm.max()) / 1e3, us(irc_pair::quiet, 0.5), us(irc_pair::quiet, 0.99), server_p99_us_);
}

}  // namespace

base::result<void> run_irc_storm(const irc_options& options, client_factory& factory) {
    return storm_run(options, factory).run();
}

}  // namespace brusio::bench
