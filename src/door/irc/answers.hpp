// Effects that are for one client, as lines. Chat thread; nothing here changes the conversation.
#pragma once

#include <string>
#include <vector>

#include "door/irc/conversation.hpp"

namespace brusio::door::irc {

// What came of its own command; `then` is what the door asks for next.
void write_answer(std::string& out, const irc_conversation& talk, const chat::effect& what,
                  std::vector<chat::command>& then);
// What others did.
void write_overheard(std::string& out, const irc_conversation& talk, const chat::effect& what,
                     std::vector<chat::command>& then);

void write_name_refused(std::string& out, const irc_conversation& talk, chat::name_refusal why, std::string_view nick);
void write_renamed_channel(std::string& out, const irc_conversation& talk, const chat::channel_renamed& e,
                           std::vector<chat::command>& then);
// 900, or 901 without an account.
void write_logged_in(std::string& out, const irc_conversation& talk, std::string_view mask, std::string_view account);
std::string mask_before_log_in(const registration& reg);
void write_own_account(std::string& out, const irc_conversation& talk, const chat::account_set& e);
void write_seated(std::string& out, const irc_conversation& talk, const chat::seated& e,
                  std::vector<chat::command>& then);
std::string why_not(const chat::account_refused& e);
void write_counts(std::string& out, const irc_conversation& talk, const chat::head_count& count);

// answers_lists.cpp and refusals.cpp
void show_list(std::string& out, const irc_conversation& talk, const chat::refused& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::names_are& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::who_are& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::whois_is& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::whowas_is& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::channels_are& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::counts_are& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::present_are& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::list_is& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::invitations_are& e);
void show_list(std::string& out, const irc_conversation& talk, const chat::operators_are& e);

}  // namespace brusio::door::irc
