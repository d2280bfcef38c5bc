// What a client has to wait for: its log-in, the holder of a name, the next slice of a long answer, a password.
// docs/adr/0005.
#include "node/body.hpp"

namespace brusio::node {
namespace {

bool is_long(const chat::command& what) {
    return std::holds_alternative<chat::ask_names>(what) || std::holds_alternative<chat::ask_who>(what) ||
           std::holds_alternative<chat::ask_channels>(what);
}

// What is said next may depend on whose the session is by then.
bool may_change_whose_it_is(const chat::command& what) {
    return std::holds_alternative<chat::register_account>(what) || std::holds_alternative<chat::verify_account>(what) ||
           std::holds_alternative<chat::set_account>(what);
}

}  // namespace

// People reconnect faster than the kernel tells us that they are gone: before a name is refused as taken, the holder's
// worker is asked whether that connection has ended. Until it has answered, whatever else this client says waits.
void node::body::apply_for(link& l, chat::command what) {
    if (std::holds_alternative<chat::log_in>(what)) wait(l, for_log_in);
    const bool of_account = may_change_whose_it_is(what);
    if (is_long(what)) {
        wait(l, for_slices);
        slices.push_back(std::move(what));
        return;
    }
    const auto before = effects.size();
    apply(std::move(what));
    if (of_account && effects.size() > before) wait(l, for_account);
    if (effects.empty()) return;
    if (more_to_come(l)) wait(l, for_slices);
    const auto* asked = std::get_if<chat::door_asked>(&effects.back());
    if (asked != nullptr && asked->session == l.session && asked->topic == door::reload_question) return ask_reload(l);
    const auto waits_for_store = [&](const auto* e) { return e != nullptr && e->session == l.session; };
    if (waits_for_store(std::get_if<chat::past_granted>(&effects.back())) ||
        waits_for_store(std::get_if<chat::redaction_asked>(&effects.back()))) {
        return wait(l, for_past);
    }
    if (ask_holder<chat::log_in_refused>(l) || ask_holder<chat::rename_refused>(l)) effects.pop_back();
}

template <class Refused>
bool node::body::ask_holder(link& l) {
    auto* refused = std::get_if<Refused>(&effects.back());
    if (refused == nullptr || refused->session != l.session) return false;
    if (std::ranges::find(l.asked, refused->holder) != l.asked.end()) return false;
    const auto* holder = table.find(refused->holder);
    if (holder == nullptr) return false;
    l.asked.push_back(refused->holder);
    wait(l, for_holder);
    asked_holders.emplace(++last_token, asking{l.session, std::move(refused->asked)});
    engine.probe(holder->conn, last_token);
    return true;
}

// The holder's last messages and its end came before this answer. It may be another who has the name now; then that one
// is asked.
void node::body::on_probed(const net::event& e) {
    const auto at = asked_holders.find(e.token);
    if (at == asked_holders.end()) return;
    auto [session, again] = std::move(at->second);
    asked_holders.erase(at);
    auto* l = table.find(session);
    if (l == nullptr || l->session_over) return;  // whoever asked is gone, too
    l->waits &= static_cast<std::uint8_t>(~for_holder);
    apply_for(*l, std::move(again));
    // What was said in the meantime was said before this answer: nobody is asked a second time for it.
    if (l->waits == 0) go_on(*l, for_holder);
}

void node::body::wait(link& l, wait_bit why) {
    l.waits |= why;
    // The worker of a door whose first message logs in holds the rest by itself.
    if (l.held || (l.name.empty() && l.at->first_message_logs_in())) return;
    l.held = true;
    engine.hold(l.conn);
}

void node::body::go_on(link& l, wait_bit why) {
    l.waits &= static_cast<std::uint8_t>(~why);
    while (l.waits == 0 && l.later && !l.later->empty()) {
        auto next = std::move(l.later->front());
        l.later->pop_front();
        if (auto* e = std::get_if<net::event>(&next)) {
            on_input(l, *e);
        } else {
            act(l, std::get<door::action>(next));
        }
    }
    if (l.waits != 0) return;
    l.later.reset();
    l.asked.clear();
    if (std::exchange(l.held, false)) engine.unhold(l.conn);
}

// What its asker said after the question waits until the last slice is applied.
void node::body::apply_slice(chat::command what) {
    const auto session = std::visit(
        [](const auto& question) {
            if constexpr (requires { question.session; }) return question.session;
            return chat::session_id{};
        },
        what);
    const auto before = effects.size();
    apply(std::move(what));
    auto* l = table.find(session);
    if (l == nullptr || (effects.size() > before && more_to_come(*l))) return;
    go_on(*l, for_slices);
}

bool node::body::more_to_come(const link& l) const {
    return std::visit(
        [&](const auto& x) {
            if constexpr (requires { x.more, x.asked; }) return x.session == l.session && x.more;
            return false;
        },
        effects.back());
}

void node::body::ask_password(link& l, door::check_password& question) {
    wait(l, for_password);
    auto answer = later_for(l, [this](link& there, bool right) {
        std::vector<door::action> actions;
        there.waits &= static_cast<std::uint8_t>(~for_password);
        there.talk->hear_checked(right, actions);
        act(there, actions);
        if (there.waits == 0) go_on(there, for_password);
    });
    const bool taken =
        work.post([is_password = options.is_password, kept = std::move(question.kept),
                   given = std::move(question.given), answer] { answer(is_password && is_password(kept, given)); });
    if (!taken) answer(false);
}

// ── the store ───────────────────────────────────────────────────────────────────────────────────────────────────────

void node::body::look_up(link& l, store::question what) {
    wait(l, for_past);
    l.looking_up = true;
    memory->ask(std::move(what),
                later_for(l, [this](link& there, const base::result<store::reply>& result) { found(there, result); }));
}

void node::body::found(link& l, const base::result<store::reply>& what) {
    l.looking_up = false;
    if (!l.closing) reply_to(l, l.talk->hear_found(what));
    if (l.looking_up) return;  // there is more to ask
    l.waits &= static_cast<std::uint8_t>(~for_past);
    if (l.waits == 0) go_on(l, for_past);
}

// Whose the message is that somebody wants to take back.
void node::body::look_up_entry(const chat::redaction_asked& e) {
    auto* l = table.find(e.session);
    if (l == nullptr) return;
    l->looking_up = true;
    store::entry_query query{{e.part.channel, e.part.owner, e.part.peer, e.part.peer_fold, e.part.from}, e.what.id};
    memory->ask(query, later_for(*l, [this, what = e.what](link& there, const base::result<store::reply>& result) {
                    there.looking_up = false;
                    there.waits &= static_cast<std::uint8_t>(~for_past);
                    auto again = what;
                    again.found = true;
                    const auto* page = result ? std::get_if<store::page>(&*result) : nullptr;
                    // Only what somebody said can be taken back, not that it happened.
                    if (page != nullptr && !page->entries.empty() && !page->entries.front().redacted &&
                        page->entries.front().kind <= chat::entry_kind::tags) {
                        again.from = page->entries.front().from;
                    }
                    apply_for(there, std::move(again));
                    if (there.waits == 0) go_on(there, for_past);
                }));
}

void node::body::ask_reload(link& l) {
    wait(l, for_reload);
    auto done = later_for(l, [this](link& there, const std::string& outcome) {
        std::vector<door::action> actions;
        there.waits &= static_cast<std::uint8_t>(~for_reload);
        there.talk->hear_reloaded(outcome, actions);
        act(there, actions);
        if (there.waits == 0) go_on(there, for_reload);
    });
    if (!options.reload) return done(std::string("The old configuration stays: this server cannot reload it"));
    options.reload(std::move(done));
}

void node::body::on_readdressed(link& l, const net::event& e) {
    l.from = e.from;
    std::vector<door::action> actions;
    l.waits &= static_cast<std::uint8_t>(~for_move);
    l.talk->hear_moved(caller_of(l), e.refused, actions);
    act(l, actions);
    if (l.waits == 0) go_on(l, for_move);
}

}  // namespace brusio::node
