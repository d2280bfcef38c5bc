"""A small IRC client for the tests: it sends lines, takes apart what comes, and waits for it, never without a deadline.

`sync()` sends a PING with a token of its own and returns all that came before the PONG. Commands are answered in
order, so what has not come by then does not come: this is how a test says "nothing came" without sleeping. To be sure
about what somebody *else* did, sync them first: `anna.ask("PRIVMSG #a :hello")`, then `mario.sync()`.
"""

import collections
import itertools
import re
import ssl
import time

from deadline import seconds
from frames import open_socket

_tokens = itertools.count(1)
UNESCAPED = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}


def unescape(value):
    return re.sub(r"\\(.?)", lambda m: UNESCAPED.get(m[1], m[1]), value, flags=re.S)


class Message:
    """One line. `params` has all parameters, `text` is the last one, `tags` is a dict of unescaped values."""

    def __init__(self, raw):
        self.raw = raw
        try:
            rest = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise AssertionError(f"the server sent what is not UTF-8: {raw!r}") from None
        self.tags, self.source = {}, None
        if rest.startswith("@"):
            tags, _, rest = rest[1:].partition(" ")
            for tag in tags.split(";"):
                key, _, value = tag.partition("=")
                self.tags[key] = unescape(value)
            rest = rest.lstrip(" ")
        self.line = rest  # without the tags
        if rest.startswith(":"):
            self.source, _, rest = rest[1:].partition(" ")
        rest, colon, trailing = (" " + rest.lstrip(" ")).partition(" :")
        words = rest.split()
        assert words, f"a line without a verb: {raw!r}"
        self.verb = words[0].upper()
        self.params = words[1:] + ([trailing] if colon else [])

    @property
    def nick(self):
        return (self.source or "").partition("!")[0]

    @property
    def text(self):
        return self.params[-1] if self.params else ""

    def param(self, at):
        return self.params[at] if at < len(self.params) else None

    def matches(self, verb, *params):
        """Is it this verb (a string, or several) with parameters that begin so? None stands for any, a compiled
        pattern for whatever it is found in."""
        verbs = (verb,) if isinstance(verb, str) else verb
        if self.verb not in verbs or len(params) > len(self.params):
            return False
        return all(want is None or (want.search(got) is not None if isinstance(want, re.Pattern) else want == got)
                   for want, got in zip(params, self.params))

    def __repr__(self):
        return self.raw.decode("utf-8", "replace")


