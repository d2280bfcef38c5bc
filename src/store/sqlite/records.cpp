#include "store/sqlite/records.hpp"

#include "store/sqlite/rows.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr std::size_t conversations_kept = 20'000;

}  // namespace

recorder::recorder(connection& c) : c_(c) {
    use state(c["SELECT last_id, last_ms, last_conversation, (SELECT ifnull(max(id), 0) FROM entries) FROM state"]);
    if (!state.next()) throw SQLite::Exception("the table `state` is empty");
    last_id_ = state.number();
    last_ms_ = state.number();
    last_conversation_ = state.number();
    last_entry_ = state.number();
}

void recorder::used(std::uint64_t id) { last_id_ = std::max(last_id_, static_cast<std::int64_t>(id)); }

void recorder::apply(const batch& b) {
    for (const auto& r : b.records) {
        used(r.id.value);
        std::visit([&](const auto& what) { on(r, what); }, r.what);
    }
}

void recorder::finish() {
    write_latest();
    c_.run("UPDATE state SET last_id = ?, last_ms = ?, last_conversation = ?, checks = checks + 1", last_id_, last_ms_,
           last_conversation_);
}

void recorder::write_latest() {
    for (const auto& [conversation, id] : latest_) {
        c_.run("UPDATE conversations SET latest = max(latest, ?) WHERE id = ?", id, conversation);
    }
    latest_.clear();
}

// ── the past ────────────────────────────────────────────────────────────────────────────────────────────────────────

std::int64_t recorder::conversation_of(const chat::conversation_side& side) {
    used(side.owner.value);
    used(side.peer.value);
    const std::pair key(side.owner.value, side.peer.value);
    auto at = conversations_.find(key);
    if (at == conversations_.end()) {
        if (conversations_.size() >= conversations_kept) conversations_.clear();
        conversation now;
        use find(c_["SELECT id, peer_nick FROM conversations WHERE owner = ? AND peer = ?"], side.owner, side.peer);
        if (find.next()) {
            now.id = find.number();
            now.nick = find.text();
        } else {
            now.id = --last_conversation_;
            now.nick = side.peer_nick.name;
            c_.run("INSERT INTO conversations VALUES (?,?,?,?,?,0)", now.id, side.owner, side.peer, side.peer_nick.name,
                   side.peer_nick.fold);
        }
        at = conversations_.emplace(key, std::move(now)).first;
    }
    if (at->second.nick != side.peer_nick.name) {
        c_.run("UPDATE conversations SET peer_nick = ?, peer_fold = ? WHERE id = ?", side.peer_nick.name,
               side.peer_nick.fold, at->second.id);
        at->second.nick = side.peer_nick.name;
    }
    return at->second.id;
}

void recorder::on(const chat::remember& /*r*/, const chat::entry_record& e) {
    used(e.what.id.value);
    used(e.channel.value);
    used(e.what.from.value);
    stamped(e.what.at_ms);
    auto timeline = static_cast<std::int64_t>(e.channel.value);
    std::int64_t other = 0;
    if (!e.channel) {
        if (!e.sides.empty()) timeline = conversation_of(e.sides.front());
        if (e.sides.size() > 1) other = conversation_of(e.sides[1]);
        if (other == timeline) other = 0;
    }
    const auto id = static_cast<std::int64_t>(e.what.id.value);
    if (insert_entry(c_, e.what, timeline, other) && id < last_entry_) {
        c_.run("INSERT INTO index_todo (id) VALUES (?)", id);
        index_work_ = true;
    }
    last_entry_ = std::max(last_entry_, id);
    if (e.channel || chat::is_event(e.what.kind)) return;
    for (const auto side : {timeline, other}) {
        if (side != 0) latest_[side] = std::max(latest_[side], id);
    }
}

void recorder::on(const chat::remember& /*r*/, const chat::redaction_record& e) {
    stamped(e.at_ms);
    const auto changed = c_.run(
        "UPDATE entries SET body = '', breaks = '', tags = '', formatted = 0, detail = '', redacted = 1, "
        "redacted_ms = ?, redacted_by = ?, redacted_why = ? WHERE id = ?",
        e.at_ms, e.by, e.reason, e.of);
    if (changed == 0) return;
    c_.run("INSERT INTO index_todo (id) VALUES (?)", e.of);
    index_work_ = true;
}

void recorder::doom(connection& c, std::int64_t timeline, std::int64_t up_to) {
    c.run("INSERT INTO doomed VALUES (?,?) ON CONFLICT (timeline) DO UPDATE SET up_to = max(up_to, excluded.up_to)",
          timeline, up_to);
}

void recorder::doom_conversations(connection& c, chat::party_id owner, std::int64_t up_to) {
    std::vector<std::int64_t> all;
    {
        use find(c["SELECT id FROM conversations WHERE owner = ?"], owner);
        while (find.next()) all.push_back(find.number());
    }
    for (const auto id : all) doom(c, id, up_to);
    c.run("UPDATE conversations SET latest = 0 WHERE owner = ? AND latest <= ?", owner, up_to);
}

