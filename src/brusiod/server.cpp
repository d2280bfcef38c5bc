#include "brusiod/server.hpp"

#include <netinet/in.h>
#include <system_error>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include <fmt/ranges.h>

#include "base/text.hpp"
#include "brusiod/cloak.hpp"
#include "brusiod/log.hpp"
#include "brusiod/password.hpp"
#include "net/tls.hpp"
#include "store/store.hpp"

namespace brusio::brusiod {
namespace {

std::int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool is_in(const std::vector<cidr>& networks, const net::peer& p) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, p.ip.data(), p.ip.size());
    return !p.local && is_exempt(networks, reinterpret_cast<const sockaddr*>(&address));
}

net::limits limits_of(const settings& s) {
    const auto& l = s.limits;
    net::limits n;
    n.connections_per_ip = l.connections_per_ip;
    n.connects_per_minute_per_ip = l.connects_per_minute_per_ip;
    n.exempt = [networks = l.exempt](const net::peer& p) { return p.local || is_in(networks, p); };
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

door::irc::settings irc_of(const settings& s, std::int64_t started_ms) {
    door::irc::settings irc{.server_name = s.server_name,
                            .network = s.network,
                            .description = s.description,
                            .version = "brusio-" BRUSIO_VERSION,
                            .started_ms = started_ms,
                            .motd = s.motd_text,
                            .admin = s.admin,
                            .password = s.password,
                            .message_bytes = s.limits.message_bytes,
                            .channels_per_user = s.limits.channels_per_user,
                            .sts_port = s.irc.sts_port,
                            .icon = s.irc.icon,
                            .blocked_tags = s.irc.blocked_tags,
                            .now_ms = wall_ms,
                            .log = [](const std::string& text) { log::write(net::severity::info, text); }};
    if (s.irc.sts) irc.sts_seconds = static_cast<std::uint64_t>(s.irc.sts->count());
    for (const auto& o : s.operators) irc.operators.push_back({o.name, o.password_hash});
    for (const auto& w : s.webirc) {
        irc.gateways.push_back({w.password, [from = w.addresses](const net::peer& p) { return is_in(from, p); }});
    }
    return irc;
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
    made->started_ms_ = wall_ms();
    if (auto opened = made->open(); !opened) return std::unexpected(opened.error());
    return made;
}

base::result<void> server::open() {
    if (auto made = make_data_folder(settings_.data); !made) return made;
    const auto name = base::make_identity(settings_.server_name);
    if (!name) return base::fail("the server's name cannot be used: {}", name.error().text);

    std::function<std::string(const net::peer&)> hide = [](const net::peer& p) { return plain_host(p.ip, p.local); };
    if (settings_.cloak) {
        const auto key = load_or_make_key(settings_.data);
        if (!key) return std::unexpected(key.error());
        hide = [by = cloak(*key)](const net::peer& p) { return by.host(p.ip, p.local); };
    }

    node::node_options o;
    o.workers = settings_.workers != 0 ? settings_.workers : std::max(1U, std::thread::hardware_concurrency());
    o.own_chat_thread =
        settings_.chat_thread == chat_thread_mode::own ||
        (settings_.chat_thread == chat_thread_mode::automatic && std::thread::hardware_concurrency() > 2);
    o.limits = limits_of(settings_);
    o.frame = frame_of(settings_);
    o.irc = irc_of(settings_, started_ms_);
    o.read_queue_bytes = settings_.limits.read_queue;
    o.chat.reserved = {*name};
    o.chat.channels_per_user = settings_.limits.channels_per_user;
    if (!settings_.lobby.empty()) {
        o.chat.lobby = o.frame.lobby;
        o.chat.lobby_looks = {base::channel_look(settings_.lobby), base::channel_cased_look(settings_.lobby),
                              base::is_ascii(settings_.lobby)};
    }
    o.log_messages = settings_.log_messages;
    o.log = log::write;
    o.wall_ms = wall_ms;
    o.cloak = std::move(hide);
    o.is_password = [](const std::string& kept, const std::string& given) { return verify_password(kept, given); };
    o.reload = [this](auto done) { ask_reload(std::move(done)); };
    node_ = std::make_unique<node::node>(std::move(o), std::make_unique<store::null_engine>());

    std::vector<std::string> ready;
    for (const auto& l : settings_.listeners) {
        node::node::listening at{.door = l.door, .at = endpoint_of(l.where), .tls = {}, .proxies = {}};
        if (l.tls) {
            auto loaded = net::load_tls(settings_.tls.certificate, settings_.tls.key);
            if (!loaded) return std::unexpected(loaded.error());
            at.tls = *loaded;
        }
        if (l.proxy_protocol) {
            at.proxies = [from = settings_.proxies](const net::peer& p) { return is_in(from, p); };
        }
        auto bound = node_->listen(at);
        if (!bound) return std::unexpected(bound.error());
        ready.push_back(
            fmt::format("Listening for connections on {} ({}{})", bound->text(), l.door, l.tls ? ", tls" : ""));
    }
    node_->start();
    for (const auto& line : ready) log::write(net::severity::info, line);
    return {};
}

void server::ask_reload(std::function<void(std::string)> done) {
    const std::lock_guard lock(askers_mutex_);
    askers_.push_back(std::move(done));
    ::kill(::getpid(), SIGHUP);
}

void server::reload() {
    const auto outcome = reload_now();
    const std::lock_guard lock(askers_mutex_);
    for (const auto& tell : askers_) tell(outcome);
    askers_.clear();
}

std::string server::reload_now() {
    const auto keep = [](const std::string& why) {
        auto outcome = told_of_failed_reload(why);
        log::write(net::severity::error, outcome);
        return outcome;
    };
    auto now = load_settings(sources_);
    if (!now) return keep(now.error().text);
    if (!now->tls.certificate.empty()) {
        auto loaded = net::load_tls(now->tls.certificate, now->tls.key);
        if (!loaded) return keep(loaded.error().text);
        node_->replace_tls(*loaded);
    }
    const auto later = changes_needing_restart(settings_, *now);
    settings_ = after_reload(settings_, std::move(*now));
    node_->set(limits_of(settings_), frame_of(settings_), irc_of(settings_, started_ms_));
    if (!later.empty()) {
        log::write(net::severity::warning, fmt::format("Needs a restart to take effect: {}", fmt::join(later, ", ")));
    }
    log::write(net::severity::info, "Configuration reloaded");
    return told_of_reload(later);
}

}  // namespace brusio::brusiod
