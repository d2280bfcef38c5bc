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
#include "brusiod/offline.hpp"
#include "brusiod/password.hpp"
#include "net/tls.hpp"
#include "store/sqlite/sqlite.hpp"

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
            .accounts = s.frame_accounts,
            .commands = s.frame_commands,
            .history = s.history.enabled,
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
    irc.accounts = {.here = true,
                    .required = s.require_account,
                    .registration = s.accounts.registration,
                    .before_connect = s.accounts.before_connect,
                    .email_required = s.accounts.email == email_mode::required,
                    .password_min = s.accounts.password_min};
    irc.history = {.on = s.history.enabled, .replay_lines = s.history.replay_lines};
    if (s.irc.sts) irc.sts_seconds = static_cast<std::uint64_t>(s.irc.sts->count());
    for (const auto& o : s.operators) irc.operators.push_back({o.name, o.password_hash});
    for (const auto& w : s.webirc) {
        irc.gateways.push_back({w.password, [from = w.addresses](const net::peer& p) { return is_in(from, p); }});
    }
    return irc;
}

chat::account_rules rules_of(const settings& s) {
    return {.required = s.require_account,
            .registration = s.accounts.registration,
            .before_log_in = s.accounts.before_connect,
            .channels = s.accounts.channels,
            .channels_per_account = s.accounts.channels_per_account};
}

node::log_in_rules log_ins_of(const settings& s) {
    return {.plaintext = s.accounts.plaintext, .password_min = s.accounts.password_min};
}

std::int64_t ms_or_never(const std::optional<std::chrono::milliseconds>& time) { return time ? time->count() : 0; }

chat::always_on_policy always_on_of(const settings& s) {
    switch (s.accounts.always_on) {
        case always_on_mode::opt_in:
            return chat::always_on_policy::opt_in;
        case always_on_mode::opt_out:
            return chat::always_on_policy::opt_out;
        case always_on_mode::off:
            break;
    }
    return chat::always_on_policy::off;
}

// Who asks through the control socket, or on the command line, as the node sees them.
class asker final : public node::administrator {
  public:
    explicit asker(std::shared_ptr<control_client> who) : who_(std::move(who)) {}
    bool out(std::string_view text) override { return who_->out(text); }
    void err(std::string_view text) override { who_->err(text); }
    void end(int code) override { who_->end(static_cast<std::uint8_t>(code)); }

  private:
    std::shared_ptr<control_client> who_;
};

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
    using std::filesystem::perms;
    if (made) {
        std::filesystem::permissions(folder, perms::owner_all, error);
    } else if (const auto now = std::filesystem::status(folder, error).permissions();
               !error && (now & (perms::group_all | perms::others_all)) != perms::none) {
        log::write(net::severity::warning,
                   fmt::format("The data folder {} is open to others; chmod 700 closes it", folder.string()));
    }
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
    if (auto opened = made->open(false); !opened) return std::unexpected(opened.error());
    return made;
}

base::result<std::unique_ptr<server>> server::start_alone(const sources& from, const settings& with) {
    std::unique_ptr<server> made(new server(from, with));
    made->started_ms_ = wall_ms();
    if (auto opened = made->open(true); !opened) return std::unexpected(opened.error());
    return made;
}

base::result<void> server::open(bool alone) {
    if (auto made = make_data_folder(settings_.data); !made) return made;
    if (settings_.cloak) {
        const auto key = load_or_make_key(settings_.data / "cloak.key", "bans of cloaked addresses fit no more");
        if (!key) return std::unexpected(key.error());
        cloak_key_ = *key;
    }
    const auto key = load_or_make_key(settings_.data / "login.key",
                                      "the server no longer knows from where people logged in before, and one who "
                                      "compares can tell which accounts exist");
    if (!key) return std::unexpected(key.error());
    log_in_key_ = *key;
    if (auto opened = open_store(); !opened) return opened;
    auto memory = store_->load();
    if (!memory) return std::unexpected(memory.error());
    if (auto forgotten = store_->forget_others(*memory); !forgotten) return forgotten;
    for (auto& c : memory->channels) {
        c.looks = {base::channel_look(c.name.name), base::channel_cased_look(c.name.name), base::is_ascii(c.name.name)};
    }
    if (!base::make_identity(settings_.server_name)) return base::fail("the server's name cannot be used");
    memory_ = store_.get();
    memory_->set_retention({ms_or_never(settings_.history.keep), ms_or_never(settings_.history.keep_direct)});
    if (settings_.accounts.email == email_mode::required) {
        mail_ = std::make_unique<mail_sender>(settings_.accounts.mail_command);
    }
    node_ = std::make_unique<node::node>(node_options_of(std::move(*memory)), std::move(store_));
    if (alone) {
        node_->start();
        return {};
    }
    const auto ready = listen();
    if (!ready) return std::unexpected(ready.error());
    auto control = control_server::start(settings_.data / control_socket_name,
                                         [this](control_request request, std::shared_ptr<control_client> who) {
                                             administer(std::move(request), std::move(who));
                                         });
    if (!control) return std::unexpected(control.error());
    control_ = std::move(*control);
    for (const auto& line : *ready) log::write(net::severity::info, line);
    return {};
}

