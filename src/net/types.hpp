// The values that pass between net and whoever drives it: handles, limits, events (from the workers) and orders (to
// them).
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/token_bucket.hpp"

struct ssl_st;

namespace brusio::net {

// One connection. The generation makes a stale handle harmless: orders for a connection that is gone are ignored.
struct conn_id {
    std::uint32_t worker = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  // 0: no connection
    auto operator<=>(const conn_id&) const = default;
    explicit operator bool() const { return generation != 0; }
};

// A multicast group: the connections of one channel that understand one wire shape. Numbered by the caller.
enum class group_id : std::uint64_t {};

// Bytes rendered once and shared by everyone they go to.
using buffer = std::shared_ptr<const std::string>;

// Where somebody connects from.
struct peer {
    std::array<std::uint8_t, 16> ip{};  // IPv4 as ::ffff:a.b.c.d
    std::uint16_t port = 0;
    bool local = false;        // a unix socket: no address
    std::string text() const;  // "192.0.2.1:1234", "[2001:db8::1]:1234", "unix"
};
peer peer_of(const sockaddr_storage& address);

// An address to listen on.
struct endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;
    std::string unix_path;  // when the family is AF_UNIX
    std::string text() const;
};

// ── splitting ───────────────────────────────────────────────────────────────────────────────────────────────────────

enum class split_status : std::uint8_t { message, need_more, not_this_protocol, too_long };

struct split {
    split_status status = split_status::need_more;
    std::string_view body;     // of a message: a view into the input
    std::size_t consumed = 0;  // bytes of input that are done with
};

// A protocol's first half: where messages begin and end. Called on the workers, from several threads at once:
// stateless.
class splitter {
  public:
    virtual ~splitter() = default;
    // `limit`: the longest message body in bytes (0: none).
    virtual split next(std::string_view input, std::uint64_t limit) const = 0;
};

// ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// 0 means no limit throughout.
struct limits {
    std::uint32_t connections_per_ip = 16;  // IPv6: for each /64
    std::uint32_t connects_per_minute_per_ip = 32;
    std::function<bool(const peer&)>
        exempt;                        // from the limits of addresses and rates; thread-safe. Unix sockets always are.
    base::rate_limit messages{2, 10};  // of one connection; input over it is delayed by not reading
    std::uint64_t send_queue_bytes = std::uint64_t{1} << 20U;
    std::uint64_t send_memory_bytes = std::uint64_t{256} << 20U;
    std::int64_t login_timeout_ms = 20'000;
    std::int64_t frame_timeout_ms = 60'000;  // from the first byte of a message to its last
    std::uint64_t message_bytes = 16384;
};

// ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

enum class why_closed : std::uint8_t {
    by_order,       // an order closed it
    reset,          // the peer or the network broke it
    login_timeout,  // not admitted in time
    frame_timeout,  // a message began and did not end in time
    slow_consumer,  // its send queue passed the limit
    send_memory,    // it had the largest queue when all queues together passed the limit
    tls_failure,    // no TLS handshake, or broken TLS
    unflushed,      // closing, and it did not read what it was still sent
};

enum class event_kind : std::uint8_t {
    opened,       // a connection; `from`, `listener`; `refused` when it is over a limit of its address
    message,      // `body`
    input_ended,  // the peer sends no more; everything before has been handed over. It may still read.
    broken,       // what came is not the protocol (`status`); no more is read
    closed,       // the connection is gone (`why`): its last event
    probed,       // the answer to order_kind::probe; `token`, `ended`
    drained,      // the worker will hand over no more input (after stop_reading)
    emptied,      // the worker has no connections left (after close_all)
};

// Why a new connection is refused; it is opened all the same, so that its protocol can say so, and then closed.
enum class refusal : std::uint8_t { none, too_many, too_fast };

struct event {
    event_kind kind = event_kind::message;
    why_closed why = why_closed::by_order;
    split_status status = split_status::message;
    refusal refused = refusal::none;
    bool ended = false;
    std::uint32_t listener = 0;
    conn_id conn;
    std::uint64_t token = 0;
    peer from;
    std::string body;
};

// Takes the events of one worker's loop turn, in order. Called on worker threads; must not block for long.
using event_sink = std::function<void(std::vector<event>&&)>;

// ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// All orders to one worker form one FIFO.
enum class order_kind : std::uint8_t {
    admit,         // conn: log-in is done: the deadline is lifted and input flows
    hold,          // conn: hand over no more of its input until `admit`
    join,          // conn, group
    leave,         // conn, group
    send,          // conn, bytes
    multicast,     // group, bytes, conn: the one member that is left out
    close,         // conn: flush what is queued, end the sending side, discard input for 2 s or 1 MiB, close
    probe,         // conn, token: has the peer ended? If so its input is read to the end first
    stop_reading,  // hand over no more input
    close_all,     // close every connection
    // Between the workers and the engine itself:
    adopt,     // a socket from the acceptor
    released,  // to the acceptor: a connection of this address is gone
    shed,      // this worker has the largest send queue while all together are over their limit
    set_limits,
    stop_accepting,
    replace_tls,
};

struct adopted {
    int fd = -1;
    ssl_st* tls = nullptr;  // owned
    std::uint32_t listener = 0;
    refusal refused = refusal::none;
    bool exempt = false;
    peer from;
};

struct order {
    order_kind kind = order_kind::send;
    conn_id conn;
    group_id group{};
    std::uint64_t token = 0;
    buffer bytes;
    std::shared_ptr<const void> extra;  // adopted, limits, …: what few orders carry
};

}  // namespace brusio::net
