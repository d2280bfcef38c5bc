#include "irc_durable.hpp"

#include <vector>

#include "histogram.hpp"
#include "irc_crowd.hpp"
#include "process_figures.hpp"

namespace brusio::bench {
namespace {

constexpr int echoing_set =
    6;  // of irc_capabilities.cpp: with echo-message, and tags and times that cost what they cost

class durable_run {
  public:
    durable_run(const irc_options& options, client_factory& factory)
        : options_(options), crowd_(factory), senders_(options.clients) {}

    base::result<void> run() {
        std::vector<irc_plan> plans;
        plans.reserve(options_.clients);
        for (std::uint32_t i = 0; i < options_.clients; ++i) {
            plans.push_back({fmt::format("sender{}", i), channel_of(i), echoing_set});
        }
        if (auto done = crowd_.log_in(plans, options_.unfinished); !done) return done;
        if (!crowd_.missing_capabilities().empty()) {
            return base::fail("the server lacks {}", crowd_.missing_capabilities());
        }
        for (std::uint32_t i = 0; i < options_.clients; ++i) {
            if (auto done = say(i); !done) return done;
        }
        if (auto done = turn_for(options_.warmup); !done) return done;
        return measure();
    }

  private:
    struct sender {
        std::string expected;  // the end of the line that is its echo
        std::int64_t sent_ns = 0;
        std::uint64_t count = 0;
    };

    static std::string channel_of(std::uint32_t number) { return fmt::format("#durable{}", number / 2); }

    base::result<void> say(std::uint32_t number) {
        auto& s = senders_[number];
        s.expected = fmt::format("PRIVMSG {} :{} {}", channel_of(number), number, ++s.count);
        s.expected.append(options_.bytes > 30 ? options_.bytes - 30 : 0, '.').append("\r\n");
        s.sent_ns = now_ns();
        return crowd_.send(number, s.expected);
    }

    base::result<void> take(std::uint32_t number, std::string_view line) {
        const auto& s = senders_[number];
        if (line.ends_with(s.expected)) {
            if (measuring_) latency_.record(crowd_.read_time() - s.sent_ns);
            return say(number);
        }
        if (line.find(" PRIVMSG ") != std::string_view::npos) return {};  // the other one's
        if (auto done = crowd_.usual(number, line); !done) return std::unexpected(done.error());
        return {};
    }

    base::result<void> turn_for(double seconds) {
        const auto end = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
        const auto take_line = [this](std::uint32_t number, std::string_view line) { return take(number, line); };
        while (now_ns() < end) {
            if (auto done = crowd_.turn(100'000'000, take_line); !done) return done;
            if (now_ns() - crowd_.read_time() > irc_patience_ns) return base::fail("nothing came for 20 s");
        }
        return {};
    }

    base::result<void> measure() {
        const int pid = options_.server.pid;
        const auto server_cpu = [&] { return pid > 0 ? cpu_nanoseconds(pid) : base::result<std::int64_t>(0); };
        const auto before = server_cpu();
        const auto begin = now_ns();
        measuring_ = true;
        if (auto done = turn_for(options_.seconds); !done) return done;
        measuring_ = false;
        const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
        const auto after = server_cpu();
        if (!before) return std::unexpected(before.error());
        if (!after) return std::unexpected(after.error());
        const auto n = static_cast<double>(latency_.count());
        const auto us = [&](double part) { return static_cast<double>(latency_.quantile(part)) / 1e3; };
        fmt::print(
            "{{\"mode\":\"irc-durable\",\"clients\":{},\"messages\":{},\"seconds\":{:.2f},\"per_second\":{:.0f},"
            "\"server_cpu_us\":{:.3f},\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f}}}\n",
            options_.clients, latency_.count(), seconds, n / seconds, static_cast<double>(*after - *before) / 1e3 / n,
            us(0.5), us(0.99), static_cast<double>(latency_.max()) / 1e3);
        return {};
    }

    const irc_options& options_;
    irc_crowd crowd_;
    std::vector<sender> senders_;
    bool measuring_ = false;
    histogram latency_;
};

}  // namespace

base::result<void> run_irc_durable(const irc_options& options, client_factory& factory) {
    return durable_run(options, factory).run();
}

}  // namespace brusio::bench
