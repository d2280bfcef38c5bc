"""The console client against a server that does what the test says: pipes, the terminal, TLS, the ways to end."""

import contextlib
import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import termios
import threading

import pytest

from brusio_fake import DEADLINE, FakeServer, Screen, frame

ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1", "USER": "utente"}


@pytest.fixture
def brusio(bin_dir):
    path = bin_dir / "brusio"
    assert path.exists(), f"{path} is not there: build first, or set BRUSIO_BIN_DIR"
    return path


@pytest.fixture
def fake():
    with FakeServer() as server:
        yield server


def environment(**more):
    return {**{k: v for k, v in os.environ.items() if not k.startswith("LC_")}, **ENVIRONMENT, **more}


@contextlib.contextmanager
def running(brusio, *args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more):
    """The client between pipes; killed when the test leaves it running."""
    process = subprocess.Popen([brusio, *map(str, args)], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                               env=environment(**more))
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def outcome(process, code, stdin=None):
    """Waits for the end; what was written to stdout and stderr."""
    out, err = process.communicate(stdin, timeout=DEADLINE)
    assert process.returncode == code, (process.returncode, out, err)
    return out.decode(), err.decode()


def write_in_background(process, data):
    """All the input that is left, which may be more than a pipe holds."""
    pipe, process.stdin = process.stdin, None

    def write():
        with contextlib.suppress(OSError):
            pipe.write(data)
        with contextlib.suppress(OSError):
            pipe.close()

    threading.Thread(target=write, daemon=True).start()


# ---- pipes


def test_lines_are_sent_and_answers_printed(brusio, fake):
    with running(brusio, f"Mario Rossi@{fake.where}") as process:
        process.stdin.write("ciao\n\nperché\r\nultima".encode())
        process.stdin.close()
        process.stdin = None
        with fake.welcome("Mario Rossi") as peer:
            assert [peer.read_frame() for _ in range(4)] == [b"ciao", "perché".encode(), b"ultima", None]
            peer.send_pair("lucia", "eccomi")  # after the half-close
            peer.send_pair("bob", "")
        assert outcome(process, 0) == ("lucia > eccomi\nbob > \n", "")


def test_output_comes_line_by_line(brusio, fake):
    with running(brusio, f"mario@{fake.where}") as process, fake.welcome("mario") as peer:
        for number in range(3):
            peer.send_pair("lucia", f"riga {number}")
            assert process.stdout.readline() == b"lucia > riga %d\n" % number


@pytest.mark.parametrize("target, name", [("a@b@{}", "a@b"), ("{}", "utente")])
def test_names(brusio, fake, target, name):
    with running(brusio, target.format(fake.where), stdin=subprocess.DEVNULL) as process:
        fake.welcome(name).close()
        outcome(process, 0)


def test_unix_socket(brusio, tmp_path):
    with FakeServer(path=tmp_path / "s@ck") as fake, running(brusio, f"a@b@{fake.where}") as process:
        with fake.welcome("a@b") as peer:
            process.stdin.write(b"x\n")
            process.stdin.flush()
            assert peer.read_frame() == b"x"
            process.stdin.close()
            process.stdin = None
            assert peer.read_frame() is None
        outcome(process, 0)


def test_much_in_both_directions_does_not_block(brusio, fake):
    """The server writes 8 MB before it reads, while the client's input is as large."""
    lines = 80_000
    text = b"x" * 99
    with running(brusio, f"mario@{fake.where}") as process:
        answer = {}
        reader = threading.Thread(target=lambda: answer.update(out=process.communicate((text + b"\n") * lines, DEADLINE)[0]))
        reader.start()
        with fake.welcome("mario") as peer:
            peer.send_bytes((frame(b"lucia") + frame(text)) * lines)
            for _ in range(lines):
                assert peer.read_frame() == text
            assert peer.read_frame() is None
        reader.join(DEADLINE)
        assert process.returncode == 0
        assert answer["out"] == (b"lucia > " + text + b"\n") * lines


