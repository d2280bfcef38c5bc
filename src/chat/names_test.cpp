// Who may have which name. channels_test.cpp has who is where.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

constexpr auto latin = "Anna";
constexpr auto greek = "\u0391nna";     // GREEK CAPITAL LETTER ALPHA
constexpr auto cyrillic = "\u0410nna";  // CYRILLIC CAPITAL LETTER A
constexpr auto greek_capitals = "\u0391\u039D\u039D\u0391";

void expect_log_in_refused(const effects& got, name_refusal why, session_id holder) {
    const auto* refused = only<log_in_refused>(got);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->why, why);
    EXPECT_EQ(refused->holder, holder);
}

void expect_rename_refused(const effects& got, name_refusal why, session_id holder) {
    const auto* refused = only<rename_refused>(got);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->why, why);
    EXPECT_EQ(refused->holder, holder);
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(log_in, gives_a_number_and_shows_the_name_as_typed) {
    scene s;
    const person mario{.name = "Mario Rossi", .mask = "Mario_Rossi!~u1@h1.example"};
    EXPECT_EQ(s.enter(1, "Mario Rossi"), (effects{logged_in{session(1), s.user(1), mario, 0, {1, 0, 0, 0, 1}}}));
    EXPECT_EQ(s.enter(2, "Anna"), (effects{logged_in{session(2), s.user(2), shown("Anna", 2), 0, {2, 0, 0, 0, 2}}}));
    EXPECT_EQ(s.chat.users(), 2U);
    EXPECT_EQ(s.chat.sessions(), 2U);
}

