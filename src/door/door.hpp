// door: one protocol's conversation. A door turns what a client asks into chat commands, and what happened into bytes.
// It knows its protocol (through wire) and chat's values; it does not know other doors, the store, sockets, or chat's
// state.
//
// A door has two halves. Its splitter runs on the connection's worker and cuts bytes into messages. Its conversations
// live on the chat thread, and work in two separate steps: a message becomes commands (`hear`, which reads no state:
// with several nodes, the order of commands is decided elsewhere), and later an effect becomes bytes (`answer`,
// `render`).
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "chat/values.hpp"
#include "net/types.hpp"

namespace brusio::door {

// Bytes for one connection, and whether it is to be closed after them.
struct reply {
    std::string bytes;
    bool close = false;
    std::string reason;  // of the closing, for the log
};

// What a message asks for: commands, in order, or an answer that needs no place among them.
using action = std::variant<chat::command, reply>;

// One connection's. Chat thread only.
class conversation {
  public:
    virtual ~conversation() = default;

    // Step one. Appends to `out`.
    virtual void hear(std::string message, std::vector<action>& out) = 0;
    // What came was not the protocol, or too long; nothing more will be heard.
    virtual void hear_broken(net::split_status status, std::vector<action>& out) = 0;
    // The client has sent its last.
    virtual void hear_end(std::vector<action>& out) = 0;

    // Step two: an effect that is for this session. `left` comes last, before the connection is closed.
    virtual reply answer(const chat::effect& what) = 0;
};

// One door of this server. Chat thread only, but for the splitter.
class door {
  public:
    virtual ~door() = default;
    virtual std::shared_ptr<const net::splitter> splitter() const = 0;

    virtual std::unique_ptr<conversation> open(chat::session_id session) = 0;
    // The last words for a connection over a limit of its address.
    virtual std::string refuse(net::refusal why) const = 0;

    // A channel's effect as all members of this door get it, encoded once; empty when they get nothing.
    virtual std::string render(const chat::effect& what) const = 0;
};

}  // namespace brusio::door
