// A server with accounts, and people on it over ways that may carry passwords.
#pragma once

#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"
#include "login/crypto.hpp"
#include "login/sasl.hpp"

namespace brusio::door::irc::test {

inline settings with_accounts() {
    auto s = scene::with_history();
    s.accounts.here = true;
    s.started_ms = 1;
    return s;
}

inline std::string plain(std::string_view account, std::string_view password, std::string_view authzid = {}) {
    std::string bytes(authzid);
    bytes.append(1, '\0').append(account).append(1, '\0').append(password);
    return login::to_base64(bytes);
}

class accounts : public testing::Test {
  protected:
    explicit accounts(settings s = with_accounts()) : w(std::move(s), scene::remembering()) {}

    client& connect(bool secure = false) {
        auto from = from_address("192.0.2.1", secure);
        from.takes_secrets = true;
        return w.hub.open(*w.door, from);
    }
    // Without CAP END.
    client& connect_asking(std::string_view caps) {
        auto& c = connect();
        w.type(c, "CAP REQ :" + std::string(caps));
        return c;
    }
    lines type(client& c, std::string_view line) { return w.type(c, line); }
    lines come(client& c, std::string_view nick) {
        type(c, "NICK " + std::string(nick));
        auto told = type(c, "USER u 0 * :Real");
        for (auto& line : type(c, "CAP END")) told.push_back(std::move(line));
        return told;
    }
    client& enter(std::string_view nick, std::string_view caps = {}) {
        auto& c = connect();
        if (!caps.empty()) type(c, "CAP REQ :" + std::string(caps));
        come(c, nick);
        return c;
    }
    void registered(const std::string& account, const std::string& password = "correct horse") {
        auto& c = enter(account);
        const auto told = type(c, "REGISTER * * :" + password);
        EXPECT_EQ(shorts(told).at(0), "REGISTER SUCCESS " + account);
        type(c, "QUIT");
        w.quiet();
    }
    lines authenticate(client& c, const std::string& payload, std::string_view mechanism = "PLAIN") {
        EXPECT_EQ(type(c, "AUTHENTICATE " + std::string(mechanism)), (lines{"AUTHENTICATE +"}));
        return type(c, "AUTHENTICATE " + payload);
    }
    // Logged in by SASL as that account, with that nick.
    client& enter_as(std::string_view nick, std::string_view account, std::string_view caps = {},
                     std::string_view password = "correct horse") {
        auto& c = connect_asking("sasl " + std::string(caps));
        EXPECT_EQ(verbs(authenticate(c, plain(account, password))), (lines{"900", "903"}));
        come(c, nick);
        EXPECT_TRUE(w.talk(c).logged_in());
        return c;
    }
    // As which account the server tells somebody; empty: none.
    std::string account_of(client& c, const std::string& nick) {
        for (const auto& line : shorts(type(c, "WHOIS " + nick))) {
            if (line.starts_with("330 ")) return line.substr(line.rfind(' ') + 1);
        }
        return {};
    }
    // All that CAP LS offers, with blanks around it.
    std::string offer(client& c) {
        std::string all = " ";
        for (const auto& line : type(c, "CAP LS 302")) all += text_of(line) + " ";
        return all;
    }
    // What a service says.
    lines ask(client& c, std::string_view line) {
        lines out;
        for (const auto& one : type(c, line)) {
            out.push_back(one.find(" NOTICE ") == std::string::npos ? one : text_of(one));
        }
        return out;
    }

    scene w;
};

}  // namespace brusio::door::irc::test
