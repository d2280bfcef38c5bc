// What comes out of `chat`: plain values, as the commands are. `session` is whose command it follows from. Who gets to
// see an effect is told by its members, the same way in all:
//
//   channel         everyone in that channel
//   channels        everyone who shares one of these with the user
//   sessions        all sessions of the user it is about
//   to              these sessions
//   none of them    `session` alone
#pragma once

#include <variant>

#include "chat/effects_accounts.hpp"  // IWYU pragma: export
#include "chat/effects_answers.hpp"   // IWYU pragma: export
#include "chat/effects_channels.hpp"  // IWYU pragma: export
#include "chat/effects_people.hpp"    // IWYU pragma: export

namespace brusio::chat {

// One of these. What copies, moves, compares and ends it is built once (values.cpp), not in every file that holds one:
// with so many kinds that took half of the time to build all of this.
struct effect
    : std::variant<refused, logged_in, log_in_refused, not_let_in, renamed, rename_refused, away_set, real_name_set,
                   host_set, own_modes_changed, own_modes_are, left, ended, came_or_went, monitored, silence_changed,
                   silence_is, joined, parted, kicked, invited, topic_changed, modes_changed, channel_renamed, said,
                   told, is_away, called_out, remember, not_stored, became_operator, kill_done, account_requirement,
                   server_bans_are, names_are, who_are, whois_is, whowas_is, channels_are, counts_are, present_are,
                   topic_is, modes_are, list_is, invitations_are, operators_are, door_asked, host_shown, account_set,
                   done, account_refused, account_is, accounts_are, registration_is, seated, past_granted, past_refused,
                   redaction_asked, redaction_refused, redacted, marker_is, marker_refused, metadata_is,
                   metadata_changed, metadata_refused, subscriptions_are> {
    using variant::variant;
    effect();
    effect(const effect& other);
    effect(effect&& other) noexcept;
    effect& operator=(const effect& other);
    effect& operator=(effect&& other) noexcept;
    ~effect();
    bool operator==(const effect& other) const;
};

}  // namespace brusio::chat
