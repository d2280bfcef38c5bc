#include "net/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>

#include "net/worker.hpp"

namespace brusio::net {
namespace {

constexpr int accepts_a_turn = 64;
constexpr int kernel_buffer_bytes = 128 << 10;  // for each direction; the kernel doubles it for its own bookkeeping
constexpr std::size_t reserved_files = 32;      // for listeners, logs, certificates
constexpr std::int64_t pause_ms = 1'000;
constexpr std::int64_t complaint_every_ms = 60'000;
constexpr std::int64_t sweep_every_ms = 60'000;

std::string reason(int error) { return std::generic_category().message(error); }

bool set(int fd, int level, int option, int value) { return setsockopt(fd, level, option, &value, sizeof value) == 0; }

// Accepted sockets inherit all of these from the listener.
void prepare(int fd, int family) {
    set(fd, SOL_SOCKET, SO_SNDBUF, kernel_buffer_bytes);
    set(fd, SOL_SOCKET, SO_RCVBUF, kernel_buffer_bytes);
    if (family == AF_UNIX) return;
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 6);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (family == AF_INET6) set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

// A socket file that nobody listens on is left over from a crash and may go.
base::result<void> clear_unix_path(const endpoint& at) {
    struct stat info{};
    if (::lstat(at.unix_path.c_str(), &info) != 0) return {};
    if (!S_ISSOCK(info.st_mode)) return base::fail("cannot listen on {}: a file that is no socket is there", at.text());
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return base::fail("cannot listen on {}: {}", at.text(), reason(errno));
    const int connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&at.address), at.length);
    const int error = errno;
    ::close(probe);
    if (connected == 0) return base::fail("cannot listen on {}: another server listens there", at.text());
    if (error == ECONNREFUSED) ::unlink(at.unix_path.c_str());
    return {};
}

}  // namespace

acceptor::acceptor(shared& all, const limits& limits)
    : all_(all),
      limits_(std::make_shared<net::limits>(limits)),
      now_(now_ms()),
      last_complaint_ms_(now_ - complaint_every_ms) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    capacity_ = files.rlim_cur > 2 * reserved_files ? files.rlim_cur - reserved_files : files.rlim_cur / 2;
}

acceptor::~acceptor() { close(); }

base::result<endpoint> acceptor::listen(const listener_options& options) {
    const auto& at = options.at;
    const int family = at.address.ss_family;
    if (family == AF_UNIX) {
        if (auto cleared = clear_unix_path(at); !cleared) return std::unexpected(cleared.error());
    }
    const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return base::fail("cannot listen on {}: {}", at.text(), reason(errno));
    prepare(fd, family);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&at.address), at.length) != 0 || ::listen(fd, SOMAXCONN) != 0) {
        const int error = errno;
        ::close(fd);
        return base::fail("cannot listen on {}: {}{}", at.text(), reason(error),
                          error == EADDRINUSE ? "; does another server run there?" : "");
    }
    endpoint bound = at;
    if (family != AF_UNIX) getsockname(fd, reinterpret_cast<sockaddr*>(&bound.address), &bound.length);
    listeners_.push_back({fd, bound, options.tls, options.proxies});
    return bound;
}

void acceptor::start(int epoll) {
    epoll_ = epoll;
    load_.assign(all_.workers.size(), 0);
    next_sweep_ms_ = now_ + sweep_every_ms;
    watch(true);
}

void acceptor::watch(bool on) {
    for (std::uint32_t i = 0; i < listeners_.size(); ++i) {
        epoll_event e{.events = EPOLLIN, .data = {.u64 = i}};
        epoll_ctl(epoll_, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listeners_[i].fd, &e);
    }
}

void acceptor::close() {
    for (const auto& l : listeners_) {
        ::close(l.fd);
        if (!l.at.unix_path.empty()) ::unlink(l.at.unix_path.c_str());
    }
    listeners_.clear();
    resume_ms_ = 0;
}

void acceptor::replace_tls(const tls_context& context) {
    for (auto& l : listeners_) {
        if (l.tls) l.tls = context;
    }
}

// ── accepting ───────────────────────────────────────────────────────────────────────────────────────────────────────

void acceptor::on_ready(std::uint64_t key) {
    if (key < listeners_.size() && resume_ms_ == 0) accept_some(static_cast<std::uint32_t>(key));
}

void acceptor::on_time(std::int64_t now) {
    now_ = now;
    if (resume_ms_ != 0 && resume_ms_ <= now) {
        resume_ms_ = 0;
        watch(true);
    }
    if (now >= next_sweep_ms_) forget_old(now);
}

