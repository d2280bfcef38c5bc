// Which connection is which session: the table between net's handles and chat's ids. Chat thread only.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "door/door.hpp"
#include "login/scram.hpp"
#include "net/types.hpp"

namespace brusio::node {

// What a session's further input may have to wait for.
enum wait_bit : std::uint8_t {
    for_log_in = 1,    // until it is decided and may be seen
    for_holder = 2,    // whether the holder of a name still lives
    for_slices = 4,    // the rest of a long answer
    for_password = 8,  // whether it is right
    for_move = 16,     // where it really comes from
    for_reload = 32,
    for_past = 64,      // what the store has of what was said
    for_account = 128,  // whose it is: a registration or a log-in, until it may be seen
};

struct link {
    net::conn_id conn;
    chat::session_id session;
    door::door* at = nullptr;
    std::unique_ptr<door::conversation> talk;
    net::peer from;
    bool secure = false;
    std::unique_ptr<login::scram_exchange> scram;  // between its two messages
    std::unique_ptr<chat::proof> scram_proof;      // what a right answer to it will prove; none: nothing can
    std::string scram_account;                     //
    std::uint32_t shape = 0;                       // its number in `fan_out`
    std::string name;                              // as logged in, cleaned; empty before
    std::string closing_reason;                    // why we closed it, for the log
    std::vector<chat::channel_id> channels;        // whose groups it is in
    bool closing = false;                          // told to close: nothing more is sent to it
    // While it waits, its worker hands over no more of its input; what was on the way already, and what is left of the
    // message that it waits in, is `later`.
    std::uint8_t waits = 0;
    bool held = false;                    // its worker was told so
    std::vector<chat::session_id> asked;  // the holders that have been asked for what waits
    std::unique_ptr<std::deque<std::variant<net::event, door::action>>> later;
    bool looking_up = false;    // the store has been asked for it
    bool session_over = false;  // chat has been told that the session ends
};

class links {
  public:
    explicit links(std::uint32_t workers) : slots_(workers) {}

    link& open(net::conn_id conn);  // with the next session id
    link* find(net::conn_id conn);
    link* find(chat::session_id session);
    void close(link& l);
    template <class F>
    void for_each(F f) {
        for (auto& [session, l] : by_session_) f(*l);
    }

  private:
    std::vector<std::vector<std::unique_ptr<link>>> slots_;  // by worker and slot
    boost::unordered_flat_map<std::uint64_t, link*> by_session_;
    std::uint64_t last_session_ = 0;
};

}  // namespace brusio::node
