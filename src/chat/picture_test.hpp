// The layout that saved.cpp writes, here to make states that no command leads to: damaged ones, and (until there are
// accounts) people with an account.
#pragma once

#include "base/archive.hpp"
#include "chat/body.hpp"
#include "chat/scene_test.hpp"

namespace brusio::chat::test {

struct picture {
    std::uint32_t format = 3;
    std::vector<user> users;
    struct live {
        session_id session;
        user_id user;
        channel_id bound_to;
        std::vector<nick_name> watches;
    };
    std::vector<live> sessions;
    std::vector<channel> channels;
    std::vector<unanswered> waiting;
    std::vector<was_user> whowas;
    std::vector<server_ban> server_bans;
    bool store_answers = true;
    bool accounts_required = false;
    std::int64_t last_ms = 0;
    std::uint64_t last_user = 0;
    std::uint64_t last_channel = 0;
    std::uint64_t last_message = 0;
    std::uint64_t most_users = 0;
};

inline picture picture_of(const state& chat) { return base::decode<picture>(chat.save()).value(); }

inline void give_account(scene& s, std::string_view name, std::string_view account, const settings& options = usual()) {
    auto p = picture_of(s.chat);
    for (auto& u : p.users) {
        if (u.who.nick_fold != base::fold(name)) continue;
        u.account = account;
        u.account_fold = base::fold(account);
    }
    s.chat = std::move(state::load(options, base::encode(p)).value());
}

}  // namespace brusio::chat::test
