"""A clock that a test can set: a library that is loaded before all others and moves the time of day by an offset.

Only the time of day (CLOCK_REALTIME) is moved, at once and while the program runs; what waits, waits as ever.
"""

import ctypes
import mmap
import os
import shutil
import subprocess

import pytest

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long* offset_ms;

__attribute__((constructor)) static void find_offset(void) {
    const char* name = getenv("FAKE_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void* there = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (there != MAP_FAILED) offset_ms = there;
}

int clock_gettime(clockid_t which, struct timespec* now) {
    int failed = (int)syscall(SYS_clock_gettime, which, now);
    if (failed || !offset_ms || (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE)) return failed;
    long long ns = now->tv_nsec + (*offset_ms % 1000) * 1000000;
    now->tv_sec += *offset_ms / 1000;
    if (ns < 0) { ns += 1000000000; --now->tv_sec; }
    if (ns >= 1000000000) { ns -= 1000000000; ++now->tv_sec; }
    now->tv_nsec = ns;
    return 0;
}

time_t time(time_t* out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval* out, void* zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


class FakeClock:
    """`environment` is for the server; `move(hours=-1)` and the like count from the true time."""

    def __init__(self, folder, library):
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        with open(self._file, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "FAKE_CLOCK": str(self._file)}

    def move(self, days=0, hours=0, minutes=0, ms=0):
        offset = ((days * 24 + hours) * 60 + minutes) * 60_000 + ms
        ctypes.c_longlong.from_buffer(self._map).value = offset

    def preexec(self):
        os.environ.update(self.environment)


def build(folder, name, source, *options):
    """A library to be loaded before all others, or a reason to skip."""
    compiler = next((c for c in ("cc", "gcc", "clang", "clang-19") if shutil.which(c)), None)
    if compiler is None:
        pytest.skip("no C compiler is here to build what fails on purpose")
    library, code = folder / f"{name}.so", folder / f"{name}.c"
    code.write_text(source)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, code, "-ldl", *options], check=True,
                   capture_output=True)
    return library


@pytest.fixture(scope="session")
def clock_library(tmp_path_factory):
    return build(tmp_path_factory.mktemp("clock"), "clock", SOURCE)


@pytest.fixture
def clock(clock_library, tmp_path, monkeypatch):
    """Servers that are started while a test has this have its clock."""
    fake = FakeClock(tmp_path, clock_library)
    for key, value in fake.environment.items():
        monkeypatch.setenv(key, value)
    yield fake
