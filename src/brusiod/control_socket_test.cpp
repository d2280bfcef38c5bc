// The control socket's file, and what the asker makes of answers that are none.
#include <sys/stat.h>

#include <fstream>
#include <future>
#include <thread>

#include "brusiod/control_test.hpp"

namespace brusio::brusiod {
namespace {

class control_socket : public control {};

TEST_F(control_socket, the_socket_is_its_owners_alone_and_gone_when_the_server_is) {
    serve(say_yes);
    struct stat there{};
    ASSERT_EQ(::stat(path_.c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 07777U, 0600U);
    server_.reset();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(control_socket, a_socket_that_was_left_behind_is_replaced) {
    {
        const auto at = control_address::of(path_);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ASSERT_EQ(::bind(fd, at->address(), at->size()), 0);
        ASSERT_EQ(::listen(fd, 1), 0);
        ::close(fd);
    }
    ASSERT_TRUE(std::filesystem::exists(path_));
    EXPECT_EQ(ask().code, std::nullopt);
    serve(say_yes);
    EXPECT_EQ(ask().code, 0);
}

TEST_F(control_socket, a_second_server_does_not_take_the_place_of_the_first) {
    serve(say_yes);
    const auto second = control_server::start(path_, say_yes);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().text, path_.string() + " is in use: another server has the same data");
    EXPECT_EQ(ask().code, 0);
}

TEST_F(control_socket, a_file_that_is_no_socket_is_left_alone) {
    std::ofstream(path_) << "mine";
    EXPECT_FALSE(control_server::start(path_, say_yes));
    EXPECT_EQ(std::filesystem::file_size(path_), 4U);
}

TEST_F(control_socket, a_socket_of_another_server_is_not_removed_at_the_end) {
    serve(say_yes);
    std::filesystem::remove(path_);
    auto first = std::move(server_);
    serve(say_yes);
    first.reset();
    EXPECT_EQ(ask().code, 0);
}

TEST_F(control_socket, the_path_may_be_longer_than_an_address) {
    path_ = folder_ / std::string(200, 'x');
    std::filesystem::create_directory(path_);
    path_ /= "control.sock";
    serve(say_yes);
    EXPECT_EQ(ask().out, "yes\n");
}

TEST_F(control_socket, a_folder_that_is_not_there_is_told) {
    const auto started = control_server::start(folder_ / "none" / "control.sock", say_yes);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().text, "cannot make the control socket " + (folder_ / "none" / "control.sock").string() +
                                        ": No such file or directory");
}

// ---- the asker ----

// What the asker makes of `bytes` as its answer.
class control_asker : public control {
  protected:
    asked answered_with(std::string_view bytes) {
        const auto at = control_address::of(path_);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        EXPECT_EQ(::bind(fd, at->address(), at->size()), 0);
        EXPECT_EQ(::listen(fd, 1), 0);
        auto asking = std::async(std::launch::async, [this] { return ask(); });
        const int one = ::accept(fd, nullptr, nullptr);
        std::array<char, 4096> request;
        EXPECT_GT(::recv(one, request.data(), request.size(), 0), 0);
        send(one, bytes);
        ::close(one);
        ::close(fd);
        std::filesystem::remove(path_);
        return asking.get();
    }
};

TEST_F(control_asker, answers_that_are_none_are_an_error) {
    const auto yes = encode_frame(control_reply{control_kind::out, "yes\n"});
    const auto end = encode_frame(control_reply{control_kind::end, "", 3});
    EXPECT_EQ(answered_with(yes + end).code, 3);
    for (const auto& bytes :
         {std::string(), std::string("\xff\xff\xff\xff"), std::string(4, '\0'), control_frame("garbage"),
          control_frame(std::string(18, '\x05')), end.substr(0, end.size() - 1),
          encode_frame(control_reply{static_cast<control_kind>(3), "", 0})}) {
        const auto a = answered_with(yes + bytes);
        EXPECT_EQ(a.failed, "the server ended in the middle of its answer");
        EXPECT_EQ(a.out, "yes\n");
    }
}

TEST_F(control_asker, output_that_cannot_be_written_is_an_error) {
    serve(say_yes);
    std::FILE* full = std::fopen("/dev/full", "w");
    ASSERT_NE(full, nullptr);
    const auto code = ask_running_server(path_, {{"x"}, ""}, full, stderr);
    ASSERT_FALSE(code);
    EXPECT_EQ(code.error().text, "cannot write to the standard output: No space left on device");
    std::fclose(full);
}

TEST(file_client, writes_what_is_answered) {
    const sink out;
    const sink err;
    file_client to(out.file(), err.file());
    std::jthread worker([&to] {
        EXPECT_TRUE(to.out("one\n"));
        to.err("two");
        to.end(3);
        EXPECT_FALSE(to.out("four\n"));
        to.end(5);
    });
    EXPECT_EQ(to.wait_for_end(), 3);
    worker.join();
    EXPECT_EQ(out.text(), "one\n");
    EXPECT_EQ(err.text(), "brusiod: two\n");
}

TEST(file_client, is_no_success_when_the_output_could_not_be_written) {
    std::FILE* full = std::fopen("/dev/full", "w");
    ASSERT_NE(full, nullptr);
    const sink err;
    file_client to(full, err.file());
    to.out("one\n");
    to.end(0);
    EXPECT_EQ(to.wait_for_end(), 1);
    EXPECT_EQ(err.text(), "brusiod: cannot write to the standard output: No space left on device\n");
    std::fclose(full);
}

}  // namespace
}  // namespace brusio::brusiod
