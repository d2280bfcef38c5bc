// The inside of chat::state, shared by state.cpp (what commands do) and saved.cpp (save, load, invariants).
#pragma once

#include <deque>

#include <boost/unordered/unordered_flat_map.hpp>

#include "chat/chat.hpp"

namespace brusio::chat {

struct user {
    user_id id;
    identity who;
    std::vector<session_id> sessions;  // in the order of their log-in
    std::vector<channel_id> channels;  // sorted
    person shown() const { return {who.name, who.nick}; }
    template <class A>
    void fields(A& a) {
        a(id, who, sessions, channels);
    }
};

struct channel {
    channel_id id;
    channel_name name;
    std::vector<user_id> members;  // sorted, which is the order in which their users came
    bool permanent = false;
    template <class A>
    void fields(A& a) {
        a(id, name, members, permanent);
    }
};

// A message that the store has not answered for.
struct unanswered {
    message_id id;
    session_id from;
    template <class A>
    void fields(A& a) {
        a(id, from);
    }
};

// How many users have a look: two of them may share one only while all their names are ASCII.
struct look_count {
    std::uint32_t ascii = 0;
    std::uint32_t other = 0;
    bool operator==(const look_count&) const = default;
};

struct state::body {
    template <class K, class V>
    using table = boost::unordered_flat_map<K, V, std::hash<K>>;

    settings options;
    // Users are on the heap so that the tables of names can point into them.
    table<user_id, std::unique_ptr<user>> users;
    table<session_id, user_id> sessions;
    table<channel_id, std::unique_ptr<channel>> channels;
    table<std::string_view, user*> by_nick;
    table<std::string_view, user*> by_name;
    table<std::string, look_count> looks;
    table<std::string_view, channel*> by_channel;
    std::deque<unanswered> waiting;
    bool store_answers = true;
    std::int64_t last_ms = 0;
    std::uint64_t last_user = 0;
    std::uint64_t last_channel = 0;
    std::uint64_t last_message = 0;

    void index(user& u);
    void unindex(user& u);
    channel& channel_for(const channel_name& name);
    user* user_of(session_id session);
    channel* find_channel(const channel_name& name);
    channel* channel_of(const user& u, session_id session, const channel_name& name, std::vector<effect>& out);

    struct clash {
        name_refusal why;
        session_id holder;
    };
    std::optional<clash> find_clash(const identity& who, const user* self) const;

    void enter(user& u, const channel_name& name, std::vector<effect>& out);
    void exit(user& u, channel& c);
    message_id next_message();

    static void count_looks(table<std::string, look_count>& counts, const identity& who);

    // The parts of broken_invariant.
    std::string broken_people() const;
    std::string broken_looks() const;
    std::string broken_channels() const;

    void on(log_in& c, std::vector<effect>& out);
    void on(rename& c, std::vector<effect>& out);
    void on(join& c, std::vector<effect>& out);
    void on(part& c, std::vector<effect>& out);
    void on(say& c, std::vector<effect>& out);
    void on(tell& c, std::vector<effect>& out);
    void on(leave& c, std::vector<effect>& out);
    void on(store_answer& c, std::vector<effect>& out);
    void on(ask_who& c, std::vector<effect>& out);
    void on(ask_door& c, std::vector<effect>& out);
};

}  // namespace brusio::chat
