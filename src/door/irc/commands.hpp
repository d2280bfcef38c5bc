// The commands: one row each, one file for each small family (verbs_*.cpp). Adding a command is adding a row.
//
//   early   the line becomes chat commands (`request`); reads no state
//   late    the line is answered by the door itself, when all before it has been (`answering`)
//
// A row has one of the two. Before the log-in only rows that say so run, and their `late` runs at once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "door/irc/conversation.hpp"

namespace brusio::door::irc {

// A line that is being heard.
struct request {
    irc_conversation& talk;
    const wire::irc_message& line;
    std::string_view whole;
    std::vector<action>& out;

    chat::session_id session() const { return talk.session(); }
    std::string_view param(std::size_t i) const { return line.param(i); }
    std::size_t params() const { return line.param_count; }

    template <class Command>
    void ask(Command command) {
        out.emplace_back(chat::command(std::move(command)));
    }
    // Answered in its place: a numeric, or a FAIL of this command.
    void numeric_text(numeric number, std::initializer_list<std::string_view> params, std::string_view text);
    void fail(std::string_view code, std::initializer_list<std::string_view> context, std::string_view text);
    // Whole lines, in their place.
    void lines(std::string bytes);
    void too_few() { numeric_text(numeric::err_needmoreparams, {line.verb}, "Not enough parameters"); }
};

// A line that is being answered.
struct answering {
    irc_conversation& talk;
    const wire::irc_message& line;
    std::string& out;

    std::string_view param(std::size_t i) const { return line.param(i); }
    std::size_t params() const { return line.param_count; }
    void numeric_text(numeric number, std::initializer_list<std::string_view> params, std::string_view text) {
        talk.numeric_text(out, number, params, text);
    }
};

enum class allowed : std::uint8_t { after_log_in, always, only_before_log_in };

struct command_row {
    std::string_view verb;
    std::size_t min_params;
    allowed when;
    bool operators_only;
    void (*early)(request& r);
    void (*late)(answering& a);
    std::string_view usage;
    std::string_view help;
};
std::span<const command_row> command_table();
const command_row* find_command(std::string_view verb);  // any case
// Its number in the table.
std::size_t number_of(const command_row& row);

// ── what handlers share ─────────────────────────────────────────────────────────────────────────────────────────────

// A name as chat compares it.
chat::nick_name nick_of(std::string_view typed);
// Nothing when it can be no channel's name; chat then never hears of it.
std::optional<chat::channel_name> channel_of(std::string_view typed);
chat::channel_looks looks_of(const chat::channel_name& channel);
inline bool is_channel(std::string_view target) { return target.starts_with('#'); }
std::string folded_mask(std::string_view whole_mask);
std::string upper(std::string_view text);  // of ASCII
// "a,b,c" without what is empty.
std::vector<std::string_view> listed(std::string_view list);
// At most so many bytes, cut between characters.
std::string cut(std::string_view text, std::size_t max_bytes);
// "90s", "10m", "12h", "7d", "2w": milliseconds.
std::optional<std::int64_t> duration_of(std::string_view text);
// Only client-only tags that this server lets through, as on the wire.
std::string client_tags(const settings& s, std::string_view raw);

// Verbs with more to them than one file wants to share.
void answer_cap(answering& a);
void note_cap(request& r);  // what the lines after it may count on
void hear_batch(request& r);
// A line of a batch that is open: true when it was one.
bool hear_batched(request& r);
// A line was dropped: if a batch is open, it would be said in part, so it is not said at all.
void spoil_batch(request& r);
void answer_help(answering& a);
void answer_isupport(answering& a);
void write_isupport(irc_conversation& talk, std::string& out);
void write_isupport(irc_conversation& talk, std::string& out, const std::vector<std::string>& lines);
void write_motd(irc_conversation& talk, std::string& out);

// ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────

// What follows from a secret that was shown or made, each for one purpose (affairs.hpp).
void sasl_shown(request& r, const shown& what);
void identify_shown(request& r, const shown& what);
void old_password_shown(request& r, const shown& what, std::string wanted);
void new_password_made(request& r, base::result<chat::credential_record> password);
void registration_made(request& r, const making& asked, base::result<chat::credential_record> password);
std::string_view why_not_shown(shown::outcome what);
// An exchange that is still under way ends.
void abort_sasl(request& r);
// An account for whoever asks, by a command or by a service: refused in that voice, or begun.
struct new_account {
    std::string_view name;  // "*": the nick last asked for
    std::string_view email;
    std::string_view password;
};
void register_account(request& r, asked_by by, const new_account& wanted);
void verify_account(request& r, asked_by by, std::string_view account, std::string_view code);
// In the voice's words: a FAIL of the command, or a service's notice.
void refuse(request& r, asked_by by, std::string_view code, std::string_view about, std::string_view text);

// ── the past ────────────────────────────────────────────────────────────────────────────────────────────────────────

void hear_search(request& r);
// The line without its tags, as it travels in chat::ask_past.
std::string untagged(std::string_view line);
// A channel, or somebody's nick; nothing when it can be neither.
std::optional<chat::past_of> past_named(std::string_view target);

// The families.
std::span<const command_row> channel_commands();
std::span<const command_row> mode_commands();
std::span<const command_row> message_commands();
std::span<const command_row> people_commands();
std::span<const command_row> registration_commands();
std::span<const command_row> server_commands();
std::span<const command_row> operator_commands();
std::span<const command_row> history_commands();
std::span<const command_row> sasl_commands();
std::span<const command_row> account_commands();
std::span<const command_row> service_commands();
std::span<const command_row> metadata_commands();

}  // namespace brusio::door::irc
