// How long commands take, from the turn in which a worker read them to the flush in which what followed from them was
// written, as a histogram that all workers share. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace brusio::net {

class latency {
  public:
    // `n` commands took at most so long.
    void add(std::int64_t microseconds, std::uint64_t n) {
        counts_[bucket_of(microseconds < 0 ? 0 : static_cast<std::uint64_t>(microseconds))].fetch_add(
            n, std::memory_order_relaxed);
    }

    struct figures {
        std::uint64_t commands = 0;
        // Microseconds that so many took at most; right to an eighth.
        std::uint64_t p50 = 0;
        std::uint64_t p99 = 0;
        std::uint64_t most = 0;
    };
    // Since the last call.
    figures take() {
        std::array<std::uint64_t, buckets> now{};
        figures f;
        for (std::size_t i = 0; i < buckets; ++i) f.commands += now[i] = counts_[i].exchange(0);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets; ++i) {
            if (now[i] == 0) continue;
            if (seen * 100 < f.commands * 50) f.p50 = upper_end(i);
            if (seen * 100 < f.commands * 99) f.p99 = upper_end(i);
            f.most = upper_end(i);
            seen += now[i];
        }
        return f;
    }

  private:
    // Eight buckets to each power of two.
    static constexpr std::size_t buckets = 8 * 40;
    static std::size_t bucket_of(std::uint64_t value) {
        if (value < 8) return static_cast<std::size_t>(value);
        const auto power = static_cast<std::size_t>(std::bit_width(value)) - 4;
        const auto bucket = power * 8 + static_cast<std::size_t>(value >> power);
        return bucket < buckets ? bucket : buckets - 1;
    }
    static std::uint64_t upper_end(std::size_t bucket) {
        if (bucket < 16) return bucket;
        const auto power = bucket / 8 - 1;
        return ((std::uint64_t{bucket % 8 + 8} + 1) << power) - 1;
    }

    std::array<std::atomic<std::uint64_t>, buckets> counts_{};
};

}  // namespace brusio::net
