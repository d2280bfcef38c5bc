// Durations counted in buckets that are at most 1/64 (1.6 %) wide. Single-threaded; recording costs a few nanoseconds.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace brusio::bench {

class histogram {
  public:
    void record(std::int64_t nanoseconds) {
        const auto v = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
        ++buckets_[bucket_of(v)];
        ++count_;
        max_ = std::max(max_, v);
    }

    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }

    // The upper edge of the bucket below or in which `part` (0 to 1) of all values lie, in nanoseconds; 0 without
    // values.
    std::uint64_t quantile(double part) const {
        const auto wanted = static_cast<std::uint64_t>(static_cast<double>(count_) * part);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen > 0 && seen >= wanted) return std::min(upper_edge(i), max_);
        }
        return max_;
    }

  private:
    static constexpr unsigned fine_bits = 6;  // 64 buckets for each power of two
    static constexpr std::uint64_t fine = 1U << fine_bits;

    // Below 128 each value has its own bucket; above, the leading seven bits choose it.
    static std::size_t bucket_of(std::uint64_t v) {
        if (v < 2 * fine) return static_cast<std::size_t>(v);
        const auto shift = static_cast<unsigned>(std::bit_width(v)) - fine_bits - 1;
        return static_cast<std::size_t>(shift * fine + (v >> shift));
    }
    static std::uint64_t upper_edge(std::size_t bucket) {
        if (bucket < 2 * fine) return bucket;
        const auto shift = static_cast<unsigned>(bucket / fine) - 1;
        const auto leading = bucket - shift * fine;
        return ((leading + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (64 - fine_bits + 1) * fine> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace brusio::bench
