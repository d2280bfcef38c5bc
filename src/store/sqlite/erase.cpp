// All that a party said loses its text, so that no byte of it is left in the files.
#include "store/sqlite/jobs.hpp"
#include "store/sqlite/upkeep.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr int entries_together = 2'000;  // looked at in one reading
constexpr std::size_t slice = 50;        // that a chore rewrites

base::result<void> begin(writer& w, chat::party_id who) {
    return w.chore(writer::chore_kind::synced, [&](connection& c) {
        const auto up_to = c.number("SELECT last_id FROM state");
        c.run("INSERT OR REPLACE INTO erasures VALUES (?,?)", who, up_to);
        recorder::doom_conversations(c, who, up_to);
    });
}

// The texts of these entries, but not that they were.
base::result<void> blank(shared& s, writer& w, const std::vector<std::int64_t>& ids) {
    const auto now = s.now_ms();
    for (std::size_t at = 0; at < ids.size(); at += slice) {
        auto done = w.chore(writer::chore_kind::unsynced, [&](connection& c) {
            for (auto i = at; i < std::min(ids.size(), at + slice); ++i) {
                c.run(
                    "UPDATE entries SET body = '', breaks = '', tags = '', formatted = 0, detail = '', redacted_why = "
                    "'', "
                    "redacted_ms = iif(redacted, redacted_ms, ?), redacted = 1 WHERE id = ?",
                    now, ids[i]);
                c.run("INSERT INTO index_todo (id) VALUES (?)", ids[i]);
            }
        });
        if (!done) return done;
        s.index_bell.ring();
    }
    return {};
}

base::result<std::size_t> blank_all(shared& s, writer& w, connection& c, chat::party_id who) {
    const auto up_to = c.number(fmt::format("SELECT up_to FROM erasures WHERE party = {}", who.value));
    std::int64_t last = 0;
    std::size_t count = 0;
    while (!s.stopping) {
        std::vector<std::int64_t> ids;
        int seen = 0;
        {
            use find(c["SELECT id, sender FROM entries WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"], last, up_to,
                     entries_together);
            while (find.next()) {
                ++seen;
                last = find.number();
                if (find.id<chat::party_id>() == who) ids.push_back(last);
            }
        }
        if (auto done = blank(s, w, ids); !done) return std::unexpected(done.error());
        count += ids.size();
        if (seen < entries_together) return count;
    }
    return base::fail("the server is stopping");
}

}  // namespace

std::vector<chat::party_id> begun_erasures(connection& c) {
    std::vector<chat::party_id> out;
    use find(c["SELECT party FROM erasures ORDER BY party"]);
    while (find.next()) out.push_back(find.id<chat::party_id>());
    return out;
}

jobs::outcome erase_party(shared& s, writer& w, indexer& index, chat::party_id who) {
    w.settle();
    if (auto done = begin(w, who); !done) return std::unexpected(done.error());
    std::size_t count = 0;
    {
        connection c(s.options.file, access::read, s.options.vfs);
        const auto blanked = blank_all(s, w, c, who);
        if (!blanked) return std::unexpected(blanked.error());
        count = *blanked;
        if (auto done = delete_doomed(s, w, c); !done) return std::unexpected(done.error());
    }
    if (auto done = index.purge(); !done) return std::unexpected(done.error());
    if (auto done = scrub_file(s, w); !done) return std::unexpected(done.error());
    auto done = w.chore(writer::chore_kind::synced, [&](connection& c) {
        c.run("DELETE FROM erasures WHERE party = ?", who);
        c.run("DELETE FROM dropped WHERE account = ?", who);  // nothing is left of it
    });
    if (!done) return std::unexpected(done.error());
    return fmt::format("{} messages and events have lost their text; backups that were made before still have it",
                       count);
}

}  // namespace brusio::store::sqlite
