// What becomes of changes while the store is not well.
#include <gtest/gtest.h>

#include "chat/picture_test.hpp"

namespace brusio::chat::test {
namespace {

struct failing : scene {
    failing() : scene(usual(true)) {
        found("Anna");
        found("Bruno");
        enter_as(1, "Anna");
        enter_as(2, "Bruno");
        go(1, "#bar");
        answer(store_verdict::committed);
    }
};

TEST(a_failing_store, takes_nothing_about_accounts_and_says_so) {
    failing s;
    s.answer(store_verdict::unknown);
    const auto before = s.chat.digest();
    const auto is_refused = [](const effects& all) {
        return only<not_stored>(all) != nullptr && !only<not_stored>(all)->id;
    };
    EXPECT_TRUE(is_refused(s.found("Carla")));
    EXPECT_TRUE(is_refused(s.change(1, account_change::group, "Zoe")));
    EXPECT_TRUE(is_refused(s.change(1, account_change::drop)));
    EXPECT_TRUE(is_refused(s.rule_account(account_change::suspend, "Anna")));
    EXPECT_TRUE(is_refused(s.run(change_credential{session(1), std::nullopt, password()})));
    EXPECT_TRUE(is_refused(s.registration(1, "#bar", registration_change::add)));
    const auto own = s.run(metadata{.session = session(1), .what = metadata_action::set, .keys = {"x"}, .value = "x"});
    EXPECT_EQ(find<metadata_refused>(own).why, metadata_refusal::not_stored);
    const auto none = s.run(metadata{.session = session(1), .what = metadata_action::clear});
    EXPECT_EQ(find<metadata_refused>(none).why, metadata_refusal::not_stored);
    const auto back =
        s.run(redact{session(1), {room("#bar"), {}}, {77}, "why", true, {s.chat.find_account("anna")->id.value}});
    EXPECT_EQ(find<redaction_refused>(back).why, redaction_refusal::not_stored);
    EXPECT_TRUE(is_refused(s.whisper(1, "Bruno", "x")));
    EXPECT_TRUE(is_refused(s.speak(1, "x", room("#bar"))));
    EXPECT_EQ(s.chat.digest(), before);
    s.enter_as(3, "Zoe", s.proof_of("Anna"));
    EXPECT_EQ(find<ended>(s.change(1, account_change::ghost, "Zoe")).why, end_cause::ghosted) << "which needs no store";
}

TEST(a_failing_store, other_changes_stay_and_are_written_when_it_is_well) {
    failing s;
    s.answer(store_verdict::refused);
    EXPECT_TRUE(records<channel_record>(s.run(set_topic{session(1), room("#bar"), "one"})).empty());
    s.run(set_topic{session(1), room("#bar"), "two"});
    EXPECT_TRUE(joins(s.go(2, "#bar")));
    s.run(mark_read{session(2), {room("#bar"), {}}, 500});
    const auto all = s.answer(store_verdict::committed);
    ASSERT_EQ(records<channel_record>(all).size(), 1U) << "each once, as it is now";
    EXPECT_EQ(records<channel_record>(all)[0].now.text, "two");
    EXPECT_EQ(records<seat_record>(all).size(), 1U);
    EXPECT_EQ(records<marker_record>(all).size(), 1U);
    EXPECT_EQ(s.answer(store_verdict::committed), effects{});
}

TEST(a_failing_store, what_it_refused_is_written_later_as_it_is_then) {
    failing s;
    EXPECT_EQ(records<channel_record>(s.run(set_topic{session(1), room("#bar"), "one"})).size(), 1U);
    EXPECT_EQ(records<channel_record>(s.run(set_topic{session(1), room("#bar"), "two"})).size(), 1U);
    s.answer(store_verdict::unknown);
    s.run(set_topic{session(1), room("#bar"), "three"});
    EXPECT_EQ(s.answer(store_verdict::refused), effects{});
    const auto all = s.answer(store_verdict::committed);
    ASSERT_EQ(records<channel_record>(all).size(), 1U);
    EXPECT_EQ(records<channel_record>(all)[0].now.text, "three") << "not what was refused, which is older";
}

TEST(a_failing_store, unstored_changes_survive_save_and_load) {
    failing s;
    s.answer(store_verdict::refused);
    s.run(set_topic{session(1), room("#bar"), "one"});
    s.chat = std::move(state::load(usual(true), s.chat.save()).value());
    EXPECT_EQ(records<channel_record>(s.answer(store_verdict::committed)).size(), 1U);
}

TEST(a_failing_store, who_registers_is_told_in_the_place_of_the_deed) {
    failing s;
    s.enter(3, "Carla");
    const auto all = s.sign_up(3, "Carla");
    const auto id = find<done>(all).id;
    EXPECT_EQ(s.answer(store_verdict::refused), (effects{not_stored{session(3), id, "Carla"}}));
    const auto later = s.answer(store_verdict::committed);
    EXPECT_EQ(records<account_record>(later).size(), 1U) << "the account stays, and is written again";
    EXPECT_EQ(records<credential_record>(later).size(), 1U);
    EXPECT_EQ(records<credential_record>(later)[0].secret, "hash");
}

TEST(a_failing_store, channels_that_come_and_go_meanwhile_leave_nothing) {
    failing s;
    s.answer(store_verdict::refused);
    for (int i = 0; i < 50; ++i) {
        const auto name = "#x" + std::to_string(i);
        s.go(2, name);
        s.run(set_topic{session(2), room(name), "x"});
        s.stay_away(2, name);
        s.now_ms += 3'600'000;
        s.run(pass_time{});
    }
    EXPECT_LE(picture_of(s.chat).unstored.size(), 5U);
    for (const auto& r : records<channel_record>(s.answer(store_verdict::committed)))
        EXPECT_FALSE(r.name.name.starts_with("#x"));
}

TEST(a_failing_store, a_channel_that_it_knew_is_gone_for_it_too_in_the_end) {
    failing s;
    const auto id = s.id("#bar");
    s.answer(store_verdict::refused);
    s.stay_away(1, "#bar");
    s.now_ms += 3'600'000;
    s.run(pass_time{});
    const auto all = s.answer(store_verdict::committed);
    ASSERT_EQ(records<channel_record>(all).size(), 1U);
    EXPECT_TRUE(records<channel_record>(all)[0].gone && records<channel_record>(all)[0].id == id);
    EXPECT_TRUE(records<seat_record>(all).empty());
}

}  // namespace
}  // namespace brusio::chat::test
