// Random commands of all kinds, with few names, channels and masks, so that they meet.
#pragma once

#include <set>

#include "chat/some_of_all_test.hpp"

namespace brusio::chat::test {

class dice : public some_of_all {
  public:
    explicit dice(unsigned seed) : some_of_all(seed) {}

    // Time goes on, mostly; sometimes back, sometimes far. `chat` is asked for accounts' numbers and epochs, as whoever
    // checks secrets does.
    stamped roll(const std::set<message_id>& unanswered, const state& chat) {
        chat_ = &chat;
        if (below(1'500) == 0) now_ms_ += 13 * 3'600'000;
        now_ms_ += below(50) == 0 ? static_cast<std::int64_t>(below(20'000)) : static_cast<std::int64_t>(below(20)) - 5;
        if (next_) return {.at_ms = now_ms_, .what = *std::exchange(next_, std::nullopt)};
        return {.at_ms = now_ms_, .what = rolls_++ % 12 < 2 ? tidy_up() : what(unanswered)};
    }

  private:
    command what(const std::set<message_id>& unanswered) {
        const auto s = any_session();
        const auto n = below(145);
        if (n < 20) return come(s);
        if (n < 24) return rename{s, any_identity(s.counter), once_in(5) ? "Anybody" : ""};
        if (n < 35) return come_in(s);
        if (n < 47) return say{s, any_room(), any_rank(), any_message()};
        if (n < 51) return tell{s, any_nick(), any_message()};
        if (n < 66) return in_channel(s);
        if (n < 78) return of_oneself(s);
        if (n < 82) return rule(s);
        if (n < 95) return ask(s);
        if (n < 108) return of_accounts(s);
        if (n < 115) return of_registrations(s);
        if (n < 120) return of_the_past(s);
        if (n < 125) return of_metadata(s);
        if (n < 140) return what_is_rare(s);
        return store_answer{any_verdict(), any_message_of(unanswered)};
    }
    // Somebody whom nobody throws out, lest the chat end in a state in which nobody may come in or speak any more.
    command tidy_up() {
        const session_id s{3, 1};
        if (rolls_ == 1) return log_in{s, who("Olga"), from(9), std::nullopt, {}};
        if (rolls_ == 2) return become_operator{s, "root"};
        if (once_in(30)) return call_out{s, "hear"};
        if (once_in(6)) return pass_time{};
        if (once_in(6)) return change_account{administrator, any_nick(), account_change::unsuspend};
        if (once_in(40)) return change_account{administrator, any_nick(), account_change::drop};
        if (once_in(20))
            return set_rules{
                {.channels = !once_in(3), .channels_per_account = 1 + static_cast<std::uint32_t>(below(3))}};
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
        if (once_in(2)) return come_as(s);
        const auto bound = once_in(6) ? std::optional(once_in(4) ? any_room() : lobby) : std::nullopt;
        return log_in{s, any_identity(s.counter), any_origin(s), bound, once_in(5) ? "busy" : ""};
    }
    command come_in(session_id s) {
        join c{s, any_room(), once_in(3) ? "key" : "", once_in(2)};
        if (!once_in(6)) return c;
        c.channel = room("#n" + std::to_string(below(100)));
        next_ = rename_channel{s, c.channel, any_room(), {}, once_in(2)};
        return c;
    }
    command come_as(session_id s) {
        log_in c{s, any_identity(s.counter), any_origin(s), std::nullopt, {}, any_proof()};
        if (c.as && !once_in(4)) {
            const auto* a = chat_->find_account(c.as->account);
            if (a != nullptr) c.who = a->nicks[below(a->nicks.size())];
        }
        if (once_in(8)) c.bound_to = lobby;
        if (once_in(3)) c.metadata = {{any_key(), "before"}};
        return c;
    }
    // Of an account that there is, if possible; mostly one that counts.
    std::optional<proof> any_proof() {
        const account_record* a = nullptr;
        for (int i = 0; i < 20 && a == nullptr; ++i) a = chat_->find_account(one_of(identities_).nick_fold);
        if (a == nullptr) return std::nullopt;
        proof p{a->id, credential_kind::password, {}, a->epoch};
        if (once_in(12)) --p.epoch;
        if (once_in(3)) p.kind = static_cast<credential_kind>(below(3));
        if (p.kind != credential_kind::password) p.credential = any_credential();
        return p;
    }
    std::string any_credential() { return one_of(std::vector<std::string>{"t1", "t2", "only", "soon"}); }
    credential_record some_credential() {
        credential_record c{.kind = static_cast<credential_kind>(below(3))};
        if (c.kind == credential_kind::password) return c;
        c.id = any_credential();
        c.read_only = c.id == "only";
        if (c.id == "soon") c.expires_ms = 1 + static_cast<std::int64_t>(below(5'000));
        return c;
    }
    session_id any_ruler(session_id s) { return once_in(5) ? administrator : s; }
    std::optional<nick_name> any_of() { return once_in(2) ? std::nullopt : std::optional(any_nick()); }
    command of_accounts(session_id s) {
        const auto nick = one_of(identities_);
        switch (below(12)) {
            case 0:
            case 1:
            case 2: {
                register_account c{.session = any_ruler(s),
                                   .before_log_in = once_in(3),
                                   .name = nick,
                                   .code = once_in(4) ? "code" : ""};
                c.name = who(nick.nick);
                c.nick_fold = c.name.nick_fold;
                c.credentials.push_back({.kind = credential_kind::password});
                if (once_in(3))
                    c.credentials.push_back(
                        {.kind = credential_kind::token, .id = once_in(2) ? "only" : "t1", .read_only = false});
                if (c.credentials.back().id == "only") c.credentials.back().read_only = true;
                return c;
            }
            case 3:
                return verify_account{s, once_in(3), any_nick(), once_in(4) ? "wrong" : "code"};
            case 4:
            case 5:
                return set_account{s, once_in(4) ? std::nullopt : any_proof()};
            case 6:
            case 7: {
                auto what = some_credential();
                what.gone = once_in(4) && what.kind != credential_kind::password;
                return change_credential{any_ruler(s), any_of(), what, once_in(3)};
            }
            case 8:
                return ask_account{any_ruler(s), any_of(), static_cast<account_question>(below(3))};
            case 9:
                return ask_accounts{any_ruler(s), once_in(2) ? "*a*" : "", {}, 3};
            default: {
                change_account c{any_ruler(s),
                                 any_of(),
                                 static_cast<account_change>(below(9)),
                                 who(nick.nick),
                                 once_in(3) ? "no" : "yes",
                                 1 + below(6)};
                if (c.what == account_change::suspend && !once_in(3)) c.session = administrator;
                if (c.what == account_change::drop && !once_in(4)) c.what = account_change::always_on;
                return c;
            }
        }
    }
    command what_is_rare(session_id s) {
        switch (below(5)) {
            case 0: {
                const auto all = any_room();
                if (once_in(2)) return ask_registration{administrator, all};
                return change_registration{s, all, registration_change::add};
            }
            case 1: {
                redact c{s, {any_room(), {}}, {below(100)}, "why not", true, {}};
                for (const auto& name : identities_) {
                    if (const auto* a = chat_->find_account(name.nick_fold); a != nullptr) c.from = {a->id.value};
                }
                return c;
            }
            case 2:
                return set_account{s, any_proof()};
            case 3: {
                const auto* a = chat_->find_account(any_nick().fold);
                return note_place{a == nullptr ? account_id{1} : a->id, std::to_string(below(20))};
            }
            default:
                return come_as(s);
        }
    }
    command of_registrations(session_id s) {
        if (once_in(5)) return ask_registration{any_ruler(s), any_room(), once_in(2)};
        change_registration c{any_ruler(s), any_room(), static_cast<registration_change>(below(7))};
        if (once_in(3)) {
            c.what = registration_change::add;
            next_ = ask_registration{administrator, c.channel, once_in(2)};  // before it is gone again
        }
        c.account = any_nick();
        c.gets = static_cast<ranks>(below(40));
        c.history = static_cast<history_policy>(below(4));
        c.keep_ms = static_cast<std::int64_t>(below(5));
        return c;
    }
    past_of any_past() {
        past_of of;
        if (once_in(2)) {
            of.nick = any_nick();
        } else {
            of.channel = once_in(12) ? room("#" + std::string(250, 'x')) : any_room();
        }
        return of;
    }
    command of_the_past(session_id s) {
        switch (below(4)) {
            case 0:
                return ask_past{s, once_in(3) ? std::nullopt : std::optional(any_past()), "page"};
            case 1: {
                redact c{s, any_past(), {below(100)}, "why not", once_in(2)};
                const auto* a = chat_->find_account(one_of(identities_).nick_fold);
                c.from = {a != nullptr && once_in(2) ? a->id.value : below(50)};
                return c;
            }
            default:
                return mark_read{
                    s, any_past(),
                    once_in(4) ? std::nullopt : std::optional(now_ms_ - static_cast<std::int64_t>(below(3'000)))};
        }
    }
    std::string any_key() { return one_of(std::vector<std::string>{"avatar", "color", "url", "x", "Bad key", ""}); }
    command of_metadata(session_id s) {
        if (once_in(3)) {
            subscribe c{s, any_action(), {any_key(), any_key()}};
            if (once_in(2)) c.what = list_action::add;
            return c;
        }
        metadata c{s, static_cast<metadata_action>(below(5))};
        if (once_in(2)) c.what = metadata_action::set;
        if (once_in(3)) c.channel = any_room();
        if (once_in(3)) c.nick = any_nick();
        c.keys = {any_key(), any_key()};
        if (!once_in(3)) c.value = std::string(once_in(20) ? 400 : below(5), 'v');
        c.limit = static_cast<std::uint32_t>(below(4));
        return c;
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
            case 10:
            case 11:
                return rename_channel{
                    s, any_room(),
                    once_in(3) ? any_room() : room(one_of(std::vector<std::string>{"#x", "#X", "#y", "#z", "#w"})),
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

    const state* chat_ = nullptr;
    std::int64_t now_ms_ = 1'000;
    std::size_t rolls_ = 0;
    std::optional<command> next_;
};

}  // namespace brusio::chat::test
