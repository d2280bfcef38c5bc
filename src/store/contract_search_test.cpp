// Search.
#include "store/contract_test.hpp"

namespace brusio::store {
namespace {

using strings = std::vector<std::string>;

search_query query(std::vector<timeline> in, std::vector<search_term> terms) {
    return {.in = std::move(in), .terms = std::move(terms)};
}

TEST_P(contract, Words_phrases_prefixes_and_what_may_not_be_in_it) {
    remember({in_channel(said("Ciao bella gente")), in_channel(said("la gente bella")),
              in_channel(said("Perch\xc3\xa9 no?")), in_channel(said("gentile signora")),
              in_channel(said("tre\nrighe\ndi testo"))});
    EXPECT_EQ(hits({{{"bella"}}}), (strings{"la gente bella", "Ciao bella gente"})) << "newest first";
    EXPECT_EQ(hits({{{"CIAO"}}, {{"gente"}}}), strings{"Ciao bella gente"});
    EXPECT_EQ(hits({{{"bella", "gente"}}}), strings{"Ciao bella gente"});
    EXPECT_EQ(hits({{{"gent"}, true}}), (strings{"gentile signora", "la gente bella", "Ciao bella gente"}));
    EXPECT_EQ(hits({{{"bella", "gen"}, true}}), strings{"Ciao bella gente"});
    EXPECT_EQ(hits({{{"g"}, true}, {{"bella"}, false, true}}), strings{"gentile signora"});
    EXPECT_EQ(hits({{{"bella"}, false, true}, {{"perche"}, false, true}}),
              (strings{"tre\nrighe\ndi testo", "gentile signora"}));
    EXPECT_EQ(hits({{{"perche"}}}), strings{"Perch\xc3\xa9 no?"});
    EXPECT_EQ(hits({{{"PERCH\xc3\x89"}}}), strings{"Perch\xc3\xa9 no?"});
    EXPECT_EQ(hits({{{"righe"}}}).size(), 1U);
    EXPECT_EQ(hits({}).size(), 5U);
    EXPECT_TRUE(hits({{{"gent"}}}).empty());
}

TEST_P(contract, What_is_asked_for_is_never_a_language) {
    remember({in_channel(said("one OR two")), in_channel(said("body : three \"quoted\"")),
              in_channel(said("NEAR(one two)"))});
    for (const auto* word : {"\"", "*", "one\" OR \"two", "body:three", "NEAR(", ")", "^", "-", "'", "{", "+", "",
                             "\x01", "\xff\xfe", "AND", "NOT", "OR"}) {
        for (const bool prefix : {false, true}) {
            for (const bool without : {false, true}) {
                (void)hits({{{word}, prefix, without}});
                (void)hits({{{word, "one", word}, prefix, without}, {{"two"}}});
            }
        }
    }
    EXPECT_EQ(hits({{{"OR"}}}).size(), 1U);
    EXPECT_EQ(hits({{{"or", "two"}}}).size(), 1U);
    EXPECT_EQ(hits({{{"?!"}}, {{"three"}}}).size(), 1U) << "what has no letters says nothing";
    EXPECT_TRUE(hits({{{"?!"}}}).empty());
    EXPECT_TRUE(hits({{{}}}).empty());
    EXPECT_TRUE(hits({{{std::string("one\0two", 7)}}}).empty());
}

TEST_P(contract, Only_texts_are_found_and_without_their_formatting) {
    auto formatted = said(
        "\x03"
        "04,01word\x0f and \x02"
        "bo\x02ld \x04"
        "ff0000colour");
    formatted.what.formatted = true;
    auto plain = said(
        "\x03"
        "04digits");
    remember({in_channel(formatted), in_channel(plain), in_channel(said("word in an action", chat::entry_kind::action)),
              in_channel(said("word in a notice", chat::entry_kind::notice)),
              in_channel(said("word", chat::entry_kind::ctcp)), in_channel(said("word", chat::entry_kind::topic)),
              in_channel(said("word", chat::entry_kind::part))});
    EXPECT_EQ(hits({{{"word"}}}), (strings{"word in a notice", "word in an action", formatted.what.body}));
    EXPECT_EQ(hits({{{"bold"}}}), strings{formatted.what.body});
    EXPECT_EQ(hits({{{"colour"}}}), strings{formatted.what.body});
    EXPECT_EQ(hits({{{"04digits"}}}), strings{plain.what.body});
    EXPECT_EQ(hits({}).size(), 4U);
}

TEST_P(contract, Only_what_the_asker_may_read) {
    const auto early = said("word early");
    const auto late = said("word late");
    remember({in_channel(early), in_channel(late), in_channel(said("word elsewhere"), 8),
              chat::entry_record{{}, {side(3, 4, "bruno"), side(4, 3, "anna")}, said("word to bruno")},
              chat::entry_record{{}, {side(3, 5, "carla"), side(5, 3, "anna")}, said("word to carla")},
              chat::entry_record{{}, {side(5, 4, "bruno"), side(4, 5, "carla")}, said("word of others")}});
    const auto found_in = [&](std::vector<timeline> in) {
        return bodies(search(query(std::move(in), {{{"word"}}})).entries);
    };
    EXPECT_TRUE(found_in({}).empty());
    EXPECT_EQ(found_in({channel(7)}), (strings{"word late", "word early"}));
    EXPECT_EQ(found_in({channel(7, late.id.value)}), strings{"word late"});
    EXPECT_EQ(found_in({channel(7), channel(8)}).size(), 3U);
    EXPECT_EQ(found_in({direct(3, 0)}), (strings{"word to carla", "word to bruno"}));
    EXPECT_EQ(found_in({direct(3, 4)}), strings{"word to bruno"});
    EXPECT_EQ(found_in({direct(3, 0, "carla")}), strings{"word to carla"});
    EXPECT_TRUE(found_in({direct(6, 0)}).empty());
    // Without words, the same.
    const auto all_in = [&](std::vector<timeline> in) { return bodies(search(query(std::move(in), {})).entries); };
    EXPECT_EQ(all_in({direct(3, 0), channel(8)}), (strings{"word to carla", "word to bruno", "word elsewhere"}));
    EXPECT_TRUE(all_in({}).empty());
}

TEST_P(contract, From_after_and_before) {
    auto a = said("word one");
    auto b = said("word two");
    b.who = {"BRUNO", "BRUNO!~b@host", "", false};
    auto c = said("word three");
    c.who = {"guest", "guest!~b@host", "Bruno", false};
    remember({in_channel(a), in_channel(b), in_channel(c)});
    auto q = query({channel(7)}, {{{"word"}}});
    q.from_fold = "bruno";
    EXPECT_EQ(bodies(search(q).entries), (strings{"word three", "word two"}));
    q.terms.clear();
    EXPECT_EQ(bodies(search(q).entries), (strings{"word three", "word two"}));
    q = query({channel(7)}, {{{"word"}}});
    q.after = a.id;
    EXPECT_EQ(bodies(search(q).entries), (strings{"word three", "word two"}));
    q.before = c.id;
    EXPECT_EQ(bodies(search(q).entries), strings{"word two"});
    q.terms.clear();
    EXPECT_EQ(bodies(search(q).entries), strings{"word two"});
}

TEST_P(contract, An_answer_is_bounded_and_goes_on) {
    std::vector<chat::record> records;
    strings wanted;
    for (int i = 0; i < 3'000; ++i) {
        auto e = said("word " + std::to_string(i));
        if (i % 10 == 0) wanted.insert(wanted.begin(), e.what.body);
        if (i % 10 != 0) e.who.mask = "other!~o@host";
        if (i % 10 != 0) e.who.account.clear();
        records.emplace_back(in_channel(e));
    }
    remember(records);
    for (const bool words : {true, false}) {
        auto q = query({channel(7)}, {});
        if (words) q.terms = {{{"word"}}};
        q.from_fold = "anna";
        q.limit = 40;
        q.look_at = 700;
        strings all;
        int answers = 0;
        do {
            const auto f = search(q);
            EXPECT_LE(f.entries.size(), 40U);
            for (const auto& e : f.entries) all.push_back(e.what.body);
            q.before = f.go_on_before;
            ++answers;
        } while (q.before && answers < 100);
        EXPECT_EQ(all, wanted);
        EXPECT_GT(answers, 7);
        EXPECT_LT(answers, 12);
    }
}

TEST_P(contract, What_is_taken_back_cannot_be_found) {
    const auto e = said("secret word");
    remember({in_channel(e), in_channel(said("other word"))});
    EXPECT_EQ(hits({{{"secret"}}}).size(), 1U);
    remember({chat::redaction_record{e.id, "op!o@h", "", 1}});
    EXPECT_TRUE(bodies(ask<found>(query({channel(7)}, {{{"secret"}}})).entries).empty()) << "at once";
    EXPECT_TRUE(hits({{{"secret"}}}).empty());
    EXPECT_EQ(hits({}), strings{"other word"});
    reopen();
    EXPECT_TRUE(hits({{{"secret"}}}).empty());
    EXPECT_EQ(hits({{{"word"}}}), strings{"other word"});
}

TEST_P(contract, What_is_stored_out_of_turn_is_found) {
    const auto early = said("early word");
    const auto late = said("late word");
    remember({in_channel(late)});
    EXPECT_EQ(hits({{{"word"}}}).size(), 1U);
    remember({in_channel(early)});
    while (hits({{{"early"}}}).empty()) std::this_thread::yield();
}

TEST_P(contract, It_is_complete_again_after_a_crash) {
    std::vector<chat::record> records;
    for (int i = 0; i < 500; ++i) records.emplace_back(in_channel(said("word " + std::to_string(i))));
    remember(records);
    const auto copy = where->copied_while_open();
    store.reset();
    store = copy->open();
    auto q = query({channel(7)}, {{{"word"}}});
    q.limit = 1'000;
    EXPECT_EQ(search(q).entries.size(), 500U);
    store.reset();
}

}  // namespace
}  // namespace brusio::store
