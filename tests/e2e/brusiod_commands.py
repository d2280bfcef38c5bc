"""brusiod's own commands (`brusiod account`, `backup`, `data`), for a server that runs or one that has ended."""

import socket
import subprocess

from deadline import eventually, seconds


def run_on(binary, directory, *words, answer="", user=None, timeout=60):
    """The command on the data in this folder of a server's. `answer` is what it can read. Returns the ended process."""
    return subprocess.run([binary, *map(str, words), "--data", directory / "data"], input=answer, capture_output=True,
                          text=True, timeout=seconds(timeout), check=False, user=user)


def run_command(server, *words, **options):
    """`run_command(server, "data", "export", "anna")`, whatever comes of it."""
    return run_on(server.binary, server.directory, *words, **options)


def admin(server, *words, **options):
    """The same when it must succeed."""
    done = run_command(server, *words, **options)
    assert done.returncode == 0, done
    return done


def make_account(binary, directory, name, password):
    done = run_on(binary, directory, "account", "add", name, answer=password + "\n")
    assert done.returncode == 0, done


def answers(path):
    """Whether somebody takes connections there."""
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(str(path)) == 0


def until_it_takes_commands(server):
    """Which a server does a moment after its listeners are there."""
    eventually(lambda: answers(server.directory / "data/control.sock"), "the control socket")
