// store: what survives. It knows records and transactions; it does not know connections, doors, or what a message means
// to anybody. One interface, and engines behind it; this version has the null engine only.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "chat/values.hpp"

namespace brusio::store {

// What must be durable before the effects of the same batch leave. Asking again with the same `number` must be
// harmless: records are known by their message id.
struct batch {
    std::uint64_t number = 0;
    std::vector<chat::remember> records;  // in the order of their ids; empty: is the store well?
};

struct answer {
    std::uint64_t number = 0;
    chat::store_verdict verdict = chat::store_verdict::committed;
};

class engine {
  public:
    virtual ~engine() = default;

    // False: there is no memory, and nobody needs to wait for it.
    virtual bool remembers() const = 0;

    // Called on the chat thread, one batch at a time; does not block. Answers exactly once, within the call or later on
    // any thread: *committed* (all of it is durable), *refused* (none of it is, nor will be), or *unknown* (ask again).
    virtual void commit(batch what, std::function<void(answer)> done) = 0;
};

// Remembers nothing, at once.
class null_engine final : public engine {
  public:
    bool remembers() const override { return false; }
    void commit(batch what, std::function<void(answer)> done) override {
        done({what.number, chat::store_verdict::committed});
    }
};

}  // namespace brusio::store
