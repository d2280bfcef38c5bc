// MODE: what its letters and values ask for, and what is said of them.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::lines;
using test::scene;
using test::shorts;
using test::verbs;

class modes : public testing::Test {
  protected:
    modes() : c(w.enter("anna")) { w.type(c, "JOIN #c"); }

    // "+o anna -i" of the changes that a line asks for.
    std::string changes(std::string_view line) {
        std::string out;
        for (const auto& command : w.asked<chat::change_modes>(c, line)) {
            for (const auto& change : command.changes) {
                out += (out.empty() ? "" : " ") + std::string(change.add ? "+" : "-") + change.letter;
                if (!change.value.empty()) out += " " + change.value;
            }
        }
        return out;
    }

    scene w;
    test::client& c;
};

struct read_row {
    std::string_view typed;
    std::string_view read;
};

TEST_F(modes, letters_take_the_values_that_their_kind_needs) {
    for (const auto& [typed, read] : std::initializer_list<read_row>{
             {"+i", "+i"},
             {"i", "+i"},
             {"-i+m-t", "-i +m -t"},
             {"+im-nt+s", "+i +m -n -t +s"},
             {"+k key", "+k key"},
             {"-k key", "-k key"},
             {"-k", "-k *"},
             {"+l 5", "+l 5"},
             {"-l", "-l"},
             {"-l+i 5", "-l +i"},
             {"+W 30", "+W 30"},
             {"-W", "-W"},
             {"+o mario", "+o mario"},
             {"+ov mario eva", "+o mario +v eva"},
             {"-o+v mario eva", "-o mario +v eva"},
             {"+b mario", "+b mario!*@*"},
             {"+beI a b!c @d", "+b a!*@* +e b!c@* +I *!*@d"},
             {"+b $a:eva", "+b $a:eva"},
             {"+b $m:eva", "+b $m:eva!*@*"},
             {"+lk-o+i 5 key eva", "+l 5 +k key -o eva +i"},
             {"+o :mario", "+o mario"},
             {"+i extra", "+i"},
             {"+-+i", "+i"},
             {"+", ""},
         }) {
        EXPECT_EQ(changes("MODE #c " + std::string(typed)), read) << typed;
    }
}

TEST_F(modes, lists_without_a_value_are_questions_asked_once) {
    const auto asked = w.asked<chat::ask_list>(c, "MODE #c +bbe-I");
    ASSERT_EQ(asked.size(), 3U);
    EXPECT_EQ(asked[0].letter, 'b');
    EXPECT_EQ(asked[1].letter, 'e');
    EXPECT_EQ(asked[2].letter, 'I');
    EXPECT_EQ(shorts(w.type(c, "MODE #c b")), (lines{"368 anna #c"}));
    w.type(c, "MODE #c +be x y");
    EXPECT_EQ(verbs(w.type(c, "MODE #c +be")), (lines{"367", "368", "348", "349"}));
}

TEST_F(modes, what_lacks_its_value_is_told_and_the_rest_is_done) {
    EXPECT_EQ(shorts(w.type(c, "MODE #c +ki")), (lines{"696 anna #c k *", "MODE #c +i"}));
    EXPECT_EQ(shorts(w.type(c, "MODE #c +l")), (lines{"696 anna #c l *"}));
    EXPECT_EQ(shorts(w.type(c, "MODE #c +o")), (lines{"696 anna #c o *"}));
    EXPECT_EQ(shorts(w.type(c, "MODE #c +b :a b")), (lines{"696 anna #c b a_b"}));
    EXPECT_EQ(shorts(w.type(c, "MODE #c +l x")), (lines{"696 anna #c l x"}));
    EXPECT_EQ(shorts(w.type(c, "MODE #c +k :")), (lines{"696 anna #c k *"}));
}

TEST_F(modes, an_unknown_letter_is_told_once) {
    EXPECT_EQ(shorts(w.type(c, "MODE #c +yYyi")), (lines{"472 anna y", "472 anna Y", "MODE #c +i"}));
}

TEST_F(modes, a_channel_shows_its_modes) {
    w.type(c, "MODE #c +kl key 5");
    EXPECT_EQ(shorts(w.type(c, "MODE #c")), (lines{"324 anna #c +ntlk 5 key", "329 anna #c 1795422271"}));
    EXPECT_EQ(shorts(w.type(c, "MODE #nowhere")), (lines{"403 anna #nowhere"}));
}

TEST_F(modes, no_command_asks_for_more_changes_with_values_than_chat_takes) {
    std::string line = "MODE #c +" + std::string(40, 'b') + std::string(40, 'k');
    for (int i = 0; i < 13; ++i) line += " n" + std::to_string(i);
    for (const auto& command : w.asked<chat::change_modes>(c, line)) {
        EXPECT_LE(std::ranges::count_if(command.changes, [](const auto& x) { return !x.value.empty(); }),
                  static_cast<std::ptrdiff_t>(chat::changes_max));
    }
}

TEST_F(modes, own_modes) {
    EXPECT_EQ(shorts(w.type(c, "MODE anna")), (lines{"221 anna +"}));
    EXPECT_EQ(shorts(w.type(c, "MODE anna +iw-i+B")), (lines{"MODE anna +Bw"}));
    EXPECT_EQ(shorts(w.type(c, "MODE ANNA -w")), (lines{"MODE anna -w"}));
    EXPECT_TRUE(w.type(c, "MODE anna +o").empty());
    EXPECT_TRUE(w.type(c, "MODE anna +Z").empty());
    EXPECT_EQ(shorts(w.type(c, "MODE anna +y")), (lines{"501 anna"}));
    w.enter("eva");
    EXPECT_EQ(shorts(w.type(c, "MODE eva +i")), (lines{"502 anna"}));
    EXPECT_EQ(shorts(w.type(c, "MODE nobody")), (lines{"401 anna nobody"}));
}

}  // namespace
}  // namespace brusio::door::irc
