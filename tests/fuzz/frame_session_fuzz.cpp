// Whole frame sessions on a fake transport: a few clients send the fuzzer's bytes in the fuzzer's pieces through
// splitter, conversation and chat, and what would leave is checked: whole frames in pairs, nothing for a session that
// is over, no bytes that were not asked for, and the invariants of chat.
//
// Input: steps of one byte `client and length` (bits 0–1: which client; bits 2–7: how many bytes follow; 63: its end)
// and these bytes.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "chat/chat.hpp"
#include "door/frame/frame_door.hpp"
#include "wire/frame.hpp"

namespace {

using namespace brusio;

constexpr std::uint64_t message_limit = 300;
const chat::channel_name lobby{"#piazza", "#piazza"};

void require(bool holds) {
    if (!holds) std::abort();
}

// It is a name, and its nick's nick is itself.
void check_name(std::string_view name) {
    const auto who = base::make_identity(name);
    require(who.has_value());
    const auto again = base::make_identity(who->nick);
    require(again && again->nick == who->nick && again->nick_fold == who->nick_fold);
}

// `bytes` are pairs of whole frames.
void check_pairs(std::string_view bytes) {
    std::size_t frames = 0;
    for (; !bytes.empty(); ++frames) {
        const auto s = wire::split_frame(bytes, wire::frame_no_limit);
        require(s && s->complete);
        if (frames % 2 == 0) check_name(s->body);
        bytes.remove_prefix(s->consumed);
    }
    require(frames % 2 == 0);
}

class session_run {
  public:
    session_run()
        : door_({.server_name = "brusio.localhost", .lobby = lobby, .message_bytes = message_limit}),
          state_({.lobby = lobby, .reserved = {*base::make_identity("brusio.localhost")}, .remembers = false}) {}

    void feed(std::size_t who, std::string_view bytes) {
        auto& c = clients_[who];
        if (c.talk == nullptr) {
            c = {.talk = nullptr, .id = {1, ++sessions_}};
            c.talk = door_.open(c.id, {.from = {}, .host = "host.ip"});
        }
        if (c.broken) return;
        c.pending += bytes;
        while (!c.broken) {
            const auto s = door_.splitter()->next(c.pending, message_limit);
            if (s.status == net::split_status::need_more) break;
            std::vector<door::action> actions;
            if (s.status == net::split_status::message) {
                c.talk->hear(std::string(s.body), actions);
                c.pending.erase(0, s.consumed);
            } else {
                c.broken = true;
                c.talk->hear_broken(s.status, actions);
            }
            act(who, actions);
            if (clients_[who].talk == nullptr) return;  // closed by what it sent
        }
    }

    void end(std::size_t who) {
        if (clients_[who].talk == nullptr) return;
        std::vector<door::action> actions;
        clients_[who].talk->hear_end(actions);
        act(who, actions);
        require(clients_[who].talk == nullptr);
    }

    void check() const {
        require(state_.broken_invariant().empty());
        std::size_t open = 0;
        for (const auto& c : clients_) open += c.talk != nullptr ? 1U : 0U;
        require(state_.sessions() <= open);
    }

  private:
    struct client {
        std::unique_ptr<door::conversation> talk;
        chat::session_id id;
        std::string pending;
        bool broken = false;
    };

    void act(std::size_t who, std::vector<door::action>& actions) {
        for (auto& a : actions) {
            if (auto* r = std::get_if<door::reply>(&a)) {
                deliver(clients_[who], *r);
            } else {
                state_.apply({++now_, std::move(std::get<chat::command>(a))}, effects_);
            }
        }
        for (const auto& e : std::exchange(effects_, {})) {
            check_pairs(door_.render(e, 0));
            for (auto& c : clients_) {
                if (c.talk != nullptr && is_told(e, c.id)) deliver(c, c.talk->overhear(e));
                if (c.talk != nullptr && is_cause(e, c.id)) deliver(c, c.talk->answer(e));
            }
        }
    }

    void deliver(client& c, const door::reply& r) {
        check_pairs(r.bytes);
        if (!r.close) return;
        state_.apply({++now_, chat::leave{c.id, r.reason}}, effects_);
        c = {};
    }

    static bool is_cause(const chat::effect& e, chat::session_id id) {
        return std::visit(
            [&](const auto& x) {
                if constexpr (requires { x.session; }) return x.session == id;
                return false;
            },
            e);
    }
    static bool is_told(const chat::effect& e, chat::session_id id) {
        return std::visit(
            [&](const auto& x) {
                if constexpr (requires { x.to; }) return std::ranges::find(x.to, id) != x.to.end();
                return false;
            },
            e);
    }

    door::frame::frame_door door_;
    chat::state state_;
    std::array<client, 4> clients_;
    std::vector<chat::effect> effects_;
    std::uint64_t sessions_ = 0;
    std::int64_t now_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    session_run run;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    while (!input.empty()) {
        const auto step = static_cast<unsigned char>(input.front());
        input.remove_prefix(1);
        const std::size_t who = step & 3U;
        const std::size_t length = step >> 2U;
        if (length == 63) {
            run.end(who);
        } else {
            run.feed(who, input.substr(0, length));
            input.remove_prefix(std::min(length, input.size()));
        }
        run.check();
    }
    return 0;
}
