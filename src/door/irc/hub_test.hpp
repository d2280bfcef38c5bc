// What the tests of this folder and tests/fuzz/irc_session_fuzz.cpp share: conversations of any door on one
// chat::state, with no sockets and no store. Effects go out as node/departures.cpp sends them, and what a client has to
// wait for is waited for as in node/questions.cpp.
//
// Nothing that follows from what is fed is sent before settle(): so tests decide how much is heard before the first
// answer.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "chat/chat.hpp"
#include "door/door.hpp"
#include "door/irc/log_ins_test.hpp"
#include "door/irc/past_test.hpp"

namespace brusio::door::test {

struct client {
    enum wait : unsigned { for_log_in = 1, for_slices = 2, for_node = 4, for_past = 8 };

    chat::session_id session;
    door* at = nullptr;
    caller from;
    std::unique_ptr<conversation> talk;
    std::string input;  // not yet a whole message
    std::string sent;   // and not looked at yet
    std::string reason;
    std::vector<chat::channel_id> channels;
    std::deque<action> later;
    unsigned waits = 0;
    bool looking_up = false;
    bool skipping = false;
    bool broken = false;
    bool closing = false;  // nothing more is sent to it
    bool session_over = false;

    std::string take() { return std::exchange(sent, {}); }
};

class hub {
  public:
    explicit hub(chat::settings options) : state(std::move(options)) {}

    client& open(door& at, caller from) {
        auto& c = clients.emplace_back();
        c.session = {1, ++last_session_};
        c.at = &at;
        c.from = from;
        c.talk = at.open(c.session, std::move(from));
        return c;
    }

    // Bytes from its socket, in any pieces.
    void feed(client& c, std::string_view bytes) {
        c.input += bytes;
        pump(c);
    }

    void end(client& c) {
        if (c.closing || c.waits != 0) return;
        std::vector<action> actions;
        c.talk->hear_end(actions);
        act(c, actions);
    }

    // All that follows from what was heard, in the order of the node's turns.
    void settle() {
        for (;;) {
            if (!effects_.empty()) {
                auto leaving = std::exchange(effects_, {});
                if (before_leaving) std::ranges::for_each(leaving, before_leaving);
                for (const auto& e : leaving) leave_for(e);
                if (const auto last = std::exchange(remembered_, {})) {
                    apply(chat::store_answer{chat::store_verdict::committed, last});
                }
            } else if (!next_.empty()) {
                auto next = std::move(next_.front());
                next_.pop_front();
                if (auto* command = std::get_if<chat::command>(&next)) {
                    apply(std::move(*command));
                } else {
                    std::get<std::function<void()>>(next)();
                }
            } else if (!slices_.empty()) {
                auto question = std::move(slices_.front());
                slices_.pop_front();
                apply_slice(std::move(question));
            } else {
                return;
            }
        }
    }

    // What nobody here has typed: and all that follows.
    void obey(chat::command what) {
        apply(std::move(what));
        settle();
    }

    // Takes the clients out whose connections are closed.
    void forget_closed() {
        std::erase_if(clients, [](const client& c) { return c.closing; });
    }

    chat::state state;
    std::deque<client> clients;  // stay where they are
    std::int64_t now_ms = 1'795'422'271'123;
    std::uint64_t message_limit = 16384;
    std::string reloaded = "Reloaded";
    std::function<void(client&, std::string_view)> on_message;  // before it is heard
    std::function<void(chat::effect&)> before_leaving;
    remembered_secrets secrets;
    std::string no_passwords;  // why none can be made
    std::vector<mail> letters;
    remembered_past past;  // what chat wants to be remembered
    // Instead of hashing.
    std::function<bool(const check_password&)> is_right = [](const check_password& q) { return q.kept == q.given; };

  private:
    client* find(chat::session_id session) {
        const auto at = std::ranges::find(clients, session, &client::session);
        return at == clients.end() ? nullptr : &*at;
    }

