// Records to rows, inside of the writer's transaction. Every record may come twice.
#pragma once

#include <limits>
#include <map>
#include <unordered_map>

#include "chat/values.hpp"
#include "store/sqlite/sql.hpp"
#include "store/store.hpp"

namespace brusio::store::sqlite {

inline constexpr std::int64_t whole_past = std::numeric_limits<std::int64_t>::max();

class recorder {
  public:
    // Reads how far the file is. `c` outlives this. After an error neither is used any more.
    explicit recorder(connection& c);

    void apply(const batch& b);
    // After the last batch of a transaction: what they changed together.
    void finish();

    std::int64_t last_entry() const { return last_entry_; }
    // Since the last question, something was left to others: entries to be indexed again, pasts to be deleted.
    bool take_index_work() { return std::exchange(index_work_, false); }
    bool take_doomed() { return std::exchange(doomed_, false); }

    // Somebody else has written.
    void look_again() { conversations_.clear(); }

    // Hides what a timeline has up to an entry, at once; it is deleted later.
    static void doom(connection& c, std::int64_t timeline, std::int64_t up_to);
    // Hides all of a party's own sides of conversations.
    static void doom_conversations(connection& c, chat::party_id owner, std::int64_t up_to);

  private:
    struct conversation {
        std::int64_t id = 0;
        std::string nick;
    };
    void on(const chat::remember& r, const chat::entry_record& e);
    void on(const chat::remember& r, const chat::redaction_record& e);
    void on(const chat::remember& r, const chat::forget_record& e);
    void on(const chat::remember& r, const chat::account_record& a);
    void on(const chat::remember& r, const chat::credential_record& e);
    void on(const chat::remember& r, const chat::marker_record& m);
    void on(const chat::remember& r, const chat::metadata_record& m);
    void on(const chat::remember& r, const chat::channel_record& h);
    void on(const chat::remember& r, const chat::seat_record& s);
    void on(const chat::remember& r, const chat::ban_record& b);
    void put_masks(const chat::channel_record& h, int list, const std::vector<chat::mask_record>& masks);
    void gone(const chat::channel_record& h);

    std::int64_t conversation_of(const chat::conversation_side& side);
    void write_latest();
    void used(std::uint64_t id);
    void stamped(std::int64_t ms) { last_ms_ = std::max(last_ms_, ms); }

    connection& c_;
    std::int64_t last_id_ = 0;
    std::int64_t last_ms_ = 0;
    std::int64_t last_conversation_ = 0;
    std::int64_t last_entry_ = 0;
    bool index_work_ = false;
    bool doomed_ = false;
    // By owner and peer.
    std::map<std::pair<std::uint64_t, std::uint64_t>, conversation> conversations_;
    // The latest messages of conversations, in this transaction.
    std::unordered_map<std::int64_t, std::int64_t> latest_;
};

}  // namespace brusio::store::sqlite
