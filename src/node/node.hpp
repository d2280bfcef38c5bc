// node: one server's wiring, and the only place that knows net, doors, chat and store. It owns the chat thread, on
// which events from the workers become commands, commands become effects, and effects leave as orders to the workers —
// in batches, and not before the store has what they depend on (output_commit.hpp).
//
// The chat thread is one of its own, or worker 0's loop hosts it (`shared`): on two cores that keeps latency at the
// floor's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "chat/chat.hpp"
#include "door/frame/frame_door.hpp"
#include "net/engine.hpp"
#include "store/store.hpp"

namespace brusio::node {

struct node_options {
    std::uint32_t workers = 1;
    bool own_chat_thread = false;
    net::limits limits;
    chat::settings chat;
    door::frame::settings frame;
    bool log_messages = false;
    std::function<void(net::severity, std::string)> log;  // any thread; must not block
    // Milliseconds since 1970, for the stamps of commands. Tests give their own.
    std::function<std::int64_t()> wall_ms;
};

class node {
  public:
    node(node_options options, std::unique_ptr<store::engine> store);
    ~node();  // ends at once whatever still runs

    // Before `start`. Returns the address as bound.
    base::result<net::endpoint> listen_frames(const net::endpoint& at, net::tls_context tls);
    void start();

    // Any thread.
    void set(const net::limits& limits, const door::frame::settings& frame);
    void replace_tls(const net::tls_context& context);
    // Two-phase shutdown: accepts and reads no more, commits and delivers what is queued within 5 s, closes.
    // `when_done` is called once, on the chat thread, when all is closed or the time is over.
    void stop(std::function<void()> when_done);

  private:
    struct body;
    std::unique_ptr<body> body_;
};

}  // namespace brusio::node
