"""Flood control: over its rate, a connection's input is read later and never lost, up to what may wait for it."""

import time

import pytest

from deadline import SLOWNESS, eventually, mebibytes
from irc import only, verbs
from server import BOTH_DOORS


def limits(**values):
    lines = ["[limits]", "exempt = []"]
    defaults = {"connections_per_ip": 0, "connects_per_minute_per_ip": 0, "commands_per_second": 40, "burst": 10}
    for key, value in (defaults | values).items():
        lines.append(f"{key} = {value!r}".replace("'", '"'))
    return "\n".join(lines) + "\n"


def timed(client, *lines):
    """How long the answer to the last of these lines took."""
    begin = time.monotonic()
    client.send(*lines, "PING timed")
    client.expect("PONG", None, "timed", timeout=20)
    return time.monotonic() - begin


def unread_bytes(address):
    """What waits in the kernel for the server to read it, of all connections to this address."""
    port = f":{int(address.rsplit(':', 1)[1]):04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(port) and row[3] == "01")


def is_ended_by(client, flood):
    """The server does not wait until all of it is there, so the connection may break while this is sent or received."""
    try:
        client.send_raw(flood)
    except ConnectionError:
        pass
    try:
        client.rest(timeout=10)
    except ConnectionResetError:
        pass
    assert client.received[-1].matches("ERROR") and "Excess Flood" in client.received[-1].text


@pytest.fixture
def slow_server(brusiod):
    return brusiod(limits(), listen=BOTH_DOORS)


def test_what_fits_into_the_burst_is_not_delayed(brusiod):
    server = brusiod(limits(commands_per_second=0.1, burst=30), listen=BOTH_DOORS)
    anna = server.irc("anna")
    assert timed(anna, *["PONG x"] * 20) < 2 * SLOWNESS


def test_a_batch_of_short_lines_costs_what_its_bytes_cost(brusiod):
    """Sixty short lines are as much as three long ones, and come as soon."""
    server = brusiod(limits(commands_per_second=0.001, burst=16), listen=BOTH_DOORS)
    anna = server.irc("anna", caps=["batch", "draft/multiline"])  # six tokens, with what the test's client asks
    mario = server.irc("mario")
    anna.send("BATCH +1 draft/multiline mario", *[f"@batch=1 PRIVMSG mario :{i}" for i in range(60)], "BATCH -1")
    assert [mario.next(timeout=20).text for _ in range(60)] == [str(i) for i in range(60)]


def test_input_over_the_rate_is_delayed_and_all_of_it_comes(slow_server):
    anna, mario = slow_server.irc("anna"), slow_server.irc("mario")
    begin = time.monotonic()
    anna.send(*[f"PRIVMSG mario :{i}" for i in range(40)])
    for i in range(40):
        assert mario.next(timeout=20).text == str(i)
    took = time.monotonic() - begin
    assert took > 0.7, f"40 lines in {took:.2f} s, though at least 30 had to wait for 1/40 s each"


def test_others_are_not_delayed(brusiod):
    server = brusiod(limits(commands_per_second=1, burst=8), listen=BOTH_DOORS)
    anna, mario = server.irc("anna"), server.irc("mario")
    anna.send(*["PONG x"] * 100)
    begin = time.monotonic()
    mario.send("PING quick")
    mario.expect("PONG", None, "quick")
    assert time.monotonic() - begin < 0.7 * SLOWNESS


def test_the_log_in_counts_too(brusiod):
    """A pipelined log-in of more lines than the burst comes in, only later."""
    server = brusiod(limits(commands_per_second=20, burst=2), listen=BOTH_DOORS)
    client, begin = server.irc(), time.monotonic()
    client.send(*["PONG x"] * 20, "NICK anna", "USER u 0 * :x")
    client.expect("001", timeout=20)
    assert time.monotonic() - begin > 0.8


