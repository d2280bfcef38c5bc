// The inside of chat::state. state.cpp has the tables and whose name is free, coming.cpp who comes and goes, people.cpp
// what users are, channels.cpp and channel_modes.cpp the channels' rules, speech.cpp who may speak, masks.cpp bans of
// both kinds, operators.cpp the server's rulers, accounts.cpp, account_changes.cpp and registrations.cpp who owns what,
// permissions.cpp who may do what to it, past.cpp what was said, metadata.cpp what people say of themselves, memory.cpp
// and restore.cpp what survives, time.cpp what ends by itself, questions.cpp the answers, saved.cpp save and load,
// invariants.cpp what must always hold.
#pragma once

#include <deque>
#include <expected>
#include <map>
#include <set>
#include <span>

#include <boost/unordered/unordered_flat_map.hpp>

#include "chat/chat.hpp"
#include "chat/entities.hpp"

namespace brusio::chat {

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
    std::map<account_id, account> accounts;
    table<std::string_view, account*> by_account;      // by folded name
    table<std::string_view, account*> reserved_nicks;  // by folded nick
    table<std::string, look_count> reserved_looks;
    table<std::string, account_id> by_certificate;  // by fingerprint
    std::deque<unanswered> waiting;                 // of those whom somebody is to be told of
    std::deque<unwritten> changes;
    std::map<std::string, record> unstored;  // by what they are about: to be written when the store is well again
    std::deque<was_user> whowas;             // the latest last
    std::vector<server_ban> server_bans;
    std::vector<server_ban> ended_bans;  // by themselves; the store does not know yet
    // Worked out from them, not saved: a version for verdicts, and when the next one ends (0: none does).
    std::uint32_t server_bans_version = 0;
    std::int64_t next_ban_ends_ms = 0;
    bool store_answers = true;
    bool accounts_required = false;
    std::int64_t started_ms = 0;
    std::int64_t last_ms = 0;
    std::uint64_t last_number = 0;  // of users, channels, accounts and messages alike
    std::uint64_t most_users = 0;
    // Counted, not saved: walking everybody for a number would be slow.
    std::uint64_t invisible_users = 0;
    std::uint64_t operator_users = 0;
    std::uint64_t empty_channels = 0;
    std::set<session_id> subscribers;      // sessions that subscribe to some key
    std::uint64_t listening_sessions = 0;  // that may only listen

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
    // Whether somebody else's looks, and not those of `selves`, are counted there.
    static bool looks_taken(const table<std::string, look_count>& counts, looks_view of,
                            std::span<const looks_view> selves);
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
    void start(effects& out);
    std::optional<clash> find_clash(const identity& who, const user* self, account_id owner) const;
    bool is_kept_out(const user& u, effects& out, session_id session);
    void come(user& u, effects& out);
    void attach(user& u, log_in& c, effects& out);
    void come_back(user& u, const log_in& c, effects& out);
    std::vector<session_id> sessions_in(const user& u, channel_id room) const;
    void tell_seat(session_id to, const user& u, const channel& c, effects& out);
    void part_unheard(user& u, session_id cause, session_id going, effects& out);
    void part_from(user& u, channel& c, session_id cause, std::string reason, effects& out);
    // Whether this is asked by a session that may only listen, and was refused (permissions.cpp).
    bool refuse_listener(command& what, effects& out);
    template <class C>
    bool refuse_listener(C& c, effects& out);
    bool is_listeners_own(const user& u) const;
    bool stays(const user& u) const;
    void remove_user(user& u, session_id cause, std::string reason, effects& out);
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
    // `for_good`: of one's own will, or by that of others; an account's seat goes with it.
    void exit(user& u, channel& c, bool for_good, effects& out);
    void erase_channel(channel& c, effects& out);
    void invite_to(user& target, const channel& c, const user& by, bool as_operator);
    bool must_wait(const channel& c, std::int64_t spoke_ms) const;
    void remember_slowed(user& u, const channel& c, std::int64_t spoke_ms);
    std::string part_reason(user& u, channel& c, std::string reason);
    static void tell_names(session_id to, const channel& c, bool nicks_only, effects& out);
    void remove_member(session_id cause, user& u, channel& c, end_cause why, const user& remover,
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
    void keep_modes(user& by, channel& c, const std::vector<mode_change>& done, effects& out);
    void remove_bound(user& by, channel& c, session_id session, const std::vector<mask_entry>& bans, effects& out);

    // Masks.
    static bool any_matches(const std::vector<mask_entry>& list, const user& u, bool mutes);
    static bool banned(const user& u, const channel& c);
    static bool muted(const user& u, const channel& c);
    static const verdict& judge(const user& u, const channel& c, member& m);
    static bool silences(const user& by, const user& of);
    const server_ban* server_ban_on(const user& u, ban_action action);
    std::vector<ban_subject> subjects_of(const user& u) const;
    bool muted_by_server(user& u);
    // The user has another host than `before`: everybody who sees them is told.
    void show_host(user& u, session_id cause, const person& before, effects& out);
    user* operator_or_refuse(session_id session, effects& out);
    void forget_old_bans();
    std::vector<session_id> all_hit(const server_ban& ban, std::vector<user_id>& users_hit) const;
    void server_bans_changed();

    // Answers.
    who_entry entry_of(const user& asker, const user& u, const channel* c) const;
    bool who_matches(const ask_who& c, const user& asker, const user& u) const;
    bool listed(const ask_channels& c, const user& asker, const channel& ch) const;

    // Accounts.
    void index(account& a);
    void unindex(account& a);
    account* find_account(const nick_name& name);  // by its name, or by a nick of its
    account* account_of(session_id session);
    struct bad_proof {
        account_refusal why;
        std::string detail;
    };
    // The one place where it is decided whether somebody comes in as an account.
    std::expected<account*, bad_proof> authorize_log_in(const proof& by);
    void use_account(user& u, const account* a, session_id cause, effects& out);
    bool may_only_listen(const proof& by);
    void note_seen(account& a, effects& out);
    void note_bot(account& a, bool is_bot, effects& out);
    // When the account was last here, if none of its sessions but this one is; 0: it has missed nothing.
    std::int64_t missed_since(const account& a, session_id but) const;
    static void refuse_account(session_id session, account_refusal why, effects& out, std::string name = {},
                               std::string detail = {}) {
        out.emplace_back(account_refused{session, why, std::move(name), std::move(detail)});
    }
    account* target_account(session_id session, const std::optional<nick_name>& of, action what, effects& out);
    bool nothing_is_stored() const { return options.remembers && !store_answers; }
    bool accounts_closed(session_id session, effects& out);
    const std::vector<user_id>& users_of(account_id a) const { return *accounts.at(a).users; }
    // Who a user is here as; both ways.
    void own(user& u, account_id a);
    void disown(user& u);
    account_id owner_of_certificate(const std::string& fingerprint) const;
    const server_ban* ban_on_account(user& u, const account& a);
    bool may_go_over(const user& u, session_id s, account_id to, effects& out);
    void drop_absent(account& a, effects& out);
    void save(const account& a, session_id session, deed what, std::string detail, effects& out);
    void forget_said(session_id by, account_id of, const std::string& name, effects& out);
    void drop(account& a, session_id by, effects& out);
    void complete(credential_record& c, account_id of) const;
    void come_as_owner(session_id session, account& a, effects& out);
    static std::string label_of(const account& a, const std::optional<proof>& by);
    void end_sessions_by(account& a, session_id but, const credential_record& gone, effects& out);
    void change_nicks(account& a, change_account& c, effects& out);
    void ghost(account& a, change_account& c, effects& out);
    void end_one_session(account& a, change_account& c, effects& out);
    void suspend(account& a, change_account& c, effects& out);

    // Registered channels.
    ranks access_of(const channel& c, account_id a) const;
    void give_access(user& u, channel& c, effects& out);
    void save(const channel& c, session_id session, deed what, std::string detail, effects& out);
    void register_channel(channel& c, const subject& who, session_id session, effects& out);
    void unregister(channel& c, effects& out);
    std::size_t founded_by(account_id a) const;
    void lose_founder(account_id was, channel& c, effects& out);
    void refresh_access(channel& c, account_id of, effects& out);
    void change_access(channel& c, change_registration& r, effects& out);

    // Who may do what to what (permissions.cpp).
    bool can(const subject& who, action what, const object& to) const;
    subject subject_of(session_id session) const;

    // What survives.
    message_id keep(record what, session_id from, std::string about, effects& out);
    void keep_channel(channel& c, effects& out);
    // Before anything that was said there: so that nothing is left in the store that nobody knows of.
    void make_known(channel& c, effects& out);
    void keep_seat(user& u, channel& c, effects& out);
    void leave_seat(channel& c, account_id a, effects& out);
    void get_up(channel& c, account_id a, effects& out);
    bool keeps_past(const channel& c) const { return options.history && c.history != history_policy::off; }
    void keep_event(channel& c, entry_kind kind, const user& u, std::string text, std::string detail, effects& out);
    void keep_events(const user& u, entry_kind kind, const std::string& text, const std::string& detail, effects& out);
    channel_record record_of(const channel& c) const;
    // Begins the record of something that was said or has happened, for its maker to fill in; only while the store
    // is well.
    entry_record& keep_entry(session_id from, const std::string& about, effects& out);
    void take_back(effects& out);
    bool is_wanted(const record& what) const;
    void forget_unstored(const channel& c);
    void free_seat(account_id a, effects& out);
    bool is_over(const channel& c) const;
    static bool is_unproved(const account& a, std::int64_t now_ms);
    bool is_to_be_noted(const account& a, std::int64_t now_ms) const;
    static bool is_expired(const credential_record& c, std::int64_t now_ms);
    bool has_session(const account& a) const;
    void end_credentials(account& a, effects& out);
    bool is_forgotten(const user& u, std::int64_t now_ms) const;
    void restore(memory&& from);
    void restore_account(account_record&& a);
    void restore_channel(channel_record&& c);
    void restore_always_on();

    // The past.
    std::optional<message_id> readable_from(const user& u, const channel& c) const;
    std::optional<past_granted::part> part_of(const user& u, const past_of& of);
    void tell_marker(session_id session, const channel_name& channel, effects& out);
    std::int64_t* marker_in(session_id session, const std::string& target_fold, bool make);

    // Speaking.
    static std::optional<refusal> why_not_speak(const user& u, const channel& c, member* m, speech kind);
    message_id keep_told(user& u, user& to, const tell& c, bool unwanted, effects& out);
    message_id next_message();
    std::uint64_t next_number() { return ++last_number; }

    // Metadata.
    struct holder {
        std::vector<metadata_value>* values = nullptr;
        std::string name;
        channel* room = nullptr;  // one of the two
        user* whose = nullptr;
    };
    std::vector<metadata_value>& metadata_of(user& u) { return u.owner ? accounts.at(u.owner).metadata : u.metadata; }
    std::optional<holder> find_holder(user& u, const metadata& c, effects& out);
    bool is_kept(const holder& h) const {
        return h.room != nullptr ? h.room->permanent || h.room->registered() : static_cast<bool>(h.whose->owner);
    }
    void keep_metadata(const holder& h, const metadata_value& now, effects& out);
    void set_one(user& u, const holder& h, metadata& c, effects& out);
    void clear_all(user& u, const holder& h, metadata& c, effects& out);
    void set_before(user& u, log_in& c, effects& out);
    void tell_change(session_id cause, const person& by, const holder& h, const metadata_value& now, effects& out);
    void tell_value(session_id cause, const person& by, const user& u, const metadata_value& now, effects& out);
    std::vector<metadata_value> chosen(const std::vector<metadata_value>& all, const live_session& live,
                                       const std::vector<std::string>& keys) const;
    metadata_is slice(session_id to, metadata asked, const channel& c);
    metadata_is slice_of_all(session_id to, metadata asked);
    void tell_metadata_of(session_id to, user& u, effects& out);
    void tell_metadata_on_join(session_id cause, user& u, const channel& c, effects& out);
    void tell_metadata_on_coming(user& u, effects& out);
    void tell_other_metadata(user& u, const std::vector<metadata_value>& before, effects& out);
    void add_subscriptions(subscribe& c, effects& out);
    void subscribe_before(const log_in& c);

    void on(log_in& c, effects& out);
    void on(metadata& c, effects& out);
    void on(subscribe& c, effects& out);
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
    void on(note_place& c, effects& out);
    void on(pass_time& c, effects& out);
    void on(set_rules& c, effects& out);
    void on(set_account& c, effects& out);
    void on(register_account& c, effects& out);
    void on(verify_account& c, effects& out);
    void on(change_credential& c, effects& out);
    void on(change_account& c, effects& out);
    void on(ask_account& c, effects& out);
    void on(ask_accounts& c, effects& out);
    void on(change_registration& c, effects& out);
    void on(ask_registration& c, effects& out);
    void on(ask_past& c, effects& out);
    void on(redact& c, effects& out);
    void on(mark_read& c, effects& out);
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
    std::string broken_lists(const user& u) const;
    std::string broken_looks() const;
    std::string broken_channels() const;
    std::string broken_watchers() const;
    std::string broken_accounts() const;
};

}  // namespace brusio::chat
