#include "brusiod/log.hpp"

#include <cstdio>

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

log::~log() {
    const auto dropped = spdlog::thread_pool()->overrun_counter();
    if (dropped > 0) spdlog::warn("{} lines of this log were dropped: they came faster than they were read", dropped);
    spdlog::shutdown();
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
