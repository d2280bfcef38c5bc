// The file at the start: made, locked, checked and brought to this version.
#pragma once

#include "base/result.hpp"
#include "store/sqlite/shared.hpp"

namespace brusio::store::sqlite {

// Held as long as the store is open, so that no second server opens it.
class file_lock {
  public:
    file_lock() = default;
    explicit file_lock(int fd) : fd_(fd) {}
    ~file_lock();
    file_lock(file_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    file_lock& operator=(file_lock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }

  private:
    int fd_ = -1;
};

// Fills in the rest of `s`. An error is one sentence that says what to do.
base::result<file_lock> open_file(shared& s);

}  // namespace brusio::store::sqlite
