#include "door/search_text.hpp"

#include <gtest/gtest.h>

#include "door/references.hpp"

namespace brusio::door {
namespace {

using terms = std::vector<store::search_term>;

terms found(std::string_view text) {
    const auto r = parse_search(text);
    EXPECT_TRUE(r) << text << ": " << (r ? "" : r.error().text);
    return r ? r->what.terms : terms{};
}

TEST(search_text, Words_phrases_beginnings_and_what_is_not_in_it) {
    EXPECT_EQ(found("good morning"), (terms{{{"good"}}, {{"morning"}}}));
    EXPECT_EQ(found(" \"good  morning\"\tall "), (terms{{{"good", "morning"}}, {{"all"}}}));
    EXPECT_EQ(found("mor* \"good mor*\" \"good mor\"*"),
              (terms{{{"mor"}, true}, {{"good", "mor"}, true}, {{"good", "mor"}, true}}));
    EXPECT_EQ(found("a -b -\"c d\" -e*"),
              (terms{{{"a"}}, {{"b"}, false, true}, {{"c", "d"}, false, true}, {{"e"}, true, true}}));
    EXPECT_EQ(found("\"not closed"), (terms{{{"not", "closed"}}}));
}

TEST(search_text, What_only_looks_like_more_is_a_word) {
    EXPECT_EQ(found("http://example.org well-known c++ a:b -"),
              (terms{{{"http://example.org"}}, {{"well-known"}}, {{"c++"}}, {{"a:b"}}, {{"-"}}}));
    EXPECT_EQ(found("-from:anna"), (terms{{{"from:anna"}, false, true}}));
    EXPECT_EQ(found("\"from:anna\""), (terms{{{"from:anna"}}}));
    EXPECT_EQ(found("x \"\" * -\"\""), (terms{{{"x"}}})) << "nothing is no term";
}

TEST(search_text, Attributes_say_who_where_and_when) {
    const auto r = parse_search("hello from:ANNA in:#Piazza limit:7 after:2026-11-23 before:2026-11-23T08:24:31.123Z");
    ASSERT_TRUE(r);
    EXPECT_EQ(r->what.terms, (terms{{{"hello"}}}));
    EXPECT_EQ(r->what.from_fold, "anna");
    EXPECT_EQ(r->in, "#Piazza");
    EXPECT_EQ(r->what.limit, 7U);
    EXPECT_EQ(r->what.after.value, first_of(*parse_day("2026-11-23")).value - 1) << "the day itself is in";
    EXPECT_EQ(r->what.before.value, last_of(1'795'422'271'123).value + 1) << "that moment, too";
    EXPECT_EQ(parse_search("before:2026-11-23")->what.before, first_of(*parse_day("2026-11-23"))) << "not that day";
    EXPECT_EQ(parse_search("before:222222222222c")->what.before.value, 8U) << "not that message";
    EXPECT_EQ(parse_search("limit:100000 x")->what.limit, search_limit_max);
    EXPECT_EQ(parse_search("in:\"mario\"")->in, "mario");
    EXPECT_TRUE(parse_search("before:1970-01-01")->what.before) << "nothing, and not everything";
}

TEST(search_text, What_cannot_be_meant_is_an_error_in_words) {
    for (const auto* text : {"", "   ", "\"\"", "limit:5", "limit:0 x", "limit:-1 x", "limit:5x x", "from:", "in: x",
                             "before:yesterday", "after:2026-02-30", "before:2026-11-23T08:24Z", "\xff"}) {
        EXPECT_FALSE(parse_search(text)) << text;
    }
    std::string many;
    for (std::size_t i = 0; i <= search_terms_max; ++i) many += "x ";
    EXPECT_FALSE(parse_search(many));
}

}  // namespace
}  // namespace brusio::door
