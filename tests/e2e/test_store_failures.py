"""The disk is full, the database is locked, the disk fails, the file is broken: who speaks is told, nobody hears what could
not be kept, everything else goes on, and it is well again without a restart."""

import mmap
import os
import shutil
import sqlite3
import subprocess

import pytest

from brusiod_commands import run_command
from deadline import eventually
from fake_clock import build
from remembering import CAPS, PASSWORD, files_with, log_in, past, say, texts
from server import BOTH_DOORS, SANITIZER_REPORT

CANNOT_STORE = "cannot store"
ALL = CAPS + ("draft/multiline", "draft/message-redaction", "draft/read-marker")


@pytest.fixture
def small_disk(tmp_path):
    """The data folder of the test's first server is on a file system of 6 MiB. Ends after the server does."""
    data = tmp_path / "server0" / "data"
    data.mkdir(parents=True, mode=0o700)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", data], capture_output=True,
                          text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip() if done else 'no mount'}")
    yield Disk(data)
    subprocess.run(["umount", "-l", data], check=True)


class Disk:
    def __init__(self, folder):
        self.ballast = folder / "ballast"

    def fail(self):
        """Not a byte is left."""
        with open(self.ballast, "wb", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def recover(self):
        self.ballast.unlink()


class Lock:
    """Another program holds the database, as `sqlite3 brusio.db` with BEGIN EXCLUSIVE does."""

    def __init__(self, folder):
        self.file = folder / "brusio.db"
        self.other = None

    def fail(self):
        self.other = sqlite3.connect(self.file, isolation_level=None)
        self.other.execute("BEGIN EXCLUSIVE")

    def recover(self):
        self.other.execute("ROLLBACK")
        self.other.close()


BROKEN_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile char* broken;

__attribute__((constructor)) static void find_switch(void) {
    const char* name = getenv("BROKEN_DISK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void* there = mmap(0, 1, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (there != MAP_FAILED) broken = there;
}

static int fails(int fd, char how) {
    char link[64], name[4096];
    if (!broken || *broken != how) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, name, sizeof name - 1);
    if (size < 0) return 0;
    name[size] = 0;
    if (!strstr(name, "/brusio.db")) return 0;
    errno = EIO;
    return 1;
}

ssize_t pwrite64(int fd, const void* what, size_t size, off64_t at) {
    return fails(fd, 'w') ? -1 : syscall(SYS_pwrite64, fd, what, size, at);
}
ssize_t pwrite(int fd, const void* what, size_t size, off_t at) { return pwrite64(fd, what, size, at); }
ssize_t write(int fd, const void* what, size_t size) { return fails(fd, 'w') ? -1 : syscall(SYS_write, fd, what, size); }
int fdatasync(int fd) { return fails(fd, 's') ? -1 : (int)syscall(SYS_fdatasync, fd); }
int fsync(int fd) { return fails(fd, 's') ? -1 : (int)syscall(SYS_fsync, fd); }
"""


class BrokenDisk:
    def __init__(self, folder, how):
        self.how = how
        self.switch = folder / "switch"
        self.switch.write_bytes(b"-")
        with open(self.switch, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 1)

    def fail(self):
        self._map[0:1] = self.how

    def recover(self):
        self._map[0:1] = b"-"


@pytest.fixture(scope="session")
def broken_disk_library(tmp_path_factory):
    return build(tmp_path_factory.mktemp("disk"), "disk", BROKEN_DISK)


FAULTS = ("full", "locked", "write error", "sync error")
which_chat_survives = pytest.mark.parametrize("fault", FAULTS, indirect=True)


@pytest.fixture(params=FAULTS)
def fault(request, tmp_path, monkeypatch):
    """`fail()` and `recover()`: what is done to the files of the test's first server."""
    if request.param == "full":
        return request.getfixturevalue("small_disk")
    if request.param == "locked":
        return Lock(tmp_path / "server0" / "data")
    disk = BrokenDisk(tmp_path, {"write error": b"w", "sync error": b"s"}[request.param])
    monkeypatch.setenv("LD_PRELOAD", str(request.getfixturevalue("broken_disk_library")))
    monkeypatch.setenv("BROKEN_DISK", str(disk.switch))
    return disk


@pytest.fixture
def scene(fault, brusiod, add_account, tmp_path):
    """Anna and Bruno on a server whose store will fail. `fault` comes first: it ends last."""
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    server = brusiod(listen=BOTH_DOORS)
    anna, bruno = log_in(server, "anna", caps=ALL), log_in(server, "bruno", caps=ALL)
    for client in (anna, bruno):
        client.join("#piazza")
    say(anna, "#piazza", "before")
    anna.sync()
    bruno.sync()
    return server, anna, bruno


def refused(came):
    return [m for m in came if m.verb in ("404", "FAIL") and CANNOT_STORE in m.text]


def until_stored(client, target, text):
    """Says it until it is stored; every other answer must be the explanation."""

    def stored():
        came = client.ask(f"PRIVMSG {target} :{text}", timeout=5)
        echo = [m for m in came if m.verb == "PRIVMSG" and m.nick == client.nick]
        assert echo or refused(came), came
        return bool(echo)

    eventually(stored, "a message is stored again", timeout=20)


@which_chat_survives
def test_who_speaks_is_told_nobody_hears_it_the_rest_goes_on_and_it_recovers(scene, fault, brusiod):
    server, anna, bruno = scene
    mark = server.log_mark()
    fault.fail()
    # Each kind of message is refused with an explanation, under its label.
    assert refused(anna.ask("PRIVMSG #piazza :lost 1", timeout=5))
    came = refused(anna.ask("@label=L1 PRIVMSG #piazza :lost 2", timeout=5))
    assert [m.tags.get("label") for m in came] == ["L1"], came
    for line in ("NOTICE #piazza :lost 3", "PRIVMSG bruno :lost 4",
                 f"@+draft/react=lost;+draft/reply={past(anna, '#piazza')[0][0]} TAGMSG #piazza",
                 f"REDACT #piazza {past(anna, '#piazza')[0][0]}"):
        assert refused(anna.ask(line, timeout=5)), line
    assert refused(anna.ask("BATCH +1 draft/multiline #piazza", "@batch=1 PRIVMSG #piazza :lost 5",
                            "@batch=1 PRIVMSG #piazza :lost 6", "BATCH -1", timeout=5))
    bruno.expect_nothing()
    # A frame client is told, too.
    frank = server.join("frank", server.address_of("frame"))
    frank.send("lost 7")
    assert "cannot store" in frank.expect_explanation()
    # What needs no store goes on.
    assert texts(anna, "#piazza") == ["before"]
    carla = server.irc("carla")
    carla.join("#piazza")
    carla.ask("NICK carlotta")
    assert anna.ask("PRIVMSG NickServ :INFO")
    assert log_in(server, "anna", "anna2")
    assert [m.nick for m in bruno.sync() if m.verb in ("JOIN", "NICK")] == ["frank", "carla", "carla"]
    assert server.process.poll() is None
    # It is well again, by itself.
    fault.recover()
    until_stored(anna, "#piazza", "after")
    server.wait_log(r"store: .*can be written to again", mark)
    assert [m.text for m in bruno.sync() if m.verb == "PRIVMSG"] == ["after"]
    assert texts(bruno, "#piazza") == ["before", "after"]
    say(bruno, "anna", "direct")
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    bruno = log_in(server, "bruno")
    bruno.join("#piazza")
    assert texts(bruno, "#piazza") == ["before", "after"]
    assert texts(bruno, "anna") == ["direct"]
    assert files_with(server.directory / "data", "lost 4") == []


def test_the_log_has_one_line_for_a_failure(scene, fault):
    server, anna, _ = scene
    mark = server.log_mark()
    fault.fail()
    for _ in range(5):
        assert refused(anna.ask("PRIVMSG #piazza :lost", timeout=5))
    try:
        server.irc("zoe")
        server.wait_log("username: zoe", mark)  # so all lines before it are there
        # The search index is another file, which may fail by itself.
        assert len(server.log_matches("error: (?!.*search index)", mark)) == 1, server.log(mark)
    finally:
        fault.recover()


@which_chat_survives
def test_ending_while_the_store_fails_is_orderly(scene, fault):
    server, anna, _ = scene
    fault.fail()
    try:
        assert refused(anna.ask("PRIVMSG #piazza :lost", timeout=5))
        server.stop()  # and checks that the exit code is 0
    finally:
        fault.recover()


def test_with_async_a_failure_that_is_known_is_told_or_what_was_delivered_is_kept(fault, brusiod, add_account, tmp_path):
    """Delivered first, so some messages may come before the failure is known. None of them may be lost by it."""
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    server = brusiod('[history]\ndurability = "async"\n', listen=BOTH_DOORS)
    anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
    for client in (anna, bruno):
        client.join("#piazza")
    say(anna, "#piazza", "before")
    eventually(lambda: texts(bruno, "#piazza") == ["before"], "it is stored")
    fault.fail()
    mark = server.log_mark()
    say(anna, "#piazza", "while it fails")
    server.wait_log("error: store: .* cannot be written to", mark, timeout=10)
    fault.recover()
    eventually(lambda: texts(anna, "#piazza") == ["before", "while it fails"], "it is stored in the end", timeout=20)
    bruno.expect("PRIVMSG", "#piazza", "while it fails")
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    bruno = log_in(server, "bruno")
    bruno.join("#piazza")
    assert texts(bruno, "#piazza") == ["before", "while it fails"]


def test_with_async_what_is_said_after_the_failure_is_known_is_refused(brusiod, add_account, tmp_path):
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    server = brusiod('[history]\ndurability = "async"\n', listen=BOTH_DOORS)
    anna = log_in(server, "anna")
    anna.join("#piazza")
    fault = Lock(server.directory / "data")
    fault.fail()
    try:
        mark = server.log_mark()
        anna.ask("PRIVMSG #piazza :unknown yet")
        server.wait_log("error: store: .*messages that are to be remembered are refused", mark, timeout=10)
        assert refused(anna.ask("PRIVMSG #piazza :lost"))
    finally:
        fault.recover()


def test_commands_of_the_console_tell_of_the_failure(brusiod, add_account):
    server = brusiod(listen=BOTH_DOORS)
    add_account(server, "anna")
    fault = Lock(server.directory / "data")
    fault.fail()
    try:
        for words in (("account", "add", "bruno"), ("account", "suspend", "anna"), ("data", "erase", "anna", "--yes")):
            done = run_command(server, *words, answer=PASSWORD + "\n")
            assert done.returncode == 1 and done.stdout == "" and "brusiod: " in done.stderr, done
        assert run_command(server, "data", "export", "anna").returncode == 0
    finally:
        fault.recover()


def test_an_account_that_could_not_be_stored_is_written_when_it_can(brusiod):
    server = brusiod(listen=BOTH_DOORS)
    fault = Lock(server.directory / "data")
    fault.fail()
    try:
        done = run_command(server, "account", "add", "bruno", answer=PASSWORD + "\n")
        assert done.returncode == 1 and "when it can" in done.stderr, done
    finally:
        fault.recover()
    assert "bruno" in accounts_in_the_end(server)


def accounts_in_the_end(server):
    """As they are in the file, once the store is well again and the server has been killed."""
    eventually(lambda: run_command(server, "account", "add", "proof", answer=PASSWORD + "\n").returncode == 0,
               "the store takes something again", timeout=20)
    server.crash()
    server.clients.clear()
    return run_command(server, "account", "list").stdout


def test_a_registration_that_could_not_be_stored_is_told_so_and_written_when_it_can(brusiod):
    server = brusiod(listen=BOTH_DOORS)
    carla = server.irc("carla", caps=("draft/account-registration",))
    fault = Lock(server.directory / "data")
    fault.fail()
    try:
        carla.send("REGISTER * * first-password")
        told = carla.expect("FAIL", "REGISTER", timeout=20)
        assert told.params[1] == "TEMPORARILY_UNAVAILABLE" and "when it can" in told.text
    finally:
        fault.recover()
    assert "carla" in accounts_in_the_end(server)


# Files that no server may use


@pytest.fixture
def used_data(brusiod, add_account, tmp_path):
    """The data folder of a server that has ended: a real one, with 3,000 messages."""
    add_account(tmp_path / "server0", "anna")
    server = brusiod(listen=BOTH_DOORS)
    anna = log_in(server, "anna")
    anna.join("#piazza")
    for hundred in range(30):
        anna.ask(*[f"PRIVMSG #piazza :message {hundred}-{n} of those that are here" for n in range(100)], timeout=5)
    server.stop()
    return server.directory / "data"


def set_version(file):
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()


def overwrite(file, at, size):
    with open(file, "r+b") as whole:
        whole.seek(at)
        whole.write(os.urandom(size))


def replace_with_another_programs(file):
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE recipes (name)")
    database.close()


BROKEN = {
    "newer": (set_version, "newer version", "install that version again, or restore a backup"),
    "no database": (lambda file: file.write_text("these are no tables\n" * 1000), "not a database", "restore a backup"),
    "header": (lambda file: overwrite(file, 0, 4096), "damaged", "restore a backup"),
    "schema": (lambda file: overwrite(file, 4096, 8192), "damaged", "restore a backup"),
    "cut": (lambda file: os.truncate(file, file.stat().st_size // 2 // 4096 * 4096), "damaged", "restore a backup"),
    "another program's": (replace_with_another_programs, "another program", "name another"),
}


def contents(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mode) for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(how, used_data, run_brusiod):
    do, sentence, advice = BROKEN[how]
    do(used_data / "brusio.db")
    before = contents(used_data)
    for words in ((), ("account", "list"), ("data", "export", "anna"), ("data", "erase", "anna", "--yes"),
                  ("backup", used_data.parent / "copy.db")):
        done = run_brusiod(*words, "--data", used_data, *(() if words else ("--listen", "irc=127.0.0.1:0")))
        assert done.returncode == 1 and "Listening" not in done.stdout, done
        assert sentence in done.stderr and advice in done.stderr and "brusio.db" in done.stderr, done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert contents(used_data) == before
    assert not (used_data.parent / "copy.db").exists()


def damage_page_with(file, text):
    """The pages of SQLite's that have this text (an old copy may be left in another one)."""
    content, at = file.read_bytes(), -1
    while (at := content.find(text.encode(), at + 1)) >= 0:
        with open(file, "r+b") as whole:
            whole.seek(at // 4096 * 4096)
            whole.write(b"\xff" * 4096)


def test_a_page_that_is_damaged_in_the_middle_is_told_to_who_asks_for_it(used_data, brusiod, tmp_path):
    """Not all is read at the start, so this one does start. Who reads there is told; the rest goes on."""
    damage_page_with(used_data / "brusio.db", "message 15-50 of those")
    server = brusiod(listen=BOTH_DOORS, after=type("Ended", (), {"directory": used_data.parent}))
    anna = log_in(server, "anna")
    anna.join("#piazza")
    assert texts(anna, "#piazza")[-1] == "message 29-99 of those that are here"
    reference, told = past(anna, "#piazza")[0][0], []
    for _ in range(31):
        came = anna.ask(f"CHATHISTORY BEFORE #piazza msgid={reference} 100", timeout=20)
        told = [m for m in came if m.verb == "FAIL"]
        page = [m for m in came if m.verb == "PRIVMSG"]
        if told or not page:
            break
        reference = page[0].tags["msgid"]
    assert told and told[0].params[:2] == ["CHATHISTORY", "MESSAGE_ERROR"], (came, told)
    say(anna, "#piazza", "and on it goes")


def test_the_log_tells_of_a_damaged_page(used_data, brusiod):
    damage_page_with(used_data / "brusio.db", "message 15-50 of those")
    server = brusiod(listen=BOTH_DOORS, after=type("Ended", (), {"directory": used_data.parent}))
    anna = log_in(server, "anna")
    anna.join("#piazza")
    reference = past(anna, "#piazza", 500)[0][0]
    for _ in range(6):
        came = anna.ask(f"CHATHISTORY BEFORE #piazza msgid={reference} 500", timeout=20)
        if any(m.verb == "FAIL" for m in came):
            break
        reference = next(m.tags["msgid"] for m in came if m.verb == "PRIVMSG")
    assert server.wait_log("(?i)error: .*damaged", timeout=3)


def test_a_second_server_on_the_same_data_is_refused(server, run_brusiod):
    done = run_brusiod("--data", server.directory / "data", "--listen", "irc=127.0.0.1:0")
    assert done.returncode == 1
    assert "is in use by another brusiod" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    server.join("anna")  # the first goes on


def test_files_are_for_their_owner_only(brusiod, add_account):
    server = brusiod(listen=BOTH_DOORS, preexec=lambda: os.umask(0))
    add_account(server, "anna")
    anna = log_in(server, "anna")
    anna.join("#piazza")
    say(anna, "#piazza", "hello")
    folder = (server.directory / "data").resolve()
    for _ in range(2):
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        assert set(modes.values()) == {0o600}, modes
        assert {"brusio.db", "brusio.db.index", "brusio.db.lock"} <= set(modes)
        server.stop()
        server.clients.clear()


def test_what_others_can_read_is_closed_or_refused(brusiod_path, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "brusio.db").touch()
    (folder / "brusio.db").chmod(0o644)
    process = subprocess.Popen([brusiod_path, "--data", folder, "--listen", "irc=127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Listening" in line:
            process.terminate()
    process.wait(timeout=20)
    closed = folder.stat().st_mode & 0o077 == 0 or (folder / "brusio.db").stat().st_mode & 0o077 == 0
    assert closed or process.returncode == 1 or any("warning" in line for line in lines), lines


def test_a_data_folder_is_made_for_its_owner_only(run_brusiod, brusiod_path, tmp_path):
    folder = tmp_path / "made" / "data"
    process = subprocess.Popen([brusiod_path, "--data", folder, "--listen", "irc=127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, preexec_fn=lambda: os.umask(0))
    try:
        for line in process.stdout:
            if "Listening" in line:
                break
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        process.terminate()
        rest = process.communicate(timeout=20)[0]
    assert process.returncode == 0 and not SANITIZER_REPORT.search(rest)
