"""What the tutorial's server does, and what its client expects of it."""

import pickle
import select
import socket
import time

import pytest

from deadline import seconds
from frames import frame, pair


class TutorialClient:
    """Reads the way the tutorial's client does: a non-blocking socket, and one recv of the exact size for each part.
    Once a name's header is there, the rest of the pair has to be there too, or that client breaks."""

    def __init__(self, address, name):
        host, port = address.split(":")
        self.sock = socket.create_connection((host, int(port)))
        self.sock.setblocking(False)
        self.say(name)

    def say(self, text):
        body = text.encode("utf-8")
        self.sock.send(f"{len(body):<10}".encode("utf-8") + body)

    def part(self, size):
        data = self.sock.recv(size)
        assert len(data) == size, "a part did not arrive whole"
        return data

    def arrived(self):
        pairs = []
        while True:
            try:
                header = self.sock.recv(10)
            except BlockingIOError:
                return pairs
            assert len(header) == 10, "the header did not arrive whole, or the server closed"
            try:
                name = self.part(int(header.decode("utf-8").strip()))
                text = self.part(int(self.part(10).decode("utf-8").strip()))
            except BlockingIOError:
                raise AssertionError("a pair arrived in two pieces") from None
            pairs.append((name.decode("utf-8"), text.decode("utf-8")))

    def wait_for(self, count):
        pairs, end = [], time.monotonic() + seconds(10)
        while len(pairs) < count:
            left = end - time.monotonic()
            assert left > 0, f"only {len(pairs)} of {count} messages arrived"
            select.select([self.sock], [], [], left)
            pairs += self.arrived()
        return pairs


@pytest.fixture
def tutorial(any_server):
    clients = []

    def join(name):
        mark = any_server.log_mark()
        clients.append(TutorialClient(any_server.address, name))
        any_server.wait_log(f"username: {name}$", mark)
        return clients[-1]

    yield join
    for client in clients:
        client.sock.close()


def test_two_tutorial_clients_hear_each_other(tutorial):
    mario, anna = tutorial("Mario"), tutorial("Anna")
    for i in range(100):
        mario.say(f"ciao {i}")
        assert anna.wait_for(1) == [("Mario", f"ciao {i}")]
        anna.say(f"ciao a te, perché no? {i}")
        assert mario.wait_for(1) == [("Anna", f"ciao a te, perché no? {i}")]


def test_each_pair_arrives_whole_when_many_write(any_server, tutorial):
    reader = tutorial("reader")
    writers = any_server.join_many([f"writer{i}" for i in range(5)])
    for i in range(20):
        for writer in writers:
            writer.send(f"message {i}")
    heard = reader.wait_for(100)
    for writer in writers:
        assert [text for name, text in heard if name == writer.name.decode()] == [f"message {i}" for i in range(20)]


def test_the_pair_is_the_name_frame_and_the_message_frame_left_aligned(any_server):
    mario, anna = any_server.join("Mario Rossi"), any_server.join("Anna")
    mario.send("ciao")
    expected = b"11        Mario Rossi4         ciao"
    assert anna.recv_exact(len(expected)) == expected
    anna.expect_silence(mario)


def test_the_sender_gets_no_echo(any_server):
    mario, anna = any_server.join("Mario"), any_server.join("Anna")
    mario.send("ciao")
    assert anna.recv_pair() == (b"Mario", b"ciao")
    mario.expect_silence(anna)


def test_nobody_is_sent_what_was_not_asked_for(any_server):
    mario, anna = any_server.join("Mario"), any_server.join("Anna")
    guest = any_server.join("guest")
    guest.send("hello")
    assert mario.recv_pair() == anna.recv_pair() == (b"guest", b"hello")
    mark = any_server.log_mark()
    guest.close()
    any_server.wait_log("Closed connection from: guest", mark)
    late = any_server.join("late")  # no history either
    mario.expect_silence(anna)
    late.recv_pair()
    anna.expect_silence(mario)
    assert late.recv_pair()[0] == b"Mario"
    late.expect_silence(mario)


def test_a_message_to_nobody_is_no_mistake(server):
    mario = server.join("Mario")
    mario.send("is anybody here?")
    anna = server.join("Anna")
    mario.expect_silence(anna)


@pytest.mark.parametrize("header", [b"5         ", b"         5", b"0000000005", b"+5        ", b"    5     ",
                                    b"   +005   ", b"000000005 "])
def test_headers_are_read_leniently_and_written_in_one_way(server, header):
    anna, mario = server.join("Anna"), server.connect()
    mario.name = b"Mario"
    mario.send_raw(header + b"Mario" + header + b"hello")
    expected = pair("Mario", "hello")
    assert anna.recv_exact(len(expected)) == expected


@pytest.mark.parametrize("body", [
    bytes(range(256)),
    b"\0",
    b"\xff\xfe invalid \x80 UTF-8",
    b"\x1b[31mred\x1b[0m\r\n",
    pickle.dumps({"kind": "data", "values": list(range(300)), "who": "è lui"}),
    bytes(range(256)) * 64,
    frame("a frame in a frame"),
    "così fan tutte 🎭".encode(),
], ids=["all-bytes", "nul", "not-utf8", "escapes", "pickle", "16-KiB", "frame", "utf8"])
def test_bodies_are_eight_bit_clean(any_server, body):
    mario, anna = any_server.join("Mario"), any_server.join("Anna")
    mario.send(body)
    assert anna.recv_pair() == (b"Mario", body)


def test_an_empty_message_is_relayed(any_server):
    mario, anna = any_server.join("Mario"), any_server.join("Anna")
    mario.send("", "after")
    assert anna.recv_pairs(2) == [(b"Mario", b""), (b"Mario", b"after")]


def test_a_name_is_free_again_when_its_holder_has_left(server):
    anna = server.join("Anna")
    for i in range(20):
        mario = server.join("Mario")
        mario.send(f"visit {i}")
        assert anna.recv_pair() == (b"Mario", b"visit %d" % i)
        mark = server.log_mark()
        mario.close()
        server.wait_log("Closed connection from: Mario", mark)
