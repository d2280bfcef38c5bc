#include "door/irc/capabilities.hpp"

#include <set>

#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::lines;
using test::scene;
using test::short_of;
using test::text_of;
using test::verbs;

std::string all_offered(const settings& s, way by, bool values) {
    std::string out;
    for (const auto& list : offered(s, by, values, 380)) out += (out.empty() ? "" : " ") + list;
    return " " + out + " ";
}
bool has(const std::string& list, const std::string& word) { return list.find(" " + word + " ") != std::string::npos; }

TEST(capabilities, each_bit_has_its_row_and_no_name_comes_twice) {
    std::set<std::string_view> names;
    caps bits = 0;
    for (const auto& row : capability_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(find_capability(row.name), &row);
        EXPECT_FALSE(row.specification.empty());
        bits |= row.bit;
    }
    EXPECT_EQ(bits & (bits + 1), 0U) << "no bit is without a row";
    EXPECT_EQ(find_capability("oauth"), nullptr);
}

TEST(capabilities, values_are_for_those_who_know_of_values) {
    const settings s;
    EXPECT_TRUE(has(all_offered(s, way::plain, true), "draft/multiline=max-bytes=16384,max-lines=100"));
    EXPECT_FALSE(has(all_offered(s, way::plain, false), "draft/multiline")) << "one line has no room for drafts";
    EXPECT_TRUE(has(all_offered(s, way::plain, false), "setname"));
}

TEST(capabilities, sts_is_offered_only_when_configured_and_never_asked_for) {
    settings s;
    EXPECT_EQ(all_offered(s, way::tls_named, true).find("sts"), std::string::npos);
    s.sts_seconds = 600;
    s.sts_port = 6697;
    EXPECT_TRUE(has(all_offered(s, way::plain, true), "sts=port=6697"));
    EXPECT_TRUE(has(all_offered(s, way::tls_named, true), "sts=duration=600"));
    EXPECT_EQ(all_offered(s, way::tls_named, false).find("sts"), std::string::npos);
    EXPECT_EQ(all_offered(s, way::tls, true).find("sts"), std::string::npos) << "a policy is for a host name";
    auto withdrawn = s;
    withdrawn.sts_seconds = 0;
    EXPECT_TRUE(has(all_offered(withdrawn, way::tls_named, true), "sts=duration=0"));
    EXPECT_EQ(all_offered(withdrawn, way::plain, true).find("sts"), std::string::npos);
    scene w(s);
    auto& c = w.connect();
    EXPECT_EQ(short_of(w.type(c, "CAP REQ sts").at(0)), "CAP * NAK");
}

TEST(capabilities, lists_are_cut_into_lines_between_names) {
    for (std::size_t room = 40; room < 500; room += 13) {
        std::string together;
        for (const auto& list : offered({}, way::plain, true, room)) {
            EXPECT_LE(list.size(), std::max<std::size_t>(room, 100));
            together += " " + list;
        }
        EXPECT_EQ(together + " ", all_offered({}, way::plain, true));
    }
}

TEST(cap, ls_holds_the_log_in_until_the_end) {
    scene w;
    auto& c = w.connect();
    const auto told = w.type(c, "CAP LS 302");
    EXPECT_EQ(short_of(told.back()), "CAP * LS");
    for (std::size_t i = 0; i + 1 < told.size(); ++i) EXPECT_EQ(short_of(told[i]), "CAP * LS *");
    EXPECT_TRUE(w.type(c, "NICK anna").empty());
    EXPECT_TRUE(w.type(c, "USER a 0 * :A").empty());
    EXPECT_EQ(verbs(w.type(c, "CAP END")).at(0), "001");
}

TEST(cap, without_302_there_are_no_continuation_lines_and_no_values) {
    scene w;
    auto& c = w.connect();
    for (const auto& line : w.type(c, "CAP LS")) {
        EXPECT_EQ(short_of(line), "CAP * LS");
        EXPECT_EQ(text_of(line).find('='), std::string::npos);
    }
    EXPECT_FALSE(w.talk(c).has(cap_notify));
}

