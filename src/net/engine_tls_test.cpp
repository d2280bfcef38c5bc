// TLS on loopback, with certificates made here.
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>

#include <fmt/ranges.h>

#include "net/engine_scene_test.hpp"

namespace brusio::net {
namespace {

struct identity {
    std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    std::shared_ptr<X509> certificate{X509_new(), X509_free};

    // Signed by itself, and expired long ago when `expired`. For the hosts that `names` says ("DNS:a,DNS:b").
    explicit identity(bool expired = false, const char* names = nullptr) {
        auto* x = certificate.get();
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        X509_gmtime_adj(X509_getm_notBefore(x), -7'200);
        X509_gmtime_adj(X509_getm_notAfter(x), expired ? -3'600 : 3'600);
        X509_set_pubkey(x, key.get());
        auto* name = X509_get_subject_name(x);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("x"), -1, -1, 0);
        X509_set_issuer_name(x, name);
        if (names != nullptr) {
            auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
            X509_add_ext(x, extension, -1);
            X509_EXTENSION_free(extension);
        }
        X509_sign(x, key.get(), EVP_sha256());
    }
    std::string fingerprint() const {
        unsigned char* der = nullptr;
        const int size = i2d_X509(certificate.get(), &der);
        std::array<unsigned char, 32> digest{};
        EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr);
        OPENSSL_free(der);
        return fmt::format("{:02x}", fmt::join(digest, ""));
    }
};

class tls_client {
  public:
    tls_client(socket_file socket, int version, const identity* who, const identity* issuer = nullptr)
        : socket_(std::move(socket)), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
        SSL_CTX_set_max_proto_version(context_.get(), version);
        session_.reset(SSL_new(context_.get()), SSL_free);
        if (who != nullptr) {
            SSL_use_certificate(session_.get(), who->certificate.get());
            SSL_use_PrivateKey(session_.get(), who->key.get());
        }
        if (issuer != nullptr) SSL_add1_chain_cert(session_.get(), issuer->certificate.get());
        SSL_set_fd(session_.get(), socket_.number());
    }
    // By which name the client asks for the host (SNI); "": by none.
    void ask_for(const std::string& host) {
        if (!host.empty()) SSL_set_tlsext_host_name(session_.get(), host.c_str());
    }
    bool shake_hands() { return SSL_connect(session_.get()) == 1; }
    void send(std::string_view bytes) { SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())); }
    std::string read(std::size_t n) {
        std::string out(n, '\0');
        std::size_t got = 0;
        for (int r = 1; r > 0 && got < n; got += static_cast<std::size_t>(std::max(r, 0))) {
            r = SSL_read(session_.get(), out.data() + got, static_cast<int>(n - got));
        }
        return out.substr(0, got);
    }

  private:
    socket_file socket_;
    std::shared_ptr<SSL_CTX> context_;
    std::shared_ptr<SSL> session_;
};

class engine_tls_test : public engine_test {
  protected:
    engine_tls_test() { use(identity(false, "DNS:localhost,DNS:*.example.org")); }
    // For the listener, from `start` on.
    void use(const identity& server) {
        const auto unique = testing::TempDir() + "brusio-" + std::to_string(getpid());
        FILE* f = std::fopen((unique + ".crt").c_str(), "w");
        PEM_write_X509(f, server.certificate.get());
        std::fclose(f);
        f = std::fopen((unique + ".key").c_str(), "w");
        PEM_write_PrivateKey(f, server.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(f);
        listener_.tls = load_tls(unique + ".crt", unique + ".key").value();
        std::remove((unique + ".crt").c_str());
        std::remove((unique + ".key").c_str());
    }
    // All that this connection's events say, up to its first message.
    std::string told() {
        std::string out;
        EXPECT_TRUE(
            eventually([&] { return std::ranges::find(events_, event_kind::message, &event::kind) != events_.end(); }));
        const std::lock_guard lock(mutex_);
        for (const auto& e : events_) {
            if (e.kind == event_kind::opened) out += e.secure ? "opened secure, " : "opened, ";
            if (e.kind == event_kind::certificate) out += "certificate " + e.body + ", ";
            if (e.kind == event_kind::named) out += "named, ";
            if (e.kind == event_kind::message) out += e.body;
        }
        events_.clear();
        return out;
    }
};

TEST_F(engine_tls_test, a_client_certificate_is_told_before_the_first_message) {
    const identity self_signed;
    const identity expired(true);
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (const auto* who : {&self_signed, &expired}) {
            tls_client c(connect(), version, who);
            ASSERT_TRUE(c.shake_hands());
            c.send("hello\n");
            EXPECT_EQ(told(), "opened secure, certificate " + who->fingerprint() + ", hello");
            c.send("and more\n");
            EXPECT_EQ(told(), "and more");
        }
    }
}

