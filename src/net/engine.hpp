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
#include "net/tls.hpp"
#include "net/types.hpp"

namespace brusio::net {

struct listener_options {
    endpoint at;
    std::shared_ptr<const splitter> protocol;
    bool hold_until_admitted = true;  // after its first message a connection's input waits for `admit`
    tls_context tls;                  // null: plain
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
    void hold(conn_id conn);
    void join(conn_id conn, group_id group);
    void leave(conn_id conn, group_id group);
    void send(conn_id conn, buffer bytes);
    // To all members of the group on this worker but `except`.
    void multicast(std::uint32_t worker, group_id group, buffer bytes, conn_id except);
    void close(conn_id conn);
    void probe(conn_id conn, std::uint64_t token);
    void stop_reading();
    void close_all();
    void publish();

    net::gate& gate();
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
