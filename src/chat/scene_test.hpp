// What the tests of `chat` share: short ways to write names, sessions, channels and modes, and a chat that is told one
// command at a time. The person of session n is ~u<n>@h<n>.example, really from 192.0.2.<n>.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chat/chat.hpp"

namespace brusio::chat::test {

using effects = std::vector<effect>;

inline identity who(std::string_view name) { return base::make_identity(name).value(); }
inline nick_name nick(std::string_view name) { return {std::string(name), base::fold(name)}; }
inline channel_name room(std::string_view name) { return {std::string(name), base::fold(name)}; }
inline session_id session(std::uint64_t counter) { return {1, counter}; }

inline ip_bits v4(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    return {0, std::uint64_t{0xFFFF} << 32U | a << 24U | b << 16U | c << 8U | d};
}
inline origin from(std::uint64_t counter) {
    const auto n = std::to_string(counter);
    return {.username = "~u" + n,
            .real_name = "Number " + n,
            .host = "h" + n + ".example",
            .address = "192.0.2." + n,
            .ip = v4(192, 0, 2, counter & 0xFFU),
            .certificate = "cert" + n,
            .secure = false};
}
inline std::string mask_of(std::string_view name, std::uint64_t counter) {
    return who(name).nick + "!~u" + std::to_string(counter) + "@h" + std::to_string(counter) + ".example";
}
inline person shown(std::string_view name, std::uint64_t counter) {
    return {.name = who(name).name, .mask = mask_of(name, counter)};
}
inline message text(std::string_view body) { return {speech::text, std::string(body), {}, {}}; }
inline message of_kind(speech kind) { return {kind, "x", {}, {}}; }

// "+o-l+b", {"anna", "mario"}: as a door reads MODE.
inline std::vector<mode_change> changes(std::string_view letters, const std::vector<std::string>& values = {}) {
    std::vector<mode_change> all;
    bool add = true;
    std::size_t next = 0;
    for (const char c : letters) {
        if (c == '+' || c == '-') {
            add = c == '+';
            continue;
        }
        mode_change change{.add = add, .letter = c, .value = {}, .fold = {}};
        const auto* row = find_channel_mode(c);
        const bool takes = find_rank(c) != nullptr || (row != nullptr && row->kind != mode_kind::flag &&
                                                       (add || row->kind != mode_kind::value_when_set));
        if (takes && next < values.size()) {
            change.value = values[next++];
            if (row != nullptr && row->kind == mode_kind::list) change.value = whole_mask(change.value).value();
            if (row == nullptr || row->kind == mode_kind::list) change.fold = base::fold(change.value);
        }
        all.push_back(std::move(change));
    }
    return all;
}

inline const channel_name lobby = room("#piazza");
inline const channel_id lobby_id{1};

inline settings usual(bool remembers = false) {
    return {.lobby = lobby, .reserved = {who("brusio.localhost")}, .remembers = remembers};
}

inline const session_id administrator{administrators_node, 1};
inline credential_record password() { return {.account = {}, .kind = credential_kind::password, .secret = "hash"}; }
inline credential_record token(std::string_view id, bool read_only = false) {
    return {.account = {}, .kind = credential_kind::token, .id = std::string(id), .read_only = read_only};
}
inline credential_record certificate(std::string_view id) {
    return {.account = {}, .kind = credential_kind::certificate, .id = std::string(id)};
}

struct scene {
    explicit scene(settings options = usual(), memory from = {}) : chat(std::move(options), std::move(from)) {}

