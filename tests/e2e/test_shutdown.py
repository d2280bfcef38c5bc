"""SIGTERM: accept nobody, deliver what is queued within 5 s, close, exit code 0. A second signal ends at once."""

import fcntl
import os
import pty
import select
import selectors
import signal
import subprocess
import time

import pytest

from deadline import eventually, seconds
from frames import SERVER_NAME, FrameClient, frame, open_socket, pair, parse_pairs

BODY = b"." * 100
PAIR_BYTES = len(pair("speaker0", b"000000" + BODY))
AHEAD = 2000  # messages that may be on their way: what is not yet heard stays far below a send queue's limit


def said(number):
    return b"%06d" % number + BODY


class Load:
    """Four people speak as fast as ten listeners hear, all in one loop, until the server ends the connections."""

    def __init__(self, server):
        self.listeners = server.join_many([f"listener{i}" for i in range(10)])
        self.speakers = server.join_many([f"speaker{i}" for i in range(4)])
        self.spoken = dict.fromkeys(self.speakers, 0)
        self.outgoing = {speaker: b"" for speaker in self.speakers}

    def heard(self):
        return min(len(listener.buffer) for listener in self.listeners) // PAIR_BYTES

    def run(self, until, timeout):
        end = time.monotonic() + seconds(timeout)
        everyone = [client for client in self.listeners + self.speakers if not client.ended]
        with selectors.DefaultSelector() as selector:
            for client in everyone:
                client.sock.setblocking(False)
                selector.register(client.sock, selectors.EVENT_READ, client)
            while not until() and selector.get_map():
                assert time.monotonic() < end, f"too slow: {self.heard()} messages are heard by all"
                for key, _ in selector.select(0.01):
                    client = key.data
                    data = client.sock.recv(1 << 18)
                    client.buffer += data
                    if not data:
                        client.ended = True
                        selector.unregister(client.sock)
                        client.close()
                self.speak()

    def speak(self):
        for speaker in self.speakers:
            if speaker.ended:
                continue
            if not self.outgoing[speaker] and sum(self.spoken.values()) - self.heard() < AHEAD:
                first = self.spoken[speaker]
                self.outgoing[speaker] = b"".join(frame(said(i)) for i in range(first, first + 20))
                self.spoken[speaker] += 20
            try:
                count = speaker.sock.send(self.outgoing[speaker])
                self.outgoing[speaker] = self.outgoing[speaker][count:]
            except BlockingIOError:
                pass
            except ConnectionError:
                self.outgoing[speaker] = b""  # the server has closed; what it sent before is still to be read


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_under_load_every_receiver_gets_whole_frames_up_to_the_end(any_server, number):
    load = Load(any_server)
    load.run(lambda: load.heard() > 5000, timeout=20)
    begin = time.monotonic()
    any_server.signal(number)
    load.run(lambda: False, timeout=8)
    assert any_server.wait_exit() == 0
    assert time.monotonic() - begin < seconds(6)
    heard = {}
    for client in load.listeners + load.speakers:
        heard[client], left = parse_pairs(client.buffer)
        assert left == b"", "the end came inside a pair"
    order = heard[load.listeners[0]]
    assert len(order) >= 5000
    for speaker in load.speakers:
        own = [text for name, text in order if name == speaker.name]
        assert own == [said(i) for i in range(len(own))], f"{speaker.name!r}: not all in order"
        assert heard[speaker] == [what for what in order if what[0] != speaker.name]
    for listener in load.listeners:
        assert heard[listener] == order, "all were here from the beginning to the end"


def see_the_end(client):
    pairs = client.pairs_until_eof()
    client.close()
    return pairs


def test_idle_people_see_an_orderly_end(any_server):
    people = any_server.join_many([f"idle{i}" for i in range(20)])
    silent = any_server.connect()  # never logged in
    begin = time.monotonic()
    any_server.signal(signal.SIGTERM)
    for person in people:
        assert see_the_end(person) == []
    silent.expect_closed()
    silent.close()
    assert any_server.wait_exit() == 0
    assert time.monotonic() - begin < seconds(1.5), "nothing was left to deliver"


