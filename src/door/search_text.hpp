// What people type to find something, the same in every door:
//
//   words            all of them are in the message, in any order
//   "two words"      these, one behind the other
//   begin*           a word that begins so; also at the end of a phrase: "good mor*"
//   -word            is not in it; also before phrases
//   from:anna        said by this nick or account
//   in:#piazza       in this channel, or in the conversation with this nick
//   before:… after:… 2026-11-23 (when that day begins), 2026-11-23T08:24:31Z (that moment included), or a msgid
//   limit:20         at most so many
//
// Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/questions.hpp"

namespace brusio::door {

inline constexpr std::uint32_t search_limit_max = 100;
inline constexpr std::size_t search_terms_max = 32;

struct search_request {
    store::search_query what;  // `in` is left to whoever asks what may be read
    std::string in;            // a channel or a nick, as typed; empty: everywhere
};

// An error is a sentence for whoever typed it. Nothing to look for is an error, too; `from:`, `in:` and times alone are
// something.
base::result<search_request> parse_search(std::string_view text);

// One of them by its name without the colon (from, in, before, after, limit), as they are also sent one by one. False:
// there is no such attribute.
base::result<bool> set_search_attribute(search_request& into, std::string_view key, std::string_view value);
// Words, phrases and the like are added to what is to be found.
base::result<void> add_search_terms(search_request& into, std::string_view text);
// Whether it says anything that a message could be found by.
bool asks_for_something(const search_request& r);

}  // namespace brusio::door
