// The inside of chat::state. state.cpp has the tables and who comes and goes, people.cpp what users are, channels.cpp
// and modes.cpp the channels' rules, speech.cpp who may speak, masks.cpp bans of both kinds, operators.cpp the server's
// rulers, questions.cpp the answers, saved.cpp save, load and the invariants.
#pragma once

#include <deque>
#include <map>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/derived.hpp"
#include "chat/chat.hpp"

namespace brusio::chat {

struct invitation {
    channel_id channel;
    bool by_operator = false;  // goes past +i, +l, +k and +R
    user_id by;                // the first, or the first operator
    bool operator==(const invitation&) const = default;
};

// When somebody spoke last in a channel that they have left while its slow mode still told them to wait.
struct slowed {
    channel_id channel;
    std::int64_t spoke_ms = 0;
    bool operator==(const slowed&) const = default;
};

// What bans say of somebody, as of these versions of the bans and of what they are compared with.
struct verdict {
    static constexpr auto never = ~std::uint32_t{0};
    std::uint32_t of_bans = never;
    std::uint32_t of_user = never;
    bool banned = false;
    bool muted = false;
};

struct user {
    user_id id;
    identity who;
    origin from;
    user_flags modes = 0;
    std::string account;
    std::string account_fold;
    std::string away;  // empty: here
    std::string operator_name;
    std::int64_t came_ms = 0;
    std::int64_t active_ms = 0;
    std::vector<session_id> sessions;      // in the order of their log-in
    std::vector<channel_id> channels;      // sorted
    std::vector<nick_name> silenced;       // masks
    std::vector<invitation> invitations;   // in the order in which they came
    std::vector<slowed> slow_in;           // in the order in which the channels were left
    base::derived<std::uint32_t> version;  // of what masks are compared with: nick, username, host, account
    base::derived<verdict> by_server;      // muted, by the server's bans

    bool has(user_flags f) const { return (modes & f) != 0; }
    std::string mask() const {
        std::string text;
        text.reserve(who.nick.size() + from.username.size() + from.host.size() + 2);
        return text.append(who.nick).append(1, '!').append(from.username).append(1, '@').append(from.host);
    }
    person shown() const { return {who.name, mask(), account, has(bot)}; }
};

struct member {
    user_id user;
    ranks has = 0;
    std::int64_t spoke_ms = 0;  // for slow mode; 0: not yet
    base::derived<verdict> by_channel;
    bool operator==(const member&) const = default;
};

struct mask_entry {
    std::string mask;  // as typed, made whole
    std::string fold;  // canonical: what is compared
    std::string by;
    std::int64_t at_ms = 0;
};

struct channel {
    channel_id id;
    channel_name name;
    std::vector<member> members;  // sorted by user, which is the order in which their users came
    channel_looks looks;
    bool permanent = false;
    channel_flags flags = no_outside_messages | topic_locked;
    std::string key;
    std::uint32_t limit = 0;         // 0: none
    std::uint32_t slow_seconds = 0;  // 0: off
    topic now;
    std::int64_t created_ms = 0;
    std::vector<mask_entry> bans;
    std::vector<mask_entry> exceptions;
    std::vector<mask_entry> invited;
    base::derived<std::uint32_t> version;  // of bans and exceptions

    bool has(channel_flags f) const { return (flags & f) != 0; }
    member* find(user_id u);
    const member* find(user_id u) const;
};

struct live_session {
    user* who = nullptr;
    channel_id bound_to;
    std::vector<nick_name> watches;
};

// What masks are compared with: nick!user@host, all of it in the form in which masks are.
std::string compared(const user& u, std::string_view host);

// Somebody whom bans of the server are tried on: they see the real address, too.
class ban_subject {
  public:
    explicit ban_subject(const user& u);
    bool by(const server_ban& ban) const;

