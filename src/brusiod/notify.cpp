#include "brusiod/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace brusio::brusiod {

bool notify_systemd(std::string_view state) {
    const char* variable = std::getenv("NOTIFY_SOCKET");
    const std::string_view name = variable == nullptr ? "" : variable;
    sockaddr_un to{};
    if ((!name.starts_with('/') && !name.starts_with('@')) || name.size() >= sizeof to.sun_path) return false;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, name.data(), name.size());
    if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
    // An abstract name ends where the length says, so the terminator must not be counted.
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());

    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const auto sent =
        sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), length);
    close(fd);
    return sent == static_cast<ssize_t>(state.size());
}

}  // namespace brusio::brusiod
