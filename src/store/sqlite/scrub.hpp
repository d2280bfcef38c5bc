// What SQLite leaves behind. `secure_delete` blanks what is deleted, but when SQLite moves rows from one page of the
// file to another to make room, copies stay in bytes of the old page that nothing refers to, and those are not found
// again when the row is deleted. Here they are blanked, as the file format describes them
// (sqlite.org/fileformat2.html).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "store/sqlite/sql.hpp"

namespace brusio::store::sqlite {

inline constexpr std::uint32_t whole_file = std::numeric_limits<std::uint32_t>::max();

// Empties the write-ahead log into the file, and blanks the unused bytes of at most `most` pages from `from` (1: the
// first) on. Where to go on, 0 at the end; nothing when somebody is reading, and it has to be tried again. `c` has no
// transaction open, is the only one to write to the file, and has nothing in its cache. A crash in the middle is
// harmless.
std::optional<std::uint32_t> scrub(connection& c, std::uint32_t from, std::uint32_t most);

// Blanks what is unused in one page; whether anything was. Page 1 begins with the file's header, of 100 bytes.
bool scrub_page(unsigned char* page, std::uint32_t size, bool first);

}  // namespace brusio::store::sqlite