void recorder::on(const chat::remember& r, const chat::forget_record& e) {
    // What is said later stays, when the batch comes twice.
    const auto up_to = r.id ? static_cast<std::int64_t>(r.id.value) : last_id_;
    if (e.channel) doom(c_, static_cast<std::int64_t>(e.channel.value), up_to);
    if (e.owner) {
        write_latest();
        doom_conversations(c_, e.owner, up_to);
    }
    doomed_ = true;
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void recorder::on(const chat::remember& /*r*/, const chat::account_record& a) {
    used(a.id.value);
    stamped(a.created_ms);
    stamped(a.seen_ms);
    c_.run("DELETE FROM nicks WHERE account = ?", a.id);
    if (a.gone) {
        c_.run("INSERT OR REPLACE INTO dropped VALUES (?,?)", a.id, a.name.fold);
        c_.run("DELETE FROM accounts WHERE id = ?", a.id);
        c_.run("DELETE FROM credentials WHERE account = ?", a.id);
        c_.run("DELETE FROM read_markers WHERE account = ?", a.id);
        c_.run("DELETE FROM metadata WHERE account = ?", a.id);
        c_.run("DELETE FROM seats WHERE account = ?", a.id);
        return;
    }
    c_.run("INSERT OR REPLACE INTO accounts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", a.id, a.name.name, a.name.fold,
           a.email, a.created_ms, a.seen_ms, a.suspended, a.suspended_why, a.always_on, a.epoch, a.code, a.is_bot,
           fmt::format("{}", fmt::join(a.known_from, " ")));
    int position = 0;
    for (const auto& n : a.nicks) {
        c_.run("INSERT INTO nicks VALUES (?,?,?,?,?)", a.id, position++, n.name, n.nick, n.nick_fold);
    }
}

void recorder::on(const chat::remember& /*r*/, const chat::credential_record& e) {
    if (e.gone) {
        c_.run("DELETE FROM credentials WHERE account = ? AND kind = ? AND id = ?", e.account, e.kind, e.id);
        return;
    }
    c_.run("INSERT OR REPLACE INTO credentials VALUES (?,?,?,?,?,?,?,?,?)", e.account, e.kind, e.id, e.secret, e.scram,
           e.label, e.created_ms, e.expires_ms, e.read_only);
}

void recorder::on(const chat::remember& /*r*/, const chat::marker_record& m) {
    c_.run(
        "INSERT INTO read_markers VALUES (?,?,?) ON CONFLICT (account, target) DO UPDATE "
        "SET at_ms = max(at_ms, excluded.at_ms)",
        m.account, m.target_fold, m.at_ms);
}

void recorder::on(const chat::remember& /*r*/, const chat::metadata_record& m) {
    if (m.gone) {
        c_.run("DELETE FROM metadata WHERE account = ? AND channel = ? AND key = ?", m.account, m.channel, m.key);
        return;
    }
    c_.run("INSERT OR REPLACE INTO metadata VALUES (?,?,?,?)", m.account, m.channel, m.key, m.value);
}

// ── channels and the server ─────────────────────────────────────────────────────────────────────────────────────────

void recorder::gone(const chat::channel_record& h) {
    c_.run("DELETE FROM channels WHERE id = ?", h.id);
    c_.run("DELETE FROM seats WHERE channel = ?", h.id);
    c_.run("DELETE FROM metadata WHERE channel = ?", h.id);
    doom(c_, static_cast<std::int64_t>(h.id.value), whole_past);
    doomed_ = true;
}

void recorder::put_masks(const chat::channel_record& h, int list, const std::vector<chat::mask_record>& masks) {
    int position = 0;
    for (const auto& m : masks) {
        c_.run("INSERT INTO channel_masks VALUES (?,?,?,?,?,?,?)", h.id, list, position++, m.mask, m.fold, m.by,
               m.at_ms);
    }
}

void recorder::on(const chat::remember& /*r*/, const chat::channel_record& h) {
    used(h.id.value);
    stamped(h.created_ms);
    stamped(h.now.at_ms);
    stamped(h.empty_ms);
    c_.run("DELETE FROM channel_masks WHERE channel = ?", h.id);
    c_.run("DELETE FROM channel_access WHERE channel = ?", h.id);
    if (h.gone) return gone(h);
    c_.run("INSERT OR REPLACE INTO channels VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", h.id, h.name.name,
           h.name.fold, h.permanent, h.founder, h.created_ms, h.registered_ms, h.empty_ms, h.flags, h.key, h.limit,
           h.slow_seconds, h.now.text, h.now.by, h.now.at_ms, h.history, h.keep_ms, h.topic_account);
    put_masks(h, 0, h.bans);
    put_masks(h, 1, h.exceptions);
    put_masks(h, 2, h.invited);
    int position = 0;
    for (const auto& a : h.access) {
        c_.run("INSERT INTO channel_access VALUES (?,?,?,?)", h.id, position++, a.account, a.gets);
    }
}

void recorder::on(const chat::remember& /*r*/, const chat::seat_record& s) {
    if (s.gone) {
        c_.run("DELETE FROM seats WHERE channel = ? AND account = ?", s.channel, s.account);
        return;
    }
    c_.run("INSERT OR REPLACE INTO seats VALUES (?,?,?,?,?)", s.channel, s.account, s.has, s.since, s.out);
}

void recorder::on(const chat::remember& /*r*/, const chat::ban_record& b) {
    stamped(b.ban.since_ms);
    if (b.gone) {
        c_.run("DELETE FROM server_bans WHERE kind = ? AND fold = ?", b.ban.kind, b.ban.fold);
        return;
    }
    c_.run("INSERT OR REPLACE INTO server_bans VALUES (?,?,?,?,?,?,?,?,?,?,?)", b.ban.kind, b.ban.fold, b.ban.what,
           b.ban.network.high, b.ban.network.low, b.ban.prefix, b.ban.action, b.ban.reason, b.ban.by, b.ban.since_ms,
           b.ban.until_ms);
}

}  // namespace brusio::store::sqlite
