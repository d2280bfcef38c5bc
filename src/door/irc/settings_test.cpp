// Settings that change while people are here: they are told.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::scene;
using test::shorts;
using test::text_of;

class changed_settings : public testing::Test {
  protected:
    client& enter_knowing(const std::string& nick, const std::string& more = {}) {
        auto& c = w.connect();
        w.type(c, "CAP LS 302");
        if (!more.empty()) w.type(c, "CAP REQ :" + more);
        w.type(c, "NICK " + nick);
        w.type(c, "USER a 0 * :A");
        w.type(c, "CAP END");
        return c;
    }
    lines told_by(client& c, const settings& now) {
        c.sent.clear();
        auto with = now;
        with.now_ms = [this] { return w.hub.now_ms; };
        w.door->set(std::move(with));
        return test::lines_of(c.talk->hear_settings(true).bytes);
    }

    settings s = test::usual();
    scene w{s};
};

TEST_F(changed_settings, nothing_is_told_of_what_stays) {
    auto& c = enter_knowing("anna");
    s.motd = {"hello"};
    EXPECT_EQ(told_by(c, s), lines{});
}

TEST_F(changed_settings, a_new_value_is_a_new_capability) {
    s.message_bytes = 200;
    EXPECT_EQ(told_by(enter_knowing("anna"), s),
              (lines{":brusio.localhost CAP anna NEW :draft/multiline=max-bytes=200,max-lines=100"}));
    s.message_bytes = 300;
    EXPECT_EQ(told_by(w.enter("bea"), s), lines{}) << "who did not ask to be told";
    s.message_bytes = 400;
    EXPECT_EQ(told_by(w.enter("eva", "cap-notify"), s), lines{}) << "who knows no values";
}

TEST_F(changed_settings, sts_comes_and_is_withdrawn) {
    auto& plain = enter_knowing("anna");
    auto& secure = w.hub.open(*w.door, test::from_address("192.0.2.7", true));
    secure.talk->hear_named();
    w.type(secure, "CAP LS 302");
    s.sts_seconds = 600;
    s.sts_port = 6697;
    EXPECT_EQ(told_by(plain, s), (lines{":brusio.localhost CAP anna NEW :sts=port=6697"}));
    EXPECT_EQ(test::lines_of(secure.talk->hear_settings(true).bytes),
              (lines{":brusio.localhost CAP * NEW :sts=duration=600"}));
    s.sts_seconds.reset();
    EXPECT_EQ(told_by(plain, s), lines{}) << "never as CAP DEL";
    EXPECT_EQ(test::lines_of(secure.talk->hear_settings(true).bytes),
              (lines{":brusio.localhost CAP * NEW :sts=duration=0"}));
}

TEST_F(changed_settings, tokens_are_told_anew_or_taken_back) {
    auto& anna = w.enter("anna");
    s.blocked_tags = {"typing"};
    s.icon = "https://example.org/i.png";
    EXPECT_EQ(shorts(told_by(anna, s)), (lines{"005 anna CLIENTTAGDENY=typing draft/ICON=https://example.org/i.png"}));
    s.icon.clear();
    EXPECT_EQ(shorts(told_by(anna, s)), (lines{"005 anna -draft/ICON"}));
    auto& modern = w.enter("bea", "batch draft/extended-isupport");
    s.blocked_tags.clear();
    EXPECT_EQ(test::verbs(told_by(modern, s)), (lines{"BATCH", "005", "BATCH"}));
}

}  // namespace
}  // namespace brusio::door::irc
