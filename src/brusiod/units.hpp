// units: how people write sizes and times: "1 MiB", "500ms". Pure functions, any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace brusio::brusiod {

// Bytes. A whole number, alone (bytes) or with one of B, kB, KB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of
// 1024); blanks may stand between them. At most 1 TiB.
base::result<std::uint64_t> parse_size(std::string_view text);

inline constexpr std::chrono::days year{365};

// A number, which may have a fraction, alone (seconds) or with ms, s, m, h, d or w. An error when it is over `max`.
base::result<std::chrono::milliseconds> parse_duration(std::string_view text, std::chrono::days max = year);

// The same for a bare number. More than nothing never becomes 0 ms, because 0 means "no limit" where this is used.
base::result<std::chrono::milliseconds> duration_from_seconds(double seconds, std::chrono::days max = year);

}  // namespace brusio::brusiod
