// The tables of modes, masks made whole, and MODE of a channel letter by letter. ranks_test.cpp has who may.
#include "chat/modes.hpp"

#include <set>

#include <gtest/gtest.h>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {
namespace {

TEST(mode_tables, no_letter_means_two_things) {
    std::set<char> letters;
    std::set<channel_flags> flags;
    for (const auto& row : rank_table()) EXPECT_TRUE(letters.insert(row.letter).second) << row.letter;
    for (const auto& row : channel_mode_table()) {
        EXPECT_TRUE(letters.insert(row.letter).second) << row.letter;
        EXPECT_EQ(row.flag != 0, row.kind == mode_kind::flag) << row.letter;
        if (row.flag != 0) EXPECT_TRUE(flags.insert(row.flag).second) << row.letter;
    }
    std::set<char> own;
    user_flags all = 0;
    for (const auto& row : user_mode_table()) {
        EXPECT_TRUE(own.insert(row.letter).second) << row.letter;
        EXPECT_EQ(all & row.flag, 0U) << row.letter;
        all |= row.flag;
    }
    EXPECT_EQ(letters_of(all), "BioRwZ");
    EXPECT_EQ(letters_of(0), "");
    EXPECT_EQ(letters_of(invisible | hears_wallops), "iw");
}

TEST(mode_tables, have_the_letters_that_the_protocol_names) {
    for (const char c : std::string_view("beIklimnstCMR")) EXPECT_NE(find_channel_mode(c), nullptr) << c;
    for (const char c : std::string_view("iowBZR")) EXPECT_NE(find_user_mode(c), nullptr) << c;
    std::string prefixes;
    for (const auto& row : rank_table()) prefixes += row.prefix;
    EXPECT_EQ(prefixes, "~&@%+");
    EXPECT_EQ(find_channel_mode('o'), nullptr);
    EXPECT_EQ(find_rank('b'), nullptr);
    EXPECT_EQ(find_user_mode('x'), nullptr);
}

TEST(whole_mask, completes_what_was_typed) {
    for (const auto& [typed, whole] : {std::pair{"mario", "mario!*@*"},
                                       {"mario!", "mario!*@*"},
                                       {"mario!~m", "mario!~m@*"},
                                       {"~m@host", "*!~m@host"},
                                       {"@host", "*!*@host"},
                                       {"~m@", "*!~m@*"},
                                       {"!", "*!*@*"},
                                       {"@", "*!*@*"},
                                       {"!@", "*!*@*"},
                                       {"*!*@*", "*!*@*"},
                                       {"n!u@h", "n!u@h"},
                                       {"n!u@h@i", "n!u@h@i"},
                                       {"a@b!c", "a@b!c@*"},
                                       {"*?*?*?*", "*?*?*?*!*@*"},
                                       {"caff\u00E8", "caff\u00E8!*@*"},
                                       {"$m:mario", "$m:mario!*@*"},
                                       {"$m:*!*@h", "$m:*!*@h"},
                                       {"$a:mario", "$a:mario"},
                                       {"$a:*", "$a:*"},
                                       {"$a", "$a:*"},
                                       {"$m:$a", "$m:$a:*"},
                                       {"$m:$a:mario", "$m:$a:mario"}}) {
        EXPECT_EQ(whole_mask(typed), whole) << typed;
    }
}

TEST(whole_mask, is_nothing_for_what_is_no_mask) {
    for (const auto* typed :
         {"", " ", "a b", "a,b", "a\tb", "$", "$a:", "$m:", "$m", "$x:y", "$m:$m:x", "$m:$x:y", "$m:$a:", "$m: "}) {
        EXPECT_EQ(whole_mask(typed), std::nullopt) << typed;
    }
    EXPECT_TRUE(whole_mask(std::string(mask_bytes_max, 'x')));
    EXPECT_EQ(whole_mask(std::string(mask_bytes_max + 1, 'x')), std::nullopt);
}

TEST(whole_mask, is_whole_already_when_done_again) {
    for (const auto* typed : {"mario", "u@h", "$m:mario", "$a:x", "n!u", "@h"}) {
        const auto once = whole_mask(typed).value();
        EXPECT_EQ(whole_mask(once), once);
    }
}

// ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct ruled : scene {
    ruled() {
        enter_into(1, "Anna", "#x");
        enter_into(2, "Bruno", "#x");
    }
    effects set(std::string_view letters, const std::vector<std::string>& values = {}) {
        return mode(1, "#X", letters, values);
    }
    std::vector<mode_change> modes(std::uint64_t n = 1) {
        return first<modes_are>(run(ask_modes{session(n), room("#x")})).modes;
    }
};