  private:
    const user& who_;
    std::string shown_;
    std::string real_;
};

// A message that the store has not answered for.
struct unanswered {
    message_id id;
    session_id from;
    std::string channel;
};

struct was_user {
    std::string nick_fold;
    was_here seen;
};

// How many users have a look: two of them may share one only while all their names are ASCII.
struct look_count {
    std::uint32_t ascii = 0;
    std::uint32_t other = 0;
    bool operator==(const look_count&) const = default;
};

template <class T>
void insert_sorted(std::vector<T>& list, const T& value) {
    list.insert(std::ranges::lower_bound(list, value), value);
}
template <class T>
void erase_sorted(std::vector<T>& list, const T& value) {
    const auto at = std::ranges::lower_bound(list, value);
    if (at != list.end() && *at == value) list.erase(at);
}

struct state::body {
    template <class K, class V>
    using table = boost::unordered_flat_map<K, V, std::hash<K>>;
    using effects = std::vector<effect>;

    settings options;
    // Ordered, so that long answers go on where they ended; their nodes stay where they are, so tables point into them.
    std::map<user_id, user> users;
    std::map<channel_id, channel> channels;
    table<session_id, live_session> sessions;
    table<std::string_view, user*> by_nick;
    table<std::string_view, user*> by_name;
    table<std::string, look_count> looks;
    table<std::string, look_count> channel_looks_in_use;
    table<std::string_view, channel*> by_channel;
    table<std::string, std::vector<session_id>> watchers;  // by folded nick
    std::deque<unanswered> waiting;
    std::deque<was_user> whowas;  // the latest last
    std::vector<server_ban> server_bans;
    // Worked out from them, not saved: a version for verdicts, and when the next one ends (0: none does).
    std::uint32_t server_bans_version = 0;
    std::int64_t next_ban_ends_ms = 0;
    bool store_answers = true;
    bool accounts_required = false;
    std::int64_t last_ms = 0;
    std::uint64_t last_user = 0;
    std::uint64_t last_channel = 0;
    std::uint64_t last_message = 0;
    std::uint64_t most_users = 0;
    // Counted, not saved: walking everybody for a number would be slow.
    std::uint64_t invisible_users = 0;
    std::uint64_t operator_users = 0;

    // Tables.
    void index(user& u);
    void unindex(user& u);
    void count(const user& u, int by);
    // What a name looks like: a nick, or a channel's.
    struct looks_view {
        const std::string& look;
        const std::string& cased_look;
        bool ascii;
    };
    static looks_view looks_of(const identity& who) { return {who.skeleton, who.cased_skeleton, who.ascii}; }
    static looks_view looks_of(const channel_looks& of) { return {of.look, of.cased_look, of.ascii}; }
    static void count_looks(table<std::string, look_count>& counts, looks_view of);
    static void uncount_looks(table<std::string, look_count>& counts, looks_view of);
    // Whether somebody else's looks, and not those of `self`, are counted there.
    static bool looks_taken(const table<std::string, look_count>& counts, looks_view of, const looks_view* self);
    user* user_of(session_id session);
    user* find_user(const nick_name& nick);
    channel* find_channel(const channel_name& name);
    channel& channel_for(const channel_name& name, const channel_looks& looks_like);
    user* nick_or_refuse(session_id session, const nick_name& nick, effects& out);
    // Whether this user may see that the channel, or the user, exists.
    static bool sees(const user& u, const channel& c) { return !c.has(secret) || c.find(u.id) != nullptr; }
    static bool may_see_secrets_of(const user& asker, const user& u) {
        return asker.id == u.id || asker.has(server_operator);
    }
    bool share_a_channel(const user& a, const user& b) const;
    head_count counts() const;

    // Who comes and goes.
    struct clash {
        name_refusal why;
        session_id holder;
    };
    std::optional<clash> find_clash(const identity& who, const user* self) const;
    void come(user& u, effects& out);
    void end_session(session_id session, std::string reason, effects& out);
    void end_user(user& u, session_id cause, end_cause why, const person& by, const std::string& reason, effects& out);
    void remember_gone(const user& u);

    // Monitoring.
    void tell_watchers(session_id cause, const user& u, bool here, effects& out);
    std::vector<session_id> distant_watchers(const user& u) const;

