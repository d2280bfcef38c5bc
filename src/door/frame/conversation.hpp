// One frame client's conversation.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/frame/frame_door.hpp"

namespace brusio::door::frame {

class frame_conversation final : public conversation {
  public:
    frame_conversation(chat::session_id session, caller from, std::shared_ptr<const settings> options)
        : session_(session), settings_(std::move(options)), from_(std::make_unique<caller>(std::move(from))) {}

    void hear(std::string message, std::vector<action>& out) override;
    void hear_broken(net::split_status status, std::vector<action>& out) override;
    void hear_end(std::vector<action>& out) override;
    void hear_shown(const shown& what, std::vector<action>& out) override;
    reply hear_found(const base::result<store::reply>& what) override;
    reply answer(const chat::effect& what) override;
    reply overhear(const chat::effect& what) override;

  private:
    void hear_name(std::string_view name, std::vector<action>& out);
    void log_in(std::string_view name, std::optional<chat::proof> as, std::vector<action>& out);
    bool hear_command(std::string_view line, std::vector<action>& out);
    void leave(std::string reason, std::string last_words, std::vector<action>& out);
    reply explain(std::string_view sentence, std::string reason) const;
    std::string say(std::string_view text) const;
    void note_nick(const chat::person& who);

    chat::session_id session_;
    std::shared_ptr<const settings> settings_;
    std::unique_ptr<caller> from_;             // until the log-in
    std::unique_ptr<std::string> first_;       // the first frame, while the password in it is tried
    std::unique_ptr<std::string> last_words_;  // sent when the session has left
    std::unique_ptr<std::string> own_nick_;    // with an account
    std::unique_ptr<std::string> searched_;    // what for, while the store looks
    bool named_ = false;                       // the first frame has come
    bool leaving_ = false;
};

}  // namespace brusio::door::frame
