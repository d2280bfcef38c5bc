// Both ends of the control socket, over real sockets: answers, many at once, hostile clients.
#include "brusiod/control_test.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

namespace brusio::brusiod {
namespace {

using std::chrono::milliseconds;

TEST_F(control, nobody_answers_where_no_server_runs) {
    auto a = ask();
    EXPECT_EQ(a.code, std::nullopt);
    EXPECT_EQ(a.failed, "");
    path_ = folder_ / "none" / "control.sock";
    a = ask();
    EXPECT_EQ(a.code, std::nullopt);
    EXPECT_EQ(a.failed, "");
}

TEST_F(control, a_request_comes_as_it_was_sent_and_its_answers_too) {
    control_request got;
    serve([&got](control_request request, const client& who) {
        got = std::move(request);
        EXPECT_TRUE(who->out("one\n"));
        who->err("what is \x1b[2J that");
        EXPECT_TRUE(who->out("two\n"));
        who->end(7);
        EXPECT_FALSE(who->out("three\n"));
        who->err("four");
        who->end(8);
    });
    const control_request sent{{"account", "add", "anna", ""}, std::string("se\0cret", 7)};
    const auto a = ask(sent);
    EXPECT_EQ(a.failed, "");
    EXPECT_EQ(a.code, 7);
    EXPECT_EQ(a.out, "one\ntwo\n");
    EXPECT_EQ(a.err, "brusiod: what is ␛[2J that\n");
    server_.reset();
    EXPECT_EQ(got, sent);
}

std::string long_text() {
    std::string text;
    for (int i = 0; text.size() < 5'000'000; ++i) text += std::to_string(i) + "\n";
    return text;
}

TEST_F(control, a_long_answer_comes_whole_from_another_thread) {
    std::jthread worker;
    serve(
        [&worker](const control_request&, client who) {
            worker = std::jthread([who = std::move(who)] {
                const auto text = long_text();
                std::string_view rest = text;
                for (std::size_t n = 1; !rest.empty(); n = n * 3 % 100'003) {  // of all sizes
                    EXPECT_TRUE(who->out(rest.substr(0, n)));
                    rest.remove_prefix(std::min(n, rest.size()));
                }
                who->end(0);
            });
        },
        {.queue_bytes = 10'000});
    const auto a = ask();
    EXPECT_EQ(a.failed, "");
    EXPECT_EQ(a.code, 0);
    EXPECT_TRUE(a.out == long_text());
}

TEST_F(control, a_long_answer_comes_whole_from_the_servers_own_thread) {
    serve(
        [](const control_request&, const client& who) {
            EXPECT_TRUE(who->out(long_text()));
            who->end(0);
        },
        {.queue_bytes = 10'000});
    const auto a = ask();
    EXPECT_EQ(a.code, 0);
    EXPECT_TRUE(a.out == long_text());
}

TEST_F(control, who_forgets_to_answer_has_answered) {
    serve([](const control_request&, const client& who) { who->out("so far\n"); });
    const auto a = ask();
    EXPECT_EQ(a.code, 1);
    EXPECT_EQ(a.out, "so far\n");
    EXPECT_EQ(a.err, "brusiod: the server gave no answer\n");
}

TEST_F(control, a_server_that_ends_in_the_middle_is_an_error) {
    std::promise<client> came;
    serve([&came](const control_request&, client who) {
        who->out("so far\n");
        came.set_value(std::move(who));
    });
    auto asking = std::async(std::launch::async, [this] { return ask(); });
    const auto who = came.get_future().get();
    server_.reset();
    const auto a = asking.get();
    EXPECT_EQ(a.failed, "the server ended in the middle of its answer");
    EXPECT_EQ(a.out, "so far\n");
    EXPECT_FALSE(who->out("more"));  // as long as anybody holds it
    who->err("more");
    who->end(0);
}

TEST_F(control, many_ask_at_once_and_each_gets_its_own_answer) {
    std::mutex mutex;
    std::vector<std::jthread> workers;
    serve(
        [&](control_request request, client who) {
            const std::lock_guard lock(mutex);
            workers.emplace_back([request = std::move(request), who = std::move(who)] {
                for (int i = 0; i < 100; ++i) who->out(request.words[0]);
                who->end(static_cast<std::uint8_t>(request.words[0].size()));
            });
        },
        {.clients = 16});
    std::vector<std::jthread> askers;
    for (std::size_t n = 1; n <= 16; ++n) {
        askers.emplace_back([this, n] {
            const std::string word(n, static_cast<char>('a' + n));
            std::string expected;
            for (int i = 0; i < 100; ++i) expected += word;
            for (int i = 0; i < 5; ++i) {
                const auto a = ask({{word}, ""});
                // The server sees only later that the one before is gone.
                if (a.err == "brusiod: the server is busy with other commands; try again\n") continue;
                EXPECT_EQ(a.code, static_cast<int>(n)) << a.failed << a.err;
                EXPECT_EQ(a.out, expected);
            }
        });
    }
    askers.clear();
    server_.reset();
    workers.clear();
}

TEST_F(control, one_more_than_there_is_room_for_is_told_to_try_again) {
    std::vector<client> held;
    std::promise<void> both;
    serve(
        [&](const control_request&, client who) {
            held.push_back(std::move(who));
            if (held.size() == 2) both.set_value();
        },
        {.clients = 2});
    auto first = std::async(std::launch::async, [this] { return ask(); });
    auto second = std::async(std::launch::async, [this] { return ask(); });
    both.get_future().get();
    const auto a = ask();
    EXPECT_EQ(a.code, 1);
    EXPECT_EQ(a.err, "brusiod: the server is busy with other commands; try again\n");
    for (const auto& who : held) who->end(0);
    EXPECT_EQ(first.get().code, 0);
    EXPECT_EQ(second.get().code, 0);
}

// ---- hostile clients ----

TEST_F(control, bytes_that_are_no_request_are_refused_and_others_are_served) {
    int handled = 0;
    serve([&handled](const control_request& request, const client& who) {
        ++handled;
        say_yes(request, who);
    });
    const auto told = [this](std::string_view bytes) {
        const int fd = connect();
        send(fd, bytes);
        return read_to_end(fd);
    };
    const auto too_long = refusal("the command is too long");
    const auto unknown = refusal("this is no command that this version of the server knows");
    const auto whole = base::encode(control_request{{"x"}, ""});
    EXPECT_EQ(told("\xff\xff\xff\xff"), too_long);
    EXPECT_EQ(told(std::string_view("\x01\x00\x01\x00", 4)), too_long);  // 65537
    EXPECT_EQ(told(std::string(4, '\0')), unknown);
    EXPECT_EQ(told(control_frame("garbage")), unknown);
    EXPECT_EQ(told(control_frame(std::string(32, '\xff'))), unknown);
    EXPECT_EQ(told(control_frame(whole + "x")), unknown);
    EXPECT_EQ(told(control_frame(whole.substr(0, whole.size() - 1))), unknown);
    EXPECT_EQ(told(encode_frame(control_request{})), unknown);  // no words
    EXPECT_EQ(ask().code, 0);
    server_.reset();
    EXPECT_EQ(handled, 1);
}

TEST_F(control, a_request_that_is_cut_short_is_dropped_without_a_word) {
    serve(say_yes);
    const auto frame = encode_frame(control_request{{"account", "list"}, "x"});
    for (std::size_t n = 0; n < frame.size(); ++n) {
        const int fd = connect();
        send(fd, frame.substr(0, n));
        ::shutdown(fd, SHUT_WR);
        EXPECT_EQ(read_to_end(fd), "") << n;
    }
    EXPECT_EQ(ask().code, 0);
}

TEST_F(control, a_request_may_come_byte_by_byte_and_what_follows_it_is_ignored) {
    serve(say_yes);
    const int fd = connect();
    for (const char c : encode_frame(control_request{{"account", "list"}, ""}) + "and more") send(fd, {&c, 1});
    EXPECT_TRUE(read_to_end(fd).starts_with(encode_frame(control_reply{control_kind::out, "yes\n"})));
}

TEST_F(control, a_request_may_have_64_KiB_and_no_more) {
    serve([](const control_request& request, const client& who) {
        who->out(std::to_string(request.input.size()));
        who->end(0);
    });
    const auto overhead = base::encode(control_request{{"x"}, ""}).size();
    EXPECT_EQ(ask({{"x"}, std::string(65536 - overhead, 'x')}).out, std::to_string(65536 - overhead));
    EXPECT_EQ(ask({{"x"}, std::string(65537 - overhead, 'x')}).failed, "the command is too long");
}

TEST_F(control, who_does_not_ask_in_time_is_dropped) {
    serve(say_yes, {.request_within = milliseconds(30)});
    const int fd = connect();
    send(fd, "\x08");
    EXPECT_EQ(read_to_end(fd), "");
    EXPECT_EQ(ask().code, 0);
}

TEST_F(control, who_does_not_read_in_time_is_dropped_and_whoever_answers_is_told) {
    std::promise<void> given_up;
    std::jthread worker;
    serve(
        [&](const control_request&, client who) {
            worker = std::jthread([&given_up, who = std::move(who)] {
                while (who->out(std::string(60'000, 'x'))) {
                }
                given_up.set_value();
            });
        },
        {.queue_bytes = 100'000, .read_within = milliseconds(50)});
    const int fd = connect();
    send(fd, encode_frame(control_request{{"x"}, ""}));
    given_up.get_future().get();
    EXPECT_GT(read_to_end(fd).size(), 100'000U);
    worker.join();
}

TEST_F(control, who_does_not_read_holds_up_a_handler_on_the_servers_own_thread_only_for_so_long) {
    std::atomic<bool> refused = false;
    serve(
        [&](const control_request& request, const client& who) {
            if (request.words[0] == "list") return say_yes(request, who);
            while (who->out(std::string(60'000, 'x'))) {
            }
            refused = true;
        },
        {.queue_bytes = 100'000, .read_within = milliseconds(50)});
    const int fd = connect();
    send(fd, encode_frame(control_request{{"x"}, ""}));
    EXPECT_EQ(ask({{"list"}, ""}).code, 0);
    EXPECT_TRUE(refused);
    ::close(fd);
}

TEST_F(control, who_does_not_read_is_dropped_also_when_the_answer_is_done) {
    serve(
        [](const control_request&, const client& who) {
            EXPECT_TRUE(who->out(std::string(900'000, 'x')));  // more than a socket takes
            who->end(0);
        },
        {.read_within = milliseconds(50)});
    const int fd = connect();
    send(fd, encode_frame(control_request{{"x"}, ""}));
    pollfd closed{fd, 0, 0};
    EXPECT_EQ(::poll(&closed, 1, 10'000), 1);
    EXPECT_LT(read_to_end(fd).size(), 900'000U);
}

TEST_F(control, an_asker_who_is_gone_takes_nobodys_place) {
    std::promise<client> came;
    serve(
        [&](const control_request& request, const client& who) {
            if (request.words[0] == "list") return say_yes(request, who);
            came.set_value(who);
        },
        {.clients = 1});
    const int fd = connect();
    send(fd, encode_frame(control_request{{"x"}, ""}));
    const auto held = came.get_future().get();
    EXPECT_EQ(ask({{"list"}, ""}).code, 1);
    ::close(fd);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (ask({{"list"}, ""}).code != 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_EQ(ask({{"list"}, ""}).code, 0);
}

TEST_F(control, whoever_answers_is_told_when_the_asker_is_gone) {
    std::promise<client> came;
    serve([&came](const control_request&, client who) { came.set_value(std::move(who)); });
    const int fd = connect();
    send(fd, encode_frame(control_request{{"x"}, ""}));
    const auto who = came.get_future().get();
    ::close(fd);
    while (who->out("x")) std::this_thread::yield();
}

TEST_F(control, other_users_are_turned_away) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
    serve(say_yes);
    ::chmod(folder_.c_str(), 0777);
    ::chmod(path_.c_str(), 0777);
    const auto at = control_address::of(path_);
    std::array<int, 2> answer;
    ASSERT_EQ(::pipe(answer.data()), 0);
    const auto child = ::fork();
    if (child == 0) {  // only system calls from here on
        std::array<char, 512> got{};
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (::setresuid(65534, 65534, 65534) != 0 || ::connect(fd, at->address(), at->size()) != 0) ::_exit(1);
        const auto n = ::recv(fd, got.data(), got.size(), MSG_WAITALL);
        ::_exit(n >= 0 && ::write(answer[1], got.data(), static_cast<std::size_t>(n)) == n ? 0 : 2);
    }
    ::close(answer[1]);
    std::array<char, 512> got{};
    const auto n = ::read(answer[0], got.data(), got.size());
    ::close(answer[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(std::string(got.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))),
              refusal("only the server's own user and root may do that"));
}

}  // namespace
}  // namespace brusio::brusiod
