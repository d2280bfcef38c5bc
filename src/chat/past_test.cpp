// The past: what the store is given, who may read it, who takes something back, how far somebody has read.
#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

// Anna and Bruno have accounts, Carla and Dario have none.
struct talk : scene {
    talk() : scene(usual(true)) {
        found("Anna");
        found("Bruno");
        enter_as(1, "Anna");
        enter_as(2, "Bruno");
        enter(3, "Carla");
        enter(4, "Dario");
        go(1, "#bar");
        now_ms = 2'000;
        answer(store_verdict::committed);
    }
    party_id party(std::uint64_t n) {
        for (const auto& e : whisper(n, "Dario", "probe")) {
            const auto* r = std::get_if<remember>(&e);
            if (r != nullptr) return std::get<entry_record>(r->what).what.from;
        }
        return {};
    }
    std::optional<past_granted::part> reads(std::uint64_t n, std::string_view channel) {
        const auto all = past(n, channel);
        if (has<past_refused>(all)) return std::nullopt;
        return find<past_granted>(all).parts.at(0);
    }
    effects policy(std::string_view channel, history_policy p) {
        return run(change_registration{session(1), room(channel), registration_change::history, std::nullopt, 0, p});
    }
};

// ── who reads ───────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(the_past, of_a_channel_is_for_who_is_in_it) {
    talk s;
    s.go(1, lobby.name);
    EXPECT_TRUE(s.reads(1, "#piazza"));
    EXPECT_FALSE(s.reads(2, "#piazza"));
    EXPECT_FALSE(s.reads(1, "#nowhere"));
    const auto refused = find<past_refused>(s.past(2, "#BAR"));
    EXPECT_EQ(refused.target, "#BAR") << "as it was asked for: that it exists is not told";
    s.enter_operator(9, "Olga");
    EXPECT_FALSE(s.reads(9, "#bar")) << "operators of the server as well";
    s.go(2, "#bar");
    EXPECT_TRUE(s.reads(2, "#bar"));
    s.remove(1, "#bar", "Bruno");
    EXPECT_FALSE(s.reads(2, "#bar"));
}

TEST(the_past, since_when_by_the_channels_policy) {
    talk s;
    s.go(3, lobby.name);
    EXPECT_EQ(s.reads(3, "#piazza")->from, message_id{}) << "the lobby: all";
    const auto before = find<said>(s.speak(1, "x", room("#bar"))).id;
    s.go(3, "#bar");
    EXPECT_GT(s.reads(3, "#bar")->from, before) << "unregistered: since the join";
    const auto after = find<said>(s.speak(1, "x", room("#bar"))).id;
    EXPECT_LE(s.reads(3, "#bar")->from, after);
    s.registration(1, "#bar", registration_change::add);
    EXPECT_EQ(s.reads(3, "#bar")->from, message_id{}) << "registered: all";
    for (const auto* letters : {"i", "s", "k"}) {
        s.mode(1, "#bar", std::string("+") + letters, {"key"});
        EXPECT_GT(s.reads(3, "#bar")->from, before) << letters;
        s.mode(1, "#bar", std::string("-") + letters, {"key"});
    }
    EXPECT_EQ(deed_of(s.policy("#bar", history_policy::since_join)), deed::history_set);
    EXPECT_GT(s.reads(3, "#bar")->from, before);
    s.policy("#bar", history_policy::all);
    s.mode(1, "#bar", "+i");
    EXPECT_EQ(s.reads(3, "#bar")->from, message_id{});
    s.policy("#bar", history_policy::off);
    EXPECT_FALSE(s.reads(3, "#bar"));
}

TEST(the_past, that_is_off_is_not_kept) {
    talk s;
    s.registration(1, "#bar", registration_change::add);
    s.policy("#bar", history_policy::off);
    s.answer(store_verdict::committed);
    EXPECT_TRUE(records<entry_record>(s.speak(1, "x", room("#bar"))).empty());
    s.answer(store_verdict::refused);
    EXPECT_TRUE(speaks(s.speak(1, "x", room("#bar")))) << "and needs no store";
}

TEST(the_past, goes_on_for_an_account_that_comes_back) {
    talk s;
    s.go(2, "#bar");
    s.now_ms = 3'000;
    const auto heard = find<said>(s.speak(1, "x", room("#bar"))).id;
    s.go_away(2);
    s.now_ms = 4'000;
    s.enter_as(2, "Bruno");
    s.go(2, "#bar");
    EXPECT_LE(s.reads(2, "#bar")->from, heard);
    s.stay_away(2, "#bar");
    s.now_ms = 5'000;
    s.go(2, "#bar");
    EXPECT_GT(s.reads(2, "#bar")->from, heard) << "who has left for good begins anew";
}