TEST(modes, are_told_as_they_took_effect) {
    ruled s;
    EXPECT_EQ(s.set("+mn-ts+s"),
              (effects{modes_changed{session(1), s.id("#x"), "#x", shown("Anna", 1), changes("+m-t+s"), 1'000}}));
    EXPECT_EQ(s.set("+m-t+s"), effects{});
    EXPECT_EQ(s.modes(), changes("+mns"));
}

TEST(modes, every_flag_can_be_set_and_taken) {
    for (const auto& row : channel_mode_table()) {
        if (row.kind != mode_kind::flag) continue;
        ruled s;
        const std::string letter(1, row.letter);
        const auto before = s.modes();
        const bool was = std::ranges::find(before, row.letter, &mode_change::letter) != before.end();
        s.set((was ? "-" : "+") + letter);
        EXPECT_NE(s.modes(), before) << letter;
        s.set((was ? "+" : "-") + letter);
        EXPECT_EQ(s.modes(), before) << letter;
    }
}

TEST(modes, bad_values) {
    for (const auto& [letter, value] : {std::pair{'l', "0"},
                                        {'l', "-1"},
                                        {'l', "abc"},
                                        {'l', "1a"},
                                        {'l', ""},
                                        {'l', " 1"},
                                        {'l', "+1"},
                                        {'l', "1000001"},
                                        {'l', "99999999999999999999"},
                                        {'W', "0"},
                                        {'W', "-1"},
                                        {'W', "21601"},
                                        {'W', "1.5"},
                                        {'k', ""},
                                        {'k', "a b"},
                                        {'k', "a,b"},
                                        {'k', ":a"},
                                        {'k', "123456789012345678901234567890123"}}) {
        ruled s;
        const auto before = s.modes();
        EXPECT_EQ(
            s.run(change_modes{session(1), room("#x"), {{true, letter, value, {}}}}),
            (effects{refused{session(1),
                             refusal::bad_mode_value,
                             "#x",
                             {},
                             std::string(1, letter) + " " + (letter == 'k' ? "*" : value)}}));  // keys are not repeated
        EXPECT_EQ(s.modes(), before);
    }
}

TEST(modes, values_that_are_just_good) {
    ruled s;
    const auto value_of = [](const effects& all) { return find<modes_changed>(all).changes.at(0).value; };
    EXPECT_EQ(value_of(s.set("+l", {"1000000"})), "1000000");
    EXPECT_EQ(value_of(s.set("+l", {"007"})), "7");
    EXPECT_EQ(s.set("+l", {"7"}), effects{});
    EXPECT_EQ(value_of(s.set("+W", {"21600"})), "21600");
    const std::string key(key_bytes_max, 'k');
    EXPECT_EQ(value_of(s.set("+k", {key})), key);
    EXPECT_EQ(s.set("+k", {key}), effects{});
    EXPECT_EQ(value_of(s.set("-l")), "");
    EXPECT_EQ(s.set("-l"), effects{});
    EXPECT_EQ(value_of(s.set("-k", {"*"})), key) << "the key need not be known";
    EXPECT_EQ(s.set("-k", {"*"}), effects{});
    EXPECT_EQ(value_of(s.set("-W")), "");
}

TEST(modes, the_key_is_for_members_and_server_operators) {
    ruled s;
    s.enter(3, "Carla");
    s.set("+kl", {"secret", "9"});
    EXPECT_EQ(s.modes(2), changes("+ntlk", {"9", "secret"}));
    EXPECT_EQ(s.modes(3), changes("+ntlk", {"9", "*"}));
    s.rule(3);
    EXPECT_EQ(s.modes(3), changes("+ntlk", {"9", "secret"}));
}

TEST(modes, unknown_letters_do_not_stop_the_others) {
    ruled s;
    const auto all = s.set("+xm-y");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], (effect{refused{session(1), refusal::no_such_mode, "#x", {}, "x"}}));
    EXPECT_EQ(all[1], (effect{refused{session(1), refusal::no_such_mode, "#x", {}, "y"}}));
    EXPECT_EQ(std::get<modes_changed>(all[2]).changes, changes("+m"));
}

TEST(modes, five_hundred_letters_are_one_change_each) {
    ruled s;
    std::string letters;
    for (int i = 0; i < 250; ++i) letters += "+m-m";
    EXPECT_EQ(find<modes_changed>(s.set(letters)).changes.size(), 500U);
    EXPECT_EQ(s.modes(), changes("+nt"));
    EXPECT_EQ(s.set("+" + std::string(500, 'z')).size(), 500U);
    EXPECT_EQ(s.set("+" + std::string(500, 's')).size(), 1U);
}

TEST(modes, a_list_holds_a_hundred_of_all_three_together) {
    ruled s;
    for (std::size_t i = 0; i < list_entries_max; ++i) {
        const std::string letter(1, "beI"[i % 3]);
        EXPECT_TRUE(has<modes_changed>(s.set("+" + letter, {"n" + std::to_string(i)})));
    }
    for (const auto* letter : {"b", "e", "I"}) {
        EXPECT_EQ(s.set(std::string("+") + letter, {"more"}),
                  (effects{refused{session(1), refusal::list_is_full, "#x", "more!*@*", letter}}));
    }
    EXPECT_EQ(why(s.set("+b", {"N0"})), refusal::list_has_it) << "full as it is";
    s.set("-b", {"n0"});
    EXPECT_TRUE(has<modes_changed>(s.set("+I", {"more"})));
}

TEST(modes, lists_hold_a_mask_once_and_tell_who_put_it_there) {
    ruled s;
    s.set("+b", {"*!*@Host"});
    s.now_ms = 2'000;
    EXPECT_FALSE(has<modes_changed>(s.set("+b", {"*!*@hOST"})));
    s.set("+b", {"**?*x"});
    EXPECT_FALSE(has<modes_changed>(s.set("+b", {"?*x"}))) << "the same mask, written otherwise";
    EXPECT_EQ(first<list_is>(s.run(ask_list{session(2), room("#X"), 'b'})),
              (list_is{session(2),
                       "#x",
                       'b',
                       {{"*!*@Host", mask_of("Anna", 1), 1'000}, {"**?*x!*@*", mask_of("Anna", 1), 2'000}}}));
    const auto gone = find<modes_changed>(s.set("-b", {"*!*@HOST"})).changes;
    EXPECT_EQ(gone.at(0).value, "*!*@Host") << "as it stood in the list";
    EXPECT_FALSE(has<modes_changed>(s.set("-b", {"*!*@HOST"})));
}

TEST(modes, of_a_list_say_what_was_so_already) {
    ruled s;
    for (const auto* letter : {"b", "e", "I"}) {
        s.set(std::string("+") + letter, {"Dario"});
        EXPECT_EQ(s.set(std::string("+") + letter, {"DARIO"}),
                  (effects{refused{session(1), refusal::list_has_it, "#x", "DARIO!*@*", letter}}));
        EXPECT_TRUE(has<modes_changed>(s.set(std::string("-") + letter, {"dario"})));
        EXPECT_EQ(s.set(std::string("-") + letter, {"dario"}),
                  (effects{refused{session(1), refusal::list_lacks_it, "#x", "dario!*@*", letter}}));
    }
    EXPECT_EQ(why(s.mode(2, "#x", "-b", {"dario"})), refusal::needs_channel_operator);
}

TEST(modes, exceptions_are_shown_to_half_operators) {
    ruled s;
    s.enter(3, "Carla");
    s.set("+beI", {"b", "e", "I"});
    const auto ask = [&](std::uint64_t n, char letter) { return s.run(ask_list{session(n), room("#x"), letter}); };
    for (const char letter : {'e', 'I'}) {
        EXPECT_EQ(why(ask(2, letter)), refusal::needs_channel_operator);
        EXPECT_EQ(why(ask(3, letter)), refusal::needs_channel_operator);
        EXPECT_EQ(first<list_is>(ask(1, letter)).entries.at(0).mask, std::string(1, letter) + "!*@*");
    }
    EXPECT_EQ(first<list_is>(ask(3, 'b')).entries.size(), 1U);
    s.set("+h", {"Bruno"});
    EXPECT_EQ(first<list_is>(ask(2, 'e')).entries.size(), 1U);
}

}  // namespace
}  // namespace brusio::chat::test
