#include "brusiod/server.hpp"

#include <netinet/in.h>
#include <system_error>

#include <chrono>
#include <cstring>
#include <thread>

#include <fmt/ranges.h>

#include "brusiod/log.hpp"
#include "net/tls.hpp"
#include "store/store.hpp"

namespace brusio::brusiod {
namespace {

net::limits limits_of(const settings& s) {
    const auto& l = s.limits;
    net::limits n;
    n.connections_per_ip = l.connections_per_ip;
    n.connects_per_minute_per_ip = l.connects_per_minute_per_ip;
    n.exempt = [networks = l.exempt](const net::peer& p) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        std::memcpy(&address.sin6_addr, p.ip.data(), p.ip.size());
        return p.local || is_exempt(networks, reinterpret_cast<const sockaddr*>(&address));
    };
    n.messages = l.burst == 0 ? base::rate_limit{0, 1} : base::rate_limit{l.commands_per_second, double(l.burst)};
    n.send_queue_bytes = l.send_queue;
    n.send_memory_bytes = l.send_memory;
    n.login_timeout_ms = l.login_timeout.count();
    n.message_bytes = l.message_bytes;
    return n;
}

door::frame::settings frame_of(const settings& s) {
    return {.server_name = s.server_name,
            .lobby = {s.lobby, base::fold(s.lobby)},
            .commands = s.frame_commands,
            .message_bytes = s.limits.message_bytes};
}

std::int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

net::endpoint endpoint_of(const address& where) {
    net::endpoint e;
    e.address = where.storage();
    e.length = where.size();
    if (where.family() == AF_UNIX) e.unix_path = where.text().substr(std::string_view("unix:").size());
    return e;
}

// Private to whoever runs the server: what will be kept there is people's talk.
base::result<void> make_data_folder(const std::filesystem::path& folder) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(folder, error);
    if (error) return base::fail("cannot make the data folder {}: {}", folder.string(), error.message());
    if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    return {};
}

}  // namespace

base::result<void> check_tls(const settings& with) {
    if (with.tls.certificate.empty()) return {};
    auto loaded = net::load_tls(with.tls.certificate, with.tls.key);
    if (!loaded) return std::unexpected(loaded.error());
    return {};
}

base::result<std::unique_ptr<server>> server::start(const sources& from, const settings& with) {
    std::unique_ptr<server> made(new server(from, with));
    if (auto opened = made->open(); !opened) return std::unexpected(opened.error());
    return made;
}

base::result<void> server::open() {
    if (auto made = make_data_folder(settings_.data); !made) return made;
    const auto name = base::make_identity(settings_.server_name);
    if (!name) return base::fail("the server's name cannot be used: {}", name.error().text);

    node::node_options o;
    o.workers = settings_.workers != 0 ? settings_.workers : std::max(1U, std::thread::hardware_concurrency());
    o.own_chat_thread =
        settings_.chat_thread == chat_thread_mode::own ||
        (settings_.chat_thread == chat_thread_mode::automatic && std::thread::hardware_concurrency() > 2);
    o.limits = limits_of(settings_);
    o.frame = frame_of(settings_);
    o.chat = {.lobby = o.frame.lobby, .reserved = {*name}, .remembers = false};
    o.log_messages = settings_.log_messages;
    o.log = log::write;
    o.wall_ms = wall_ms;
    node_ = std::make_unique<node::node>(std::move(o), std::make_unique<store::null_engine>());

    std::vector<std::string> ready;
    for (const auto& l : settings_.listeners) {
        net::tls_context tls;
        if (l.tls) {
            auto loaded = net::load_tls(settings_.tls.certificate, settings_.tls.key);
            if (!loaded) return std::unexpected(loaded.error());
            tls = *loaded;
        }
        auto bound = node_->listen_frames(endpoint_of(l.where), tls);
        if (!bound) return std::unexpected(bound.error());
        ready.push_back(
            fmt::format("Listening for connections on {} ({}{})", bound->text(), l.door, l.tls ? ", tls" : ""));
    }
    node_->start();
    for (const auto& line : ready) log::write(net::severity::info, line);
    return {};
}

void server::reload() {
    const auto keep = [](const std::string& why) {
        log::write(net::severity::error, "The old configuration stays: " + why);
    };
    auto now = load_settings(sources_);
    if (!now) return keep(now.error().text);
    if (!now->tls.certificate.empty()) {
        auto loaded = net::load_tls(now->tls.certificate, now->tls.key);
        if (!loaded) return keep(loaded.error().text);
        node_->replace_tls(*loaded);
    }
    const auto later = changes_needing_restart(settings_, *now);
    // What a reload cannot change keeps its running value, so that the next reload compares with what really runs.
    auto running = settings_;
    running.limits = now->limits;
    if (!now->tls.certificate.empty()) running.tls = now->tls;
    running.frame_commands = now->frame_commands;
    settings_ = running;
    node_->set(limits_of(settings_), frame_of(settings_));
    if (!later.empty()) {
        log::write(net::severity::warning, fmt::format("Needs a restart to take effect: {}", fmt::join(later, ", ")));
    }
    log::write(net::severity::info, "Configuration reloaded");
}

}  // namespace brusio::brusiod
