// What an entry of the past looks like to whom.
#include "door/irc/playback.hpp"

#include "door/irc/past_scene_test.hpp"
#include "door/irc/render.hpp"

namespace brusio::door::irc {
namespace {

using chat::entry;
using chat::entry_kind;
using test::client;
using test::inside;
using test::lines;
using test::lines_of;
using test::short_of;
using test::tag;
using test::texts;
using test::verbs;

const entry said{.id = {77},
                 .at_ms = 1'795'422'271'123,
                 .who = {"anna", "anna!~a@host", "ann", false},
                 .target = "#c",
                 .what = {.body = "hello", .tags = "+x=y", .formatted = true}};

entry event(entry_kind kind, std::string body = {}, std::string detail = {}) {
    entry e = said;
    e.kind = kind;
    e.what = {.body = std::move(body)};
    e.detail = std::move(detail);
    return e;
}

lines shown(const entry& e, caps enabled) {
    std::string out;
    render_entry(out, e, enabled, "server");
    return lines_of(out);
}

constexpr caps all_tags = caps{message_tags} | server_time | account_tag;

TEST(playback, A_message_has_its_time_id_account_and_tags) {
    EXPECT_EQ(shown(said, all_tags), lines{"@time=2026-11-23T08:24:31.123Z;account=ann;msgid=" + msgid_text({77}) +
                                           ";+x=y :anna!~a@host PRIVMSG #c :hello"});
    EXPECT_EQ(shown(said, 0), lines{":anna!~a@host PRIVMSG #c :hello"});
    auto notice = said;
    notice.kind = entry_kind::notice;
    EXPECT_EQ(shown(notice, 0), lines{":anna!~a@host NOTICE #c :hello"}) << "the entry says what it is";
}

TEST(playback, Events_are_told_only_to_those_who_asked_for_them) {
    const std::pair<entry, std::string> all[] = {
        {event(entry_kind::join), "JOIN #c"},
        {event(entry_kind::part, "bye"), "PART #c :bye"},
        {event(entry_kind::part), "PART #c"},
        {event(entry_kind::quit, "gone"), "QUIT :gone"},
        {event(entry_kind::kick, "out", "bruno"), "KICK #c bruno :out"},
        {event(entry_kind::topic, "new topic"), "TOPIC #c :new topic"},
        {event(entry_kind::modes, "+o-v+l-l+k anna bruno 5 *"), "MODE #c +o-v+l-l+k anna bruno 5 *"},
    };
    for (const auto& [e, line] : all) {
        EXPECT_EQ(shown(e, all_tags), lines{}) << line;
        EXPECT_EQ(shown(e, event_playback), lines{":anna!~a@host " + line});
        EXPECT_EQ(
            shown(e, event_playback | all_tags),
            lines{"@msgid=" + msgid_text({77}) + ";time=2026-11-23T08:24:31.123Z;account=ann :anna!~a@host " + line});
    }
    EXPECT_EQ(shown(event(entry_kind::join, "Anna A."), event_playback | extended_join),
              lines{":anna!~a@host JOIN #c ann :Anna A."});
}

TEST(playback, A_nick_changes_from_what_it_was) {
    auto e = event(entry_kind::nick, "old!~a@host", "anna!~a@host");
    EXPECT_EQ(shown(e, event_playback), lines{":old!~a@host NICK anna"});
}

TEST(playback, A_channels_new_name_is_for_those_who_know_of_such) {
    auto e = event(entry_kind::rename, "moved", "#before");
    EXPECT_EQ(shown(e, event_playback), lines{});
    EXPECT_EQ(shown(e, event_playback | channel_rename), lines{":anna!~a@host RENAME #before #c :moved"});
}

TEST(playback, Tags_alone_are_an_event) {
    auto e = said;
    e.kind = entry_kind::tags;
    e.what = {.kind = chat::speech::tags, .tags = "+draft/react=x;+draft/reply=y"};
    EXPECT_EQ(shown(e, message_tags), lines{});
    EXPECT_EQ(shown(e, event_playback), lines{}) << "there is nothing to tell without tags";
    EXPECT_EQ(shown(e, event_playback | message_tags),
              lines{"@msgid=" + msgid_text({77}) + ";+draft/react=x;+draft/reply=y :anna!~a@host TAGMSG #c"});
}

TEST(playback, What_was_taken_back_is_a_redaction_in_its_place) {
    auto e = said;
    e.what = {};
    e.redacted = true;
    e.redacted_by = "op!~o@host";
    e.redacted_ms = 1'795'422'272'000;
    EXPECT_EQ(shown(e, all_tags), lines{});
    EXPECT_EQ(shown(e, message_redaction | server_time),
              lines{"@time=2026-11-23T08:24:32.000Z :op!~o@host REDACT #c " + msgid_text({77})});
    e.redacted_why = "spam spam";
    EXPECT_EQ(shown(e, message_redaction), lines{":op!~o@host REDACT #c " + msgid_text({77}) + " :spam spam"});
    e.redacted_by.clear();
    EXPECT_EQ(shown(e, message_redaction), lines{":server REDACT #c " + msgid_text({77}) + " :spam spam"});
}

TEST(playback, Changes_of_modes_find_their_values) {
    const auto changes = changes_in("+b-k+ntv *!*@x * anna");
    ASSERT_EQ(changes.size(), 5U);
    EXPECT_EQ(changes[0].value, "*!*@x");
    EXPECT_EQ(changes[1].value, "*");
    EXPECT_FALSE(changes[1].add);
    EXPECT_EQ(changes[2].value, "");
    EXPECT_EQ(changes[4].value, "anna");
    EXPECT_TRUE(changes_in("").empty());
    EXPECT_EQ(changes_in("+o").at(0).value, "") << "what is missing is missing";
}

TEST(playback, All_that_happens_is_there_again) {
    test::past_scene w;
    auto& anna = w.enter("anna", "batch message-tags server-time draft/chathistory draft/event-playback");
    auto& bruno = w.enter("bruno", "message-tags");
    w.type(anna, "JOIN #c");
    w.say(bruno, "JOIN #c");
    w.say(anna, "TOPIC #c :tea");
    w.say(anna, "MODE #c +v bruno");
    w.say(bruno, "@+draft/react=x;+draft/reply=y TAGMSG #c");
    w.say(bruno, "@+draft/unreact=x;+draft/reply=y TAGMSG #c");
    w.say(bruno, "@+typing=active TAGMSG #c");
    w.say(bruno, "PRIVMSG #c :hi");
    w.say(bruno, "NICK bruna");
    w.say(anna, "KICK #c bruna :out");
    w.say(bruno, "JOIN #c");
    w.say(bruno, "PART #c :bye");
    w.say(bruno, "JOIN #c");
    w.say(bruno, "QUIT :gone");
    const auto told = inside(w.type(anna, "CHATHISTORY LATEST #c * 50"), "chathistory");
    EXPECT_EQ(verbs(told), (lines{"JOIN", "JOIN", "TOPIC", "MODE", "TAGMSG", "TAGMSG", "PRIVMSG", "NICK", "KICK",
                                  "JOIN", "PART", "JOIN", "QUIT"}));
    for (const auto& line : told) {
        EXPECT_NE(tag(line, "time"), "-") << line;
        EXPECT_NE(tag(line, "msgid"), "-") << line;
    }
    w.type(anna, "CAP REQ -draft/event-playback");
    EXPECT_EQ(texts(inside(w.type(anna, "CHATHISTORY LATEST #c * 50"), "chathistory")), lines{"hi"});
    EXPECT_EQ(texts(inside(w.type(anna, "CHATHISTORY LATEST #c * 1"), "chathistory")), lines{"hi"})
        << "events do not count for who is not told them";
}

}  // namespace
}  // namespace brusio::door::irc
