// The order in which effects leave: what `node` does with them, in its smallest form. What needs the store and all that
// is behind it wait for its answer; of what was refused its sender's `not_stored` takes the place.
#pragma once

#include <deque>
#include <set>

#include "chat/onlooker_test.hpp"

namespace brusio::chat::test {

class release {
  public:
    explicit release(onlooker& eyes) : eyes_(eyes) {}

    // The effects of one command. Empty, or what is wrong.
    std::string take(const stamped& cause, const effects& out) {
        const auto* answer = std::get_if<store_answer>(&cause.what);
        if (answer != nullptr) {
            if (auto wrong = answered(*answer, out); !wrong.empty()) return wrong;
        } else if (auto wrong = hold(out); !wrong.empty()) {
            return wrong;
        }
        return let_go();
    }
    const std::set<message_id>& unanswered() const { return unanswered_; }

  private:
    std::string hold(const effects& out) {
        held_.insert(held_.end(), out.begin(), out.end());
        for (const auto& e : out) {
            if (const auto* r = std::get_if<remember>(&e)) unanswered_.insert(r->id);
            if (down_ && std::holds_alternative<remember>(e)) return "something passes while the store is down";
        }
        return {};
    }
    std::string answered(const store_answer& answer, const effects& out) {
        down_ = answer.verdict != store_verdict::committed;
        if (answer.verdict == store_verdict::refused) {
            for (const auto& e : out) {
                const auto* n = std::get_if<not_stored>(&e);
                if (n == nullptr) return "a refusal has another effect than not_stored";
                if (!unanswered_.contains(n->id)) return "something is refused that does not wait";
                if (!replace(*n)) return "a refusal goes to another than the sender";
            }
            refused_.insert(unanswered_.begin(), unanswered_.end());
            std::erase_if(held_, [&](const effect& e) { return std::holds_alternative<remember>(e); });
            unanswered_.clear();
            return {};
        }
        if (answer.verdict == store_verdict::committed) {
            unanswered_.erase(unanswered_.begin(), unanswered_.upper_bound(answer.up_to));
            for (const auto& e : out) {
                const auto* r = std::get_if<remember>(&e);
                if (r == nullptr) return "the store is well, and something else follows than what it has missed";
                if (std::holds_alternative<entry_record>(r->what)) return "what was not said is remembered";
            }
            return hold(out);
        }
        return out.empty() ? "" : "an answer that says nothing has an effect";
    }
    static message_id id_of(const effect& e) {
        if (const auto* s = std::get_if<said>(&e)) return s->id;
        if (const auto* t = std::get_if<told>(&e)) return t->id;
        if (const auto* d = std::get_if<done>(&e)) return d->id;
        if (const auto* r = std::get_if<redacted>(&e)) return r->id;
        return {};
    }
    bool replace(const not_stored& n) {
        for (auto& e : held_) {
            if (id_of(e) != n.id) continue;
            const auto asked_by = std::visit(
                [](const auto& what) {
                    if constexpr (requires { what.session; }) return what.session;
                    return session_id{};
                },
                e);
            if (asked_by != n.session) return false;
            e = n;
            return true;
        }
        return false;
    }
    std::string let_go() {
        while (!held_.empty()) {
            const auto* r = std::get_if<remember>(&held_.front());
            if (r != nullptr && unanswered_.contains(r->id)) break;
            if (refused_.contains(id_of(held_.front()))) return "something leaves that was refused";
            if (auto wrong = eyes_.see(held_.front()); !wrong.empty()) {
                return wrong + ", by an effect of kind " + std::to_string(held_.front().index());
            }
            held_.pop_front();
        }
        return {};
    }

    onlooker& eyes_;
    std::deque<effect> held_;
    std::set<message_id> unanswered_;
    std::set<message_id> refused_;
    bool down_ = false;
};

}  // namespace brusio::chat::test
