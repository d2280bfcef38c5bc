#include "irc_pair.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "process_figures.hpp"

namespace brusio::bench {
namespace {

constexpr std::string_view channel = "#pair";
constexpr std::size_t text_bytes = 100;
constexpr int priority = -10;
constexpr std::int64_t patience_ns = 100'000'000'000;  // that is how a server may starve the pair in a storm

}  // namespace

irc_pair::irc_pair(client_factory& factory, double rate)
    : crowd_(factory), stream_(channel, text_bytes), interval_ns_(static_cast<std::int64_t>(1e9 / rate / 2)) {}

irc_pair::~irc_pair() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
}

base::result<void> irc_pair::log_in() {
    const std::vector<irc_plan> plans{{.nick = "left", .channel = std::string(channel)},
                                      {.nick = "right", .channel = std::string(channel)}};
    return crowd_.log_in(plans, plans.size());
}

void irc_pair::start() {
    thread_ = std::thread([this] {
        // Where it is allowed, so that the crowd's thread does not keep this one from the CPU. 0: the calling thread.
        ::setpriority(PRIO_PROCESS, 0, priority);
        ::prctl(PR_SET_TIMERSLACK, 1);
        outcome_ = talk();
    });
}

base::result<void> irc_pair::finish() {
    ending_ = true;
    thread_.join();
    return outcome_;
}

base::result<void> irc_pair::talk() {
    const auto begin = now_ns();
    const auto take_line = [this](std::uint32_t number, std::string_view line) { return take(number, line); };
    while (true) {
        const auto now = now_ns();
        const auto completed = std::min(next_[0], next_[1]);
        if (ending_ && completed >= stream_.made()) return {};
        auto due = begin + static_cast<std::int64_t>(stream_.made()) * interval_ns_;
        while (!ending_ && due <= now && stream_.made() - completed < irc_stream::slots) {
            const auto number = stream_.made();
            phase_of_[number % irc_stream::slots] = phase_;
            if (auto done = crowd_.send(static_cast<std::uint32_t>(number % 2), stream_.make(due)); !done) return done;
            due += interval_ns_;
        }
        if (auto done = crowd_.turn(std::clamp<std::int64_t>(due - now_ns(), 0, interval_ns_), take_line); !done) {
            return done;
        }
        if (completed < stream_.made() && now_ns() - stream_.time_of(completed) > patience_ns) {
            return base::fail("a message of the pair has not come for 100 s");
        }
    }
}

base::result<void> irc_pair::take(std::uint32_t number, std::string_view line) {
    auto& next = next_[number];
    if (stream_.delivers(line, next)) {
        const auto p = phase_of_[next % irc_stream::slots];
        if (p != uncounted) {
            latency_[static_cast<std::size_t>(p)].record(crowd_.read_time() - stream_.time_of(next));
        }
        next += 2;
        return {};
    }
    if (line.contains(stream_.marker())) return base::fail("the pair was sent: \"{}\"", shown(line));
    if (auto done = crowd_.usual(number, line); !done) return std::unexpected(done.error());
    return {};
}

}  // namespace brusio::bench
