// ChanServ: registered channels; HistServ: what was said.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "door/irc/services.hpp"
#include "door/references.hpp"

namespace brusio::door::irc {
namespace {

using chat::registration_change;

std::optional<chat::channel_name> channel_in(service_request& q) {
    auto channel = channel_of(q.word(0));
    if (!channel) q.say(fmt::format("{} is no channel", cut(q.word(0), 100)));
    return channel;
}

void change(service_request& q, chat::change_registration what) {
    auto channel = channel_in(q);
    if (!channel) return;
    what.session = q.r.session();
    what.channel = std::move(*channel);
    q.r.ask(std::move(what));
}

void do_register(service_request& q) { change(q, {.what = registration_change::add}); }
void do_drop(service_request& q) { change(q, {.what = registration_change::drop}); }
void do_op(service_request& q) { change(q, {.what = registration_change::up}); }

void do_transfer(service_request& q) {
    change(q, {.what = registration_change::transfer, .account = nick_of(cut(q.word(1), 64))});
}

void ask(service_request& q, bool access) {
    if (auto channel = channel_in(q)) q.r.ask(chat::ask_registration{q.r.session(), std::move(*channel), access});
}
void do_info(service_request& q) { ask(q, false); }
void do_access(service_request& q) { ask(q, true); }

// "+ov-h anna anna mario": each letter takes the next account. What an account gets is what is named for it here.
void do_amode(service_request& q) {
    if (q.words.size() == 1) return ask(q, true);
    struct entry {
        std::string account;
        chat::ranks gets = 0;
    };
    std::vector<entry> entries;
    std::size_t next = 2;
    bool add = true;
    for (const char c : q.word(1)) {
        if (c == '+' || c == '-') {
            add = c == '+';
            continue;
        }
        chat::ranks bit = 0;
        for (const auto& row : chat::rank_table()) {
            if (row.letter == c) bit = row.bit;
        }
        if (bit == 0) return q.say(fmt::format("{} is no rank", base::valid_utf8({&c, 1}) ? c : '?'));
        const auto account = cut(q.word(next++), 64);
        if (account.empty()) return q.say("An account is missing for one of the letters");
        auto at = std::ranges::find(entries, account, &entry::account);
        if (at == entries.end()) at = entries.insert(at, {account, 0});
        if (add) at->gets |= bit;
    }
    if (entries.empty()) return q.say("Write AMODE <channel> +o <account>, or -o <account>");
    for (const auto& e : entries) {
        change(q, {.what = registration_change::access, .account = nick_of(e.account), .gets = e.gets});
    }
}

void set_history(service_request& q, std::string_view value) {
    using chat::history_policy;
    history_policy policy{};
    if (value == "DEFAULT") {
        policy = history_policy::standard;
    } else if (value == "ALL") {
        policy = history_policy::all;
    } else if (value == "SINCE-JOIN") {
        policy = history_policy::since_join;
    } else if (value == "OFF") {
        policy = history_policy::off;
    } else {
        return q.say("Write SET <channel> HISTORY default, all, since-join or off");
    }
    change(q, {.what = registration_change::history, .history = policy});
}

void do_set(service_request& q) {
    const auto what = upper(q.word(1));
    const auto value = upper(q.word(2));
    if (what == "HISTORY") return set_history(q, value);
    if (what != "KEEP") return q.say("Write SET <channel> HISTORY or SET <channel> KEEP");
    chat::change_registration command{.what = registration_change::keep};
    const auto time = duration_of(q.word(2));
    if (!time && value != "FOREVER" && value != "DEFAULT") {
        return q.say("Write SET <channel> KEEP default, forever, or a time such as 90d");
    }
    if (time) command.keep_ms = *time;
    if (value == "FOREVER") command.keep_ms = kept_for_ever_ms;
    change(q, std::move(command));
}

constexpr std::array channel_rows{
    service_command{"REGISTER", 1, false, false, do_register, "<channel>",
                    "Registers a channel of which you are an operator: it is yours, and stays when it is empty."},
    service_command{"OP", 1, false, false, do_op, "<channel>", "Gives you the ranks that you are entitled to."},
    service_command{"AMODE", 1, false, false, do_amode, "<channel> [{+|-}<ranks> <account> {<account>}]",
                    "Says which ranks accounts get when they join: +o anna, +ov anna anna, -o anna for none any more. "
                    "Alone: lists them."},
    service_command{"ACCESS", 1, false, false, do_access, "<channel>", "Lists which ranks accounts get."},
    service_command{"TRANSFER", 2, false, false, do_transfer, "<channel> <account>",
                    "Gives the channel to another founder."},
    service_command{"SET", 3, false, false, do_set, "<channel> HISTORY <who> | KEEP <time>",
                    "HISTORY default, all, since-join or off: who may read what was said. KEEP default, forever or a "
                    "time such as 90d: how long it is kept."},
    service_command{"DROP", 1, false, false, do_drop, "<channel>", "The channel is registered no more."},
    service_command{"INFO", 1, false, false, do_info, "<channel>", "Tells what is known of a registered channel."},
};

// ── HistServ ────────────────────────────────────────────────────────────────────────────────────────────────────────

void do_delete(service_request& q) {
    const auto id = parse_msgid(q.word(1));
    if (!id) return q.say("There is no such message");
    auto of = past_named(q.word(0));
    if (!of) return q.say(fmt::format("{} is no channel and no nick", cut(q.word(0), 100)));
    q.r.ask(chat::redact{
        .session = q.r.session(), .of = std::move(*of), .id = *id, .reason = cut(q.rest(2), chat::reason_bytes_max)});
}

void do_forget(service_request& q) {
    const auto own = q.r.talk.account();
    const auto named = cut(q.word(0), 64);
    // Whoever is no operator can only mean their own account, by whichever of its nicks.
    const bool of_own = base::fold(named) == base::fold(own) || !q.r.talk.is_operator();
    if (of_own && !own.empty() && q.word(1) != own) {
        return q.say(fmt::format("To erase all that you have ever said here, write FORGET {0} {0}", own));
    }
    q.r.ask(chat::change_account{q.r.session(), nick_of(named), chat::account_change::forget, std::nullopt, {}, 0});
}

constexpr std::array history_rows{
    service_command{"DELETE", 2, false, false, do_delete, "<channel or nick> <msgid> [<reason>]",
                    "Takes back a message: your own, or any in a channel of which you are an operator."},
    service_command{"FORGET", 1, false, false, do_forget, "<account>",
                    "Erases for ever all that an account has said: yours, or any account for operators of the server."},
};

}  // namespace

std::span<const service_command> channel_service_commands() { return channel_rows; }
std::span<const service_command> history_service_commands() { return history_rows; }

}  // namespace brusio::door::irc
