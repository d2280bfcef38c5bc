// CPU time and memory of a process, read from its files in /proc.
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace brusio::bench {

// Nanoseconds on a CPU, user and kernel, summed over the threads that live now. Threads that ended are not in it, so it
// is right for servers that keep their threads. Falls back to clock ticks where the kernel has no schedstat.
base::result<std::int64_t> cpu_nanoseconds(int pid);

struct memory_figures {
    std::int64_t rss = 0;  // VmRSS, bytes
    std::int64_t pss = 0;  // from smaps_rollup, bytes; 0 when it may not be read
};
base::result<memory_figures> memory_of(int pid);

// The same when it has not changed for half a second, for a server may still be giving memory back; waits at most 5 s.
// Zeros when `pid` is 0.
base::result<memory_figures> settled_memory(int pid);

// Files that the process has open.
base::result<std::int64_t> open_files(int pid);

// CPU time of this process, all threads.
std::int64_t own_cpu_ns();

// CLOCK_MONOTONIC.
std::int64_t now_ns();

}  // namespace brusio::bench
