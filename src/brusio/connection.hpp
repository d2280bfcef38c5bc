// One connection to a server: TCP or unix, with or without TLS, never blocking. Bytes in, bytes out; it knows no
// frames. One thread at a time. The owner polls fd() for events(), until deadline(), and then calls advance().
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brusio/lookup.hpp"
#include "brusio/target.hpp"
#include "brusio/tls.hpp"

namespace brusio::client {

using clock = std::chrono::steady_clock;

inline constexpr std::chrono::seconds connect_timeout{10};  // for all addresses together; as much again for TLS

class connection {
  public:
    enum class stage : unsigned char { looking_up, connecting, securing, open, ended };

    // Begins at once. `tls` null: in plain text.
    connection(const target& where, std::shared_ptr<tls_context> tls, clock::time_point now);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    int fd() const;  // −1 when ended; changes while connecting
    short events() const;
    std::optional<clock::time_point> deadline() const;
    // Does all that can be done without waiting; received bytes are appended to `received` (at most about 1 MiB a
    // call).
    void advance(clock::time_point now, std::string& received);

    stage now_in() const { return stage_; }
    // After the end: empty when the peer ended it in order, else one sentence.
    const std::string& failure() const { return failure_; }

    void send(std::string_view bytes) { out_.append(bytes); }
    std::size_t unsent() const { return out_.size() - out_at_; }
    void finish() { finish_ = true; }            // nothing more will be sent; what is queued still is
    bool finished() const { return finished_; }  // … and the peer has been told

  private:
    void end(std::string failure = {});
    void next_address(clock::time_point now, int last_error);
    void addresses_are_known(clock::time_point now);
    void check_connected(clock::time_point now);
    void begin_tls(clock::time_point now);
    void shake_hands();
    void read_all(std::string& received);
    void write_all();
    io_result read_some(char* to, std::size_t size);
    io_result write_some(std::string_view bytes);

    target where_;
    std::shared_ptr<tls_context> context_;
    std::unique_ptr<lookup> lookup_;
    std::unique_ptr<tls_stream> tls_;
    std::vector<address> addresses_;
    std::size_t next_ = 0;  // of addresses_
    int fd_ = -1;
    stage stage_ = stage::looking_up;
    clock::time_point give_up_;      // the whole attempt
    clock::time_point give_up_one_;  // the present address
    bool wants_write_ = false;       // the last attempt to write, or TLS, found the socket full
    bool write_waits_ = false;       // TLS must read before it can write on
    bool more_to_read_ = false;      // TLS has bytes that poll() does not see
    bool write_failed_ = false;
    bool finish_ = false;
    bool finished_ = false;
    std::string out_;
    std::size_t out_at_ = 0;
    std::string failure_;
};

}  // namespace brusio::client
