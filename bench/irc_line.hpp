// The little of an IRC line that the load generator looks at: "@tags :source COMMAND rest", tags left out.
#pragma once

#include <string_view>

namespace brusio::bench {

struct irc_line {
    std::string_view source;  // without its colon; empty when there is none
    std::string_view command;
    std::string_view rest;  // what stands behind the command, without the end of the line
};

// The views point into `line`, which may end with \r\n.
inline irc_line split_line(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    const auto take_word = [&line] {
        const auto word = line.substr(0, line.find(' '));
        line.remove_prefix(word.size());
        while (line.starts_with(' ')) line.remove_prefix(1);
        return word;
    };
    irc_line parts;
    if (line.starts_with('@')) take_word();
    if (line.starts_with(':')) parts.source = take_word().substr(1);
    parts.command = take_word();
    parts.rest = line;
    return parts;
}

}  // namespace brusio::bench
