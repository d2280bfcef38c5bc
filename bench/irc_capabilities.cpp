#include "irc_capabilities.hpp"

#include <algorithm>
#include <array>

namespace brusio::bench {
namespace {

using names = std::vector<std::string_view>;

const std::array<names, capability_sets_max> sets{
    names{"message-tags", "server-time", "account-tag", "extended-join", "away-notify", "account-notify", "chghost",
          "setname", "batch", "echo-message", "invite-notify", "multi-prefix"},
    names{},
    names{"server-time"},
    names{"message-tags", "multi-prefix"},
    names{"account-tag", "extended-join", "account-notify"},
    names{"server-time", "account-tag", "away-notify", "batch"},
    names{"message-tags", "server-time", "echo-message", "batch"},
    names{"message-tags", "account-tag", "invite-notify", "chghost"},
    names{"away-notify", "account-notify", "chghost", "setname"},
    names{"message-tags", "server-time", "account-tag"},
};

}  // namespace

std::span<const std::string_view> capability_set(std::uint32_t number) { return sets[number % sets.size()]; }

capability_choice choose_capabilities(std::string_view offered, std::span<const std::string_view> wanted) {
    names there;
    while (!offered.empty()) {
        const auto word = offered.substr(0, offered.find(' '));
        offered.remove_prefix(std::min(offered.size(), word.size() + 1));
        if (!word.empty()) there.push_back(word.substr(0, word.find('=')));
    }
    capability_choice choice;
    for (const auto name : wanted) {
        if (std::ranges::find(there, name) == there.end()) {
            choice.missing.push_back(name);
        } else {
            choice.asked.append(choice.asked.empty() ? "" : " ").append(name);
        }
    }
    return choice;
}

}  // namespace brusio::bench