def refuses_connections(server):
    try:
        open_socket(server.address).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    return False


def stuck_server(brusiod):
    """A server with something queued for a client that never reads."""
    server = brusiod('[limits]\nsend_queue = "64 MiB"\n')
    mario, anna = server.join("Mario"), server.join("Anna")
    server.join("stuck", receive_buffer=4096)
    for _ in range(600):
        mario.send(b"." * 16000)
        anna.recv_pair()
    return server, mario, anna


def test_one_who_never_reads_delays_the_end_by_five_seconds_at_most(brusiod):
    server, mario, anna = stuck_server(brusiod)
    begin = time.monotonic()
    server.signal(signal.SIGTERM)
    assert see_the_end(anna) == see_the_end(mario) == []
    eventually(lambda: refuses_connections(server), "no new connections while the last messages are delivered")
    assert server.process.poll() is None
    assert server.wait_exit(timeout=6) == 0
    assert time.monotonic() - begin < seconds(6)


def test_a_second_signal_ends_at_once(brusiod):
    server, _, _ = stuck_server(brusiod)
    server.expected_exit = None
    server.signal(signal.SIGTERM)
    eventually(lambda: refuses_connections(server), "the first signal has been seen")
    assert server.process.poll() is None
    begin = time.monotonic()
    server.signal(signal.SIGTERM)
    server.wait_exit(timeout=2)
    assert time.monotonic() - begin < seconds(1.5)


def test_a_log_that_nobody_reads_does_not_keep_the_server(brusiod_path, tmp_path):
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
    path = tmp_path / "chat.sock"
    # Standard error is a file: a sanitizer's last words must not wait for the reader, either.
    with open(tmp_path / "stderr", "wb") as errors:
        process = subprocess.Popen([brusiod_path, "--log-messages", "--listen", f"frame=unix:{path}", "--data",
                                    tmp_path / "data"], stdin=subprocess.DEVNULL, stdout=write_end, stderr=errors)
    try:
        eventually(path.exists, "the server listens")
        mario = FrameClient(open_socket(f"unix:{path}"), b"Mario")
        mario.send("Mario", *["x" * 8000] * 8, "/help")
        assert mario.recv_pair()[0] == SERVER_NAME, "a full log delays nobody"
        eventually(lambda: not select.select([], [write_end], [], 0)[1], "the pipe of the log is full")
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        mario.expect_eof()
        mario.close()
        assert process.wait(seconds(5)) == 0
        assert time.monotonic() - begin < seconds(4)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(read_end)
        os.close(write_end)


def test_the_unix_socket_is_gone_afterwards(brusiod, tmp_path):
    path = tmp_path / "chat.sock"
    server = brusiod(listen=(f"unix:{path}", "127.0.0.1:0"))
    mario = server.join("Mario")
    assert path.exists()
    server.signal(signal.SIGTERM)
    assert see_the_end(mario) == []
    assert server.wait_exit() == 0
    assert not path.exists()


def test_the_port_can_be_used_again_at_once(brusiod):
    first = brusiod()
    people = first.join_many(["Mario", "Anna"])
    first.signal(signal.SIGTERM)
    for person in people:
        assert see_the_end(person) == []
    assert first.wait_exit() == 0
    second = brusiod(listen=(first.address,))
    assert second.address == first.address
    second.join("Mario").expect_silence(second.join("Anna"))


def test_it_ends_with_the_terminal_it_runs_in(brusiod_path, tmp_path):
    """SIGHUP means reload, but not when it comes because the terminal was closed: nobody would be left to end it."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(brusiod_path, ["brusiod", "--listen", "frame=127.0.0.1:0", "--data", str(tmp_path / "data")])
    seen = b""
    while b"Listening" not in seen:
        seen += os.read(terminal, 4096)
    os.close(terminal)
    ended = []

    def has_ended():
        ended[:] = os.waitpid(child, os.WNOHANG)
        return ended[0] == child

    try:
        eventually(has_ended, "the server has ended")
    except AssertionError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    assert os.waitstatus_to_exitcode(ended[1]) == 0
