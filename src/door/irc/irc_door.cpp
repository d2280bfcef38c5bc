#include "door/irc/irc_door.hpp"

#include "base/text.hpp"
#include "door/irc/commands.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/isupport.hpp"
#include "door/irc/render.hpp"
#include "wire/irc.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {
namespace {

// A frame client begins with the length of its name in ten digits. Without this, it would wait for an answer, and we
// for the end of its line.
bool speaks_frames(std::string_view input) {
    return input.starts_with("00000000") && input.size() > 8 && input[8] >= '0' && input[8] <= '9';
}

// Of a line that is too long: its tags, which tell what its answer belongs to; without tags, its verb.
std::string_view beginning_of(std::string_view line) {
    constexpr std::size_t verb_bytes = 16;
    line = line.substr(0, line.find_first_of("\r\n"));
    if (line.starts_with('@')) return line.substr(0, line.find(' ') == std::string_view::npos ? 0 : line.find(' '));
    return line.substr(0, std::min(line.find(' '), verb_bytes));
}

// What a line is to a multiline batch. A piece is what an open batch takes, or drops without a word (verbs_batch.cpp).
net::part part_of(std::string_view text) {
    constexpr std::string_view batch = "BATCH";
    // Nearly every line is told apart by its first character.
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos || std::string_view("@Bb").find(text[first]) == std::string_view::npos) {
        return net::part::none;
    }
    const auto line = wire::parse_irc(text);
    if (!line || !base::valid_utf8(text)) return net::part::none;
    const auto verb = upper(line->verb);
    if (verb == batch && line->param(0).starts_with('+')) return net::part::begins;
    if (verb == batch) return net::part::ends;
    const bool speaks = verb == "PRIVMSG" || verb == "NOTICE";
    const bool inside = wire::find_tag(line->tags, "batch") && !wire::find_tag(line->tags, "label");
    return speaks && inside ? net::part::piece : net::part::none;
}

// The limit of messages is the protocol's own here.
class irc_splitter final : public net::splitter {
  public:
    net::split next(std::string_view input, std::uint64_t /*limit*/) const override {
        if (speaks_frames(input)) return {net::split_status::not_this_protocol, {}, 0};
        const auto s = wire::split_irc_line(input);
        switch (s.what) {
            case wire::irc_split::status::line:
                return {net::split_status::message, s.line, s.consumed, part_of(s.line)};
            case wire::irc_split::status::too_long:
                return {net::split_status::skip, beginning_of(input.substr(s.consumed)), s.consumed};
            case wire::irc_split::status::need_more:
                break;
        }
        return {net::split_status::need_more, {}, s.consumed};
    }
    std::size_t skip(std::string_view input, bool& found_end) const override {
        const auto s = wire::skip_irc_line(input);
        found_end = s.found_end;
        return s.consumed;
    }
};

}  // namespace

irc_door::irc_door(settings options)
    : splitter_(std::make_shared<irc_splitter>()), common_(std::make_shared<common>()) {
    common_->used.resize(command_table().size());
    set(std::move(options));
}

std::unique_ptr<conversation> irc_door::open(chat::session_id session, caller from) {
    return std::make_unique<irc_conversation>(session, std::move(from), common_);
}

std::string irc_door::refuse(net::refusal why) const {
    std::string out;
    wire::irc_line(out)
        .verb("ERROR")
        .trailing(why == net::refusal::too_many ? "Too many connections from your address"
                                                : "Too many connections from your address; wait a minute")
        .end();
    return out;
}

std::string irc_door::farewell() const {
    std::string out;
    wire::irc_line(out).verb("ERROR").trailing("The server shuts down").end();
    return out;
}

std::string irc_door::render(const chat::effect& what, std::uint32_t shape) const {
    std::string out;
    irc::render(out, what, shape, common_->options.server_name);
    return out;
}

void irc_door::set(settings options) {
    for (std::size_t i = 0; i < ways; ++i) {
        const auto by = static_cast<way>(i);
        common_->caps_changed[i] = renewed(common_->options, by, options, by, cap_room);
        common_->caps_gone[i] = withdrawn(common_->options, by, options, by);
    }
    common_->isupport_changed = isupport_changes(common_->options, options);
    common_->options = std::move(options);
    common_->isupport = isupport_lines(common_->options);
}

}  // namespace brusio::door::irc
