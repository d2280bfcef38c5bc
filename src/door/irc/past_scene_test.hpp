// A server that keeps its history, and what tests read of it.
#pragma once

#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc::test {

class past_scene : public scene {
  public:
    past_scene() : scene(with_history(), remembering()) {}

    // Everybody's words have a second of their own.
    lines say(client& c, std::string_view line) {
        hub.now_ms += 1000;
        return type(c, line);
    }

    // An account of that name, with the session's user in it.
    void register_account(client& c, std::string_view name) {
        auto who = base::make_identity(name).value();
        hub.obey(chat::register_account{
            .session = c.session, .name = who, .nick_fold = who.nick_fold, .credentials = {chat::credential_record{}}});
        c.sent.clear();
    }
    chat::proof proof_of(std::string_view name) const {
        const auto* a = hub.state.find_account(base::fold(name));
        EXPECT_NE(a, nullptr);
        return a == nullptr ? chat::proof{} : chat::proof{.account = a->id, .epoch = a->epoch};
    }
    // As somebody who logs in while coming.
    client& enter_as(std::string_view account, std::string_view nick, std::string_view caps = {}) {
        auto& c = connect();
        if (!caps.empty()) type(c, "CAP REQ :" + std::string(caps));
        talk(c).before_log_in()->as = proof_of(account);
        hub.feed(c, "NICK " + std::string(nick) + "\r\nUSER " + std::string(nick) + " 0 * :x\r\n");
        if (!caps.empty()) hub.feed(c, "CAP END\r\n");
        hub.settle();
        return c;
    }
};

inline std::string tag(std::string_view line, std::string_view key) {
    const auto m = wire::parse_irc(line);
    return m ? std::string(wire::find_tag(m->tags, key).value_or("-")) : "?";
}
inline bool has_tag(std::string_view line, std::string_view key) {
    const auto m = wire::parse_irc(line);
    return m && wire::find_tag(m->tags, key).has_value();
}

// The lines inside of a batch of that type, which is all that there is.
inline lines inside(const lines& all, std::string_view type) {
    if (all.size() < 2) {
        ADD_FAILURE() << "no batch, but " << all.size() << " lines: " << (all.empty() ? "" : all.front());
        return {};
    }
    const auto first = wire::parse_irc(all.front());
    const auto last = wire::parse_irc(all.back());
    EXPECT_EQ(first->verb, "BATCH") << all.front();
    EXPECT_EQ(first->param(1), type) << all.front();
    EXPECT_TRUE(first->param(0).starts_with('+')) << all.front();
    EXPECT_EQ(last->verb, "BATCH") << all.back();
    EXPECT_EQ(last->param(0), "-" + std::string(first->param(0).substr(1))) << all.back();
    return {all.begin() + 1, all.end() - 1};
}
inline lines texts(const lines& all) {
    lines out;
    for (const auto& line : all) out.push_back(text_of(line));
    return out;
}

}  // namespace brusio::door::irc::test
