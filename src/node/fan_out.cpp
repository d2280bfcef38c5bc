#include "node/fan_out.hpp"

#include <algorithm>

namespace brusio::node {
namespace {

net::group_id group_of(chat::channel_id channel, std::uint32_t shape) {
    return static_cast<net::group_id>(channel.value << 20U | shape);
}

}  // namespace

// Before its first channel a connection's shape is nobody's business.
std::uint32_t fan_out::number_of(const link& l) {
    const shape s{l.at, l.talk->shape()};
    const auto [at, fresh] = numbers_.try_emplace({s.at, s.bits}, static_cast<std::uint32_t>(shapes_.size()));
    if (fresh) shapes_.push_back(s);
    return at->second;
}

fan_out::crowd& fan_out::crowd_of(const link& l, chat::channel_id channel) {
    auto& crowds = members_[channel];
    const auto at = std::ranges::find(crowds, l.shape, &crowd::shape);
    if (at != crowds.end()) return *at;
    return crowds.emplace_back(l.shape, std::vector<std::uint32_t>(engine_.workers()));
}

void fan_out::join(link& l, chat::channel_id channel) {
    if (l.channels.empty()) l.shape = number_of(l);
    ++crowd_of(l, channel).on[l.conn.worker];
    l.channels.push_back(channel);
    engine_.join(l.conn, group_of(channel, l.shape));
}

void fan_out::leave(link& l, chat::channel_id channel) {
    if (std::erase(l.channels, channel) == 0) return;
    count_out(l, channel);
    engine_.leave(l.conn, group_of(channel, l.shape));
}

void fan_out::reshape(link& l) {
    if (l.channels.empty()) return;
    const auto now = number_of(l);
    if (now == l.shape) return;
    for (const auto channel : l.channels) {
        count_out(l, channel);
        engine_.leave(l.conn, group_of(channel, l.shape));
    }
    l.shape = now;
    for (const auto channel : l.channels) {
        ++crowd_of(l, channel).on[l.conn.worker];
        engine_.join(l.conn, group_of(channel, l.shape));
    }
}

void fan_out::forget(link& l) {
    for (const auto channel : l.channels) count_out(l, channel);
    l.channels.clear();
}

void fan_out::count_out(const link& l, chat::channel_id channel) {
    const auto at = members_.find(channel);
    const auto mine = std::ranges::find(at->second, l.shape, &crowd::shape);
    --mine->on[l.conn.worker];
    if (std::ranges::any_of(mine->on, [](auto n) { return n != 0; })) return;
    at->second.erase(mine);
    if (at->second.empty()) members_.erase(at);
}

net::buffer fan_out::rendered(std::uint32_t shape, const chat::effect& what) const {
    const auto& s = shapes_[shape];
    return std::make_shared<const std::string>(s.at->render(what, s.bits));
}

void fan_out::send(chat::channel_id channel, const chat::effect& what, net::conn_id except) {
    const auto at = members_.find(channel);
    if (at == members_.end()) return;
    for (const auto& c : at->second) {
        const auto bytes = rendered(c.shape, what);
        if (bytes->empty()) continue;
        for (std::uint32_t w = 0; w < c.on.size(); ++w) {
            if (c.on[w] > 0) engine_.multicast(w, group_of(channel, c.shape), bytes, except);
        }
    }
}

void fan_out::send(const std::vector<chat::channel_id>& channels, const chat::effect& what,
                   const std::vector<net::conn_id>& except) {
    if (channels.size() == 1 && except.size() <= 1) {
        return send(channels.front(), what, except.empty() ? net::conn_id{} : except.front());
    }
    std::map<std::uint32_t, std::vector<std::vector<net::group_id>>> groups;  // by shape and worker
    for (const auto channel : channels) {
        const auto at = members_.find(channel);
        if (at == members_.end()) continue;
        for (const auto& c : at->second) {
            auto& by_worker = groups[c.shape];
            by_worker.resize(engine_.workers());
            for (std::uint32_t w = 0; w < c.on.size(); ++w) {
                if (c.on[w] > 0) by_worker[w].push_back(group_of(channel, c.shape));
            }
        }
    }
    for (auto& [shape, by_worker] : groups) {
        const auto bytes = rendered(shape, what);
        if (bytes->empty()) continue;
        for (std::uint32_t w = 0; w < by_worker.size(); ++w) {
            if (!by_worker[w].empty()) engine_.multicast(w, std::move(by_worker[w]), bytes, except);
        }
    }
}

}  // namespace brusio::node
