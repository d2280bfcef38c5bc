#include "door/irc/commands.hpp"

#include <set>

#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::verbs;

TEST(command_table, is_sorted_and_no_verb_comes_twice) {
    const auto table = command_table();
    for (std::size_t i = 1; i < table.size(); ++i) EXPECT_LT(table[i - 1].verb, table[i].verb);
    for (std::size_t i = 0; i < table.size(); ++i) EXPECT_EQ(number_of(table[i]), i);
}

TEST(command_table, every_row_is_answered_in_one_way) {
    for (const auto& row : command_table()) {
        const bool both = row.early != nullptr && row.late != nullptr;
        EXPECT_TRUE(row.early != nullptr || row.late != nullptr) << row.verb;
        EXPECT_EQ(both, row.verb == "STATS") << row.verb;
    }
}

TEST(command_table, every_row_is_found_in_any_case) {
    for (const auto& row : command_table()) {
        std::string verb(row.verb);
        EXPECT_EQ(find_command(verb), &row);
        for (std::size_t i = 0; i < verb.size(); i += 2) verb[i] = static_cast<char>(verb[i] - 'A' + 'a');
        EXPECT_EQ(find_command(verb), &row);
    }
    for (const auto* none : {"", "JOI", "JOINN", "NOSUCHCOMMANDATALL", "001", "\xC3\xA8"}) {
        EXPECT_EQ(find_command(none), nullptr) << none;
    }
}

TEST(command_table, every_row_explains_itself_in_lines_that_fit) {
    settings s = test::usual();
    s.server_name = std::string(63, 's');
    scene w(s);
    auto& c = w.enter(std::string(32, 'n'));
    for (const auto& row : command_table()) {
        EXPECT_NE(row.usage.find(row.verb), std::string_view::npos) << row.verb;
        EXPECT_TRUE(row.help.ends_with('.')) << row.verb;
        const auto told = w.type(c, "HELP " + std::string(row.verb));
        ASSERT_GE(told.size(), 3U) << row.verb;
        EXPECT_TRUE(told[0].ends_with(row.usage)) << told[0];
        std::string explained;
        for (std::size_t i = 1; i + 1 < told.size(); ++i) explained += (i == 1 ? "" : " ") + test::text_of(told[i]);
        EXPECT_EQ(explained, std::string(row.help) + (row.operators_only ? " For operators of the server." : ""));
        EXPECT_EQ(verbs(told).back(), "706");
    }
    const auto index = w.type(c, "HELP");
    for (const auto& row : command_table()) {
        EXPECT_TRUE(std::ranges::any_of(index, [&](const auto& line) {
            return (test::text_of(line) + " ").find(std::string(row.verb) + " ") != std::string::npos;
        })) << row.verb;
    }
    EXPECT_EQ(short_of(w.type(c, "HELP nonsense").at(0)), "524 " + std::string(32, 'n') + " nonsense");
    EXPECT_EQ(short_of(w.type(c, "HELP :join channel").at(0)), "524 " + std::string(32, 'n') + " *");
}

TEST(command_table, help_tells_every_mode) {
    scene w;
    auto& c = w.enter("anna");
    EXPECT_EQ(w.type(c, "HELP CMODES").size(), chat::channel_mode_table().size() + chat::rank_table().size() + 2);
    EXPECT_EQ(w.type(c, "HELP umodes").size(), chat::user_mode_table().size() + 2);
}

TEST(command_table, too_few_parameters_are_told_for_every_row) {
    scene w;
    auto& c = w.enter("anna");
    for (const auto& row : command_table()) {
        if (row.min_params == 0 || row.when == allowed::only_before_log_in) continue;
        std::string line(row.verb);
        for (std::size_t i = 1; i < row.min_params; ++i) line += " x";
        EXPECT_EQ(shorts(w.type(c, line)), (lines{"461 anna " + std::string(row.verb)}));
    }
}

TEST(command_table, what_is_for_operators_is_refused_to_others) {
    scene w;
    auto& c = w.enter("anna");
    for (const auto& row : command_table()) {
        if (!row.operators_only) continue;
        const auto line = row.verb == "UBAN" ? "UBAN LIST" : std::string(row.verb) + " x y";
        EXPECT_EQ(shorts(w.type(c, row.verb == "REQUIREACCOUNT" ? "REQUIREACCOUNT" : line)), (lines{"481 anna"}));
    }
}

