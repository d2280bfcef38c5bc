// A connection with its prepared statements, and values in and out of them. Losing the database throws
// SQLite::Exception, which does not leave this folder: each thread of the engine catches it where a batch, a question
// or a slice ends, and drops the connection. A connection belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

namespace brusio::store::sqlite {

// One sentence: "the disk is full".
std::string why(const SQLite::Exception& e);

template <class T>
concept strong_id = requires(T id) {
    { id.value } -> std::convertible_to<std::uint64_t>;
};

// A prepared statement while it is in use: bound, stepped, and reset whatever happens.
class use {
  public:
    template <class... Ts>
    explicit use(SQLite::Statement& s, const Ts&... values) : s_(s) {
        (put(values), ...);
    }
    ~use() { s_.tryReset(); }
    use(const use&) = delete;
    use& operator=(const use&) = delete;

    // The next row, if there is one. Its columns are read in their order.
    bool next() {
        column_ = 0;
        return s_.executeStep();
    }
    // Of a statement without rows: how many rows it changed.
    int run() { return s_.exec(); }

    std::int64_t number() { return s_.getColumn(column_++).getInt64(); }
    std::string text() { return s_.getColumn(column_++).getString(); }
    bool flag() { return number() != 0; }
    template <class E>
    E as() {
        return static_cast<E>(number());
    }
    template <strong_id I>
    I id() {
        return I{static_cast<std::uint64_t>(number())};
    }

  private:
    template <class T>
    void put(const T& value) {
        ++at_;
        if constexpr (strong_id<T>) {
            s_.bind(at_, static_cast<std::int64_t>(value.value));
        } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
            s_.bind(at_);
        } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
            s_.bind(at_, static_cast<std::int64_t>(value));
        } else {
            s_.bindNoCopy(at_, value);  // a std::string that outlives this
        }
    }
    SQLite::Statement& s_;
    int at_ = 0;
    int column_ = 0;
};

enum class access : std::uint8_t { read, write };

class connection {
  public:
    connection(const std::string& file, access how, const std::string& vfs);

    // `sql` is a literal: it is known by its address.
    SQLite::Statement& operator[](const char* sql);
    template <class... Ts>
    int run(const char* sql, const Ts&... values) {
        return use((*this)[sql], values...).run();
    }
    // Anything else: rare, not kept.
    void execute(const std::string& sql) { base_.exec(sql); }
    std::int64_t number(const std::string& sql) { return base_.execAndGet(sql).getInt64(); }
    SQLite::Database& base() { return base_; }

  private:
    SQLite::Database base_;
    std::unordered_map<const char*, SQLite::Statement> statements_;
};

// Rolled back unless committed. `error_in_commit` says whether it was COMMIT that failed.
class transaction {
  public:
    explicit transaction(connection& c, bool writes = false) : c_(c) {
        c_.execute(writes ? "BEGIN IMMEDIATE" : "BEGIN");
    }
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    void commit() {
        c_.run("COMMIT");
        open_ = false;
    }

  private:
    connection& c_;
    bool open_ = true;
};

// Without commits' syncs: for what is harmless to lose, since it is done again. Lasts until the end of the scope.
class unsynced {
  public:
    explicit unsynced(connection& c) : c_(c) { c_.execute("PRAGMA synchronous=NORMAL"); }
    ~unsynced();
    unsynced(const unsynced&) = delete;
    unsynced& operator=(const unsynced&) = delete;

  private:
    connection& c_;
};

}  // namespace brusio::store::sqlite