def test_a_long_line(brusio, fake):
    body = b"y" * 3_000_000
    with running(brusio, f"mario@{fake.where}") as process:
        write_in_background(process, body)
        with fake.welcome("mario") as peer:
            assert peer.read_frame() == body
            assert peer.read_frame() is None
        outcome(process, 0)


def test_an_explanation_goes_to_stderr(brusio, fake):
    with running(brusio, f"mario@{fake.where}") as process:
        fake.welcome("mario").explain("that name is taken")
        out, err = outcome(process, 3)
        assert out == ""
        assert err == "brusio: brusio.localhost closed the connection: that name is taken.\n"


def test_an_explanation_in_the_middle_of_much_input(brusio, fake):
    """The server stops reading, explains, and closes with unread input: the reset must not swallow the explanation."""
    with running(brusio, f"mario@{fake.where}") as process:
        write_in_background(process, b"z" * 60_000_000)
        peer = fake.welcome("mario")
        peer.send_pair("brusio.localhost", "Closing: a message has at most 16384 bytes")
        peer.sock.shutdown(socket.SHUT_WR)
        assert process.wait(DEADLINE) == 3
        peer.close()
        assert b"at most 16384 bytes" in process.stderr.read()


def test_a_person_may_say_what_begins_like_an_explanation(brusio, fake):
    with running(brusio, f"mario@{fake.where}") as process, fake.welcome("mario") as peer:
        peer.send_pair("lucia", "Closing: my shop")
        assert process.stdout.readline() == b"lucia > Closing: my shop\n"  # though nothing follows it
        peer.send_pair("lucia", "Closing: my eyes")
        peer.send_pair("lucia", "buonanotte")
        process.stdin.close()
        process.stdin = None
        assert peer.read_frame() is None
        peer.close()
        assert outcome(process, 0)[0] == "lucia > Closing: my eyes\nlucia > buonanotte\n"


def test_text_is_cleaned(brusio, fake):
    with running(brusio, f"mario@{fake.where}", stdin=subprocess.DEVNULL) as process:
        with fake.welcome("mario") as peer:
            peer.send_pair(b"e\x1bva", b"\x1b[2Jciao\xff\nmario > mi arrendo\r\nfine\n")
            peer.send_pair("mario > falso", "x")
        assert outcome(process, 0)[0] == ("e␛va > ␛[2Jciao\ufffd\n      | mario > mi arrendo\n      | fine\n"
                                          "mario › falso > x\n")


def test_raw_is_not_cleaned(brusio, fake):
    with running(brusio, "--raw", f"mario@{fake.where}", stdin=subprocess.DEVNULL) as process:
        with fake.welcome("mario") as peer:
            peer.send_pair(b"\x1be", b"\xff\x00\r\nx")
        out, _ = process.communicate(timeout=DEADLINE)
        assert out == b"\x1be > \xff\x00\r\nx\n"


def test_quit_in_a_pipe_ends_the_input(brusio, fake):
    with running(brusio, f"mario@{fake.where}") as process, fake.welcome("mario") as peer:
        process.stdin.write(b"ciao\n/quit\nmai\n")
        process.stdin.flush()
        assert [peer.read_frame() for _ in range(3)] == [b"ciao", b"/quit", None]
        peer.close()
        outcome(process, 0)


def test_a_server_that_closes_while_we_talk(brusio, fake):
    with running(brusio, f"mario@{fake.where}") as process:
        fake.welcome("mario").close()
        assert process.wait(DEADLINE) == 1
        assert process.stderr.read() == b"brusio: the server closed the connection.\n"


def test_a_message_that_is_cut(brusio, fake):
    with running(brusio, f"mario@{fake.where}", stdin=subprocess.DEVNULL) as process:
        with fake.welcome("mario") as peer:
            peer.send_bytes(frame(b"lucia") + b"100       abc")
        assert "middle of a message" in outcome(process, 1)[1]


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"9999999999", b"-5        "])
def test_not_the_frame_protocol(brusio, fake, garbage):
    with running(brusio, f"mario@{fake.where}") as process, fake.welcome("mario") as peer:
        peer.send_bytes(garbage)
        assert outcome(process, 1)[1] == "brusio: the server sent something that is not the frame protocol.\n"


