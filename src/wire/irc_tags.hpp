// irc_tags.hpp: the tag section of a line, as IRCv3's message-tags has it: key[=escaped value] joined by ';'. Keys are
// opaque and case-sensitive; an empty value is the same as none. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::wire {

struct irc_tag {
    std::string_view key;
    std::string_view escaped_value;
};

// Calls f(key, escaped_value) for each tag of `raw` (irc_message::tags) as it comes; a key may come twice, and then the
// last one counts (final_tags). Tags without a key are left out.
template <class F>
void for_each_tag(std::string_view raw, F&& f) {
    while (!raw.empty()) {
        const auto tag = raw.substr(0, raw.find(';'));
        raw.remove_prefix(tag.size() + (tag.size() < raw.size() ? 1 : 0));
        const auto key = tag.substr(0, tag.find('='));
        if (key.empty()) continue;
        f(key, key.size() < tag.size() ? tag.substr(key.size() + 1) : std::string_view{});
    }
}

// The tags that count, in order: of each key only its last occurrence. n log n, whatever a client sends.
std::vector<irc_tag> final_tags(std::string_view raw);

// The escaped value of the last tag with that key.
std::optional<std::string_view> find_tag(std::string_view raw, std::string_view key);

// Appends the value. A '\' that escapes nothing is dropped. The result may hold CR, LF, blanks, and bytes that are not
// UTF-8.
void unescape_tag_value(std::string& out, std::string_view escaped);

// Appends the value as it may stand in a line. NUL cannot be written at all and is dropped; everything else comes back
// from unescape_tag_value. At most twice as long.
void escape_tag_value(std::string& out, std::string_view value);

// "+…": clients may send it to each other through the server.
inline bool is_client_tag(std::string_view key) { return key.starts_with('+'); }

}  // namespace brusio::wire
