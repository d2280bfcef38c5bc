// One client of the server under load: a socket, perhaps with TLS.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "options.hpp"

namespace brusio::bench {

// Closes what it holds. Moves, does not copy.
class client_socket {
  public:
    client_socket() = default;
    explicit client_socket(int fd) : fd_(fd) {}
    client_socket(client_socket&& other) noexcept;
    client_socket& operator=(client_socket&& other) noexcept;
    ~client_socket();

    int fd() const { return fd_; }
    // The TLS client side over this socket; blocks until the handshake is done.
    base::result<void> start_tls(SSL_CTX* context);
    // From now on nothing blocks.
    void set_nonblocking();

    // Bytes read; 0: nothing there now; -1: the other side has ended or failed. Non-blocking sockets only.
    std::ptrdiff_t read(char* buffer, std::size_t size);
    // Bytes taken; 0: full; -1: failed.
    std::ptrdiff_t write(std::string_view bytes);

  private:
    struct free_ssl {
        void operator()(SSL* s) const { SSL_free(s); }
    };
    int fd_ = -1;
    std::unique_ptr<SSL, free_ssl> ssl_;
};

// Makes clients for one server. Not thread-safe.
class client_factory {
  public:
    static base::result<client_factory> create(const load_options& options);

    // Connects, blocking for at most 10 s, and returns the socket still blocking; `name` is for errors only.
    // `receive_buffer` above 0 asks the kernel for so small a buffer (bytes).
    base::result<client_socket> connect(std::string_view name, int receive_buffer = 0);
    // The same for the frame protocol: says `name` too, and returns the socket non-blocking.
    base::result<client_socket> join(std::string_view name, int receive_buffer = 0);

  private:
    struct free_context {
        void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
    };
    sockaddr_storage address_{};
    socklen_t address_size_ = 0;
    std::unique_ptr<SSL_CTX, free_context> tls_;
};

// What a server sent, made fit for one line on a terminal and cut.
std::string shown(std::string_view bytes);

}  // namespace brusio::bench
