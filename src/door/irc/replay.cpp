// What an account missed, for clients that cannot ask for it: messages only, as if they were said now.
#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "base/identity.hpp"
#include "door/irc/reading.hpp"
#include "door/irc/render.hpp"

namespace brusio::door::irc {
namespace {

constexpr std::uint32_t conversations_max = 50;

// What programs ask each other is not asked again.
bool is_replayed(const chat::entry& e) {
    return !e.redacted && (e.kind == chat::entry_kind::text || e.kind == chat::entry_kind::action ||
                           e.kind == chat::entry_kind::notice);
}

void put(batch_of_lines& to, const irc_conversation& talk, const chat::entry& e) {
    auto what = e.what;
    what.kind = static_cast<chat::speech>(e.kind);
    if (!talk.has(server_time)) {
        const auto minutes = e.at_ms / 60'000;
        const auto before = fmt::format("[{:02}:{:02}] ", minutes / 60 % 24, minutes % 60);
        what.body.insert(0, before);
        for (auto& b : what.breaks) b += static_cast<std::uint32_t>(before.size());
    }
    std::string lines;
    render_message(lines, {e.id, e.at_ms, &e.who, e.target, &what}, talk.enabled() & shape_caps);
    to.add(lines);
}

// The last ones between what the account has seen and what the session hears itself.
std::optional<store::page_query> missed(const irc_conversation& talk, store::timeline of, chat::message_id before) {
    const auto after = talk.missed_after();
    if (before <= after) return std::nullopt;
    return store::page_query{.of = std::move(of),
                             .which = store::span::between,
                             .after = before,
                             .before = after,
                             .limit = talk.options().history.replay_lines};
}

void replay(std::string& out, irc_conversation& talk, const store::page& page, std::string_view name, auto&& wanted) {
    std::vector<const chat::entry*> all;
    for (const auto& e : page.entries) {
        if (is_replayed(e) && wanted(e)) all.push_back(&e);
    }
    std::size_t bytes = 0;
    auto first = all.end();
    while (first != all.begin() && bytes <= history_bytes_max) bytes += (*--first)->what.body.size() + 200;
    if (first == all.end()) return;
    batch_of_lines to(talk, out, "chathistory", name);
    for (; first != all.end(); ++first) put(to, talk, **first);
    to.close();
}

class channel_task final : public past_task {
  public:
    channel_task(irc_conversation& talk, const chat::past_granted::part& part, chat::message_id before)
        : talk_(talk), part_(part), before_(before) {}

    bool was_asked() const override { return false; }
    std::optional<store::question> begin(std::string& /*out*/) override {
        return missed(talk_, timeline_of(part_), before_);
    }
    std::optional<store::question> go_on(const base::result<store::reply>& what, std::string& out) override {
        const auto* page = what ? std::get_if<store::page>(&*what) : nullptr;
        if (page != nullptr) replay(out, talk_, *page, part_.name, [](const auto&) { return true; });
        return std::nullopt;
    }

  private:
    irc_conversation& talk_;
    chat::past_granted::part part_;
    chat::message_id before_;
};

// First who has written, then what each of them has.
class conversations_task final : public past_task {
  public:
    conversations_task(irc_conversation& talk, base::party_id owner, chat::message_id before)
        : talk_(talk), owner_(owner), before_(before) {}

    bool was_asked() const override { return false; }
    std::optional<store::question> begin(std::string& /*out*/) override {
        return store::targets_query{
            .channels = {}, .owner = owner_, .after = talk_.missed_after(), .before = {}, .limit = conversations_max};
    }
    std::optional<store::question> go_on(const base::result<store::reply>& what, std::string& out) override {
        if (!what) return std::nullopt;
        if (const auto* found = std::get_if<store::targets>(&*what)) {
            for (const auto& one : found->all) names_.push_back(one.name);
        } else if (const auto* page = std::get_if<store::page>(&*what)) {
            // Whoever knows of neither of these would take their own words for somebody else's.
            const bool own_too = talk_.has(self_message) || talk_.has(echo_message);
            const auto self = base::fold(talk_.nick());
            replay(out, talk_, *page, names_.front(),
                   [&](const chat::entry& e) { return own_too || e.from != owner_ || base::fold(e.target) == self; });
            names_.pop_front();
        }
        if (names_.empty()) return std::nullopt;
        return missed(talk_, {.owner = owner_, .peer_fold = base::fold(names_.front())}, before_);
    }

  private:
    irc_conversation& talk_;
    base::party_id owner_;
    chat::message_id before_;
    std::deque<std::string> names_;
};

}  // namespace

std::unique_ptr<past_task> missed_in_channel(irc_conversation& talk, const chat::past_granted& e,
                                             chat::message_id before) {
    if (e.parts.empty() || talk.has(chathistory)) return nullptr;
    return std::make_unique<channel_task>(talk, e.parts.front(), before);
}

std::unique_ptr<past_task> missed_messages(irc_conversation& talk, const chat::past_granted& e,
                                           chat::message_id before) {
    const auto own = std::ranges::find_if(e.parts, [](const auto& part) { return bool(part.owner); });
    if (own == e.parts.end() || talk.has(chathistory)) return nullptr;
    return std::make_unique<conversations_task>(talk, own->owner, before);
}

}  // namespace brusio::door::irc