TEST(log_in, joins_in_the_same_step) {
    scene s;
    const auto anna = shown("Anna", 1);
    EXPECT_EQ(
        but_markers(s.enter_bound(1, "Anna")),
        (effects{logged_in{session(1), s.user(1), anna, 0, {1, 0, 0, 0, 1}},
                 joined{session(1), s.user(1), {session(1)}, lobby_id, "#piazza", anna, "Number 1", {}, 0, 1'000}}));
}

TEST(log_in, twice_by_one_session_changes_nothing) {
    scene s;
    s.enter(1, "Anna");
    const auto before = s.chat.digest();
    EXPECT_EQ(s.enter_bound(1, "Bruno"), effects{});
    EXPECT_EQ(s.enter_bound(1, "Anna"), effects{});
    EXPECT_EQ(s.chat.digest(), before);
}

TEST(log_in, the_refusal_carries_what_is_needed_to_try_again) {
    scene s;
    s.enter(1, "Anna");
    const log_in second{session(2), who("anna"), from(2), lobby, {}};
    EXPECT_EQ(s.run(second), (effects{log_in_refused{session(2), name_refusal::taken, session(1), second}}));
    EXPECT_EQ(s.chat.users(), 1U);
    s.go_away(1);
    EXPECT_EQ(but_markers(s.run(second)).size(), 2U);
}

TEST(log_in, one_counter_on_two_nodes_is_two_sessions) {
    scene s;
    EXPECT_EQ(s.run(log_in{{1, 7}, who("Anna"), {}, {}, {}}).size(), 1U);
    EXPECT_NE(only<logged_in>(s.run(log_in{{2, 7}, who("Bruno"), {}, {}, {}})), nullptr);
    EXPECT_EQ(s.chat.users(), 2U);
}

TEST(names, equal_over_case_and_nick) {
    for (auto [first, second] : {std::pair{"MARIO", "mario"},
                                 {"mario", "Mario"},
                                 {"Mario Rossi", "mario_rossi"},
                                 {"mario_rossi", "Mario  Rossi"},
                                 {"ZO\u00CB", "zo\u00EB"},
                                 {"7 nani", "_7_nani"}}) {
        scene s;
        s.enter(1, first);
        expect_log_in_refused(s.enter(2, second), name_refusal::taken, session(1));
        s.enter(3, "Bruno");
        expect_rename_refused(s.call(3, second), name_refusal::taken, session(1));
    }
}

// Only where a nick is cut at its 32 bytes can equal names have different nicks; the rule holds there too.
TEST(names, equal_by_name_alone) {
    scene s;
    s.enter(1, "Anna");
    auto other = who("Bruno");
    other.name_fold = who("Anna").name_fold;
    expect_log_in_refused(s.run(log_in{session(2), other, {}, {}, {}}), name_refusal::taken, session(1));
}

TEST(names, the_holder_of_a_taken_name_is_its_session) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    s.go_away(1);
    s.enter(9, "ANNA");
    expect_log_in_refused(s.enter(3, "anna"), name_refusal::taken, session(9));
}

TEST(names, two_ascii_names_may_look_alike) {
    for (auto [first, second] : {std::pair{"mario", "rnario"}, {"rnario", "mario"}, {"Il", "ll"}, {"Il", "I1"}}) {
        scene s;
        s.enter(1, first);
        EXPECT_NE(only<logged_in>(s.enter(2, second)), nullptr) << first << ' ' << second;
        EXPECT_NE(only<renamed>(s.call(1, "Zeno")), nullptr);
        EXPECT_NE(only<renamed>(s.call(1, first)), nullptr);
    }
}

TEST(names, look_alikes_in_both_directions) {
    for (auto [first, second] : {std::pair{latin, greek},
                                 {greek, latin},
                                 {cyrillic, latin},
                                 {greek, cyrillic},
                                 {cyrillic, greek},
                                 {latin, greek_capitals},
                                 {greek_capitals, latin}}) {
        scene s;
        s.enter(1, first);
        expect_log_in_refused(s.enter(2, second), name_refusal::looks_like_another, {});
        s.enter(3, "Bruno");
        expect_rename_refused(s.call(3, second), name_refusal::looks_like_another, {});
    }
}

TEST(names, a_look_is_free_again_after_leave_and_rename) {
    scene s;
    s.enter(1, latin);
    s.enter(2, "Bruno");
    expect_rename_refused(s.call(2, greek), name_refusal::looks_like_another, {});
    s.go_away(1);
    EXPECT_NE(only<renamed>(s.call(2, greek)), nullptr);
    expect_log_in_refused(s.enter(3, latin), name_refusal::looks_like_another, {});
    EXPECT_NE(only<renamed>(s.call(2, "Bruno")), nullptr);
    EXPECT_NE(only<logged_in>(s.enter(3, latin)), nullptr);
}

TEST(names, a_look_stays_taken_while_one_of_two_has_it) {
    scene s;
    s.enter(1, "mario");
    s.enter(2, "rnario");
    s.enter(3, "Bruno");
    const auto* look_alike = "m\u0430rio";  // CYRILLIC SMALL LETTER A
    expect_rename_refused(s.call(3, look_alike), name_refusal::looks_like_another, {});
    s.go_away(1);
    expect_rename_refused(s.call(3, look_alike), name_refusal::looks_like_another, {});
    s.go_away(2);
    EXPECT_NE(only<renamed>(s.call(3, look_alike)), nullptr);
}

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct look_alikes : scene {
    look_alikes() : scene(with_lobby()) {
        enter(1, "Anna");
        enter(2, "Bruno");
    }
    static settings with_lobby() {
        auto s = usual();
        s.lobby_looks = looks(lobby.name);
        return s;
    }
    static channel_looks looks(std::string_view name) {
        return {base::channel_look(name), base::channel_cased_look(name), base::is_ascii(name)};
    }
    effects open(std::uint64_t n, std::string_view name) {
        return run(join{session(n), room(name), {}, false, false, looks(name)});
    }
    effects move(std::uint64_t n, std::string_view from, std::string_view to) {
        return run(rename_channel{session(n), room(from), room(to), {}, false, false, looks(to)});
    }
};

TEST(channel_names, that_look_like_another_channel_are_refused) {
    constexpr std::string_view wild = "#w\u0456ld";  // with a Cyrillic i
    look_alikes s;
    EXPECT_TRUE(joins(s.open(1, "#wild")));
    EXPECT_TRUE(joins(s.open(1, "#w1ld"))) << "ASCII may stand beside ASCII";
    EXPECT_EQ(s.open(2, wild),
              (effects{refused{session(2), refusal::channel_looks_like_another, std::string(wild), {}, {}}}));
    EXPECT_EQ(why(s.open(2, "#p\u0456azza")), refusal::channel_looks_like_another) << "the lobby";
    EXPECT_TRUE(joins(s.open(2, "#here")));
    EXPECT_EQ(s.move(2, "#here", wild),
              (effects{refused{session(2), refusal::channel_looks_like_another, "#here", {}, std::string(wild)}}));
    s.stay_away(1, "#wild");
    EXPECT_EQ(why(s.open(2, wild)), std::nullopt) << "who imitates nobody";
    EXPECT_EQ(why(s.open(1, "#wild")), refusal::channel_looks_like_another) << "and is not to be imitated";
    EXPECT_TRUE(joins(s.open(1, wild))) << "it is there: this is no new one";
    s.chat = std::move(state::load(look_alikes::with_lobby(), s.chat.save()).value());
    EXPECT_EQ(why(s.open(1, "#wild")), refusal::channel_looks_like_another);
    EXPECT_TRUE(has<channel_renamed>(s.move(2, wild, "#W\u0456ld"))) << "nobody looks like oneself";
    EXPECT_TRUE(has<channel_renamed>(s.move(2, "#W\u0456ld", "#tame")));
    EXPECT_TRUE(joins(s.open(1, "#wild")));
}

TEST(names, nobody_looks_like_oneself) {
    scene s;
    s.enter(1, latin);
    EXPECT_NE(only<renamed>(s.call(1, greek)), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, cyrillic)), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, greek_capitals)), nullptr);
    EXPECT_NE(only<renamed>(s.call(1, latin)), nullptr);
    s.go_away(1);
    EXPECT_NE(only<logged_in>(s.enter(2, greek)), nullptr);
}

