// Many IRC clients on one epoll: logs them in, joins each to its channel, answers PING, and hands every further line to
// whoever runs the case. Reading costs one search for the end of each line and no allocation, so that the server stays
// the bottleneck. One thread for each crowd.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "client_socket.hpp"
#include "irc_line.hpp"
#include "process_figures.hpp"

namespace brusio::bench {

// Nothing at all came for so long: the run has failed.
inline constexpr std::int64_t irc_patience_ns = 20'000'000'000;

struct irc_plan {
    std::string nick;
    std::string channel;      // joined after the log-in; empty: none
    int capability_set = -1;  // below 0: the client asks for no capabilities
};

class irc_crowd {
  public:
    explicit irc_crowd(client_factory& factory);
    ~irc_crowd();
    irc_crowd(const irc_crowd&) = delete;
    irc_crowd& operator=(const irc_crowd&) = delete;

    // Connects one client for each plan, with at most `unfinished` on their way at once, and returns when each has been
    // told that it is welcome and what names are in its channel. Clients are numbered from 0 in the order of the plans,
    // over all calls.
    base::result<void> log_in(std::span<const irc_plan> plans, std::size_t unfinished);

    // Waits up to `timeout_ns`, reads what came and sends what waits. `take(number, line)` gets each whole line with
    // its end and returns a base::result<void>; what it does not know it gives to `usual`.
    template <class Take>
    base::result<void> turn(std::int64_t timeout_ns, Take&& take);
    // What every client does: answers PING, goes on with its log-in; fails when the server says ERROR or refuses
    // something before the client is in.
    base::result<irc_line> usual(std::uint32_t number, std::string_view line);

    base::result<void> send(std::uint32_t number, std::string_view bytes);

    std::size_t size() const { return clients_.size(); }
    std::int64_t read_time() const { return read_time_; }  // when the line at hand was read; else: the last one
    // Capabilities that were wanted and not offered, with blanks between.
    std::string missing_capabilities() const;

  private:
    enum class stage : std::uint8_t { listing, requesting, registering, joining, in };
    struct client {
        client_socket socket;
        std::string partial;   // an unfinished line
        std::string outgoing;  // what a full socket did not take
        std::string channel;
        std::string offered;  // capabilities, while they are listed
        std::string nick;
        int capability_set = -1;
        stage at = stage::registering;
    };

    base::result<void> connect(const irc_plan& plan);
    base::result<void> flush(client& c);
    base::result<std::span<const epoll_event>> wait(std::int64_t timeout_ns);
    base::result<void> negotiate(std::uint32_t number, std::string_view rest);
    base::result<void> advance(std::uint32_t number, const irc_line& line);
    base::error lost(const client& c) const;
    template <class Take>
    base::result<void> read_from(std::uint32_t number, Take& take);

    client_factory& factory_;
    int epoll_ = -1;
    std::vector<client> clients_;
    std::size_t in_ = 0;
    std::int64_t read_time_ = 0;
    std::set<std::string, std::less<>> missing_;
    std::vector<char> buffer_;
    std::vector<epoll_event> events_;
};

template <class Take>
base::result<void> irc_crowd::turn(std::int64_t timeout_ns, Take&& take) {
    const auto ready = wait(timeout_ns);
    if (!ready) return std::unexpected(ready.error());
    for (const auto& event : *ready) {
        const auto number = event.data.u32;
        if ((event.events & EPOLLOUT) != 0) {
            if (auto done = flush(clients_[number]); !done) return done;
        }
        if (auto done = read_from(number, take); !done) return done;
    }
    return {};
}

// A read that does not fill the buffer has emptied the socket; what comes later is a new edge.
template <class Take>
base::result<void> irc_crowd::read_from(std::uint32_t number, Take& take) {
    while (true) {
        auto& c = clients_[number];
        const auto kept = c.partial.size();
        std::memcpy(buffer_.data(), c.partial.data(), kept);
        const auto room = buffer_.size() - kept;
        if (room == 0) return base::fail("{} was sent a line without an end", c.nick);
        const auto n = c.socket.read(buffer_.data() + kept, room);
        if (n < 0) return std::unexpected(lost(c));
        if (n == 0) return {};
        read_time_ = now_ns();
        std::string_view rest(buffer_.data(), kept + static_cast<std::size_t>(n));
        for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
            const auto line = rest.substr(0, end + 1);
            rest.remove_prefix(end + 1);
            if (auto done = take(number, line); !done) return done;
        }
        c.partial.assign(rest);
        if (static_cast<std::size_t>(n) < room) return {};
    }
}

}  // namespace brusio::bench
