// All that is kept of a party, as JSON lines (docs/storage.md describes them).
#include "base/text.hpp"
#include "store/sqlite/jobs.hpp"
#include "store/sqlite/rows.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr int entries_together = 1'000;  // looked at in one reading
constexpr const char* kinds[] = {"text", "action", "notice", "ctcp", "ctcp_answer", "tags",  "join",
                                 "part", "quit",   "kick",   "nick", "topic",       "modes", "rename"};

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto group = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            bits = bits << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= group.size() ? letters[bits >> (18 - 6 * k) & 0x3FU] : '=';
        }
    }
    return out;
}

// One object, one line.
class line {
  public:
    explicit line(std::string_view type) { put("type", type); }
    line& put(std::string_view key, std::string_view text) {
        begin(key);
        out_ += '"';
        escape(text);
        out_ += '"';
        return *this;
    }
    line& put(std::string_view key, const char* text) { return put(key, std::string_view(text)); }
    line& put(std::string_view key, std::int64_t number) {
        begin(key);
        out_ += std::to_string(number);
        return *this;
    }
    line& put(std::string_view key, bool yes) {
        begin(key);
        out_ += yes ? "true" : "false";
        return *this;
    }
    // Text that may be any bytes: what is not UTF-8 stands in base64 as well.
    line& put_bytes(const std::string& key, const std::string& bytes) {
        put(key, bytes);
        if (!base::valid_utf8(bytes)) put(key + "_base64", base64(bytes));
        return *this;
    }
    std::string_view end() {
        out_ += "}\n";
        return out_;
    }

  private:
    void begin(std::string_view key) {
        out_ += out_.empty() ? '{' : ',';
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }
    void escape(std::string_view text) {
        while (!text.empty()) {
            const auto c = static_cast<unsigned char>(text.front());
            std::size_t n = 1;
            if (c < 0x20 || c == 0x7F) {
                out_ += fmt::format("\\u{:04x}", c);
            } else if (c < 0x80) {
                if (c == '"' || c == '\\') out_ += '\\';
                out_ += static_cast<char>(c);
            } else {
                n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
                if (base::valid_utf8(text.substr(0, n))) {
                    out_ += text.substr(0, n);
                } else {
                    out_ += "\xEF\xBF\xBD";
                    n = 1;
                }
            }
            text.remove_prefix(std::min(n, text.size()));
        }
    }
    std::string out_;
};

using sink = std::function<bool(std::string_view)>;

bool tell_account(connection& c, chat::party_id who, const sink& tell) {
    const transaction one_moment(c);
    use account(c["SELECT name, email, created_ms, seen_ms, suspended, suspended_why FROM accounts WHERE id = ?"], who);
    if (account.next()) {
        line l("account");
        l.put("id", static_cast<std::int64_t>(who.value)).put("name", account.text()).put("email", account.text());
        l.put("created_ms", account.number()).put("seen_ms", account.number());
        l.put("suspended", account.flag()).put("suspended_why", account.text());
        if (!tell(l.end())) return false;
    }
    use nick(c["SELECT name, nick FROM nicks WHERE account = ? ORDER BY position"], who);
    while (nick.next()) {
        line l("nick");
        l.put("name", nick.text()).put("nick", nick.text());
        if (!tell(l.end())) return false;
    }
    use credential(c["SELECT kind, id, label, created_ms, expires_ms, read_only FROM credentials WHERE account = ? "
                     "ORDER BY kind, id"],
                   who);
    while (credential.next()) {
        constexpr const char* names[] = {"password", "certificate", "token"};
        const auto kind = static_cast<std::size_t>(credential.number());
        line l("credential");
        l.put("kind", kind < std::size(names) ? names[kind] : "other").put("id", credential.text());
        l.put("label", credential.text()).put("created_ms", credential.number());
        l.put("expires_ms", credential.number()).put("read_only", credential.flag());
        if (!tell(l.end())) return false;
    }
    use marker(c["SELECT target, at_ms FROM read_markers WHERE account = ? ORDER BY target"], who);
    while (marker.next()) {
        line l("read_marker");
        l.put("target", marker.text()).put("at_ms", marker.number());
        if (!tell(l.end())) return false;
    }
    use data(c["SELECT key, value FROM metadata WHERE account = ? ORDER BY key"], who);
    while (data.next()) {
        line l("metadata");
        l.put("key", data.text()).put_bytes("value", data.text());
        if (!tell(l.end())) return false;
    }
    return true;
}

bool tell_entry(const chat::entry& e, const sink& tell) {
    const auto kind = static_cast<std::size_t>(e.kind);
    line l("entry");
    l.put("id", std::to_string(e.id.value)).put("at_ms", e.at_ms);
    l.put("kind", kind < std::size(kinds) ? kinds[kind] : "other").put("mask", e.who.mask).put("to", e.target);
    l.put_bytes("body", e.what.body);
    if (!e.what.tags.empty()) l.put_bytes("tags", e.what.tags);
    if (!e.detail.empty()) l.put_bytes("detail", e.detail);
    if (e.redacted) {
        l.put("redacted_ms", e.redacted_ms).put("redacted_by", e.redacted_by).put("redacted_why", e.redacted_why);
    }
    return tell(l.end());
}

}  // namespace

jobs::outcome export_party(const shared& s, chat::party_id who, const std::function<bool(std::string_view)>& tell) {
    connection c(s.options.file, access::read, s.options.vfs);
    if (!tell_account(c, who, tell)) return base::fail("the export was ended before all was told");
    // No index by sender: it would cost every message, for what is asked once a year. Slices, so that the write-ahead
    // log need not wait for the end of it.
    std::int64_t last = 0;
    std::int64_t count = 0;
    while (!s.stopping) {
        std::vector<chat::message_id> ids;
        int seen = 0;
        {
            use find(c["SELECT id, sender FROM entries WHERE id > ? ORDER BY id LIMIT ?"], last, entries_together);
            while (find.next()) {
                ++seen;
                last = find.number();
                if (find.id<chat::party_id>() == who) ids.push_back({static_cast<std::uint64_t>(last)});
            }
        }
        for (const auto id : ids) {
            entry_row row;
            if (!read_entry(c, id, row)) continue;
            if (!tell_entry(row.what, tell)) return base::fail("the export was ended before all was told");
            ++count;
        }
        if (seen < entries_together) return fmt::format("{} messages and events", count);
    }
    return base::fail("the server is stopping");
}

}  // namespace brusio::store::sqlite
