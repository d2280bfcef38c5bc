// Whole IRC sessions, and a frame client beside them, on one chat::state without sockets: what would leave is checked.
// Every IRC client is sent whole lines of UTF-8 that are not too long, in batches that open before they close; every
// label comes back exactly once; the frame client is sent whole pairs; chat keeps its invariants.
//
// Input: records that end in LF. The first byte says what the rest is:
//   a–e   a line of that IRC client
//   A–E   bytes of that client, with no line end: a piece
//   f     a frame of the frame client;  F: its bytes as they are
//   !x    client x (a–f) ends its connection
//   @n    n seconds go by
// Any of these behind a ',' are not followed by what they cause: that leaves with the next one.
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "base/text.hpp"
#include "door/frame/frame_door.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/hub_test.hpp"
#include "door/irc/irc_door.hpp"
#include "wire/frame.hpp"
#include "wire/irc_tags.hpp"

namespace {

using namespace brusio;
using brusio::door::test::client;

const chat::channel_name lobby{"#piazza", "#piazza"};

void require(bool holds) {
    if (!holds) std::abort();
}

door::irc::settings irc_settings() {
    door::irc::settings s;
    s.version = "brusiod";
    s.motd = {"welcome"};
    s.operators = {{"root", "pw"}};
    s.blocked_tags = {"blocked"};
    s.message_bytes = 2000;
    s.channels_per_user = 5;
    s.gateways = {{"gw", [](const net::peer&) { return true; }}};
    s.now_ms = [] { return std::int64_t{0}; };
    return s;
}

// What an IRC client has been sent, and may expect.
struct reader {
    std::set<std::string, std::less<>> open;           // batches
    std::map<std::string, int, std::less<>> answered;  // by label
    std::map<std::string, int, std::less<>> expected;
    std::map<std::string, int, std::less<>> perhaps;  // of batches, and within them

    void line(std::string_view text) {
        const auto tags = text.starts_with('@') ? text.find(' ') + 1 : 0;
        require(tags <= 8191 && text.size() - tags <= 510 && base::valid_utf8(text));
        const auto m = wire::parse_irc(text);  // no NUL, CR or LF inside
        require(m.has_value());
        if (const auto label = wire::find_tag(m->tags, "label")) ++answered[std::string(*label)];
        const auto in = wire::find_tag(m->tags, "batch");
        require(!in || open.contains(*in));
        if (m->verb == "BATCH") {
            const auto reference = m->param(0);
            require(reference.size() > 1);
            if (reference.starts_with('+')) {
                require(open.emplace(reference.substr(1)).second);
            } else {
                require(open.erase(std::string(reference.substr(1))) == 1);
            }
        }
    }
    void bytes(std::string_view all) {
        while (!all.empty()) {
            const auto end = all.find("\r\n");
            require(end != std::string_view::npos);
            line(all.substr(0, end));
            all.remove_prefix(end + 2);
        }
    }
    // `idle`: nothing that was asked is still to be answered.
    void check(bool idle) const {
        if (!idle) return;
        require(open.empty());
        for (const auto& [label, times] : answered) {
            const auto least = expected.contains(label) ? expected.at(label) : 0;
            const auto most = least + (perhaps.contains(label) ? perhaps.at(label) : 0);
            require(times >= least && times <= most);
        }
        for (const auto& [label, times] : expected) require(answered.contains(label));
    }
};

// What comes from elsewhere has no control characters; the frame client itself may tell itself anything.
void check_text(std::string_view text) {
    require(text.starts_with("[private]") || base::without_controls(text) == text);
}

void check_pairs(std::string_view bytes) {
    std::size_t frames = 0;
    for (; !bytes.empty(); ++frames) {
        const auto s = wire::split_frame(bytes, wire::frame_no_limit);
        require(s && s->complete);
        if (frames % 2 == 0) require(base::make_identity(s->body).has_value());
        if (frames % 2 == 1) check_text(s->body);
        bytes.remove_prefix(s->consumed);
    }
    require(frames % 2 == 0);
}

class session_run {
  public:
    session_run()
        : hub_({.lobby = lobby,
                .reserved = {*base::make_identity("brusio.localhost")},
                .remembers = false,
                .channels_per_user = 5}),
          irc_(irc_settings()),
          frames_({.server_name = "brusio.localhost", .lobby = lobby, .message_bytes = 2000}) {
        hub_.message_limit = 2000;
        hub_.on_message = [this](client& c, std::string_view text) { expect(c, text); };
    }