def test_nobody_there(brusio):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused, and nobody else gets it
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with running(brusio, f"mario@{where}") as process:
            assert outcome(process, 1)[1] == (
                f"brusio: cannot reach {where}: connection refused. Is brusiod running there?\n")


@pytest.mark.parametrize("args", [["a b"], ["host:0"], ["::1"], ["@host"], [""], ["--nonsense"], ["x", "y"],
                                  ["--ca", "x.pem", "host"], ["--tls", "--ca", "/does/not/exist", "host"],
                                  ["--tls", "unix:/x"]])
def test_wrong_usage(brusio, args):
    with running(brusio, *args) as process:
        out, err = outcome(process, 2)
        assert out == ""
        assert err.startswith("brusio: ") and err.count("\n") == 1, err


def test_help_and_version(brusio):
    with running(brusio, "--help") as process:
        assert "Exit codes:" in outcome(process, 0)[0]
    with running(brusio, "--version") as process:
        assert outcome(process, 0)[0].startswith("brusio ")


def test_a_reader_that_has_enough(brusio, fake):
    """As in `brusio … | head -1`: the end comes at once, not with the next message."""
    with running(brusio, f"mario@{fake.where}") as process, fake.welcome("mario") as peer:
        peer.send_pair("lucia", "una")
        assert process.stdout.readline() == b"lucia > una\n"
        process.stdout.close()
        assert process.wait(DEADLINE) == 0
        assert process.stderr.read() == b""
        process.stdout = None


def test_interrupted(brusio, fake):
    with running(brusio, f"mario@{fake.where}") as process, fake.welcome("mario"):
        process.send_signal(signal.SIGINT)
        outcome(process, 130)


def test_connects_again_when_asked_to(brusio, fake):
    with running(brusio, "--reconnect", f"mario@{fake.where}") as process:
        fake.welcome("mario").close()
        assert process.stderr.readline() == b"brusio: the server closed the connection; trying again in 1 s.\n"
        with fake.welcome("mario") as peer:
            process.stdin.write(b"ancora qui\n")
            process.stdin.flush()
            assert peer.read_frame() == b"ancora qui"
            peer.explain("that name is taken")
        outcome(process, 3)  # no third time


def test_the_first_attempt_is_not_repeated(brusio):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with running(brusio, "--reconnect", f"mario@127.0.0.1:{taken.getsockname()[1]}") as process:
            outcome(process, 1)


# ---- TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """For 127.0.0.1, and for another name."""
    directory = tmp_path_factory.mktemp("brusio-tls")

    def make(name, subject):
        files = directory / f"{name}.pem", directory / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=test", "-addext", f"subjectAltName={subject}", "-out", files[0], "-keyout", files[1]],
                       check=True, capture_output=True)
        return files

    return {"here": make("here", "IP:127.0.0.1,DNS:localhost"), "elsewhere": make("elsewhere", "DNS:chat.example.org")}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_tls(brusio, certificates, host):
    with FakeServer(tls=certificates["here"]) as fake:
        where = fake.where.replace("127.0.0.1", host)
        with running(brusio, "--tls", "--ca", certificates["here"][0], f"mario@{where}") as process:
            with fake.welcome("mario") as peer:
                process.stdin.write(b"ciao\n")
                process.stdin.flush()
                assert peer.read_frame() == b"ciao"
                write_in_background(process, b"x" * 500_000)
                assert len(peer.read_frame()) == 500_000
                assert peer.read_frame() is None  # close_notify
                peer.send_pair("lucia", "dopo")
                peer.send_pair("lucia", "y" * 500_000)
            out, err = outcome(process, 0)
            assert out == "lucia > dopo\nlucia > " + "y" * 500_000 + "\n"
            assert err == ""


@pytest.mark.parametrize("kind, trusted, says", [("here", False, "--ca FILE"), ("elsewhere", True, "chat.example.org")])
def test_tls_not_trusted(brusio, certificates, kind, trusted, says):
    with FakeServer(tls=certificates[kind]) as fake:
        args = ["--tls", *(["--ca", certificates[kind][0]] if trusted else []), f"mario@{fake.where}"]
        with running(brusio, *args) as process:
            with pytest.raises(OSError):
                fake.welcome("mario")
            out, err = outcome(process, 1)
            assert says in err and err.count("\n") == 1, err


