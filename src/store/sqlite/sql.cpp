#include "store/sqlite/sql.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace brusio::store::sqlite {

std::string why(const SQLite::Exception& e) {
    switch (e.getErrorCode() & 0xFF) {
        case SQLITE_FULL:
            return "the disk is full";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "the file is locked by another program";
        case SQLITE_IOERR:
            return fmt::format("input/output error ({}): {}", e.getExtendedErrorCode(), e.what());
        case SQLITE_CORRUPT:
            return "the file is damaged";
        case SQLITE_NOTADB:
            return "the file is not a database";
        case SQLITE_READONLY:
            return "the file cannot be written to";
        case SQLITE_CANTOPEN:
            return "the file cannot be opened";
        default:
            return fmt::format("SQLite: {}", e.what());
    }
}

namespace {

int flags(access how) {
    return SQLITE_OPEN_NOMUTEX |
           (how == access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE);
}

}  // namespace

connection::connection(const std::string& file, access how, const std::string& vfs)
    : base_(file, flags(how), 1'000, vfs) {
    // Readers may write the -shm file, but nothing else.
    if (how == access::read) execute("PRAGMA query_only=ON");
    execute("PRAGMA cache_size=-16384");
    execute("PRAGMA secure_delete=ON");
    execute("PRAGMA wal_autocheckpoint=0");
    execute("PRAGMA journal_size_limit=134217728");  // what a long reader made it grow to, it gives back
    execute("PRAGMA trusted_schema=OFF");
    execute("PRAGMA temp_store=MEMORY");
}

SQLite::Statement& connection::operator[](const char* sql) {
    const auto at = statements_.find(sql);
    if (at != statements_.end()) return at->second;
    return statements_.emplace(sql, SQLite::Statement(base_, sql)).first->second;
}

transaction::~transaction() {
    if (!open_) return;
    try {
        c_.execute("ROLLBACK");
    } catch (const SQLite::Exception&) {  // SQLite has rolled back by itself, or the connection is dropped next
    }
}

unsynced::~unsynced() {
    try {
        c_.execute("PRAGMA synchronous=FULL");
    } catch (const SQLite::Exception&) {  // an open transaction: the connection is dropped, with its setting
    }
}

}  // namespace brusio::store::sqlite
