// Output commit: nothing leaves for the network before all that it depends on is durable, and nothing overtakes.
//
// Effects are collected in batches. A batch with something to remember goes to the store; while it is there, everything
// that happens collects in the next one, so batches grow by themselves with the store's latency (group commit). A batch
// with nothing to remember leaves as soon as every earlier one has. Chat thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "chat/values.hpp"
#include "store/store.hpp"

namespace brusio::node {

class output_commit {
  public:
    // `release` gets effects that may leave now, in order, and the cost they were added with.
    // `done` is handed to the store and passes its answers back to `on_answer` on the chat thread.
    output_commit(store::engine& store, std::function<void(std::vector<chat::effect>&, std::int64_t)> release,
                  std::function<void(store::answer)> done);

    // What followed from a turn's commands; empties `effects`. `cost` comes back with the release.
    void add(std::vector<chat::effect>& effects, std::int64_t cost);

    // At the end of a turn: releases or submits what can be.
    void end_turn();

    // What chat has to be told of an answer, if anything: apply it, and give what follows to `decided`.
    // `now_ms` and `next_ms`: the clock that `tick` is called with.
    std::optional<chat::store_answer> on_answer(const store::answer& answer, std::int64_t now_ms);
    // What followed from the answer: `not_stored` takes the place of what it names, and is taken out of `effects`; the
    // rest is for `add`.
    void decided(std::vector<chat::effect>& effects);

    // Asks again after *unknown*, or whether the store is well again after *refused*; when it wants to be called next.
    std::optional<std::int64_t> tick(std::int64_t now_ms);

    bool idle() const { return batches_.empty(); }

  private:
    struct batch {
        std::uint64_t number = 0;
        std::vector<chat::remember> records;
        std::vector<chat::effect> effects;
        std::int64_t cost = 0;
    };
    void submit(const batch& b);
    void release_front();

    store::engine& store_;
    std::function<void(std::vector<chat::effect>&, std::int64_t)> release_;
    std::function<void(store::answer)> done_;
    std::deque<batch> batches_;  // the front may be at the store; the back is still open
    std::uint64_t numbers_ = 0;
    std::uint64_t asked_ = 0;  // the number of the batch or question that is at the store; 0: none
    std::optional<std::int64_t> ask_at_ms_;
    bool refused_ = false;  // the store failed, and has not said since that it is well
};

}  // namespace brusio::node
