// NickServ, ChanServ and HistServ: a face with familiar words over commands that every door has. There is no daemon
// behind them, and no user either: their nicks are the server's own. What they are asked becomes the same chat commands
// as anything else, between two marks (`voice`), so that what comes of them is told as the service's notices.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "door/irc/commands.hpp"

namespace brusio::door::irc {

struct service;

// A request to a service.
struct service_request {
    request& r;
    const service& of;
    std::vector<std::string_view> words;  // behind the command

    std::string_view word(std::size_t i) const { return i < words.size() ? words[i] : std::string_view(); }
    // From the `i`th on, as typed.
    std::string_view rest(std::size_t i) const;
    void say(std::string_view text);
};

struct service_command {
    std::string_view name;
    std::size_t min_words;
    bool operators_only;  // chat says who may; this is for the help
    bool secret;          // takes or shows a password: only where secrets may be sent
    void (*run)(service_request& q);
    std::string_view usage;  // behind the name
    std::string_view help;
};

struct service {
    std::string_view nick;
    std::string_view fold;
    asked_by by;
    std::string_view real_name;
    std::span<const service_command> commands;
};

// A hundred years; the store deletes nothing of a channel that is kept so long, whatever the server's rule.
inline constexpr std::int64_t kept_for_ever_ms = std::int64_t{100} * 365 * 86'400'000;

// What a voice is about, when a token is to be shown at the end.
inline constexpr std::string_view token_add = "TOKEN ADD";

std::span<const service> all_services();
std::string_view service_of(asked_by by);  // its nick

// Who is meant by a nick, if it is here; nullptr: none of them.
const service* find_service(const settings& s, std::string_view typed);
// What somebody said to it.
void serve(request& r, const service& to, std::string_view text);
void answer_whois(request& r, const service& about);

std::span<const service_command> nick_service_commands();
std::span<const service_command> channel_service_commands();
std::span<const service_command> history_service_commands();

}  // namespace brusio::door::irc