TEST(cap, cap_notify_comes_with_302_and_stays) {
    scene w;
    auto& c = w.connect();
    w.type(c, "CAP LS 302");
    EXPECT_TRUE(w.talk(c).has(cap_notify));
    EXPECT_EQ(short_of(w.type(c, "CAP REQ -cap-notify").at(0)), "CAP * NAK");
    EXPECT_EQ(text_of(w.type(c, "CAP LIST").at(0)), "cap-notify");
}

TEST(cap, all_or_none_is_enabled) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(w.type(c, "CAP REQ :batch nonsense"), (lines{":brusio.localhost CAP * NAK :batch nonsense"}));
    EXPECT_EQ(w.talk(c).enabled(), 0U);
    EXPECT_EQ(w.type(c, "CAP REQ :batch server-time"), (lines{":brusio.localhost CAP * ACK :batch server-time"}));
    EXPECT_EQ(w.talk(c).enabled(), caps{batch} | caps{server_time});
    w.type(c, "cap req :-batch setname");
    EXPECT_EQ(w.talk(c).enabled(), caps{server_time} | caps{setname});
}

TEST(cap, every_name_can_be_asked_for_and_given_back) {
    auto s = scene::with_history();
    s.accounts.here = true;
    scene w(std::move(s));
    auto from = test::from_address("192.0.2.1");
    from.takes_secrets = true;
    auto& c = w.hub.open(*w.door, from);
    for (const auto& row : capability_table()) {
        if (!row.requestable) continue;
        const std::string name(row.name);
        EXPECT_EQ(short_of(w.type(c, "CAP REQ " + name).at(0)), "CAP * ACK") << name;
        EXPECT_TRUE(w.talk(c).has(row.bit));
        EXPECT_EQ(short_of(w.type(c, "CAP REQ -" + name).at(0)), "CAP * ACK") << name;
        EXPECT_FALSE(w.talk(c).has(row.bit));
    }
}

TEST(cap, each_of_two_names_for_one_thing_is_kept_by_itself) {
    scene w;
    auto& c = w.connect();
    w.type(c, "CAP REQ :no-implicit-names draft/no-implicit-names");
    EXPECT_EQ(text_of(w.type(c, "CAP LIST").at(0)), "draft/no-implicit-names no-implicit-names");
    w.type(c, "CAP REQ -draft/no-implicit-names");
    EXPECT_EQ(text_of(w.type(c, "CAP LIST").at(0)), "no-implicit-names");
    EXPECT_FALSE(w.talk(c).wants_names());
    w.type(c, "CAP REQ -no-implicit-names");
    EXPECT_TRUE(w.talk(c).wants_names());
}

TEST(cap, long_answers_are_cut_between_names) {
    scene w;
    auto& c = w.enter("a_nick_of_thirty_two_bytes_indeed");
    std::string wanted;
    while (wanted.size() < 460) wanted += (wanted.empty() ? "" : " ") + std::string("account-notify server-time");
    std::string together;
    for (const auto& line : w.type(c, "CAP REQ :" + wanted)) {
        EXPECT_TRUE(short_of(line).ends_with(" ACK")) << line;
        together += (together.empty() ? "" : " ") + text_of(line);
    }
    EXPECT_EQ(together, wanted);
}

TEST(cap, what_changes_later_counts_from_its_place_in_the_order) {
    scene w;
    auto& c = w.enter("anna", "echo-message");
    w.type(c, "JOIN #c");
    c.sent.clear();
    w.hub.feed(c, "PRIVMSG #c :1\r\nCAP REQ -echo-message\r\nPRIVMSG #c :2\r\n");
    w.hub.settle();
    EXPECT_EQ(test::shorts(w.hears(c)), (lines{"PRIVMSG #c", "CAP anna ACK"}));
}

TEST(cap, the_shape_is_of_those_that_change_what_others_do) {
    scene w;
    auto& c = w.connect();
    w.type(c, "CAP REQ :echo-message labeled-response multi-prefix");
    EXPECT_EQ(c.talk->shape(), 0U);
    w.type(c, "CAP REQ :batch away-notify");
    EXPECT_EQ(c.talk->shape(), caps{batch} | caps{away_notify});
}

TEST(cap, an_unknown_subcommand_is_told) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(short_of(w.type(c, "CAP NONSENSE").at(0)), "410 * NONSENSE");
    EXPECT_EQ(short_of(w.type(c, "CAP").at(0)), "461 * CAP");
}

}  // namespace
}  // namespace brusio::door::irc
