// Random commands of all kinds, with few names, channels and masks, so that they meet.
#pragma once

#include <random>
#include <set>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {

class dice {
  public:
    explicit dice(unsigned seed) : random_(seed) {
        for (const auto& n : names_) identities_.push_back(who(n));
    }
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    // Time goes on, mostly; sometimes back, sometimes far.
    stamped roll(const std::set<message_id>& unanswered) {
        now_ms_ += below(50) == 0 ? static_cast<std::int64_t>(below(20'000)) : static_cast<std::int64_t>(below(20)) - 5;
        return {.at_ms = now_ms_, .what = rolls_++ % 12 < 2 ? tidy_up() : what(unanswered)};
    }

  private:
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[below(all.size())];
    }
    bool once_in(std::size_t n) { return below(n) == 0; }
    session_id any_session() { return {once_in(6) ? 2U : 1U, 1 + below(6)}; }
    // Half of the time the one that goes with a session, so that enough people get in.
    const identity& any_identity(std::uint64_t n) { return once_in(2) ? one_of(identities_) : identities_[n * 5 % 22]; }
    channel_name any_room() { return room(one_of(rooms_)); }
    nick_name any_nick() { return nick(any_identity(1 + below(6)).nick); }
    std::string any_mask() { return whole_mask(one_of(masks_)).value(); }
    message any_message() {
        return {static_cast<speech>(below(6)), std::string(below(30), 'x'), {}, once_in(4) ? "+typing=done" : ""};
    }
    origin any_origin(session_id s) {
        auto o = from(s.counter);
        o.secure = once_in(3);
        return o;
    }
    list_action any_action() { return static_cast<list_action>(below(5)); }

    command what(const std::set<message_id>& unanswered) {
        const auto s = any_session();
        const auto n = below(100);
        if (n < 20) return come(s);
        if (n < 24) return rename{s, any_identity(s.counter), once_in(5) ? "Anybody" : ""};
        if (n < 35) return join{s, any_room(), once_in(3) ? "key" : "", once_in(2)};
        if (n < 47) return say{s, any_room(), any_rank(), any_message()};
        if (n < 51) return tell{s, any_nick(), any_message()};
        if (n < 66) return in_channel(s);
        if (n < 78) return of_oneself(s);
        if (n < 82) return rule(s);
        if (n < 95) return ask(s);
        return store_answer{any_verdict(), any_message_of(unanswered)};
    }
    // Somebody whom nobody throws out, lest the chat end in a state in which nobody may come in or speak any more.
    command tidy_up() {
        const session_id s{3, 1};
        if (rolls_ == 1) return log_in{s, who("Olga"), from(9), std::nullopt, {}};
        if (rolls_ == 2) return become_operator{s, "root"};
        if (once_in(30)) return call_out{s, "hear"};
        if (once_in(100)) return kill{s, any_nick(), "spam"};
        if (once_in(30)) return change_modes{s, lobby, changes("+i")};
        if (once_in(3)) return require_account{s, false};
        if (once_in(2)) return change_modes{s, lobby, changes("+qo-b", {any_nick().name, any_nick().name, "*"})};
        if (once_in(3)) return change_server_bans{s, list_action::remove, any_ban()};
        change_modes c{s, lobby, changes("-iklmMRs", {""})};
        for (const auto& mask : masks_) {
            const auto whole = whole_mask(mask).value();
            if (once_in(2)) c.changes.push_back({false, 'b', whole, base::fold(whole)});
        }
        return c;
    }
    command come(session_id s) {
        if (once_in(4)) return leave{s, "gone"};
        const auto bound = once_in(6) ? std::optional(once_in(4) ? any_room() : lobby) : std::nullopt;
        return log_in{s, any_identity(s.counter), any_origin(s), bound, once_in(5) ? "busy" : ""};
    }
    command in_channel(session_id s) {
        switch (below(18)) {
            case 0:
                return part{s, any_room(), "bye"};
            case 1:
                return once_in(4) ? command(part_all{s}) : part{s, any_room(), {}};
            case 2:
            case 3:
                return kick{s, any_room(), any_nick(), "out"};
            case 4:
            case 5:
                return invite{s, any_nick(), any_room()};
            case 6:
                return set_topic{s, any_room(), once_in(3) ? "" : std::string(below(5), 't')};
            case 7:
            case 8:
            case 9:
                return rename_channel{s, any_room(), once_in(3) ? any_room() : room(once_in(2) ? "#x" : "#X"),
                                      "why not", once_in(2)};
            default:
                return change_modes{s, any_room(), any_changes()};
        }
    }
    command of_oneself(session_id s) {
        switch (below(6)) {
            case 0:
                return set_away{s, once_in(2) ? "" : "asleep"};
            case 1:
                return set_real_name{s, once_in(2) ? "Somebody" : "Nobody"};
            case 2:
                return any_silence(s);
            case 3:
                return monitor{s, any_action(), {any_nick(), any_nick(), any_nick()}};
            default: {
                change_own_modes c{s, any_nick(), {}};
                for (auto i = below(4); i > 0; --i) c.changes.push_back({once_in(2), one_of(own_letters_), {}, {}});
                return c;
            }
        }
    }
    command any_silence(session_id s) {
        const auto mask = any_mask();
        return silence{s, any_action(), mask, base::fold(mask)};
    }
    command rule(session_id s) {
        switch (below(9)) {
            case 0:
            case 1:
            case 2:
                return become_operator{s, "root"};
            case 3:
                return kill{s, any_nick(), "spam"};
            case 4:
                return once_in(2) ? command(call_out{s, "hear"}) : set_host{s, any_nick(), "h1.example"};
            case 5:
                return set_host{s, any_nick(), "VIP.example"};
            case 6:
                return require_account{s, once_in(3) ? std::optional(once_in(4)) : std::nullopt};
            default:
                return change_server_bans{s, once_in(2) ? list_action::remove : any_action(), any_ban()};
        }
    }
    server_ban any_ban() {
        server_ban ban{.kind = static_cast<ban_kind>(below(3)), .action = static_cast<ban_action>(below(3))};
        ban.what = one_of(std::vector<std::string>{"*!*@192.0.2.3", "mario!*@*", "*!~u2@*", "x"});
        ban.fold = ban.what;
        ban.network = v4(192, 0, 2, below(8));
        ban.prefix = static_cast<std::uint8_t>(120 + below(9));
        ban.until_ms = once_in(3) ? 0 : static_cast<std::int64_t>(below(2'000));
        return ban;
    }
    std::vector<mode_change> any_changes() {
        std::vector<mode_change> all;
        for (auto i = 1 + below(4); i > 0; --i) {
            mode_change c{.add = !once_in(3), .letter = one_of(letters_)};
            if (find_rank(c.letter) != nullptr) {
                c.value = any_nick().name;
                c.fold = base::fold(c.value);
            } else if (c.letter == 'b' || c.letter == 'e' || c.letter == 'I') {
                c.value = any_mask();
                c.fold = base::fold(c.value);
            } else if (c.letter == 'k') {
                c.value = once_in(5) ? "bad key" : "key";
            } else if (c.letter == 'l' || c.letter == 'W') {
                c.value = std::to_string(below(6));
            }
            all.push_back(std::move(c));
        }
        return all;
    }
    command ask(session_id s) {
        switch (below(16)) {
            case 0:
            case 1:
            case 2:
                return ask_names{s, any_room(), any_user(), 1 + static_cast<std::uint32_t>(below(6))};
            case 3: {
                const auto mask = one_of(std::vector<std::string>{"*", "anna", "a*", "~u?", "192.*", "*!*@h?.*"});
                ask_who c{.session = s, .mask = mask, .fold = mask, .operators = once_in(4)};
                if (once_in(2)) c.channel = any_room();
                c.after = any_user();
                c.limit = 1 + static_cast<std::uint32_t>(below(6));
                return c;
            }
            case 4:
                return ask_whois{s, any_nick()};
            case 5:
                return ask_whowas{s, any_nick(), static_cast<std::uint32_t>(below(3))};
            case 6: {
                ask_channels c{.session = s};
                if (once_in(3)) c.named = {any_room()};
                if (once_in(3)) c.more_than = static_cast<std::uint32_t>(below(3));
                if (once_in(3)) c.topic_after_ms = 500;
                if (once_in(3)) c.limit = 2;
                return c;
            }
            case 7:
                return ask_counts{s};
            case 8:
                return ask_present{s, {any_nick(), any_nick()}, once_in(2)};
            case 9:
                return ask_topic{s, any_room()};
            case 10:
                return ask_modes{s, any_room()};
            case 11:
                return ask_list{s, any_room(), "beI"[below(3)]};
            case 12:
                return ask_invitations{s};
            case 13:
                return ask_operators{s};
            case 14:
                return monitor{s, list_action::status, {}};
            default:
                return ask_door{s, "help", once_in(2)};
        }
    }
    user_id any_user() { return {once_in(2) ? 0 : below(300)}; }
    ranks any_rank() { return once_in(5) ? static_cast<ranks>(1U << below(5)) : ranks{0}; }
    store_verdict any_verdict() {
        const auto n = below(10);
        return n < 7 ? store_verdict::committed : n < 8 ? store_verdict::unknown : store_verdict::refused;
    }
    // One that waits, or all; sometimes one that nobody knows.
    message_id any_message_of(const std::set<message_id>& unanswered) {
        if (unanswered.empty() || once_in(8)) return {below(100)};
        return *std::next(unanswered.begin(), static_cast<std::ptrdiff_t>(below(unanswered.size())));
    }

    // Many of them equal or alike, so that collisions are the rule.
    const std::vector<std::string> names_{"Anna",
                                          "ANNA",
                                          "\u0391nna",
                                          "\u0410nna",
                                          "\u0391\u039D\u039D\u0391",
                                          "Mario",
                                          "rnario",
                                          "m\u0430rio",
                                          "Mario Rossi",
                                          "mario_rossi",
                                          "MARIO_ROSSI",
                                          "zo\u00EB",
                                          "ZO\u00CB",
                                          "Zoe",
                                          "Il",
                                          "ll",
                                          "I1",
                                          "7 nani",
                                          "_7_nani",
                                          "Bruno",
                                          "Carla",
                                          "brusio.localhost",
                                          "brusi\u043E.localhost",
                                          "brusio localhost"};
    const std::vector<std::string> rooms_{"#piazza", "#PIAZZA", "#bar", "#Bar", "#caff\u00E8", "#x"};
    const std::vector<std::string> masks_{"*!~u2@*", "*!*@h1.example", "anna!*@*",  "*!*@VIP.example",
                                          "mario*",  "$m:*!~u?@h2*",   "$m:anna",   "$a:x",
                                          "$m:$a:x", "*?!*@h3.*",      "?*!*@h3.*", "*"};
    const std::vector<char> letters_{'v', 'v', 'h', 'o', 'o', 'a', 'q', 'b', 'b', 'e', 'I', 'k',
                                     'l', 'W', 'C', 'i', 'M', 'm', 'n', 'R', 's', 't', 'x'};
    const std::vector<char> own_letters_{'i', 'i', 'w', 'w', 'B', 'R', 'o', 'Z', 'x'};
    std::mt19937 random_;
    std::vector<identity> identities_;
    std::int64_t now_ms_ = 1'000;
    std::size_t rolls_ = 0;
};

}  // namespace brusio::chat::test
