// Who somebody says they are: the name as typed, the nick derived from it, and the forms by which names are compared.
// docs/protocol/frame.md has the table name → nick. Everything is computed before a command is made and carried in it,
// because ICU versions differ between machines. Pure functions, any thread (ICU's data is loaded at the first call).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::base {

inline constexpr std::size_t name_bytes_max = 64;
inline constexpr std::size_t nick_bytes_max = 32;

struct identity {
    std::string name;            // as typed, without outer blanks; UTF-8, 1 to 64 bytes
    std::string nick;            // valid on IRC; UTF-8 in NFKC form, 1 to 32 bytes; its own nick is itself
    std::string name_fold;       // NFKC_Casefold(name)
    std::string nick_fold;       // NFKC_Casefold(nick)
    std::string skeleton;        // what the nick looks like, case ignored: look(fold(nick)), see below
    std::string cased_skeleton;  // what it looks like as written: look(nick); empty when equal to `skeleton`
    bool ascii = true;           // the name has ASCII characters only

    bool operator==(const identity&) const = default;
};
// A look is the folded spoof skeleton (UTS #39), made twice: the skeleton of `ꓟ` is M, but that of m is rn.

// The identity for a name that somebody typed, or why it cannot be one ("a name has at most 64 bytes").
// Equal `name_fold` or equal `nick_fold` means the same name; equal skeletons mean look-alikes, which matter when at
// least one of the two names is not ASCII.
result<identity> make_identity(std::string_view typed);

inline constexpr std::size_t channel_bytes_max = 64;

// Whether a channel can be called so: '#', then UTF-8 without blanks, commas, control or invisible characters, nor the
// wildcards `*` and `?` in any form, since no mask could name it; at most 64 bytes in all.
bool is_channel_name(std::string_view typed);

// What a channel's name looks like with case ignored, and as written, which is empty when the name has no other case.
// Two channels look the same when one has either of these in common with the other. As with nicks that matters only
// when at least one of the two names is not ASCII (is_ascii in base/text.hpp): `#wild` and `#wi1d` may stand side by
// side. So names in ASCII have looks as well, for others to be compared with. `name` must be a channel's name. Each
// costs about 40 ns a character (0.25 µs for `#wild`, in ASCII or not): for JOIN and RENAME, not for every message. The
// worst are 64 bytes of ligatures that stand for whole phrases: 30 µs.
std::string channel_look(std::string_view name);
std::string channel_cased_look(std::string_view name);

// NFKC_Casefold (UTS #46's and IRCv3's usual folding); `text` must be valid UTF-8.
std::string fold(std::string_view text);

}  // namespace brusio::base
