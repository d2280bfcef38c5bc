// Metadata, as IRC's clients are told of it: by IRCv3 draft/metadata-2, or by draft/metadata-3 (open pull request 613
// of the specifications). What is allowed and who is told is chat's; the two differ in their words: what has changed is
// METADATA or 761 and 766, and refusals have other names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/values.hpp"
#include "door/irc/capabilities.hpp"

namespace brusio::door::irc {

class irc_conversation;

enum class metadata_draft : std::uint8_t { none, second, third };
// None without `batch`, which both need.
metadata_draft draft_of(caps enabled);
// What was subscribed to counts no more.
bool loses_metadata(caps before, caps now);

// What is under way. Answers that come in slices are one batch each, open until the last of them.
struct metadata_telling {
    struct batch {
        std::string target;  // folded
        bool told = false;   // as in chat::metadata_is
        std::string reference;
    };
    std::vector<batch> open;
    std::vector<std::string> entered;  // channels, folded, whose names are still to come
};

// At the log-in: one's own, in a batch.
void write_own_metadata(std::string& out, const irc_conversation& talk, const std::vector<chat::metadata_value>& all);
void write_whois_metadata(std::string& out, const irc_conversation& talk, std::string_view nick,
                          const std::vector<chat::metadata_value>& all);
// In the words of this draft.
void write_metadata_refused(std::string& out, const irc_conversation& talk, metadata_draft draft,
                            const chat::metadata_refused& e);
// For who enters it: what is set there follows, in draft 3 even that nothing is.
void ask_metadata_of_channel(const irc_conversation& talk, std::string_view name, std::vector<chat::command>& then);

}  // namespace brusio::door::irc
