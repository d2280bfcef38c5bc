#include "store/sqlite/scrub.hpp"

#include <algorithm>
#include <vector>

#include <sqlite3.h>

namespace brusio::store::sqlite {
namespace {

// A page of a tree begins with its kind: 2, 5, 10 or 13. All others begin with the number of a page, of which there are
// fewer than this, or are blank: so they cannot be mistaken for one.
constexpr std::int64_t pages_max = 1 << 25;

std::uint32_t number(const unsigned char* p) { return static_cast<std::uint32_t>(p[0] << 8U | p[1]); }

bool blank(unsigned char* from, unsigned char* to) {
    if (std::all_of(from, to, [](unsigned char c) { return c == 0; })) return false;
    std::fill(from, to, static_cast<unsigned char>(0));
    return true;
}

void check(int code) {
    if (code != SQLITE_OK) throw SQLite::Exception("the file cannot be scrubbed", code);
}

}  // namespace

bool scrub_page(unsigned char* page, std::uint32_t size, bool first) {
    auto* const head = page + (first ? 100 : 0);
    const auto kind = head[0];
    if (kind != 2 && kind != 5 && kind != 10 && kind != 13) return false;
    const auto cells = number(head + 3);
    auto content = number(head + 5);
    if (content == 0) content = 65'536;
    const auto gap = static_cast<std::uint32_t>(head - page) + (kind < 10 ? 12U : 8U) + 2 * cells;
    if (gap > content || content > size) return false;  // damaged: not ours to repair
    bool changed = blank(page + gap, page + content);
    // Free blocks: where the next one is, how long this one is, and then nothing.
    auto at = number(head + 1);
    while (at >= content && at + 4 <= size) {
        const auto next = number(page + at);
        const auto length = number(page + at + 2);
        if (length < 4 || at + length > size) break;
        changed = blank(page + at + 4, page + at + length) || changed;
        if (next <= at) break;
        at = next;
    }
    return changed;
}

std::optional<std::uint32_t> scrub(connection& c, std::uint32_t from, std::uint32_t most) {
    c.execute("PRAGMA busy_timeout=10");  // nobody is to wait for a long reader
    const bool busy = c.number("PRAGMA wal_checkpoint(TRUNCATE)") != 0;
    c.execute("PRAGMA busy_timeout=1000");
    if (busy) return std::nullopt;
    const transaction nobody_writes(c, true);
    const auto pages = c.number("PRAGMA page_count");
    if (pages >= pages_max) throw SQLite::Exception("the file is too large to be scrubbed: VACUUM it", SQLITE_TOOBIG);
    const auto size = static_cast<std::uint32_t>(c.number("PRAGMA page_size"));
    // SQLite's own file: closing one of our own would take SQLite's locks away.
    sqlite3_file* file = nullptr;
    check(sqlite3_file_control(c.base().getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)));
    std::vector<unsigned char> page(size);
    const auto end = std::min<std::int64_t>(pages, std::int64_t{from} + most - 1);
    bool changed = false;
    for (std::int64_t n = from; n <= end; ++n) {
        const auto offset = (n - 1) * size;
        check(file->pMethods->xRead(file, page.data(), static_cast<int>(size), offset));
        if (!scrub_page(page.data(), size, n == 1)) continue;
        check(file->pMethods->xWrite(file, page.data(), static_cast<int>(size), offset));
        changed = true;
    }
    if (changed) check(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL));
    return end < pages ? std::optional(static_cast<std::uint32_t>(end + 1)) : std::optional(0U);
}

}  // namespace brusio::store::sqlite
