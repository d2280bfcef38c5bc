#include "brusio/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "base/text.hpp"
#include "brusio/lookup.hpp"

namespace brusio::client {
namespace {

using status = io_result::status;

bool is_address(const std::string& host) {
    in6_addr room{};
    return inet_pton(AF_INET, host.c_str(), &room) == 1 || inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

std::string last_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == nullptr ? "unknown reason" : reason;
}

// The names and addresses for which a certificate was made: "chat.example.org, 127.0.0.1".
std::string names_of(X509* certificate) {
    std::string out;
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const auto* one = sk_GENERAL_NAME_value(names, i);
        const bool dns = one->type == GEN_DNS;
        if (!dns && one->type != GEN_IPADD) continue;
        const ASN1_STRING* value = dns ? one->d.dNSName : one->d.iPAddress;
        const unsigned char* bytes = ASN1_STRING_get0_data(value);
        const int size = ASN1_STRING_length(value);
        std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
        if (!dns) {
            char room[INET6_ADDRSTRLEN] = "";
            if (size != 4 && size != 16) continue;
            inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, room, sizeof room);
            text = room;
        }
        if (!out.empty()) out += ", ";
        out += base::clean_line(text);
    }
    GENERAL_NAMES_free(names);
    return out;
}

}  // namespace

base::result<std::shared_ptr<tls_context>> tls_context::make(const std::string& ca_file) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr) throw std::bad_alloc();
    std::shared_ptr<tls_context> made(new tls_context(context));
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Frames carry their length, so an end without close_notify cuts nothing that could go unnoticed.
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    ERR_clear_error();
    if (ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else if (access(ca_file.c_str(), R_OK) != 0) {
        return base::fail("cannot read {}, given as --ca: {}", base::clean_line(ca_file), error_text(errno));
    } else if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
        ERR_clear_error();
        return base::fail("{}, given as --ca, is not a file of certificates in PEM format", base::clean_line(ca_file));
    }
    return made;
}

tls_context::~tls_context() { SSL_CTX_free(context_); }

tls_stream::tls_stream(std::shared_ptr<tls_context> context, const target& where, int fd)
    : context_(std::move(context)), where_(where), ssl_(SSL_new(context_->get())) {
    if (ssl_ == nullptr || SSL_set_fd(ssl_, fd) != 1) throw std::bad_alloc();
    if (is_address(where.host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), where.host.c_str());
    } else {
        SSL_set1_host(ssl_, where.host.c_str());
        SSL_set_tlsext_host_name(ssl_, where.host.c_str());
    }
    SSL_set_app_data(ssl_, this);
    SSL_set_verify(ssl_, SSL_VERIFY_PEER, on_verified);
    SSL_set_connect_state(ssl_);
}

// Only looks: a refused certificate cannot be asked for its names any more when the handshake has failed.
int tls_stream::on_verified(int fine, x509_store_ctx_st* check) {
    const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(check, SSL_get_ex_data_X509_STORE_CTX_idx()));
    X509* certificate = X509_STORE_CTX_get_current_cert(check);
    if (fine == 0 && certificate != nullptr)
        static_cast<tls_stream*>(SSL_get_app_data(ssl))->names_ = names_of(certificate);
    return fine;
}

tls_stream::~tls_stream() { SSL_free(ssl_); }

io_result tls_stream::judge(int returned, bool in_handshake) {
    switch (SSL_get_error(ssl_, returned)) {
        case SSL_ERROR_WANT_READ:
            return {status::want_read};
        case SSL_ERROR_WANT_WRITE:
            return {status::want_write};
        case SSL_ERROR_ZERO_RETURN:
            if (!in_handshake) return {status::closed};
            sentence_ = why_handshake_failed();
            break;
        case SSL_ERROR_SYSCALL:
            sentence_ = fmt::format("lost the connection to {}: {}", describe(where_), error_text(errno));
            break;
        default:
            sentence_ = in_handshake ? why_handshake_failed()
                                     : fmt::format("lost the connection to {}: TLS says \"{}\"", describe(where_),
                                                   last_reason());
    }
    return {status::failed};
}

io_result tls_stream::handshake() {
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_);
    return returned == 1 ? io_result{} : judge(returned, true);
}

io_result tls_stream::read(char* to, std::size_t size) {
    ERR_clear_error();
    std::size_t got = 0;
    const int returned = SSL_read_ex(ssl_, to, size, &got);
    return returned == 1 ? io_result{status::ok, got} : judge(returned, false);
}

io_result tls_stream::write(std::string_view bytes) {
    ERR_clear_error();
    std::size_t sent = 0;
    const int returned = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent);
    return returned == 1 ? io_result{status::ok, sent} : judge(returned, false);
}

io_result tls_stream::finish() {
    ERR_clear_error();
    const int returned = SSL_shutdown(ssl_);
    return returned >= 0 ? io_result{} : judge(returned, false);
}

bool tls_stream::has_pending() const { return SSL_pending(ssl_) > 0; }

std::string tls_stream::why_handshake_failed() const {
    const long verdict = SSL_get_verify_result(ssl_);
    if (verdict != X509_V_OK) return why_not_trusted(verdict);
    const auto error = ERR_peek_last_error();
    if (error == 0) return fmt::format("{} closed the connection before TLS was agreed on", describe(where_));
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER) {
        return fmt::format("{} does not speak TLS on this port: try without --tls, or another port", describe(where_));
    }
    return fmt::format("{} and this program could not agree on TLS: {}", describe(where_), last_reason());
}

std::string tls_stream::why_not_trusted(long verdict) const {
    const auto host = base::clean_line(where_.host);
    switch (verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fmt::format("the certificate of the server is not for {}: connect with a name that it is for{}{}{}",
                               host, names_.empty() ? "" : " (", names_, names_.empty() ? "" : ")");
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return fmt::format(
                "the certificate of {} does not come from an authority that is known here: if you trust that server, "
                "get its "
                "certificate or that of its authority and give it with --ca FILE",
                host);
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("the certificate of {} has expired: whoever runs that server must renew it", host);
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("the certificate of {} is not valid yet: check the clock of this machine", host);
        default:
            return fmt::format("the certificate of {} cannot be trusted: {}", host,
                               X509_verify_cert_error_string(verdict));
    }
}

}  // namespace brusio::client