TEST(the_past, nothing_that_was_said_before_in_the_same_millisecond) {
    talk s;
    const auto before = find<said>(s.speak(1, "x", room("#bar"))).id;
    s.go(2, "#bar");
    EXPECT_GT(s.reads(2, "#bar")->from, before);
    s.go_away(2);
    s.enter_as(2, "Bruno");
    s.go(2, "#bar");
    EXPECT_GT(s.reads(2, "#bar")->from, before) << "also when the seat knows only the time";
}

TEST(the_past, all_that_one_may_read) {
    talk s;
    s.go(1, lobby.name);
    s.go(3, "#x");
    const auto all = find<past_granted>(s.run(ask_past{session(1), std::nullopt, "targets"}));
    EXPECT_EQ(all.asked, "targets");
    ASSERT_EQ(all.parts.size(), 3U);
    EXPECT_EQ(all.parts[0].name, "#piazza");
    EXPECT_EQ(all.parts[1].name, "#bar");
    EXPECT_EQ(all.parts[2], (past_granted::part{.owner = {s.chat.find_account("anna")->id.value}}));
}

TEST(the_past, without_a_store_there_is_none) {
    scene s;
    s.enter_lobby(1, "Anna");
    EXPECT_TRUE(has<past_refused>(s.past(1, lobby.name)));
    EXPECT_TRUE(has<past_refused>(s.past_with(1, "Anna")));
    EXPECT_TRUE(find<past_granted>(s.run(ask_past{session(1), std::nullopt, "x"})).parts.empty());
}

// ── what two say to each other ──────────────────────────────────────────────────────────────────────────────────────

TEST(conversations, each_side_has_its_own) {
    talk s;
    const party_id anna{s.chat.find_account("anna")->id.value};
    const party_id bruno{s.chat.find_account("bruno")->id.value};
    const auto kept = records<entry_record>(s.whisper(1, "bruno", "ciao")).at(0);
    EXPECT_FALSE(kept.channel);
    ASSERT_EQ(kept.sides.size(), 2U);
    EXPECT_EQ(kept.sides[0], (conversation_side{anna, bruno, nick("Bruno")}));
    EXPECT_EQ(kept.sides[1], (conversation_side{bruno, anna, nick("Anna")}));
    EXPECT_EQ(kept.what.from, anna);
    EXPECT_EQ(kept.what.target, "Bruno");
    EXPECT_EQ(kept.what.what.body, "ciao");
    EXPECT_EQ(records<entry_record>(s.whisper(1, "Anna", "note to self")).at(0).sides.size(), 1U);
}

TEST(conversations, who_silences_somebody_has_no_part_of_it) {
    talk s;
    s.run(silence{session(2), list_action::add, "anna!*@*", "anna!*@*"});
    const auto kept = records<entry_record>(s.whisper(1, "bruno", "ciao")).at(0);
    ASSERT_EQ(kept.sides.size(), 1U);
    EXPECT_EQ(kept.sides[0].owner.value, s.chat.find_account("anna")->id.value);
}

TEST(conversations, without_an_account_they_are_the_sessions_and_end_with_it) {
    talk s;
    const auto kept = records<entry_record>(s.whisper(3, "Dario", "x")).at(0);
    EXPECT_EQ(kept.sides[0].owner, party_id{s.user(3).value});
    EXPECT_EQ(kept.sides[1].owner, party_id{s.user(4).value});
    const auto gone = records<forget_record>(s.go_away(4));
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0], (forget_record{{}, {s.user(4).value}}));
    const auto before = s.user(4);
    s.enter(4, "Dario");
    EXPECT_NE(s.user(4), before);
    EXPECT_EQ(find<past_granted>(s.past_with(4, "Carla")).parts.at(0).owner, party_id{s.user(4).value})
        << "who has the nick later is another";
    EXPECT_EQ(find<past_granted>(s.past_with(3, "Dario")).parts.at(0).peer, party_id{s.user(4).value});
    EXPECT_TRUE(records<forget_record>(s.go_away(4)).empty()) << "who said and heard nothing leaves nothing";
}

TEST(conversations, registering_a_nick_shows_nothing_of_its_earlier_holders) {
    talk s;
    s.whisper(3, "Dario", "x");
    s.go_away(4);
    s.enter(4, "Dario");
    s.sign_up(4, "Dario");
    const auto part = find<past_granted>(s.past_with(4, "Carla")).parts.at(0);
    EXPECT_EQ(part.owner, party_id{s.chat.find_account("dario")->id.value});
    EXPECT_NE(part.owner.value, s.user(4).value);
}

