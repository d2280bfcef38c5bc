"""`brusiod backup FILE`: consistent while the server works, for the owner's eyes only; and what it is for: restoring it."""

import os
import shutil
import sqlite3
import stat
import subprocess
import threading

import pytest

from brusiod_commands import run_command
from remembering import log_in, past, say, texts
from server import BOTH_DOORS


def rows(file, query):
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def check_whole(file):
    """It is one file of mode 0600, and SQLite finds nothing wrong with it."""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(file.name)] == [file.name]
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert rows(file, "PRAGMA foreign_key_check") == []


@pytest.fixture
def two(brusiod, add_account, tmp_path):
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    server = brusiod(listen=BOTH_DOORS, preexec=lambda: os.umask(0))
    anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
    for client in (anna, bruno):
        client.join("#piazza")
    return server, anna, bruno


def test_it_is_of_one_moment_while_people_talk(two, tmp_path):
    server, anna, _ = two
    ended, echoed = threading.Event(), []

    def talk():
        while not ended.is_set():
            say(anna, "#piazza", f"number {len(echoed)}")
            echoed.append(1)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for number in range(3):
            before = len(echoed)
            done = run_command(server, "backup", tmp_path / f"{number}.db")
            after = len(echoed) + 1
            assert done.returncode == 0 and f"{number}.db" in done.stdout, done
            check_whole(tmp_path / f"{number}.db")
            found = rows(tmp_path / f"{number}.db", "SELECT CAST(body AS TEXT) FROM entries WHERE event = 0 ORDER BY id")
            assert [text for text, in found] == [f"number {n}" for n in range(len(found))]
            assert before <= len(found) <= after
    finally:
        ended.set()
        talker.join()


def test_with_no_server_it_works_on_the_files(two, tmp_path):
    server, anna, _ = two
    said = say(anna, "#piazza", "the last word")
    server.crash()  # which leaves a write-ahead log
    old = os.umask(0)
    try:
        done = run_command(server, "backup", tmp_path / "copy.db")
    finally:
        os.umask(old)
    assert done.returncode == 0, done
    check_whole(tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db", "SELECT CAST(body AS TEXT) FROM entries WHERE event = 0") == [(said.text,)]


@pytest.mark.parametrize("running", [True, False], ids=["running", "not running"])
def test_what_is_there_is_never_overwritten(two, tmp_path, running):
    server, anna, _ = two
    say(anna, "#piazza", "hello")
    if not running:
        server.stop()
    there, link = tmp_path / "there", tmp_path / "link"
    there.write_text("something else")
    link.symlink_to(tmp_path / "nowhere")
    for target in (there, link, tmp_path, server.directory / "data" / "brusio.db"):
        before = target.lstat().st_ino
        done = run_command(server, "backup", target)
        assert done.returncode == 1 and "exists" in done.stderr and len(done.stderr.splitlines()) == 1, done
        assert target.lstat().st_ino == before
    assert there.read_text() == "something else" and not (tmp_path / "nowhere").exists()
    done = run_command(server, "backup", tmp_path / "no" / "such" / "folder.db")
    assert done.returncode == 1 and "No such file or directory" in done.stderr
    assert run_command(server, "backup").returncode == 2
    assert run_command(server, "backup", "").returncode == 2


def test_a_relative_name_is_of_the_callers_folder(two, tmp_path):
    server, _, _ = two
    done = subprocess.run([server.binary, "backup", "copy.db", "--data", server.directory / "data"], cwd=tmp_path,
                          capture_output=True, text=True, check=True)
    assert (tmp_path / "copy.db").exists(), done


def test_a_backup_that_finds_no_room_leaves_nothing(two, tmp_path):
    server, anna, _ = two
    say(anna, "#piazza", "hello")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", small], capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        done = run_command(server, "backup", small / "copy.db")
        assert done.returncode == 1 and "full" in done.stderr, done
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)
    say(anna, "#piazza", "it goes on")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to be somebody else")
def test_others_may_not_make_one(two, tmp_path):
    server, _, _ = two
    folder = tmp_path / "open"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    for _ in range(2):
        done = run_command(server, "backup", folder / "copy.db", user="nobody")
        assert done.returncode == 1 and "ermission denied" in done.stderr, done
        assert list(folder.iterdir()) == []
        server.stop()
        server.clients.clear()


def test_a_data_folder_that_is_not_there_is_an_error(run_brusiod, tmp_path):
    done = run_brusiod("backup", tmp_path / "copy.db", "--data", tmp_path / "mistyped")
    assert done.returncode == 1, done
    assert not (tmp_path / "mistyped").exists()


def test_restoring_as_the_documentation_says(two, brusiod, tmp_path):
    server, anna, bruno = two
    anna.join("#club")
    anna.ask("PRIVMSG ChanServ :REGISTER #club")
    bruno.join("#club")
    for text in ("one", "two"):
        say(anna, "#club", text)
        say(anna, "bruno", f"{text} for you")
    anna.ask("TOPIC #club :as it was")
    kept = past(bruno, "#club")
    assert run_command(server, "backup", tmp_path / "copy.db").returncode == 0
    say(anna, "#club", "after the backup")
    # "stop the server; move brusio.db, brusio.db-wal and brusio.db-shm away all three; copy the backup to brusio.db,
    # owned by the server's user; start."
    server.crash()
    data, away = server.directory / "data", tmp_path / "away"
    away.mkdir()
    for name in ("brusio.db", "brusio.db-wal", "brusio.db-shm"):
        if (data / name).exists():
            shutil.move(data / name, away / name)
    shutil.copy(tmp_path / "copy.db", data / "brusio.db")
    server = brusiod(after=server, listen=BOTH_DOORS)
    bruno = log_in(server, "bruno")
    bruno.join("#club")
    assert past(bruno, "#club") == kept
    assert texts(bruno, "anna") == ["one for you", "two for you"]
    assert [m.text for m in bruno.ask("TOPIC #club") if m.verb == "332"] == ["as it was"]
    say(bruno, "#club", "three")
    assert texts(bruno, "#club")[-1] == "three"
    # The index is made anew.
    for _ in range(200):
        found = bruno.ask("SEARCH one in:#club")
        if any(m.verb == "PRIVMSG" for m in found):
            break
    assert [m.text for m in found if m.verb == "PRIVMSG"] == ["one"], found
    assert not any("after the backup" in m.text for m in bruno.ask("SEARCH backup") if m.verb == "PRIVMSG")
