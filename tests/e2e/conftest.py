"""End-to-end tests: they start the shipped `brusiod` on free ports and talk to it as clients would.

    python3 -m pytest tests/e2e

    BRUSIO_BIN_DIR       where the binaries are (default: build/release/bin)
    BRUSIO_E2E_SLOWNESS  all deadlines are multiplied by this (default 1; sanitizer builds want 5 or so)

Each server that a test starts must end in an orderly way after SIGTERM, with exit code 0 and no sanitizer report.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest

from brusiod_commands import make_account
from deadline import seconds
from irc import gather
from logging_in import PASSWORD, new_account
from reading import ALL, PLAIN, tell, with_accounts
from server import BOTH_DOORS, IRC_ONLY, SANITIZER_REPORT, Server

# Started in the background of a script, we were told to ignore Ctrl-C, and so would be every program that is tested.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where syncing costs nothing: two thousand servers, each with files of its own, would spend most of their time on it. What
# survives a process that is killed is the same there.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 1 << 28 else None


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="more rounds of what is tried at random")


@pytest.fixture(scope="session")
def bin_dir():
    return pathlib.Path(os.environ.get("BRUSIO_BIN_DIR") or ROOT / "build/release/bin")


@pytest.fixture(scope="session")
def brusiod_path(bin_dir):
    path = bin_dir / "brusiod"
    assert path.exists(), f"{path} is not there: build first, or set BRUSIO_BIN_DIR"
    return path


@pytest.fixture
def brusiod(brusiod_path, tmp_path):
    """A factory: brusiod(config="", listen=("127.0.0.1:0",), args=()) starts a server and waits until it is ready. With
    `after=server`, it starts with that one's configuration file and data."""
    servers = []
    folders = []

    def start(config="", after=None, **options):
        directory = after.directory if after else tmp_path / f"server{len(servers)}"
        directory.mkdir(exist_ok=True)
        if MEMORY and not (directory / "data").exists():
            folders.append(tempfile.mkdtemp(prefix="brusio-e2e-", dir=MEMORY))
            (directory / "data").symlink_to(folders[-1])
        servers.append(Server(brusiod_path, directory, config, **options))
        return servers[-1]

    yield start
    failures = []
    for server in servers:
        try:
            server.stop()
        except AssertionError as failure:
            failures.append(failure)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if failures:
        raise failures[0]


@pytest.fixture
def server(brusiod):
    """A server with nothing configured."""
    return brusiod()


@pytest.fixture
def irc_server(brusiod):
    """A server with both doors: `server.irc("anna")` enters by one, `server.join("anna")` by the other."""
    return brusiod(listen=BOTH_DOORS)


@pytest.fixture(params=[(1, "shared"), (2, "own"), (3, "shared")], ids=lambda p: f"{p[0]}-{p[1]}")
def any_server(request, brusiod):
    """The relay must be the same with any number of workers, and wherever the chat runs."""
    workers, chat_thread = request.param
    return brusiod(f'[server]\nworkers = {workers}\nchat_thread = "{chat_thread}"\n')


@pytest.fixture
def run_brusiod(brusiod_path):
    """Runs brusiod when it is expected to end by itself: run_brusiod("--version") → the finished process."""

    def run(*args, **options):
        done = subprocess.run([brusiod_path, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=seconds(10), check=False, **options)
        assert not SANITIZER_REPORT.search(done.stdout + done.stderr), done.stderr
        return done

    return run


@pytest.fixture
def add_account(brusiod_path):
    """add_account(server, or the folder that it will have, "anna"): with the server's own command."""

    def add(where, name, password=PASSWORD):
        if isinstance(where, Server):
            new_account(where, password, name)
        else:
            where.mkdir(exist_ok=True)
            make_account(brusiod_path, where, name, password)

    return add


@pytest.fixture
def world(brusiod):
    """A server without anybody, on which anna, bruno and carla have accounts."""
    return with_accounts(brusiod(listen=IRC_ONLY), "anna", "bruno", "carla")


@pytest.fixture
def talk(brusiod):
    """Anna and Mario in #a, with ten messages m0…m9 of Anna's, each at another time: `talk.said`."""
    server = brusiod(listen=IRC_ONLY)
    server.anna, server.mario = gather("#a", server.irc("anna", caps=ALL), server.irc("mario", caps=PLAIN))
    server.said = [tell(server.anna, "#a", f"m{n}") for n in range(10)]
    server.mario.sync()
    return server


@pytest.fixture(scope="session")
def make_certificate(tmp_path_factory):
    """make_certificate("a") → the paths of a self-signed certificate for localhost and of its key."""
    directory = tmp_path_factory.mktemp("certificates")

    def make(name):
        certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
        if not certificate.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                 "-keyout", key, "-out", certificate], check=True, capture_output=True)
        return certificate, key

    return make


@pytest.fixture(scope="session")
def hash_password(brusiod_path):
    """hash_password("secret") → what stands for it in a configuration."""
    known = {}

    def make(password):
        if password not in known:
            done = subprocess.run([brusiod_path, "--hash-password"], input=password + "\n", capture_output=True,
                                  text=True, timeout=seconds(20), check=True)
            known[password] = done.stdout.strip()
        return known[password]

    return make
