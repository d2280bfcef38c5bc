// Who of a channel sits on which worker, so that a message costs one order for each worker that has members, not one
// for each member. A multicast group is a channel in one wire shape; this version has one shape, the frame's. Chat
// thread only.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "chat/values.hpp"
#include "net/engine.hpp"
#include "node/links.hpp"

namespace brusio::node {

class fan_out {
  public:
    explicit fan_out(net::engine& engine) : engine_(engine) {}

    void join(link& l, chat::channel_id channel);
    void leave(link& l, chat::channel_id channel);
    // The connection is gone: net has taken it out of its groups already.
    void forget(link& l);
    // To everyone in the channel but `except`.
    void send(chat::channel_id channel, std::string bytes, net::conn_id except);

  private:
    void count_out(const link& l, chat::channel_id channel);

    net::engine& engine_;
    std::unordered_map<chat::channel_id, std::vector<std::uint32_t>> members_;  // by worker
};

}  // namespace brusio::node
