// The ways in: orders of CAP, NICK, USER, PASS and WEBIRC; and what is refused there.
#include <gtest/gtest.h>

#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

using test::client;
using test::lines;
using test::scene;
using test::short_of;
using test::shorts;
using test::text_of;
using test::verbs;

bool in(scene& w, client& c) { return w.talk(c).logged_in(); }

lines typed(scene& w, client& c, const lines& all) {
    lines told;
    for (const auto& line : all) {
        for (auto& one : w.type(c, line)) told.push_back(std::move(one));
    }
    return told;
}

TEST(registration, any_order_of_nick_and_user_will_do) {
    for (const auto& order : std::initializer_list<lines>{
             {"NICK anna", "USER a 0 * :A"},
             {"USER a 0 * :A", "NICK anna"},
             {"NICK eva", "USER a 0 * :A"},
             {"CAP LS 302", "NICK anna", "USER a 0 * :A", "CAP END"},
             {"CAP LS", "USER a 0 * :A", "CAP REQ batch", "NICK anna", "CAP END"},
             {"NICK anna", "CAP LS 302", "USER a 0 * :A", "CAP END"},
             {"NICK eva", "NICK anna", "USER a 0 * :A"},
             {"CAP LIST", "NICK anna", "USER a 0 * :A"},
         }) {
        scene w;
        auto& c = w.connect();
        for (std::size_t i = 0; i + 1 < order.size(); ++i) w.type(c, order[i]);
        EXPECT_FALSE(in(w, c)) << order.front();
        const auto told = verbs(w.type(c, order.back()));
        EXPECT_TRUE(in(w, c)) << order.front();
        EXPECT_EQ(lines(told.begin(), told.begin() + 5), (lines{"001", "002", "003", "004", "005"}));
        EXPECT_EQ(told.back(), "422");
    }
}

TEST(registration, whatever_comes_behind_the_log_in_waits_for_it) {
    scene w;
    auto& c = w.connect();
    w.hub.feed(c, "NICK anna\r\nUSER a 0 * :A\r\nJOIN #c\r\nPRIVMSG #c :x\r\nPING 1\r\n");
    w.hub.settle();
    const auto told = verbs(w.hears(c));
    EXPECT_EQ(told.front(), "001");
    EXPECT_EQ(lines(told.end() - 4, told.end()), (lines{"JOIN", "353", "366", "PONG"}));
}

TEST(registration, a_taken_nick_can_be_chosen_again) {
    scene w;
    w.enter("anna");
    auto& c = w.connect();
    w.type(c, "USER a 0 * :A");
    EXPECT_EQ(shorts(w.type(c, "NICK ANNA")), (lines{"433 * ANNA"}));
    EXPECT_EQ(text_of(w.type(c, "NICK \xD0\xB0nna").at(0)), "Nickname looks like somebody else's");
    EXPECT_EQ(shorts(w.type(c, "NICK brusio.localhost")).at(0).substr(0, 3), "432");
    EXPECT_FALSE(in(w, c));
    w.type(c, "NICK eva");
    EXPECT_TRUE(in(w, c));
}

TEST(registration, what_cannot_be_a_nick_is_refused) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(shorts(w.type(c, "NICK")), (lines{"431 *"}));
    EXPECT_EQ(shorts(w.type(c, "NICK :")), (lines{"431 *"}));
    for (const auto* nick : {"#a", "a,b", "a!b", "a@b", "1a", "-a", "a*", "+a", "~a", "a.b", "$a", "a:b"}) {
        EXPECT_EQ(verbs(w.type(c, "NICK " + std::string(nick))), (lines{"432"})) << nick;
    }
    EXPECT_EQ(verbs(w.type(c, "NICK :two words")), (lines{"432"}));
}

TEST(registration, user_names_are_made_plain) {
    for (const auto& [typed_name, shown] : std::initializer_list<std::pair<std::string, std::string>>{
             {"mario", "~mario"}, {"a!b@c", "~abc"}, {"\xC3\xA8", "~user"}, {"m.a-r_9", "~m.a-r_9"}}) {
        scene w;
        auto& c = w.connect();
        w.type(c, "NICK anna");
        w.type(c, "USER " + typed_name + " 0 * :A");
        EXPECT_EQ(w.talk(c).mask(), "anna!" + shown + "@host.192.0.2.1");
    }
}

TEST(registration, user_comes_once_and_whole) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(shorts(w.type(c, "USER a 0 *")), (lines{"461 * USER"}));
    EXPECT_EQ(shorts(w.type(c, "USER a 0 * :")), (lines{"461 * USER"}));
    EXPECT_TRUE(w.type(c, "USER a 0 * :A").empty());
    EXPECT_EQ(shorts(w.type(c, "USER b 0 * :B")), (lines{"462 *"}));
}

