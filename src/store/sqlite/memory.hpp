// Rows to what the server starts with.
#pragma once

#include "chat/values.hpp"
#include "store/sqlite/sql.hpp"

namespace brusio::store::sqlite {

// Names are folded again, as the library for it may be a newer one than the file's.
chat::memory read_memory(connection& c);

// What has to be remembered for the pasts of all others to be forgotten (engine::forget_others).
std::vector<chat::remember> others_than(connection& c, const chat::memory& m);

}  // namespace brusio::store::sqlite
