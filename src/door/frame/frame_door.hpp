// The frame door: the seed's protocol (docs/protocol/frame.md). Its clients are sent nothing that they did not ask for:
// only messages, answers to typed commands, and one explanation just before the server closes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "door/door.hpp"

namespace brusio::door::frame {

struct settings {
    std::string server_name = "brusio.localhost";  // the source of answers and explanations
    chat::channel_name lobby;                      // where everyone is
    bool accounts = false;                         // "name:password" in the first frame logs in
    bool commands = true;                          // lines that begin with a known /word are commands
    bool history = false;                          // what was said can be searched
    std::uint64_t message_bytes = 16384;           // for the explanation; the splitter is given its limit
};

class frame_door final : public door {
  public:
    explicit frame_door(settings options);

    std::string_view name() const override { return "frame"; }
    std::shared_ptr<const net::splitter> splitter() const override { return splitter_; }
    bool first_message_logs_in() const override { return true; }
    std::unique_ptr<conversation> open(chat::session_id session, caller from) override;
    std::string refuse(net::refusal why) const override;
    std::string render(const chat::effect& what, std::uint32_t shape) const override;

    // From now on, also for conversations that are open.
    void set(settings options) { *settings_ = std::move(options); }

  private:
    std::shared_ptr<const net::splitter> splitter_;
    std::shared_ptr<settings> settings_;
};

}  // namespace brusio::door::frame
