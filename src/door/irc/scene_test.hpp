// A server with an IRC door, and people on it who type lines.
#pragma once

#include <gtest/gtest.h>

#include "door/irc/conversation.hpp"
#include "door/irc/hub_test.hpp"
#include "door/irc/irc_door.hpp"

namespace brusio::door::irc::test {

using client = brusio::door::test::client;
using lines = std::vector<std::string>;

// Lines without their ends; every one must have its end, and no other.
inline lines lines_of(std::string_view bytes) {
    lines all;
    while (!bytes.empty()) {
        const auto end = bytes.find("\r\n");
        if (end == std::string_view::npos) {
            ADD_FAILURE() << "no whole line: " << bytes;
            break;
        }
        const auto line = bytes.substr(0, end);
        EXPECT_EQ(line.find_first_of(std::string_view("\r\n\0", 3)), std::string_view::npos) << line;
        const auto tags = line.starts_with('@') ? line.find(' ') + 1 : 0;
        EXPECT_LE(tags, 8191U) << line;
        EXPECT_LE(line.size() - tags, 510U) << line;
        all.emplace_back(line);
        bytes.remove_prefix(end + 2);
    }
    return all;
}

inline settings usual() {
    settings s;
    s.version = "brusiod-test";
    s.operators = {{"root", "secret"}};
    return s;
}

inline caller from_address(std::string_view address, bool secure = false) {
    return {net::peer_from(std::string(address)).value(), "host." + std::string(address), secure, true};
}

class scene {
  public:
    explicit scene(settings s = usual(), chat::settings c = {})
        : hub({.lobby = std::move(c.lobby),
               .reserved = {base::make_identity("brusio.localhost").value()},
               .remembers = c.remembers,
               .channels_per_user = c.channels_per_user}) {
        s.now_ms = [this] { return hub.now_ms; };
        door = std::make_unique<irc_door>(std::move(s));
    }

    // A server that keeps its history.
    static settings with_history(settings s = usual()) {
        s.history.on = true;
        return s;
    }
    static chat::settings remembering() {
        chat::settings c;
        c.remembers = true;
        c.lobby = chat::channel_name{"#piazza", "#piazza"};
        return c;
    }

    client& connect(std::string_view address = "192.0.2.1") { return hub.open(*door, from_address(address)); }
    // From where no secrets are taken.
    client& connect_in_clear() {
        auto from = from_address("192.0.2.1");
        from.takes_secrets = false;
        return hub.open(*door, from);
    }

    // With these capabilities, welcomed.
    client& enter(std::string_view nick, std::string_view caps = {}) {
        auto& c = connect();
        if (!caps.empty()) type(c, "CAP REQ :" + std::string(caps));
        type(c, "NICK " + std::string(nick));
        type(c, "USER " + std::string(nick) + " 0 * :The real " + std::string(nick));
        if (!caps.empty()) type(c, "CAP END");
        return c;
    }
    client& enter_operator(std::string_view nick, std::string_view caps = {}) {
        auto& c = enter(nick, caps);
        type(c, "OPER root secret");
        return c;
    }

    // What a client is sent when it has typed this, and nothing of before.
    lines type(client& c, std::string_view line) {
        c.sent.clear();
        hub.feed(c, std::string(line) + "\r\n");
        hub.settle();
        EXPECT_EQ(hub.state.broken_invariant(), "");
        return lines_of(c.take());
    }
    // And what somebody else was sent.
    lines hears(client& c) { return lines_of(c.take()); }
    // Forgets what everybody was sent until now.
    void quiet() {
        for (auto& c : hub.clients) c.sent.clear();
    }

    // The commands of one kind that a line becomes; they are not obeyed.
    template <class T>
    std::vector<T> asked(client& c, std::string_view line) {
        std::vector<action> actions;
        c.talk->hear(std::string(line), actions);
        std::vector<T> all;
        for (const auto& a : actions) {
            const auto* command = std::get_if<chat::command>(&a);
            if (command == nullptr) continue;
            if (const auto* one = std::get_if<T>(command)) all.push_back(*one);
        }
        return all;
    }
    template <class T>
    T asked_one(client& c, std::string_view line) {
        auto all = asked<T>(c, line);
        EXPECT_EQ(all.size(), 1U) << line;
        return all.empty() ? T{} : all.front();
    }

    irc_conversation& talk(client& c) { return static_cast<irc_conversation&>(*c.talk); }

    brusio::door::test::hub hub;
    std::unique_ptr<irc_door> door;
};

// ":brusio.localhost 433 * mario :Nickname is…" → "433 * mario".
inline std::string short_of(std::string_view line) {
    if (line.starts_with('@')) line.remove_prefix(line.find(' ') + 1);
    if (line.starts_with(':')) line.remove_prefix(line.find(' ') + 1);
    return std::string(line.substr(0, line.find(" :")));
}
inline lines shorts(const lines& all) {
    lines out;
    for (const auto& line : all) out.push_back(short_of(line));
    return out;
}
// The first word behind tags and source.
inline lines verbs(const lines& all) {
    lines out;
    for (const auto& line : all) {
        const auto rest = short_of(line);
        out.push_back(rest.substr(0, rest.find(' ')));
    }
    return out;
}
inline std::string text_of(std::string_view line) {
    if (line.starts_with('@')) line.remove_prefix(line.find(' ') + 1);
    if (line.starts_with(':')) line.remove_prefix(line.find(' '));
    const auto at = line.find(" :");
    return at == std::string_view::npos ? std::string() : std::string(line.substr(at + 2));
}

}  // namespace brusio::door::irc::test
