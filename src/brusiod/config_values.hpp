// config_values: one value of a configuration file as what a setting wants. Each reader says what it wanted when it got
// something else, in a sentence that begins with `key`; `out` is set only when all is well. Passwords are never in
// these sentences. Pure, any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brusiod/config_document.hpp"

namespace brusio::brusiod {

// "KEY must be WHAT, not a whole number"
std::unexpected<base::error> wanted(std::string_view key, std::string_view what, const config_value& v);

outcome read(const config_value& v, std::string_view key, std::string& out);
outcome read(const config_value& v, std::string_view key, bool& out);
outcome read_count(const config_value& v, std::string_view key, std::uint32_t min, std::uint32_t max,
                   std::uint32_t& out);
outcome read_rate(const config_value& v, std::string_view key, double& out);
outcome read_size(const config_value& v, std::string_view key, std::uint64_t min, std::uint64_t max,
                  std::uint64_t& out);  // bytes
outcome read_duration(const config_value& v, std::string_view key, std::chrono::milliseconds& out);

// `endless`, which is nothing, or a time with its unit, of a minute to a hundred years. A bare number is refused:
// whoever writes 90 does not mean seconds here, and what is deleted does not come back.
outcome read_lifetime(const config_value& v, std::string_view key, std::string_view endless,
                      std::optional<std::chrono::milliseconds>& out);

// The number of the word that it is.
base::result<std::size_t> read_one_of(const config_value& v, std::string_view key,
                                      std::span<const std::string_view> words);

template <class Choice>
outcome read_choice(const config_value& v, std::string_view key,
                    std::initializer_list<std::pair<std::string_view, Choice>> choices, Choice& out) {
    std::vector<std::string_view> words;
    for (const auto& [word, choice] : choices) words.push_back(word);
    const auto which = read_one_of(v, key, words);
    if (!which) return std::unexpected(which.error());
    out = (choices.begin() + *which)->second;
    return {};
}

// A relative path in the file is relative to `folder`, the file's, wherever the server was started.
outcome read_path(const config_value& v, std::string_view key, const std::filesystem::path& folder,
                  std::filesystem::path& out);

// One line to show to people: at most 200 bytes, no control characters. May be empty.
outcome read_line(const config_value& v, std::string_view key, std::string& out);

// One word of 1 to 32 characters, without blanks or control characters.
outcome read_word(const config_value& v, std::string_view key, std::string& out);
outcome check_word(std::string_view text, std::string_view key);

// A password as it is or its hash; "" is none.
outcome read_password(const config_value& v, std::string_view key, std::string& out);

// A list of texts; `add` takes each. Lists go over many lines, so a wrong element is told to `d` with its own.
outcome read_texts(document& d, const config_value& v, std::string_view key, std::string_view example,
                   const std::function<outcome(const std::string&)>& add);
outcome read_networks(document& d, const config_value& v, std::string_view key, std::string_view example,
                      std::vector<cidr>& out);

// Whether `text`, UTF-8, has a blank of any script.
bool has_blank(std::string_view text);

}  // namespace brusio::brusiod
