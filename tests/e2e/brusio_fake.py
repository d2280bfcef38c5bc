"""A server of the frame protocol that does what a test tells it, and nothing else."""

import os
import select
import socket
import ssl
import time

from deadline import seconds

DEADLINE = seconds(15)  # that any wait in a test may take


def frame(body):
    return b"%-10d" % len(body) + body


def as_bytes(text):
    return text.encode() if isinstance(text, str) else text


class Peer:
    """One accepted client."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(DEADLINE)
        self.data = b""

    def read_frame(self):
        """The next frame's body, or None at the end of input."""
        while True:
            if len(self.data) >= 10:
                size = int(self.data[:10])
                if len(self.data) >= 10 + size:
                    body, self.data = self.data[10 : 10 + size], self.data[10 + size :]
                    return body
            piece = self.sock.recv(65536)
            if not piece:
                assert not self.data, "the client went in the middle of a frame"
                return None
            self.data += piece

    def send_pair(self, name, text):
        self.sock.sendall(frame(as_bytes(name)) + frame(as_bytes(text)))

    def send_bytes(self, data):
        self.sock.sendall(data)

    def explain(self, text, name="brusio.localhost"):
        """What a server does before it closes: the explanation, then the end of what it sends, then the rest is read."""
        self.send_pair(name, "Closing: " + text)
        self.sock.shutdown(socket.SHUT_WR)
        try:
            while self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.close()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class FakeServer:
    """Listens on a free port of 127.0.0.1 (or on a unix path); `tls` is a (certificate, key) pair of files."""

    def __init__(self, path=None, tls=None):
        family = socket.AF_UNIX if path else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen(16)
        self.listener.settimeout(DEADLINE)
        self.where = f"unix:{path}" if path else f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*map(str, tls))

    def accept(self):
        """The next client, before its first frame."""
        sock, _ = self.listener.accept()
        sock.settimeout(DEADLINE)
        if self.context:
            sock = self.context.wrap_socket(sock, server_side=True)
        return Peer(sock)

    def welcome(self, name):
        """The next client, whose name must be this one."""
        peer = self.accept()
        assert peer.read_frame() == as_bytes(name)
        return peer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class Screen:
    """The other end of a pseudo terminal: what a program wrote so far, and a way to wait for more."""

    def __init__(self, fd):
        self.fd = fd
        self.text = b""

    def pump(self, timeout):
        """Reads what comes within `timeout` seconds; False at the end."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return True
        try:
            piece = os.read(self.fd, 65536)
        except OSError:  # the program has closed the terminal
            return False
        self.text += piece
        return bool(piece)

    def wait_for(self, wanted, since=0):
        """Waits until `wanted` was written at or after the offset `since`; returns the offset behind it."""
        wanted = as_bytes(wanted)
        end = time.monotonic() + DEADLINE
        while wanted not in self.text[since:]:
            left = end - time.monotonic()
            assert left > 0 and self.pump(left), f"{wanted!r} did not come, but {self.text[since:]!r}"
        return self.text.index(wanted, since) + len(wanted)

    def type(self, text):
        data = as_bytes(text)
        while data:
            data = data[os.write(self.fd, data) :]
