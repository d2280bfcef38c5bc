// What one client reads of the past. A question goes to chat first (chat::ask_past), which says what may be read of
// what was asked for; then the store is asked, perhaps several times; then the client is told. Each such question is a
// past_task; of one client only one has a question with the store at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "door/door.hpp"

namespace brusio::door::irc {

class irc_conversation;

// What `asked` of chat::ask_past begins with. Behind it: the line, without its tags; or the id up to which was missed.
enum class past_asked : char {
    history = 'h',          // CHATHISTORY
    search = 's',           // SEARCH
    unknown_message = 'r',  // REDACT of a msgid that is none: is at least its target known?
    missed_in = 'j',        // in a channel that the client has just come to
    missed_from = 'd',      // direct messages
};

class past_task {
  public:
    virtual ~past_task() = default;
    // The first question; none: there is nothing to ask, and `out` has all that is to be told.
    virtual std::optional<store::question> begin(std::string& out) = 0;
    // The next one; none: that was the last, and `out` has what is to be told.
    virtual std::optional<store::question> go_on(const base::result<store::reply>& what, std::string& out) = 0;
    // Whether the client asked for it, perhaps under a label.
    virtual bool was_asked() const { return true; }
};

struct past_reading {
    std::vector<std::unique_ptr<past_task>> tasks;  // the first one's question is with the store
    // What an account missed that does not ask for it: after this, and before what the session heard itself.
    chat::message_id missed_after;
    chat::message_id missed_before;
    std::vector<chat::channel_id> replayed;
};

// Nothing when what was asked for needs no store; then `out` has the answer.
std::unique_ptr<past_task> make_task(irc_conversation& talk, const chat::past_granted& e, std::string& out);

// The makers of the tasks. `line` is the client's.
std::unique_ptr<past_task> history_task(irc_conversation& talk, const chat::past_granted& e, std::string_view line,
                                        std::string& out);
std::unique_ptr<past_task> search_task(irc_conversation& talk, const chat::past_granted& e, std::string_view line);
std::unique_ptr<past_task> missed_in_channel(irc_conversation& talk, const chat::past_granted& e,
                                             chat::message_id before);
std::unique_ptr<past_task> missed_messages(irc_conversation& talk, const chat::past_granted& e,
                                           chat::message_id before);

// Chat says no.
void write_past_refused(std::string& out, const irc_conversation& talk, const chat::past_refused& e);

// "FAIL CHATHISTORY INVALID_PARAMS …": as IRCv3's standard replies have it.
void write_fail(std::string& out, const irc_conversation& talk, std::string_view verb, std::string_view code,
                std::span<const std::string> context, std::string_view text);

}  // namespace brusio::door::irc
