#include "brusiod/admin.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <pty.h>

namespace brusio::brusiod {
namespace {

using words = std::vector<std::string>;

struct outcome_of_a_command {
    int code = -1;
    std::string out;
    std::string err;
};

class admin : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/brusio-admin-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
    }
    void TearDown() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    void serve() {
        auto started = control_server::start(
            folder_ / control_socket_name, [this](control_request request, const std::shared_ptr<control_client>& who) {
                online_.push_back(std::move(request));
                who->out("served\n");
                who->end(3);
            });
        ASSERT_TRUE(started) << started.error().text;
        server_ = std::move(*started);
    }
    outcome_of_a_command run_from(int in, const admin_options& options) {
        std::FILE* out = std::tmpfile();
        std::FILE* err = std::tmpfile();
        outcome_of_a_command done;
        done.code = administer(options, in, out, err,
                               [this](const sources& from, const settings& with, const control_request& request,
                                      std::FILE* to, std::FILE*) {
                                   EXPECT_EQ(from.data, folder_);
                                   EXPECT_EQ(with.data, folder_);
                                   offline_.push_back(request);
                                   std::fputs("offline\n", to);
                                   return 4;
                               });
        done.out = text_of(out);
        done.err = text_of(err);
        return done;
    }
    outcome_of_a_command run(const words& typed, std::string_view input = "", bool yes = false) {
        std::array<int, 2> in;
        EXPECT_EQ(::pipe(in.data()), 0);
        EXPECT_EQ(::write(in[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
        ::close(in[1]);
        auto done =
            run_from(in[0], {.from = {.file = {}, .listeners = {}, .data = folder_}, .words = typed, .yes = yes});
        ::close(in[0]);
        return done;
    }
    // The same with a terminal, on which `typed` is typed.
    outcome_of_a_command run_in_terminal(const words& command, std::string_view typed) {
        int ours = -1;
        int theirs = -1;
        EXPECT_EQ(::openpty(&ours, &theirs, nullptr, nullptr, nullptr), 0);
        EXPECT_EQ(::write(ours, typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
        auto done = run_from(theirs, {.from = {.file = {}, .listeners = {}, .data = folder_}, .words = command});
        ::close(theirs);
        ::close(ours);
        return done;
    }
    static std::string text_of(std::FILE* file) {
        std::string all(static_cast<std::size_t>(std::ftell(file)), '\0');
        std::rewind(file);
        all.resize(std::fread(all.data(), 1, all.size(), file));
        std::fclose(file);
        return all;
    }

    std::filesystem::path folder_;
    std::vector<control_request> online_;  // read when the server is gone
    std::vector<control_request> offline_;
    std::unique_ptr<control_server> server_;
};

TEST_F(admin, the_running_server_is_asked) {
    serve();
    const auto done = run({"account", "list", "a*"});
    EXPECT_EQ(done.code, 3);
    EXPECT_EQ(done.out, "served\n");
    server_.reset();
    ASSERT_EQ(online_.size(), 1U);
    EXPECT_EQ(online_[0], (control_request{{"account", "list", "a*"}, ""}));
    EXPECT_TRUE(offline_.empty());
}

TEST_F(admin, the_files_are_used_when_none_runs) {
    const auto done = run({"account", "list"});
    EXPECT_EQ(done.code, 4);
    EXPECT_EQ(done.out, "offline\n");
    ASSERT_EQ(offline_.size(), 1U);
    EXPECT_EQ(offline_[0], (control_request{{"account", "list"}, ""}));
}

TEST_F(admin, files_of_another_user_are_left_alone) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to give a folder away";
    ASSERT_EQ(::chown(folder_.c_str(), 65534, 65534), 0);
    const auto done = run({"account", "list"});
    EXPECT_EQ(done.code, 1);
    EXPECT_EQ(done.err, "brusiod: " + folder_.string() +
                            " belongs to another user: run this as them (no server runs there that could do it)\n");
    EXPECT_TRUE(offline_.empty());
}

TEST_F(admin, a_password_is_the_first_line) {
    EXPECT_EQ(run({"account", "add", "anna"}, "se cret\r\nmore\n").code, 4);
    EXPECT_EQ(run({"account", "passwd", "anna"}, "perché").code, 4);
    EXPECT_EQ(run({"account", "suspend", "anna"}, "not read\n").code, 4);
    ASSERT_EQ(offline_.size(), 3U);
    EXPECT_EQ(offline_[0], (control_request{{"account", "add", "anna"}, "se cret"}));
    EXPECT_EQ(offline_[1], (control_request{{"account", "passwd", "anna"}, "perché"}));
    EXPECT_EQ(offline_[2].input, "");
    for (const auto* none : {"", "\n", "\r\n"}) {
        const auto done = run({"account", "add", "anna"}, none);
        EXPECT_EQ(done.code, 1);
        EXPECT_EQ(done.err, "brusiod: a password cannot be empty\n");
    }
    EXPECT_EQ(offline_.size(), 3U);
}

TEST_F(admin, nothing_is_erased_without_being_sure) {
    const words erase = {"data", "erase", "anna"};
    const auto done = run(erase, "anna\n");
    EXPECT_EQ(done.code, 2);
    EXPECT_EQ(done.err, "brusiod: data erase needs --yes where it cannot ask\n");
    const auto other = run_in_terminal(erase, "Anna\n");
    EXPECT_EQ(other.code, 1);
    EXPECT_EQ(other.err, "brusiod: that is another name; nothing was erased\n");
    EXPECT_EQ(run_in_terminal(erase, "\x04").code, 1);  // the end of input
    EXPECT_TRUE(offline_.empty());
    EXPECT_EQ(run(erase, "", true).code, 4);
    EXPECT_EQ(run_in_terminal(erase, "anna\n").code, 4);
    ASSERT_EQ(offline_.size(), 2U);
    EXPECT_EQ(offline_[1], (control_request{erase, ""}));
}

TEST_F(admin, no_account_is_deleted_without_being_sure) {
    const words drop = {"account", "drop", "anna"};
    EXPECT_EQ(run(drop, "anna\n").err, "brusiod: account drop needs --yes where it cannot ask\n");
    EXPECT_EQ(run_in_terminal(drop, "Anna\n").err, "brusiod: that is another name; nothing was deleted\n");
    EXPECT_TRUE(offline_.empty());
    EXPECT_EQ(run_in_terminal(drop, "anna\n").code, 4);
    EXPECT_EQ(run(drop, "", true).code, 4);
    EXPECT_EQ(offline_.size(), 2U);
}

TEST_F(admin, a_backups_file_is_meant_from_where_the_command_was_typed) {
    run({"backup", "/a/../b.db"});
    run({"backup", "b.db"});
    ASSERT_EQ(offline_.size(), 2U);
    EXPECT_EQ(offline_[0].words, (words{"backup", "/b.db"}));
    EXPECT_EQ(offline_[1].words, (words{"backup", (std::filesystem::current_path() / "b.db").string()}));
}

TEST_F(admin, a_wrong_configuration_is_told_first) {
    std::ofstream(folder_ / "x.toml") << "x = 1\n";
    const auto done = run_from(-1, {.from = {.file = folder_ / "x.toml", .listeners = {}, .data = folder_},
                                    .words = {"account", "add", "anna"}});
    EXPECT_EQ(done.code, 2);
    EXPECT_EQ(done.err,
              "brusiod: " + (folder_ / "x.toml").string() + ":1: the key \"x\" stands outside of any table\n");
}

}  // namespace
}  // namespace brusio::brusiod
