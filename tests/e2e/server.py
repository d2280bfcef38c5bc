"""The server under test: one `brusiod` process, its log, and the clients that were connected to it."""

import re
import signal
import subprocess
import threading
import time

from deadline import seconds
from frames import FrameClient
from irc import IrcClient

SANITIZER_REPORT = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|ERROR: LeakSanitizer|runtime error:")
BOTH_DOORS = ("127.0.0.1:0", "irc=127.0.0.1:0")  # for `listen`
IRC_ONLY = ("irc=127.0.0.1:0",)
# Listeners for `config`, with `listen=()`; "tls = true" behind one makes it one with TLS.
IRC_LISTENER = '[[listen]]\ndoor = "irc"\naddress = "127.0.0.1:0"\n'
FRAME_LISTENER = IRC_LISTENER.replace("irc", "frame")
LISTENING = re.compile(r"Listening for connections on (\S+) \((\w+)(, tls)?\)")


def tls_files(certificate):
    """What is configured of a certificate: the paths of it and of its key."""
    return f'[tls]\ncertificate = "{certificate[0]}"\nkey = "{certificate[1]}"\n'


class Server:
    """`config` is TOML text; `listen` are addresses for --listen, `127.0.0.1:0` (frame) or `irc=127.0.0.1:0`, or ()
    when `config` has the listeners."""

    def __init__(self, binary, directory, config="", listen=("127.0.0.1:0",), args=(), preexec=None):
        self.directory = directory
        self.config_path = directory / "brusiod.toml"
        if config or not self.config_path.exists():
            self.config_path.write_text(config)
        self.binary = binary
        self.clients = []
        self.expected_exit = 0  # None: any
        self._told_to_end = False
        self._lines = []
        self._changed = threading.Condition()
        command = [binary, "--config", self.config_path, "--data", directory / "data", *args]
        for address in listen:
            command += ["--listen", address if "=" in address else f"frame={address}"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, preexec_fn=preexec)
        self._readers = [threading.Thread(target=self._read, args=(stream,), daemon=True)
                         for stream in (self.process.stdout, self.process.stderr)]
        for reader in self._readers:
            reader.start()
        self._wait_ready(len(listen) or config.count("[[listen]]"))

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        return self.addresses[0]

    def address_of(self, door, tls=False, at=0):
        """Where this door listens: `frame` or `irc`, plain or with TLS."""
        return [address for address, how in zip(self.addresses, self._doors) if how == (door, tls)][at]

    @property
    def irc_address(self):
        return self.address_of("irc")

    # The log

    def _read(self, stream):
        for line in stream:
            with self._changed:
                self._lines.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _wait_ready(self, count):
        end = time.monotonic() + seconds(10)
        with self._changed:
            while True:
                found = [m for m in map(LISTENING.search, self._lines) if m]
                if len(found) >= count:
                    self.addresses = [m[1] for m in found]
                    self._doors = [(m[2], m[3] is not None) for m in found]
                    return
                gone = self.process.poll() is not None and not any(r.is_alive() for r in self._readers)
                if gone or time.monotonic() > end:
                    self.process.kill()
                    raise AssertionError("the server did not get ready:\n" + "\n".join(self._lines))
                self._changed.wait(0.1)

    def log(self, since=0):
        with self._changed:
            return self._lines[since:]

    def log_mark(self):
        """A point in the log, for `since`."""
        with self._changed:
            return len(self._lines)

    def log_matches(self, pattern, since=0):
        return [m for m in (re.search(pattern, line) for line in self.log(since)) if m]

    def wait_log(self, pattern, since=0, count=1, timeout=5):
        """Waits for `count` lines that match `pattern`, and returns the last of these matches."""
        end = time.monotonic() + seconds(timeout)
        matches, at = [], since
        with self._changed:
            while True:
                matches += [m for m in (re.search(pattern, line) for line in self._lines[at:]) if m]
                at = len(self._lines)
                if len(matches) >= count:
                    return matches[count - 1]
                left = end - time.monotonic()
                if left <= 0:
                    tail = "\n".join(self._lines[-30:])
                    raise AssertionError(
                        f"{len(matches)} of {count} log lines match {pattern!r}; the log ends:\n{tail}")
                self._changed.wait(left)

    # Clients

    def connect(self, address=None, **options):
        """A connection that has sent nothing yet. It is closed when the server is stopped."""
        client = FrameClient.connect(address or self.address, **options)
        self.clients.append(client)
        return client

    def join(self, name, address=None, **options):
        """A client that has logged in: what others say from now on reaches it."""
        mark = self.log_mark()
        client = self.enter(name, address, **options)
        self.wait_log(f"Accepted new connection from .*, username: {re.escape(client.name.decode())}$", mark)
        return client

    def enter(self, name, address=None, **options):
        """A client that has sent its name; whether it was let in is not known yet."""
        client = self.connect(address, **options)
        client.name = name.encode() if isinstance(name, str) else name
        client.send(client.name)
        return client

    def join_many(self, names, **options):
        mark = self.log_mark()
        clients = [self.enter(name, **options) for name in names]
        self.wait_log("Accepted new connection from ", mark, count=len(clients), timeout=20)
        return clients

    def irc(self, nick=None, address=None, tls=None, host="localhost", **options):
        """An IRC client, logged in when it has a nick (see IrcClient.register for the options)."""
        client = IrcClient.connect(address or self.address_of("irc", tls is not None), tls=tls, host=host)
        self.clients.append(client)
        return client.register(nick, **options) if nick else client

    # The process

    def memory(self, key):
        """A figure of /proc/PID/status in bytes, e.g. VmRSS, VmHWM (its peak), VmPeak (of the address space)."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"^{key}:\s+(\d+) kB", status.read(), re.M)[1]) * 1024

    def signal(self, number):
        self._told_to_end |= number in (signal.SIGTERM, signal.SIGINT)
        self.process.send_signal(number)

    def crash(self):
        """It is killed, and can do nothing about it."""
        self.expected_exit = -signal.SIGKILL
        self._told_to_end = True
        self.process.kill()
        self.process.wait()

    def end(self, how):
        """In an orderly way for "SIGTERM", in the middle of everything for "SIGKILL"."""
        if how == "SIGKILL":
            self.crash()
        else:
            self.stop()

    def reload(self, config):
        """Writes a new configuration, asks for it with SIGHUP and waits until the log says what came of it."""
        self.config_path.write_text(config)
        mark = self.log_mark()
        self.signal(signal.SIGHUP)
        return self.wait_log(r"(?i).*(reload|configuration).*", mark)[0]

    def wait_exit(self, timeout=6):
        """The exit code, once the process has ended by itself."""
        try:
            code = self.process.wait(seconds(timeout))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            tail = "\n".join(self.log()[-30:])
            raise AssertionError(f"no end within {seconds(timeout):g} s; the log ends:\n{tail}") from None
        for reader in self._readers:
            reader.join(seconds(5))
        return code

    def stop(self):
        """Ends what is left; the server must go in an orderly way and have nothing to report."""
        for client in self.clients:
            client.close()
        if self.process.poll() is None and not self._told_to_end:
            self.signal(signal.SIGTERM)
        code = self.wait_exit()
        self.process.stdout.close()
        self.process.stderr.close()
        log = "\n".join(self.log())
        assert not SANITIZER_REPORT.search(log), log
        if self.expected_exit is not None:
            assert code == self.expected_exit, f"exit code {code}; the log ends:\n{log[-3000:]}"
