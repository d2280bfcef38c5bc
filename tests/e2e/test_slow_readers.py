"""A reader that stops reading loses its own connection, never anybody else's time or the server's memory."""

import pytest

from deadline import mebibytes

BODY = b"." * 8000


def limits(text):
    return ("[limits]\nexempt = []\nconnections_per_ip = 0\nconnects_per_minute_per_ip = 0\ncommands_per_second = 0\n"
            + text)


def chat_until(speaker, listener, done, most):
    """`speaker` speaks and `listener` hears each word, until `done()` or `most` messages. Returns how many."""
    for count in range(most):
        if done():
            return count
        speaker.send(b"%06d" % count + BODY)
        assert listener.recv_pair() == (speaker.name, b"%06d" % count + BODY)
    return most


def test_a_reader_that_stops_is_closed_and_others_go_on(brusiod):
    server = brusiod(limits('send_queue = "128 KiB"\n'))
    mario, anna = server.join("Mario"), server.join("Anna")
    server.join("stuck", receive_buffer=4096)
    said = chat_until(mario, anna, lambda: server.log_matches("Closed connection from: stuck, "), 4000)
    assert 16 < said < 4000, f"after {said} messages"
    anna.send("/who")
    assert "stuck" not in anna.recv_answer()
    mario.expect_silence(anna)


def test_a_reader_that_is_only_slow_stays(brusiod):
    """What fits into its queue waits for it."""
    server = brusiod(limits('send_queue = "1 MiB"\n'))
    mario, anna, slow = server.join("Mario"), server.join("Anna"), server.join("slow", receive_buffer=4096)
    for _ in range(5):
        chat_until(mario, anna, lambda: False, 60)
        for i in range(60):
            assert slow.recv_pair() == (b"Mario", b"%06d" % i + BODY)


def test_all_queues_together_are_bounded(brusiod):
    """Each of the ten could queue 8 MiB; together they get 4 MiB, and the largest queue goes first."""
    server = brusiod(limits('send_queue = "8 MiB"\nsend_memory = "4 MiB"\n'))
    mario, anna = server.join("Mario"), server.join("Anna")
    server.join_many([f"stuck{i}" for i in range(10)], receive_buffer=4096)
    before = server.memory("VmHWM")
    said = chat_until(mario, anna, lambda: len(server.log_matches("Closed connection from: stuck")) >= 5, 8000)
    assert said < 8000
    assert server.memory("VmHWM") - before < mebibytes(64)
    mario.expect_silence(anna)
    anna.expect_silence(mario)


def test_fifty_clients_that_never_read_harm_nobody(any_server):
    people = any_server.join_many(["Mario", "Anna", "Luca"])
    mario, anna, luca = people
    any_server.join_many([f"deaf{i}" for i in range(50)], receive_buffer=4096)
    before = any_server.memory("VmHWM")
    for i in range(700):
        mario.send(b"%06d" % i + BODY)
        assert anna.recv_pair() == luca.recv_pair() == (b"Mario", b"%06d" % i + BODY)
        anna.send("yes")
        assert mario.recv_pair() == luca.recv_pair() == (b"Anna", b"yes")
    any_server.wait_log("Closed connection from: deaf", count=50)
    # Fifty queues of 1 MiB, and what the allocator keeps of them.
    assert any_server.memory("VmHWM") - before < mebibytes(256)
    any_server.join("newcomer").expect_silence(anna)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_one_who_leaves_with_a_full_queue_is_forgotten(brusiod, how):
    server = brusiod(limits('send_queue = "4 MiB"\n'))
    mario, anna = server.join("Mario"), server.join("Anna")
    for _ in range(3):
        stuck = server.join("stuck", receive_buffer=4096)
        chat_until(mario, anna, lambda: False, 150)
        mark = server.log_mark()
        getattr(stuck, how)()
        server.wait_log("Closed connection from: stuck", mark)
    mario.expect_silence(anna)