TEST(conversations, with_whom_is_found_by_who_has_the_nick_or_owns_it) {
    talk s;
    s.whisper(1, "bruno", "ciao");
    EXPECT_EQ(find<past_granted>(s.past_with(1, "BRUNO")).parts.at(0).peer.value,
              s.chat.find_account("bruno")->id.value);
    s.go_away(2);
    const auto absent = find<past_granted>(s.past_with(1, "BRUNO")).parts.at(0);
    EXPECT_EQ(absent.peer.value, s.chat.find_account("bruno")->id.value);
    const auto unknown = find<past_granted>(s.past_with(1, "Zeno")).parts.at(0);
    EXPECT_FALSE(unknown.peer);
    EXPECT_EQ(unknown.peer_fold, "zeno");
    EXPECT_EQ(unknown.owner.value, s.chat.find_account("anna")->id.value) << "ever only one's own side";
}

TEST(conversations, what_is_over_when_it_is_told_is_not_kept) {
    talk s;
    const auto tags = [&](std::string_view t) {
        return records<entry_record>(s.run(tell{session(1), nick("bruno"), {speech::tags, {}, {}, std::string(t)}}))
            .size();
    };
    EXPECT_EQ(tags("+typing=active"), 0U);
    EXPECT_EQ(tags("+draft/typing=done;+typing"), 0U);
    EXPECT_EQ(tags("+draft/react=x;+reply=y"), 1U);
    EXPECT_EQ(tags("+typing=active;+draft/unreact=x"), 1U);
}

// ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(events, are_part_of_a_channels_past) {
    talk s;
    const auto kinds = [](const effects& all) {
        std::vector<entry_kind> some;
        for (const auto& r : records<entry_record>(all)) some.push_back(r.what.kind);
        return some;
    };
    using k = std::vector<entry_kind>;
    const auto join = records<entry_record>(s.go(2, "#bar")).at(0).what;
    EXPECT_EQ(join.kind, entry_kind::join);
    EXPECT_EQ(join.what.body, "Number 2");
    EXPECT_EQ(kinds(s.mode(1, "#bar", "+kv", {"secret", "Bruno"})), k{entry_kind::modes});
    const auto modes = records<entry_record>(s.mode(1, "#bar", "-v+k-t", {"Bruno", "other"})).at(0).what;
    EXPECT_EQ(modes.what.body, "-v+k-t Bruno *") << "a key is for members only";
    EXPECT_EQ(kinds(s.run(set_topic{session(1), room("#bar"), "x"})), k{entry_kind::topic});
    const auto nick_change = records<entry_record>(s.call(2, "Brunello")).at(0).what;
    EXPECT_EQ(nick_change.kind, entry_kind::nick);
    EXPECT_EQ(nick_change.what.body, mask_of("Bruno", 2));
    EXPECT_EQ(nick_change.detail, mask_of("Brunello", 2));
    EXPECT_EQ(kinds(s.remove(1, "#bar", "Brunello")), k{entry_kind::kick});
    s.go(2, "#bar", "other");
    EXPECT_EQ(kinds(s.stay_away(2, "#bar")), k{entry_kind::part});
    s.go(2, "#bar", "other");
    EXPECT_EQ(kinds(s.run(rename_channel{session(1), room("#bar"), room("#caff\u00E8"), "why not"})),
              k{entry_kind::rename});
    const auto quit = records<entry_record>(s.go_away(2)).at(0).what;
    EXPECT_EQ(quit.kind, entry_kind::quit);
    EXPECT_EQ(quit.what.body, "gone");
}

TEST(events, a_channel_is_known_to_the_store_before_its_first_entry) {
    talk s;
    const auto all = s.go(3, "#new");
    const auto& first_record = find<remember>(all).what;
    ASSERT_TRUE(std::holds_alternative<channel_record>(first_record)) << "or its past would be nobody's after a crash";
    EXPECT_EQ(std::get<channel_record>(first_record).name, room("#new"));
}

// ── taking back ─────────────────────────────────────────────────────────────────────────────────────────────────────

struct redacting : talk {
    redacting() {
        go(2, "#bar");
        go(3, "#bar");
        go(4, "#bar");
        mode(1, "#bar", "+t");
    }
    std::optional<redaction_refusal> refused_to(std::uint64_t n, std::string_view channel, party_id from) {
        const auto all = run(redact{session(n), {room(channel), {}}, {77}, "why", true, from});
        if (has<redacted>(all)) return std::nullopt;
        return find<redaction_refused>(all).why;
    }
    party_id account(std::string_view name) { return {chat.find_account(base::fold(name))->id.value}; }
    party_id visitor(std::uint64_t n) { return {user(n).value}; }
};