void acceptor::accept_some(std::uint32_t number) {
    now_ = now_ms();  // `on_time` comes later in the turn, and the last turn may be long ago
    for (int i = 0; i < accepts_a_turn; ++i) {
        if (open_ >= capacity_) return pause(EMFILE);
        sockaddr_storage from{};
        socklen_t length = sizeof from;
        const int fd =
            ::accept4(listeners_[number].fd, reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_in(number, fd, from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return pause(errno);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        }  // anything else is that one connection's misfortune
    }
}

void acceptor::take_in(std::uint32_t number, int fd, const sockaddr_storage& from) {
    const auto who = peer_of(from);
    const bool exempt = is_exempt(who);
    // A proxy brings everybody: whoever it speaks for is judged when its header has come.
    const bool from_proxy = listeners_[number].proxies && listeners_[number].proxies(who);
    const auto verdict = judge(who, exempt || from_proxy);
    if (!verdict) {
        ::close(fd);
        return;
    }
    const auto to = static_cast<std::uint32_t>(std::ranges::min_element(load_) - load_.begin());
    auto socket = std::make_shared<adopted>(adopted{.fd = fd,
                                                    .tls = nullptr,
                                                    .listener = number,
                                                    .refused = *verdict,
                                                    .exempt = exempt,
                                                    .counted = !exempt && !from_proxy,
                                                    .from_proxy = from_proxy,
                                                    .from = who});
    if (listeners_[number].tls) {
        socket->tls = open_tls(listeners_[number].tls, fd).release();
        if (socket->tls == nullptr) {  // out of memory: never in plain text instead
            ::close(fd);
            if (socket->counted) uncount(who, *verdict != refusal::none);
            return;
        }
    }
    ++load_[to];
    ++open_;
    if (to == 0) return all_.workers[0]->adopt(*socket);
    std::vector<order> batch(1);
    batch[0].kind = order_kind::adopt;
    batch[0].extra = std::move(socket);
    all_.workers[to]->post(batch);
}

// Running out of files must not cost those who are here anything: nothing is accepted until one leaves, or a second
// passed.
void acceptor::pause(int error) {
    watch(false);
    resume_ms_ = now_ + pause_ms;
    if (now_ - last_complaint_ms_ < complaint_every_ms) return;
    last_complaint_ms_ = now_;
    all_.log(severity::error,
             fmt::format("Out of file descriptors ({}): no new connections until some close; {} are open",
                         reason(error), open_));
}

// ── limits of an address ────────────────────────────────────────────────────────────────────────────────────────────

std::size_t acceptor::ip_hash::operator()(const std::array<std::uint8_t, 16>& ip) const {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(ip.data()), ip.size()});
}

bool acceptor::is_exempt(const peer& from) const { return from.local || (limits_->exempt && limits_->exempt(from)); }

void acceptor::judge(judgement& j) {
    now_ = now_ms();  // the last turn may be long ago
    if (j.counted_before) uncount(j.before, j.refused_before);
    j.exempt = is_exempt(j.from);
    const auto verdict = judge(j.from, j.exempt);
    j.refused = verdict.value_or(refusal::too_many);
    j.counted = !j.exempt && verdict;
    j.close_at_once = !verdict;
}

// Nothing: close at once; so many are open from there already only to be refused that no more are told.
std::optional<refusal> acceptor::judge(const peer& from, bool exempt) {
    if (exempt) return refusal::none;
    auto& use = addresses_[from.prefix()];
    use.last_ms = now_;
    const auto per_minute = static_cast<double>(limits_->connects_per_minute_per_ip);
    auto verdict = refusal::none;
    if (limits_->connections_per_ip != 0 && use.connections >= limits_->connections_per_ip) {
        verdict = refusal::too_many;
    } else if (!use.connects.take({per_minute / 60.0, per_minute}, now_)) {
        verdict = refusal::too_fast;
    }
    if (verdict == refusal::none) {
        ++use.connections;
    } else {
        if (use.refused >= 16) return std::nullopt;
        ++use.refused;
    }
    return verdict;
}

void acceptor::release(const peer& from, std::uint32_t worker, bool counted, bool refused) {
    --load_[worker];
    --open_;
    if (resume_ms_ != 0 && !listeners_.empty()) resume_ms_ = now_;
    if (counted) uncount(from, refused);
}

void acceptor::uncount(const peer& from, bool refused) {
    const auto at = addresses_.find(from.prefix());
    if (at == addresses_.end()) return;
    auto& count = refused ? at->second.refused : at->second.connections;
    if (count > 0) --count;
}

void acceptor::forget_old(std::int64_t now) {
    next_sweep_ms_ = now + sweep_every_ms;
    std::erase_if(addresses_, [&](const auto& entry) {
        return entry.second.connections + entry.second.refused == 0 && now - entry.second.last_ms > sweep_every_ms;
    });
}

}  // namespace brusio::net
