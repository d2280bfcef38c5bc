// chat: the chat itself — users, sessions, channels, memberships, modes, permissions. **A deterministic,
// single-threaded state machine**: a stamped command goes in, effects come out. It knows who is where, who may do what,
// and what follows from a command; it does not know sockets, protocols, bytes on a wire, clocks, randomness, threads,
// files, or whether a store is fast.
//
// The same commands in the same order give the same effects and the same `digest()` on every machine. Nothing is
// emitted in hash order. `save()` and `load()` carry the whole state over, also in the middle of a run.
//
// Output commit: with `remembers`, each channel message comes with a `remember` effect. Its `said` must not leave
// before the store has committed it; the store's answer comes back as the command `store_answer`. After *refused* or
// *unknown*, new messages to channels that remember are refused (`not_stored`) until a *committed* comes; everything
// else goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/values.hpp"

namespace brusio::chat {

enum class always_on_policy : std::uint8_t { off, opt_in, opt_out };

struct settings {
    std::optional<channel_name> lobby;      // exists from the start and for ever; server operators rule it
    std::vector<identity> reserved;         // names that nobody can take: the server's own, and the services'
    bool remembers = false;                 // there is a store: what is decided survives
    bool history = true;                    // if so, what is said does, too
    std::uint32_t channels_per_user = 100;  //
    channel_looks lobby_looks;              // of the lobby's name
    std::int64_t grace_ms = 3'600'000;      // how long an unregistered channel waits for the accounts that were in it
    always_on_policy always_on = always_on_policy::off;
    std::int64_t always_on_expires_ms = 0;  // without a session; 0: never
    std::string absent_host = "always-on";  // of a user who has had no session since the server started
    person services{"ChanServ", "ChanServ!services@services", {}, true};  // who gives ranks
    account_rules accounts;                                               // to begin with: `set_rules` changes them
};

// Invariants (checked by `broken_invariant`): a nick, folded, belongs to one user; every session has a user and is
// named by it; membership is the same seen from user and channel; a channel without members exists only as the lobby,
// registered, or while it waits for those who have seats; a user without sessions only while its account is always on;
// a user with several has an account; what an account can fill is bounded; who is bound to a channel is in it; whoever
// is in a channel has a session that hears it, or stays without one; the tables and counts agree with what they count.
class state {
  public:
    explicit state(settings options, memory from = {});
    ~state();
    state(state&&) noexcept;
    state& operator=(state&&) noexcept;

    // Applies one command and appends what follows from it to `out`, in order. Never fails: what cannot be done is an
    // effect for the one who asked; a command of a session that does not exist has no effect.
    void apply(stamped command, std::vector<effect>& out);

    // The whole state as bytes, and back. `load` returns nothing when the bytes are not a saved state.
    std::string save() const;
    static std::optional<state> load(settings options, std::string_view bytes);

    // A number that is equal for equal states. Costs a `save`.
    std::uint64_t digest() const;

    // An account by its name or one of its nicks; nullptr: there is none. Until the next `apply`. For whoever checks
    // secrets; what follows from them is decided when the command is applied.
    const account_record* find_account(std::string_view fold) const;
    const account_record* find_account(account_id id) const;
    const account_record* find_account_by_certificate(const std::string& fingerprint) const;
    // Whether `pass_time` could change anything at this time. Walks accounts and channels: for once in a while.
    bool is_due(std::int64_t now_ms) const;

    std::size_t users() const;
    std::size_t sessions() const;

    // The first invariant that does not hold, in words; empty when all hold. For tests: walks everything.
    std::string broken_invariant() const;

  private:
    struct body;
    std::unique_ptr<body> body_;
};

}  // namespace brusio::chat
