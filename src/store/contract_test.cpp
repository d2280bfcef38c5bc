// Writing, and reading it back.
#include "store/contract_test.hpp"

#include "base/identity.hpp"

namespace brusio::store {
namespace {

using strings = std::vector<std::string>;

chat::account_record account(std::uint64_t id, const std::string& name) {
    chat::account_record a;
    a.id = {id};
    a.name = {name, base::fold(name)};
    a.nicks = {*base::make_identity(name), *base::make_identity(name + "_Due")};
    a.email = "a@example.org";
    a.created_ms = 1;
    a.seen_ms = 2;
    a.suspended = true;
    a.suspended_why = "spam";
    a.always_on = chat::wish::no;
    a.epoch = 12;
    a.code = "0123abcd";
    a.is_bot = true;
    a.known_from = {"0123456789abcdef", "fedcba9876543210"};
    return a;
}

chat::channel_record channel_of(std::uint64_t id, const std::string& name) {
    chat::channel_record h;
    h.id = {id};
    h.name = {name, base::fold(name)};
    h.permanent = true;
    h.founder = {3};
    h.created_ms = 4;
    h.registered_ms = 5;
    h.empty_ms = 6;
    h.flags = chat::secret | chat::moderated;
    h.key = "key";
    h.limit = 7;
    h.slow_seconds = 8;
    h.now = {"a topic\x02with codes", "anna!~a@host", 9};
    h.history = chat::history_policy::since_join;
    h.keep_ms = 0;
    h.bans = {{"Mario!*@*", "mario!*@*", "anna", 10}, {"*!*@b", "*!*@b", "anna", 11}};
    h.exceptions = {{"c!*@*", "c!*@*", "bruno", 12}};
    h.invited = {{"d!*@*", "d!*@*", "carla", 13}};
    h.access = {{{3}, chat::founder}, {{4}, chat::voice}};
    h.topic_account = {5};
    return h;
}

TEST_P(contract, A_new_store_has_nothing) {
    EXPECT_TRUE(store->remembers());
    EXPECT_EQ(load(), chat::memory{});
    EXPECT_TRUE(latest(channel(7)).entries.empty());
}

TEST_P(contract, An_entry_comes_back_as_it_was) {
    auto e = said("");
    e.what.body = std::string("ciao\n\xff") + '\0' + "\xfe a tutti";
    e.what.breaks = {2, 5, 4'000'000'000U};
    e.what.tags = "+typing=active;+x=\xc3\xa8";
    e.what.formatted = true;
    e.who.bot = true;
    e.detail = "detail";
    auto join = said("", chat::entry_kind::join);
    auto taken_back = said("");
    taken_back.redacted = true;
    taken_back.redacted_by = "op!o@h";
    taken_back.redacted_why = "no";
    taken_back.redacted_ms = 77;
    remember({in_channel(e), in_channel(join), in_channel(taken_back)});
    EXPECT_EQ(latest(channel(7)).entries, (std::vector{e, join, taken_back}));
    reopen();
    EXPECT_EQ(latest(channel(7)).entries, (std::vector{e, join, taken_back}));
    EXPECT_EQ(ask<page>(entry_query{channel(7), e.id}).entries, std::vector{e});
    EXPECT_TRUE(ask<page>(entry_query{channel(8), e.id}).entries.empty());
    EXPECT_TRUE(ask<page>(entry_query{channel(7, join.id.value), e.id}).entries.empty());
    EXPECT_FALSE(ask<page>(entry_query{channel(7, e.id.value), e.id}).entries.empty());
}

TEST_P(contract, Memory_comes_back_as_it_was) {
    chat::memory m;
    m.accounts = {account(3, "Anna"), account(4, "Bruno È")};
    m.channels = {channel_of(7, "#Piazza"), channel_of(8, "#è")};
    m.seats = {{{7}, {3}, false, chat::voice | chat::founder, 20}, {{7}, {4}, false, 0, 21}};
    m.bans = {{chat::ban_kind::network,
               "10.0.0.0/8",
               "10.0.0.0/8",
               {0, 0xFFFF'0A00'0000ULL},
               104,
               chat::ban_action::mute,
               "spam",
               "op",
               30,
               0},
              {chat::ban_kind::mask,
               "Bad!*@*",
               "bad!*@*",
               {~0ULL, 1ULL << 63U},
               128,
               chat::ban_action::deny,
               "",
               "op",
               31,
               99}};
    m.markers = {{{3}, "#piazza", 40}, {{3}, "bruno", 41}};
    m.metadata = {{{}, {7}, "url", false, "http://x"}, {{3}, {}, "avatar", false, std::string("a\0b", 3)}};
    std::vector<chat::record> records;
    for (const auto& x : m.accounts) records.emplace_back(x);
    for (const auto& x : m.channels) records.emplace_back(x);
    for (const auto& x : m.seats) records.emplace_back(x);
    for (const auto& x : m.bans) records.emplace_back(chat::ban_record{x, false});
    for (const auto& x : m.markers) records.emplace_back(x);
    for (const auto& x : m.metadata) records.emplace_back(x);
    remember(records);
    m.last = {last};
    m.last_ms = load().last_ms;
    EXPECT_GE(m.last_ms, 30);
    EXPECT_EQ(load(), m);
    remember(records);  // the whole of what they are about: twice is harmless
    m.last = {last};
    reopen();
    EXPECT_EQ(load(), m);
}

TEST_P(contract, What_belongs_to_nobody_that_lasts_is_forgotten_at_the_start) {
    remember({account(3, "anna"), channel_of(7, "#piazza")});
    auto told = said("to a guest");
    auto guests = said("between guests");
    remember({in_channel(said("kept")), chat::entry_record{{8}, {}, said("of a channel that was not kept")},
              chat::entry_record{{}, {side(3, 90, "guest"), side(90, 3, "anna")}, told},
              chat::entry_record{{}, {side(90, 91, "other"), side(91, 90, "guest")}, guests}});
    reopen();
    ASSERT_TRUE(store->forget_others(load()));
    EXPECT_EQ(latest(channel(7)).entries.size(), 1U);
    EXPECT_TRUE(latest(channel(8)).entries.empty());
    EXPECT_EQ(latest(direct(3, 90)).entries, std::vector{told});
    EXPECT_TRUE(latest(direct(90, 3)).entries.empty());
    EXPECT_TRUE(latest(direct(90, 91)).entries.empty());
    EXPECT_TRUE(latest(direct(91, 90)).entries.empty());
    remember({in_channel(said("goes on"))});
    EXPECT_EQ(latest(channel(7)).entries.size(), 2U);
}

TEST_P(contract, Memory_has_credentials_without_their_secrets) {
    chat::credential_record token{{3}, chat::credential_kind::token, "t1", false, "hash", "scram", "phone", 1, 2, true};
    remember({account(3, "anna"), token});
    token.secret.clear();
    token.scram.clear();
    EXPECT_EQ(load().credentials, std::vector{token});
}

TEST_P(contract, A_record_takes_the_place_of_the_one_before) {
    auto a = account(3, "Anna");
    auto h = channel_of(7, "#piazza");
    remember({a, h, chat::seat_record{{7}, {3}, false, 1, {5}}, chat::marker_record{{3}, "#piazza", 50},
              chat::metadata_record{{3}, {}, "k", false, "one"}});
    a.name = {"Anna2", "anna2"};
    a.nicks.pop_back();
    h.bans.clear();
    h.access.pop_back();
    remember({a, h, chat::seat_record{{7}, {3}, false, 2, {6}}, chat::marker_record{{3}, "#piazza", 40},
              chat::metadata_record{{3}, {}, "k", false, "two"}});
    const auto m = load();
    EXPECT_EQ(m.accounts, std::vector{a});
    EXPECT_EQ(m.channels, std::vector{h});
    EXPECT_EQ(m.seats, (std::vector<chat::seat_record>{{{7}, {3}, false, 2, {6}}}));
    EXPECT_EQ(m.markers, (std::vector<chat::marker_record>{{{3}, "#piazza", 50}})) << "only forward";
    EXPECT_EQ(m.metadata, (std::vector<chat::metadata_record>{{{3}, {}, "k", false, "two"}}));
}

TEST_P(contract, What_is_gone_takes_with_it_what_was_its) {
    const chat::credential_record password{{3}, chat::credential_kind::password, "", false, "hash", "scram", "l", 1, 2,
                                           true};
    const chat::credential_record token{{3}, chat::credential_kind::token, "t1", false, "hash", "", "phone", 1, 2,
                                        true};
    const chat::credential_record other{{4}, chat::credential_kind::certificate, "t1", false, "", "", "", 1, 0, false};
    remember({account(3, "anna"), account(4, "bruno"), channel_of(7, "#piazza"), channel_of(8, "#b"), password, token,
              other, chat::seat_record{{7}, {3}, false, 1, {5}}, chat::seat_record{{8}, {3}, false, 1, {5}},
              chat::seat_record{{8}, {4}, false, 1, {5}}, chat::seat_record{{7}, {4}, false, 1, {5}},
              chat::marker_record{{3}, "#piazza", 50}, chat::metadata_record{{3}, {}, "k", false, "one"},
              chat::metadata_record{{}, {7}, "k", false, "one"}, in_channel(said("in 7")),
              in_channel(said("in 8"), 8)});
    EXPECT_EQ(ask<credentials>(credentials_query{.account = {3}}).all, (std::vector{password, token}));
    EXPECT_EQ(ask<credentials>(credentials_query{{}, chat::credential_kind::token, "t1"}).all, std::vector{token});
    EXPECT_EQ(ask<credentials>(credentials_query{{}, chat::credential_kind::certificate, "t1"}).all,
              std::vector{other});
    auto no_token = token;
    no_token.gone = true;
    remember({no_token});
    EXPECT_EQ(ask<credentials>(credentials_query{.account = {3}}).all, std::vector{password});

    auto account_gone = account(3, "anna");
    account_gone.gone = true;
    auto channel_gone = channel_of(7, "#piazza");
    channel_gone.gone = true;
    remember({account_gone, channel_gone});
    const auto m = load();
    EXPECT_EQ(m.accounts, std::vector{account(4, "bruno")});
    EXPECT_EQ(m.channels, std::vector{channel_of(8, "#b")});
    EXPECT_EQ(m.seats, (std::vector<chat::seat_record>{{{8}, {4}, false, 1, {5}}}));
    EXPECT_TRUE(m.markers.empty());
    EXPECT_TRUE(m.metadata.empty());
    EXPECT_TRUE(ask<credentials>(credentials_query{.account = {3}}).all.empty());
    EXPECT_TRUE(latest(channel(7)).entries.empty());
    EXPECT_EQ(bodies(latest(channel(8)).entries), strings{"in 8"});
    EXPECT_EQ(m.last.value, last) << "ids of what is gone are not given again";
}

TEST_P(contract, Ids_and_times_are_never_given_again) {
    auto e = said("x");
    e.id = {last + 1'000};
    e.at_ms = 5'000;
    e.from = {last + 2'000};
    remember({in_channel(e)});
    EXPECT_EQ(load().last.value, e.from.value);
    EXPECT_EQ(load().last_ms, 5'000);
    remember({chat::forget_record{{7}, {}}, chat::redaction_record{e.id, "op", "", 6'000}});
    reopen();
    EXPECT_EQ(load().last.value, e.from.value);
    EXPECT_EQ(load().last_ms, 6'000);
}

TEST_P(contract, A_batch_may_come_twice) {
    batch b{.number = 5};
    const auto one = said("one");
    const auto direct_one = said("to bruno");
    b.records.push_back({one.id, in_channel(one)});
    b.records.push_back({direct_one.id, chat::entry_record{{}, {side(3, 4, "bruno"), side(4, 3, "anna")}, direct_one}});
    b.records.push_back({{next_id()}, chat::forget_record{{}, {3}}});
    const auto after = said("after");
    b.records.push_back({after.id, chat::entry_record{{}, {side(3, 4, "bruno"), side(4, 3, "anna")}, after}});
    b.records.push_back({{next_id()}, chat::redaction_record{one.id, "op", "why", 9}});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(put(b).verdict, chat::store_verdict::committed);
        EXPECT_EQ(bodies(latest(channel(7)).entries), strings{""});
        EXPECT_EQ(bodies(latest(direct(3, 4)).entries), strings{"after"});
        EXPECT_EQ(bodies(latest(direct(4, 3)).entries), (strings{"to bruno", "after"}));
        if (i == 1) reopen();
    }
}

TEST_P(contract, An_empty_batch_asks_whether_the_store_is_well) {
    const auto a = put({.number = 9});
    EXPECT_EQ(a.number, 9U);
    EXPECT_EQ(a.verdict, chat::store_verdict::committed);
}

TEST_P(contract, A_conversation_has_two_sides) {
    remember({chat::entry_record{{}, {side(3, 4, "bruno"), side(4, 3, "anna")}, said("one")},
              chat::entry_record{{}, {side(4, 3, "anna")}, said("only on Bruno's side")},
              chat::entry_record{{}, {side(3, 3, "anna"), side(3, 3, "anna")}, said("to herself")}});
    EXPECT_EQ(bodies(latest(direct(3, 4)).entries), strings{"one"});
    EXPECT_EQ(bodies(latest(direct(4, 3)).entries), (strings{"one", "only on Bruno's side"}));
    EXPECT_EQ(bodies(latest(direct(3, 3)).entries), strings{"to herself"});
    EXPECT_EQ(bodies(latest(direct(4, 0, "anna")).entries), (strings{"one", "only on Bruno's side"}));
    EXPECT_TRUE(latest(direct(5, 3)).entries.empty());
    EXPECT_TRUE(latest(direct(5, 0, "anna")).entries.empty());
}

TEST_P(contract, Whoever_was_called_so_is_one_conversation) {
    remember({chat::entry_record{{}, {side(3, 100, "guest")}, said("first guest")},
              chat::entry_record{{}, {side(3, 101, "guest")}, said("second guest")},
              chat::entry_record{{}, {side(3, 100, "Mario")}, said("the first, renamed")},
              chat::entry_record{{}, {side(3, 102, "guest")}, said("third guest")}});
    EXPECT_EQ(bodies(latest(direct(3, 0, "guest")).entries), (strings{"second guest", "third guest"}));
    EXPECT_EQ(bodies(latest(direct(3, 100, "guest")).entries),
              (strings{"first guest", "second guest", "the first, renamed", "third guest"}));
    EXPECT_EQ(bodies(latest(direct(3, 100)).entries), (strings{"first guest", "the first, renamed"}));
}

TEST_P(contract, What_is_taken_back_leaves_its_place) {
    auto e = said("secret words");
    e.what.tags = "+x=1";
    e.what.breaks = {3};
    remember({in_channel(e)});
    remember(
        {chat::redaction_record{e.id, "op!o@h", "rude", 123}, chat::redaction_record{{1}, "op!o@h", "nobody's", 123}});
    auto wanted = e;
    wanted.what.body.clear();
    wanted.what.tags.clear();
    wanted.what.breaks.clear();
    wanted.redacted = true;
    wanted.redacted_by = "op!o@h";
    wanted.redacted_why = "rude";
    wanted.redacted_ms = 123;
    EXPECT_EQ(latest(channel(7)).entries, std::vector{wanted});
    reopen();
    EXPECT_EQ(latest(channel(7)).entries, std::vector{wanted});
}

TEST_P(contract, What_is_forgotten_cannot_be_read_from_then_on) {
    std::vector<chat::record> records;
    for (int i = 0; i < 1'000; ++i) {
        records.emplace_back(in_channel(said("word")));
        records.emplace_back(chat::entry_record{{}, {side(3, 4, "bruno"), side(4, 3, "anna")}, said("word")});
    }
    remember(records);
    remember({chat::forget_record{{7}, {}}, chat::forget_record{{}, {3}}});
    EXPECT_TRUE(latest(channel(7)).entries.empty());
    EXPECT_TRUE(latest(direct(3, 4)).entries.empty());
    EXPECT_EQ(latest(direct(4, 3)).entries.size(), 1'000U);
    EXPECT_TRUE(ask<targets>(targets_query{.channels = {{{7}, "#piazza", {}}}, .owner = {3}}).all.empty());
    EXPECT_TRUE(search({.in = {channel(7), direct(3, 0)}, .terms = {{{"word"}}}}).entries.empty());
    remember({in_channel(said("new")), chat::entry_record{{}, {side(3, 4, "bruno")}, said("new")}});
    reopen();
    EXPECT_EQ(bodies(latest(channel(7)).entries), strings{"new"});
    EXPECT_EQ(bodies(latest(direct(3, 4)).entries), strings{"new"});
}

}  // namespace
}  // namespace brusio::store
