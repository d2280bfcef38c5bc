// Which connection is which session: the table between net's handles and chat's ids. Chat thread only.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "door/door.hpp"
#include "net/types.hpp"

namespace brusio::node {

struct link {
    net::conn_id conn;
    chat::session_id session;
    std::unique_ptr<door::conversation> talk;
    net::peer from;
    std::string name;                        // as logged in, cleaned; empty before
    std::string closing_reason;              // why we closed it, for the log
    std::vector<chat::channel_id> channels;  // whose groups it is in
    bool closing = false;                    // told to close: nothing more is sent to it
    // While a question of its is being answered (whether the holder of a name still lives; a long list), its worker
    // hands over no more of its input, and what was on the way already waits in `later`.
    bool busy = false;
    bool held = false;                    // … and its worker was told so
    std::vector<chat::session_id> asked;  // the holders that have been asked for what waits
    std::list<net::event> later;
    bool session_over = false;  // chat has been told that the session ends
};

class links {
  public:
    explicit links(std::uint32_t workers) : slots_(workers) {}

    link& open(net::conn_id conn);  // with the next session id
    link* find(net::conn_id conn);
    link* find(chat::session_id session);
    void close(link& l);

  private:
    std::vector<std::vector<std::unique_ptr<link>>> slots_;  // by worker and slot
    boost::unordered_flat_map<std::uint64_t, link*> by_session_;
    std::uint64_t last_session_ = 0;
};

}  // namespace brusio::node
