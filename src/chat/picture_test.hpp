// The layout that saved.cpp writes, here to make states that no command leads to: damaged ones.
#pragma once

#include "base/archive.hpp"
#include "chat/body.hpp"
#include "chat/scene_test.hpp"

namespace brusio::chat::test {

struct picture {
    std::uint32_t format = 5;
    std::vector<user> users;
    struct live {
        session_id session;
        user_id user;
        channel_id bound_to;
        std::vector<nick_name> watches;
        std::optional<proof> by;
        bool may_only_listen = false;
        std::string address;
        ip_bits ip;
        std::int64_t since_ms = 0;
        std::vector<marker> markers;
        std::vector<std::string> subscribed;
    };
    std::vector<live> sessions;
    std::vector<channel> channels;
    std::vector<account> accounts;
    std::vector<unanswered> waiting;
    std::vector<unwritten> changes;
    std::vector<record> unstored;
    std::vector<was_user> whowas;
    std::vector<server_ban> server_bans;
    std::vector<server_ban> ended_bans;
    account_rules rules;
    bool store_answers = true;
    bool accounts_required = false;
    std::int64_t started_ms = 0;
    std::int64_t last_ms = 0;
    std::uint64_t last_number = 0;
    std::uint64_t most_users = 0;
};

inline picture picture_of(const state& chat) { return base::decode<picture>(chat.save()).value(); }

// Whoever has this nick comes to have that account, which is made for it.
inline void give_account(scene& s, std::string_view name, std::string_view account) {
    const auto p = picture_of(s.chat);
    for (const auto& u : p.users) {
        if (u.who.nick_fold != base::fold(name)) continue;
        const auto n = u.sessions.front().counter;
        const auto all = s.sign_up(n, account);
        EXPECT_TRUE(has<account_set>(all));
    }
}

}  // namespace brusio::chat::test
