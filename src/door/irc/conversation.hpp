// One IRC client's conversation. A line is heard in one of three ways, told by its command's row in the table
// (commands.hpp): it becomes chat commands; it is answered by the door itself, in its place among the commands
// (chat::ask_door carries the line there and back); or, before the log-in, it is answered at once.
//
// A labeled line is put between two marks that take the same way, so that all that is answered between them is known to
// belong to it (response.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/irc/affairs.hpp"
#include "door/irc/capabilities.hpp"
#include "door/irc/irc_door.hpp"
#include "door/irc/metadata.hpp"
#include "door/irc/numerics.hpp"
#include "door/irc/past.hpp"
#include "door/irc/response.hpp"
#include "wire/irc.hpp"
#include "wire/irc_line.hpp"

namespace brusio::door::irc {

struct command_row;
struct request;

// How a line travels as the topic of chat::ask_door, told by its first byte.
enum topic : char {
    late_line = '=',    // a line for its command's `late`
    a_numeric = '#',    // "433 mario :In use": the nick is put in when it is sent
    server_says = '!',  // "FAIL JOIN …"
    label_begins = '<',
    label_ends = '>',
    voice_begins = '(',  // whose words follow (`asked_by`), then what about
    voice_ends = ')',
    voice_says = '-',  // a text of the service that has the word
};

// What is known of a client before its log-in, and nothing of it after.
struct registration {
    caller from;
    std::string certificate;
    std::string password;
    std::string username;
    std::string real_name;
    std::string away;
    std::vector<chat::metadata_value> metadata;  // what it has said of itself; sorted by key
    std::vector<std::string> subscribes;         // to these keys; sorted
    std::optional<base::identity> who;
    std::optional<base::identity> last_asked;  // the nick, even if it was refused
    std::optional<chat::proof> as;
    std::string account;  // its name
    // What has been registered a moment ago: it is shown when all else is there.
    std::string new_account;
    std::string new_password;
    bool registering = false;  // is being decided
    bool unverified = false;   // its code is still to be shown
    bool pass_tried = false;   // as an account's
    bool negotiating = false;  // between CAP LS or REQ, and CAP END
    bool password_right = false;
    bool asking = false;  // a password, or the log-in itself, is being decided
    bool moved = false;   // by a gateway
    ~registration();
};

// A draft/multiline batch that a client is sending.
struct incoming_batch {
    std::string reference;
    std::string target;
    std::string label;  // of the opening line: all its lines are answered under it
    bool notice = false;
    bool blank = true;     // so far
    bool spoiled = false;  // refused: the rest is only waited for
    std::size_t lines = 0;
    chat::message what;
};

class irc_conversation final : public conversation {
  public:
    irc_conversation(chat::session_id session, caller from, std::shared_ptr<common> shared);
    ~irc_conversation() override;

    void hear(std::string message, std::vector<action>& out) override;
    void hear_overlong(std::string_view begun, std::vector<action>& out) override;
    void hear_broken(net::split_status status, std::vector<action>& out) override;
    void hear_end(std::vector<action>& out) override;
    void hear_certificate(const std::string& fingerprint) override;
    void hear_shown(const shown& what, std::vector<action>& out) override;
    void hear_made(base::result<chat::credential_record> password, std::vector<action>& out) override;
    void hear_named() override { named_ = true; }
    void hear_checked(bool right, std::vector<action>& out) override;
    void hear_moved(const caller& now, net::refusal refused, std::vector<action>& out) override;
    void hear_reloaded(std::string_view outcome, std::vector<action>& out) override;
    reply hear_settings(bool takes_secrets) override;
    reply hear_found(const base::result<store::reply>& what) override;
    reply answer(const chat::effect& what) override;
    reply overhear(const chat::effect& what) override;
    std::uint32_t shape() const override { return static_cast<std::uint32_t>(caps_ & shape_caps); }

