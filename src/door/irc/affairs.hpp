// What one connection has under way about accounts: an exchange of SASL, a secret that is being checked or made, and in
// whose words what comes of it is told. Most connections have none of it most of the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/identity.hpp"
#include "chat/values.hpp"
#include "login/sasl.hpp"

namespace brusio::door::irc {

// By what something was asked that accounts or registered channels answer: what comes of it is told in those words.
enum class asked_by : char {
    sasl = 's',
    register_command = 'r',
    verify_command = 'v',
    nick_serv = 'N',
    chan_serv = 'C',
    hist_serv = 'H',
};
struct voice {
    asked_by by = asked_by::sasl;
    std::string about;  // of a service: which of its commands
    bool service() const { return by <= asked_by::nick_serv; }
};

// AUTHENTICATE, from the mechanism on.
struct sasl_exchange {
    enum class way : std::uint8_t { plain, external, scram };
    enum class step : std::uint8_t {
        begun,     // the client's first message is awaited
        last,      // of SCRAM: its second
        accepted,  // of SCRAM: the server has said its last, and nothing is awaited but "+"
    };
    way by = way::plain;
    step at = step::begun;
    login::sasl_reader reader;
    std::optional<chat::proof> as;  // accepted
    std::string account;
};

// A secret that is being checked, and what for.
struct showing {
    enum class purpose : std::uint8_t {
        sasl,
        pass,          // PASS account:password
        registered,    // what has just been registered is what the client comes as
        identify,      // NickServ IDENTIFY
        old_password,  // NickServ PASSWORD: `wanted` is the new one
    };
    purpose why = purpose::sasl;
    std::string wanted;
    ~showing();
};

// A password that is being made, and what for.
struct making {
    bool change = false;  // of the account that one has; else a new one is registered:
    asked_by by = asked_by::register_command;
    base::identity name;
    std::string email;
    std::string password;  // before the log-in: to come as the new account
    ~making();
};

// What is to be told, or sent, when what was asked for has been done; it is in nothing that leaves this conversation.
struct awaited {
    std::string account;
    std::string email;
    std::string code;   // to be sent there
    std::string token;  // to be shown, once
    std::string password;
    ~awaited();
};

struct affairs {
    std::unique_ptr<sasl_exchange> sasl;
    std::unique_ptr<showing> shows;
    std::unique_ptr<making> makes;
    std::unique_ptr<voice> asks;  // of what is answered now
    std::deque<awaited> waits;    // in the order in which they were asked for
    std::string account;          // as the client was told last; empty: none
    std::string certificate;      // its fingerprint
    std::string nick;             // that it has asked for, and does not have yet
};

}  // namespace brusio::door::irc
