#include "door/frame/frame_door.hpp"

#include <gtest/gtest.h>

#include "wire/frame.hpp"

namespace brusio::door::frame {
namespace {

const chat::session_id me{1, 1};
const chat::channel_name lobby{"#piazza", "#piazza"};

// The bodies of all frames in `bytes`, which must be whole frames.
std::vector<std::string> bodies(std::string_view bytes) {
    std::vector<std::string> out;
    while (!bytes.empty()) {
        const auto split = wire::split_frame(bytes, wire::frame_no_limit);
        if (!split || !split->complete) {
            ADD_FAILURE() << "not whole frames: " << bytes;
            break;
        }
        out.emplace_back(split->body);
        bytes.remove_prefix(split->consumed);
    }
    return out;
}

class frame_talk : public testing::Test {
  protected:
    frame_talk()
        : door_({.server_name = "brusio.localhost", .lobby = lobby}),
          talk_(door_.open(me, {.from = {}, .host = "anna.ip"})) {}

    std::vector<action> hear(std::string message) {
        std::vector<action> out;
        talk_->hear(std::move(message), out);
        return out;
    }
    void log_in() { ASSERT_EQ(hear("anna").size(), 1U); }

    // The one command that a message becomes.
    template <class T>
    T command(std::string message) {
        const auto actions = hear(std::move(message));
        if (actions.size() != 1 || !std::holds_alternative<chat::command>(actions[0])) {
            ADD_FAILURE() << actions.size() << " actions";
            return {};
        }
        const auto* typed = std::get_if<T>(&std::get<chat::command>(actions[0]));
        if (typed == nullptr) ADD_FAILURE() << "another command";
        return typed == nullptr ? T{} : *typed;
    }