    void step(std::string_view record) {
        bool settle = true;
        if (record.starts_with(',')) {
            settle = false;
            record.remove_prefix(1);
        }
        if (record.empty()) return;
        const char what = record.front();
        const auto rest = record.substr(1);
        if (what >= 'a' && what <= 'e') {
            hub_.feed(at(what), std::string(rest) + "\r\n");
        } else if (what >= 'A' && what <= 'E') {
            hub_.feed(at(static_cast<char>(what - 'A' + 'a')), rest);
        } else if (what == 'f') {
            std::string bytes;
            wire::append_frame(bytes, rest.substr(0, 2000));
            hub_.feed(at('f'), bytes);
        } else if (what == 'F') {
            hub_.feed(at('f'), rest);
        } else if (what == '!' && !rest.empty() && rest[0] >= 'a' && rest[0] <= 'f') {
            hub_.end(at(rest[0]));
        } else if (what == '@' && !rest.empty()) {
            hub_.now_ms += std::int64_t{static_cast<unsigned char>(rest[0])} * 1000;
        }
        if (settle) finish();
    }

    void finish() {
        hub_.settle();
        for (auto& [letter, session] : who_) {
            auto* c = find(session);
            if (c == nullptr) continue;
            if (letter == 'f') {
                check_pairs(c->take());
                continue;
            }
            auto& r = readers_[session];
            r.bytes(c->take());
            r.check(c->waits == 0 && !c->closing);
        }
        hub_.forget_closed();
        if (++settled_ % 8 == 0) check_state();
    }

    void check_state() {
        require(hub_.state.broken_invariant().empty());
        require(hub_.state.sessions() <= hub_.clients.size());
    }

  private:
    client* find(chat::session_id session) {
        const auto there = std::ranges::find(hub_.clients, session, &client::session);
        return there == hub_.clients.end() ? nullptr : &*there;
    }

    client& at(char letter) {
        if (const auto there = who_.find(letter); there != who_.end()) {
            if (auto* c = find(there->second)) return *c;
        }
        door::caller from{net::peer_from(letter == 'e' ? "2001:db8::e" : "192.0.2.7").value(), "h.example",
                          letter == 'd'};
        auto& c = letter == 'f' ? hub_.open(frames_, std::move(from)) : hub_.open(irc_, std::move(from));
        who_[letter] = c.session;
        return c;
    }

    // The same conditions under which a label counts.
    void expect(client& c, std::string_view text) {
        if (c.at != &irc_) return;
        auto& talk = static_cast<door::irc::irc_conversation&>(*c.talk);
        const auto line = wire::parse_irc(text);
        if (!line) {  // dropped, which may be told under its label
            const auto tags = text.starts_with('@') ? text.substr(1, text.find(' ') - 1) : std::string_view();
            if (const auto label = wire::find_tag(tags, "label")) ++readers_[c.session].perhaps[std::string(*label)];
            return;
        }
        if (line->tags.empty()) return;
        const auto label = wire::find_tag(line->tags, "label");
        if (!label || label->empty()) return;
        auto& r = readers_[c.session];
        const bool labels = talk.heard(door::irc::labeled_response) && talk.heard(door::irc::batch);
        const auto is_batch = base::valid_utf8(line->verb) && base::fold(line->verb) == "batch";
        const bool counts =
            labels && !is_batch && talk.incoming() == nullptr && base::valid_utf8(text) && label->size() <= 64;
        ++(counts ? r.expected : r.perhaps)[std::string(*label)];
    }

    door::test::hub hub_;
    door::irc::irc_door irc_;
    door::frame::frame_door frames_;
    std::map<char, chat::session_id> who_;
    std::map<chat::session_id, reader> readers_;
    unsigned settled_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    session_run run;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    while (!input.empty()) {
        const auto record = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(record.size() + 1, input.size()));
        run.step(record);
    }
    run.finish();
    run.check_state();
    return 0;
}
