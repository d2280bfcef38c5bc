// The client's side of TLS over a non-blocking socket: version 1.2 or later, the server's certificate and name
// verified. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "brusio/target.hpp"

struct ssl_st;
struct ssl_ctx_st;
struct x509_store_ctx_st;

namespace brusio::client {

// What one attempt to move bytes came to.
struct io_result {
    enum class status : unsigned char {
        ok,          // `bytes` were moved
        want_read,   // try again when the socket can be read
        want_write,  // … or written
        closed,      // the peer sends nothing more
        failed,      // see the sentence that belongs to it
    };
    status what = status::ok;
    std::size_t bytes = 0;
};

// What all connections of one run share.
class tls_context {
  public:
    // `ca_file` empty: the system's store of authorities.
    static base::result<std::shared_ptr<tls_context>> make(const std::string& ca_file);
    ~tls_context();
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    ssl_ctx_st* get() const { return context_; }

  private:
    explicit tls_context(ssl_ctx_st* context) : context_(context) {}
    ssl_ctx_st* context_;
};

class tls_stream {
  public:
    tls_stream(std::shared_ptr<tls_context> context, const target& where, int fd);
    ~tls_stream();
    tls_stream(const tls_stream&) = delete;
    tls_stream& operator=(const tls_stream&) = delete;

    io_result handshake();
    io_result read(char* to, std::size_t size);
    io_result write(std::string_view bytes);
    io_result finish();        // says that nothing more will be sent (close_notify)
    bool has_pending() const;  // bytes are here that poll() does not see
    // After `failed`: what is wrong and what to do, one sentence.
    const std::string& sentence() const { return sentence_; }

  private:
    static int on_verified(int fine, x509_store_ctx_st* check);
    io_result judge(int returned, bool in_handshake);
    std::string why_handshake_failed() const;
    std::string why_not_trusted(long verdict) const;

    std::shared_ptr<tls_context> context_;
    target where_;
    ssl_st* ssl_;
    std::string names_;  // those of a certificate that was refused
    std::string sentence_;
};

}  // namespace brusio::client
