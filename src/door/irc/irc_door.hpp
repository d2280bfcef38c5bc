// The IRC door (docs/protocol/irc.md). Each line goes through one table of commands (commands.hpp); rules are chat's,
// this folder knows how IRC says things. What others do is rendered once for each wire shape (render.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/door.hpp"
#include "door/irc/capabilities.hpp"

namespace brusio::door::irc {

inline constexpr std::size_t multiline_lines_max = 100;
inline constexpr std::size_t user_bytes_max = 20;  // of a user name, with its '~'
inline constexpr std::size_t targets_max = 10;     // of one command

struct settings {
    std::string server_name = "brusio.localhost";
    std::string network = "Brusio";
    std::string description = "Brusio chat";
    std::string version;
    std::int64_t started_ms = 0;     // since 1970
    std::vector<std::string> motd;   // lines
    std::vector<std::string> admin;  // up to three lines
    std::string password;            // of the server, or its hash; empty: none
    std::uint64_t message_bytes = 16384;
    std::uint32_t channels_per_user = 100;
    std::optional<std::uint64_t> sts_seconds;  // none: off; 0 takes back what was said before
    std::uint16_t sts_port = 0;
    std::string icon;                       // a URL; empty: none
    std::vector<std::string> blocked_tags;  // client-only tags without '+'; "*": all but those with '-' before them
    struct operator_entry {
        std::string name;
        std::string password_hash;
    };
    std::vector<operator_entry> operators;
    struct gateway {
        std::string password;  // or its hash
        std::function<bool(const net::peer&)> from;
    };
    std::vector<gateway> gateways;         // who may say WEBIRC
    std::function<std::int64_t()> now_ms;  // since 1970
    std::function<void(std::string)> log;  // what operators do; must not block
    // How long commands take, in words, for STATS t; none: not measured.
    std::function<std::vector<std::string>()> timings;

    struct {
        bool here = false;      // there are accounts
        bool required = false;  // nobody comes in without one
        bool registration = true;
        bool before_connect = true;
        bool email_required = false;
        std::uint32_t password_min = 8;  // characters
    } accounts;
    struct {
        bool on = false;                   // the past is kept
        std::uint32_t replay_lines = 100;  // of what an account missed, for clients that do not ask by themselves
    } history;

    std::uint64_t multiline_bytes() const { return message_bytes == 0 ? std::uint64_t{1} << 20U : message_bytes; }
};

// What a password is being checked for.
// The last three are no passwords: codes that are shown, letters that somebody has sent, and that somebody gets.
enum class purpose : std::uint8_t { none, server, gateway, become_operator, code, letter, recipient };

// Whose failures: a client's (net::peer::prefix), or an address's that letters go to, by its hash.
using failures_key = std::array<std::uint8_t, 16>;

// Wrong passwords of one kind from one prefix: after a few, no more are tried for a while.
struct password_failures {
    std::int64_t since_ms = 0;
    std::uint32_t count = 0;
};
inline constexpr std::int64_t failures_forgotten_ms = 60'000;
inline constexpr std::size_t failures_kept = 1000;

// What all conversations of the door share.
struct common {
    settings options;
    std::vector<std::string> isupport;  // tokens, in lines of at most thirteen
    std::uint64_t last_batch = 0;
    std::vector<std::uint64_t> used;  // how often each command was (by row of the table)
    std::map<std::pair<purpose, failures_key>, password_failures> failures;
    // What the last change of the settings changed for those who are here.
    std::array<std::vector<std::string>, ways> caps_changed;  // by `way`
    std::array<caps, ways> caps_gone{};
    std::vector<std::string> isupport_changed;
    std::uint64_t last_notice = 0;
};

class irc_door final : public door {
  public:
    explicit irc_door(settings options);

    std::string_view name() const override { return "irc"; }
    std::shared_ptr<const net::splitter> splitter() const override { return splitter_; }
    bool closes_floods() const override { return true; }
    std::unique_ptr<conversation> open(chat::session_id session, caller from) override;
    std::string refuse(net::refusal why) const override;
    std::string farewell() const override;
    std::string render(const chat::effect& what, std::uint32_t shape) const override;

    // From now on, also for conversations that are open.
    void set(settings options);

  private:
    std::shared_ptr<const net::splitter> splitter_;
    std::shared_ptr<common> common_;
};

}  // namespace brusio::door::irc
