// Who sees nothing of a chat but its effects, in the order in which they would leave for the network, as a door does;
// and who says in words what is wrong with them. onlooker_people_test.cpp, onlooker_channels_test.cpp and
// onlooker_answers_test.cpp have what is expected of each.
#pragma once

#include <map>
#include <set>
#include <string>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {

class onlooker {
  public:
    explicit onlooker(settings options);

    // Empty, or what is wrong.
    std::string see(const effect& e);
    std::size_t people() const { return people_.size(); }
    std::size_t sessions() const { return sessions_.size(); }
    // How often each kind of effect, and each refusal, was seen, so that a test can show that it was not about nothing.
    const std::map<std::size_t, int>& seen() const { return seen_; }
    const std::map<refusal, int>& refusals() const { return refusals_; }
    const std::map<name_refusal, int>& name_refusals() const { return name_refusals_; }

  private:
    struct one {
        std::vector<session_id> sessions;
        user_id user;
        std::string account;
        identity who;
        std::string user_at_host;
        user_flags modes = 0;
        std::optional<std::string> away;  // nothing: not known yet
        std::vector<std::string> silenced;
        std::map<channel_id, bool> invited;  // by an operator?

        bool has(user_flags f) const { return (modes & f) != 0; }
        std::vector<session_id> but(session_id s) const;
        person shown() const;
        std::string compared() const;
    };
    struct client {
        user_id user;
        std::map<std::string, bool> watched;  // what it was told last of a nick
    };
    struct seat {
        ranks has = 0;
        std::int64_t spoke_ms = -1;
    };
    struct place {
        channel_id id;
        std::string name;
        std::map<user_id, seat> members;
        std::map<user_id, std::int64_t> spoke;  // of those who have left, while slow mode is as it was then
        channel_flags flags = no_outside_messages | topic_locked;
        std::string key;
        std::uint32_t limit = 0;
        std::uint32_t slow_seconds = 0;
        topic now;
        std::map<char, std::vector<std::pair<std::string, std::string>>> lists;  // masks and folds
        bool keeps_past = true;
        bool doubtful = false;  // something of it could not be stored: maybe its policy

        bool has(channel_flags f) const { return (flags & f) != 0; }
        bool has(const one& p) const { return members.contains(p.user); }
        ranks rank(const one& p) const { return has(p) ? highest(members.at(p.user).has) : ranks{0}; }
    };

    void expect(bool holds, std::string_view otherwise) {
        if (!holds && wrong_.empty()) wrong_ = otherwise;
    }
    // What is expected of all effects by the names of their members.
    template <class E>
    void expect_living(const E& e);
    void expect_order(const effect& e);

    // The person of a living session or nick, the place of a number; a fault, and an empty one, when there is none.
    one& living(session_id s);
    one& holder(std::string_view nick);
    place& at(channel_id c);
    one* find_nick(std::string_view nick);
    one* find_user(user_id u);
    place* find_place(std::string_view name);
    std::vector<channel_id> places_of(const one& p) const;
    void expect_shown(const one& p, const person& shown);
    void expect_about(session_id s, user_id u, const std::vector<session_id>& sessions, const person& shown);
    void expect_free(const identity& who, user_id self);
    void expect_refused_rightly(user_id self, const identity& who, name_refusal why, session_id holder);
    bool rules(const one& p, const place& c) const { return c.id == lobby_id && p.has(server_operator); }
    bool sees(const one& p, const place& c) const { return !c.has(secret) || c.has(p) || p.has(server_operator); }
    static bool on_list(const one& p, const place& c, char letter, bool mutes);
    static bool listed(const one& p, const place& c, bool mutes);
    static bool is_silenced(const one& by, const one& p);
    void expect_may_join(const one& p, const place& c);
    void expect_may_speak(const one& p, const place& c, speech kind);
    void apply(one& by, place& c, const mode_change& change);
    void expect_value(place& c, const mode_change& change);
    void leave_place(user_id u, place& c);
    void expect_stored(message_id id, const person& who, const message& what, std::int64_t at_ms, bool kept);
    void forget_session(session_id s);
    void expect_later(message_id id, std::int64_t at_ms);
    head_count counts();

    void on(const refused& e);
    void on(const logged_in& e);
    void on(const log_in_refused& e);
    void on(const not_let_in& e);
    void on(const renamed& e);
    void on(const rename_refused& e);
    void on(const away_set& e);
    void on(const real_name_set& e);
    void on(const host_set& e);
    void on(const host_shown& e);
    void on(const own_modes_changed& e);
    void on(const own_modes_are& e);
    void on(const left& e);
    void on(const ended& e);
    void on(const came_or_went& e);
    void on(const monitored& e);
    void on(const silence_changed& e);
    void on(const silence_is& e);
    void on(const joined& e);
    void on(const parted& e);
    void on(const kicked& e);
    void on(const invited& e);
    void on(const topic_changed& e);
    void on(const modes_changed& e);
    void on(const channel_renamed& e);
    void on(const said& e);
    void on(const told& e);
    void on(const is_away& e);
    void on(const called_out& e);
    void on(const remember& e);
    void on(const not_stored& e);
    void on(const account_set& e);
    void on(const done& e);
    void on(const account_refused& /*e*/) {}
    void on(const account_is& e);
    void on(const accounts_are& e);
    void on(const registration_is& e);
    void on(const seated& e);
    void on(const past_granted& e);
    void on(const past_refused& /*e*/) {}
    void on(const redaction_asked& e);
    void on(const redaction_refused& /*e*/) {}
    void on(const redacted& e);
    void on(const marker_is& e);
    void on(const marker_refused& /*e*/) {}
    void forget_markers(std::string_view account);
    void on(const metadata_is& e);
    void on(const metadata_changed& e);
    void on(const metadata_refused& /*e*/) {}
    void on(const subscriptions_are& e);
    void expect_readable(const one& p, const past_granted::part& part);
    void on(const became_operator& /*e*/) {}
    void on(const kill_done& e);
    void on(const account_requirement& e) { account_required_ = e.on; }
    void on(const server_bans_are& /*e*/) {}
    void on(const names_are& e);
    void on(const who_are& e);
    void on(const whois_is& e);
    void on(const whowas_is& e);
    void on(const channels_are& e);
    void on(const counts_are& e);
    void on(const present_are& e);
    void on(const topic_is& e);
    void on(const modes_are& e);
    void on(const list_is& e);
    void on(const invitations_are& e);
    void on(const operators_are& e);
    void on(const door_asked& /*e*/) {}

    settings options_;
    std::map<user_id, one> people_;
    std::map<session_id, client> sessions_;
    std::vector<identity> registered_;                                     // names that were, at some time
    std::map<std::pair<std::string, std::string>, std::int64_t> markers_;  // by account, or session, and target
    std::map<session_id, std::set<std::string>> subscribed_;
    std::map<channel_id, place> places_;
    std::map<std::size_t, int> seen_;
    std::map<refusal, int> refusals_;
    std::map<name_refusal, int> name_refusals_;
    user_id last_user_;
    channel_id last_channel_;
    message_id last_message_;
    message_id last_record_;
    std::set<channel_id> gone_;
    std::optional<entry> remembered_;
    std::int64_t last_ms_ = 0;
    std::uint64_t most_users_ = 0;
    bool account_required_ = false;
    bool lost_something_ = false;  // it was not told what was done to some account
    std::string going_;            // whose going was told to who monitors; it goes with the next effect
    session_id ending_;            // that was told to end; it leaves with the next effect
    std::string wrong_;
};

}  // namespace brusio::chat::test
