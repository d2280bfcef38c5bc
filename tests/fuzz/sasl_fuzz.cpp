// Logging in and registering: AUTHENTICATE, PASS, REGISTER, VERIFY and the services' lines through IRC conversations on
// one chat::state, with a table of passwords instead of a store and of hashing. Clients are sent whole lines; each
// label comes back exactly once; each exchange of SASL ends in one of its numerics; chat keeps its invariants.
//
// Input: records that end in LF. The first byte says what the rest is:
//   a–d   a line of that client
//   A–D   bytes that this client sends as the payload of AUTHENTICATE, in chunks
//   1–6   what comes of secrets from now on: right or wrong as they are, wrong, throttled, busy, not here, challenge
//   0     passwords cannot be made, or can be again
//   !x    client x ends its connection
//   @n    n seconds go by
// Any of these behind a ',' are not followed by what they cause: that leaves with the next one.
#include <cstdlib>
#include <map>
#include <string>

#include "base/text.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/hub_test.hpp"
#include "door/irc/irc_door.hpp"
#include "login/sasl.hpp"
#include "wire/irc_tags.hpp"

namespace {

using namespace brusio;
using brusio::door::test::client;

void require(bool holds) {
    if (!holds) std::abort();
}

door::irc::settings irc_settings() {
    door::irc::settings s;
    s.version = "brusiod";
    s.operators = {{"root", "pw"}};
    s.now_ms = [] { return std::int64_t{0}; };
    s.accounts.here = true;
    s.accounts.password_min = 1;
    s.history.on = true;
    return s;
}

struct reader {
    std::map<std::string, int, std::less<>> answered;  // by label
    std::map<std::string, int, std::less<>> expected;
    std::map<std::string, int, std::less<>> perhaps;  // of lines that are dropped

    void check_labels() const {
        for (const auto& [label, times] : answered) {
            const auto least = expected.contains(label) ? expected.at(label) : 0;
            require(times >= least && times <= least + (perhaps.contains(label) ? perhaps.at(label) : 0));
        }
        for (const auto& [label, times] : expected) require(answered.contains(label));
    }
    void bytes(std::string_view all) {
        while (!all.empty()) {
            const auto end = all.find("\r\n");
            require(end != std::string_view::npos);
            const auto text = all.substr(0, end);
            const auto tags = text.starts_with('@') ? text.find(' ') + 1 : 0;
            require(tags <= 8191 && text.size() - tags <= 510 && base::valid_utf8(text));
            const auto m = wire::parse_irc(text);
            require(m.has_value());
            if (const auto label = wire::find_tag(m->tags, "label")) ++answered[std::string(*label)];
            if (m->verb == "AUTHENTICATE") require(m->param_count == 1 && m->param(0).size() <= 400);
            all.remove_prefix(end + 2);
        }
    }
};

class run_of_sasl {
  public:
    run_of_sasl()
        : hub_({.reserved = {*base::make_identity("brusio.localhost")}, .remembers = true, .channels_per_user = 5}),
          irc_(irc_settings()) {
        hub_.message_limit = 2000;
        hub_.on_message = [this](client& c, std::string_view text) { expect(c, text); };
    }

    void step(std::string_view record) {
        const bool settle = !record.starts_with(',');
        if (!settle) record.remove_prefix(1);
        if (record.empty()) return;
        const char what = record.front();
        const auto rest = record.substr(1);
        if (what >= 'a' && what <= 'd') {
            hub_.feed(at(what), std::string(rest) + "\r\n");
        } else if (what >= 'A' && what <= 'D') {
            for (const auto& chunk : login::in_chunks(rest)) {
                hub_.feed(at(static_cast<char>(what - 'A' + 'a')), "AUTHENTICATE " + chunk + "\r\n");
            }
        } else if (what >= '1' && what <= '6') {
            using outcome = door::shown::outcome;
            constexpr outcome all[] = {outcome::wrong, outcome::throttled, outcome::busy, outcome::not_here,
                                       outcome::challenge};
            hub_.secrets.instead.reset();
            if (what > '1') hub_.secrets.instead = all[what - '2'];
        } else if (what == '0') {
            hub_.no_passwords = hub_.no_passwords.empty() ? "not now" : "";
        } else if (what == '!' && !rest.empty() && rest[0] >= 'a' && rest[0] <= 'd') {
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
            auto& r = readers_[session];
            r.bytes(c->take());
            if (c->waits == 0 && !c->closing && labels_count_) r.check_labels();
        }
        hub_.forget_closed();
        if (++settled_ % 8 == 0) check_state();
    }

    void check_state() { require(hub_.state.broken_invariant().empty()); }

  private:
    client* find(chat::session_id session) {
        const auto there = std::ranges::find(hub_.clients, session, &client::session);
        return there == hub_.clients.end() ? nullptr : &*there;
    }

    client& at(char letter) {
        if (const auto there = who_.find(letter); there != who_.end()) {
            if (auto* c = find(there->second)) return *c;
        }
        door::caller from{net::peer_from("192.0.2.7").value(), "h.example", letter == 'b', letter != 'd'};
        auto& c = hub_.open(irc_, std::move(from));
        if (letter == 'b') c.talk->hear_certificate(std::string(64, 'b'));
        who_[letter] = c.session;
        return c;
    }

    void expect(client& c, std::string_view text) {
        auto& talk = static_cast<door::irc::irc_conversation&>(*c.talk);
        const auto line = wire::parse_irc(text);
        const bool readable = line && base::valid_utf8(text);
        const auto label =
            wire::find_tag(text.starts_with('@') ? text.substr(1, text.find(' ') - 1) : std::string_view(), "label");
        if (!label || label->empty() || label->size() > 64) return;
        if (!readable) {
            ++readers_[c.session].perhaps[std::string(*label)];
            return;
        }
        if (!talk.heard(door::irc::labeled_response) || !talk.heard(door::irc::batch)) return;
        // What multiline batches do to labels is irc_session_fuzz.cpp's to know.
        if (base::fold(line->verb) == "batch" || talk.incoming() != nullptr) {
            labels_count_ = false;
            return;
        }
        ++readers_[c.session].expected[std::string(*label)];
    }

    door::test::hub hub_;
    door::irc::irc_door irc_;
    std::map<char, chat::session_id> who_;
    std::map<chat::session_id, reader> readers_;
    unsigned settled_ = 0;
    bool labels_count_ = true;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run_of_sasl run;
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
