// /search: what was said, found again. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "chat/values.hpp"
#include "store/questions.hpp"

namespace brusio::door::frame {

// What was typed behind /search (door/search_text.hpp) as a question to chat: may its asker read that? An error is a
// sentence for the asker.
base::result<chat::ask_past> ask_search(chat::session_id session, std::string_view typed);

// What the store is asked when it may.
store::search_query granted_search(const chat::past_granted& what);

// What the store has found, oldest first, as a text of at most about `bytes_max`; `lobby`: where people are when
// nothing else is said.
std::string found_text(const store::found& found, std::string_view typed, std::string_view lobby,
                       std::size_t bytes_max);

}  // namespace brusio::door::frame
