// Two IRC clients that talk to each other in a channel of their own, at a steady rate, and measure how long each
// message takes from when it was due: were it from when it was sent, a stall of the server could hide in the pause of
// the sender.
//
// It runs in a thread of its own, so that a crowd's reading does not delay it. `log_in` before `start`; `set_phase`
// from any thread; `finish` ends the thread.
#pragma once

#include <array>
#include <atomic>
#include <thread>

#include "base/result.hpp"
#include "histogram.hpp"
#include "irc_crowd.hpp"
#include "irc_stream.hpp"

namespace brusio::bench {

class irc_pair {
  public:
    enum phase : int { quiet, storm, uncounted };

    // `rate`: messages a second, of each of the two.
    irc_pair(client_factory& factory, double rate);
    ~irc_pair();
    irc_pair(const irc_pair&) = delete;
    irc_pair& operator=(const irc_pair&) = delete;

    base::result<void> log_in();
    void start();
    // Messages that become due from now on count to this phase.
    void set_phase(phase p) { phase_ = p; }
    // Waits for the messages on their way.
    base::result<void> finish();
    // Of `quiet` or `storm`; after `finish`.
    const histogram& latency(phase p) const { return latency_[static_cast<std::size_t>(p)]; }

  private:
    base::result<void> talk();
    base::result<void> take(std::uint32_t number, std::string_view line);

    irc_crowd crowd_;
    irc_stream stream_;
    std::int64_t interval_ns_;                 // between any two messages
    std::array<std::uint64_t, 2> next_{1, 0};  // message n is sent by client n % 2, and the other one waits for it
    std::array<phase, irc_stream::slots> phase_of_{};
    std::array<histogram, 2> latency_;
    std::atomic<phase> phase_ = uncounted;
    std::atomic<bool> ending_ = false;
    base::result<void> outcome_;
    std::thread thread_;
};

}  // namespace brusio::bench
