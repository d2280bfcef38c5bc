// The sets of IRCv3 capabilities that the clients of a mixed room ask for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::bench {

inline constexpr std::uint32_t capability_sets_max = 10;

// Set 0 is everything, set 1 nothing; among the ten every way to tag a message (message-tags, server-time and
// account-tag, each there or not) is at least once.
std::span<const std::string_view> capability_set(std::uint32_t number);

// The words of `offered` (as CAP LS lists them, values and all) that are in `wanted`, and those of `wanted` that are
// not offered.
struct capability_choice {
    std::string asked;  // with blanks between
    std::vector<std::string_view> missing;
};
capability_choice choose_capabilities(std::string_view offered, std::span<const std::string_view> wanted);

}  // namespace brusio::bench
