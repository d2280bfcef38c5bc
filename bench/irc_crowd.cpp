#include "irc_crowd.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <fmt/ranges.h>

#include "irc_capabilities.hpp"

namespace brusio::bench {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
// Some servers queue few connections that they have not yet accepted, and one too many waits for a second.
constexpr int connections_each_turn = 8;

// Refusals that end a log-in. 4xx, but for "no MOTD".
bool refuses(std::string_view command) { return command.size() == 3 && command[0] == '4' && command != "422"; }

}  // namespace

irc_crowd::irc_crowd(client_factory& factory)
    : factory_(factory), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(std::size_t{1} << 18U), events_(256) {}

irc_crowd::~irc_crowd() { ::close(epoll_); }

std::string irc_crowd::missing_capabilities() const { return fmt::format("{}", fmt::join(missing_, " ")); }

base::result<void> irc_crowd::log_in(std::span<const irc_plan> plans, std::size_t unfinished) {
    const auto first = clients_.size();
    const auto goal = first + plans.size();
    clients_.reserve(goal);
    read_time_ = now_ns();
    const auto take = [this](std::uint32_t number, std::string_view line) -> base::result<void> {
        if (auto done = usual(number, line); !done) return std::unexpected(done.error());
        return {};
    };
    while (in_ < goal) {
        for (int i = 0; i < connections_each_turn && clients_.size() < goal && clients_.size() - in_ < unfinished;
             ++i) {
            if (auto done = connect(plans[clients_.size() - first]); !done) return done;
        }
        const bool more = clients_.size() < goal && clients_.size() - in_ < unfinished;
        if (auto done = turn(more ? 0 : second_ns, take); !done) return done;
        if (now_ns() - read_time_ > irc_patience_ns) {
            return base::fail("nothing came for 20 s; {} of {} clients are logged in", in_, goal);
        }
    }
    return {};
}

base::result<void> irc_crowd::connect(const irc_plan& plan) {
    auto socket = factory_.connect(plan.nick);
    if (!socket) return std::unexpected(socket.error());
    socket->set_nonblocking();
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u32 = static_cast<std::uint32_t>(clients_.size());
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket->fd(), &event) != 0) {
        return base::fail("cannot watch a socket: {}", std::strerror(errno));
    }
    auto& c = clients_.emplace_back();
    c.socket = std::move(*socket);
    c.nick = plan.nick;
    c.channel = plan.channel;
    c.capability_set = plan.capability_set;
    c.at = plan.capability_set < 0 ? stage::registering : stage::listing;
    c.outgoing =
        fmt::format("{}NICK {}\r\nUSER load 0 * :load\r\n", c.at == stage::listing ? "CAP LS 302\r\n" : "", plan.nick);
    return flush(c);
}

base::result<void> irc_crowd::send(std::uint32_t number, std::string_view bytes) {
    auto& c = clients_[number];
    c.outgoing += bytes;
    return flush(c);
}

base::result<void> irc_crowd::flush(client& c) {
    while (!c.outgoing.empty()) {
        const auto n = c.socket.write(c.outgoing);
        if (n < 0) return base::fail("{} could not send: {}", c.nick, std::strerror(errno));
        if (n == 0) break;
        c.outgoing.erase(0, static_cast<std::size_t>(n));
    }
    return {};
}

base::result<std::span<const epoll_event>> irc_crowd::wait(std::int64_t timeout_ns) {
    const timespec timeout{.tv_sec = timeout_ns / second_ns, .tv_nsec = timeout_ns % second_ns};
    const int n = ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
    if (n < 0 && errno != EINTR) return base::fail("epoll failed: {}", std::strerror(errno));
    return std::span<const epoll_event>(events_).first(static_cast<std::size_t>(std::max(n, 0)));
}

base::error irc_crowd::lost(const client& c) const {
    return {fmt::format("the server closed the connection of {}{}{}", c.nick, c.partial.empty() ? "" : ": ",
                        shown(c.partial))};
}

base::result<irc_line> irc_crowd::usual(std::uint32_t number, std::string_view line) {
    const auto parts = split_line(line);
    auto& c = clients_[number];
    if (parts.command == "PING") {
        if (auto done = send(number, fmt::format("PONG {}\r\n", parts.rest)); !done) {
            return std::unexpected(done.error());
        }
    } else if (parts.command == "ERROR" || (c.at != stage::in && refuses(parts.command))) {
        return base::fail("{} was told: \"{}\"", c.nick, shown(line));
    } else if (c.at != stage::in) {
        if (auto done = advance(number, parts); !done) return std::unexpected(done.error());
    }
    return parts;
}

base::result<void> irc_crowd::advance(std::uint32_t number, const irc_line& line) {
    auto& c = clients_[number];
    if (line.command == "CAP") return negotiate(number, line.rest);
    const bool greeted = line.command == "376" || line.command == "422";  // the end of the MOTD, or none
    const bool joined = line.command == "366" && c.at == stage::joining;  // the end of NAMES
    if (greeted && !c.channel.empty()) {
        c.at = stage::joining;
        return send(number, fmt::format("JOIN {}\r\n", c.channel));
    }
    if (greeted || joined) {
        c.at = stage::in;
        ++in_;
    }
    return {};
}

// "* LS * :a b", for each line but the last, "* LS :c d", then "* ACK :a c".
base::result<void> irc_crowd::negotiate(std::uint32_t number, std::string_view rest) {
    auto& c = clients_[number];
    rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
    const auto verb = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), verb.size() + 1));
    if (verb == "NAK") return base::fail("{} was refused the capabilities {}", c.nick, shown(rest));
    if (verb == "LS" && c.at == stage::listing) {
        const bool more = rest.starts_with("* ");
        if (more) rest.remove_prefix(2);
        if (rest.starts_with(':')) rest.remove_prefix(1);
        c.offered.append(rest).append(" ");
        if (more) return {};
        const auto choice =
            choose_capabilities(c.offered, capability_set(static_cast<std::uint32_t>(c.capability_set)));
        for (const auto name : choice.missing) missing_.emplace(name);
        std::string().swap(c.offered);
        c.at = choice.asked.empty() ? stage::registering : stage::requesting;
        return send(number, choice.asked.empty() ? "CAP END\r\n" : fmt::format("CAP REQ :{}\r\n", choice.asked));
    }
    if (verb == "ACK" && c.at == stage::requesting) {
        c.at = stage::registering;
        return send(number, "CAP END\r\n");
    }
    return {};
}

}  // namespace brusio::bench