    void pump(client& c) {
        while (!c.input.empty() && c.waits == 0 && !c.closing && !c.broken) {
            const auto& protocol = *c.at->splitter();
            if (c.skipping) {
                bool found = false;
                const auto n = protocol.skip(c.input, found);
                c.input.erase(0, n);
                c.skipping = !found;
                if (n == 0 && !found) return;
                continue;
            }
            const auto s = protocol.next(c.input, message_limit);
            const std::string body(s.body);
            std::vector<action> actions;
            if (s.status != net::split_status::too_long) c.input.erase(0, s.consumed);
            switch (s.status) {
                case net::split_status::need_more:
                    return;
                case net::split_status::message:
                    if (on_message) on_message(c, body);
                    c.talk->hear(body, actions);
                    break;
                case net::split_status::skip:
                    c.skipping = true;
                    if (on_message) on_message(c, body);
                    c.talk->hear_overlong(body, actions);
                    break;
                default:
                    c.broken = true;
                    c.talk->hear_broken(s.status, actions);
            }
            act(c, actions);
        }
    }

    void act(client& c, std::vector<action>& actions) {
        for (auto a = actions.begin(); a != actions.end(); ++a) {
            if (c.waits == 0) {
                act(c, *a);
                continue;
            }
            c.later.insert(c.later.begin(), std::make_move_iterator(a), std::make_move_iterator(actions.end()));
            return;
        }
    }

    void act(client& c, action& a) {
        if (auto* r = std::get_if<reply>(&a)) return reply_to(c, std::move(*r));
        if (auto* question = std::get_if<check_password>(&a)) {
            const bool right = is_right(*question);
            return later_for(c, [right](client& there, auto& actions) { there.talk->hear_checked(right, actions); });
        }
        if (const auto* to = std::get_if<move>(&a)) {
            return later_for(c, [to = to->to](client& there, auto& actions) {
                there.from.from = to;
                there.from.host = to.address();
                there.talk->hear_moved(there.from, net::refusal::none, actions);
            });
        }
        if (auto* question = std::get_if<show>(&a)) {
            return later_for(c, [this, q = std::move(*question)](client& there, auto& actions) {
                there.talk->hear_shown(secrets.answer(state, there.session, q), actions);
            });
        }
        if (auto* wanted = std::get_if<make_password>(&a)) {
            return later_for(c, [this, password = std::move(wanted->password)](client& there, auto& actions) {
                if (!no_passwords.empty()) return there.talk->hear_made(base::fail("{}", no_passwords), actions);
                there.talk->hear_made(remembered_secrets::make(password), actions);
            });
        }
        auto& command = std::get<chat::command>(a);
        if (std::holds_alternative<chat::leave>(command)) c.session_over = true;
        apply_for(c, std::move(command));
    }

    template <class Then>
    void later_for(client& c, Then then) {
        c.waits |= client::for_node;
        next_.emplace_back(std::function<void()>([this, session = c.session, then] {
            auto* there = find(session);
            if (there == nullptr || there->session_over) return;
            std::vector<action> actions;
            there->waits &= ~unsigned{client::for_node};
            then(*there, actions);
            act(*there, actions);
            go_on(*there, 0);
        }));
    }

    void apply(chat::command what) { state.apply({now_ms, std::move(what)}, effects_); }

    void apply_for(client& c, chat::command what) {
        if (std::holds_alternative<chat::log_in>(what) || comes_by_registering(what)) c.waits |= client::for_log_in;
        if (std::holds_alternative<chat::ask_names>(what) || std::holds_alternative<chat::ask_who>(what) ||
            std::holds_alternative<chat::ask_channels>(what)) {
            c.waits |= client::for_slices;
            slices_.push_back(std::move(what));
            return;
        }
        apply(std::move(what));
        if (more_to_come(c)) c.waits |= client::for_slices;
        if (asks_store<chat::past_granted>(c) || asks_store<chat::redaction_asked>(c)) c.waits |= client::for_past;
        const auto* asked = effects_.empty() ? nullptr : std::get_if<chat::door_asked>(&effects_.back());
        if (asked != nullptr && asked->session == c.session && asked->topic == reload_question) {
            later_for(c, [this](client& there, auto& actions) { there.talk->hear_reloaded(reloaded, actions); });
        }
    }

    // Before the log-in these are waited for as a log-in is.
    static bool comes_by_registering(const chat::command& what) {
        const auto* r = std::get_if<chat::register_account>(&what);
        const auto* v = std::get_if<chat::verify_account>(&what);
        return (r != nullptr && r->before_log_in) || (v != nullptr && v->before_log_in);
    }

    void go_on_after(chat::session_id session) {
        next_.emplace_back(std::function<void()>([this, session] {
            if (auto* c = find(session); c != nullptr && (c->waits & client::for_log_in) != 0) {
                go_on(*c, client::for_log_in);
            }
        }));
    }

