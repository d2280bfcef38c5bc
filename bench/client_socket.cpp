#include "client_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <netdb.h>

#include "base/text.hpp"
#include "wire/frame.hpp"

namespace brusio::bench {

client_socket::client_socket(client_socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ssl_(std::move(other.ssl_)) {}

client_socket& client_socket::operator=(client_socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(ssl_, other.ssl_);
    return *this;
}

client_socket::~client_socket() {
    if (fd_ >= 0) ::close(fd_);
}

base::result<void> client_socket::start_tls(SSL_CTX* context) {
    ssl_.reset(SSL_new(context));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1 || SSL_connect(ssl_.get()) != 1) {
        const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
        return base::fail("the TLS handshake failed: {}", reason != nullptr ? reason : std::strerror(errno));
    }
    return {};
}

void client_socket::set_nonblocking() { ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK); }

std::ptrdiff_t client_socket::read(char* buffer, std::size_t size) {
    if (ssl_) {
        ERR_clear_error();
        const int n = SSL_read(ssl_.get(), buffer, static_cast<int>(size));
        if (n > 0) return n;
        return SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_READ ? 0 : -1;
    }
    const auto n = ::recv(fd_, buffer, size, 0);
    if (n > 0) return n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

std::ptrdiff_t client_socket::write(std::string_view bytes) {
    if (ssl_) {
        ERR_clear_error();
        const int n = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        if (n > 0) return n;
        return SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) return n;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

base::result<client_factory> client_factory::create(const load_options& options) {
    client_factory factory;
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(options.host.c_str(), options.port.c_str(), &wanted, &found);
    if (failed != 0) return base::fail("cannot find {}: {}", options.host, ::gai_strerror(failed));
    std::memcpy(&factory.address_, found->ai_addr, found->ai_addrlen);
    factory.address_size_ = found->ai_addrlen;
    ::freeaddrinfo(found);
    if (options.tls) {
        factory.tls_.reset(SSL_CTX_new(TLS_client_method()));
        if (!factory.tls_) return base::fail("cannot start TLS");
        SSL_CTX_set_verify(factory.tls_.get(), SSL_VERIFY_NONE, nullptr);
        SSL_CTX_set_mode(factory.tls_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    }
    return factory;
}

base::result<client_socket> client_factory::connect(std::string_view name, int receive_buffer) {
    client_socket client(::socket(address_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (client.fd() < 0) return base::fail("cannot open a socket for {}: {}", name, std::strerror(errno));
    if (receive_buffer > 0) {
        ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);  // connect obeys it too
    ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(client.fd(), reinterpret_cast<const sockaddr*>(&address_), address_size_) != 0) {
        return base::fail("cannot connect {}: {}", name, std::strerror(errno));
    }
    const int one = 1;
    ::setsockopt(client.fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (tls_) {
        if (auto done = client.start_tls(tls_.get()); !done) return std::unexpected(done.error());
    }
    return client;
}

base::result<client_socket> client_factory::join(std::string_view name, int receive_buffer) {
    auto client = connect(name, receive_buffer);
    if (!client) return client;
    std::string frame;
    wire::append_frame(frame, name);
    if (client->write(frame) != static_cast<std::ptrdiff_t>(frame.size())) {
        return base::fail("{} could not say its name: {}", name, std::strerror(errno));
    }
    client->set_nonblocking();
    return client;
}

std::string shown(std::string_view bytes) {
    constexpr std::size_t enough = 200;
    auto line = base::clean_line(bytes.substr(0, enough));
    if (bytes.size() > enough) line += " …";
    return line;
}

}  // namespace brusio::bench
