// A value that is worked out again from others whenever it is missing. It is no part of what it stands in: it is not
// written (base/archive.hpp), is empty again when the rest is read, and is equal to any other.
#pragma once

namespace brusio::base {

template <class T>
class derived {
  public:
    T& operator*() { return value_; }
    const T& operator*() const { return value_; }
    T* operator->() { return &value_; }
    const T* operator->() const { return &value_; }
    bool operator==(const derived& /*other*/) const { return true; }

  private:
    T value_{};
};

}  // namespace brusio::base
