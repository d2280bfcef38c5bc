#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include <fmt/format.h>

namespace brusio::net {
namespace {

std::string last_tls_error() {
    const auto code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "unknown error" : reason;
}

io_result from_tls(SSL& session, int returned) {
    if (returned > 0) return {io_status::done, static_cast<std::size_t>(returned)};
    switch (SSL_get_error(&session, returned)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return {io_status::again, 0};
        case SSL_ERROR_ZERO_RETURN:
            return {io_status::ended, 0};
        default:
            ERR_clear_error();
            return {io_status::failed, 0};
    }
}

// What a client may send as its chain: as much of it is in memory as long as the connection lives.
constexpr long client_chain_bytes = 32L << 10U;

int any_certificate_will_do(X509_STORE_CTX*, void*) { return 1; }

}  // namespace

void tls_deleter::operator()(ssl_st* session) const { SSL_free(session); }

base::result<tls_context> load_tls(const std::string& certificate, const std::string& key) {
    tls_context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) return base::fail("cannot set up TLS: {}", last_tls_error());
    auto* raw = context.get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    // Sessions are not resumed, which saves every connection the memory of a ticket; a peer that vanishes without
    // close_notify has ended like any other.
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 0);
    SSL_CTX_set_mode(raw,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Whoever has the key is who the certificate's fingerprint says; who signed it does not matter here.
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(raw, any_certificate_will_do, nullptr);
    SSL_CTX_set_max_cert_list(raw, client_chain_bytes);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(raw, certificate.c_str()) != 1) {
        return base::fail("cannot use the TLS certificate {}: {}", certificate, last_tls_error());
    }
    if (SSL_CTX_use_PrivateKey_file(raw, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return base::fail("cannot use the TLS key {}: {}", key, last_tls_error());
    }
    if (SSL_CTX_check_private_key(raw) != 1) {
        return base::fail("the TLS key {} does not belong to the certificate {}: {}", key, certificate,
                          last_tls_error());
    }
    return context;
}

tls_session open_tls(const tls_context& context, int fd) {
    tls_session session(SSL_new(context.get()));
    if (!session || SSL_set_fd(session.get(), fd) != 1) return nullptr;
    SSL_set_accept_state(session.get());
    return session;
}

io_result tls_read(ssl_st& session, std::span<char> into) {
    ERR_clear_error();
    return from_tls(session,
                    SSL_read(&session, into.data(), static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX))));
}

io_result tls_write(ssl_st& session, std::string_view bytes) {
    ERR_clear_error();
    return from_tls(session,
                    SSL_write(&session, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
}

void tls_end_output(ssl_st& session) {
    ERR_clear_error();
    if (SSL_is_init_finished(&session)) SSL_shutdown(&session);
    ERR_clear_error();
}

bool tls_established(const ssl_st& session) { return SSL_is_init_finished(&session) == 1; }

std::string tls_take_fingerprint(ssl_st& session) {
    auto* chain = SSL_get_peer_cert_chain(&session);  // the session's own, and here without the client's certificate
    while (chain != nullptr && sk_X509_num(chain) > 0) X509_free(sk_X509_pop(chain));
    const auto* certificate = SSL_get0_peer_certificate(&session);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
    std::string hex;
    for (unsigned i = 0; i < size; ++i) fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
    return hex;
}

bool tls_asked_for_us(const ssl_st& session) {
    const char* name = SSL_get_servername(&session, TLSEXT_NAMETYPE_host_name);
    auto* own = SSL_get_certificate(&session);
    // A dot in front is no host's, but would match any name below it.
    if (name == nullptr || own == nullptr || *name == '.') return false;
    return X509_check_host(own, name, 0, 0, nullptr) == 1;
}

io_result plain_read(int fd, std::span<char> into) {
    const auto n = ::recv(fd, into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) return {io_status::done, static_cast<std::size_t>(n)};
    if (n == 0) return {io_status::ended, 0};
    return {errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? io_status::again : io_status::failed, 0};
}

io_result plain_write(int fd, std::string_view bytes) {
    const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return {io_status::done, static_cast<std::size_t>(n)};
    return {errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? io_status::again : io_status::failed, 0};
}

}  // namespace brusio::net
