#include <algorithm>

#include "base/archive.hpp"
#include "chat/body.hpp"

namespace brusio::chat {
namespace {

// Everything that a state is, without its tables. Lists are sorted by id, so equal states save to equal bytes.
struct image {
    std::uint32_t format = 1;
    std::vector<user> users;
    std::vector<channel> channels;
    std::vector<unanswered> waiting;
    bool store_answers = true;
    std::int64_t last_ms = 0;
    std::uint64_t last_user = 0;
    std::uint64_t last_channel = 0;
    std::uint64_t last_message = 0;
    template <class A>
    void fields(A& a) {
        a(format, users, channels, waiting, store_answers, last_ms, last_user, last_channel, last_message);
    }
};

template <class List, class Key = std::identity>
bool strictly_sorted(const List& list, Key key = {}) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal{}, key) == list.end();
}

}  // namespace

std::string state::save() const {
    image i{.users = {},
            .channels = {},
            .waiting = {body_->waiting.begin(), body_->waiting.end()},
            .store_answers = body_->store_answers,
            .last_ms = body_->last_ms,
            .last_user = body_->last_user,
            .last_channel = body_->last_channel,
            .last_message = body_->last_message};
    for (const auto& [id, u] : body_->users) i.users.push_back(*u);
    for (const auto& [id, c] : body_->channels) i.channels.push_back(*c);
    std::ranges::sort(i.users, {}, &user::id);
    std::ranges::sort(i.channels, {}, &channel::id);
    return base::encode(i);
}

std::optional<state> state::load(settings options, std::string_view bytes) {
    auto i = base::decode<image>(bytes);
    if (!i || i->format != 1) return std::nullopt;
    state loaded(settings{.lobby = std::nullopt, .reserved = {}, .remembers = false});
    auto& b = *loaded.body_;
    b.options = std::move(options);
    for (auto& u : i->users) {
        auto& owned = b.users[u.id];
        if (owned) return std::nullopt;  // before the tables of names point to one of the two
        owned = std::make_unique<user>(std::move(u));
        for (const auto session : owned->sessions) b.sessions.emplace(session, owned->id);
        b.index(*owned);
    }
    for (auto& c : i->channels) {
        auto& owned = b.channels[c.id];
        if (owned) return std::nullopt;
        owned = std::make_unique<channel>(std::move(c));
        b.by_channel.emplace(owned->name.fold, owned.get());
    }
    b.waiting.assign(i->waiting.begin(), i->waiting.end());
    b.store_answers = i->store_answers;
    b.last_ms = i->last_ms;
    b.last_user = i->last_user;
    b.last_channel = i->last_channel;
    b.last_message = i->last_message;
    if (!loaded.broken_invariant().empty()) return std::nullopt;
    return loaded;
}

std::uint64_t state::digest() const { return base::fingerprint(save()); }

std::string state::broken_invariant() const {
    for (auto broken : {body_->broken_people(), body_->broken_looks(), body_->broken_channels()}) {
        if (!broken.empty()) return broken;
    }
    const auto& b = *body_;
    if (!strictly_sorted(b.waiting, &unanswered::id)) return "messages wait out of order";
    if (!b.waiting.empty() && b.waiting.back().id.value > b.last_message) return "a message has a number still to come";
    if (b.last_ms < 0) return "the time is before 1970";
    return {};
}

std::string state::body::broken_people() const {
    if (by_nick.size() != users.size() || by_name.size() != users.size()) return "two users share a name";
    std::size_t count = 0;
    for (const auto& [id, u] : users) {
        if (u->id != id) return "a user is filed under another's id";
        if (id.value > last_user) return "a user has a number still to come";
        if (u->sessions.empty()) return "a user without a session";
        const auto nick = by_nick.find(u->who.nick_fold);
        if (nick == by_nick.end() || nick->second != u.get()) return "a nick leads to another user";
        const auto name = by_name.find(u->who.name_fold);
        if (name == by_name.end() || name->second != u.get()) return "a name leads to another user";
        count += u->sessions.size();
        for (const auto s : u->sessions) {
            const auto at = sessions.find(s);
            if (at == sessions.end() || at->second != id) return "a session does not lead back to its user";
        }
        if (!strictly_sorted(u->channels)) return "a user's channels are not sorted";
        for (const auto c : u->channels) {
            const auto at = channels.find(c);
            if (at == channels.end()) return "a user is in a channel that does not exist";
            if (!std::ranges::binary_search(at->second->members, id)) return "a channel does not know its member";
        }
    }
    return count == sessions.size() ? "" : "a session without a user";
}

std::string state::body::broken_looks() const {
    table<std::string, look_count> counted;
    for (const auto& [id, u] : users) count_looks(counted, u->who);
    for (const auto& [look, count] : counted) {
        if (count.other > 1 || (count.other > 0 && count.ascii > 0)) return "two users look alike";
        const auto at = looks.find(look);
        if (at == looks.end() || at->second != count) return "a look is counted wrongly";
    }
    return counted.size() == looks.size() ? "" : "a look that nobody has";
}

std::string state::body::broken_channels() const {
    if (by_channel.size() != channels.size()) return "two channels share a name";
    if (options.lobby && !by_channel.contains(options.lobby->fold)) return "there is no lobby";
    for (const auto& [id, c] : channels) {
        if (c->id != id) return "a channel is filed under another's id";
        if (id.value > last_channel) return "a channel has a number still to come";
        if (c->permanent != (options.lobby && options.lobby->fold == c->name.fold))
            return "not only the lobby is permanent";
        if (c->members.empty() && !c->permanent) return "an empty channel";
        if (!strictly_sorted(c->members)) return "a channel's members are not sorted";
        const auto at = by_channel.find(c->name.fold);
        if (at == by_channel.end() || at->second != c.get()) return "a channel's name leads elsewhere";
        for (const auto m : c->members) {
            const auto u = users.find(m);
            if (u == users.end()) return "a channel has a member that does not exist";
            if (!std::ranges::binary_search(u->second->channels, id)) return "a member does not know its channel";
        }
    }
    return {};
}

}  // namespace brusio::chat
