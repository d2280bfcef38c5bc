#include "brusiod/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace brusio::brusiod {
namespace {

// Stands where systemd would: a datagram socket under `name` (a path, or @name).
class listener_socket {
  public:
    explicit listener_socket(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::memcpy(at.sun_path, name.data(), name.size());
        if (name[0] == '@') at.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&at), length), 0) << name;
        const timeval deadline{.tv_sec = 5, .tv_usec = 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    }
    listener_socket(const listener_socket&) = delete;
    listener_socket& operator=(const listener_socket&) = delete;
    ~listener_socket() { close(fd_); }

    std::string receive() const {
        char buffer[256];
        const auto n = recv(fd_, buffer, sizeof buffer, 0);
        return n < 0 ? "nothing came" : std::string(buffer, static_cast<std::size_t>(n));
    }

  private:
    int fd_;
};

class notify : public testing::Test {
  protected:
    void SetUp() override { unsetenv("NOTIFY_SOCKET"); }
    void TearDown() override { unsetenv("NOTIFY_SOCKET"); }
    static void ask(const std::string& name) { setenv("NOTIFY_SOCKET", name.c_str(), 1); }
};

TEST_F(notify, path) {
    char folder[] = "/tmp/brusio-notify-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const auto name = std::string(folder) + "/socket";
    {
        const listener_socket systemd(name);
        ask(name);
        EXPECT_TRUE(notify_systemd("READY=1"));
        EXPECT_EQ(systemd.receive(), "READY=1");
        EXPECT_TRUE(notify_systemd("RELOADING=1\nMONOTONIC_USEC=5"));
        EXPECT_EQ(systemd.receive(), "RELOADING=1\nMONOTONIC_USEC=5");
    }
    EXPECT_FALSE(notify_systemd("STOPPING=1"));  // the listener has gone
    std::filesystem::remove_all(folder);
}

TEST_F(notify, abstract_name) {
    const auto name = "@brusio-notify-test-" + std::to_string(getpid());
    const listener_socket systemd(name);
    ask(name);
    EXPECT_TRUE(notify_systemd("READY=1"));
    EXPECT_EQ(systemd.receive(), "READY=1");
}

TEST_F(notify, nobody_asked) {
    EXPECT_FALSE(notify_systemd("READY=1"));
    for (const auto& name :
         {std::string(), std::string("relative"), std::string("vsock:2:1234"), "/" + std::string(200, 'x')}) {
        ask(name);
        EXPECT_FALSE(notify_systemd("READY=1")) << name;
    }
}

}  // namespace
}  // namespace brusio::brusiod
