#include "node/fan_out.hpp"

#include <algorithm>

namespace brusio::node {
namespace {
net::group_id group_of(chat::channel_id channel) { return static_cast<net::group_id>(channel.value); }
}  // namespace

void fan_out::join(link& l, chat::channel_id channel) {
    auto& counts = members_[channel];
    counts.resize(engine_.workers());
    ++counts[l.conn.worker];
    l.channels.push_back(channel);
    engine_.join(l.conn, group_of(channel));
}

void fan_out::leave(link& l, chat::channel_id channel) {
    if (std::erase(l.channels, channel) == 0) return;
    count_out(l, channel);
    engine_.leave(l.conn, group_of(channel));
}

void fan_out::forget(link& l) {
    for (const auto channel : l.channels) count_out(l, channel);
    l.channels.clear();
}

void fan_out::count_out(const link& l, chat::channel_id channel) {
    const auto at = members_.find(channel);
    --at->second[l.conn.worker];
    if (std::ranges::all_of(at->second, [](auto n) { return n == 0; })) members_.erase(at);
}

void fan_out::send(chat::channel_id channel, std::string bytes, net::conn_id except) {
    const auto at = members_.find(channel);
    if (at == members_.end() || bytes.empty()) return;
    const auto shared = std::make_shared<const std::string>(std::move(bytes));
    for (std::uint32_t w = 0; w < at->second.size(); ++w) {
        if (at->second[w] > 0) engine_.multicast(w, group_of(channel), shared, except);
    }
}

}  // namespace brusio::node
