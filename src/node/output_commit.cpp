#include "node/output_commit.hpp"

#include <concepts>
#include <unordered_map>

namespace brusio::node {
namespace {

constexpr std::int64_t ask_again_ms = 250;      // after *unknown*
constexpr std::int64_t ask_if_well_ms = 1'000;  // after *refused*

}  // namespace

output_commit::output_commit(store::engine& store,
                             std::function<void(std::vector<chat::effect>&, std::int64_t)> release,
                             std::function<void(store::answer)> done)
    : store_(store), release_(std::move(release)), done_(std::move(done)) {}

void output_commit::add(std::vector<chat::effect>& effects, std::int64_t cost) {
    if (effects.empty() && cost == 0) return;
    const bool front_is_away = batches_.size() == 1 && batches_.front().number == asked_;
    if (batches_.empty() || front_is_away) batches_.push_back({.number = ++numbers_});
    auto& open = batches_.back();
    for (auto& e : effects) {
        if (auto* record = std::get_if<chat::remember>(&e)) {
            open.records.push_back(std::move(*record));
        } else {
            open.effects.push_back(std::move(e));
        }
    }
    open.cost += cost;
    effects.clear();
}

void output_commit::end_turn() {
    while (!batches_.empty()) {
        const bool at_the_store = batches_.front().number == asked_;
        const bool unknown = ask_at_ms_ && !refused_;
        if (at_the_store || unknown) return;
        if (!batches_.front().records.empty()) return submit(batches_.front());
        release_front();
    }
}

void output_commit::submit(const batch& b) {
    asked_ = b.number;
    store_.commit({b.number, b.records}, done_);
}

void output_commit::release_front() {
    auto b = std::move(batches_.front());
    batches_.pop_front();
    release_(b.effects, b.cost);
}

std::optional<chat::store_answer> output_commit::on_answer(const store::answer& answer, std::int64_t now_ms) {
    if (answer.number != asked_) return std::nullopt;
    asked_ = 0;
    const bool about_batch = !batches_.empty() && batches_.front().number == answer.number;
    const auto last =
        about_batch && !batches_.front().records.empty() ? batches_.front().records.back().id : chat::message_id{};
    switch (answer.verdict) {
        case chat::store_verdict::committed:
            refused_ = false;
            ask_at_ms_.reset();
            if (about_batch) release_front();
            break;
        case chat::store_verdict::refused:
            // None of what waits behind it goes to the store as it is: chat decides it again.
            for (auto& b : batches_) b.records.clear();
            refused_ = true;
            ask_at_ms_ = now_ms + ask_if_well_ms;
            break;
        case chat::store_verdict::unknown:
            ask_at_ms_ = now_ms + (about_batch ? ask_again_ms : ask_if_well_ms);
            break;
    }
    return chat::store_answer{answer.verdict, last};
}

void output_commit::decided(std::vector<chat::effect>& effects) {
    std::unordered_map<std::uint64_t, chat::effect*> refused;
    for (auto& e : effects) {
        if (const auto* n = std::get_if<chat::not_stored>(&e)) refused.emplace(n->id.value, &e);
    }
    if (refused.empty()) return;
    const auto id_of = [](const chat::effect& e) {
        return std::visit(
            []<class E>(const E& x) {
                if constexpr (requires {
                                  { x.id } -> std::convertible_to<chat::message_id>;
                              })
                    return x.id;
                return chat::message_id{};
            },
            e);
    };
    for (auto& b : batches_) {
        for (auto& e : b.effects) {
            const auto id = id_of(e);
            if (const auto at = id ? refused.find(id.value) : refused.end(); at != refused.end()) e = *at->second;
        }
    }
    std::erase_if(effects, [](const chat::effect& e) { return std::holds_alternative<chat::not_stored>(e); });
}

std::optional<std::int64_t> output_commit::tick(std::int64_t now_ms) {
    if (ask_at_ms_ && *ask_at_ms_ <= now_ms && asked_ == 0) {
        ask_at_ms_.reset();
        if (refused_) {
            asked_ = ++numbers_;
            store_.commit({asked_, {}}, done_);
        } else if (!batches_.empty()) {
            submit(batches_.front());
        }
    }
    return ask_at_ms_;
}

}  // namespace brusio::node