    // For the commands' files.
    chat::session_id session() const { return session_; }
    const settings& options() const { return shared_->options; }
    common& shared() { return *shared_; }
    bool logged_in() const { return logged_in_; }
    bool is_operator() const { return operator_; }
    // Of what is sent now; while lines are heard whose answers wait, `heard` is already what the client last asked for.
    bool has(cap c) const { return (caps_ & c) != 0; }
    bool heard(cap c) const { return (heard_caps_ & c) != 0; }
    // Whether who joins is told who is there.
    bool wants_names() const { return (caps_ & (no_implicit_names | draft_no_implicit_names)) == 0; }
    bool heard_wants_names() const { return (heard_caps_ & (no_implicit_names | draft_no_implicit_names)) == 0; }
    caps enabled() const { return caps_; }
    void enable(caps now) {
        caps_ = now;
        if (!logged_in_) heard_caps_ = now;
    }
    caps heard_caps() const { return heard_caps_; }
    void note_heard(caps now) { heard_caps_ = now; }
    bool values_wanted() const { return values_; }
    void want_values() { values_ = true; }
    registration* before_log_in() { return reg_.get(); }
    std::string_view nick() const { return nick_.empty() ? std::string_view("*") : std::string_view(nick_); }
    std::unique_ptr<incoming_batch>& incoming() { return incoming_; }
    way comes_by() const {
        if (!secure_) return takes_secrets_ ? way::secret : way::plain;
        if (certified_) return named_ ? way::tls_named_certified : way::tls_certified;
        return named_ ? way::tls_named : way::tls;
    }
    bool takes_secrets() const { return comes_by() != way::plain; }
    // As others see it; from the log-in on.
    const std::string& mask() const { return mask_; }
    bool is_bot() const { return bot_; }
    // What its account has missed comes after this; zero: it is told nothing of that.
    chat::message_id missed_after() const { return past_ ? past_->missed_after : chat::message_id{}; }

    // A numeric to this client, begun: add parameters, then end it.
    wire::irc_line numeric_line(std::string& out, numeric number) const;
    void numeric_text(std::string& out, numeric number, std::initializer_list<std::string_view> params,
                      std::string_view text) const;
    void server_line(std::string& out, std::string_view verb, std::initializer_list<std::string_view> params,
                     std::string_view text) const;

    // What the server says of this command, beside numerics: a NOTE of the standard replies to who knows them, else a
    // NOTICE.
    void note(std::string& out, std::string_view verb, std::string_view code, std::string_view text) const;

    // Lets the client in when all is there that it takes.
    void try_log_in(std::vector<action>& out);
    // The end, told by the server: "ERROR :…".
    void close(std::string reason, std::vector<action>& out);
    std::string error_line(std::string_view reason) const;
    void ask_password(purpose what_for, std::string kept, std::string given, std::string about,
                      std::vector<action>& out);
    // False when too many wrong ones came from this address lately.
    bool may_try_password(purpose what_for) const;
    bool may_try_password(purpose what_for, const failures_key& of) const;
    // What is heard between these is answered under the label; `first` is where it begins in `out`.
    void begin_label(const std::string& label, std::vector<action>& out);
    void end_label(std::size_t first, std::vector<action>& out);
    // ── accounts (sasl.cpp, showing.cpp, answers_accounts.cpp)
    affairs& about_accounts() {
        if (!affairs_) affairs_ = std::make_unique<affairs>();
        return *affairs_;
    }
    // In whose words effects are told now; nullptr: nobody's.
    const voice* asks() const { return affairs_ ? affairs_->asks.get() : nullptr; }
    // As which account the client knows itself; empty: none.
    std::string_view account() const;
    std::string_view certificate() const { return affairs_ ? std::string_view(affairs_->certificate) : ""; }
    void use_certificate(std::string fingerprint);
    // What is heard between these is told in this voice.
    void begin_voice(asked_by by, std::string_view about, std::vector<action>& out);
    void end_voice(std::vector<action>& out);
    void ask_show(showing::purpose why, show question, std::vector<action>& out, std::string wanted = {});
    void ask_make(const making& what, std::string password, std::vector<action>& out);
    void come_as(const chat::proof& as, const std::string& account, std::vector<action>& out);
    // Counts against this address.
    void note_failure(purpose what_for);
    void note_failure(purpose what_for, const failures_key& of);
    // A line of a service to this client.
    void service_line(std::string& out, std::string_view service, std::string_view text) const;

