#include "brusiod/log.hpp"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace brusio::brusiod {

log::log() {
    setvbuf(stdout, nullptr, _IOLBF, 0);
    spdlog::init_thread_pool(8192, 1);
    auto sink = std::make_shared<spdlog::sinks::stdout_sink_st>();
    auto logger = std::make_shared<spdlog::async_logger>("brusiod", sink, spdlog::thread_pool(),
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
    spdlog::set_default_logger(logger);
}

// What waits is still written; but a reader that stands still does not keep the process, which has nothing else to do.
log::~log() {
    std::mutex mutex;
    std::condition_variable ready;
    bool written = false;
    std::jthread watch([&] {
        std::unique_lock lock(mutex);
        if (!ready.wait_for(lock, std::chrono::seconds(2), [&] { return written; })) std::_Exit(0);
    });
    const auto dropped = spdlog::thread_pool()->overrun_counter();
    if (dropped > 0) spdlog::warn("{} lines of this log were dropped: they came faster than they were read", dropped);
    spdlog::shutdown();
    const std::lock_guard lock(mutex);
    written = true;
    ready.notify_one();
}

void log::write(net::severity severity, const std::string& text) {
    switch (severity) {
        case net::severity::info:
            return spdlog::info(text);
        case net::severity::warning:
            return spdlog::warn(text);
        case net::severity::error:
            return spdlog::error(text);
    }
}

}  // namespace brusio::brusiod
