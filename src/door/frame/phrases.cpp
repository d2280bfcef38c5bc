#include "door/frame/phrases.hpp"

#include <fmt/format.h>

#include "wire/frame.hpp"

namespace brusio::door::frame {

std::string pair(std::string_view name, std::string_view text) {
    std::string out;
    out.reserve(2 * wire::frame_header_bytes + name.size() + text.size());
    wire::append_frame(out, name);
    wire::append_frame(out, text);
    return out;
}

std::string explanation(std::string_view server_name, std::string_view sentence) {
    return pair(server_name, fmt::format("{}{}", explanation_prefix, sentence));
}

std::string help_text() {
    return "what you can type:\n"
           "/who             who is here\n"
           "/msg NAME TEXT   to one person; NAME in one word, as /who shows it\n"
           "/me TEXT         what you do: others see * TEXT\n"
           "/nick NAME       change your name\n"
           "/quit            leave\n"
           "Everything else is a message to everyone here.";
}

std::string usage(std::string_view command) {
    if (command == "/msg") return "Write /msg NAME TEXT: the name in one word, as /who shows it, then what to say.";
    if (command == "/me") return "Write /me TEXT: what you do.";
    return "Write /nick NAME: your new name.";
}

std::string why_refused(chat::name_refusal why, std::string_view name) {
    switch (why) {
        case chat::name_refusal::taken:
            return fmt::format("the name \"{}\" is taken. Choose another one.", name);
        case chat::name_refusal::looks_like_another:
            return fmt::format("the name \"{}\" looks like somebody else's. Choose another one.", name);
        case chat::name_refusal::reserved:
            break;
    }
    return fmt::format("the name \"{}\" is the server's own. Choose another one.", name);
}

std::string people(const chat::who_is_here& answer) {
    std::string text;
    if (!answer.asked.after) {
        text = answer.total == 1 ? "1 person is here: " : fmt::format("{} people are here: ", answer.total);
    } else {
        text = "also here: ";
    }
    for (std::size_t i = 0; i < answer.people.size(); ++i) {
        const auto& p = answer.people[i];
        if (i > 0) text += ", ";
        text += p.name;
        if (p.nick != p.name) text += fmt::format(" ({})", p.nick);
    }
    return text;
}

}  // namespace brusio::door::frame
