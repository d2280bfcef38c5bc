"""Five hundred people in one room."""

import os
import resource

import pytest

from deadline import eventually, mebibytes
from frames import frame, parse_pairs, pump

CROWD = 500


@pytest.fixture(autouse=True, scope="module")
def enough_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * CROWD:
        pytest.skip("too few open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * CROWD), hard))


def test_five_hundred_at_once_hear_each_other(any_server):
    people = any_server.join_many([f"user{i:03}" for i in range(CROWD)])
    for person in people:
        person.send(b"hello from " + person.name)
    one = len(frame("user000") + frame("hello from user000"))
    pump(people, lambda client: len(client.buffer) >= (CROWD - 1) * one, timeout=30)
    everyone = {person.name for person in people}
    for person in people:
        heard, left = parse_pairs(person.buffer)
        assert left == b""
        assert all(text == b"hello from " + name for name, text in heard)
        names = [name for name, _ in heard]
        assert len(names) == CROWD - 1
        assert set(names) == everyone - {person.name}


def test_five_hundred_come_and_go(any_server):
    """All leave at once, in different ways, and the room is empty; the same names come again."""
    anna, luca = any_server.join("Anna"), any_server.join("Luca")
    for _ in range(2):
        mark = any_server.log_mark()
        people = any_server.join_many([f"user{i:03}" for i in range(CROWD)])
        for i, person in enumerate(people):
            [person.close, person.half_close, person.reset][i % 3]()
        any_server.wait_log("Closed connection from: user", mark, count=CROWD, timeout=20)
    anna.send("/who")
    assert "user" not in anna.recv_answer()
    anna.expect_silence(luca)


def test_memory_comes_back_to_where_it_was(server):
    """The second, third and fourth crowd need no more than the first."""
    peaks = []
    for _ in range(4):
        mark = server.log_mark()
        people = server.join_many([f"user{i:03}" for i in range(200)])
        people[0].send(*["x" * 1000] * 20)
        pump(people[1:], lambda client: len(client.buffer) >= 20 * 1000)
        for person in people:
            person.close()
        server.wait_log("Closed connection from: user", mark, count=200, timeout=20)
        peaks.append(server.memory("VmHWM"))
    assert peaks[3] - peaks[0] < mebibytes(16), peaks


def test_connections_that_never_log_in_do_not_keep_others_out(server):
    silent = [server.connect() for _ in range(300)]
    mario, anna = server.join("Mario"), server.join("Anna")
    mario.expect_silence(anna)
    for client in silent:
        client.close()
    eventually(lambda: len(open_files(server.pid)) < 100, "the connections that left are closed")


def open_files(pid):
    return os.listdir(f"/proc/{pid}/fd")
