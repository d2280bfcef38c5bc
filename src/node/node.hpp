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
#include "door/irc/irc_door.hpp"
#include "net/engine.hpp"
#include "store/store.hpp"

namespace brusio::node {

// What may change while the server runs.
struct log_in_rules {
    bool plaintext = false;          // passwords are taken over any connection
    std::uint32_t password_min = 8;  // characters of a new one
};

// The machine's administrator, while one request is answered. Called on any thread.
class administrator {
  public:
    virtual ~administrator() = default;
    virtual bool out(std::string_view text) = 0;  // false: nobody listens any more
    virtual void err(std::string_view text) = 0;
    virtual void end(int code) = 0;  // once, as the last
};

struct node_options {
    std::uint32_t workers = 1;
    bool own_chat_thread = false;
    net::limits limits;
    chat::settings chat;
    door::frame::settings frame;
    door::irc::settings irc;
    std::uint64_t read_queue_bytes = 32768;  // of doors that close floods
    bool log_messages = false;
    std::function<void(net::severity, std::string)> log;  // any thread; must not block
    // Milliseconds since 1970, for the stamps of commands. Tests give their own.
    std::function<std::int64_t()> wall_ms;
    // What others see of an address. Chat thread; none: the address itself.
    std::function<std::string(const net::peer&)> cloak;
    // Whether `given` is the password that `kept` is, or is the hash of. Any thread; may take long.
    std::function<bool(const std::string& kept, const std::string& given)> is_password;
    chat::memory memory;             // what the store had; moved from
    std::uint32_t slow_threads = 1;  // for hashing passwords
    // Kept with the server's data, 16 bytes or more: what SCRAM's answers about accounts that do not exist are made of,
    // and the names of places that accounts are known from.
    std::string log_in_key;
    log_in_rules log_ins;
    // Sends a letter; null: nobody does. Chat thread; must not block.
    std::function<void(door::mail)> send;
    // Reads the configuration again and calls `done` with what came of it, on any thread. Called on the chat thread;
    // must not block.
    std::function<void(std::function<void(std::string)> done)> reload;
};

class node {
  public:
    node(node_options options, std::unique_ptr<store::engine> store);
    ~node();  // ends at once whatever still runs

    struct listening {
        std::string_view door;  // "frame", "irc"
        net::endpoint at;
        net::tls_context tls;
        std::function<bool(const net::peer&)> proxies;  // who begins with a PROXY header; null: nobody
    };
    // Before `start`. Returns the address as bound.
    base::result<net::endpoint> listen(const listening& l);
    void start();

    // Any thread.
    void set(const net::limits& limits, const door::frame::settings& frame, const door::irc::settings& irc,
             const log_in_rules& log_ins, const chat::account_rules& accounts);
    // "account add NAME", "data export NAME", "backup FILE", as `brusiod --help` has them; `input` is a password.
    void administer(std::vector<std::string> words, std::string input, std::shared_ptr<administrator> who);
    void replace_tls(const net::tls_context& context);
    // Two-phase shutdown: accepts and reads no more, commits and delivers what is queued within 5 s, closes.
    // `when_done` is called once, on the chat thread, when all is closed or the time is over.
    void stop(std::function<void()> when_done);

  private:
    struct body;
    std::unique_ptr<body> body_;
};

}  // namespace brusio::node
