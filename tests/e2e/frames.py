"""A small client for the frame protocol: a header of 10 bytes, the body's length as decimal, then the body.

What the server sends is always pairs: a frame with a name, a frame with what that name said. Nothing here sleeps or
waits without a deadline. A reset connection raises ConnectionResetError, which is never the same as an orderly end.
"""

import itertools
import selectors
import socket
import ssl
import struct
import time

from deadline import seconds

SERVER_NAME = b"brusio.localhost"
_markers = itertools.count(1)


def frame(body):
    body = body.encode() if isinstance(body, str) else bytes(body)
    return b"%-10d" % len(body) + body


def pair(name, text):
    return frame(name) + frame(text)


def parse_pairs(data):
    """The whole pairs at the beginning of `data`, and the bytes that are left."""
    pairs, at = [], 0
    while True:
        bodies, end = [], at
        for _ in range(2):
            header = bytes(data[end:end + 10])
            if len(header) < 10:
                return pairs, bytes(data[at:])
            assert header.rstrip(b" ").isdigit(), f"not a header as the server writes it: {header!r}"
            length = int(header)
            if len(data) < end + 10 + length:
                return pairs, bytes(data[at:])
            bodies.append(bytes(data[end + 10:end + 10 + length]))
            end += 10 + length
        pairs.append(tuple(bodies))
        at = end


def open_socket(address, receive_buffer=None, timeout=5, tls=None, host="localhost"):
    """Connects to `127.0.0.1:1234`, `[::1]:1234` or `unix:/path`. `tls` is an ssl.SSLContext, or None for a plain
    connection; `host` the name that is asked for over TLS."""
    if address.startswith("unix:"):
        sock, target = socket.socket(socket.AF_UNIX), address[5:]
    else:
        number, port = address.rsplit(":", 1)
        family = socket.AF_INET6 if number.startswith("[") else socket.AF_INET
        sock, target = socket.socket(family), (number.strip("[]"), int(port))
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(seconds(timeout))
    try:
        sock.connect(target)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock if tls is None else tls.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


class FrameClient:
    def __init__(self, sock, name=None):
        self.sock = sock
        self.name = name
        self.buffer = bytearray()
        self.ended = False

    @classmethod
    def connect(cls, address, tls=None, receive_buffer=None):
        return cls(open_socket(address, receive_buffer, tls=tls))

    # Sending

    def send_raw(self, data):
        self.sock.settimeout(seconds(10))
        self.sock.sendall(data)

    def send(self, *bodies):
        self.send_raw(b"".join(frame(body) for body in bodies))

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()

    def reset(self):
        """Ends the connection with a TCP reset instead of an orderly end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    # Receiving

    def fill(self, end):
        """Reads what is there, waiting until `end`. Returns False at the end of input."""
        left = end - time.monotonic()
        assert left > 0, f"nothing more came in time; so far: {bytes(self.buffer[:200])!r}"
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(1 << 18)
        except (socket.timeout, ssl.SSLWantReadError):
            raise AssertionError(f"nothing more came in time; so far: {bytes(self.buffer[:200])!r}") from None
        self.buffer += data
        self.ended = not data
        return bool(data)

    def recv_exact(self, count, timeout=5):
        end = time.monotonic() + seconds(timeout)
        while len(self.buffer) < count:
            assert self.fill(end), f"the end came after {len(self.buffer)} of {count} bytes: {bytes(self.buffer)!r}"
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def recv_frame(self, timeout=5):
        header = self.recv_exact(10, timeout)
        assert header.rstrip(b" ").isdigit(), f"not a header as the server writes it: {header!r}"
        return self.recv_exact(int(header), timeout)

    def recv_pair(self, timeout=5):
        return self.recv_frame(timeout), self.recv_frame(timeout)

    def recv_pairs(self, count, timeout=10):
        return [self.recv_pair(timeout) for _ in range(count)]

    def recv_answer(self, server_name=SERVER_NAME):
        """The answer to a typed command, which is told apart from an explanation by how it begins."""
        name, text = self.recv_pair()
        assert name == server_name, f"not an answer of the server's: {name!r} {text!r}"
        assert not text.startswith(b"Closing: "), text
        return text.decode()

    def expect_eof(self, timeout=5):
        assert self.rest(timeout) == b""

    def rest(self, timeout=5):
        """All that comes until the end of input. A reset is an error."""
        end = time.monotonic() + seconds(timeout)
        while self.fill(end):
            pass
        data = bytes(self.buffer)
        self.buffer.clear()
        return data

    def pairs_until_eof(self, timeout=10):
        pairs, left = parse_pairs(self.rest(timeout))
        assert left == b"", f"the connection ended inside a pair: {left!r}"
        return pairs

    def expect_explanation(self, server_name=SERVER_NAME):
        """One explanation, then the end of input, and no reset. Returns what comes after `Closing: `."""
        name, text = self.recv_pair()
        assert name == server_name, f"not an explanation: {name!r} {text!r}"
        assert text.startswith(b"Closing: "), text
        self.expect_eof()
        return text[len(b"Closing: "):].decode()

    def expect_closed(self, timeout=5):
        """The server ended the connection, one way or another (a reset is fine). Returns what came before."""
        end = time.monotonic() + seconds(timeout)
        try:
            while self.fill(end):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        return bytes(self.buffer)

    def expect_silence(self, other):
        """Nothing is on its way to this client: what `other` says now is the next thing that arrives."""
        marker = b"marker %d" % next(_markers)
        other.send(marker)
        assert self.recv_pair() == (other.name, marker)


def pump(clients, done, timeout=20):
    """Reads from all `clients` at once until `done(client)` is true for each or it ended."""
    end = time.monotonic() + seconds(timeout)
    with selectors.DefaultSelector() as selector:
        for client in clients:
            if not done(client):
                client.sock.setblocking(False)
                selector.register(client.sock, selectors.EVENT_READ, client)
        while selector.get_map():
            left = end - time.monotonic()
            assert left > 0, f"{len(selector.get_map())} of {len(clients)} clients still wait for something"
            for key, _ in selector.select(left):
                data = key.fileobj.recv(1 << 18)
                key.data.buffer += data
                key.data.ended = not data
                if not data or done(key.data):
                    selector.unregister(key.fileobj)