def test_longer_lines_cost_more(brusiod):
    """A token for each begun 512 bytes: with tags, a line can cost nine of them."""
    server = brusiod(limits(read_queue="64 KiB"), listen=BOTH_DOORS)
    anna = server.irc("anna", caps=["message-tags"])
    timed(anna, *["PONG x"] * 15)  # the burst is used up
    short = timed(anna, *["PONG x"] * 10)
    long = timed(anna, *["@+x=" + "y" * 4000 + " PONG x"] * 10)
    assert long > 2 * short and long > 1.5, f"short ones took {short:.2f} s, long ones {long:.2f} s"


def test_a_line_that_is_too_long_costs_what_it_has(brusiod):
    """Nobody floods for free with lines that are dropped."""
    server = brusiod(limits(read_queue="64 KiB"), listen=BOTH_DOORS)
    anna = server.irc("anna")
    timed(anna, *["PONG x"] * 15)
    took = timed(anna, "x" * 20_000)
    assert verbs(anna.skipped) == ["417"]
    assert took > 0.7, f"40 tokens, 40 a second, in {took:.2f} s"


def test_blank_lines_cost_what_they_have(brusiod):
    """They say nothing, and are read all the same."""
    server = brusiod(limits(read_queue="64 KiB"), listen=BOTH_DOORS)
    anna = server.irc("anna")
    timed(anna, *["PONG x"] * 15)
    anna.send_raw(b"\n" * 20_000)
    took = timed(anna, "PONG x")  # the first line after them goes into debt for them, the second has to wait
    assert anna.skipped == [] and took > 0.7, f"40 tokens, 40 a second, in {took:.2f} s"


def test_the_longest_line_fits_the_smallest_read_queue(brusiod):
    """4,608 bytes with tags: alone it is late when it is over the rate, and never a flood."""
    server = brusiod(limits(read_queue="5 KiB"), listen=BOTH_DOORS)
    anna = server.irc("anna", caps=["message-tags"])
    timed(anna, *["PONG x"] * 15)
    line = "@+x=" + "y" * 4091 + " PONG " + "z" * 505
    assert len(line) + 2 == 4608
    for _ in range(3):
        took = timed(anna, line)
        assert verbs(anna.skipped) == []
    assert took > 0.15, f"9 tokens, 40 a second, in {took:.2f} s"


def test_batches_of_long_lines_are_delayed(slow_server):
    anna = slow_server.irc("anna", caps=["batch", "draft/multiline", "message-tags"])
    anna.join("#a")
    timed(anna, *["PONG x"] * 15)
    took = timed(anna, "BATCH +a draft/multiline #a", *["@batch=a PRIVMSG #a :" + "x" * 480] * 30, "BATCH -a")
    assert took > 0.5


