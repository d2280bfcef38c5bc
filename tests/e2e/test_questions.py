"""Questions whose answers take the server several turns: a long /who, and names that somebody else has."""

import re
import threading

import pytest

from deadline import mebibytes, seconds
from frames import SERVER_NAME, frame

CROWD = [f"p{i:03}" for i in range(330)]  # more than one slice of an answer holds


def names_in(answer):
    return re.findall(r"\bp\d{3}\b", answer.decode())


def slices(client, wanted):
    """Reads parts of the answer to /who until they have named `wanted` people."""
    named = []
    while len(named) < wanted:
        name, text = client.recv_pair()
        assert name == SERVER_NAME and not text.startswith(b"Closing: "), text
        found = names_in(text)
        assert found, f"something else came between the parts of the answer: {text!r}"
        named += found
    return named


@pytest.fixture
def crowd(any_server):
    return any_server.join_many(CROWD)


def test_a_long_who_is_whole_and_before_the_answer_to_what_came_after_it(crowd):
    asker, other = crowd[7], crowd[8]
    asker.send("/who", "/help", "/who", "hello")
    assert sorted(slices(asker, len(CROWD))) == CROWD
    assert "/nick" in asker.recv_answer()
    assert sorted(slices(asker, len(CROWD))) == CROWD
    assert other.recv_pair() == (asker.name, b"hello")


def test_a_long_who_is_whole_before_quit(crowd):
    asker = crowd[7]
    asker.send("/who", "/quit")
    assert sorted(slices(asker, len(CROWD))) == CROWD
    asker.rest()
    asker.close()


def test_a_long_who_is_whole_before_the_end_of_input(crowd):
    asker = crowd[7]
    asker.send("/who")
    asker.half_close()
    assert sorted(slices(asker, len(CROWD))) == CROWD
    asker.expect_eof()


def test_a_long_who_right_behind_the_name_and_before_the_end(any_server, crowd):
    """All in one segment, by one who is gone from the room before the answer is complete."""
    asker = any_server.connect()
    asker.send_raw(frame("asker") + frame("/who") + frame("bye"))
    asker.half_close()
    assert sorted(slices(asker, len(CROWD))) == CROWD
    asker.expect_eof()
    for person in crowd:
        assert person.recv_pair() == (b"asker", b"bye")


@pytest.fixture(params=[(1, "shared"), (2, "own"), (3, "shared")], ids=lambda p: f"{p[0]}-{p[1]}")
def patient_server(request, brusiod):
    """All answers to a flood fit into its send queue."""
    workers, chat_thread = request.param
    return brusiod(f'[server]\nworkers = {workers}\nchat_thread = "{chat_thread}"\n[limits]\nsend_queue = "16 MiB"\n')


FLOOD = 20_000


class Flood:
    """Sends claims to the name of Mario, and each hundredth time a question that can be told from them."""

    def __init__(self, client):
        data = b"".join(frame("/nick Mario") if i % 100 else frame(f"/msg no{i} x") for i in range(FLOOD))
        client.sock.settimeout(seconds(20))
        self.thread = threading.Thread(target=self.send, args=(client.sock, data), daemon=True)
        self.thread.start()

    @staticmethod
    def send(sock, data):
        try:
            sock.sendall(data)
        except OSError:
            pass  # it does not read, and so it may be closed

    def wait(self):
        self.thread.join(seconds(20))
        assert not self.thread.is_alive()


def chat_meanwhile(server, speaker, listener):
    """Returns the largest memory that the server had at some time."""
    highest = 0
    for i in range(100):
        speaker.send(f"{i}")
        assert listener.recv_pair(timeout=2) == (speaker.name, b"%d" % i)
        highest = max(highest, server.memory("VmRSS"))
    return highest


def test_a_flood_of_claims_to_a_taken_name_delays_nobody_and_is_answered_in_order(patient_server):
    mario, anna, flooder = patient_server.join_many(["Mario", "Anna", "flooder"])
    before = patient_server.memory("VmRSS")
    flood = Flood(flooder)
    highest = chat_meanwhile(patient_server, mario, anna)
    for i in range(FLOOD):
        name, text = flooder.recv_pair(timeout=20)
        while name == b"Mario":  # what was said to the room
            name, text = flooder.recv_pair(timeout=20)
        assert name == SERVER_NAME
        assert (b"Mario" if i % 100 else b"no%d." % i) in text, (i, text)
    flood.wait()
    assert max(highest, patient_server.memory("VmRSS")) - before < mebibytes(100)


def test_a_flood_by_one_who_never_reads_delays_nobody(any_server):
    mario, anna = any_server.join_many(["Mario", "Anna"])
    flooder = any_server.join("flooder", receive_buffer=4096)
    before = any_server.memory("VmRSS")
    flood = Flood(flooder)
    highest = chat_meanwhile(any_server, mario, anna)
    any_server.wait_log("Closed connection from: flooder, it did not read", timeout=20)
    flood.wait()
    assert max(highest, any_server.memory("VmRSS")) - before < mebibytes(100)
    anna.send("hello")
    assert mario.recv_pair() == (b"Anna", b"hello")


def test_the_name_of_one_who_has_ended_can_be_taken_with_nick(any_server):
    """Its end may still be unread: the server looks before it says that the name is taken."""
    anna = any_server.join("Anna")
    for i in range(20):
        mario = any_server.join(f"Mario{i}")
        mario.send("bye")
        mario.close()
        anna.send(f"/nick Mario{i}")
        assert anna.recv_pair() == (b"Mario%d" % i, b"bye")
        assert anna.recv_answer() == f"You are now Mario{i}."
