#include "brusio/pairs.hpp"

#include "wire/frame.hpp"

namespace brusio::client {

base::result<std::optional<std::string>> pair_reader::next_frame() {
    const auto rest = std::string_view(input_).substr(at_);
    // A TLS server answers a plain client with an alert of seven bytes, too few for a header.
    const bool tls = first_ && rest.size() >= 2 && rest[0] == '\x15' && rest[1] == '\x03';
    const auto split = wire::split_frame(rest, frame_bytes_max);
    if (tls || !split) {
        return base::fail("the server sent something that is not the frame protocol{}",
                          tls ? " (it seems to want --tls)" : "");
    }
    if (!split->complete) {
        input_.erase(0, at_);
        at_ = 0;
        if (input_.empty() && input_.capacity() > (1U << 20U)) input_.shrink_to_fit();
        return std::nullopt;
    }
    first_ = false;
    at_ += split->consumed;
    return std::string(split->body);
}

base::result<std::optional<pair>> pair_reader::next() {
    for (;;) {
        auto frame = next_frame();
        if (!frame) return std::unexpected(frame.error());
        if (!*frame) return std::nullopt;
        if (!name_) {
            name_ = std::move(**frame);
            continue;
        }
        pair whole{std::move(*name_), std::move(**frame)};
        name_.reset();
        return whole;
    }
}

bool is_quit(std::string_view line) {
    constexpr std::string_view command = "/quit";
    return line.starts_with(command) && (line.size() == command.size() || line[command.size()] == ' ');
}

}  // namespace brusio::client
