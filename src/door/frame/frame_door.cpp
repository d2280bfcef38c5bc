#include "door/frame/frame_door.hpp"

#include <fmt/format.h>

#include "door/frame/conversation.hpp"
#include "door/frame/phrases.hpp"
#include "wire/frame.hpp"

namespace brusio::door::frame {
namespace {

class frame_splitter final : public net::splitter {
  public:
    net::split next(std::string_view input, std::uint64_t limit) const override {
        const auto frame = wire::split_frame(input, limit == 0 ? wire::frame_no_limit : limit);
        if (!frame) {
            const bool too_long = frame.error() == wire::frame_error::too_long;
            return {too_long ? net::split_status::too_long : net::split_status::not_this_protocol, {}, 0};
        }
        if (!frame->complete) return {net::split_status::need_more, {}, 0};
        return {net::split_status::message, frame->body, frame->consumed};
    }
};

}  // namespace

frame_door::frame_door(settings options)
    : splitter_(std::make_shared<frame_splitter>()), settings_(std::make_shared<settings>(std::move(options))) {}

std::unique_ptr<conversation> frame_door::open(chat::session_id session, caller from) {
    return std::make_unique<frame_conversation>(session, std::move(from), settings_);
}

std::string frame_door::refuse(net::refusal why) const {
    return explanation(settings_->server_name,
                       why == net::refusal::too_many
                           ? "there are too many connections from your address already."
                           : "too many connections came from your address. Wait a minute and try again.");
}

// Between frame clients 8-bit clean, but for one thing: no message may pose as a private one.
std::string frame_door::render(const chat::effect& what, std::uint32_t /*shape*/) const {
    const auto* e = std::get_if<chat::said>(&what);
    if (e == nullptr || !is_for_people(e->what.kind)) return {};
    const auto body = plain(e->what);
    if (!body) return {};
    if (e->what.kind == chat::speech::action) return pair(e->who.name, "* " + *body);
    if (body->starts_with(private_prefix) || body->starts_with(private_to_prefix))
        return pair(e->who.name, " " + *body);
    return pair(e->who.name, *body);
}

}  // namespace brusio::door::frame