    template <class Effect>
    bool asks_store(const client& c) const {
        const auto* e = effects_.empty() ? nullptr : std::get_if<Effect>(&effects_.back());
        return e != nullptr && e->session == c.session;
    }

    void look_up(client& c, store::question what) {
        c.waits |= client::for_past;
        c.looking_up = true;
        next_.emplace_back(std::function<void()>([this, session = c.session, what = std::move(what)] {
            auto* there = find(session);
            if (there == nullptr || there->session_over) return;
            there->looking_up = false;
            if (!there->closing) reply_to(*there, there->talk->hear_found(past.answer(what)));
            if (!there->looking_up) go_on(*there, client::for_past);
        }));
    }

    void look_up(const chat::redaction_asked& e) {
        next_.emplace_back(std::function<void()>([this, e] {
            auto* there = find(e.session);
            if (there == nullptr || there->session_over) return;
            const auto& p = e.part;
            auto again = e.what;
            again.found = true;
            const auto found =
                past.answer(store::entry_query{{p.channel, p.owner, p.peer, p.peer_fold, p.from}, e.what.id});
            const auto* page = found ? std::get_if<store::page>(&*found) : nullptr;
            if (page != nullptr && !page->entries.empty() && !page->entries.front().redacted) {
                again.from = page->entries.front().from;
            }
            there->waits &= ~unsigned{client::for_past};
            apply_for(*there, std::move(again));
            if (there->waits == 0) go_on(*there, client::for_past);
        }));
    }

    void apply_slice(chat::command what) {
        const auto session = std::visit(
            [](const auto& question) {
                if constexpr (requires { question.session; }) return question.session;
                return chat::session_id{};
            },
            what);
        const auto before = effects_.size();
        apply(std::move(what));
        auto* c = find(session);
        if (c == nullptr || (effects_.size() > before && more_to_come(*c))) return;
        go_on(*c, client::for_slices);
    }

    bool more_to_come(const client& c) const {
        if (effects_.empty()) return false;
        return std::visit(
            [&](const auto& x) {
                if constexpr (requires { x.more, x.asked; }) return x.session == c.session && x.more;
                return false;
            },
            effects_.back());
    }

    void go_on(client& c, unsigned why) {
        c.waits &= ~why;
        while (c.waits == 0 && !c.later.empty()) {
            auto next = std::move(c.later.front());
            c.later.pop_front();
            act(c, next);
        }
        if (c.waits == 0) pump(c);
    }