TEST_F(engine_tls_test, with_a_chain_it_is_the_clients_own_that_counts) {
    const identity who;
    const identity issuer;
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_client c(connect(), version, &who, &issuer);
        ASSERT_TRUE(c.shake_hands());
        c.send("hello\n");
        EXPECT_EQ(told(), "opened secure, certificate " + who.fingerprint() + ", hello");
    }
}

class engine_tls_name_test : public engine_tls_test {
  protected:
    void expect_told(const std::string& host, const std::string& wanted) {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            tls_client c(connect(), version, nullptr);
            c.ask_for(host);
            ASSERT_TRUE(c.shake_hands());
            c.send("hello\n");
            EXPECT_EQ(told(), "opened secure, " + wanted + "hello") << host;
            c.send("and more\n");
            EXPECT_EQ(told(), "and more");
        }
    }
};

TEST_F(engine_tls_name_test, who_asks_for_a_name_of_the_certificate_is_told_of_before_the_first_message) {
    start();
    for (const auto* host : {"localhost", "LocalHost", "irc.example.org"}) expect_told(host, "named, ");
}

TEST_F(engine_tls_name_test, who_asks_for_no_name_is_not) {
    start();
    expect_told("", "");
}

TEST_F(engine_tls_name_test, who_asks_for_another_name_is_not) {
    start();
    for (const auto* host : {"x", "localhost.example.com", "example.org", "a.irc.example.org", ".example.org"}) {
        expect_told(host, "");
    }
}

TEST_F(engine_tls_name_test, after_a_new_certificate_its_names_count) {
    start();
    use(identity(false, "DNS:chat.example.com"));
    engine_->replace_tls(listener_.tls);
    engine_->publish();
    settle_all();
    expect_told("chat.example.com", "named, ");
    expect_told("localhost", "");
}

TEST_F(engine_tls_test, nobody_needs_a_certificate) {
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_client c(connect(), version, nullptr);
        ASSERT_TRUE(c.shake_hands());
        c.send("hello\n");
        EXPECT_EQ(told(), "opened secure, hello");
    }
}

// What the server says first must not swallow what it learns on the way.
TEST_F(engine_tls_test, a_certificate_is_told_though_the_server_speaks_first) {
    const identity who;
    start();
    auto socket = connect();
    const auto id = next(event_kind::opened).conn;
    engine_->send(id, std::make_shared<const std::string>("welcome"));
    engine_->publish();
    tls_client c(std::move(socket), TLS1_3_VERSION, &who);
    ASSERT_TRUE(c.shake_hands());
    EXPECT_EQ(c.read(7), "welcome");
    EXPECT_EQ(next(event_kind::certificate).body, who.fingerprint());
    EXPECT_EQ(count(event_kind::message), 0U);
}

TEST_F(engine_tls_test, a_proxys_header_comes_before_the_handshake) {
    const identity who;
    listener_.proxies = [](const peer&) { return true; };
    start();
    auto socket = connect();
    socket.send("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n");
    tls_client c(std::move(socket), TLS1_3_VERSION, &who);
    ASSERT_TRUE(c.shake_hands());
    EXPECT_EQ(next(event_kind::opened).from.text(), "192.0.2.1:56324");
    c.send("hello\n");
    EXPECT_EQ(told(), "certificate " + who.fingerprint() + ", hello");
}

}  // namespace
}  // namespace brusio::net
