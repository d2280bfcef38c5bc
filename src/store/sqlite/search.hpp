// Search: the index says which messages may be meant, newest first; each of them is looked up and checked against what
// the asker may read.
#pragma once

#include <optional>

#include "store/sqlite/shared.hpp"
#include "store/sqlite/sql.hpp"

namespace brusio::store::sqlite {

// One thread. Throws SQLite::Exception; then it is not used any more.
class searcher {
  public:
    explicit searcher(const shared& s);
    found answer(const search_query& q);

  private:
    const shared& s_;
    std::uint64_t index_file_;
    connection entries_;
    std::optional<connection> index_;
};

}  // namespace brusio::store::sqlite
