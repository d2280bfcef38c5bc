// What the tests of `chat` share: short ways to write names, sessions and channels, and a chat that is told one command
// at a time.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chat/chat.hpp"

namespace brusio::chat::test {

using effects = std::vector<effect>;

inline identity who(std::string_view name) { return base::make_identity(name).value(); }
inline person shown(std::string_view name) { return {who(name).name, who(name).nick}; }
inline channel_name room(std::string_view name) { return {std::string(name), base::fold(name)}; }
inline session_id session(std::uint64_t counter) { return {1, counter}; }

inline const channel_name lobby = room("#piazza");
inline const channel_id lobby_id{1};

inline settings usual(bool remembers = false) {
    return {.lobby = lobby, .reserved = {who("brusio.localhost")}, .remembers = remembers};
}

struct scene {
    explicit scene(settings options = usual()) : chat(std::move(options)) {}

    // What follows from one command; the invariants are checked each time.
    effects run(command what) {
        effects out;
        chat.apply({.at_ms = now_ms, .what = std::move(what)}, out);
        EXPECT_EQ(chat.broken_invariant(), "");
        return out;
    }
    effects enter(std::uint64_t counter, std::string_view name) {
        return run(log_in{session(counter), who(name), std::nullopt});
    }
    effects enter_lobby(std::uint64_t counter, std::string_view name) {
        return run(log_in{session(counter), who(name), lobby});
    }
    effects call(std::uint64_t counter, std::string_view name) { return run(rename{session(counter), who(name)}); }
    effects go(std::uint64_t counter, std::string_view channel) { return run(join{session(counter), room(channel)}); }
    effects stay_away(std::uint64_t counter, std::string_view channel) {
        return run(part{session(counter), room(channel)});
    }
    effects speak(std::uint64_t counter, std::string_view body, const channel_name& channel = lobby) {
        return run(say{session(counter), channel, speech::text, std::string(body)});
    }
    effects whisper(std::uint64_t counter, std::string_view nick, std::string_view body) {
        return run(tell{session(counter), std::string(nick), base::fold(nick), speech::text, std::string(body)});
    }
    effects go_away(std::uint64_t counter) { return run(leave{session(counter), "gone"}); }

    state chat;
    std::int64_t now_ms = 1'000;
};

// The only effect of a command, when it is a T.
template <class T>
const T* only(const effects& all) {
    return all.size() == 1 ? std::get_if<T>(&all.front()) : nullptr;
}

}  // namespace brusio::chat::test
