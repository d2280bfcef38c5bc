#include "idle_run.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <vector>

#include "message_stream.hpp"
#include "process_figures.hpp"

namespace brusio::bench {
namespace {

constexpr std::string_view sender_name = "load-sender";
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t patience_ns = 20 * second_ns;

struct idle_client {
    client_socket socket;
    std::size_t received = 0;  // bytes, since it was last asked
    bool open = true;
};

class idle_room {
  public:
    idle_room(const load_options& options, client_factory& factory)
        : options_(options), factory_(factory), stream_(sender_name, options.bytes) {}

    base::result<void> run();

  private:
    base::result<void> join(std::uint32_t count);
    base::result<void> wait_until_joined(std::size_t first);
    base::result<void> say_something();
    void read_all(idle_client& c);
    std::uint32_t still_served();

    const load_options& options_;
    client_factory& factory_;
    message_stream stream_;
    client_socket sender_;
    std::vector<idle_client> clients_;
};

base::result<void> idle_room::say_something() {
    const auto frame = stream_.make(now_ns());
    if (sender_.write(frame) == static_cast<std::ptrdiff_t>(frame.size())) return {};
    return base::fail("the sender could not send");
}

void idle_room::read_all(idle_client& c) {
    std::array<char, 4096> buffer;
    while (c.open) {
        const auto n = c.socket.read(buffer.data(), buffer.size());
        if (n == 0) return;
        if (n < 0) c.open = false;
        if (n > 0) c.received += static_cast<std::size_t>(n);
    }
}

base::result<void> idle_room::join(std::uint32_t count) {
    const auto first = clients_.size();
    for (std::uint32_t i = 0; i < count; ++i) {
        auto socket = factory_.join(fmt::format("idle-{}", clients_.size()));
        if (!socket) return std::unexpected(socket.error());
        clients_.push_back({.socket = std::move(*socket)});
    }
    return wait_until_joined(first);
}

// Nobody is greeted, so the sender talks until everyone has heard it.
base::result<void> idle_room::wait_until_joined(std::size_t first) {
    const auto deadline = now_ns() + patience_ns;
    if (auto done = say_something(); !done) return done;
    for (auto i = first; i < clients_.size(); ++i) {
        auto& c = clients_[i];
        for (read_all(c); c.received == 0; read_all(c)) {
            if (!c.open) return base::fail("the server closed the connection of client {}", i);
            if (now_ns() > deadline) return base::fail("client {} heard nothing for 20 s", i);
            pollfd waiting{.fd = c.socket.fd(), .events = POLLIN, .revents = 0};
            if (::poll(&waiting, 1, 20) == 0) {
                if (auto done = say_something(); !done) return done;
            }
        }
    }
    return {};
}

std::uint32_t idle_room::still_served() {
    for (auto& c : clients_) {
        read_all(c);
        c.received = 0;
    }
    std::uint32_t served = 0;
    if (!say_something()) return served;
    const auto deadline = now_ns() + patience_ns;
    for (auto& c : clients_) {
        for (read_all(c); c.open && c.received < stream_.delivered_bytes() && now_ns() < deadline; read_all(c)) {
            pollfd waiting{.fd = c.socket.fd(), .events = POLLIN, .revents = 0};
            ::poll(&waiting, 1, 100);
        }
        if (c.received == stream_.delivered_bytes()) ++served;
    }
    return served;
}

base::result<void> idle_room::run() {
    auto sender = factory_.join(sender_name);
    if (!sender) return std::unexpected(sender.error());
    sender_ = std::move(*sender);
    // What the server makes once, at the first message, is not to be charged to each connection.
    if (auto done = join(1); !done) return done;
    const auto before = settled_memory(options_.pid);
    if (!before) return std::unexpected(before.error());
    const auto begin = now_ns();
    if (auto done = join(options_.receivers - 1); !done) return done;
    const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
    const auto after = settled_memory(options_.pid);
    if (!after) return std::unexpected(after.error());
    const auto each = [&](std::int64_t a, std::int64_t b) {
        return options_.receivers > 1 ? (b - a) / (std::int64_t{options_.receivers} - 1) : 0;
    };
    fmt::print(
        "{{\"mode\":\"idle\",\"tls\":{},\"connections\":{},\"join_seconds\":{:.2f},\"server_rss_first\":{},\"server_"
        "rss\":{},"
        "\"rss_per_connection\":{},\"pss_per_connection\":{}}}\n",
        options_.tls, clients_.size(), seconds, before->rss, after->rss, each(before->rss, after->rss),
        each(before->pss, after->pss));
    std::fflush(stdout);

    const auto held = now_ns();
    std::array<char, 256> ignored;
    while (::read(STDIN_FILENO, ignored.data(), ignored.size()) > 0) {
    }
    const auto held_seconds = static_cast<double>(now_ns() - held) / 1e9;
    fmt::print("{{\"mode\":\"held\",\"seconds\":{:.1f},\"connections\":{},\"still_served\":{}}}\n", held_seconds,
               clients_.size(), still_served());
    return {};
}

}  // namespace

base::result<void> run_idle(const load_options& options, client_factory& factory) {
    return idle_room(options, factory).run();
}

}  // namespace brusio::bench
