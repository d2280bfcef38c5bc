#include "store/sqlite/rows.hpp"

#include <charconv>

namespace brusio::store::sqlite {

std::string join_breaks(const std::vector<std::uint32_t>& breaks) {
    std::string out;
    for (const auto b : breaks) {
        if (!out.empty()) out += ',';
        out += std::to_string(b);
    }
    return out;
}

std::vector<std::uint32_t> split_breaks(std::string_view text) {
    std::vector<std::uint32_t> out;
    while (!text.empty()) {
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{}) break;  // somebody edited the file
        out.push_back(value);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.starts_with(',')) text.remove_prefix(1);
    }
    return out;
}

bool insert_entry(connection& c, const chat::entry& e, std::int64_t timeline, std::int64_t other) {
    const auto breaks = join_breaks(e.what.breaks);
    use insert(c["INSERT OR IGNORE INTO entries VALUES (?,?,nullif(?,0),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"], e.id,
               timeline, other, chat::is_event(e.kind), e.at_ms, e.kind, e.what.kind, e.who.name, e.who.mask,
               e.who.account, e.who.bot, e.from, e.target, e.what.body, breaks, e.what.tags, e.what.formatted, e.detail,
               e.redacted, e.redacted_ms, e.redacted_by, e.redacted_why);
    return insert.run() > 0;
}

bool read_entry(connection& c, chat::message_id id, entry_row& into) {
    use row(
        c["SELECT timeline, other, at_ms, kind, speech, name, mask, account, bot, sender, target, body, breaks, tags, "
          "formatted, detail, redacted, redacted_ms, redacted_by, redacted_why FROM entries WHERE id = ?"],
        id);
    if (!row.next()) return false;
    auto& e = into.what;
    into.timeline = row.number();
    into.other = row.number();
    e.id = id;
    e.at_ms = row.number();
    e.kind = row.as<chat::entry_kind>();
    e.what.kind = row.as<chat::speech>();
    e.who.name = row.text();
    e.who.mask = row.text();
    e.who.account = row.text();
    e.who.bot = row.flag();
    e.from = row.id<chat::party_id>();
    e.target = row.text();
    e.what.body = row.text();
    e.what.breaks = split_breaks(row.text());
    e.what.tags = row.text();
    e.what.formatted = row.flag();
    e.detail = row.text();
    e.redacted = row.flag();
    e.redacted_ms = row.number();
    e.redacted_by = row.text();
    e.redacted_why = row.text();
    return true;
}

}  // namespace brusio::store::sqlite
