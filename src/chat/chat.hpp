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

struct settings {
    std::optional<channel_name> lobby;      // exists from the start and for ever; server operators rule it
    std::vector<identity> reserved;         // names that nobody can take: the server's own
    bool remembers = false;                 // channels have a history: messages go through the store
    std::uint32_t channels_per_user = 100;  //
    channel_looks lobby_looks;              // of the lobby's name
};

// Invariants (checked by `broken_invariant`): a nick, folded, belongs to one user; every session has a user and is
// named by it; membership is the same seen from user and channel; a channel without members exists only as the lobby;
// who is bound to a channel is in it; the tables and counts agree with what they count.
class state {
  public:
    explicit state(settings options);
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

    std::size_t users() const;
    std::size_t sessions() const;

    // The first invariant that does not hold, in words; empty when all hold. For tests: walks everything.
    std::string broken_invariant() const;

  private:
    struct body;
    std::unique_ptr<body> body_;
};

}  // namespace brusio::chat
