"""The limits of [limits]. Loopback is exempt by default, so these tests exempt nobody."""

import time

import pytest

from deadline import SLOWNESS, eventually, mebibytes
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


@pytest.mark.parametrize("chat_thread", ["own", "shared"])
def test_one_who_is_refused_for_its_address_never_logs_in(brusiod, chat_thread):
    """Its name may be read in the same turn as its connection: it must not stay behind as somebody who is here."""
    server = brusiod(f'[server]\nworkers = 2\nchat_thread = "{chat_thread}"\n' + limits(connections_per_ip=1))
    first = server.join("first")
    for i in range(10):
        extra = server.connect()
        extra.send(f"ghost{i}", "boo")
        assert extra.expect_explanation()
        mark = server.log_mark()
        extra.close()
        server.wait_log(r"Closed connection from: .*\(not logged in\)", mark)
    first.send("/who")
    assert "ghost" not in first.recv_answer()
    assert not server.log_matches("username: ghost")
    mark = server.log_mark()
    first.close()
    server.wait_log("Closed connection from: first", mark)
    for i in range(3):  # the names are free
        mark = server.log_mark()
        server.join(f"ghost{i}").close()
        server.wait_log(f"Closed connection from: ghost{i}", mark)


def test_refusals_one_after_another_are_all_told(brusiod):
    """At most 16 at a time are told why, which does not mean 16 in all."""
    server = brusiod(limits(connections_per_ip=1))
    first = server.join("first")
    for _ in range(40):
        mark = server.log_mark()
        extra = server.connect()
        assert "too many" in extra.expect_explanation()
        extra.close()
        server.wait_log(r"Closed connection from: .*\(not logged in\)", mark)
    first.send("/help")
    first.recv_answer()


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


def unread_bytes(address):
    """What waits in the kernel for the server at `address` to read it, for each of its connections."""
    port = f"{int(address.rsplit(':', 1)[1]):04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return [int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(f":{port}") and row[3] == "01"]


def test_input_over_the_rate_waits_in_the_kernel_and_not_in_the_server(brusiod):
    server = brusiod(limits(commands_per_second=0.01, burst=2))
    people = server.join_many([f"p{i:03}" for i in range(100)])
    for person in people:
        person.send("/msg nobody x")  # the last one within the rate
        assert "nobody" in person.recv_answer()
    before = server.memory("VmRSS")
    flood = frame("/msg nobody " + "x" * 1000) * 64
    for person in people:
        person.send_raw(flood)
    # All of it has arrived, and each connection has been read as far as it ever will be: one read of a few KiB.
    eventually(lambda: sum(48_000 < n < len(flood) for n in unread_bytes(server.address)) == 100,
               "the server has looked at each of them and left the rest")
    assert server.memory("VmRSS") - before < mebibytes(3)


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
