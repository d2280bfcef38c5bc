#include "door/irc/isupport.hpp"

#include <map>

#include <gtest/gtest.h>

#include "base/identity.hpp"
#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

std::map<std::string, std::string> tokens(const settings& s = {}) {
    std::map<std::string, std::string> all;
    for (const auto& token : isupport_tokens(s)) {
        const auto end = token.find('=');
        EXPECT_TRUE(all.emplace(token.substr(0, end), end == std::string::npos ? "" : token.substr(end + 1)).second);
    }
    return all;
}
std::size_t limit(const std::string& key) { return std::stoul(tokens().at(key)); }

TEST(isupport, modes_are_those_of_the_tables) {
    const auto all = tokens();
    std::map<chat::mode_kind, std::string> letters;
    for (const auto& row : chat::channel_mode_table()) letters[row.kind] += row.letter;
    EXPECT_EQ(all.at("CHANMODES"), letters[chat::mode_kind::list] + "," + letters[chat::mode_kind::always_with_value] +
                                       "," + letters[chat::mode_kind::value_when_set] + "," +
                                       letters[chat::mode_kind::flag]);
    EXPECT_EQ(all.at("PREFIX"), "(qaohv)~&@%+");
    EXPECT_EQ(all.at("STATUSMSG"), "~&@%+");
    EXPECT_NE(chat::find_channel_mode(all.at("EXCEPTS").at(0)), nullptr);
    EXPECT_NE(chat::find_channel_mode(all.at("INVEX").at(0)), nullptr);
    EXPECT_NE(chat::find_user_mode(all.at("BOT").at(0)), nullptr);
}

TEST(isupport, lines_have_thirteen_tokens_at_most_and_fit) {
    settings s = test::usual();
    s.server_name = std::string(63, 's');
    s.network = std::string(100, 'n');
    s.icon = "https://example.org/" + std::string(200, 'i');
    s.blocked_tags = {"typing", "draft/react", "draft/reply"};
    std::vector<std::string> all;
    for (const auto& line : isupport_lines(s)) {
        std::size_t count = 0;
        for (std::size_t at = 0; at < line.size(); ++count) {
            const auto end = std::min(line.find(' ', at), line.size());
            all.push_back(line.substr(at, end - at));
            at = end + 1;
        }
        EXPECT_LE(count, 13U);
    }
    EXPECT_EQ(all, isupport_tokens(s));
    scene w(s);
    auto& c = w.enter(std::string(32, 'n'));
    for (const auto& line : w.type(c, "ISUPPORT")) {
        EXPECT_EQ(text_of(line), "are supported by this server") << line;
    }
}

TEST(isupport, values_have_no_blanks_or_equals_signs) {
    settings s;
    s.network = "Casa = mia\\";
    EXPECT_EQ(tokens(s).at("NETWORK"), "Casa\\x20\\x3D\\x20mia\\x5C");
}

TEST(isupport, what_is_not_configured_is_not_there) {
    EXPECT_FALSE(tokens().contains("CLIENTTAGDENY"));
    EXPECT_FALSE(tokens().contains("draft/ICON"));
    settings s;
    s.blocked_tags = {"*", "-typing"};
    s.icon = "https://x/";
    EXPECT_FALSE(tokens(s).contains("draft/ACCOUNTREQUIRED"));
    s.accounts.required = true;
    EXPECT_TRUE(tokens(s).contains("draft/ACCOUNTREQUIRED"));
    EXPECT_EQ(tokens(s).at("CLIENTTAGDENY"), "*,-typing");
    EXPECT_EQ(tokens(s).at("draft/ICON"), "https://x/");
}

// ── every limit is the one that is enforced ─────────────────────────────────────────────────────────────────────────

