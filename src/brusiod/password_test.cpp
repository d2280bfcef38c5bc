#include "brusiod/password.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <sodium.h>
#include <termios.h>

#include "brusiod/ask_password.hpp"

namespace brusio::brusiod {
namespace {

TEST(password, a_hash_fits_its_password_only) {
    const auto hash = hash_password("pérché no");
    ASSERT_TRUE(hash) << hash.error().text;
    EXPECT_TRUE(hash->starts_with("$argon2id$")) << *hash;
    EXPECT_TRUE(is_password_hash(*hash));
    EXPECT_TRUE(verify_password(*hash, "pérché no"));
    EXPECT_FALSE(verify_password(*hash, "perche no"));
    EXPECT_FALSE(verify_password(*hash, ""));
    EXPECT_FALSE(verify_password(*hash, *hash)) << "whoever reads the hash does not know the password";
    EXPECT_NE(*hash, *hash_password("pérché no")) << "no salt";
    EXPECT_TRUE(check_stored_password(*hash));
}

TEST(password, a_hash_of_another_strength_is_as_good) {
    std::string weak(crypto_pwhash_STRBYTES, '\0');
    ASSERT_EQ(crypto_pwhash_str_alg(weak.data(), "secret", 6, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN,
                                    crypto_pwhash_ALG_ARGON2ID13),
              0);
    weak.resize(weak.find('\0'));
    EXPECT_TRUE(check_stored_password(weak)) << weak;
    EXPECT_TRUE(verify_password(weak, "secret"));
    EXPECT_FALSE(verify_password(weak, "secrets"));
}

TEST(password, a_plain_one_fits_itself_only) {
    EXPECT_TRUE(verify_password("secret", "secret"));
    for (std::string_view other : {"", "secre", "secret ", "secrets", "Secret", "terces"}) {
        EXPECT_FALSE(verify_password("secret", other)) << other;
    }
}

TEST(password, nothing_fits_no_password) {
    EXPECT_FALSE(verify_password("", ""));
    EXPECT_FALSE(verify_password("", "x"));
    EXPECT_FALSE(verify_password("$argon2id$", ""));
    EXPECT_FALSE(verify_password("$argon2id$", "$argon2id$")) << "a broken hash is not a plain password";
}

TEST(password, what_can_be_typed) {
    EXPECT_TRUE(check_password("a b:c"));
    EXPECT_TRUE(check_password(std::string(300, 'x')));
    EXPECT_EQ(check_password("").error().text, "a password cannot be empty");
    EXPECT_EQ(check_password(std::string(301, 'x')).error().text, "a password has at most 300 bytes");
    EXPECT_EQ(check_password("a\nb").error().text, "a password cannot have control characters");
    EXPECT_EQ(check_password(std::string_view("a\0b", 3)).error().text, "a password cannot have control characters");
    EXPECT_EQ(check_password("\xff").error().text, "a password must be UTF-8");
    EXPECT_EQ(hash_password("").error().text, "a password cannot be empty");
}

TEST(password, what_can_be_kept) {
    const auto good = *hash_password("x");
    const auto told = [](const std::string& text) {
        const auto checked = check_stored_password(text);
        return checked ? "nothing is wrong" : checked.error().text;
    };
    EXPECT_EQ(told("plain"), "nothing is wrong");
    EXPECT_EQ(told("$100"), "nothing is wrong");
    const std::string broken = "this is not a whole argon2id hash; make one with brusiod --hash-password";
    EXPECT_EQ(told("$argon2id$"), broken);
    EXPECT_EQ(told(good.substr(0, good.size() / 2)), broken);
    EXPECT_EQ(told(good + "$x"), broken);
    EXPECT_EQ(told(good + std::string(1, '\0')), broken);
    const std::string other = "only argon2id hashes are known; make one with brusiod --hash-password";
    EXPECT_EQ(told("$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"), other);
    EXPECT_EQ(told("$argon2i$v=19$m=16,t=2,p=1$YWJjZGVmZ2g$abc"), other);
    EXPECT_EQ(told(""), "a password cannot be empty");
}

// ---- asking ----

// What `ask_password` says to these bytes when they do not come from a terminal.
base::result<std::string> piped(std::string_view bytes) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    EXPECT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(ends[1]);
    auto answer = ask_password(ends[0]);
    close(ends[0]);
    return answer;
}

TEST(ask_password, one_line_of_a_pipe) {
    EXPECT_EQ(*piped("secret\n"), "secret");
    EXPECT_EQ(*piped("secret"), "secret");
    EXPECT_EQ(*piped(" se cret \r\nmore\n"), " se cret ");
    EXPECT_EQ(*piped("\n"), "");
    EXPECT_EQ(*piped(""), "");
    EXPECT_EQ(piped(std::string(5000, 'x')).error().text, "the password is too long");
}

// A terminal with somebody at it.
class ask_password_terminal : public testing::Test {
  protected:
    void SetUp() override {
        person_ = posix_openpt(O_RDWR | O_NOCTTY);
        ASSERT_GE(person_, 0);
        ASSERT_EQ(grantpt(person_), 0);
        ASSERT_EQ(unlockpt(person_), 0);
        std::array<char, 64> name{};
        ASSERT_EQ(ptsname_r(person_, name.data(), name.size()), 0);
        terminal_ = open(name.data(), O_RDWR | O_NOCTTY);
        ASSERT_GE(terminal_, 0);
    }
    void TearDown() override {
        close(terminal_);
        close(person_);
    }

    bool echoes() const {
        termios now{};
        EXPECT_EQ(tcgetattr(terminal_, &now), 0);
        return (now.c_lflag & ECHO) != 0;
    }

    // Whoever types before the question is asked is not heard, so this waits until the terminal is silent.
    void type(std::string_view lines) const {
        while (echoes()) std::this_thread::yield();
        EXPECT_EQ(write(person_, lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
    }

    base::result<std::string> asked(std::string_view lines) const {
        std::thread person([this, lines] { type(lines); });
        auto answer = ask_password(terminal_);
        person.join();
        EXPECT_TRUE(echoes()) << "the terminal stays silent";
        return answer;
    }

    int person_ = -1;
    int terminal_ = -1;
};

TEST_F(ask_password_terminal, asks_twice_without_echo) {
    EXPECT_EQ(*asked("secret\nsecret\n"), "secret");
    std::array<char, 256> shown{};
    const auto size = read(person_, shown.data(), shown.size());
    ASSERT_GT(size, 0);
    EXPECT_EQ(std::string_view(shown.data(), static_cast<std::size_t>(size)).find("secret"), std::string_view::npos);
}

TEST_F(ask_password_terminal, two_answers_that_differ_are_an_error) {
    EXPECT_EQ(asked("secret\nsercet\n").error().text, "the two passwords differ");
}

TEST_F(ask_password_terminal, an_empty_answer_is_not_asked_again) { EXPECT_EQ(*asked("\n"), ""); }

TEST_F(ask_password_terminal, ctrl_c_leaves_the_terminal_as_it_was) {
    const auto child = fork();
    if (child == 0) {
        (void)ask_password(terminal_);
        _exit(0);
    }
    while (echoes()) std::this_thread::yield();
    kill(child, SIGINT);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
    EXPECT_TRUE(echoes());
}

}  // namespace
}  // namespace brusio::brusiod
