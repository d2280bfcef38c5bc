// store: what survives. It keeps records (chat/records.hpp) in transactions and answers questions about them; it does
// not know connections, doors, rules, or who may read what: whoever asks has been allowed to. One interface, and
// engines behind it, which the contract tests hold to the same promises (contract_test.hpp). What an engine is made of
// (SQL, files, threads) does not show through it.
//
// Order: when a batch has been answered *committed*, questions asked afterwards see it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "chat/values.hpp"
#include "store/questions.hpp"

namespace brusio::store {

// ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// What must be durable before the effects of the same batch leave. Asking again with the same `number` must be
// harmless: records are the whole of what they are about, and entries are known by their message id.
struct batch {
    std::uint64_t number = 0;
    std::vector<chat::remember> records;  // in the order of their ids; empty: is the store well?
};

struct answer {
    std::uint64_t number = 0;
    chat::store_verdict verdict = chat::store_verdict::committed;
    std::string why;  // of *refused* and *unknown*: "the disk is full". The engine logs it, once for each change
};

// ── upkeep ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// How long messages are kept; 0: for ever. A channel's own `keep_ms` goes before `channels_ms`.
struct retention {
    std::int64_t channels_ms = 0;
    std::int64_t direct_ms = 0;
};

class engine {
  public:
    virtual ~engine() = default;

    // False: there is no memory, and nobody needs to wait for it.
    virtual bool remembers() const = 0;

    // What the server starts with. Once, before anything else; any thread; may take long.
    virtual base::result<chat::memory> load() = 0;

    // Forgets the pasts of channels and parties that are not in `than`, what `load` gave: they ended with the process
    // that had them, and nobody can come back to them. After `load`, before the first batch; may take long.
    virtual base::result<void> forget_others(const chat::memory& than) = 0;

    // Called on the chat thread, one batch at a time; does not block. Answers exactly once, within the call or later on
    // any thread: *committed* (all of it is durable), *refused* (none of it is), or *unknown* (ask again). What was
    // refused only after having been unknown for some seconds may be found after a crash; nobody has seen it before.
    virtual void commit(batch what, std::function<void(answer)> done) = 0;

    // Any thread; does not block. Answers exactly once, on a thread of the engine's, in no order; an error is a
    // sentence. At most so many questions wait; more are answered with an error at once.
    virtual void ask(question what, std::function<void(base::result<reply>)> done) = 0;

    // Any thread; `done` is called once, on any thread, when it is all done; an error is a sentence for the operator.
    using outcome = std::function<void(base::result<std::string>)>;
    // A whole copy, as of one moment, while everything else goes on. The file must not exist; it gets mode 0600.
    virtual void back_up(std::string file, outcome done) = 0;
    // All that a party said, oldest first, and what is kept of the account: one JSON object a line, to `sink` (called
    // on a thread of the engine's; false ends it).
    virtual void export_party(chat::party_id who, std::function<bool(std::string_view)> sink, outcome done) = 0;
    // All that a party said loses its text, as by a redaction, and its own sides of conversations are forgotten;
    // nothing of it is left in the files afterwards.
    virtual void erase_party(chat::party_id who, outcome done) = 0;
    virtual void set_retention(retention now) = 0;
};

// Remembers nothing, at once.
class null_engine final : public engine {
  public:
    bool remembers() const override { return false; }
    base::result<chat::memory> load() override { return chat::memory{}; }
    base::result<void> forget_others(const chat::memory& /*than*/) override { return {}; }
    void commit(batch what, std::function<void(answer)> done) override {
        done({what.number, chat::store_verdict::committed, {}});
    }
    void ask(question /*what*/, std::function<void(base::result<reply>)> done) override { done(none()); }
    void back_up(std::string /*file*/, outcome done) override { done(none()); }
    void export_party(chat::party_id /*who*/, std::function<bool(std::string_view)> /*sink*/, outcome done) override {
        done(none());
    }
    void erase_party(chat::party_id /*who*/, outcome done) override { done(none()); }
    void set_retention(retention /*now*/) override {}

  private:
    static std::unexpected<base::error> none() { return base::fail("this server keeps no history"); }
};

}  // namespace brusio::store