    // What follows from one command; the invariants are checked each time.
    effects run(command what) {
        effects out;
        chat.apply({.at_ms = now_ms, .what = std::move(what)}, out);
        EXPECT_EQ(chat.broken_invariant(), "");
        if (watch) watch(out);
        for (const auto& e : out) {
            if (const auto* l = std::get_if<logged_in>(&e)) users[l->session] = l->user;
            if (const auto* j = std::get_if<joined>(&e)) channels[base::fold(j->channel_name)] = j->channel;
        }
        return out;
    }
    // The numbers of whoever is or was session n, and of the latest channel of that name.
    user_id user(std::uint64_t n) const { return users.at(session(n)); }
    channel_id id(std::string_view name) const { return channels.at(base::fold(name)); }
    effects enter(std::uint64_t n, std::string_view name) {
        return run(log_in{session(n), who(name), from(n), std::nullopt, {}});
    }
    // As a frame client does: it is in the lobby or it is not.
    effects enter_bound(std::uint64_t n, std::string_view name, const channel_name& channel = lobby) {
        return run(log_in{session(n), who(name), from(n), channel, {}});
    }
    // Logs in and joins; the effects of joining.
    effects enter_into(std::uint64_t n, std::string_view name, std::string_view channel) {
        enter(n, name);
        return go(n, channel);
    }
    effects enter_lobby(std::uint64_t n, std::string_view name) { return enter_into(n, name, lobby.name); }
    effects enter_operator(std::uint64_t n, std::string_view name) {
        enter(n, name);
        return rule(n);
    }
    effects rule(std::uint64_t n) { return run(become_operator{session(n), "root"}); }
    effects call(std::uint64_t n, std::string_view name) { return run(rename{session(n), who(name)}); }
    effects go(std::uint64_t n, std::string_view channel, std::string_view key = {}) {
        return run(join{session(n), room(channel), std::string(key), false});
    }
    effects stay_away(std::uint64_t n, std::string_view channel) { return run(part{session(n), room(channel), "bye"}); }
    effects remove(std::uint64_t n, std::string_view channel, std::string_view name) {
        return run(kick{session(n), room(channel), nick(name), "out"});
    }
    effects call_in(std::uint64_t n, std::string_view name, std::string_view channel) {
        return run(invite{session(n), nick(name), room(channel)});
    }
    effects mode(std::uint64_t n, std::string_view channel, std::string_view letters,
                 const std::vector<std::string>& values = {}) {
        return run(change_modes{session(n), room(channel), changes(letters, values)});
    }
    effects own_mode(std::uint64_t n, std::string_view name, std::string_view letters) {
        return run(change_own_modes{session(n), nick(name), changes(letters)});
    }
    effects speak(std::uint64_t n, std::string_view body, const channel_name& channel = lobby, ranks at_least = 0) {
        return run(say{session(n), channel, at_least, text(body)});
    }
    effects utter(std::uint64_t n, std::string_view channel, speech kind = speech::text) {
        return run(say{session(n), room(channel), 0, of_kind(kind)});
    }
    effects whisper(std::uint64_t n, std::string_view name, std::string_view body) {
        return run(tell{session(n), nick(name), text(body)});
    }
    effects go_away(std::uint64_t n) { return run(leave{session(n), "gone"}); }

    // Accounts. `found` makes one as the administrator does.
    effects found(std::string_view name, std::vector<credential_record> by = {password()}) {
        return run(register_account{.session = administrator, .name = who(name), .credentials = std::move(by)});
    }
    // As a session does, of its own nick or another.
    effects sign_up(std::uint64_t n, std::string_view name) {
        return run(register_account{
            .session = session(n), .name = who(name), .nick_fold = base::fold(name), .credentials = {password()}});
    }
    proof proof_of(std::string_view name, credential_kind kind = credential_kind::password, std::string id = {}) {
        const auto* a = chat.find_account(base::fold(name));
        if (a == nullptr) return {};
        return {a->id, kind, std::move(id), a->epoch};
    }
    proof token_of(std::string_view name, std::string id) {
        return proof_of(name, credential_kind::token, std::move(id));
    }
    effects identify(std::uint64_t n, std::string_view account) {
        return run(set_account{session(n), proof_of(account)});
    }
    // Comes with a proof; attaches when that account has this nick here.
    effects enter_as(std::uint64_t n, std::string_view name, const proof& by) {
        return run(log_in{session(n), who(name), from(n), std::nullopt, {}, by});
    }
    effects enter_as(std::uint64_t n, std::string_view account) { return enter_as(n, account, proof_of(account)); }
    effects change(std::uint64_t n, account_change what, std::string_view name = {}, std::string value = {}) {
        return run(change_account{session(n), std::nullopt, what,
                                  name.empty() ? std::nullopt : std::optional(who(name)), std::move(value)});
    }
    effects rule_account(account_change what, std::string_view account, std::string value = {}) {
        return run(change_account{administrator, nick(account), what, std::nullopt, std::move(value)});
    }
    effects registration(std::uint64_t n, std::string_view channel, registration_change what,
                         std::string_view account = {}, ranks gets = 0) {
        return run(change_registration{session(n), room(channel), what,
                                       account.empty() ? std::nullopt : std::optional(nick(account)), gets});
    }
    effects past(std::uint64_t n, std::string_view channel) {
        return run(ask_past{session(n), past_of{room(channel), {}}, "page"});
    }
    effects past_with(std::uint64_t n, std::string_view name) {
        return run(ask_past{session(n), past_of{std::nullopt, nick(name)}, "page"});
    }
    effects answer(store_verdict verdict, message_id up_to = {~std::uint64_t{0}}) {
        return run(store_answer{verdict, up_to});
    }

