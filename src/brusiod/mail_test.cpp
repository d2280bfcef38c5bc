#include "brusiod/mail.hpp"

#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include <gtest/gtest.h>

#include "brusiod/run_program.hpp"

namespace brusio::brusiod {
namespace {

using std::chrono::milliseconds;
using namespace std::string_literals;

constexpr std::chrono::sys_seconds noon{std::chrono::seconds(1'795'435'445)};  // Mon, 23 Nov 2026 12:04:05

std::string wrong(const mail& m) {
    const auto message = mail_message(m, noon);
    return message ? "nothing is wrong" : message.error().text;
}

TEST(mail, is_written_as_local_programs_expect) {
    const auto message =
        mail_message({"anna@example.org", "chat@example.org", "Your code", "It is ABCD.\r\n\nCiao, perché no"}, noon);
    ASSERT_TRUE(message);
    EXPECT_EQ(*message,
              "To: anna@example.org\n"
              "From: chat@example.org\n"
              "Subject: Your code\n"
              "Date: Mon, 23 Nov 2026 12:04:05 +0000\n"
              "MIME-Version: 1.0\n"
              "Content-Type: text/plain; charset=utf-8\n"
              "Content-Transfer-Encoding: 8bit\n"
              "Auto-Submitted: auto-generated\n"
              "\n"
              "It is ABCD.\n"
              "\n"
              "Ciao, perché no\n");
    EXPECT_EQ(mail_message({"a@b.org", "", "x", ""}, noon)->find("From:"), std::string::npos);
}

TEST(mail, dates_have_two_digits_where_they_must) {
    const auto message =
        mail_message({"a@b.org", "", "x", "x"}, std::chrono::sys_days(std::chrono::year(2027) / 1 / 2));
    EXPECT_NE(message->find("\nDate: Sat, 2 Jan 2027 00:00:00 +0000\n"), std::string::npos) << *message;
}

TEST(mail, subjects_that_are_not_ASCII_are_encoded_words) {
    const auto subject = [](const std::string& text) {
        const auto message = mail_message({"a@b.org", "", text, "x"}, noon).value();
        const auto begin = message.find("Subject: ") + 9;
        return message.substr(begin, message.find("\nDate:") - begin);
    };
    EXPECT_EQ(subject("perché"), "=?UTF-8?B?cGVyY2jDqQ==?=");
    EXPECT_EQ(subject("perch\u00e9!"), "=?UTF-8?B?cGVyY2jDqSE=?=");
    EXPECT_EQ(subject("a =?UTF-8?Q?b?="), "=?UTF-8?B?YSA9P1VURi04P1E/Yj89?=");
    // 23 characters of two bytes do not fit one word, and none is cut.
    std::string twenty_three;
    for (int i = 0; i < 23; ++i) twenty_three += "è";
    EXPECT_EQ(subject(twenty_three),
              "=?UTF-8?B?w6jDqMOow6jDqMOow6jDqMOow6jDqMOow6jDqMOow6jDqMOow6jDqMOow6g=?=\n =?UTF-8?B?w6g=?=");
    std::istringstream lines(subject(std::string(500, 'x')));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 76U);
}

TEST(mail, addresses_that_could_be_anything_else_are_refused) {
    for (const std::string bad :
         {"", "anna", "@b.org", "a@", "a@b@c", "a@b.org,c@d.org", "a@b.org\nBcc: c@d.org", "a@b.org\r", "a b@c.org",
          "Anna <a@b.org>", "-f@b.org", "a@b.org;c@d.org", "\"a\"@b.org", "a(x)@b.org", "a@[1.2.3.4]", "x:a@b.org",
          "perché@b.org", "|a@b.org", "a\\@b.org"}) {
        EXPECT_NE(wrong({bad, "", "x", "x"}), "nothing is wrong") << bad;
        if (!bad.empty()) EXPECT_NE(wrong({"a@b.org", bad, "x", "x"}), "nothing is wrong") << bad;
    }
    EXPECT_EQ(wrong({std::string(248, 'a') + "@b.org", "", "x", "x"}), "nothing is wrong");
    EXPECT_NE(wrong({std::string(249, 'a') + "@b.org", "", "x", "x"}), "nothing is wrong");
    EXPECT_EQ(wrong({"a+b.c-d_e=f@b-c.example.org", "", "x", "x"}), "nothing is wrong");
    EXPECT_EQ(wrong({"a\nb@c.org", "", "x", "x"}), "\"a␊b@c.org\" is not an address to write to");
}

TEST(mail, subjects_of_more_than_a_line_are_refused) {
    for (const auto& bad : {std::string("a\nBcc: c@d.org"), std::string("a\r"), std::string("a\0b", 3),
                            std::string("a\x7f"), std::string("\xff"), std::string(501, 'x')}) {
        EXPECT_EQ(wrong({"a@b.org", "", bad, "x"}), "the subject of a mail is one line of UTF-8 of at most 500 bytes");
    }
}

TEST(mail, texts_have_no_controls_and_no_endless_lines) {
    const auto message = mail_message({"a@b.org", "", "x", "a\x1b[2Jb\0\xff\n.\n"s}, noon);
    EXPECT_TRUE(message->ends_with("\n\na[2Jb\uFFFD\n.\n")) << *message;
    EXPECT_EQ(wrong({"a@b.org", "", "x", std::string(998, 'x')}), "nothing is wrong");
    EXPECT_EQ(wrong({"a@b.org", "", "x", std::string(999, 'x')}), "a line of a mail has at most 998 bytes");
    EXPECT_EQ(wrong({"a@b.org", "", "x", std::string(65537, '\n')}), "a mail has at most 64 KiB of text");
}

// ---- programs ----

class mail_program : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-mail-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    // Made in one go: a program that is still open for writing cannot be run.
    std::string program(const std::string& lines) const {
        const auto path = folder_ / "program";
        std::ofstream(path) << "#!/bin/sh\n" << lines << "\n";
        ::chmod(path.c_str(), 0700);
        return path.string();
    }
    std::string file(const char* name) const {
        std::ifstream in(folder_ / name);
        std::ostringstream all;
        all << in.rdbuf();
        return all.str();
    }
    // Sends one and waits for what comes of it.
    static std::string outcome(mail_sender& sender, const mail& m = {"a@b.org", "", "x", "hello"}) {
        std::promise<base::result<void>> came;
        const auto taken = sender.send(m, [&came](base::result<void> done) { came.set_value(std::move(done)); });
        if (!taken) return "not taken: " + taken.error().text;
        const auto done = came.get_future().get();
        return done ? "sent" : done.error().text;
    }

    std::filesystem::path folder_;
};

TEST_F(mail_program, gets_the_message_and_its_arguments_as_they_are) {
    const auto path = program("cat > \"$1/mail\"; shift; printf '%s|' \"$@\" > \"$0.words\"; pwd > \"$0.folder\"");
    mail_sender sender({path, folder_.string(), "a b", "$HOME;", "", "*"});
    EXPECT_EQ(outcome(sender), "sent");
    EXPECT_TRUE(file("mail").starts_with("To: a@b.org\nSubject: x\nDate: "));
    EXPECT_TRUE(file("mail").ends_with("\n\nhello\n"));
    EXPECT_EQ(file("program.words"), "a b|$HOME;||*|");
    EXPECT_EQ(file("program.folder"), "/\n");
}

TEST_F(mail_program, starts_with_nothing_of_this_process) {
    setenv("NOTIFY_SOCKET", "/run/x", 1);
    setenv("LISTEN_FDS", "1", 1);
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    const std::ofstream open(folder_ / "open");  // has no O_CLOEXEC
    // The shell has 0, 1 and 2; "ls" opens the folder that it lists.
    mail_sender sender(
        {program("env > \"$0.env\"; ls /proc/self/fd | wc -l > \"$0.files\"; cat /proc/self/status | grep "
                 "-E 'Sig(Blk|Ign)' | cut -f2 > \"$0.signals\"")});
    EXPECT_EQ(outcome(sender), "sent");
    std::signal(SIGPIPE, before);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("LISTEN_FDS");
    EXPECT_EQ(file("program.env").find("NOTIFY_SOCKET"), std::string::npos);
    EXPECT_EQ(file("program.env").find("LISTEN_FDS"), std::string::npos);
    EXPECT_NE(file("program.env").find("PATH="), std::string::npos);
    EXPECT_EQ(file("program.files"), "4\n");
    std::istringstream signals(file("program.signals"));
    std::uint64_t blocked = 1;
    std::uint64_t ignored = 1;
    signals >> std::hex >> blocked >> ignored;
    EXPECT_EQ(blocked, 0U);
    EXPECT_EQ(ignored & 0x7FFF'FFFFU, 0U);  // the two above are the C library's own
}

TEST_F(mail_program, that_fails_is_told_with_its_first_line) {
    mail_sender sender({program("cat > /dev/null; echo out; echo 'no such\tuser' >&2; echo more >&2; exit 75")});
    EXPECT_EQ(outcome(sender), (folder_ / "program").string() + " ended with code 75: no such user");
    sender.set_command({program("kill -9 $$")});
    EXPECT_EQ(outcome(sender), (folder_ / "program").string() + " was ended by signal 9");
    sender.set_command({(folder_ / "none").string()});
    EXPECT_EQ(outcome(sender), "cannot run " + (folder_ / "none").string() + ": No such file or directory");
    sender.set_command({"program"});
    EXPECT_EQ(outcome(sender), "there is no program to run");
    sender.set_command({});
    EXPECT_EQ(outcome(sender), "there is no program to run");
}

TEST_F(mail_program, may_end_without_reading) {
    mail_sender sender({program("exit 0")});
    const mail longest{"a@b.org", "", "x", std::string(65536, '\n')};
    for (int i = 0; i < 20; ++i) EXPECT_EQ(outcome(sender, longest), "sent");
}

TEST_F(mail_program, may_complain_at_length) {
    mail_sender sender(
        {program("cat > /dev/null; i=0; while [ $i -lt 5000 ]; do echo 'a complaint of some length' >&2; "
                 "i=$((i+1)); done; exit 1")});
    EXPECT_EQ(outcome(sender), (folder_ / "program").string() + " ended with code 1: a complaint of some length");
}

TEST_F(mail_program, may_leave_others_behind) {
    // They hold its files open and go on; nobody waits for them.
    mail_sender sender({program("cat > /dev/null; sleep 100 & echo $! > \"$0.child\"")},
                       {.within = std::chrono::minutes(1)});
    EXPECT_EQ(outcome(sender), "sent");
    EXPECT_EQ(::kill(std::stoi(file("program.child")), SIGKILL), 0);
}

TEST_F(mail_program, that_takes_too_long_is_killed_with_all_it_started) {
    // The pipe's reader sees the end only when nobody can write to it any more.
    const auto fifo = (folder_ / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    mail_sender sender({program("exec > " + fifo + "; sleep 100 & sleep 100")}, {.within = milliseconds(200)});
    auto all_gone = std::async(std::launch::async, [&fifo] {
        std::ifstream in(fifo);
        return in.get();
    });
    EXPECT_EQ(outcome(sender), (folder_ / "program").string() + " did not end within 0 s and was killed");
    EXPECT_EQ(all_gone.get(), std::ifstream::traits_type::eof());
}

TEST_F(mail_program, that_complains_for_ever_is_killed_too) {
    mail_sender sender({program("exec yes a complaint >&2")}, {.within = milliseconds(200)});
    EXPECT_EQ(outcome(sender), (folder_ / "program").string() + " did not end within 0 s and was killed");
}

TEST_F(mail_program, runs_for_one_mail_after_the_other_and_only_so_many_wait) {
    const auto fifo = (folder_ / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    std::fstream gate(fifo);  // for reading too, so that it is never without a reader
    mail_sender sender({program("grep ^Subject: >> \"$0.mails\"; read go < " + fifo)}, {.waiting = 3});
    std::promise<void> all;
    std::atomic<int> sent = 0;
    const auto then = [&](const base::result<void>& done) {
        EXPECT_TRUE(done);
        if (++sent == 3) all.set_value();
    };
    for (const auto* subject : {"one", "two", "three"}) EXPECT_TRUE(sender.send({"a@b.org", "", subject, "x"}, then));
    const auto fourth = sender.send({"a@b.org", "", "four", "x"}, then);
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().text, "too many mails wait to be sent");
    gate << "go\ngo\ngo\n" << std::flush;
    all.get_future().get();
    EXPECT_EQ(file("program.mails"), "Subject: one\nSubject: two\nSubject: three\n");
    EXPECT_EQ(sent, 3);
}

TEST_F(mail_program, what_was_not_sent_at_the_end_is_told_once_each) {
    const auto fifo = (folder_ / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    std::vector<std::string> told;
    {
        mail_sender sender({program("echo > " + fifo + "; sleep 100")});
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(sender.send({"a@b.org", "", "x", "x"},
                                    [&told](const base::result<void>& done) { told.push_back(done.error().text); }));
        }
        std::ifstream(fifo).get();  // it runs
    }
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0], (folder_ / "program").string() + " was stopped: the server is shutting down");
    EXPECT_EQ(told[1], "the mail was not sent: the server is shutting down");
    EXPECT_EQ(told[2], told[1]);
}

TEST_F(mail_program, what_cannot_be_written_is_refused_at_once) {
    mail_sender sender({program("exit 0")});
    EXPECT_EQ(outcome(sender, {"a@b.org, c@d.org", "", "x", "x"}),
              "not taken: \"a@b.org, c@d.org\" is not an address to write to");
}

}  // namespace
}  // namespace brusio::brusiod
