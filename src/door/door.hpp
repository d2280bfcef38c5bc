// door: one protocol's conversation. A door turns what a client asks into chat commands, and what happened into bytes.
// It knows its protocol (through wire), chat's values and what can be asked of the past; it does not know other doors,
// the store behind the questions, sockets, or chat's state.
//
// A door has two halves. Its splitter runs on the connection's worker and cuts bytes into messages. Its conversations
// live on the chat thread, and work in two separate steps: a message becomes commands (`hear`, which reads no state:
// with several nodes, the order of commands is decided elsewhere), and later an effect becomes bytes (`answer`,
// `overhear`, `render`).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "chat/values.hpp"
#include "net/types.hpp"
#include "store/questions.hpp"

namespace brusio::door {

// Where a connection comes from.
struct caller {
    net::peer from;
    std::string host;  // as others see it
    bool secure = false;
    bool takes_secrets = false;  // over TLS, from this machine, or anywhere if the server says so
};

// A letter to somebody who is not here: the code that an account's address is shown by.
struct mail {
    std::string to;
    std::string subject;
    std::string text;
};

// Bytes for one connection, and whether it is to be closed after them.
struct reply {
    std::string bytes;
    bool close = false;
    std::string reason;               // of the closing, for the log
    std::vector<chat::command> then;  // what follows from the answer: a question for the rest of it, say
    // A question to the store that chat has granted; the answer comes as `hear_found`. Only as the answer to
    // chat::past_granted, or to another `hear_found`: whatever else the client says waits until there is none.
    std::optional<store::question> look_up;
    std::optional<mail> letter;
};

// Asks whether a password is right, which takes long; the answer comes as `hear_checked`.
struct check_password {
    std::string kept;  // a hash, or the password itself
    std::string given;
};
// A gateway says where its client really comes from; the answer comes as `hear_moved`.
struct move {
    net::peer to;
};
// Somebody shows whose account they come as; the answer comes as `hear_shown`. Every way in is one of these, so that
// the same is asked of all: may secrets be taken here, has this address or account failed too often, is the account
// suspended.
struct show {
    enum class way : std::uint8_t {
        password,      // or a device token
        certificate,   // the connection's own
        scram_begin,   // SCRAM-SHA-256: `secret` is the client's first message
        scram_finish,  // its last; after `challenge`
    };
    way by = way::password;
    std::string account;  // as typed; of a certificate the one wanted, or empty
    std::string secret;   // of a certificate its fingerprint
};
struct shown {
    enum class outcome : std::uint8_t {
        right,       // `as` is the proof, `account` its name
        wrong,       // which of name and secret is not told
        challenge,   // `bytes` are for the client; `scram_finish` comes next
        throttled,   // too many failures; later
        busy,        // too many at once; later
        not_here,    // no secrets on such a connection
        suspended,   // it is theirs, and must not be used
        unverified,  // it is theirs, and waits for the code of its letter
    };
    outcome what = outcome::wrong;
    std::optional<chat::proof> as;
    std::string account;
    std::string bytes;  // of SCRAM: the challenge, or the server's last message
    bool known = true;  // there is an account of that name; names are no secret
};
// Makes of a new password what is kept of it, which takes long; the answer comes as `hear_made`. With an error, the
// password cannot be used, in words.
struct make_password {
    std::string password;
};

// The topic of chat::ask_door that asks for the configuration to be read again; the answer comes as `hear_reloaded`.
// Only operators may: so it takes its place among the commands, and chat says whether its asker is one.
inline constexpr std::string_view reload_question = "reload";

// What a message asks for, in order: commands, or an answer that needs no place among them, or what the node does.
// After the last four, after a log-in, a question about the past and a reload_question, the node holds back all else
// until there is an answer.
using action = std::variant<chat::command, reply, check_password, move, show, make_password>;

// One connection's. Chat thread only.
class conversation {
  public:
    virtual ~conversation() = default;

    // Step one. Each appends to `out`.
    virtual void hear(std::string message, std::vector<action>& out) = 0;
    // A message was too long and has been dropped whole; `begun` is what the splitter kept of its beginning.
    virtual void hear_overlong(std::string_view /*begun*/, std::vector<action>& /*out*/) {}
    // What came was not the protocol, or too much; nothing more will be heard.
    virtual void hear_broken(net::split_status status, std::vector<action>& out) = 0;
    // The client has sent its last.
    virtual void hear_end(std::vector<action>& out) = 0;
    // The fingerprint of its TLS certificate; before its first message.
    virtual void hear_certificate(const std::string& /*fingerprint*/) {}
    // It asked, over TLS, for a host by a name that the server's certificate is for; before its first message.
    virtual void hear_named() {}
    virtual void hear_checked(bool /*right*/, std::vector<action>& /*out*/) {}
    virtual void hear_shown(const shown& /*what*/, std::vector<action>& /*out*/) {}
    virtual void hear_made(base::result<chat::credential_record> /*password*/, std::vector<action>& /*out*/) {}
    // What the store says to a `look_up`.
    virtual reply hear_found(const base::result<store::reply>& /*what*/) { return {}; }
    virtual void hear_moved(const caller& /*now*/, net::refusal /*refused*/, std::vector<action>& /*out*/) {}
    virtual void hear_reloaded(std::string_view /*outcome*/, std::vector<action>& /*out*/) {}

    // The door's settings are others now, and perhaps whether the connection may carry secrets: what the client is to
    // know of it.
    virtual reply hear_settings(bool /*takes_secrets*/) { return {}; }

    // Step two. What came of this session's own commands; `left` comes last, before the connection is closed.
    virtual reply answer(const chat::effect& what) = 0;
    // What others did to this session, or to its user.
    virtual reply overhear(const chat::effect& what) = 0;

    // Which of its door's wire shapes the connection has now; it may change with any answer.
    virtual std::uint32_t shape() const { return 0; }
};

// One door of this server. Chat thread only, but for the splitter.
class door {
  public:
    virtual ~door() = default;
    virtual std::string_view name() const = 0;
    virtual std::shared_ptr<const net::splitter> splitter() const = 0;
    // Whether the first message is the log-in, so that all else can wait for it in the kernel.
    virtual bool first_message_logs_in() const { return false; }
    // Whether a client over its rate is read on until its read queue is full, and then closed.
    virtual bool closes_floods() const { return false; }

    virtual std::unique_ptr<conversation> open(chat::session_id session, caller from) = 0;
    // The last words for a connection over a limit of its address.
    virtual std::string refuse(net::refusal why) const = 0;
    // The last words for everybody when the server ends; empty: none.
    virtual std::string farewell() const { return {}; }

    // An effect as everyone of this shape gets it who shares the channel, or a channel with the user; encoded once.
    // Empty when they get nothing.
    virtual std::string render(const chat::effect& what, std::uint32_t shape) const = 0;
};

}  // namespace brusio::door
