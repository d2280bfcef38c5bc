// server: one running server, made from settings: what the parts are told, and what a reload changes. Main thread only.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "brusiod/config.hpp"
#include "brusiod/control.hpp"
#include "brusiod/key_file.hpp"
#include "brusiod/mail.hpp"
#include "node/node.hpp"

namespace brusio::brusiod {

// Whether the certificate and key, if any, can be used.
base::result<void> check_tls(const settings& with);

class server {
  public:
    // Binds every listener and starts, or changes nothing and says why.
    static base::result<std::unique_ptr<server>> start(const sources& from, const settings& with);

    // The same without listeners or a control socket, for administer_offline.
    static base::result<std::unique_ptr<server>> start_alone(const sources& from, const settings& with);
    void administer(control_request request, std::shared_ptr<control_client> who);

    // Reads the configuration again. When it is wrong, the old one stays, and the log says what is wrong.
    void reload();

    void stop(std::function<void()> when_done) { node_->stop(std::move(when_done)); }

  private:
    server(sources from, settings with) : sources_(std::move(from)), settings_(std::move(with)) {}
    base::result<void> open(bool alone);
    base::result<void> open_store();
    base::result<std::vector<std::string>> listen();
    node::node_options node_options_of(chat::memory&& from);
    void send_mail(door::mail letter);
    // Any thread: asks for a reload, and to be told what came of it.
    void ask_reload(std::function<void(std::string)> done);
    std::string reload_now();

    std::mutex askers_mutex_;
    std::vector<std::function<void(std::string)>> askers_;
    std::int64_t started_ms_ = 0;
    sources sources_;
    settings settings_;
    secret_key cloak_key_{};
    secret_key log_in_key_{};
    std::unique_ptr<mail_sender> mail_;
    std::unique_ptr<store::engine> store_;  // until the node has it
    std::unique_ptr<node::node> node_;
    store::engine* memory_ = nullptr;          // the node's
    std::unique_ptr<control_server> control_;  // before the node goes, nobody may ask it
};

}  // namespace brusio::brusiod
