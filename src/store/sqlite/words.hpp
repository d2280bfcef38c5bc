// What search looks for, and in what. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace brusio::store::sqlite {

// A body without what cannot be read: control bytes, and IRC's formatting codes where it has them.
std::string searched_text(const std::string& body, bool formatted);

// The terms as FTS5 takes them. Words without a letter or digit say nothing and are left out.
struct match {
    std::string with;      // empty: nothing has to be in it
    std::string without;   // empty: nothing is forbidden
    bool nothing = false;  // there were words to look for, but none of them says anything: nothing has them
};
match match_of(const std::vector<search_term>& terms);

}  // namespace brusio::store::sqlite
