// What survives the process: `chat` hands records to the store as they come about (the effect `remember`) and gets the
// sum of them back as `memory` when the server starts. Each record is the whole of what it is about, as it is now, so
// writing one twice is harmless. Plain values with an encoder (base/archive.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "chat/modes.hpp"
#include "chat/names.hpp"

namespace brusio::chat {

struct topic {
    std::string text;
    std::string by;  // a mask
    std::int64_t at_ms = 0;
    bool operator==(const topic&) const = default;
};

// ── the past ────────────────────────────────────────────────────────────────────────────────────────────────────────

// The numbers are what stands in files: new ones at the end.
enum class entry_kind : std::uint8_t {
    text = 0,  // the first six as in `speech`
    action = 1,
    notice = 2,
    ctcp = 3,
    ctcp_answer = 4,
    tags = 5,
    join = 6,     // what.body: the real name
    part = 7,     // what.body: the reason
    quit = 8,     // what.body: the reason
    kick = 9,     // what.body: the reason; detail: who was kicked
    nick = 10,    // what.body, detail: the masks before and afterwards, which is `who`, too
    topic = 11,   // what.body: the topic
    modes = 12,   // what.body: "+o-v anna bruno"
    rename = 13,  // of the channel; what.body: the reason; detail, target: its names before and after
};
// What only those are told of a past who ask for events, too.
inline bool is_event(entry_kind kind) { return kind >= entry_kind::tags; }

// Something that was said or happened, as it was shown.
struct entry {
    message_id id;
    std::int64_t at_ms = 0;
    entry_kind kind = entry_kind::text;
    person who;
    party_id from;       // whose it is: who may take it back, and whose export has it
    std::string target;  // the channel's name, or the nick that it was told
    message what;
    std::string detail;
    // Taken back: the text and all tags are gone; the place stays.
    bool redacted = false;
    std::string redacted_by;  // a mask
    std::string redacted_why;
    std::int64_t redacted_ms = 0;
    bool operator==(const entry&) const = default;
};

// One side of a conversation of two: whose past, with whom, and what they were called.
struct conversation_side {
    party_id owner;
    party_id peer;
    nick_name peer_nick;
    bool operator==(const conversation_side&) const = default;
};

// An entry joins the past of a channel, or of two people, each of whom has the conversation as their own.
struct entry_record {
    channel_id channel;
    std::vector<conversation_side> sides;
    entry what;
    bool operator==(const entry_record&) const = default;
};
// An entry loses its text, in every past that it is in.
struct redaction_record {
    message_id of;
    std::string by;  // a mask
    std::string reason;
    std::int64_t at_ms = 0;
    bool operator==(const redaction_record&) const = default;
};
// The past of a channel is forgotten, or all of a party's own sides of conversations.
struct forget_record {
    channel_id channel;
    party_id owner;
    bool operator==(const forget_record&) const = default;
};

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

enum class wish : std::uint8_t { unsaid = 0, yes = 1, no = 2 };

struct account_record {
    account_id id;
    bool gone = false;  // dropped: the rest says only who it was. Its credentials, markers and metadata go with it
    nick_name name;
    std::vector<identity> nicks;  // reserved for it; the first is the account's own name
    std::string email;            // empty: none
    std::int64_t created_ms = 0;
    std::int64_t seen_ms = 0;  // when it was last attached, known to the hour
    bool suspended = false;
    std::string suspended_why;
    wish always_on = wish::unsaid;
    std::uint64_t epoch = 0;              // grows when log-ins that were decided before must not count any more
    std::string code;                     // what has to be shown before the account counts, hashed; empty: nothing
    bool is_bot = false;                  // it was a bot (+B) when it was last here: nothing is replayed to it unasked
    std::vector<std::string> known_from;  // places that it logged in from, as node calls them; the last is the latest
    bool operator==(const account_record&) const = default;
};

enum class credential_kind : std::uint8_t { password = 0, certificate = 1, token = 2 };

// By what an account's owner is known. The secrets are what login/ makes of them; nobody but it reads them.
struct credential_record {
    account_id account;
    credential_kind kind = credential_kind::password;
    std::string id;  // of a certificate its fingerprint, of a token its public part; of the password empty
    bool gone = false;
    std::string secret;  // of the password its Argon2id hash, of a token its hash
    std::string scram;   // of the password
    std::string label;   // what its owner calls it
    std::int64_t created_ms = 0;
    std::int64_t expires_ms = 0;  // 0: never
    bool read_only = false;       // whoever logs in by it may only listen
    bool operator==(const credential_record&) const = default;
};

// Up to where an account has read. Only forward.
struct marker_record {
    account_id account;
    std::string target_fold;  // a channel or nick
    std::int64_t at_ms = 0;
    bool operator==(const marker_record&) const = default;
};

// What somebody says of an account, or of a registered channel, beside the topic.
struct metadata_record {
    account_id account;  // one of the two
    channel_id channel;
    std::string key;
    bool gone = false;
    std::string value;
    bool operator==(const metadata_record&) const = default;
};

// One of them, as doors and chat hand it around.
struct metadata_value {
    std::string key;
    std::string value;
    bool set = true;    // false: there is none
    bool valid = true;  // false: nothing can be called so
    bool operator==(const metadata_value&) const = default;
};

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct mask_record {
    std::string mask;  // as typed, made whole
    std::string fold;  // canonical: what is compared
    std::string by;
    std::int64_t at_ms = 0;
    bool operator==(const mask_record&) const = default;
};
struct access_record {
    account_id account;
    ranks gets = 0;  // on joining
    bool operator==(const access_record&) const = default;
};

// Who may read what was said before they came. `standard`: all in the lobby and in registered channels that are open to
// everybody, else since the join.
enum class history_policy : std::uint8_t { standard = 0, all = 1, since_join = 2, off = 3 };

struct channel_record {
    channel_id id;
    bool gone = false;  // with its past, its seats and its metadata
    channel_name name;
    channel_looks looks;     // not kept: made anew on loading
    bool permanent = false;  // the lobby
    account_id founder;      // none: not registered
    std::int64_t created_ms = 0;
    std::int64_t registered_ms = 0;
    std::int64_t empty_ms = 0;  // since when an unregistered one has had no member; 0: it has
    channel_flags flags = 0;
    std::string key;
    std::uint32_t limit = 0;
    std::uint32_t slow_seconds = 0;
    topic now;
    history_policy history = history_policy::standard;
    std::int64_t keep_ms = 0;  // how long its past is kept; 0: as the server says
    std::vector<mask_record> bans;
    std::vector<mask_record> exceptions;
    std::vector<mask_record> invited;
    std::vector<access_record> access;
    account_id topic_account;  // who set the topic, if it had one
    bool operator==(const channel_record&) const = default;
};

// An account is in a channel, and finds its place again: after a crash, or because it is always on.
struct seat_record {
    channel_id channel;
    account_id account;
    bool gone = false;
    ranks has = 0;
    message_id since;  // nothing before it may be read by who may read only since they came
    bool out = false;  // it left, as the last: it may come back, but is not there
    bool operator==(const seat_record&) const = default;
};

// ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────

enum class ban_kind : std::uint8_t { network, mask, account };
enum class ban_action : std::uint8_t { deny, need_account, mute };
struct server_ban {
    ban_kind kind = ban_kind::mask;
    std::string what;  // as shown: an address, a network, a mask, an account
    std::string fold;
    ip_bits network;
    std::uint8_t prefix = 128;  // bits
    ban_action action = ban_action::deny;
    std::string reason;
    std::string by;             // filled in by chat, as is
    std::int64_t since_ms = 0;  // this
    std::int64_t until_ms = 0;  // 0: for ever. In the command: for how long
    bool operator==(const server_ban&) const = default;
};
struct ban_record {
    server_ban ban;  // known by its kind and fold
    bool gone = false;
    bool operator==(const ban_record&) const = default;
};

// One of these; see `effect` for why it is more than a name.
struct record : std::variant<entry_record, redaction_record, forget_record, account_record, credential_record,
                             marker_record, metadata_record, channel_record, seat_record, ban_record> {
    using variant::variant;
    record();
    record(const record& other);
    record(record&& other) noexcept;
    record& operator=(const record& other);
    record& operator=(record&& other) noexcept;
    ~record();
    bool operator==(const record& other) const;
};

// All of it but the past and the secrets, as the server starts with it. Nothing in it is `gone`.
struct memory {
    message_id last;           // no id up to this one may be given again, to whatever
    std::int64_t last_ms = 0;  // the latest time that anything was stamped with
    std::vector<account_record> accounts;
    std::vector<credential_record> credentials;  // `secret` and `scram` are empty
    std::vector<channel_record> channels;
    std::vector<seat_record> seats;
    std::vector<server_ban> bans;
    std::vector<marker_record> markers;
    std::vector<metadata_record> metadata;
    bool operator==(const memory&) const = default;
};

}  // namespace brusio::chat
