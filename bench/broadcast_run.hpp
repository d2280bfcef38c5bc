// One sender, many receivers: joins them, sends, checks every byte that every receiver gets, and measures. One thread
// and one edge-triggered epoll; a delivery costs one comparison of memory and no allocation, so that the server stays
// the bottleneck.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "client_socket.hpp"
#include "histogram.hpp"
#include "message_stream.hpp"
#include "options.hpp"

namespace brusio::bench {

struct broadcast_figures {
    std::uint64_t messages = 0;
    std::uint64_t deliveries = 0;
    double seconds = 0;
    std::int64_t server_cpu_ns = 0;  // over the measured part; 0 when the process is unknown
    std::int64_t load_cpu_ns = 0;    // this program's own
    std::int64_t server_rss = 0;     // after it, bytes
    std::int64_t server_files = 0;   // that the server has open after it: tells whether stalled readers were closed
    std::int64_t late_ns = 0;        // the most by which a message at a rate was sent too late
    histogram latency;               // from sent (at a rate: from when it was due) to read by a receiver
};

class broadcast_run {
  public:
    broadcast_run(const load_options& options, client_factory& factory);
    ~broadcast_run();
    broadcast_run(const broadcast_run&) = delete;
    broadcast_run& operator=(const broadcast_run&) = delete;

    // Everything from joining to the last delivery. Fails when a byte is wrong, missing or too many, when a connection
    // is closed, or when nothing moves for 20 s.
    base::result<broadcast_figures> run();

  private:
    struct receiver {
        client_socket socket;
        std::uint64_t position = 0;  // in the stream, once `located`
        bool located = false;
        std::string start;  // the first bytes, until they tell the position
    };
    // One stretch of sending: until the time or the count is reached, then until all have everything.
    struct stretch {
        double seconds = 0;
        std::uint64_t messages = 0;  // above 0: instead of seconds
        std::uint64_t in_flight = 1;
        double rate = 0;
    };

    base::result<void> join_all();
    base::result<void> probe();
    bool stalled_have_joined() const;
    base::result<void> send_stretch(const stretch& what);
    base::result<void> measure();
    void make_due(const stretch& what, std::int64_t begin, std::uint64_t first, std::int64_t now);
    bool stretch_over(const stretch& what, std::int64_t begin, std::uint64_t first, std::int64_t now) const;

    // Waits up to `timeout_ns`, reads what came, sends what waits.
    base::result<void> turn(std::int64_t timeout_ns);
    base::result<void> read_from(receiver& r);
    base::result<void> take(receiver& r, std::string_view bytes);
    base::result<void> read_from_sender();
    base::result<void> flush();
    base::result<void> watch(int fd, std::uint32_t number, std::uint32_t events);
    void count_completed();
    base::error mismatch(const receiver& r, std::string_view bytes) const;
    bool all_have_everything() const;

    const load_options& options_;
    client_factory& factory_;
    int epoll_ = -1;
    std::vector<receiver> receivers_;
    std::vector<client_socket> stalled_;
    client_socket sender_;
    message_stream stream_;
    std::string outgoing_;                    // of the sender
    std::vector<std::uint32_t> received_by_;  // by slot of the stream: how many receivers have that message
    std::uint64_t completed_ = 0;             // messages that all receivers have
    std::uint32_t located_ = 0;
    std::int64_t last_progress_ = 0;
    bool measuring_ = false;
    broadcast_figures figures_;
    std::vector<char> buffer_;
    std::vector<epoll_event> events_;
};

}  // namespace brusio::bench
