#include "login/throttle.hpp"

#include <algorithm>

#include "login/crypto.hpp"

namespace brusio::login {
namespace {

using key = failure_counts::key;

// Each failure takes `every_ms` to be forgotten, one after the other; `forgotten_at` says when the last one is.
bool below(const failure_limit& limit, std::int64_t forgotten_at, std::int64_t now_ms) {
    return limit.every_ms <= 0 || forgotten_at - now_ms <= (limit.burst - 1) * limit.every_ms;
}

// What is over the limit (checks that ran at the same time) counts, up to as much again.
std::int64_t with_one_more(const failure_limit& limit, std::int64_t forgotten_at, std::int64_t now_ms) {
    const auto farthest = now_ms + 2 * limit.burst * limit.every_ms;
    return std::max(forgotten_at, std::min(std::max(forgotten_at, now_ms) + limit.every_ms, farthest));
}

key prefix_of(const throttle::address& from) {
    constexpr key ipv4_start{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(ipv4_start.begin(), ipv4_start.begin() + 12, from.begin())) return from;
    key prefix{};
    std::copy_n(from.begin(), 8, prefix.begin());
    return prefix;
}

// Names may be long, and strangers choose them: a digest has one size.
key key_of(std::string_view account_fold) {
    const auto whole = sha256(account_fold);
    key k{};
    std::copy_n(whole.begin(), k.size(), k.begin());
    return k;
}

}  // namespace

bool failure_counts::allowed(const key& k, std::int64_t now_ms) const {
    const auto found = forgotten_at_.find(k);
    return found == forgotten_at_.end() || below(limit_, found->second, now_ms);
}

void failure_counts::set(const key& k, std::int64_t at_ms) {
    const auto [place, is_new] = forgotten_at_.try_emplace(k, at_ms);
    if (!is_new) {
        in_order_.erase({place->second, k});
        place->second = at_ms;
    }
    in_order_.insert({at_ms, k});
}

void failure_counts::failed(const key& k, std::int64_t now_ms) {
    if (limit_.every_ms <= 0 || size_ == 0) return;
    const auto forget_first = [this] {
        forgotten_at_.erase(in_order_.begin()->second);
        in_order_.erase(in_order_.begin());
    };
    // Two at most: what was done once must not take long.
    for (int i = 0; i < 2 && !in_order_.empty() && in_order_.begin()->first <= now_ms; ++i) forget_first();
    auto so_far = now_ms;
    if (const auto found = forgotten_at_.find(k); found != forgotten_at_.end()) {
        so_far = found->second;
    } else if (forgotten_at_.size() >= size_) {
        so_far = in_order_.begin()->first;
        forget_first();
    }
    set(k, with_one_more(limit_, so_far, now_ms));
}

throttle::throttle(const throttle_limits& limits, std::string_view key)
    : limits_(limits),
      key_(key),
      addresses_(limits.address, limits.addresses),
      accounts_(limits.account, limits.accounts) {}

throttle::key throttle::hashed(const key& prefix) const {
    const auto whole = hmac_sha256(key_, {reinterpret_cast<const char*>(prefix.data()), prefix.size()});
    key k{};
    std::copy_n(whole.begin(), k.size(), k.begin());
    return k;
}

std::string throttle::place(const address& from) const {
    const auto k = hashed(prefix_of(from));
    return to_hex({reinterpret_cast<const char*>(k.data()), k.size()});
}

const throttle::known_place* throttle::place_of(const key& account, const key& prefix) const {
    const auto found = known_.find(account);
    if (found == known_.end()) return nullptr;
    const auto place = std::ranges::find(found->second.places, prefix, &known_place::prefix);
    return place == found->second.places.end() ? nullptr : &*place;
}

bool throttle::allowed(const address& from, bool exempt, std::string_view account_fold, bool known_device,
                       std::int64_t now_ms) const {
    const auto prefix = prefix_of(from);
    if (!exempt && !addresses_.allowed(prefix, now_ms)) return false;
    if (known_device || account_fold.empty()) return true;
    const auto account = key_of(account_fold);
    if (const auto* place = place_of(account, hashed(prefix)))
        return below(limits_.account, place->forgotten_at_ms, now_ms);
    return accounts_.allowed(account, now_ms);
}

void throttle::failed(const address& from, bool exempt, std::string_view account_fold, bool known_device,
                      std::int64_t now_ms) {
    const auto prefix = prefix_of(from);
    if (!exempt) addresses_.failed(prefix, now_ms);
    if (known_device || account_fold.empty()) return;
    const auto account = key_of(account_fold);
    const auto here = hashed(prefix);
    if (const auto* place = place_of(account, here)) {
        const auto at = with_one_more(limits_.account, place->forgotten_at_ms, now_ms);
        std::ranges::find(known_[account].places, here, &known_place::prefix)->forgotten_at_ms = at;
        return;
    }
    accounts_.failed(account, now_ms);
}

void throttle::succeeded(const address& from, bool /*exempt*/, std::string_view account_fold, bool /*known_device*/,
                         std::int64_t /*now_ms*/) {
    if (!account_fold.empty()) note(key_of(account_fold), hashed(prefix_of(from)));
}

void throttle::know(std::string_view account_fold, std::string_view place) {
    const auto bytes = from_hex(place);
    key k{};
    if (account_fold.empty() || !bytes || bytes->size() != k.size()) return;
    std::ranges::copy(*bytes, k.begin());
    note(key_of(account_fold), k);
}

void throttle::note(const key& account, const key& prefix) {
    if (limits_.known_accounts == 0 || limits_.known_prefixes == 0) return;
    auto& known = known_[account];
    if (known.turn != 0) known_in_order_.erase({known.turn, account});
    known.turn = ++turns_;
    known_in_order_.insert({known.turn, account});

    auto& places = known.places;
    if (const auto place = std::ranges::find(places, prefix, &known_place::prefix); place != places.end()) {
        std::rotate(place, place + 1, places.end());
    } else {
        if (places.size() >= limits_.known_prefixes) places.erase(places.begin());
        places.push_back({.prefix = prefix});
    }
    if (known_.size() > limits_.known_accounts) {
        known_.erase(known_in_order_.begin()->second);
        known_in_order_.erase(known_in_order_.begin());
    }
}

bool throttle::known_prefix(std::string_view account_fold, const address& from) const {
    return !account_fold.empty() && place_of(key_of(account_fold), hashed(prefix_of(from))) != nullptr;
}

void throttle::forget_account(std::string_view account_fold) {
    const auto found = known_.find(key_of(account_fold));
    if (found == known_.end()) return;
    known_in_order_.erase({found->second.turn, found->first});
    known_.erase(found);
}

}  // namespace brusio::login
