// The migrations: numbered SQL files (migrations/*.sql), each applied once, in order, in a transaction of its own.
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "store/sqlite/sql.hpp"

namespace brusio::store::sqlite {

struct migration {
    int number;
    const char* name;
    const char* sql;
};
std::span<const migration> migrations();

// In the header of our files, so that tools know them.
inline constexpr int application_id = 0x6272'7573;  // "brus"

// Brings the file to the last of `steps`. An error is a sentence that says what to do; errors of SQLite are thrown.
base::result<void> migrate(connection& c, const std::string& file, std::span<const migration> steps = migrations());

}  // namespace brusio::store::sqlite