def test_a_flood_ends_the_connection(brusiod):
    """More than may wait: ERROR, and everybody is told why."""
    server = brusiod(limits(commands_per_second=1, burst=15, read_queue="5 KiB"), listen=BOTH_DOORS)
    anna, mario = server.irc("anna"), server.irc("mario")
    for person in anna, mario:
        person.join("#a")
    mark = server.log_mark()
    is_ended_by(anna, b"PRIVMSG #a :spam\r\n" * 2000)
    left = mario.expect("QUIT", source="anna")
    assert "Excess Flood" in left.text
    said = only(mario.skipped, "PRIVMSG")
    assert 0 < len(said) < 100
    server.wait_log("Closed connection from: anna, .*Excess Flood", mark)


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \n"], ids=["lf", "crlf", "space"])
def test_a_flood_of_blank_lines_ends_the_connection(brusiod, blank):
    server = brusiod(limits(commands_per_second=2, burst=10), listen=BOTH_DOORS)
    is_ended_by(server.irc(), blank * (1_000_000 // len(blank)))


def test_a_flood_before_the_log_in(brusiod):
    server = brusiod(limits(commands_per_second=1, burst=5, read_queue="5 KiB"), listen=BOTH_DOORS)
    is_ended_by(server.irc(), b"PING x\r\n" * 5000)


def test_what_waits_is_bounded_for_each(brusiod):
    """Just under the limit: nobody is closed, and no more is kept than allowed."""
    server = brusiod(limits(commands_per_second=0.01, burst=12, read_queue="16 KiB"), listen=BOTH_DOORS)
    people = [server.irc(f"p{i}") for i in range(50)]
    for person in people:
        person.send_raw(b"PONG x\r\n" * 20)
    before = server.memory("VmRSS")
    for person in people:
        person.send_raw(b"PONG x\r\n" * 1500)
    eventually(lambda: unread_bytes(server.irc_address) == 0, "all of it has been read")
    watcher = server.irc("watcher")
    watcher.send("ISON " + " ".join(f"p{i}" for i in range(50)))
    assert len(watcher.expect("303").text.split()) == 50
    assert server.memory("VmRSS") - before < mebibytes(50 * 24 / 1024 + 4)


def test_exempt_addresses_are_not_limited(brusiod):
    server = brusiod(limits(commands_per_second=1, burst=2, read_queue="5 KiB").replace("[]", '["127.0.0.0/8"]'),
                     listen=BOTH_DOORS)
    anna = server.irc("anna")
    assert timed(anna, *["PONG x"] * 5000) < 5 * SLOWNESS
    assert verbs(anna.skipped) == []


def test_unix_sockets_are_exempt(brusiod, tmp_path):
    path = tmp_path / "irc.sock"
    server = brusiod(limits(commands_per_second=1, burst=2, read_queue="5 KiB"), listen=(f"irc=unix:{path}",))
    anna = server.irc("anna")
    assert timed(anna, *["PONG x"] * 5000) < 5 * SLOWNESS


def test_no_rate_means_no_rate(brusiod):
    server = brusiod(limits(commands_per_second=0, burst=0), listen=BOTH_DOORS)
    anna = server.irc("anna")
    assert timed(anna, *["PONG x"] * 5000) < 5 * SLOWNESS


def test_the_rate_can_be_changed_while_it_runs(brusiod):
    server = brusiod(limits(commands_per_second=5, burst=12), listen=BOTH_DOORS)
    anna = server.irc("anna")
    timed(anna, *["PONG x"] * 10)
    server.reload(limits(commands_per_second=0, burst=0))
    assert timed(anna, *["PONG x"] * 1000) < 3 * SLOWNESS
    server.reload(limits(commands_per_second=20, burst=1))
    anna.sync()  # its worker takes orders once a turn: the new limits are there when this is answered
    assert timed(anna, *["PONG x"] * 20) > 0.6


# Frames: the same rule, and no bound but the kernel's


def test_frames_are_delayed_in_the_same_way(slow_server):
    anna = slow_server.irc("anna")
    anna.join("#piazza")
    mario = slow_server.join("mario")
    anna.expect("JOIN", source="mario")
    begin = time.monotonic()
    mario.send(*[str(i) for i in range(40)])
    for i in range(40):
        anna.expect("PRIVMSG", "#piazza", str(i), timeout=20)
    assert time.monotonic() - begin > 0.6


def test_longer_frames_cost_more(slow_server):
    anna = slow_server.irc("anna")
    anna.join("#piazza")
    mario = slow_server.join("mario")
    anna.expect("JOIN", source="mario")
    begin = time.monotonic()
    for _ in range(6):
        mario.send("x" * 5000)  # ten tokens each
    mario.send("end")
    anna.expect("PRIVMSG", "#piazza", "end", timeout=20)
    assert time.monotonic() - begin > 0.9


def test_frames_are_never_a_flood(brusiod):
    """The rest waits in the kernel, as ever."""
    server = brusiod(limits(commands_per_second=200, burst=10, read_queue="5 KiB"), listen=BOTH_DOORS)
    mario, anna = server.join("mario"), server.join("anna")
    said = [b"%d" % i + b"x" * 50 for i in range(300)]
    mario.send(*said)
    assert anna.recv_pairs(300, timeout=20) == [(b"mario", body) for body in said]
