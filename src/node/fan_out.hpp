// Who of a channel sits on which worker and understands which wire shape, so that a message is rendered once for each
// shape and costs one order for each worker that has members, not one for each member. A multicast group is a channel
// in one wire shape. Chat thread only.
#pragma once

#include <functional>
#include <map>
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
    // The connection's shape may have changed: its groups follow.
    void reshape(link& l);
    // The connection is gone: net has taken it out of its groups already.
    void forget(link& l);
    // An effect for everyone in the channel but `except`.
    void send(chat::channel_id channel, const chat::effect& what, net::conn_id except);
    // Once for everyone who is in one of the channels, but `except`.
    void send(const std::vector<chat::channel_id>& channels, const chat::effect& what,
              const std::vector<net::conn_id>& except);

  private:
    struct shape {
        const door::door* at = nullptr;
        std::uint32_t bits = 0;
    };
    struct crowd {
        std::uint32_t shape = 0;
        std::vector<std::uint32_t> on;  // members by worker
    };
    std::uint32_t number_of(const link& l);
    crowd& crowd_of(const link& l, chat::channel_id channel);
    void count_out(const link& l, chat::channel_id channel);
    net::buffer rendered(std::uint32_t shape, const chat::effect& what) const;

    net::engine& engine_;
    std::vector<shape> shapes_;  // every one that there was
    std::map<std::pair<const door::door*, std::uint32_t>, std::uint32_t> numbers_;
    std::unordered_map<chat::channel_id, std::vector<crowd>> members_;
};

}  // namespace brusio::node
