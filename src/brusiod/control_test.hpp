// What the tests of the control socket share: a server in a folder of its own, and what an asker got.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "brusiod/control.hpp"
#include "brusiod/control_wire.hpp"

namespace brusio::brusiod {

using client = std::shared_ptr<control_client>;

// A file in memory to write to.
class sink {
  public:
    sink() : file_(std::tmpfile()) {}
    ~sink() { std::fclose(file_); }
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;
    std::FILE* file() const { return file_; }
    std::string text() const {
        std::string all(static_cast<std::size_t>(std::ftell(file_)), '\0');
        std::rewind(file_);
        all.resize(std::fread(all.data(), 1, all.size(), file_));
        return all;
    }

  private:
    std::FILE* file_;
};

struct asked {
    std::optional<int> code;
    std::string out;
    std::string err;
    std::string failed;
};

class control : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-control-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
        path_ = folder_ / "control.sock";
    }
    void TearDown() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    void serve(control_server::handler handle, control_limits limits = {}) {
        auto started = control_server::start(path_, std::move(handle), limits);
        ASSERT_TRUE(started) << started.error().text;
        server_ = std::move(*started);
    }
    asked ask(const control_request& request = {{"account", "list"}, ""}) const {
        const sink out;
        const sink err;
        const auto code = ask_running_server(path_, request, out.file(), err.file());
        asked a{.code = {}, .out = out.text(), .err = err.text(), .failed = {}};
        if (code) a.code = *code;
        if (!code) a.failed = code.error().text;
        return a;
    }
    // A connection by hand.
    int connect() const {
        const auto at = control_address::of(path_);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::connect(fd, at->address(), at->size()), 0);
        return fd;
    }
    static void send(int fd, std::string_view bytes) {
        EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    // Everything until the server closes.
    static std::string read_to_end(int fd) {
        std::string all;
        std::array<char, 4096> chunk;
        for (ssize_t got = 0; (got = ::recv(fd, chunk.data(), chunk.size(), 0)) > 0;) {
            all.append(chunk.data(), static_cast<std::size_t>(got));
        }
        ::close(fd);
        return all;
    }
    static std::string refusal(std::string_view sentence) {
        return encode_frame(control_reply{control_kind::err, std::string(sentence)}) +
               encode_frame(control_reply{control_kind::end, "", 1});
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
    std::unique_ptr<control_server> server_;
};

inline const control_server::handler say_yes = [](const control_request&, const client& who) {
    who->out("yes\n");
    who->end(0);
};

}  // namespace brusio::brusiod
