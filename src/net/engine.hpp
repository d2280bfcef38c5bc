// net: sockets, workers and the fan-out. It knows *connections* and *multicast groups*; it does not know names,
// channels, protocols (a `splitter` tells where messages begin and end) or what the bytes mean.
//
// N workers, one epoll reactor each. A loop turn of a worker: read what is ready and hand the messages over as one
// batch; run the hosted task, if it has one; take all orders; then flush each dirty connection once. Workers never call
// back into whoever drives them except through the event sink and the hosted task.
//
// Contract of the orders: one FIFO for each worker. `send`, `multicast` and the others are collected on the driving
// thread and leave together with `publish`, which wakes only workers that sleep. Handles of connections that are gone
// are ignored.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/gate.hpp"
#include "net/latency.hpp"
#include "net/tls.hpp"
#include "net/types.hpp"

namespace brusio::net {

struct listener_options {
    endpoint at;
    std::shared_ptr<const splitter> protocol;
    bool hold_until_admitted = true;  // after its first message a connection's input waits for `admit`
    tls_context tls;                  // null: plain
    // A connection over its rate of messages is read on until so many bytes wait; with more its input is broken
    // (split_status::flooded). 0: never, the rest waits in the kernel.
    std::uint64_t read_queue_bytes = 0;
    // Proxies in front of us: a connection from one must begin with a PROXY header (v1 or v2, before TLS), and is from
    // the address which that names. Null: none. Called on worker 0.
    std::function<bool(const peer&)> proxies;
};

enum class severity : std::uint8_t { info, warning, error };

struct engine_options {
    std::uint32_t workers = 1;
    net::limits limits;
    event_sink sink;
    std::function<void(severity, std::string)> log;
    // Runs once in each turn of worker 0, on its thread; returns when it wants to run again without being woken, in
    // milliseconds of `now_ms`, if at all.
    std::function<std::optional<std::int64_t>()> hosted;
    // Asked by worker 0 once more before it sleeps, after it has said that it will: whoever brings the hosted task work
    // first brings it, then calls `wake_host`.
    std::function<bool()> hosted_has_work;
};

// Milliseconds of the steady clock that all of net uses.
std::int64_t now_ms();
std::int64_t now_us();

class worker;
class acceptor;

class engine {
  public:
    explicit engine(engine_options options);
    ~engine();  // stops at once

    // Before `start`: binds and listens. The error is a sentence such as "cannot listen on 127.0.0.1:1234: address in
    // use". Returns the address as bound (port 0 has become a port).
    base::result<endpoint> listen(listener_options options);
    void start();

    // Any thread; takes effect soon.
    void set_limits(const limits& limits);
    void replace_tls(const tls_context& context);  // of all TLS listeners; connections that exist keep theirs
    void stop_accepting();
    void wake_host();

    // The driving thread only (the chat thread): collect orders, then `publish` them together.
    void admit(conn_id conn);
    void hold(conn_id conn);  // also before the first `admit`
    void unhold(conn_id conn);
    void join(conn_id conn, group_id group);
    void leave(conn_id conn, group_id group);
    void send(conn_id conn, buffer bytes);
    // To all members of the group on this worker but `except`.
    void multicast(std::uint32_t worker, group_id group, buffer bytes, conn_id except);
    // To everyone on this worker who is in one of the groups, once, but those in `except`.
    void multicast(std::uint32_t worker, std::vector<group_id> groups, buffer bytes, std::vector<conn_id> except);
    // For gateways that say whom they speak for: from now on the connection counts under this address and its limits.
    // Answered with event_kind::readdressed; a refused connection stays open until it is closed.
    void readdress(conn_id conn, const peer& from);
    void close(conn_id conn);
    void probe(conn_id conn, std::uint64_t token);
    void stop_reading();
    void close_all();
    // For `times`: all orders since the last `publish` follow from so many messages, the first of which was read then
    // (event::token of a message).
    void mark(std::int64_t read_us, std::uint32_t messages);
    void publish();

    net::gate& gate();
    // How long messages took from being read to being answered or passed on; any thread.
    latency& times();
    std::uint32_t workers() const;

    // Any thread but a worker: ends the worker threads, whatever they still have.
    void stop();

  private:
    void give(std::uint32_t worker, order o);
    void give_all(order_kind kind);

    struct body;
    std::unique_ptr<body> body_;
};

}  // namespace brusio::net
