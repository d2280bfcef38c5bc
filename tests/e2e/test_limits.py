"""The limits of [limits]. Loopback is exempt by default, so these tests exempt nobody."""

import time

import pytest

from deadline import SLOWNESS
from frames import frame


def limits(**values):
    lines = ["[limits]", "exempt = []"]
    defaults = {"connections_per_ip": 0, "connects_per_minute_per_ip": 0, "commands_per_second": 0}
    for key, value in (defaults | values).items():
        lines.append(f"{key} = {value!r}".replace("'", '"'))
    return "\n".join(lines) + "\n"


def test_a_message_over_the_limit_is_explained(brusiod):
    server = brusiod(limits(message_bytes=1000))
    mario, anna, luca = server.join_many(["Mario", "Anna", "Luca"])
    mario.send("x" * 1000)
    assert anna.recv_pair() == luca.recv_pair() == (b"Mario", b"x" * 1000)
    mark = server.log_mark()
    mario.send("x" * 1001)
    assert "1000" in mario.expect_explanation().replace(",", "")
    mario.close()
    server.wait_log("Closed connection from: Mario, ", mark)
    luca.expect_silence(anna)


def test_the_explanation_is_not_lost_when_the_client_goes_on_sending(brusiod):
    server = brusiod(limits(message_bytes=1000))
    for i in range(5):
        mario = server.join(f"Mario{i}")
        mario.send("x" * 500_000)
        assert mario.expect_explanation()


def test_the_limit_holds_for_the_header_alone(brusiod):
    """The length is checked before anything is read, so the explanation comes while the client still waits."""
    server = brusiod(limits(message_bytes=1000))
    mario = server.join("Mario")
    mario.send_raw(b"1001      ")
    assert mario.expect_explanation()


def test_no_limit_means_no_limit(brusiod):
    server = brusiod(limits(message_bytes=0))
    mario, anna = server.join("Mario"), server.join("Anna")
    body = bytes(range(256)) * 1600
    mario.send(body, "small")
    assert anna.recv_pair(timeout=10) == (b"Mario", body)
    assert anna.recv_pair() == (b"Mario", b"small")


@pytest.mark.parametrize("talks_first", [True, False])
def test_too_many_connections_from_one_address(brusiod, talks_first):
    server = brusiod(limits(connections_per_ip=3))
    people = server.join_many(["a", "b", "c"])
    for _ in range(3):
        extra = server.connect()
        if talks_first:
            extra.send("d")
        assert extra.expect_explanation()
        extra.close()
    people[0].expect_silence(people[1])
    mark = server.log_mark()
    people[2].close()
    server.wait_log("Closed connection from: c", mark)
    server.join("c")


def test_too_many_connects_in_a_minute(brusiod):
    server = brusiod(limits(connects_per_minute_per_ip=5))
    people = server.join_many("abcde")
    refused = server.connect()
    assert refused.expect_explanation()
    for person in people[1:]:
        people[0].expect_silence(person)


def test_exempt_addresses_are_not_limited(brusiod):
    config = limits(connections_per_ip=3, connects_per_minute_per_ip=5, commands_per_second=1, burst=2)
    server = brusiod(config.replace("exempt = []", 'exempt = ["127.0.0.0/8"]'))
    people = server.join_many([f"p{i}" for i in range(20)])
    people[0].send(*["quick"] * 50)
    assert people[1].recv_pairs(50) == [(b"p0", b"quick")] * 50


def test_unix_sockets_are_exempt(brusiod, tmp_path):
    path = tmp_path / "chat.sock"
    server = brusiod(limits(connections_per_ip=3, connects_per_minute_per_ip=5, commands_per_second=1, burst=2),
                     listen=(f"unix:{path}",))
    people = server.join_many([f"p{i}" for i in range(20)])
    people[0].send(*["quick"] * 50)
    assert people[1].recv_pairs(50) == [(b"p0", b"quick")] * 50


def test_input_over_the_rate_is_delayed_and_never_lost(brusiod):
    server = brusiod(limits(commands_per_second=20, burst=5))
    mario, anna = server.join("Mario"), server.join("Anna")
    begin = time.monotonic()
    mario.send(*[f"{i}" for i in range(30)])
    assert anna.recv_pairs(30) == [(b"Mario", b"%d" % i) for i in range(30)]
    took = time.monotonic() - begin
    assert took > 0.8, f"30 messages took {took:.2f} s: 25 of them had to wait for their turn, 20 a second"
    anna.send("others are not delayed")
    assert mario.recv_pair(timeout=0.5) == (b"Anna", b"others are not delayed")


def test_delayed_input_is_processed_even_when_its_sender_has_gone(brusiod):
    server = brusiod(limits(commands_per_second=20, burst=5))
    anna, mario = server.join("Anna"), server.connect()
    mario.send("Mario", *[f"{i}" for i in range(20)])
    mario.half_close()
    assert anna.recv_pairs(20) == [(b"Mario", b"%d" % i) for i in range(20)]
    mario.expect_eof()


@pytest.mark.parametrize("half", [b"", b"5    ", b"5         Ma"], ids=["nothing", "half-header", "half-name"])
def test_a_login_that_is_not_finished_expires(brusiod, half):
    server = brusiod(limits(login_timeout="1s"))
    anna, luca = server.join("Anna"), server.join("Luca")
    mark, begin = server.log_mark(), time.monotonic()
    slow = server.connect()
    if half:
        slow.send_raw(half)
    slow.expect_closed()
    took = time.monotonic() - begin
    assert 0.7 < took < 2.5 * SLOWNESS, f"closed after {took:.2f} s"
    slow.close()
    server.wait_log("Closed connection from: ", mark)
    # An idle client between frames stays, and one whose later frame is not finished has a minute.
    luca.send_raw(frame("slowly")[:12])
    anna.send("still there?")
    assert luca.recv_pair() == (b"Anna", b"still there?")
    second = server.connect()
    second.expect_closed(timeout=3)
    luca.send_raw(frame("slowly")[12:])
    assert anna.recv_pair() == (b"Luca", b"slowly")


def test_a_login_byte_by_byte_does_not_extend_its_time(brusiod):
    server = brusiod(limits(login_timeout="1s"))
    slow, begin = server.connect(), time.monotonic()
    slow.send_raw(b"64        ")
    while True:
        slow.sock.settimeout(0.1)
        try:
            data = slow.sock.recv(1000)
        except TimeoutError:
            assert time.monotonic() - begin < 3 * SLOWNESS, "a trickle of bytes kept the log-in alive"
            try:
                slow.send_raw(b"x")
            except OSError:
                break
        except OSError:
            break
        else:
            if not data:
                break
    assert time.monotonic() - begin > 0.7
