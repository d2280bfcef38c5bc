// glob.hpp: IRC's masks: `*` is any bytes, also none, `?` is one UTF-8 character, all else is itself (nothing escapes).
// Mask and text are compared byte by byte: fold both first (base/identity.hpp). In what is not UTF-8, `?` is a byte
// that may begin a character with all the bytes behind it that may continue one. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brusio::base {

// O(text · (1 + mask / 64)), whatever the mask: nothing is ever tried twice. `steps`, when given, is increased by the
// number of 64-bit words of states that were advanced, which is what tests hold this promise with.
bool glob_match(std::string_view mask, std::string_view text, std::uint64_t* steps = nullptr);

// The one way to write the mask among those that differ only in the order and number of neighbouring wildcards: of each
// run all its `?` first, then one `*` if it had any. It matches the same.
std::string canonical_mask(std::string_view mask);

}  // namespace brusio::base