    frame_door door_;
    std::unique_ptr<conversation> talk_;
};

using strings = std::vector<std::string>;

TEST_F(frame_talk, the_first_frame_is_the_name) {
    const auto c = command<chat::log_in>(" Mario Rossi\r\n");
    EXPECT_EQ(c.who.name, "Mario Rossi");
    EXPECT_EQ(c.who.nick, "Mario_Rossi");
    EXPECT_EQ(c.bound_to, lobby);
    EXPECT_EQ(c.from.username, "~frame");
    EXPECT_EQ(c.from.real_name, "Mario Rossi");
    EXPECT_EQ(c.from.host, "anna.ip");
}

TEST_F(frame_talk, an_impossible_name_is_explained_and_closes) {
    const auto actions = hear(std::string(2000, 'x'));
    ASSERT_EQ(actions.size(), 1U);
    const auto& r = std::get<reply>(actions[0]);
    EXPECT_TRUE(r.close);
    EXPECT_EQ(bodies(r.bytes),
              (strings{"brusio.localhost", "Closing: a name has at most 64 bytes. Connect again with another one."}));
    EXPECT_TRUE(hear("x").empty());
}

TEST_F(frame_talk, commands_are_whole_first_words) {
    log_in();
    EXPECT_EQ(command<chat::ask_names>("/who").channel, lobby);
    EXPECT_EQ(command<chat::ask_names>("/who\r\n").channel, lobby);
    EXPECT_EQ(command<chat::ask_door>("/help").topic, "/help");
    EXPECT_EQ(command<chat::rename>("/nick  Anna B ").who.name, "Anna B");
    EXPECT_EQ(command<chat::say>("/me waves").what.body, "waves");
    EXPECT_EQ(command<chat::say>("/me waves").what.kind, chat::speech::action);
    const auto t = command<chat::tell>("/msg Mario_Rossi  ciao  bello");
    EXPECT_EQ(t.nick.fold, "mario_rossi");
    EXPECT_EQ(t.what.body, "ciao  bello");
    for (auto text : {"/whoo", "/", "//who", "/WHO", " /who", "/etc/passwd", "/msgx a b"}) {
        EXPECT_EQ(command<chat::say>(text).what.body, text);
    }
}

TEST_F(frame_talk, commands_without_what_they_need_are_answered) {
    log_in();
    for (auto line : {"/msg", "/msg mario", "/msg mario ", "/me", "/me ", "/nick", "/nick ", "/nick ###"}) {
        const auto topic = command<chat::ask_door>(line).topic;
        const auto r = talk_->answer(chat::door_asked{me, topic});
        EXPECT_FALSE(r.close);
        EXPECT_EQ(bodies(r.bytes).at(0), "brusio.localhost");
        EXPECT_FALSE(bodies(r.bytes).at(1).starts_with("Closing: "));
    }
}

TEST_F(frame_talk, commands_can_be_turned_off) {
    door_.set({.server_name = "s", .lobby = lobby, .commands = false});
    log_in();
    EXPECT_EQ(command<chat::say>("/quit").what.body, "/quit");
}

TEST_F(frame_talk, bodies_are_kept_to_the_byte) {
    log_in();
    const std::string every = [] {
        std::string all;
        for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
        return all;
    }();
    EXPECT_EQ(command<chat::say>(every).what.body, every);
    EXPECT_EQ(command<chat::say>("").what.body, "");
}

TEST_F(frame_talk, nothing_poses_as_private) {
    chat::said e{.who = {"anna", "anna!~a@h"}, .what = {.body = "[private] x"}};
    EXPECT_EQ(bodies(door_.render(e, 0)), (strings{"anna", " [private] x"}));
    e.what.body = "x";
    EXPECT_EQ(bodies(door_.render(e, 0)), (strings{"anna", "x"}));
    e.what.kind = chat::speech::action;
    EXPECT_EQ(bodies(door_.render(e, 0)), (strings{"anna", "* x"}));
    EXPECT_EQ(bodies(talk_->overhear(chat::told{.who = {"anna", "anna!~a@h"}, .what = {.body = "x"}}).bytes),
              (strings{"anna", "[private] x"}));
}

TEST_F(frame_talk, only_what_is_for_people_comes_from_other_protocols_and_without_their_codes) {
    chat::said e{.who = {"anna", "anna!~a@h"},
                 .what = {.body = "\x02"
                                  "bold\x0f",
                          .formatted = true}};
    EXPECT_EQ(bodies(door_.render(e, 0)), (strings{"anna", "bold"}));
    e.what.formatted = false;
    EXPECT_EQ(bodies(door_.render(e, 0)), (strings{"anna",
                                                   "\x02"
                                                   "bold\x0f"}));
    for (const auto kind : {chat::speech::ctcp, chat::speech::ctcp_answer, chat::speech::tags}) {
        e.what.kind = kind;
        EXPECT_EQ(door_.render(e, 0), "");
        EXPECT_EQ(talk_->overhear(chat::told{.who = e.who, .what = e.what}).bytes, "");
    }
    e.what.kind = chat::speech::notice;
    EXPECT_NE(door_.render(e, 0), "");
}

// What comes from IRC, as it arrives in a public message and in a private one.
class from_irc : public frame_talk {
  protected:
    strings said(std::string body, chat::speech kind = chat::speech::text) {
        const chat::message what{.kind = kind, .body = std::move(body), .formatted = true};
        return bodies(door_.render(chat::said{.who = anna_, .what = what}, 0));
    }
    strings told(std::string body, chat::speech kind = chat::speech::text) {
        const chat::message what{.kind = kind, .body = std::move(body), .formatted = true};
        return bodies(talk_->overhear(chat::told{.who = anna_, .what = what}).bytes);
    }
    // The only text of an answer.
    std::string answered(const chat::effect& what) {
        const auto r = talk_->answer(what);
        return bodies(r.bytes).at(1);
    }
    chat::person anna_{"anna", "anna!~a@h"};
};

TEST_F(from_irc, no_control_character_reaches_a_terminal) {
    EXPECT_EQ(said("\x1b[31mesc \x07"), (strings{"anna", "[31mesc "}));
    EXPECT_EQ(told("\x1b[31mesc \x07"), (strings{"anna", "[private] [31mesc "}));
    EXPECT_EQ(said("\u009b2J\x7f\x08!", chat::speech::action), (strings{"anna", "* 2J!"}));
    EXPECT_EQ(said("perché\tno\n漢字 🙂"), (strings{"anna", "perché\tno\n漢字 🙂"}));
    // Not by the removal of another code either.
    EXPECT_EQ(said("\xc2\x02\x9b"
                   "2J"),
              (strings{"anna", "2J"}));
    EXPECT_EQ(said("\xc2\x07\x9b"
                   "2J"),
              (strings{"anna", "\uFFFD\uFFFD2J"}));
    EXPECT_EQ(said("\x1b[private] x"), (strings{"anna", " [private] x"}));
}

TEST_F(from_irc, what_is_nothing_but_codes_is_not_sent) {
    for (const auto* body : {"", "\x02\x02", "\x02\n\x0f",
                             "\x03"
                             "04,12",
                             "\x07\x1b\u0085", "\x0f\r"}) {
        for (const auto kind : {chat::speech::text, chat::speech::action, chat::speech::notice}) {
            EXPECT_EQ(said(body, kind), strings{});
            EXPECT_EQ(told(body, kind), strings{});
        }
    }
    EXPECT_EQ(said(" "), (strings{"anna", " "}));
    chat::said of_a_frame_client{.who = anna_, .what = {.body = ""}};  // where it is legal
    EXPECT_EQ(bodies(door_.render(of_a_frame_client, 0)), (strings{"anna", ""}));
}

TEST_F(from_irc, what_the_server_quotes_has_no_codes) {
    log_in();
    EXPECT_EQ(answered(chat::is_away{me, "anna", "\x02lunch\x02 \x1b[2J\x07"}), "anna is away: lunch [2J");
    EXPECT_EQ(answered(chat::is_away{me, "anna", "\x02"}), "anna is away.");
    EXPECT_EQ(answered(chat::refused{.session = me, .nick = "a\x1b[2J"}),
              "Nobody here has the nick a␛[2J. /who shows who is here.");
    EXPECT_EQ(answered(chat::not_let_in{me, std::nullopt, "\x02spam\x0f\x07"}),
              "Closing: you are banned from this server: spam");
    const auto kicked = [&](std::string reason) {
        const auto r = talk_->overhear(chat::ended{
            .session = {1, 2}, .to = {me}, .why = chat::end_cause::kicked, .by = anna_, .reason = std::move(reason)});
        return bodies(r.bytes).at(1);
    };
    EXPECT_EQ(kicked("\x1b]0;x\x07 \x1fspam\x1f"), "Closing: anna has removed you: ]0;x spam");
    EXPECT_EQ(kicked("\x02\x02"), "Closing: anna has removed you.");
    EXPECT_EQ(kicked("anna"), "Closing: anna has removed you.");
}

TEST_F(frame_talk, whoever_is_not_let_in_is_told_what_is_true) {
    const auto why = [&](std::optional<chat::refusal> r, std::string reason = {}, bool account = false) {
        const auto talk = door_.open(me, {.from = {}, .host = "anna.ip"});
        const auto answer = talk->answer(chat::not_let_in{me, r, std::move(reason), account});
        EXPECT_TRUE(answer.close);
        return bodies(answer.bytes).at(1);
    };
    using chat::refusal;
    EXPECT_EQ(why(refusal::wrong_key),
              "Closing: only people with the key are let in here now, and frames cannot give one.");
    EXPECT_EQ(why(refusal::channel_is_invite_only), "Closing: only people who are invited are let in here now.");
    EXPECT_EQ(why(refusal::channel_is_full), "Closing: it is full here. Try again later.");
    EXPECT_EQ(why(refusal::banned_from_channel), "Closing: you are banned here.");
    EXPECT_EQ(why(refusal::channel_needs_account), "Closing: only people with an account are let in here now.");
    EXPECT_EQ(why(std::nullopt, "spam"), "Closing: you are banned from this server: spam");
    EXPECT_EQ(why(std::nullopt, "spam", true), "Closing: this server lets in only people with an account: spam");
}

TEST_F(frame_talk, a_refused_message_is_one_explanation_and_the_session_goes_on) {
    log_in();
    for (const auto why :
         {chat::refusal::cannot_speak_moderated, chat::refusal::cannot_speak_muted, chat::refusal::cannot_speak_so_fast,
          chat::refusal::cannot_speak_outside, chat::refusal::silenced_by_server, chat::refusal::no_such_nick}) {
        const auto r = talk_->answer(chat::refused{.session = me, .why = why});
        EXPECT_FALSE(r.close);
        ASSERT_EQ(bodies(r.bytes).size(), 2U);
        EXPECT_EQ(bodies(r.bytes)[0], "brusio.localhost");
        EXPECT_FALSE(bodies(r.bytes)[1].starts_with("Closing: "));
    }
}

TEST_F(frame_talk, whoever_is_removed_is_told_why_and_closed) {
    log_in();
    using chat::end_cause;
    for (const auto why :
         {end_cause::kicked, end_cause::killed, end_cause::banned_by_server, end_cause::banned_from_channel}) {
        const auto r = talk_->overhear(
            chat::ended{.session = {1, 2}, .to = {me}, .why = why, .by = {"op", "op!~o@h"}, .reason = "spam"});
        EXPECT_TRUE(r.close);
        EXPECT_TRUE(bodies(r.bytes).at(1).starts_with("Closing: ")) << bodies(r.bytes).at(1);
    }
    const auto r = talk_->answer(chat::not_let_in{me, chat::refusal::banned_from_channel, {}});
    EXPECT_TRUE(r.close);
    EXPECT_EQ(bodies(r.bytes).at(1), "Closing: you are banned here.");
}

TEST_F(frame_talk, sent_nothing_that_was_not_asked_for) {
    for (const chat::effect& e : {chat::effect(chat::joined{}), chat::effect(chat::parted{}),
                                  chat::effect(chat::logged_in{}), chat::effect(chat::left{})}) {
        EXPECT_TRUE(door_.render(e, 0).empty());
    }
    EXPECT_TRUE(talk_->answer(chat::logged_in{}).bytes.empty());
    EXPECT_TRUE(talk_->answer(chat::joined{}).bytes.empty());
}

TEST_F(frame_talk, a_message_too_long_ends_the_session_in_its_place) {
    log_in();
    std::vector<action> out;
    talk_->hear_broken(net::split_status::too_long, out);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<chat::leave>(std::get<chat::command>(out[0])));
    const auto r = talk_->answer(chat::left{.session = me, .reason = "x"});
    EXPECT_TRUE(r.close);
    EXPECT_EQ(bodies(r.bytes), (strings{"brusio.localhost", "Closing: the message is longer than 16384 bytes."}));
    EXPECT_TRUE(hear("more").empty());
}

TEST_F(frame_talk, quit_and_the_end_of_input_leave_without_a_word) {
    log_in();
    EXPECT_EQ(command<chat::leave>("/quit").reason, "quit");
    const auto r = talk_->answer(chat::left{.session = me, .reason = "quit"});
    EXPECT_TRUE(r.close);
    EXPECT_TRUE(r.bytes.empty());
    std::vector<action> out;
    talk_->hear_end(out);
    EXPECT_TRUE(out.empty());  // it has left already
}

TEST_F(frame_talk, a_message_that_cannot_be_stored_is_explained_and_closes) {
    log_in();
    const auto r = talk_->answer(chat::not_stored{me, {7}, {}});
    EXPECT_TRUE(r.close);
    EXPECT_TRUE(bodies(r.bytes).at(1).starts_with("Closing: the server cannot store"));
}

}  // namespace
}  // namespace brusio::door::frame
