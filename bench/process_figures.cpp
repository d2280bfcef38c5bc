#include "process_figures.hpp"

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace brusio::bench {
namespace {

base::result<std::int64_t> ticks_ns(int pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');  // the name may hold blanks
    if (name_end == std::string::npos) return base::fail("cannot read the CPU time of process {}", pid);
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    std::int64_t user = 0;
    std::int64_t kernel = 0;
    fields >> user >> kernel;
    return (user + kernel) * (1'000'000'000 / ::sysconf(_SC_CLK_TCK));
}

// The value of a line such as "VmRSS:   1234 kB", in bytes.
std::int64_t kilobytes(const std::string& path, const std::string& key) {
    std::ifstream file(path);
    std::string word;
    while (file >> word) {
        if (word == key) {
            std::int64_t value = 0;
            file >> value;
            return value * 1024;
        }
    }
    return 0;
}

}  // namespace

base::result<std::int64_t> cpu_nanoseconds(int pid) {
    std::int64_t sum = 0;
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), error)) {
        std::ifstream file(thread.path() / "schedstat");
        std::int64_t on_cpu = 0;
        if (file >> on_cpu) sum += on_cpu;
    }
    if (error) return base::fail("cannot read the CPU time of process {}: {}", pid, error.message());
    return sum > 0 ? sum : ticks_ns(pid);
}

base::result<memory_figures> memory_of(int pid) {
    memory_figures figures;
    figures.rss = kilobytes(fmt::format("/proc/{}/status", pid), "VmRSS:");
    figures.pss = kilobytes(fmt::format("/proc/{}/smaps_rollup", pid), "Pss:");
    if (figures.rss == 0) return base::fail("cannot read the memory of process {}", pid);
    return figures;
}

base::result<memory_figures> settled_memory(int pid) {
    if (pid == 0) return memory_figures{};
    auto last = memory_of(pid);
    for (int round = 0, same = 0; last && round < 50 && same < 5; ++round) {
        ::usleep(100'000);
        auto now = memory_of(pid);
        same = now && now->rss == last->rss ? same + 1 : 0;
        last = std::move(now);
    }
    return last;
}

base::result<std::int64_t> open_files(int pid) {
    std::int64_t count = 0;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), error)) {
        count += file.path().empty() ? 0 : 1;
    }
    if (error) return base::fail("cannot read the open files of process {}: {}", pid, error.message());
    return count;
}

std::int64_t own_cpu_ns() {
    timespec t{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

std::int64_t now_ns() {
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace brusio::bench