TEST(isupport_is_true, nicklen) {
    scene w;
    auto& c = w.enter("anna");
    EXPECT_EQ(verbs(w.type(c, "NICK " + std::string(limit("NICKLEN") + 1, 'n'))), (lines{"432"}));
    EXPECT_EQ(verbs(w.type(c, "NICK " + std::string(limit("NICKLEN"), 'n'))), (lines{"NICK"}));
}

TEST(isupport_is_true, channellen) {
    scene w;
    auto& c = w.enter("anna");
    EXPECT_EQ(verbs(w.type(c, "JOIN #" + std::string(limit("CHANNELLEN"), 'c'))), (lines{"403"}));
    EXPECT_EQ(verbs(w.type(c, "JOIN #" + std::string(limit("CHANNELLEN") - 1, 'c'))).at(0), "JOIN");
}

TEST(isupport_is_true, texts_are_cut_where_it_says) {
    scene w;
    auto& c = w.enter("anna");
    auto& other = w.enter("eva");
    w.type(c, "JOIN #c");
    w.type(other, "JOIN #c");
    const std::string text(420, 'x');
    EXPECT_EQ(text_of(w.type(c, "TOPIC #c :" + text).at(0)).size(), limit("TOPICLEN"));
    w.quiet();
    w.type(c, "KICK #c eva :" + text);
    EXPECT_EQ(text_of(w.hears(other).at(0)).size(), limit("KICKLEN"));
    w.type(c, "AWAY :" + text);
    EXPECT_EQ(text_of(w.type(other, "PRIVMSG anna :x").at(0)).size(), limit("AWAYLEN"));
}

TEST(isupport_is_true, userlen_and_namelen) {
    scene w;
    auto& c = w.connect();
    w.type(c, "NICK anna");
    w.type(c, "USER " + std::string(100, 'u') + " 0 * :" + std::string(300, 'r'));
    const auto user = w.type(c, "WHOIS anna").at(0);
    EXPECT_NE(user.find(" ~" + std::string(limit("USERLEN") - 1, 'u') + " "), std::string::npos) << user;
    EXPECT_EQ(text_of(user).size(), limit("NAMELEN"));
    EXPECT_EQ(short_of(w.type(c, "SETNAME :" + std::string(limit("NAMELEN") + 1, 'r')).at(0)),
              "FAIL SETNAME INVALID_REALNAME");
}

TEST(isupport_is_true, keylen) {
    scene w;
    auto& c = w.enter("anna");
    w.type(c, "JOIN #c");
    EXPECT_EQ(verbs(w.type(c, "MODE #c +k " + std::string(limit("KEYLEN") + 1, 'k'))), (lines{"696"}));
    EXPECT_EQ(verbs(w.type(c, "MODE #c +k " + std::string(limit("KEYLEN"), 'k'))), (lines{"MODE"}));
}

TEST(isupport_is_true, chanlimit) {
    settings s = test::usual();
    s.channels_per_user = 3;
    scene w(s, {.channels_per_user = 3});
    EXPECT_EQ(tokens(s).at("CHANLIMIT"), "#:3");
    auto& c = w.enter("anna");
    const auto told = shorts(w.type(c, "JOIN #1,#2,#3,#4"));
    EXPECT_EQ(std::ranges::count_if(told, [](const auto& l) { return l.starts_with("JOIN "); }), 3);
    EXPECT_EQ(told.back(), "405 anna #4");
}

TEST(isupport_is_true, as_many_mode_changes_as_it_says_fit_in_one_command) {
    scene w;
    auto& c = w.enter("anna");
    w.type(c, "JOIN #c");
    const auto n = limit("MODES");
    std::string command = "MODE #c +" + std::string(n, 'b');
    for (std::size_t i = 0; i < n; ++i) command += " n" + std::to_string(i) + "!*@*";
    std::size_t changed = 0;
    for (const auto& line : w.type(c, command)) changed += wire::parse_irc(line)->param_count - 2;
    EXPECT_EQ(changed, n);
}

