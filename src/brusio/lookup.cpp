#include "brusio/lookup.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <thread>

#include <netdb.h>

namespace brusio::client {

struct lookup::shared {
    base::result<std::vector<address>> answer = base::fail("no answer");
    int ends[2] = {-1, -1};

    // Written before the byte goes into the pipe, read after it came out: the pipe orders the two threads.
    void publish(base::result<std::vector<address>> found) {
        answer = std::move(found);
        const char byte = 1;
        [[maybe_unused]] const auto written = write(ends[1], &byte, 1);
    }
    ~shared() {
        for (const int end : ends) {
            if (end >= 0) close(end);
        }
    }
};

namespace {

base::result<std::vector<address>> resolve(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (error != 0) return base::fail("{}", error == EAI_SYSTEM ? error_text(errno) : lower_first(gai_strerror(error)));
    std::vector<address> found;
    for (const auto* i = list; i != nullptr; i = i->ai_next) {
        if (i->ai_addrlen > sizeof(sockaddr_storage)) continue;
        auto& one = found.emplace_back();
        std::memcpy(&one.storage, i->ai_addr, i->ai_addrlen);
        one.size = i->ai_addrlen;
    }
    freeaddrinfo(list);
    if (found.empty()) return base::fail("that name has no address");
    return found;
}

address unix_address(const std::string& path) {
    address one;
    auto* to = reinterpret_cast<sockaddr_un*>(&one.storage);
    to->sun_family = AF_UNIX;
    path.copy(to->sun_path, sizeof to->sun_path - 1);
    one.size = sizeof(sockaddr_un);
    return one;
}

}  // namespace

lookup::lookup(const target& where) : shared_(std::make_shared<shared>()) {
    if (pipe2(shared_->ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    auto at_once =
        where.local() ? std::vector{unix_address(where.path)} : resolve(where.host, where.port, AI_NUMERICHOST);
    if (at_once) {
        shared_->publish(std::move(at_once));
        return;
    }
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the main thread
    std::thread([state = shared_, host = where.host, port = where.port] {
        state->publish(resolve(host, port, AI_ADDRCONFIG));
    }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

lookup::~lookup() = default;

int lookup::fd() const { return shared_->ends[0]; }

bool lookup::ready() const {
    pollfd one{shared_->ends[0], POLLIN, 0};
    return poll(&one, 1, 0) == 1;
}

base::result<std::vector<address>> lookup::take() {
    char byte = 0;
    [[maybe_unused]] const auto got = read(shared_->ends[0], &byte, 1);
    return std::move(shared_->answer);
}

std::string lower_first(std::string text) {
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    return text;
}

std::string error_text(int error_number) { return lower_first(std::generic_category().message(error_number)); }

}  // namespace brusio::client