    void leave_for(const chat::effect& e) {
        std::visit(
            [&]<class E>(const E& x) {
                if constexpr (std::is_same_v<E, chat::said>) {
                    if (x.at_least == 0) {
                        to_channels({x.channel}, {x.session}, e);
                    } else {
                        to_sessions(x.to, x.session, e);
                    }
                } else if constexpr (std::is_same_v<E, chat::told>) {
                    to_sessions(x.to, {}, e);
                } else if constexpr (std::is_same_v<E, chat::came_or_went> || std::is_same_v<E, chat::ended>) {
                    return to_sessions(x.to, {}, e);
                } else if constexpr (std::is_same_v<E, chat::logged_in> || std::is_same_v<E, chat::log_in_refused> ||
                                     std::is_same_v<E, chat::not_let_in>) {
                    next_.emplace_back(std::function<void()>([this, session = x.session] {
                        if (auto* c = find(session)) go_on(*c, client::for_log_in);
                    }));
                } else if constexpr (std::is_same_v<E, chat::remember>) {
                    past.take(x.what);
                    secrets.take(x.what);
                    remembered_ = x.id;
                } else if constexpr (std::is_same_v<E, chat::account_is>) {
                    // For its asker alone; its channels and sessions are what it tells.
                } else if constexpr (std::is_same_v<E, chat::seated>) {
                    if (auto* c = find(x.session)) c->channels.push_back(x.channel);
                } else if constexpr (std::is_same_v<E, chat::redaction_asked>) {
                    return look_up(x);
                } else if constexpr (std::is_same_v<E, chat::redacted>) {
                    if (x.channel) {
                        to_channels({x.channel}, {x.session}, e);
                    } else {
                        to_sessions(x.to, x.session, e);
                    }
                } else if constexpr (std::is_same_v<E, chat::marker_is> || std::is_same_v<E, chat::metadata_changed>) {
                    to_sessions(x.to, x.session, e);
                } else if constexpr (std::is_same_v<E, chat::past_granted> || std::is_same_v<E, chat::past_refused>) {
                    auto* c = find(x.session);
                    if (c == nullptr) return;
                    if (!c->closing) reply_to(*c, c->talk->answer(e));
                    if (!c->looking_up) {
                        next_.emplace_back(std::function<void()>([this, session = x.session] {
                            if (auto* there = find(session)) go_on(*there, client::for_past);
                        }));
                    }
                    return;
                } else if constexpr (std::is_same_v<E, chat::joined>) {
                    to_channels({x.channel}, {}, e);
                    for (const auto s : x.sessions) {
                        if (auto* c = find(s)) c->channels.push_back(x.channel);
                    }
                    to_sessions(x.sessions, x.session, e);
                } else if constexpr (std::is_same_v<E, chat::parted> || std::is_same_v<E, chat::kicked>) {
                    for (const auto s : x.sessions) {
                        if (auto* c = find(s)) std::erase(c->channels, x.channel);
                    }
                    to_channels({x.channel}, {x.session}, e);
                    to_sessions(x.sessions, x.session, e);
                } else if constexpr (std::is_same_v<E, chat::left>) {
                    if (auto* c = find(x.session)) c->channels.clear();
                    to_channels(x.channels, {}, e);
                } else if constexpr (std::is_same_v<E, chat::host_shown>) {
                    return to_channels({x.channel}, x.sessions, e);
                } else if constexpr (requires { x.channel_name, x.by; }) {
                    to_channels({x.channel}, {x.session}, e);
                } else if constexpr (requires { x.channels, x.sessions; }) {
                    to_channels(x.channels, x.sessions, e);
                    to_sessions(x.sessions, x.session, e);
                }
                if constexpr (std::is_same_v<E, chat::invited> || std::is_same_v<E, chat::channel_renamed> ||
                              std::is_same_v<E, chat::called_out>) {
                    to_sessions(x.to, x.session, e);
                }
                if constexpr (requires { x.watchers; }) to_sessions(x.watchers, x.session, e);
                if constexpr (!std::is_same_v<E, chat::remember>) {
                    if (auto* c = find(x.session); c != nullptr && !c->closing) reply_to(*c, c->talk->answer(e));
                }
                if constexpr (std::is_same_v<E, chat::done> || std::is_same_v<E, chat::account_refused> ||
                              std::is_same_v<E, chat::not_stored>) {
                    go_on_after(x.session);
                }
                if constexpr (requires { x.more, x.asked; }) {
                    if (x.more) slices_.emplace_back(x.asked);
                }
            },
            e);
    }

    void to_sessions(const std::vector<chat::session_id>& sessions, chat::session_id cause, const chat::effect& e) {
        for (const auto s : sessions) {
            auto* c = s == cause ? nullptr : find(s);
            if (c != nullptr && !c->closing) reply_to(*c, c->talk->overhear(e));
        }
    }

    void to_channels(const std::vector<chat::channel_id>& channels, const std::vector<chat::session_id>& but,
                     const chat::effect& e) {
        for (auto& c : clients) {
            if (c.closing || std::ranges::find(but, c.session) != but.end()) continue;
            const bool there = std::ranges::any_of(
                channels, [&](chat::channel_id id) { return std::ranges::find(c.channels, id) != c.channels.end(); });
            if (there) c.sent += c.at->render(e, c.talk->shape());
        }
    }

    void reply_to(client& c, reply r) {
        if (c.closing) return;
        c.sent += r.bytes;
        for (auto& command : r.then) next_.emplace_back(std::move(command));
        if (r.letter) letters.push_back(std::move(*r.letter));
        if (r.look_up) look_up(c, std::move(*r.look_up));
        if (!r.close) return;
        c.closing = true;
        c.reason = r.reason;
        c.channels.clear();
        if (!std::exchange(c.session_over, true)) next_.emplace_back(chat::command(chat::leave{c.session, r.reason}));
    }

    std::vector<chat::effect> effects_;
    chat::message_id remembered_;
    std::deque<std::variant<chat::command, std::function<void()>>> next_;
    std::deque<chat::command> slices_;
    std::uint64_t last_session_ = 0;
};

}  // namespace brusio::door::test
