// What a labeled line is answered with (IRCv3 labeled-response): nothing becomes ACK, one line carries the label, more
// become a batch. The first line is held back until it is known whether it is the only one; the rest passes through, so
// an answer of any length needs no room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brusio::door::irc {

class labeled {
  public:
    labeled(std::string label, std::string reference) : label_(std::move(label)), reference_(std::move(reference)) {}

    // Lines of the answer: what may be sent of them now.
    std::string pass(std::string_view lines, std::string_view server);
    // The answer is complete: what is still to be sent.
    std::string end(std::string_view server) const;

  private:
    std::string label_;
    std::string reference_;  // of the batch, if it comes to one
    std::string first_;      // held back: one line, or a batch of its own
    bool batch_ = false;
};

// The line with one more tag in front of those that it has.
std::string with_tag(std::string_view key, std::string_view value, std::string_view line);

// Appends whole lines as the batch's: each with its reference, but those of batches among them go with these.
void put_into_batch(std::string& out, std::string_view reference, std::string_view lines);

}  // namespace brusio::door::irc
