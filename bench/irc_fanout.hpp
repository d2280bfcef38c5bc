// One IRC sender, many receivers in one channel, a window of messages in flight: the counterpart of broadcast_run.
// Every delivery is compared with what was sent.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "client_socket.hpp"
#include "histogram.hpp"
#include "irc_crowd.hpp"
#include "irc_options.hpp"
#include "irc_stream.hpp"

namespace brusio::bench {

class irc_fanout {
  public:
    irc_fanout(const irc_options& options, client_factory& factory);

    // Everything from the log-ins to the last delivery, then prints a line of JSON with the keys of a broadcast. Fails
    // when a message is wrong, missing or too many, when a connection is closed, or when nothing comes for 20 s.
    base::result<void> run();

  private:
    base::result<void> log_in();
    base::result<void> send_for(double seconds, std::uint64_t in_flight);
    base::result<void> send_one();
    base::result<void> drain(std::uint64_t in_flight);
    base::result<void> measure();
    base::result<void> take(std::uint32_t number, std::string_view line);

    const irc_options& options_;
    irc_crowd crowd_;  // the receivers, and the sender as the last
    irc_stream stream_;
    std::vector<std::uint64_t> next_;         // by receiver: the message that it is to get next
    std::vector<std::uint32_t> received_by_;  // by slot of the stream: how many receivers have that message
    std::uint64_t completed_ = 0;             // messages that all receivers have
    bool measuring_ = false;
    histogram latency_;
};

}  // namespace brusio::bench
