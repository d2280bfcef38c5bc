"""Programs on a screen of their own: tmux runs them, types what a person would type, and reads what they see.

A test never waits for time, it waits for text: `wait_for` polls the screen until a pattern is there or the deadline has
passed, and then shows the whole screen. tmux has a socket of its own and reads nobody's configuration.
"""

import itertools
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time

import pytest

from deadline import seconds

_numbers = itertools.count(1)


def needs(*programs):
    """A mark: the test is skipped when one of these is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)} (./dev setup installs it)")


class Screen:
    """What one program shows, 200 columns wide so that lines are not broken."""

    def __init__(self, terminals, name):
        self._terminals, self.name = terminals, name

    def text(self):
        return self._terminals.tmux("capture-pane", "-p", "-t", f"={self.name}:").stdout

    def type(self, line):
        """A line and Enter. A semicolon at the end would end tmux's command, so it is not for lines that end in one."""
        self._terminals.tmux("send-keys", "-t", f"={self.name}:", "-l", "--", line)
        self._terminals.tmux("send-keys", "-t", f"={self.name}:", "Enter")

    def wait_for(self, pattern, timeout=10):
        """Until the screen shows this (a regular expression; ^ and $ are of lines). Returns the match."""
        end = time.monotonic() + seconds(timeout)
        while True:
            text = self.text()
            found = re.search(pattern, text, re.M)
            if found:
                return found
            if time.monotonic() > end:
                shown = "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
                raise AssertionError(f"{self.name} does not show {pattern!r} but:\n{shown}")
            time.sleep(0.03)

    def wait_end(self, timeout=10):
        """Until the program has left its terminal. (With which code is not known: what closes its terminal before it
        ends, as irssi and WeeChat do, may be hit by tmux's hang-up.)"""
        end = time.monotonic() + seconds(timeout)
        dead = "display-message", "-p", "-t", f"={self.name}:", "#{pane_dead}"
        while self._terminals.tmux(*dead).stdout.strip() != "1":
            assert time.monotonic() < end, f"{self.name} has not ended:\n{self.text()}"
            time.sleep(0.03)


class Terminals:
    """A tmux server with one session for each program."""

    def __init__(self, directory):
        self.home = directory / "home"
        self.home.mkdir()
        self._folder = tempfile.TemporaryDirectory(prefix="brusio-tmux-")  # a socket's path must be short
        keep = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        self.environment = {**keep, "HOME": str(self.home), "USER": "someone", "LC_ALL": "C.UTF-8",
                            "TERM": "screen-256color"}

    def tmux(self, *arguments, check=True):
        command = ["tmux", "-u", "-S", f"{self._folder.name}/socket", "-f", "/dev/null", *map(str, arguments)]
        return subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=check, timeout=seconds(20))

    def run(self, name, *command):
        """Starts a program; `name` is for the reports of failures."""
        name = f"{name}-{next(_numbers)}"
        # Its screen stays when it ends, so that a failure can still show it.
        self.tmux("start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";",
                  "set-option", "-g", "escape-time", "0", ";",
                  "new-session", "-d", "-s", name, "-x", "200", "-y", "50", "-c", self.home,
                  "exec " + shlex.join(map(str, command)))
        return Screen(self, name)

    def end(self):
        self.tmux("kill-server", check=False)
        self._folder.cleanup()


@pytest.fixture
def terminals(tmp_path):
    """Where programs run: terminals.run("irssi", "irssi", …) is a Screen."""
    mine = Terminals(tmp_path)
    yield mine
    mine.end()
