#include "store/sqlite/opening.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include <sqlite3.h>

#include "store/sqlite/indexer.hpp"
#include "store/sqlite/schema.hpp"

namespace brusio::store::sqlite {
namespace {

std::unexpected<base::error> cannot_write(const std::string& file, int error) {
    const auto folder = std::filesystem::path(file).parent_path().string();
    return base::fail(
        "{} cannot be written to: {}; the folder {} and what is in it have to belong to the user that "
        "brusiod runs as",
        file, std::strerror(error), folder.empty() ? "." : folder);
}

base::result<file_lock> lock(const std::string& file) {
    const auto name = file + ".lock";
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return cannot_write(name, errno);
    file_lock held(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return base::fail("{} is in use by another brusiod; stop that one first, or name another folder for the data",
                          file);
    }
    return held;
}

base::result<void> make(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);  // -wal and -shm get the same mode
    if (fd < 0) return cannot_write(file, errno);
    ::close(fd);
    return {};
}

std::unexpected<base::error> refuse(const std::string& file, const SQLite::Exception& e) {
    switch (e.getErrorCode() & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:  // a table is missing
        case SQLITE_MISMATCH:
            return base::fail(
                "{} is damaged or not a database ({}); restore a backup (docs/operations.md, Restore), or move "
                "the file away to begin anew",
                file, e.what());
        case SQLITE_BUSY:
            return base::fail("{} is locked by another program; close what has it open", file);
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
            return cannot_write(file, EACCES);
        default:
            return base::fail("{} cannot be opened: {}", file, why(e));
    }
}

// The ends of the large table; the small ones are read anyway when the server loads its memory. A check of everything
// would read the whole file at each start.
void look_into(connection& c) {
    c.number("SELECT count(*) FROM (SELECT * FROM entries ORDER BY id LIMIT 10)");
    c.number("SELECT count(body) FROM (SELECT * FROM entries ORDER BY id DESC LIMIT 10)");
    c.number("SELECT count(*) FROM (SELECT * FROM conversations ORDER BY id LIMIT 10)");
}

}  // namespace

file_lock::~file_lock() {
    if (fd_ >= 0) ::close(fd_);
}

base::result<file_lock> open_file(shared& s) {
    const auto& file = s.options.file;
    auto held = lock(file);
    if (!held) return held;
    if (auto made = make(file); !made) return std::unexpected(made.error());
    try {
        connection c(file, access::write, s.options.vfs);
        c.number("SELECT count(*) FROM sqlite_schema");  // before anything is written to somebody else's file
        if (auto done = migrate(c, file); !done) return std::unexpected(done.error());
        c.execute("PRAGMA journal_mode=WAL");
        look_into(c);
        transaction whole(c, true);
        s.opening_before = c.base().execAndGet("SELECT opening FROM state").getString();
        s.opening = c.base().execAndGet("SELECT hex(randomblob(16))").getString();
        c.run("UPDATE state SET opening = ?", s.opening);
        whole.commit();
    } catch (const SQLite::Exception& e) {
        return refuse(file, e);
    }
    s.index_file = file + ".index";
    try {
        adopt_index(s);
    } catch (const SQLite::Exception& e) {
        return base::fail("{} cannot be written to: {}", s.index_file, why(e));
    }
    return held;
}

}  // namespace brusio::store::sqlite
