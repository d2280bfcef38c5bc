// The values that pass between net and whoever drives it: handles, limits, events (from the workers) and orders (to
// them).
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
    bool local = false;           // a unix socket: no address
    std::string text() const;     // "192.0.2.1:1234", "[2001:db8::1]:1234", "unix"
    std::string address() const;  // "192.0.2.1", "2001:db8::1", "unix"
    // What its limits count: the address, of IPv6 the /64, which one household has.
    std::array<std::uint8_t, 16> prefix() const;
};
peer peer_of(const sockaddr_storage& address);
// "192.0.2.1", "2001:db8::1"; nothing when it is no address.
std::optional<peer> peer_from(const std::string& address);

// An address to listen on.
struct endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;
    std::string unix_path;  // when the family is AF_UNIX
    std::string text() const;
};

// ── splitting ───────────────────────────────────────────────────────────────────────────────────────────────────────

enum class split_status : std::uint8_t {
    message,
    need_more,
    not_this_protocol,
    too_long,  // and no way to go on: the input is broken
    skip,      // a message that is too long begins here: it is dropped whole, through `splitter::skip`
    too_late,  // never from a splitter: no log-in in time
    flooded,   // never from a splitter: more waits over the rate than `listener_options::read_queue_bytes`
};

// What a protocol's message is to one that is sent in several. Between what begins and what ends one, pieces cost what
// their bytes cost together, however many they are; the protocol must see to it that a piece is answered by nothing.
enum class part : std::uint8_t { none, begins, piece, ends };

struct split {
    split_status status = split_status::need_more;
    std::string_view body;  // of a message: a view into the input
    // Bytes of input that are done with: a message's, or what comes before one and says nothing (blank lines).
    std::size_t consumed = 0;
    part what = part::none;
};

// A protocol's first half: where messages begin and end. Called on the workers, from several threads at once:
// stateless.
class splitter {
  public:
    virtual ~splitter() = default;
    // `limit`: the longest message body in bytes (0: none).
    virtual split next(std::string_view input, std::uint64_t limit) const = 0;
    // Of a message that `next` wants skipped: how many bytes of input belong to it and are dropped. Called again with
    // what follows until `found_end` is set; before that it leaves nothing, or the few bytes with which an end may
    // begin.
    virtual std::size_t skip(std::string_view input, bool& found_end) const {
        found_end = false;
        return input.size();
    }
};

// ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// What one token of `limits::messages` pays for.
inline constexpr std::size_t token_bytes = 512;

// 0 means no limit throughout.
struct limits {
    std::uint32_t connections_per_ip = 16;  // IPv6: for each /64
    std::uint32_t connects_per_minute_per_ip = 32;
    std::function<bool(const peer&)>
        exempt;                        // from the limits of addresses and rates; thread-safe. Unix sockets always are.
    base::rate_limit messages{2, 10};  // of one connection; every begun `token_bytes` of input cost one token
    std::uint64_t send_queue_bytes = std::uint64_t{1} << 20U;
    std::uint64_t send_memory_bytes = std::uint64_t{256} << 20U;
    std::int64_t login_timeout_ms = 20'000;
    std::int64_t frame_timeout_ms = 60'000;  // from the first byte of a message to its last
    std::uint64_t message_bytes = 16384;
};

// ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

enum class why_closed : std::uint8_t {
    by_order,          // an order closed it
    reset,             // the peer or the network broke it
    login_timeout,     // not admitted in time
    frame_timeout,     // a message began and did not end in time
    slow_consumer,     // its send queue passed the limit
    send_memory,       // it had the largest queue when all queues together passed the limit
    tls_failure,       // no TLS handshake, or broken TLS
    unflushed,         // closing, and it did not read what it was still sent
    bad_proxy_header,  // from a proxy, and it did not begin with a PROXY header
};

enum class event_kind : std::uint8_t {
    opened,       // a connection; `from`, `listener`, `secure`; `refused` when it is over a limit of its address
    certificate,  // the client's: SHA-256 of its DER as lower-case hex in `body`. Before the first message, or never
    message,      // `body`
    overlong,     // a message came that is dropped, because it is too long
    readdressed,  // the answer to order_kind::readdress: `from`, and `refused` as for a connection from there
    input_ended,  // the peer sends no more; everything before has been handed over. It may still read.
    broken,       // what came is not the protocol (`status`); no more is read
    closed,       // the connection is gone (`why`): its last event. One whose PROXY header never came was not opened
                  // before; here `from` is the proxy
    probed,       // the answer to order_kind::probe; `token`, `ended`
    drained,      // the worker will hand over no more input (after stop_reading)
    emptied,      // the worker has no connections left (after close_all)
    named,        // over TLS it asked for a host name that our certificate is for. Before the first message, or never
};

// Why a new connection is refused; it is opened all the same, so that its protocol can say so, and then closed.
enum class refusal : std::uint8_t { none, too_many, too_fast };

struct event {
    event_kind kind = event_kind::message;
    why_closed why = why_closed::by_order;
    split_status status = split_status::message;
    refusal refused = refusal::none;
    bool ended = false;
    bool secure = false;  // over TLS
    std::uint32_t listener = 0;
    conn_id conn;
    std::uint64_t token = 0;  // of a message: when it was read, in microseconds of the steady clock
    peer from;
    std::string body;
};

// Takes the events of one worker's loop turn, in order. Called on worker threads; must not block for long.
using event_sink = std::function<void(std::vector<event>&&)>;

// ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// All orders to one worker form one FIFO.
enum class order_kind : std::uint8_t {
    admit,         // conn: log-in is done: the deadline is lifted and input flows
    hold,          // conn: hand over no more of its input until `admit` or `unhold`
    unhold,        // conn: input flows again; whether it is admitted, and its deadline, stay as they are
    join,          // conn, group
    leave,         // conn, group
    send,          // conn, bytes
    multicast,     // group, bytes, conn: the one member that is left out
    multicast_to,  // bytes, extra: an audience
    readdress,     // conn, extra: the peer that it is from now on (a gateway speaks for it)
    close,         // conn: flush what is queued, end the sending side, discard input for 2 s or 1 MiB, close
    probe,         // conn, token: has the peer ended? If so its input is read to the end first
    stop_reading,  // hand over no more input
    close_all,     // close every connection
    mark,          // token: when a worker read what the orders before this one follow from; conn.slot: how many
                   // messages that were
    // Between the workers and the engine itself:
    adopt,     // a socket from the acceptor
    released,  // to the acceptor: a connection of this address is gone
    uncount,   // to the acceptor: a connection is no longer one of this address
    judge,     // to the acceptor: a connection has this address now (a judgement)
    judged,    // its answer
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
    bool counted = false;     // among the connections of its address
    bool from_proxy = false;  // a PROXY header comes first
    peer from;
};

// Who hears a multicast to several groups: the members of any of them but those left out.
struct audience {
    std::vector<group_id> groups;
    std::vector<conn_id> except;
};

// A question of a worker to the acceptor, and its answer: may a connection be from this address?
struct judgement {
    peer from;
    // The question: the count that the connection had until now, which is given back first.
    peer before;
    bool counted_before = false;
    bool refused_before = false;
    // The answer.
    refusal refused = refusal::none;
    bool exempt = false;
    bool counted = false;
    bool close_at_once = false;  // more are open only to be refused than are told so
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