TEST(names, the_reserved_and_what_looks_like_them) {
    scene s;
    s.enter(1, "Anna");
    for (const auto* name : {"brusio.localhost", "Brusio.LocalHost", "brusio_localhost", "brusio localhost"}) {
        expect_log_in_refused(s.enter(2, name), name_refusal::reserved, {});
        expect_rename_refused(s.call(1, name), name_refusal::reserved, {});
    }
    const auto* look_alike = "brusi\u043E.localhost";  // CYRILLIC SMALL LETTER O
    expect_log_in_refused(s.enter(2, look_alike), name_refusal::looks_like_another, {});
    expect_rename_refused(s.call(1, look_alike), name_refusal::looks_like_another, {});
}

TEST(names, reserved_looks_count_as_those_of_people_do) {
    scene ascii({.lobby = lobby, .reserved = {who(latin)}, .remembers = false});
    expect_log_in_refused(ascii.enter(1, greek), name_refusal::looks_like_another, {});
    expect_log_in_refused(ascii.enter(1, greek_capitals), name_refusal::looks_like_another, {});
    scene other({.lobby = lobby, .reserved = {who(greek)}, .remembers = false});
    expect_log_in_refused(other.enter(1, latin), name_refusal::looks_like_another, {});
    scene both({.lobby = lobby, .reserved = {who("mario")}, .remembers = false});
    EXPECT_NE(only<logged_in>(both.enter(1, "rnario")), nullptr);
}

TEST(rename, shows_both_names_and_frees_the_old_one) {
    scene s;
    s.enter(1, "Anna");
    EXPECT_EQ(
        s.call(1, "Anna Rossi"),
        (effects{renamed{session(1), s.user(1), {session(1)}, {}, shown("Anna", 1), shown("Anna Rossi", 1), 1'000}}));
    EXPECT_NE(only<logged_in>(s.enter(2, "ANNA")), nullptr);
    expect_log_in_refused(s.enter(3, "anna_rossi"), name_refusal::taken, session(1));
}

TEST(rename, to_ones_own_name_in_another_case_or_shape) {
    scene s;
    s.enter(1, "anna rossi");
    EXPECT_EQ(s.call(1, "Anna Rossi"),
              (effects{renamed{
                  session(1), s.user(1), {session(1)}, {}, shown("anna rossi", 1), shown("Anna Rossi", 1), 1'000}}));
    EXPECT_EQ(s.call(1, "ANNA_ROSSI"),
              (effects{renamed{
                  session(1), s.user(1), {session(1)}, {}, shown("Anna Rossi", 1), shown("ANNA_ROSSI", 1), 1'000}}));
}

TEST(rename, with_another_real_name) {
    scene s;
    s.enter(1, "Anna");
    s.enter(2, "Bruno");
    const auto all = s.run(rename{session(1), who("Carla"), "Carla Bianchi"});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(first<renamed>(all).after, shown("Carla", 1));
    EXPECT_EQ(std::get<real_name_set>(all[1]).text, "Carla Bianchi");
    EXPECT_NE(only<rename_refused>(s.run(rename{session(1), who("BRUNO"), "Bruno Bianchi"})), nullptr);
    EXPECT_EQ(first<whois_is>(s.run(ask_whois{session(2), nick("carla")})).real_name, "Carla Bianchi");
}

TEST(rename, refused_leaves_the_old_name) {
    scene s;
    s.enter(1, "Anna");
    s.enter_lobby(2, "Bruno");
    const rename wish{session(2), who("ANNA")};
    EXPECT_EQ(s.run(wish), (effects{rename_refused{session(2), name_refusal::taken, session(1), wish}}));
    expect_log_in_refused(s.enter(3, "bruno"), name_refusal::taken, session(2));
    EXPECT_EQ(std::get<said>(s.speak(2, "x").at(0)).who, shown("Bruno", 2));
}

}  // namespace
}  // namespace brusio::chat::test