class IrcClient:
    def __init__(self, sock):
        self.sock = sock
        self.nick = "*"
        self.mask = None        # nick!user@host as the server shows it
        self.ended = False
        self.welcome = []       # all that came while logging in
        self._buffer = bytearray()
        self._lines = collections.deque()
        self.received = []      # every message ever, for a failure's report

    @classmethod
    def connect(cls, address, tls=None, receive_buffer=None, host="localhost"):
        """For `tls` and `host` see open_socket."""
        return cls(open_socket(address, receive_buffer, tls=tls, host=host))

    # Sending

    def send_raw(self, data):
        self.sock.settimeout(seconds(10))
        self.sock.sendall(data)

    def send(self, *lines):
        """All in one piece, each with CR LF."""
        self.send_raw(b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines))

    def close(self):
        self.sock.close()

    # Receiving

    def _fill(self, end):
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(1 << 18)
        except ssl.SSLWantReadError:
            raise TimeoutError from None
        self.ended = not data
        self._buffer += data
        *whole, rest = self._buffer.split(b"\n")
        for line in whole:
            assert line.endswith(b"\r"), f"a line that does not end in CR LF: {bytes(line)!r}"
            self._lines.append(bytes(line[:-1]))
        self._buffer = bytearray(rest)

    def next(self, timeout=5, end=None):
        """The next message. PINGs of the server's are answered and returned like all else."""
        end = end or time.monotonic() + seconds(timeout)
        while not self._lines:
            if self.ended:
                raise EOFError(f"the connection ended; {self._tail()}")
            try:
                self._fill(end)
            except TimeoutError:
                raise AssertionError(f"nothing more came in time; {self._tail()}") from None
        message = Message(self._lines.popleft())
        self.received.append(message)
        if message.verb == "PING":
            self.send(f"PONG :{message.text}")
        return message

    def _tail(self):
        return f"{self.nick} last received: {self.received[-15:]}"

    def expect(self, verb, *params, source=None, timeout=5):
        """Reads until a message matches (see Message.matches) and returns it; what came before is in `skipped`."""
        end = time.monotonic() + seconds(timeout)
        self.skipped = []
        while True:
            try:
                message = self.next(end=end)
            except AssertionError:
                raise AssertionError(f"no {verb} {params} came; instead: {self.skipped}") from None
            except EOFError:
                raise AssertionError(f"no {verb} {params} before the end; instead: {self.skipped}") from None
            if message.matches(verb, *params) and source in (None, message.source, message.nick):
                return message
            self.skipped.append(message)

    def sync(self, timeout=10):
        """All messages that came before the answer to a PING sent now."""
        token = f"sync-{next(_tokens)}"
        self.send(f"PING {token}")
        self.expect("PONG", None, token, timeout=timeout)
        return self.skipped

    def ask(self, *lines, timeout=10):
        """Sends lines and returns all that came until they were answered."""
        token = f"sync-{next(_tokens)}"
        self.send(*lines, f"PING {token}")
        self.expect("PONG", None, token, timeout=timeout)
        return self.skipped

    def ask_one(self, *lines):
        """The same when exactly one message must come."""
        came = self.ask(*lines)
        assert len(came) == 1, f"{lines}: {came}"
        return came[0]

    def expect_nothing(self):
        came = self.sync()
        assert came == [], f"{self.nick} should have got nothing: {came}"

    def rest(self, timeout=5):
        """All messages until the server ends the connection (a reset is an error)."""
        end = time.monotonic() + seconds(timeout)
        came = []
        while True:
            try:
                came.append(self.next(end=end))
            except EOFError:
                assert not self._buffer, f"the connection ended inside a line: {bytes(self._buffer)!r}"
                return came

    def expect_closed(self, timeout=5):
        """The server says ERROR as its last line and ends the connection. Returns all that came, ERROR included."""
        came = self.rest(timeout)
        assert came and came[-1].verb == "ERROR", f"no ERROR at the end: {came}"
        return came

    # What clients do

    def register(self, nick, caps=(), user=None, real_name=None, password=None):
        """Logs in. `caps` are asked for with CAP LS 302 and REQ, and must all be granted. Returns the client."""
        lines = []
        if password is not None:
            lines.append(f"PASS :{password}")
        if caps:
            lines += ["CAP LS 302", "CAP REQ :" + " ".join(caps)]
        lines += [f"NICK {nick}", f"USER {user or 'user'} 0 * :{real_name or nick + ' real'}"]
        self.send(*lines)
        if caps:
            self.expect("CAP", None, "ACK")
            self.welcome += self.skipped
            self.send("CAP END")
        greeting = self.expect("001")
        self.welcome += [*self.skipped, greeting]
        self.expect(("376", "422"))
        self.welcome += [*self.skipped, self.received[-1]]
        self.nick = greeting.params[0]
        came = self.ask(f"WHO {self.nick} %uhn")
        self.welcome += [m for m in came if m.verb not in ("354", "315")]  # the MODE line, if there is one
        self.mask = next(f"{m.params[3]}!{m.params[1]}@{m.params[2]}" for m in came if m.verb == "354")
        return self

    def join(self, *channels, key=None):
        """Joins and waits for the end of each one's names. Returns all that came."""
        came = self.ask(f"JOIN {','.join(channels)}" + (f" {key}" if key else ""))
        joined = [m.params[0].lower() for m in came if m.verb == "JOIN" and m.nick == self.nick]
        assert joined == [channel.lower() for channel in channels], f"not in all of {channels}: {came}"
        return came

    def isupport(self):
        """The tokens of 005 as a dict; those without a value have ""."""
        tokens = {}
        for message in self.welcome:
            if message.verb == "005":
                for token in message.params[1:-1]:
                    name, _, value = token.partition("=")
                    tokens[name] = value
        return tokens


def verbs(messages):
    """["JOIN", "353", "366"]: what a whole answer consists of."""
    return [m.verb for m in messages]


def only(messages, *wanted):
    """Those with one of these verbs."""
    return [m for m in messages if m.verb in wanted]


def sync_all(*clients):
    """What each of them got, once all of their commands so far have been done."""
    first = [client.sync() for client in clients]
    return [came + client.sync() for came, client in zip(first, clients)]


def gather(channel, *clients):
    """They are all in the channel, the first one as its operator, and have nothing unread. Returns them."""
    for client in clients:
        client.join(channel)
    for client in clients:
        client.sync()
    return list(clients)