def test_tls_and_plain_confused(brusio, certificates, fake):
    with running(brusio, "--tls", f"mario@{fake.where}") as process, fake.accept() as peer:
        peer.send_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert "does not speak TLS" in outcome(process, 1)[1]
    with running(brusio, f"mario@{fake.where}") as process, fake.accept() as peer:
        peer.send_bytes(b"\x15\x03\x01\x00\x02\x02\x46")  # what a TLS server says to plain text
        assert "it seems to want --tls" in outcome(process, 1)[1]


# ---- a terminal


class OnTerminal:
    """The client on a pseudo terminal of its own."""

    def __init__(self, brusio, *args, columns=80, stdout=None, **more):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.modes = termios.tcgetattr(self.slave)
        self.screen = Screen(self.master)
        self.process = subprocess.Popen([brusio, *map(str, args)], stdin=self.slave, stdout=stdout or self.slave,
                                        stderr=self.slave, env=environment(**more), start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.type = self.screen.type
        self.wait_for = self.screen.wait_for

    def end(self, code):
        """Waits for the end; the terminal must be as it was. Returns all that was written."""
        assert self.process.wait(DEADLINE) == code, self.screen.text
        while self.screen.pump(0) and self.more():
            pass
        assert termios.tcgetattr(self.slave) == self.modes
        return self.screen.text.decode()

    def more(self):
        before = len(self.screen.text)
        self.screen.pump(0)
        return len(self.screen.text) != before

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def test_asks_for_the_name_and_shows_a_prompt(brusio, fake):
    with OnTerminal(brusio, fake.where) as me:
        me.wait_for("Username: ")
        me.type("\nMario Rossi\n")
        with fake.welcome("Mario Rossi") as peer:
            me.wait_for("Mario Rossi > ")
            me.type("\nciao à tutti, 日本\n")  # the empty line is not sent
            assert peer.read_frame() == "ciao à tutti, 日本".encode()
            me.type("\x04")
            assert peer.read_frame() is None
        me.end(0)


def test_messages_come_while_one_types(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}") as me, fake.welcome("me") as peer:
        at = me.wait_for("me > ")
        me.type("mezza fr")
        at = me.wait_for("mezza fr", at)
        peer.send_pair("lucia", "intanto io")
        at = me.wait_for("\r\x1b[Jlucia > intanto io\r\n", at)  # the edited line goes, the message comes …
        at = me.wait_for("me > mezza fr", at)                   # … and the line is there again
        me.type("ase\n")
        assert peer.read_frame() == b"mezza frase"


def test_a_line_that_wraps(brusio, fake):
    text = "x" * 50  # with the prompt, three rows of 20 columns
    with OnTerminal(brusio, f"me@{fake.where}", columns=20) as me, fake.welcome("me") as peer:
        at = me.wait_for("me > ")
        me.type(text)
        while me.screen.text[at:].count(b"x") < 50:
            assert me.screen.pump(DEADLINE)
        peer.send_pair("lucia", "io")
        me.wait_for("\x1b[2A\r\x1b[Jlucia > io\r\n", at)
        me.type("\n")
        assert peer.read_frame() == text.encode()


def test_editing_and_history(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}") as me, fake.welcome("me") as peer:
        me.wait_for("me > ")
        me.type("perchè\x7fé no\n")
        assert peer.read_frame() == "perché no".encode()
        me.type("due\n")
        assert peer.read_frame() == b"due"
        me.type("\x1b[A\x1b[A, eh\n")
        assert peer.read_frame() == "perché no, eh".encode()
        me.type("\x12due\n")  # Ctrl-R
        assert peer.read_frame() == b"due"


def test_interrupted_on_a_terminal(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}") as me, fake.welcome("me"):
        me.wait_for("me > ")
        me.type("mezza\x03")
        me.end(130)


def test_interrupted_at_the_name(brusio, fake):
    with OnTerminal(brusio, fake.where) as me:
        me.wait_for("Username: ")
        me.type("\x03")
        me.end(130)
    with OnTerminal(brusio, fake.where) as me:
        me.wait_for("Username: ")
        me.type("\x04")
        me.end(0)


def test_quit_on_a_terminal(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}") as me, fake.welcome("me") as peer:
        me.wait_for("me > ")
        me.type("/quit\n")
        assert [peer.read_frame(), peer.read_frame()] == [b"/quit", None]
        me.end(0)  # though this server never closes


def test_a_server_that_closes_on_a_terminal(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}") as me:
        peer = fake.welcome("me")
        me.wait_for("me > ")
        peer.close()
        assert "brusio: the server closed the connection." in me.end(1)


def test_an_explanation_on_a_terminal(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}") as me:
        peer = fake.welcome("me")
        me.wait_for("me > ")
        peer.explain("that name is taken")
        assert "closed the connection: that name is taken." in me.end(3)


def test_connects_again_on_a_terminal(brusio, fake):
    with OnTerminal(brusio, "--reconnect", f"me@{fake.where}") as me:
        peer = fake.welcome("me")
        me.wait_for("me > ")
        peer.close()
        at = me.wait_for("trying again in 1 s")
        me.type("persa\n")
        at = me.wait_for("not connected: this was not sent", at)
        with fake.welcome("me") as again:
            me.wait_for("connected to", at)
            me.type("arrivata\n")
            assert again.read_frame() == b"arrivata"
            me.type("\x04")
            assert again.read_frame() is None
        me.end(0)


@pytest.mark.parametrize("more, coloured", [({"NO_COLOR": ""}, True), ({}, False), ({"NO_COLOR": "", "TERM": "dumb"}, False)])
def test_colours(brusio, fake, more, coloured):
    with OnTerminal(brusio, f"me@{fake.where}", **more) as me, fake.welcome("me") as peer:
        me.wait_for("> ")
        peer.send_pair("lucia", "ciao")
        me.wait_for(" > ciao")
        assert (b"mlucia\x1b[39m > " in me.screen.text) == coloured
        assert (b"\x1b[" in me.screen.text and b"m" in me.screen.text.split(b"\x1b[", 1)[1][:3]) == coloured


def test_a_new_size(brusio, fake):
    with OnTerminal(brusio, f"me@{fake.where}", columns=80) as me, fake.welcome("me") as peer:
        at = me.wait_for("me > ")
        me.type("x" * 40)
        at = me.wait_for("x" * 40, at)
        fcntl.ioctl(me.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
        at = me.wait_for("\x1b[2A\r\x1b[Jme > ", at)
        peer.send_pair("lucia", "io")
        me.wait_for("\x1b[2A\r\x1b[Jlucia > io\r\n", at)


def test_typing_with_output_to_a_pipe(brusio, fake):
    read_end, write_end = os.pipe()
    with OnTerminal(brusio, fake.where, stdout=write_end) as me, os.fdopen(read_end, "rb") as out:
        os.close(write_end)
        me.wait_for("Username: ")
        me.type("me\nciao\n")
        with fake.welcome("me") as peer:
            assert peer.read_frame() == b"ciao"
            peer.send_pair("lucia", "eccomi")
            assert out.readline() == b"lucia > eccomi\n"
            me.type("\x04")
            assert peer.read_frame() is None
        me.end(0)
        assert out.read() == b""


def test_many_lines_pasted_at_once(brusio, fake):
    """What is typed ahead is neither lost nor echoed by the kernel between two lines."""
    lines = [f"riga numero {i} à" for i in range(300)]
    with OnTerminal(brusio, f"me@{fake.where}") as me, fake.welcome("me") as peer:
        at = me.wait_for("me > ")
        drain = threading.Thread(target=lambda: me.wait_for("riga numero 299 à\r\n", at))
        drain.start()
        me.type("".join(line + "\n" for line in lines) + "\x04")
        assert [peer.read_frame() for _ in range(301)] == [line.encode() for line in lines] + [None]
        drain.join()
        peer.close()
        shown = me.end(0)
        assert all(shown.count(line + "\r\n") == 1 for line in lines)
