// Addresses of a target. A name is looked up on a thread of its own, because the resolver blocks (for many seconds,
// when the network is bad) and the person should be able to type or leave meanwhile.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "brusio/target.hpp"

namespace brusio::client {

struct address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

class lookup {
  public:
    explicit lookup(const target& where);
    ~lookup();  // an unfinished resolver goes on by itself and its answer is dropped
    lookup(const lookup&) = delete;
    lookup& operator=(const lookup&) = delete;

    int fd() const;  // readable when the answer is here
    bool ready() const;
    // At least one address, or why there is none ("name or service not known"). Once, when ready.
    base::result<std::vector<address>> take();

  private:
    struct shared;
    std::shared_ptr<shared> shared_;
};

// A system's message in the middle of a sentence: "connection refused".
std::string lower_first(std::string text);
std::string error_text(int error_number);

}  // namespace brusio::client