TEST(registration, away_before_the_log_in_needs_its_capability) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(shorts(w.type(c, "AWAY :x")), (lines{"451 *"}));
    w.type(c, "CAP REQ draft/pre-away");
    EXPECT_EQ(shorts(w.type(c, "AWAY :lunch")), (lines{"306 *"}));
    typed(w, c, {"NICK anna", "USER a 0 * :A", "CAP END"});
    auto& eva = w.enter("eva");
    EXPECT_EQ(text_of(w.type(eva, "PRIVMSG anna :x").at(0)), "lunch");
}

// ── the server's password ───────────────────────────────────────────────────────────────────────────────────────────

settings with_password() {
    auto s = test::usual();
    s.password = "sesame";
    return s;
}

TEST(registration, the_server_s_password_is_asked_for) {
    scene w(with_password());
    auto& c = w.connect();
    typed(w, c, {"PASS sesame", "NICK anna", "USER a 0 * :A"});
    EXPECT_TRUE(in(w, c));
}

TEST(registration, without_the_password_or_with_a_wrong_one_it_is_over) {
    for (const auto& before : std::initializer_list<lines>{{}, {"PASS wrong"}, {"PASS sesame", "PASS wrong"}}) {
        scene w(with_password());
        auto& c = w.connect();
        typed(w, c, before);
        const auto told = verbs(typed(w, c, {"NICK anna", "USER a 0 * :A"}));
        EXPECT_EQ(told, (lines{"464", "ERROR"}));
        EXPECT_TRUE(c.closing);
        EXPECT_EQ(w.hub.state.users(), 0U);
    }
}

TEST(registration, after_five_wrong_passwords_an_address_waits_a_minute) {
    scene w(with_password());
    const auto tries = [&](std::string_view password, std::string_view address) {
        auto& c = w.connect(address);
        typed(w, c, {"PASS " + std::string(password), "NICK anna", "USER a 0 * :A"});
        const bool let_in = in(w, c);
        if (let_in) w.type(c, "QUIT");
        w.hub.forget_closed();
        return let_in;
    };
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(tries("wrong", "192.0.2.1"));
    EXPECT_FALSE(tries("sesame", "192.0.2.1"));
    EXPECT_TRUE(tries("sesame", "192.0.2.2"));
    w.hub.now_ms += failures_forgotten_ms + 1;
    EXPECT_TRUE(tries("sesame", "192.0.2.1"));
}