TEST(isupport_is_true, maxlist) {
    scene w;
    auto& c = w.enter("anna");
    w.type(c, "JOIN #c");
    const auto all = tokens().at("MAXLIST");
    EXPECT_TRUE(all.starts_with("beI:"));
    const auto n = std::stoul(all.substr(4));
    for (std::size_t i = 0; i < n; ++i) {
        EXPECT_EQ(verbs(w.type(c, std::string("MODE #c +") + "beI"[i % 3] + " n" + std::to_string(i))),
                  (lines{"MODE"}));
    }
    EXPECT_EQ(verbs(w.type(c, "MODE #c +b onemore")), (lines{"478"}));
}

TEST(isupport_is_true, monitor_and_silence) {
    scene w;
    auto& c = w.enter("anna");
    for (std::size_t i = 0; i < limit("MONITOR"); ++i) {
        EXPECT_EQ(verbs(w.type(c, "MONITOR + n" + std::to_string(i))), (lines{"731"}));
    }
    EXPECT_EQ(verbs(w.type(c, "MONITOR + onemore")), (lines{"734"}));
    for (std::size_t i = 0; i < limit("SILENCE"); ++i) {
        EXPECT_EQ(verbs(w.type(c, "SILENCE +n" + std::to_string(i))), (lines{"SILENCE"}));
    }
    EXPECT_EQ(verbs(w.type(c, "SILENCE +onemore")), (lines{"511"}));
}

TEST(isupport_is_true, targmax) {
    scene w;
    auto& c = w.enter("anna");
    w.type(c, "JOIN #c");
    std::map<std::string, std::string> limits;
    const auto all = tokens().at("TARGMAX");
    for (std::size_t at = 0; at < all.size();) {
        const auto end = std::min(all.find(',', at), all.size());
        const auto part = all.substr(at, end - at);
        limits[part.substr(0, part.find(':'))] = part.substr(part.find(':') + 1);
        at = end + 1;
    }
    const auto list = [](std::size_t n, const std::string& with) {
        std::string out;
        for (std::size_t i = 0; i < n; ++i) out += (i == 0 ? "" : ",") + with + std::to_string(i);
        return out;
    };
    const auto refused = [&](const std::string& line) {
        return std::ranges::count(verbs(w.type(c, line)), std::string("407")) > 0;
    };
    for (const auto& [verb, max] : limits) {
        const bool channels = verb == "NAMES" || verb == "JOIN" || verb == "PART" || verb == "LIST";
        const std::string before = verb == "KICK" ? "KICK #c " : verb == "MONITOR" ? "MONITOR + " : verb + " ";
        const std::string after = verb == "PRIVMSG" || verb == "NOTICE" ? " :x" : "";
        if (verb == "TAGMSG") continue;  // as PRIVMSG, but needs a capability
        if (verb == "NOTICE") continue;  // never answered: see messages_test
        if (max.empty()) {
            EXPECT_FALSE(refused(before + list(40, channels ? "#" : "n") + after)) << verb;
        } else {
            const auto n = std::stoul(max);
            EXPECT_FALSE(refused(before + list(n, channels ? "#" : "n") + after)) << verb;
            EXPECT_TRUE(refused(before + list(n + 1, channels ? "#" : "n") + after)) << verb;
        }
    }
    EXPECT_EQ(limit("MAXTARGETS"), targets_max);
}

TEST(isupport, before_the_log_in_it_needs_its_capability) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(verbs(w.type(c, "ISUPPORT")), (lines{"451"}));
    w.type(c, "CAP REQ :draft/extended-isupport batch");
    const auto told = w.type(c, "ISUPPORT");
    EXPECT_EQ(verbs(told).front(), "BATCH");
    EXPECT_EQ(verbs(told).back(), "BATCH");
    for (std::size_t i = 1; i + 1 < told.size(); ++i) EXPECT_TRUE(told[i].starts_with("@batch=i")) << told[i];
}

}  // namespace
}  // namespace brusio::door::irc
