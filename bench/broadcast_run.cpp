#include "broadcast_run.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "process_figures.hpp"

namespace brusio::bench {
namespace {

constexpr std::string_view sender_name = "load-sender";
constexpr std::uint32_t sender_number = ~0U;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t probe_interval_ns = 20'000'000;
constexpr std::int64_t patience_ns = 20 * second_ns;
constexpr int stalled_receive_buffer = 4096;

}  // namespace

broadcast_run::broadcast_run(const load_options& options, client_factory& factory)
    : options_(options),
      factory_(factory),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      stream_(sender_name, options.bytes),
      received_by_(message_stream::slots),
      buffer_(std::size_t{1} << 18U),
      events_(256) {}

broadcast_run::~broadcast_run() { ::close(epoll_); }

base::result<broadcast_figures> broadcast_run::run() {
    if (auto done = join_all(); !done) return std::unexpected(done.error());
    if (auto done = probe(); !done) return std::unexpected(done.error());
    if (options_.fill > 0) {
        const stretch fill{.messages = options_.fill / stream_.delivered_bytes() + 1, .in_flight = 64};
        if (auto done = send_stretch(fill); !done) return std::unexpected(done.error());
    }
    if (options_.warmup > 0) {
        const stretch warmup{.seconds = options_.warmup, .in_flight = options_.in_flight, .rate = options_.rate};
        if (auto done = send_stretch(warmup); !done) return std::unexpected(done.error());
    }
    if (auto done = measure(); !done) return std::unexpected(done.error());
    // One more message, not measured: what came twice at the very end stands before it and is found out.
    if (auto done = send_stretch({.messages = 1}); !done) return std::unexpected(done.error());
    return figures_;
}

base::result<void> broadcast_run::join_all() {
    receivers_.resize(options_.receivers);
    for (std::uint32_t i = 0; i < options_.receivers; ++i) {
        auto socket = factory_.join(fmt::format("reader-{}", i));
        if (!socket) return std::unexpected(socket.error());
        receivers_[i].socket = std::move(*socket);
        if (auto done = watch(receivers_[i].socket.fd(), i, EPOLLIN | EPOLLRDHUP | EPOLLET); !done) return done;
    }
    for (std::uint32_t i = 0; i < options_.stalled; ++i) {
        auto socket = factory_.join(fmt::format("stalled-{}", i), stalled_receive_buffer);
        if (!socket) return std::unexpected(socket.error());
        stalled_.push_back(std::move(*socket));
    }
    auto socket = factory_.join(sender_name);
    if (!socket) return std::unexpected(socket.error());
    sender_ = std::move(*socket);
    return watch(sender_.fd(), sender_number, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

base::result<void> broadcast_run::watch(int fd, std::uint32_t number, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u32 = number;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return {};
    return base::fail("cannot watch a socket: {}", std::strerror(errno));
}

// The server greets nobody, so who has joined is found out by talking: until everyone has heard something, then until
// all have heard the last of it.
base::result<void> broadcast_run::probe() {
    last_progress_ = now_ns();
    std::int64_t next = 0;
    while (located_ < receivers_.size() || !stalled_have_joined()) {
        const auto now = now_ns();
        if (now >= next) {
            outgoing_ += stream_.make(now);
            next = now + probe_interval_ns;
            if (auto done = flush(); !done) return done;
        }
        if (auto done = turn(next - now); !done) return done;
    }
    while (!all_have_everything()) {
        if (auto done = turn(probe_interval_ns); !done) return done;
    }
    completed_ = stream_.made();
    return {};
}

bool broadcast_run::stalled_have_joined() const {
    return std::ranges::all_of(stalled_, [](const client_socket& s) {
        int waiting = 0;
        return ::ioctl(s.fd(), FIONREAD, &waiting) == 0 && waiting > 0;
    });
}

bool broadcast_run::all_have_everything() const {
    return std::ranges::all_of(receivers_,
                               [this](const receiver& r) { return r.located && r.position == stream_.end(); });
}

base::result<void> broadcast_run::measure() {
    const auto server_cpu = [this] { return options_.pid > 0 ? cpu_nanoseconds(options_.pid) : std::int64_t{0}; };
    const auto first = stream_.made();
    const auto cpu_before = server_cpu();
    if (!cpu_before) return std::unexpected(cpu_before.error());
    const auto own_before = own_cpu_ns();
    const auto begin = now_ns();
    measuring_ = true;
    const stretch measured{options_.seconds, options_.messages, options_.in_flight, options_.rate};
    if (auto done = send_stretch(measured); !done) return done;
    measuring_ = false;
    figures_.seconds = static_cast<double>(now_ns() - begin) / static_cast<double>(second_ns);
    figures_.load_cpu_ns = own_cpu_ns() - own_before;
    const auto cpu_after = server_cpu();
    if (!cpu_after) return std::unexpected(cpu_after.error());
    figures_.server_cpu_ns = *cpu_after - *cpu_before;
    figures_.messages = stream_.made() - first;
    figures_.deliveries = figures_.messages * receivers_.size();
    if (!all_have_everything() || figures_.latency.count() != figures_.deliveries) {
        return base::fail("{} deliveries were to come and {} were counted", figures_.deliveries,
                          figures_.latency.count());
    }
    if (options_.pid > 0) {
        if (const auto memory = memory_of(options_.pid)) figures_.server_rss = memory->rss;
        if (const auto files = open_files(options_.pid)) figures_.server_files = *files;
    }
    return {};
}

base::result<void> broadcast_run::send_stretch(const stretch& what) {
    const auto begin = now_ns();
    const auto first = stream_.made();
    last_progress_ = begin;
    while (true) {
        const auto now = now_ns();
        const bool over = stretch_over(what, begin, first, now);
        if (over && completed_ == stream_.made()) return {};
        auto timeout = second_ns;
        if (!over) {
            make_due(what, begin, first, now);
            if (what.rate > 0) {
                const auto sent = static_cast<double>(stream_.made() - first);
                timeout = std::max<std::int64_t>(begin + static_cast<std::int64_t>(sent / what.rate * 1e9) - now, 0);
            }
            if (auto done = flush(); !done) return done;
        }
        if (auto done = turn(timeout); !done) return done;
        count_completed();
    }
}

bool broadcast_run::stretch_over(const stretch& what, std::int64_t begin, std::uint64_t first, std::int64_t now) const {
    if (what.messages > 0) return stream_.made() - first >= what.messages;
    return static_cast<double>(now - begin) >= what.seconds * 1e9;
}

// Makes the messages that the window allows or that the clock asks for. At a rate, the time of a message is when it was
// due: were it when it was sent, a stall of the server could hide in the pause of the sender.
void broadcast_run::make_due(const stretch& what, std::int64_t begin, std::uint64_t first, std::int64_t now) {
    while (what.messages == 0 || stream_.made() - first < what.messages) {
        auto time = now;
        if (what.rate > 0) {
            time = begin + static_cast<std::int64_t>(static_cast<double>(stream_.made() - first) / what.rate * 1e9);
            if (time > now || stream_.made() - completed_ >= message_stream::slots) return;
            if (measuring_) figures_.late_ns = std::max(figures_.late_ns, now - time);
        } else if (stream_.made() - completed_ >= what.in_flight) {
            return;
        }
        received_by_[stream_.made() % message_stream::slots] = 0;
        outgoing_ += stream_.make(time);
    }
}

void broadcast_run::count_completed() {
    while (completed_ < stream_.made() && received_by_[completed_ % message_stream::slots] == receivers_.size()) {
        ++completed_;
    }
}

base::result<void> broadcast_run::turn(std::int64_t timeout_ns) {
    const timespec timeout{.tv_sec = timeout_ns / second_ns, .tv_nsec = timeout_ns % second_ns};
    const int n = ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
    if (n < 0 && errno != EINTR) return base::fail("epoll failed: {}", std::strerror(errno));
    for (int i = 0; i < n; ++i) {
        const auto number = events_[static_cast<std::size_t>(i)].data.u32;
        auto done = number == sender_number ? read_from_sender() : read_from(receivers_[number]);
        if (!done) return done;
    }
    if (n <= 0 && completed_ < stream_.made() && now_ns() - last_progress_ > patience_ns) {
        const auto behind =
            std::ranges::count_if(receivers_, [this](const receiver& r) { return r.position != stream_.end(); });
        return base::fail("nothing came for 20 s; {} of {} receivers miss something", behind, receivers_.size());
    }
    return {};
}

// A read that does not fill the buffer has emptied the socket; what comes later is a new edge.
base::result<void> broadcast_run::read_from(receiver& r) {
    while (true) {
        const auto n = r.socket.read(buffer_.data(), buffer_.size());
        if (n < 0) return base::fail("the server closed the connection of reader {}", &r - receivers_.data());
        if (n == 0) return {};
        if (auto done = take(r, {buffer_.data(), static_cast<std::size_t>(n)}); !done) return done;
        if (n < static_cast<std::ptrdiff_t>(buffer_.size())) return {};
    }
}

base::result<void> broadcast_run::take(receiver& r, std::string_view bytes) {
    if (!r.located) {
        r.start.append(bytes);
        if (r.start.size() < stream_.locating_bytes()) return {};
        const auto position = stream_.locate(r.start);
        if (!position || !stream_.matches(*position, r.start)) return std::unexpected(mismatch(r, r.start));
        r.located = true;
        r.position = *position + r.start.size();
        std::string().swap(r.start);
        ++located_;
        last_progress_ = now_ns();
        return {};
    }
    if (!stream_.matches(r.position, bytes)) return std::unexpected(mismatch(r, bytes));
    const auto before = stream_.message_at(r.position);
    r.position += bytes.size();
    const auto after = stream_.message_at(r.position);
    const auto now = now_ns();
    last_progress_ = now;
    for (auto message = before; message < after; ++message) {
        ++received_by_[message % message_stream::slots];
        if (measuring_) figures_.latency.record(now - stream_.time_of(message));
    }
    return {};
}

base::error broadcast_run::mismatch(const receiver& r, std::string_view bytes) const {
    return {
        fmt::format("reader {} got something else than what was sent: \"{}\"", &r - receivers_.data(), shown(bytes))};
}

// The sender is to hear nothing: an echo or an explanation ends the run.
base::result<void> broadcast_run::read_from_sender() {
    const auto n = sender_.read(buffer_.data(), buffer_.size());
    if (n < 0) return base::fail("the server closed the sender's connection");
    if (n > 0) return base::fail("the sender was sent: \"{}\"", shown({buffer_.data(), static_cast<std::size_t>(n)}));
    return flush();
}

base::result<void> broadcast_run::flush() {
    while (!outgoing_.empty()) {
        const auto n = sender_.write(outgoing_);
        if (n < 0) return base::fail("the sender could not send: {}", std::strerror(errno));
        if (n == 0) break;
        outgoing_.erase(0, static_cast<std::size_t>(n));
    }
    return {};
}

}  // namespace brusio::bench
