// Accepts for all workers, on worker 0's thread: one place that knows how many connections an address has, so limits
// need no locks, and each new connection goes to the worker that has the fewest.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/token_bucket.hpp"
#include "net/engine.hpp"
#include "net/types.hpp"

namespace brusio::net {

struct shared;

class acceptor {
  public:
    acceptor(shared& all, const limits& limits);
    ~acceptor();

    // Before the workers start.
    base::result<endpoint> listen(const listener_options& options);
    void start(int epoll);

    // Worker 0's thread.
    bool owns(std::uint64_t key) const { return (key >> 32U) == 0; }  // generations begin at 1
    void on_ready(std::uint64_t key);
    void on_time(std::int64_t now);
    std::int64_t resume_ms() const { return resume_ms_; }  // 0: not waiting
    void release(const peer& from, std::uint32_t worker, bool counted, bool refused);
    void uncount(const peer& from, bool refused);
    // Gives the old count back and judges the new address as that of a new connection.
    void judge(judgement& j);
    void set_limits(std::shared_ptr<const limits> limits) { limits_ = std::move(limits); }
    void replace_tls(const tls_context& context);
    void close();

  private:
    struct listening {
        int fd = -1;
        endpoint at;
        tls_context tls;
        std::function<bool(const peer&)> proxies;
    };
    struct address_use {
        std::uint32_t connections = 0;
        std::uint32_t refused = 0;  // open only to be told so
        base::token_bucket connects;
        std::int64_t last_ms = 0;
    };
    struct ip_hash {
        std::size_t operator()(const std::array<std::uint8_t, 16>& ip) const;
    };

    void accept_some(std::uint32_t number);
    void take_in(std::uint32_t number, int fd, const sockaddr_storage& from);
    bool is_exempt(const peer& from) const;
    std::optional<refusal> judge(const peer& from, bool exempt);
    void pause(int error);
    void watch(bool on);
    void forget_old(std::int64_t now);

    shared& all_;
    std::shared_ptr<const limits> limits_;
    std::vector<listening> listeners_;
    std::unordered_map<std::array<std::uint8_t, 16>, address_use, ip_hash> addresses_;
    std::vector<std::size_t> load_;  // connections of each worker
    int epoll_ = -1;
    std::int64_t now_ = 0;
    std::int64_t resume_ms_ = 0;
    std::int64_t last_complaint_ms_ = 0;
    std::int64_t next_sweep_ms_ = 0;
    std::size_t capacity_ = 0;  // connections that our file limit allows
    std::size_t open_ = 0;
};

}  // namespace brusio::net
