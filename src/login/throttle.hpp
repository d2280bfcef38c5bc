// throttle: how often logging in may fail. It counts failures for each address and each account and remembers from
// where somebody logged in before; it does not know what was tried. One thread; time is any steady clock's
// milliseconds, given by the caller. Bounded: at most `addresses` + `accounts` counts, and `known_accounts` with
// `known_prefixes` each (about 8 MB with the defaults, all full).
//
// An address (IPv4 /32, IPv6 /64) may fail 10 times, then once each 6 s. An account may be failed 30 times by
// strangers, then once each 10 s. Whoever is no stranger is not stopped by what strangers do, so nobody can lock
// somebody else out: a known device, or an address that logged into this account before. Such an address has a count
// of its own for the account, by the account's limit: many people may share it, and it may be exempt.
//
// The prefixes that an account is known from can be kept elsewhere as `place`s: hashed with a key, so that a file with
// them does not tell where somebody lives.
//
// Successes forgive nothing: else an attacker would log into an account of their own between the attempts.
//
// When a table is full, the count that is the nearest to being forgotten goes, and the new one goes on from there: so
// nobody escapes by filling the table. Whoever is not in it is allowed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brusio::login {

// `burst` failures at once, one more each `every_ms`.
struct failure_limit {
    std::int64_t every_ms = 0;
    std::int64_t burst = 0;
};

struct throttle_limits {
    failure_limit address{.every_ms = 6'000, .burst = 10};
    failure_limit account{.every_ms = 10'000, .burst = 30};
    std::size_t addresses = 10'000;
    std::size_t accounts = 10'000;
    std::size_t known_accounts = 10'000;
    std::size_t known_prefixes = 16;  // for each account
};

// Failures of one kind of key, at most `size` keys.
class failure_counts {
  public:
    using key = std::array<std::uint8_t, 16>;
    failure_counts(failure_limit limit, std::size_t size) : limit_(limit), size_(size) {}
    bool allowed(const key& k, std::int64_t now_ms) const;
    void failed(const key& k, std::int64_t now_ms);
    std::size_t size() const { return forgotten_at_.size(); }

  private:
    void set(const key& k, std::int64_t at_ms);
    failure_limit limit_;
    std::size_t size_;
    std::map<key, std::int64_t> forgotten_at_;         // when nothing is left of its failures
    std::set<std::pair<std::int64_t, key>> in_order_;  // the same, soonest first
};

class throttle {
  public:
    using address = std::array<std::uint8_t, 16>;  // as net::peer::ip: IPv4 is ::ffff:a.b.c.d

    explicit throttle(const throttle_limits& limits = {}, std::string_view key = {});

    // Whether somebody may try now. `exempt`: the address is not counted. `account_fold`: the account's folded name,
    // whether it exists or not; "" when none is named. `known_device`: it has shown (not merely claimed) a token or a
    // certificate of this account. Nothing is counted here: ask before each check, and tell `failed` or `succeeded`
    // after it. Checks that run at the same time may go over the limit; they are paid for later.
    bool allowed(const address& from, bool exempt, std::string_view account_fold, bool known_device,
                 std::int64_t now_ms) const;
    void failed(const address& from, bool exempt, std::string_view account_fold, bool known_device,
                std::int64_t now_ms);
    // Also the moment from which the address is known to the account; it knows the last 16.
    void succeeded(const address& from, bool exempt, std::string_view account_fold, bool known_device,
                   std::int64_t now_ms);

    // Whether somebody logged into this account from this address's prefix before. `allowed` asks by itself.
    bool known_prefix(std::string_view account_fold, const address& from) const;

    // What this prefix is called, and that an account is known from there: `place` was called so by a throttle with the
    // same key.
    std::string place(const address& from) const;
    void know(std::string_view account_fold, std::string_view place);

    // The account is gone, or its password was changed: nobody is known to it.
    void forget_account(std::string_view account_fold);

    std::size_t addresses() const { return addresses_.size(); }
    std::size_t accounts() const { return accounts_.size(); }
    std::size_t known_accounts() const { return known_.size(); }

  private:
    using key = failure_counts::key;
    struct known_place {
        key prefix{};                      // hashed
        std::int64_t forgotten_at_ms = 0;  // of the failures from there
    };
    struct known_account {
        std::uint64_t turn = 0;           // of its last success
        std::vector<known_place> places;  // the last one that succeeded is the last
    };
    const known_place* place_of(const key& account, const key& prefix) const;
    void note(const key& account, const key& prefix);
    key hashed(const key& prefix) const;

    throttle_limits limits_;
    std::string key_;
    failure_counts addresses_;
    failure_counts accounts_;
    std::map<key, known_account> known_;
    std::set<std::pair<std::uint64_t, key>> known_in_order_;
    std::uint64_t turns_ = 0;
};

}  // namespace brusio::login
