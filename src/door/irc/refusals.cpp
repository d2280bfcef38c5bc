// Why something was not done, as numerics.
#include <fmt/format.h>

#include "door/irc/answers.hpp"
#include "door/irc/commands.hpp"

namespace brusio::door::irc {
namespace {

using chat::refusal;

std::string_view why_not_heard(refusal why) {
    switch (why) {
        case refusal::cannot_speak_outside:
            return "Cannot send to channel: only members may (+n)";
        case refusal::cannot_speak_moderated:
            return "Cannot send to channel: you need voice (+m)";
        case refusal::cannot_speak_banned:
            return "Cannot send to channel: you are banned (+b)";
        case refusal::cannot_speak_muted:
            return "Cannot send to channel: you are muted (+b $m)";
        case refusal::cannot_speak_without_account:
            return "Cannot send to channel: you need an account (+M)";
        case refusal::cannot_speak_ctcp:
            return "Cannot send to channel: no CTCP here (+C)";
        default:
            return "Cannot send: you are muted on this server";
    }
}

// "a,b,c" in lines that hold it.
void monitor_full(std::string& out, const irc_conversation& t, std::string_view nicks) {
    constexpr std::size_t room = 300;
    while (!nicks.empty()) {
        auto some = nicks.substr(0, room);
        if (some.size() < nicks.size()) some = some.substr(0, some.rfind(','));
        if (some.empty()) some = nicks.substr(0, nicks.find(','));
        t.numeric_text(out, numeric::err_monlistfull, {std::to_string(chat::watched_max), some},
                       "Monitor list is full");
        nicks.remove_prefix(std::min(some.size() + 1, nicks.size()));
    }
}

}  // namespace

void show_list(std::string& out, const irc_conversation& t, const chat::refused& e) {
    const auto fail = [&](std::string_view verb, std::string_view code, std::initializer_list<std::string_view> context,
                          std::string_view text) {
        wire::irc_line line(out);
        line.source(t.options().server_name).verb("FAIL").param(verb).param(code);
        for (const auto c : context) line.param(c);
        line.trailing(text).end();
    };
    // As typed, perhaps: no line is to end inside of its text for that.
    const auto name = cut(e.channel, 100);
    const auto nick = cut(e.nick, 100);
    const auto channel = [&](numeric number, std::string_view text) { t.numeric_text(out, number, {name}, text); };
    switch (e.why) {
        case refusal::no_such_nick:
            return t.numeric_text(out, numeric::err_nosuchnick, {nick}, "No such nick/channel");
        case refusal::no_such_channel:
            return channel(numeric::err_nosuchchannel, "No such channel");
        case refusal::not_a_member:
            return channel(numeric::err_notonchannel, "You're not on that channel");
        case refusal::they_are_not_a_member:
            return t.numeric_text(out, numeric::err_usernotinchannel, {nick, name}, "They aren't on that channel");
        case refusal::already_a_member:
            return t.numeric_text(out, numeric::err_useronchannel, {nick, name}, "is already on channel");
        case refusal::too_many_channels:
            return channel(numeric::err_toomanychannels, "You have joined too many channels");
        case refusal::channel_is_full:
            return channel(numeric::err_channelisfull, "Cannot join channel (+l)");
        case refusal::channel_is_invite_only:
            return channel(numeric::err_inviteonlychan, "Cannot join channel (+i)");
        case refusal::banned_from_channel:
            return channel(numeric::err_bannedfromchan, "Cannot join channel (+b)");
        case refusal::wrong_key:
            return channel(numeric::err_badchannelkey, "Cannot join channel (+k)");
        case refusal::channel_needs_account:
            return channel(numeric::err_needreggednick, "Cannot join channel: you need an account (+R)");
        case refusal::cannot_speak_outside:
        case refusal::cannot_speak_moderated:
        case refusal::cannot_speak_banned:
        case refusal::cannot_speak_muted:
        case refusal::cannot_speak_without_account:
        case refusal::cannot_speak_ctcp:
        case refusal::silenced_by_server:
            return t.numeric_text(out, numeric::err_cannotsendtochan, {name.empty() ? nick : name},
                                  why_not_heard(e.why));
        case refusal::may_only_listen:
            return t.numeric_text(out, numeric::err_cannotsendtochan, {name.empty() ? nick.empty() ? "*" : nick : name},
                                  "Cannot send: what you logged in with may only listen");
        case refusal::cannot_speak_so_fast:
            return channel(numeric::err_cannotsendtochan,
                           fmt::format("Cannot send to channel: slow mode (+W), wait {} s", e.detail));
        case refusal::needs_channel_operator:
            return channel(numeric::err_chanoprivsneeded, "You're not channel operator");
        case refusal::needs_higher_rank:
            return channel(numeric::err_chanoprivsneeded, "You don't have enough channel privileges");
        case refusal::needs_server_operator:
            return t.numeric_text(out, numeric::err_noprivileges, {}, "Permission Denied - You're not an IRC operator");
        case refusal::list_is_full:
            return t.numeric_text(out, numeric::err_banlistfull, {name, nick, e.detail}, "Channel list is full");
        case refusal::no_such_mode:
            return t.numeric_text(out, numeric::err_unknownmode, {e.detail}, "is unknown mode char to me");
        case refusal::bad_mode_value:
            return t.numeric_text(
                out, numeric::err_invalidmodeparam,
                {name, std::string_view(e.detail).substr(0, 1), cut(std::string_view(e.detail).substr(2), 100)},
                "That is no value for this mode");
        case refusal::bad_own_mode:
            return t.numeric_text(out, numeric::err_umodeunknownflag, {}, "Unknown MODE flag");
        case refusal::modes_of_others:
            return t.numeric_text(out, numeric::err_usersdontmatch, {},
                                  "Can't change or view the modes of other users");
        case refusal::no_private_messages_without_account:
            return t.numeric_text(out, numeric::err_needreggednick, {nick},
                                  "You need an account to send private messages to this user (+R)");
        case refusal::too_many_monitored:
            return monitor_full(out, t, e.detail);
        case refusal::too_many_silenced:
            return t.numeric_text(out, numeric::err_silelistfull, {e.detail}, "Your silence list is full");
        case refusal::channel_name_in_use:
            return fail("RENAME", "CHANNEL_NAME_IN_USE", {name, e.detail}, "The channel name is already taken");
        case refusal::channel_looks_like_another:
            if (e.detail.empty()) {
                return channel(numeric::err_nosuchchannel, "No such channel: its name looks like another channel's");
            }
            return fail("RENAME", "CHANNEL_NAME_IN_USE", {name, e.detail}, "The name looks like another channel's");
        case refusal::channel_has_that_name:
            return fail("RENAME", "CANNOT_RENAME", {name, e.detail}, "The channel has that name already");
        case refusal::list_has_it:
            return t.numeric_text(out, numeric::err_listmodealreadyset, {name, nick, e.detail},
                                  "The list has that mask already");
        case refusal::list_lacks_it:
            return t.numeric_text(out, numeric::err_listmodenotset, {name, nick, e.detail},
                                  "The list does not have that mask");
        case refusal::channel_is_permanent:
            return fail("RENAME", "CANNOT_RENAME", {name, e.detail}, "This channel cannot be renamed");
        case refusal::no_such_ban:
            return fail("UBAN", "NO_SUCH_BAN", {e.detail}, "There is no such ban");
        case refusal::bad_mask:
            return fail("UBAN", "INVALID_MASK", {e.detail}, "That is no mask");
    }
}

}  // namespace brusio::door::irc
