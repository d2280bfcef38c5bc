// Plain values to bytes and back. An aggregate (a struct without constructors or bases) needs nothing of its own: its
// members are written in their order with `writer` and read with `reader`, and stand the same on every machine (little
// endian, fixed widths, lengths as 64-bit numbers). Vectors, optionals, variants and strings nest. The reader checks
// every length against what is left, so bytes from outside cannot make it allocate more than they hold; after the first
// mistake `ok()` is false and what was read is not to be used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/pfr/core.hpp>

#include "base/derived.hpp"

namespace brusio::base {

class writer {
  public:
    template <class... Ts>
    void operator()(Ts&... values) {
        (put(values), ...);
    }
    const std::string& bytes() const { return bytes_; }
    std::string take() { return std::move(bytes_); }

  private:
    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void put(const T& value) {
        auto v = static_cast<std::uint64_t>(value);
        for (std::size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<char>((v >> (8 * i)) & 0xFFU));
    }
    void put(const std::string& s) {
        put(static_cast<std::uint64_t>(s.size()));
        bytes_ += s;
    }
    template <class T>
    void put(const std::vector<T>& v) {
        put(static_cast<std::uint64_t>(v.size()));
        for (const auto& x : v) put(x);
    }
    template <class T>
    void put(const std::optional<T>& o) {
        put(o.has_value());
        if (o) put(*o);
    }
    template <class T>
    void put(const derived<T>& /*not written*/) {}
    template <class... Ts>
    void put(const std::variant<Ts...>& v) {
        put(static_cast<std::uint8_t>(v.index()));
        std::visit([this](const auto& x) { this->put(x); }, v);
    }
    template <class T>
        requires std::is_aggregate_v<T>
    void put(const T& value) {
        boost::pfr::for_each_field(value, [this](const auto& field) { this->put(field); });
    }

    std::string bytes_;
};

class reader {
  public:
    explicit reader(std::string_view bytes) : left_(bytes) {}
    template <class... Ts>
    void operator()(Ts&... values) {
        (get(values), ...);
    }
    bool ok() const { return ok_; }
    bool at_end() const { return left_.empty(); }

  private:
    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void get(T& value) {
        if (!ok_ || left_.size() < sizeof(T)) return stop();
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) v |= std::uint64_t{static_cast<unsigned char>(left_[i])} << (8 * i);
        left_.remove_prefix(sizeof(T));
        if constexpr (std::is_same_v<T, bool>) {
            if (v > 1) return stop();
            value = v == 1;
        } else {
            value = static_cast<T>(v);
        }
    }
    void get(std::string& s) {
        std::uint64_t n = 0;
        get(n);
        if (!ok_ || n > left_.size()) return stop();
        s.assign(left_.substr(0, n));
        left_.remove_prefix(n);
    }
    template <class T>
    void get(std::vector<T>& v) {
        std::uint64_t n = 0;
        get(n);
        v.clear();
        for (std::uint64_t i = 0; ok_ && i < n; ++i) {
            if (left_.empty()) return stop();
            get(v.emplace_back());
        }
    }
    template <class T>
    void get(std::optional<T>& o) {
        bool there = false;
        get(there);
        o.reset();
        if (ok_ && there) get(o.emplace());
    }
    template <class T>
    void get(derived<T>& d) {
        d = {};
    }
    template <class... Ts>
    void get(std::variant<Ts...>& v) {
        std::uint8_t index = 0;
        get(index);
        if (!ok_ || index >= sizeof...(Ts)) return stop();
        choose(v, index, std::index_sequence_for<Ts...>{});
    }
    template <class V, std::size_t... I>
    void choose(V& v, std::uint8_t index, std::index_sequence<I...> /*all*/) {
        (void)((index == I ? (get(v.template emplace<I>()), true) : false) || ...);
    }
    template <class T>
        requires std::is_aggregate_v<T>
    void get(T& value) {
        boost::pfr::for_each_field(value, [this](auto& field) { this->get(field); });
    }
    void stop() {
        ok_ = false;
        left_ = {};
    }

    std::string_view left_;
    bool ok_ = true;
};

template <class T>
std::string encode(const T& value) {
    writer w;
    w(value);
    return w.take();
}

// The value, or nothing when `bytes` is not exactly one encoded T.
template <class T>
std::optional<T> decode(std::string_view bytes) {
    reader r(bytes);
    T value{};
    r(value);
    if (!r.ok() || !r.at_end()) return std::nullopt;
    return value;
}

// FNV-1a, 64 bits: the same on every machine, for comparing states. Not for security.
inline std::uint64_t fingerprint(std::string_view bytes) {
    std::uint64_t h = 0xcbf29ce484222325U;
    for (char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return h;
}

}  // namespace brusio::base