base::result<void> server::open_store() {
    store::sqlite_options o{.file = (settings_.data / "brusio.db").string(),
                            .durable = settings_.history.durability == durability_mode::async
                                           ? store::durability::async
                                           : store::durability::commit,
                            .log =
                                [](store::severity how, const std::string& text) {
                                    log::write(how == store::severity::error     ? net::severity::error
                                               : how == store::severity::warning ? net::severity::warning
                                                                                 : net::severity::info,
                                               text);
                                },
                            .now_ms = wall_ms,
                            .vfs = {}};
    auto opened = store::open_sqlite(std::move(o));
    if (!opened) return std::unexpected(opened.error());
    store_ = std::move(*opened);
    return {};
}

node::node_options server::node_options_of(chat::memory&& from) {
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    node::node_options o;
    o.workers = settings_.workers != 0 ? settings_.workers : cores;
    o.own_chat_thread = settings_.chat_thread == chat_thread_mode::own ||
                        (settings_.chat_thread == chat_thread_mode::automatic && cores > 2);
    o.limits = limits_of(settings_);
    o.frame = frame_of(settings_);
    o.irc = irc_of(settings_, started_ms_);
    o.read_queue_bytes = settings_.limits.read_queue;
    // The names of the server's own: nobody may speak in them.
    for (const std::string& own :
         {settings_.server_name, std::string("NickServ"), std::string("ChanServ"), std::string("HistServ")}) {
        if (const auto name = base::make_identity(own)) o.chat.reserved.push_back(*name);
    }
    o.chat.channels_per_user = settings_.limits.channels_per_user;
    if (!settings_.lobby.empty()) {
        o.chat.lobby = o.frame.lobby;
        o.chat.lobby_looks = {base::channel_look(settings_.lobby), base::channel_cased_look(settings_.lobby),
                              base::is_ascii(settings_.lobby)};
    }
    o.chat.history = settings_.history.enabled;
    o.chat.grace_ms = settings_.history.unregistered_grace.count();
    o.chat.always_on = always_on_of(settings_);
    o.chat.always_on_expires_ms = ms_or_never(settings_.accounts.always_on_expires);
    o.chat.accounts = rules_of(settings_);
    o.chat.services.mask = fmt::format("ChanServ!ChanServ@{}", settings_.server_name);
    o.memory = std::move(from);
    o.slow_threads = std::max(1U, cores / 2);
    o.log_in_key.assign(log_in_key_.begin(), log_in_key_.end());
    o.log_ins = log_ins_of(settings_);
    o.send = [this](door::mail letter) { send_mail(std::move(letter)); };
    o.log_messages = settings_.log_messages;
    o.log = log::write;
    o.wall_ms = wall_ms;
    o.cloak = [](const net::peer& p) { return plain_host(p.ip, p.local); };
    if (settings_.cloak) {
        o.cloak = [by = cloak(cloak_key_)](const net::peer& p) { return by.host(p.ip, p.local); };
    }
    o.is_password = [](const std::string& kept, const std::string& given) { return verify_password(kept, given); };
    o.reload = [this](auto done) { ask_reload(std::move(done)); };
    return o;
}

// What is to be said of it once everything is there.
base::result<std::vector<std::string>> server::listen() {
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
    return ready;
}

void server::administer(control_request request, std::shared_ptr<control_client> who) {
    node_->administer(std::move(request.words), std::move(request.input), std::make_shared<asker>(std::move(who)));
}

// Chat thread. That a letter went out is not waited for: who waits for it asks again.
void server::send_mail(door::mail letter) {
    if (!mail_) return;
    const auto sent = mail_->send({.to = letter.to, .from = {}, .subject = letter.subject, .text = letter.text},
                                  [to = letter.to](base::result<void> outcome) {
                                      if (outcome) return;
                                      log::write(net::severity::error,
                                                 fmt::format("No mail went to {}: {}", to, outcome.error().text));
                                  });
    if (!sent) log::write(net::severity::error, fmt::format("No mail went to {}: {}", letter.to, sent.error().text));
}

int administer_offline(const sources& from, const settings& with, const control_request& request, std::FILE* out,
                       std::FILE* err) {
    // Only an account may be the first thing that there is.
    const bool begins = request.words.size() > 1 && request.words[0] == "account" && request.words[1] == "add";
    if (!begins && !std::filesystem::exists(with.data / "brusio.db")) {
        fmt::print(err, "brusiod: there is no brusio.db in {}; say with --data or --config where it is\n",
                   with.data.string());
        return 1;
    }
    auto alone = server::start_alone(from, with);
    if (!alone) {
        fmt::print(err, "brusiod: {}\n", alone.error().text);
        return 1;
    }
    auto who = std::make_shared<file_client>(out, err);
    (*alone)->administer(request, who);
    return who->wait_for_end();
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
    memory_->set_retention({ms_or_never(settings_.history.keep), ms_or_never(settings_.history.keep_direct)});
    if (mail_) mail_->set_command(settings_.accounts.mail_command);
    if (!mail_ && settings_.accounts.email == email_mode::required) {
        mail_ = std::make_unique<mail_sender>(settings_.accounts.mail_command);
    }
    node_->set(limits_of(settings_), frame_of(settings_), irc_of(settings_, started_ms_), log_ins_of(settings_),
               rules_of(settings_));
    if (!later.empty()) {
        log::write(net::severity::warning, fmt::format("Needs a restart to take effect: {}", fmt::join(later, ", ")));
    }
    log::write(net::severity::info, "Configuration reloaded");
    return told_of_reload(later);
}

}  // namespace brusio::brusiod