    // Channels.
    static void refuse(session_id session, refusal why, effects& out, std::string channel = {}, std::string nick = {},
                       std::string detail = {}) {
        out.emplace_back(refused{session, why, std::move(channel), std::move(nick), std::move(detail)});
    }
    channel* channel_or_refuse(const user& u, session_id session, const channel_name& name, effects& out);
    std::optional<refusal> why_not_join(const user& u, const channel& c, std::string_view key) const;
    void enter(session_id cause, user& u, const channel_name& name, const join* names, effects& out);
    void exit(user& u, channel& c);
    void invite_to(user& target, const channel& c, const user& by, bool as_operator);
    bool must_wait(const channel& c, std::int64_t spoke_ms) const;
    void remember_slowed(user& u, const channel& c, std::int64_t spoke_ms);
    std::string part_reason(user& u, channel& c, std::string reason);
    static void tell_names(session_id to, const channel& c, bool nicks_only, effects& out);
    void remove_member(session_id cause, user& u, channel& c, end_cause why, const person& by,
                       const std::string& reason, effects& out);
    // What somebody may do in a channel: as a member, and as an operator of the server in one that the server owns.
    static ranks power(const user& u, const channel& c);

    // Modes of channels.
    void change_one(user& u, channel& c, session_id session, mode_change& change, std::vector<mode_change>& done,
                    effects& out);
    void change_flag(channel& c, mode_change& change, const channel_mode_row& row, std::vector<mode_change>& done);
    void change_rank(user& u, channel& c, session_id session, mode_change& change, const rank_row& row,
                     std::vector<mode_change>& done, effects& out);
    void change_list(user& u, channel& c, session_id session, mode_change& change, std::vector<mode_change>& done,
                     effects& out);
    void change_value(channel& c, session_id session, mode_change& change, std::vector<mode_change>& done,
                      effects& out);
    void remove_bound(user& by, channel& c, session_id session, const std::vector<mask_entry>& bans, effects& out);

    // Masks.
    static bool any_matches(const std::vector<mask_entry>& list, const user& u, bool mutes);
    static bool banned(const user& u, const channel& c);
    static bool muted(const user& u, const channel& c);
    static const verdict& judge(const user& u, const channel& c, member& m);
    static bool silences(const user& by, const user& of);
    const server_ban* server_ban_on(const user& u, ban_action action);
    bool muted_by_server(user& u);
    user* operator_or_refuse(session_id session, effects& out);
    void forget_old_bans();
    void server_bans_changed();

    // Answers.
    who_entry entry_of(const user& asker, const user& u, const channel* c) const;
    bool who_matches(const ask_who& c, const user& asker, const user& u) const;
    bool listed(const ask_channels& c, const user& asker, const channel& ch) const;

    // Speaking.
    static std::optional<refusal> why_not_speak(const user& u, const channel& c, member* m, speech kind);
    message_id next_message();

    void on(log_in& c, effects& out);
    void on(rename& c, effects& out);
    void on(leave& c, effects& out);
    void on(set_away& c, effects& out);
    void on(set_real_name& c, effects& out);
    void on(change_own_modes& c, effects& out);
    void on(monitor& c, effects& out);
    void on(silence& c, effects& out);
    void on(join& c, effects& out);
    void on(part& c, effects& out);
    void on(part_all& c, effects& out);
    void on(kick& c, effects& out);
    void on(invite& c, effects& out);
    void on(set_topic& c, effects& out);
    void on(change_modes& c, effects& out);
    void on(rename_channel& c, effects& out);
    void on(say& c, effects& out);
    void on(tell& c, effects& out);
    void on(become_operator& c, effects& out);
    void on(kill& c, effects& out);
    void on(call_out& c, effects& out);
    void on(set_host& c, effects& out);
    void on(require_account& c, effects& out);
    void on(change_server_bans& c, effects& out);
    void on(store_answer& c, effects& out);
    void on(ask_names& c, effects& out);
    void on(ask_who& c, effects& out);
    void on(ask_whois& c, effects& out);
    void on(ask_whowas& c, effects& out);
    void on(ask_channels& c, effects& out);
    void on(ask_counts& c, effects& out);
    void on(ask_present& c, effects& out);
    void on(ask_topic& c, effects& out);
    void on(ask_modes& c, effects& out);
    void on(ask_list& c, effects& out);
    void on(ask_invitations& c, effects& out);
    void on(ask_operators& c, effects& out);
    void on(ask_door& c, effects& out);

    // The parts of broken_invariant.
    std::string broken_people() const;
    std::string broken_looks() const;
    std::string broken_channels() const;
    std::string broken_watchers() const;
};

}  // namespace brusio::chat