TEST(command_table, before_the_log_in_only_what_says_so_runs) {
    for (const auto& row : command_table()) {
        scene w;
        auto& c = w.connect();
        const auto told = verbs(w.type(c, std::string(row.verb) + " a b c d e"));
        if (row.when == allowed::after_log_in) {
            EXPECT_EQ(told, (lines{"451"})) << row.verb;
        } else if (row.verb != "ISUPPORT" && row.verb != "AWAY") {
            EXPECT_EQ(std::ranges::count(told, std::string("451")), 0) << row.verb;
        }
    }
}

TEST(command_table, what_is_only_for_before_the_log_in_is_refused_after_it) {
    scene w;
    auto& c = w.enter("anna");
    for (const auto* line : {"PASS x", "USER a 0 * :b", "WEBIRC a b c d"}) {
        EXPECT_EQ(shorts(w.type(c, line)), (lines{"462 anna"})) << line;
    }
}

TEST(command_table, unknown_commands_are_told_in_their_place) {
    scene w;
    auto& c = w.enter("anna");
    EXPECT_EQ(shorts(w.type(c, "NONSENSE x")), (lines{"421 anna NONSENSE"}));
    c.sent.clear();
    w.hub.feed(c, "PING 1\r\nNONSENSE\r\nJOIN\r\nNICK eva\r\nNONSENSE\r\n");
    w.hub.settle();
    EXPECT_EQ(shorts(w.hears(c)),
              (lines{"PONG brusio.localhost", "421 anna NONSENSE", "461 anna JOIN", "NICK eva", "421 eva NONSENSE"}));
}

// ── small things ────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(listed, leaves_out_what_is_empty) {
    EXPECT_EQ(listed("a,,b,"), (std::vector<std::string_view>{"a", "b"}));
    EXPECT_TRUE(listed("").empty());
    EXPECT_TRUE(listed(",,,").empty());
}

TEST(cut, ends_between_characters) {
    EXPECT_EQ(cut("perché", 6), "perch");
    EXPECT_EQ(cut("perché", 7), "perché");
}

TEST(channel_of, knows_what_cannot_be_a_channel) {
    EXPECT_EQ(channel_of("#Piazza")->fold, "#piazza");
    for (const auto* name : {"", "#", "piazza", "&a", "#a,b", "#a b", "#a\x07"}) {
        if (std::string_view(name) == "#") continue;
        EXPECT_FALSE(channel_of(name)) << name;
    }
}

std::string tags(std::string_view raw, std::vector<std::string> blocked = {}) {
    settings s;
    s.blocked_tags = std::move(blocked);
    return client_tags(s, raw);
}

TEST(client_tags, only_client_only_tags_pass) {
    EXPECT_EQ(tags("label=x;+typing=active;time=now;+draft/reply=abc;msgid=1"), "+typing=active;+draft/reply=abc");
    EXPECT_EQ(tags("batch=x;account=y"), "");
    EXPECT_EQ(tags("+a;+b="), "+a;+b");
}

// What a key may look like is the specification's to change; the server passes on what it can carry.
TEST(client_tags, of_equal_keys_the_last_one_counts_and_keys_are_opaque) {
    EXPECT_EQ(tags("+a=1;+a=2"), "+a=2");
    EXPECT_EQ(tags("+=1;+a/b/c=1;+a_b=2;+\xC3\xA8=1;+ok=1"), "+a/b/c=1;+a_b=2;+\xC3\xA8=1;+ok=1");
    EXPECT_EQ(tags("+a=x\\:y\\s"), "+a=x\\:y\\s");
}

TEST(client_tags, the_blocklist_is_what_it_says) {
    EXPECT_EQ(tags("+typing=active;+a=1", {"typing"}), "+a=1");
    EXPECT_EQ(tags("+typing=active;+a=1", {"*"}), "");
    EXPECT_EQ(tags("+typing=active;+a=1", {"*", "-typing"}), "+typing=active");
    EXPECT_EQ(tags("+draft/typing=active;+typing=1", {"typing"}), "+draft/typing=active");
}

}  // namespace
}  // namespace brusio::door::irc