    // What is about metadata; true: there is nothing else to it (metadata.cpp).
    bool tell_metadata(const chat::effect& what, std::string& out, std::vector<chat::command>& then);
    std::string next_batch() const { return "m" + std::to_string(++shared_->last_batch); }

    // A line that the door answers itself, in its place.
    void answer_late(std::string line, std::vector<action>& out, bool operators_only = false);

  private:
    void hear_line(std::string_view line, std::vector<action>& out);
    bool refuse_http(std::string_view verb, std::vector<action>& out);
    std::string label_of(std::string_view tags) const;
    void refuse_unreadable(request& r);
    void run(const command_row& row, const wire::irc_message& line, std::string_view whole, std::vector<action>& out);
    void run_late(std::string_view line, std::string& out);
    bool refuse_early(const command_row* row, const wire::irc_message& line, std::vector<action>& out);
    void note_own(const chat::effect& what);
    // ── the past (past.cpp)
    reply answer_granted(const chat::past_granted& e);
    void begin_waiting(reply& r);
    void tell(std::string& told, const past_task& task, const std::string& lines);
    void note_missed(const chat::logged_in& e, std::vector<chat::command>& then);
    void ask_missed(const chat::effect& what, std::vector<chat::command>& then);
    void ask_missed(chat::channel_id channel, const std::string& name, chat::message_id before,
                    std::vector<chat::command>& then);
    bool waits_for_node() const;
    // Before the log-in: true when the account that the client wants to come as is still to be shown.
    bool must_show_account(std::vector<action>& out);
    void pass_shown(request& r, const shown& what);
    void registered_shown(request& r, const shown& what);
    // Of accounts and registered channels, in the voice that asks; nothing: it is told as usual.
    std::optional<reply> answer_accounts(const chat::effect& what);
    void tell_done(const chat::done& e, reply& r);
    void tell_registered(const chat::done& e, reply& r);
    void tell_account_refused(const chat::account_refused& e, std::string& out);
    void tell_account_not_stored(std::string& out);
    void tell_account_set(const chat::account_set& e, std::string& out);
    bool tell_as_service(const chat::effect& what, std::string& out);
    void tell_values(const chat::metadata_is& e, std::string& out);
    void tell_metadata_refused(const chat::metadata_refused& e, std::string& out);
    void ask_metadata(const chat::effect& what, std::vector<chat::command>& then);
    awaited next_awaited();
    void welcome(std::string& out, const chat::logged_in& e);
    reply finish(std::string lines);
    // These lines are the last under the label, if there is one: the log-in has been decided, or all is over.
    reply decided(std::string lines, bool close, std::string reason);

    chat::session_id session_;
    std::shared_ptr<common> shared_;
    std::unique_ptr<registration> reg_;
    std::unique_ptr<incoming_batch> incoming_;
    std::unique_ptr<labeled> labeled_;
    std::unique_ptr<affairs> affairs_;
    std::unique_ptr<past_reading> past_;
    std::unique_ptr<metadata_telling> metadata_;
    std::string nick_;
    std::string mask_;  // as others see this client; from the log-in on
    std::unique_ptr<std::string> last_words_;
    std::unique_ptr<std::string> about_;  // what the password is for: the operator's name
    caps caps_ = 0;
    caps heard_caps_ = 0;
    purpose purpose_ = purpose::none;
    std::array<std::uint8_t, 16> prefix_{};
    bool values_ : 1 = false;  // CAP LS 302
    bool logged_in_ : 1 = false;
    bool leaving_ : 1 = false;
    bool operator_ : 1 = false;
    bool secure_ : 1 = false;
    bool takes_secrets_ : 1 = false;
    bool named_ : 1 = false;
    bool certified_ : 1 = false;
    bool bot_ : 1 = false;
};

}  // namespace brusio::door::irc
