// Answers to questions, for the session that asked. Of a sliced one `asked` is the question for the next slice, and
// `more` says whether there is one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chat/effects_channels.hpp"

namespace brusio::chat {

struct member_entry {
    person who;
    ranks has = 0;
    bool away = false;
    bool operator==(const member_entry&) const = default;
};
struct names_are {
    session_id session;
    ask_names asked;
    bool first = true;
    bool more = false;
    bool secret = false;
    std::uint64_t total = 0;
    std::vector<member_entry> people;
    bool operator==(const names_are&) const = default;
};
struct who_entry {
    person who;
    std::string real_name;
    std::string channel;  // empty: none that may be told
    ranks has = 0;
    bool away = false;
    bool server_operator = false;
    std::string address;  // when the asker may know it
    std::int64_t idle_ms = 0;
    bool operator==(const who_entry&) const = default;
};
struct who_are {
    session_id session;
    ask_who asked;
    bool more = false;
    std::vector<who_entry> people;
    bool operator==(const who_are&) const = default;
};
struct whois_is {
    session_id session;
    std::string asked;
    bool found = false;
    person who;
    std::string real_name;
    std::string away;
    std::string operator_name;  // empty: no operator
    bool server_operator = false;
    bool secure = false;
    std::string address;      // when the asker may know it
    std::string certificate;  //
    user_flags modes = 0;     //
    std::int64_t idle_ms = 0;
    std::int64_t since_ms = 0;
    struct seat {
        std::string channel;
        ranks has = 0;
        bool operator==(const seat&) const = default;
    };
    std::vector<seat> channels;
    std::vector<metadata_value> metadata;
    bool operator==(const whois_is&) const = default;
};
struct was_here {
    person who;
    std::string real_name;
    std::string address;  // when the asker may know it
    std::int64_t until_ms = 0;
    bool operator==(const was_here&) const = default;
};
struct whowas_is {
    session_id session;
    std::string asked;
    std::vector<was_here> people;  // the latest first
    bool operator==(const whowas_is&) const = default;
};
struct channel_entry {
    std::string name;
    std::uint64_t members = 0;
    std::string topic;
    bool operator==(const channel_entry&) const = default;
};
struct channels_are {
    session_id session;
    ask_channels asked;
    bool first = true;
    bool more = false;
    std::vector<channel_entry> channels;
    bool operator==(const channels_are&) const = default;
};
struct counts_are {
    session_id session;
    head_count count;
    bool operator==(const counts_are&) const = default;
};
struct presence {
    std::string nick;
    std::string host;  // user@host
    bool away = false;
    bool server_operator = false;
    bool operator==(const presence&) const = default;
};
struct present_are {
    session_id session;
    bool hosts = false;
    std::vector<presence> people;
    bool operator==(const present_are&) const = default;
};
struct topic_is {
    session_id session;
    std::string channel;
    topic now;
    bool asked = true;  // false: told because one joined
    bool operator==(const topic_is&) const = default;
};
struct modes_are {
    session_id session;
    std::string channel;
    std::vector<mode_change> modes;
    std::int64_t created_ms = 0;
    bool operator==(const modes_are&) const = default;
};
struct list_entry {
    std::string mask;
    std::string by;
    std::int64_t at_ms = 0;
    bool operator==(const list_entry&) const = default;
};
struct list_is {
    session_id session;
    std::string channel;
    char letter = 'b';
    std::vector<list_entry> entries;
    bool operator==(const list_is&) const = default;
};
struct invitations_are {
    session_id session;
    std::vector<std::string> channels;
    bool operator==(const invitations_are&) const = default;
};
struct operators_are {
    session_id session;
    struct one {
        person who;
        std::string name;
        bool operator==(const one&) const = default;
    };
    std::vector<one> people;
    bool operator==(const operators_are&) const = default;
};
struct door_asked {
    session_id session;
    std::string topic;
    bool operator==(const door_asked&) const = default;
};

}  // namespace brusio::chat
