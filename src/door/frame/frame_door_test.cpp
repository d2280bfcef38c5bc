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
