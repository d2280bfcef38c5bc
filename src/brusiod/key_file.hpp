// A secret of this server in a file of its data folder, made by the server itself. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.hpp"

namespace brusio::brusiod {

using secret_key = std::array<std::uint8_t, 32>;

// The key in this file, whose folder must exist. The first call makes it (mode 0600); it is never replaced, because
// what was made with it would be lost: a broken file is an error, and `without` tells what would be true with a new one
// ("bans fit no more").
base::result<secret_key> load_or_make_key(const std::filesystem::path& path, std::string_view without);

}  // namespace brusio::brusiod
