// brusio-irc-load: puts a server of IRC under load and measures it. What the options mean: brusio-irc-load --help. Exit
// codes: 0 measured, 1 failed (one sentence on stderr), 2 wrong usage.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>

#include <fmt/format.h>

#include "client_socket.hpp"
#include "irc_durable.hpp"
#include "irc_fanout.hpp"
#include "irc_login.hpp"
#include "irc_options.hpp"
#include "irc_storm.hpp"

namespace brusio::bench {
namespace {

base::result<void> load(const irc_options& options) {
    auto factory = client_factory::create(options.server);
    if (!factory) return std::unexpected(factory.error());
    switch (options.mode) {
        case irc_mode::fanout:
            return irc_fanout(options, *factory).run();
        case irc_mode::login:
            return run_irc_login(options, *factory);
        case irc_mode::storm:
            return run_irc_storm(options, *factory);
        case irc_mode::durable:
            return run_irc_durable(options, *factory);
    }
    return {};
}

}  // namespace
}  // namespace brusio::bench

int main(int argc, char** argv) {
    brusio::bench::irc_options options;
    if (const int code = brusio::bench::read_options(argc, argv, options); code >= 0) return code == 0 ? 0 : 2;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    ::prctl(PR_SET_TIMERSLACK, 1);
    if (auto done = brusio::bench::load(options); !done) {
        fmt::print(stderr, "brusio-irc-load: {}\n", done.error().text);
        return 1;
    }
    return 0;
}