    state chat;
    std::int64_t now_ms = 1'000;
    std::function<void(const effects&)> watch;  // is told of all that follows
    std::map<session_id, user_id> users;
    std::map<std::string, channel_id> channels;
};

// Without the markers that whoever joins is told.
inline effects but_markers(effects all) {
    std::erase_if(all, [](const effect& e) { return std::holds_alternative<marker_is>(e); });
    return all;
}

// The only effect of a command, when it is a T; but for what the store is to remember, and the marker that whoever
// joins is told.
template <class T>
const T* only(const effects& all) {
    const T* found = nullptr;
    for (const auto& e : all) {
        const bool beside = std::holds_alternative<remember>(e) || std::holds_alternative<marker_is>(e);
        if (beside && !std::holds_alternative<T>(e)) continue;
        if (found != nullptr) return nullptr;
        found = std::get_if<T>(&e);
        if (found == nullptr) return nullptr;
    }
    return found;
}
// All of one kind, in order.
template <class T>
std::vector<T> all_of(const effects& all) {
    std::vector<T> some;
    for (const auto& e : all) {
        if (const auto* one = std::get_if<T>(&e)) some.push_back(*one);
    }
    return some;
}
// What the store is to remember of one kind.
template <class R>
std::vector<R> records(const effects& all) {
    std::vector<R> some;
    for (const auto& e : all) {
        const auto* r = std::get_if<remember>(&e);
        if (const auto* one = r == nullptr ? nullptr : std::get_if<R>(&r->what)) some.push_back(*one);
    }
    return some;
}
inline std::optional<account_refusal> why_account(const effects& all) {
    const auto* r = only<account_refused>(all);
    return r == nullptr ? std::nullopt : std::optional(r->why);
}
inline std::optional<deed> deed_of(const effects& all) {
    const auto done_ones = all_of<done>(all);
    return done_ones.size() == 1 ? std::optional(done_ones.front().what) : std::nullopt;
}
// The first effect that is a T; there must be one.
template <class T>
const T& find(const effects& all) {
    for (const auto& e : all) {
        if (const auto* found = std::get_if<T>(&e)) return *found;
    }
    ADD_FAILURE() << "no such effect among " << all.size();
    static const T none{};
    return none;
}
template <class T>
bool has(const effects& all) {
    return std::ranges::any_of(all, [](const effect& e) { return std::holds_alternative<T>(e); });
}
template <class T>
const T& first(const effects& all) {
    return std::get<T>(all.at(0));
}
// Why a command was refused; nothing when it was not, or when something else followed as well.
inline std::optional<refusal> why(const effects& all) {
    const auto* r = only<refused>(all);
    return r == nullptr ? std::nullopt : std::optional(r->why);
}
inline bool joins(const effects& all) { return has<joined>(all); }
inline bool speaks(const effects& all) { return has<said>(all); }

}  // namespace brusio::chat::test
