"""Deadlines and other bounds. No test sleeps to wait for something: it waits for a condition, at most so long."""

import os
import time

SLOWNESS = float(os.environ.get("BRUSIO_E2E_SLOWNESS", "1"))


def seconds(value):
    """`value` seconds on an ordinary build; more where BRUSIO_E2E_SLOWNESS says so (sanitizers, a busy machine)."""
    return value * SLOWNESS


def mebibytes(value):
    """`value` MiB of memory as bytes, and more for sanitizer builds, which keep what was freed for a while."""
    return int(value * SLOWNESS * (1 << 20))


def eventually(condition, what, timeout=5):
    """Polls until `condition()` is true and returns its value; for what cannot wake us (files, other processes)."""
    end = time.monotonic() + seconds(timeout)
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds(timeout):g} s: {what}"
        time.sleep(0.01)
