// A token bucket: `rate` tokens a second, at most `burst` of them saved. Rate 0 means no limit. What costs more than is
// there may begin as soon as one token is, and goes into debt: whoever comes next waits until that is paid. So a cost
// over `burst` is late, too, and never impossible. Times are given by the caller (milliseconds of any steady clock);
// not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

namespace brusio::base {

struct rate_limit {
    double rate = 0;   // tokens a second; 0: no limit
    double burst = 1;  // tokens saved at most
};

class token_bucket {
  public:
    // Takes `tokens` at time `now_ms`, or nothing and returns false when there is not even one.
    bool take(const rate_limit& limit, std::int64_t now_ms, double tokens = 1) {
        if (limit.rate <= 0) return true;
        refill(limit, now_ms);
        if (debt_ > limit.burst - 1) return false;
        debt_ += tokens;
        return true;
    }

    // Milliseconds until `take` succeeds; 0 when it would now.
    std::int64_t wait_ms(const rate_limit& limit, std::int64_t now_ms) {
        if (limit.rate <= 0) return 0;
        refill(limit, now_ms);
        const double missing = debt_ - (limit.burst - 1);
        return missing <= 0 ? 0 : static_cast<std::int64_t>(missing / limit.rate * 1000.0) + 1;
    }

  private:
    void refill(const rate_limit& limit, std::int64_t now_ms) {
        if (now_ms > last_ms_) {
            debt_ = std::max(0.0, debt_ - static_cast<double>(now_ms - last_ms_) * limit.rate / 1000.0);
            last_ms_ = now_ms;
        }
    }

    double debt_ = 0;  // tokens taken and not yet refilled
    std::int64_t last_ms_ = 0;
};

}  // namespace brusio::base