TEST(registration, wrong_passwords_of_many_addresses_do_not_grow_the_server) {
    scene w(with_password());
    for (std::size_t i = 0; i < failures_kept + 100; ++i) {
        auto& c = w.connect("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
        typed(w, c, {"PASS wrong", "NICK anna", "USER a 0 * :A"});
        EXPECT_LE(w.talk(c).shared().failures.size(), failures_kept);
        w.hub.forget_closed();
    }
}

// ── gateways ────────────────────────────────────────────────────────────────────────────────────────────────────────

settings with_gateway() {
    auto s = test::usual();
    s.gateways.push_back({"gate", [](const net::peer& p) { return p.address() == "192.0.2.9"; }});
    return s;
}

TEST(webirc, a_gateway_says_where_its_client_comes_from) {
    scene w(with_gateway());
    auto& c = w.connect("192.0.2.9");
    EXPECT_TRUE(typed(w, c, {"WEBIRC gate name host.example 198.51.100.7 :secure"}).empty());
    typed(w, c, {"NICK anna", "USER a 0 * :A"});
    EXPECT_EQ(w.talk(c).mask(), "anna!~a@198.51.100.7");
    EXPECT_EQ(std::ranges::count(verbs(w.type(c, "WHOIS anna")), std::string("671")), 0);
    // Secure is only what is so all the way.
    for (const bool said : {true, false}) {
        auto& over_tls = w.hub.open(*w.door, test::from_address("192.0.2.9", true));
        w.type(over_tls, std::string("WEBIRC gate name host.example 198.51.100.8 :") + (said ? "secure" : "x"));
        typed(w, over_tls, {said ? "NICK eva" : "NICK zoe", "USER e 0 * :E"});
        const auto told = verbs(w.type(over_tls, said ? "WHOIS eva" : "WHOIS zoe"));
        EXPECT_EQ(std::ranges::count(told, std::string("671")), said ? 1 : 0);
    }
}

TEST(webirc, anything_else_ends_the_connection) {
    struct row {
        std::string_view from;
        std::string line;
    };
    for (const auto& [from, line] :
         {row{"192.0.2.9", "WEBIRC wrong g h 198.51.100.7"}, row{"192.0.2.8", "WEBIRC gate g h 198.51.100.7"},
          row{"192.0.2.9", "WEBIRC gate g h nonsense"}, row{"192.0.2.9", "WEBIRC gate g h"}}) {
        scene w(with_gateway());
        auto& c = w.connect(from);
        EXPECT_EQ(verbs(w.type(c, line)), (lines{"ERROR"})) << line;
        EXPECT_TRUE(c.closing);
    }
    scene w(with_gateway());
    auto& c = w.connect("192.0.2.9");
    w.type(c, "NICK anna");
    EXPECT_EQ(verbs(w.type(c, "WEBIRC gate g h 198.51.100.7")), (lines{"ERROR"}));
    auto& again = w.connect("192.0.2.9");
    w.type(again, "WEBIRC gate g h 198.51.100.7");
    EXPECT_EQ(verbs(w.type(again, "WEBIRC gate g h 198.51.100.8")), (lines{"ERROR"}));
}

TEST(webirc, the_certificate_is_the_client_s_not_the_gateway_s) {
    const std::string fingerprint(64, 'B');
    for (const auto& [options, shown] : {std::pair<std::string, bool>{":secure", false},
                                         {":secure certfp-sha-256=" + fingerprint, true},
                                         {":secure certfp-sha-256=nonsense", false}}) {
        scene w(with_gateway());
        auto& c = w.hub.open(*w.door, test::from_address("192.0.2.9", true));
        c.talk->hear_certificate("cafe");
        w.type(c, "WEBIRC gate name host.example 198.51.100.7 " + options);
        typed(w, c, {"NICK anna", "USER a 0 * :A"});
        const auto told = w.type(c, "WHOIS anna");
        EXPECT_EQ(std::ranges::count(verbs(told), std::string("276")), shown ? 1 : 0) << options;
        for (const auto& line : told) EXPECT_FALSE(line.contains("cafe")) << line;
        if (shown)
            EXPECT_TRUE(
                std::ranges::any_of(told, [](const auto& line) { return line.contains(std::string(64, 'b')); }));
    }
    scene w(with_gateway());
    auto& c = w.connect("192.0.2.9");
    w.type(c, "WEBIRC gate name host.example 198.51.100.7 :secure certfp-sha-256=" + fingerprint);
    typed(w, c, {"NICK anna", "USER a 0 * :A"});
    EXPECT_EQ(std::ranges::count(verbs(w.type(c, "WHOIS anna")), std::string("276")), 0) << "the gateway came in clear";
}

// ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(registration, http_is_shown_the_door_without_a_word) {
    for (const auto& line : {std::string("GET / HTTP/1.1"), std::string("POST /x HTTP/1.0"),
                             "POST /" + std::string(600, 'a') + " HTTP/1.1", "GET /" + std::string(20'000, 'a'),
                             std::string("POST /\0 HTTP/1.1", 17), std::string("PUT /\xFF")}) {
        scene w;
        auto& c = w.connect();
        EXPECT_TRUE(w.type(c, line).empty()) << line;
        EXPECT_TRUE(c.closing) << line;
    }
    scene w;
    EXPECT_EQ(verbs(w.type(w.enter("anna"), "GET /")), (lines{"421"})) << "who is in may be mistaken";
}

TEST(registration, quit_ends_it_at_any_time) {
    scene w;
    auto& early = w.connect();
    EXPECT_EQ(w.type(early, "QUIT :bye"), (lines{"ERROR :Quit: bye"}));
    EXPECT_TRUE(early.closing);
    auto& late = w.enter("anna");
    EXPECT_EQ(w.type(late, "QUIT"), (lines{"ERROR :Client quit"}));
    EXPECT_TRUE(late.closing);
    EXPECT_EQ(w.hub.state.users(), 0U);
}

TEST(registration, broken_lines_are_told_and_dropped) {
    scene w;
    auto& c = w.connect();
    EXPECT_EQ(shorts(w.type(c, "NICK \xFF")), (lines{"FAIL NICK INVALID_UTF8"}));
    EXPECT_EQ(shorts(w.type(c, "\xFF")), (lines{"FAIL * INVALID_UTF8"}));
    EXPECT_EQ(shorts(w.type(c, std::string("NICK a\0b", 8))), (lines{"FAIL * INVALID_LINE"}));
    EXPECT_EQ(shorts(w.type(c, "PING " + std::string(600, 'x'))), (lines{"417 *"}));
    EXPECT_TRUE(w.type(c, ":source").empty());
    EXPECT_EQ(verbs(w.type(c, "PING x")), (lines{"PONG"}));
}

}  // namespace
}  // namespace brusio::door::irc
