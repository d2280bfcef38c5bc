"""What is not the protocol: that connection is closed, a reason is logged, and nobody else notices."""

import random

import pytest

from deadline import mebibytes

GARBAGE = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"9999999999", b"-5        hello", b"          hello",
    b"0x10      hello", b"1_0       hello", b"5 5       hello", b"++5       hello", b"+         hello",
    b"5.0       hello", b"\0" * 10, b"\xff" * 100, b"5\t        hello", b"5\n        hello",
    "５       ".encode(), b"NICK mario\r\nUSER mario 0 * :mario\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x2a" * 200,
]


@pytest.mark.parametrize("logged_in", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("data", GARBAGE, ids=repr)
def test_garbage_ends_its_connection_with_a_reason(server, data, logged_in):
    anna, luca = server.join("Anna"), server.join("Luca")
    mark = server.log_mark()
    who = server.join("who") if logged_in else server.connect()
    who.send_raw(data)
    who.expect_closed()
    who.close()
    reason = server.wait_log("Closed connection from: (.*)$", mark)[1]
    assert ", " in reason, f"no reason is given: {reason!r}"
    anna.expect_silence(luca)


def test_what_came_before_the_garbage_is_heard(any_server):
    anna, who = any_server.join("Anna"), any_server.join("who")
    who.send_raw(b"3         one" + b"3         two" + b"GET / HTTP/1.1\r\n\r\n")
    assert anna.recv_pairs(2) == [(b"who", b"one"), (b"who", b"two")]
    who.expect_closed()


def test_an_announced_length_is_not_allocated(brusiod):
    """Even where messages have no limit, memory grows with what has arrived."""
    server = brusiod("[limits]\nmessage_bytes = 0\n")
    anna, luca = server.join("Anna"), server.join("Luca")
    people = server.join_many([f"greedy{i}" for i in range(20)])
    space, peak = server.memory("VmPeak"), server.memory("VmHWM")
    for client in people:
        client.send_raw(b"9999999999" + b"only a little of it")
        client.half_close()
    server.wait_log("Closed connection from: greedy", count=20)
    assert server.memory("VmPeak") - space < mebibytes(1024)
    assert server.memory("VmHWM") - peak < mebibytes(32)
    anna.expect_silence(luca)


def test_a_flood_of_garbage_harms_nobody(any_server):
    choose = random.Random(1234)
    mario, anna = any_server.join("Mario"), any_server.join("Anna")
    peak = any_server.memory("VmHWM")
    for i in range(300):
        guest = any_server.connect()
        data = choose.choice(GARBAGE) if i % 3 == 0 else choose.randbytes(choose.choice([1, 9, 10, 11, 200, 5000]))
        try:
            guest.send_raw(data)
        except ConnectionError:
            pass  # it was closed before all was sent
        how = i % 4
        if how == 0:
            guest.close()
        elif how == 1:
            guest.reset()
        elif how == 2 and len(data) >= 10:
            guest.expect_closed()
        mario.send(f"undisturbed {i}")
        assert anna.recv_pair() == (b"Mario", b"undisturbed %d" % i)
        anna.send(f"so am I {i}")
        assert mario.recv_pair() == (b"Anna", b"so am I %d" % i)
    assert any_server.memory("VmHWM") - peak < mebibytes(64)
    mario.expect_silence(anna)
