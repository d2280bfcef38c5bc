// TLS over a socket, driven directly with OpenSSL: no buffers of our own, none of OpenSSL's while a connection is idle.
// Server side only. A context may be shared by threads; a session belongs to one worker.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace brusio::net {

using tls_context = std::shared_ptr<ssl_ctx_st>;

// Reads certificate chain and key (PEM). TLS 1.2 and later; clients are asked for a certificate, may have none, and any
// will do. The error says which file is wrong, and why.
base::result<tls_context> load_tls(const std::string& certificate, const std::string& key);

struct tls_deleter {
    void operator()(ssl_st* session) const;
};
using tls_session = std::unique_ptr<ssl_st, tls_deleter>;

// A session on a non-blocking socket; null when memory is out.
tls_session open_tls(const tls_context& context, int fd);

// What a non-blocking read or write came to.
enum class io_status : std::uint8_t { done, again, ended, failed };
struct io_result {
    io_status status = io_status::done;
    std::size_t bytes = 0;
};

// These also carry the handshake on, as OpenSSL does by itself.
io_result tls_read(ssl_st& session, std::span<char> into);
io_result tls_write(ssl_st& session, std::string_view bytes);
void tls_end_output(ssl_st& session);  // close_notify
bool tls_established(const ssl_st& session);
// Once the handshake is done: SHA-256 of the client's certificate (its DER) as lower-case hex; empty when it has none.
// Frees the rest of the chain, which nobody needs: call it once.
std::string tls_take_fingerprint(ssl_st& session);
// Once the handshake is done: whether the client asked for a host by its name (SNI), and our certificate is for that
// name. Not whether it is still valid, or who signed it: that is the client's to judge.
bool tls_asked_for_us(const ssl_st& session);

// The same for a plain socket.
io_result plain_read(int fd, std::span<char> into);
io_result plain_write(int fd, std::string_view bytes);

}  // namespace brusio::net
