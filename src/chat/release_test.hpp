// The order in which effects leave: what `node` does with them, in its smallest form. A message and all that is behind
// it wait for the store's answer; of a refused message its sender's `not_stored` takes the place.
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
        if (answer == nullptr) {
            held_.insert(held_.end(), out.begin(), out.end());
            for (const auto& e : out) {
                if (const auto* r = std::get_if<remember>(&e)) unanswered_.insert(r->id);
                if (down_ && std::holds_alternative<remember>(e)) return "a message passes while the store is down";
            }
        } else if (auto wrong = answered(*answer, out); !wrong.empty()) {
            return wrong;
        }
        return let_go();
    }
    const std::set<message_id>& unanswered() const { return unanswered_; }

  private:
    std::string answered(const store_answer& answer, const effects& out) {
        down_ = answer.verdict != store_verdict::committed;
        if (answer.verdict == store_verdict::refused) {
            for (const auto& e : out) {
                const auto* n = std::get_if<not_stored>(&e);
                if (n == nullptr) return "a refusal has another effect than not_stored";
                if (unanswered_.erase(n->id) == 0) return "a message is refused that does not wait";
                if (!replace(*n)) return "a refusal goes to another than the sender";
            }
            return unanswered_.empty() ? "" : "a message waits on behind a refused one";
        }
        if (!out.empty()) return "an answer of the store that is no refusal has an effect";
        if (answer.verdict == store_verdict::committed) {
            unanswered_.erase(unanswered_.begin(), unanswered_.upper_bound(answer.up_to));
        }
        return {};
    }
    bool replace(const not_stored& n) {
        std::erase_if(held_, [&](const effect& e) {
            const auto* r = std::get_if<remember>(&e);
            return r != nullptr && r->id == n.id;
        });
        for (auto& e : held_) {
            const auto* s = std::get_if<said>(&e);
            if (s == nullptr || s->id != n.id) continue;
            if (s->session != n.session || s->channel_name != n.channel_name) return false;
            e = n;
            return true;
        }
        return false;
    }
    std::string let_go() {
        while (!held_.empty()) {
            const auto* r = std::get_if<remember>(&held_.front());
            if (r != nullptr && unanswered_.contains(r->id)) break;
            if (auto wrong = eyes_.see(held_.front()); !wrong.empty()) return wrong;
            held_.pop_front();
        }
        return {};
    }

    onlooker& eyes_;
    std::deque<effect> held_;
    std::set<message_id> unanswered_;
    bool down_ = false;
};

}  // namespace brusio::chat::test
