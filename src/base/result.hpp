// base: what every folder may use. It knows text, names, ids and time as values; it does not know sockets, chat,
// protocols, configuration, or any clock that ticks.
//
// result.hpp: expected failures are values. An `error` is one sentence for a person, without a final full stop.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace brusio::base {

struct error {
    std::string text;
};

template <class T>
using result = std::expected<T, error>;

template <class... Args>
std::unexpected<error> fail(fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected(error{fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace brusio::base
