// A store that keeps records as they come, and a chat that can be started again with what it has.
#pragma once

#include <map>
#include <set>

#include "base/text.hpp"
#include "chat/picture_test.hpp"

namespace brusio::chat::test {

// What a store makes of records: the latest about something takes the place of the earlier ones.
class shelf {
  public:
    void take(const effects& out) {
        for (const auto& e : out) {
            const auto* r = std::get_if<remember>(&e);
            if (r == nullptr) continue;
            last_ = std::max(last_, r->id);
            if (const auto key = key_of(r->what); !key.empty()) kept_[key] = r->what;
        }
    }
    memory as_memory(std::int64_t last_ms) const {
        memory m{.last = last_, .last_ms = last_ms};
        std::set<account_id> accounts;
        std::set<channel_id> channels;
        for (const auto& a : all<account_record>()) {
            m.accounts.push_back(a);
            accounts.insert(a.id);
        }
        for (auto c : all<channel_record>()) {
            c.looks = {base::channel_look(c.name.name), base::channel_cased_look(c.name.name),
                       base::is_ascii(c.name.name)};
            channels.insert(c.id);
            m.channels.push_back(std::move(c));
        }
        for (auto c : all<credential_record>()) {
            c.secret.clear();
            c.scram.clear();
            if (accounts.contains(c.account)) m.credentials.push_back(std::move(c));
        }
        for (const auto& s : all<seat_record>()) {
            if (accounts.contains(s.account) && channels.contains(s.channel)) m.seats.push_back(s);
        }
        for (const auto& b : all<ban_record>()) m.bans.push_back(b.ban);
        for (const auto& one : all<marker_record>()) {
            if (accounts.contains(one.account)) m.markers.push_back(one);
        }
        for (const auto& one : all<metadata_record>()) {
            if (one.account ? accounts.contains(one.account) : channels.contains(one.channel))
                m.metadata.push_back(one);
        }
        return m;
    }

  private:
    template <class R>
    std::vector<R> all() const {
        std::vector<R> some;
        for (const auto& [key, what] : kept_) {
            const auto* r = std::get_if<R>(&what);
            if (r == nullptr) continue;
            if constexpr (requires { r->gone; }) {
                if (r->gone) continue;
            }
            some.push_back(*r);
        }
        return some;
    }

    std::map<std::string, record> kept_;
    message_id last_;
};

struct remembered : scene {
    explicit remembered(settings options = usual(true)) : scene(options), options_(std::move(options)) {
        watch = [this](const effects& out) { kept.take(out); };
    }
    // The process ends, in whatever way, and another begins with what the store has.
    void crash(std::int64_t later_ms = 1'000) {
        chat = state(options_, kept.as_memory(now_ms));
        EXPECT_EQ(chat.broken_invariant(), "");
        now_ms += later_ms;
    }

    settings options_;
    shelf kept;
};

}  // namespace brusio::chat::test
