// What the tasks of the past share: pages that are shown as batches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "door/irc/conversation.hpp"
#include "door/irc/history.hpp"
#include "door/irc/past.hpp"

namespace brusio::door::irc {

// Lines in a batch, or as they are for clients that do not know batches.
class batch_of_lines {
  public:
    // `parameter` may be empty: none. `end`: nothing more can be read in this direction (draft/chathistory-end).
    batch_of_lines(irc_conversation& talk, std::string& out, std::string_view type, std::string_view parameter,
                   bool end = false);
    void add(std::string_view lines);
    void close();

  private:
    irc_conversation& talk_;
    std::string& out_;
    std::string reference_;  // empty: no batch
};

// A page is read on until it has as many messages as were asked for: what was taken back, and what this client is not
// told of, does not count.
class page_reader {
  public:
    page_reader(const irc_conversation& talk, store::page_query first)
        : talk_(talk), query_(std::move(first)), wanted_(query_.limit) {}

    const store::page_query& query() const { return query_; }
    // Takes a page in. True: there is another one to be asked for.
    bool take(store::page p);
    // Nothing of this direction is left unread; and the lines of each entry, oldest first, not more than can be sent at
    // once.
    bool at_end() const { return !more_; }
    std::vector<std::string> lines();

  private:
    const irc_conversation& talk_;
    store::page_query query_;
    std::uint32_t wanted_;
    std::uint32_t counted_ = 0;
    unsigned rounds_ = 0;
    bool more_ = false;
    bool backwards_ = reads_backwards(query_);
    struct shown {
        chat::message_id id;
        std::string lines;
    };
    std::vector<shown> shown_;  // as they are read
};

}  // namespace brusio::door::irc