TEST(redact, first_asks_what_was_said_where_one_may_read) {
    redacting s;
    const redact question{session(1), {room("#BAR"), {}}, {77}, "why"};
    const auto asked = find<redaction_asked>(s.run(question));
    EXPECT_EQ(asked.what, question);
    EXPECT_EQ(asked.part.channel, s.id("#bar"));
    s.enter(9, "Zoe");
    const auto outside = s.run(redact{session(9), {room("#bar"), {}}, {77}, "why"});
    EXPECT_EQ(find<redaction_refused>(outside).why, redaction_refusal::no_such_target);
    EXPECT_EQ(s.refused_to(1, "#bar", {}), redaction_refusal::no_such_message);
}

TEST(redact, ones_own_or_as_an_operator_of_that_channel) {
    redacting s;
    const auto anna = s.account("anna");
    const auto bruno = s.account("bruno");
    EXPECT_EQ(s.refused_to(1, "#bar", anna), std::nullopt) << "own";
    EXPECT_EQ(s.refused_to(1, "#bar", bruno), std::nullopt) << "an operator";
    EXPECT_EQ(s.refused_to(1, "#bar", s.visitor(3)), std::nullopt);
    EXPECT_EQ(s.refused_to(2, "#bar", bruno), std::nullopt) << "own, without a rank";
    EXPECT_EQ(s.refused_to(2, "#bar", anna), redaction_refusal::not_allowed);
    s.go(2, "#mine");
    s.go(1, "#mine");
    EXPECT_EQ(s.refused_to(2, "#bar", anna), redaction_refusal::not_allowed) << "an operator of another channel";
    EXPECT_EQ(s.refused_to(1, "#mine", bruno), redaction_refusal::not_allowed);
    EXPECT_EQ(s.refused_to(2, "#mine", anna), std::nullopt);
    s.enter_operator(9, "Olga");
    EXPECT_EQ(s.refused_to(9, "#bar", anna), redaction_refusal::no_such_target) << "of the server, from outside";
    s.go(9, "#bar");
    EXPECT_EQ(s.refused_to(9, "#bar", anna), redaction_refusal::not_allowed) << "and without a rank";
}

TEST(redact, without_an_account_only_ones_own) {
    redacting s;
    EXPECT_EQ(s.refused_to(3, "#bar", s.visitor(3)), std::nullopt);
    EXPECT_EQ(s.refused_to(3, "#bar", s.visitor(4)), redaction_refusal::not_allowed);
    s.mode(1, "#bar", "+o", {"Carla"});
    EXPECT_EQ(s.refused_to(3, "#bar", s.visitor(4)), redaction_refusal::not_allowed) << "as an operator, too";
    s.go_away(3);
    s.enter_into(3, "Carla", "#bar");
    EXPECT_EQ(s.refused_to(3, "#bar", {s.user(3).value - 1}), redaction_refusal::not_allowed);
}

TEST(redact, is_told_to_all_who_heard_it_and_kept) {
    redacting s;
    const auto all = s.run(redact{session(1), {room("#BAR"), {}}, {77}, "why", true, s.account("bruno")});
    const auto kept = records<redaction_record>(all).at(0);
    EXPECT_EQ(kept, (redaction_record{{77}, mask_of("Anna", 1), "why", 2'000}));
    const auto told = find<redacted>(all);
    EXPECT_EQ(told.channel, s.id("#bar"));
    EXPECT_EQ(told.target, "#bar");
    EXPECT_EQ(told.of, message_id{77});
    EXPECT_EQ(told.id, find<remember>(all).id);
}

TEST(redact, in_a_conversation_only_ones_own) {
    redacting s;
    s.enter_as(5, "Anna");
    const redact own{session(1), {std::nullopt, nick("BRUNO")}, {77}, {}, true, s.account("anna")};
    const auto told = find<redacted>(s.run(own));
    EXPECT_EQ(told.to, (std::vector{session(1), session(5), session(2)}));
    EXPECT_EQ(told.target, "Bruno");
    auto theirs = own;
    theirs.from = s.account("bruno");
    EXPECT_EQ(find<redaction_refused>(s.run(theirs)).why, redaction_refusal::not_allowed);
}

TEST(redact, that_could_not_be_stored_has_not_happened) {
    redacting s;
    s.answer(store_verdict::committed);
    const auto all = s.run(redact{session(2), {room("#bar"), {}}, {77}, "why", true, s.account("bruno")});
    const auto id = find<redacted>(all).id;
    EXPECT_EQ(s.answer(store_verdict::refused), (effects{not_stored{session(2), id, "#bar"}}));
    EXPECT_TRUE(records<redaction_record>(s.answer(store_verdict::committed)).empty()) << "nobody was told";
}

}  // namespace
}  // namespace brusio::chat::test
