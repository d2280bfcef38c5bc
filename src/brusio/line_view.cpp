#include "brusio/line_view.hpp"

#include <array>
#include <cstdlib>

#include "base/text.hpp"

namespace brusio::client {
namespace {

constexpr std::string_view separator = " > ";

void append_name(std::string& out, const std::string& shown, std::string_view name, bool colour) {
    if (!colour) {
        out += shown;
        return;
    }
    out += fmt::format("\x1B[{}m{}\x1B[39m", colour_of(name), shown);
}

}  // namespace

std::string shown_name(std::string_view name) {
    std::string shown = base::clean_line(name);
    for (auto at = shown.find(" >"); at != std::string::npos; at = shown.find(" >", at)) shown.replace(at, 2, " ›");
    return shown;
}

int colour_of(std::string_view name) {
    // Not among them: black, white and the greys, yellow (lost on white), blue (lost on black).
    constexpr std::array palette{31, 32, 35, 36, 91, 94};
    std::uint32_t hash = 2166136261U;  // FNV-1a: the same on every machine
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return palette[(hash ^ (hash >> 16U)) % palette.size()];
}

std::string render(const pair& message, line_style style) {
    std::string out;
    append_name(out, style.raw ? message.name : shown_name(message.name), message.name, style.colour);
    out += separator;
    if (style.raw) {
        out += message.body;
        out += '\n';
        return out;
    }
    std::string_view rest = message.body;
    if (rest.ends_with('\n')) rest.remove_suffix(1);
    for (;;) {
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        out += base::clean_line(line);
        out += '\n';
        if (end == std::string_view::npos) return out;
        out += continuation;
        rest.remove_prefix(end + 1);
    }
}

bool colours_wanted() {
    const char* no = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return (no == nullptr || *no == '\0') && term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

}  // namespace brusio::client
