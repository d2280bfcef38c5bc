"""Logging in to accounts as clients do: the client's side of SASL, certificates, and servers that many tests share."""

import base64
import contextlib
import hashlib
import hmac
import itertools
import os
import pathlib
import shutil
import ssl
import tempfile

from brusiod_commands import make_account, until_it_takes_commands
from frames import open_socket
from irc import IrcClient, only
from server import BOTH_DOORS, IRC_LISTENER, Server, tls_files

PASSWORD = "correct horse battery"
LONG_ENOUGH = "correct-horse-battery"  # and one word, as NickServ wants it
WRONG = "wrong horse battery"
PROXIES = '[server]\nproxies = ["127.0.0.1"]\n'
PROXIED = IRC_LISTENER + "proxy_protocol = true\n"
PROXIED_FRAMES = PROXIED.replace('"irc"', '"frame"')
UNLIMITED = "[limits]\ncommands_per_second = 0\nburst = 0\nconnects_per_minute_per_ip = 0\nconnections_per_ip = 0\n"
OUTCOMES = ("902", "903", "904", "905", "906", "907")
_numbers = itertools.count(1)


@contextlib.contextmanager
def running(binary, config="", listen=BOTH_DOORS):
    """A server for all tests of a module, with a folder of its own, which must end in an orderly way."""
    folder = tempfile.mkdtemp(prefix="brusio-e2e-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    server = Server(binary, pathlib.Path(folder), config, listen=listen)
    try:
        until_it_takes_commands(server)
        yield server
        server.stop()
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def new_name(stem="acct"):
    return f"{stem}{next(_numbers)}"


def new_account(server, password=PASSWORD, name=None):
    """An account nobody else has, made from the command line, while the server runs or after it. Returns its name."""
    name = name or new_name()
    if server.process.poll() is None:
        until_it_takes_commands(server)
    make_account(server.binary, server.directory, name, password)
    return name


# Connections


def trusting(certificate, own=None):
    context = ssl.create_default_context(cafile=certificate[0])
    if own:
        context.load_cert_chain(*own)
    return context


def fingerprint(certificate):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate[0]).read_text())).hexdigest()


def from_afar(server, source, address=None, tls=None):
    """A client that comes from another machine, as a proxy before the server says."""
    sock = open_socket(address or server.address_of("irc", tls is not None))
    family = "TCP6" if ":" in source else "TCP4"
    own = "::1" if ":" in source else "127.0.0.1"
    sock.sendall(f"PROXY {family} {source} {own} 1000 6667\r\n".encode())
    if tls is not None:
        sock = tls.wrap_socket(sock, server_hostname="localhost")
    client = IrcClient(sock)
    server.clients.append(client)
    return client


def capabilities(client, ask="CAP LS 302"):
    return dict(word.partition("=")[::2] for m in only(client.ask(ask), "CAP") for word in m.text.split())


def negotiating(client, *caps):
    """The same client, which has asked for `sasl` and these, and has not ended its negotiation."""
    client.send("CAP LS 302", "CAP REQ :" + " ".join(("sasl", *caps)))
    client.expect("CAP", None, "ACK")
    return client


def come_in(client, nick, user="user"):
    """Ends the negotiation and waits for the welcome. Returns the client."""
    client.send(f"NICK {nick}", f"USER {user} 0 * :{nick} real", "CAP END")
    return welcomed(client)


def welcomed(client):
    """Waits for the welcome; what came with it is in `client.welcome`. Returns the client."""
    client.nick = client.expect("001", timeout=20).params[0]
    client.welcome = [*client.skipped]
    client.expect(("376", "422"))
    client.welcome += [*client.skipped, *client.sync()]
    return client


# SASL


def base64_of(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def chunks(data):
    """What to send behind AUTHENTICATE, one after the other."""
    text = base64_of(data)
    parts = [text[i:i + 400] for i in range(0, len(text), 400)]
    return parts + (["+"] if len(text) % 400 == 0 else [])


def respond(client, data):
    client.send(*["AUTHENTICATE " + chunk for chunk in chunks(data)])


def begin(client, mechanism="PLAIN"):
    client.send(f"AUTHENTICATE {mechanism}")
    client.expect("AUTHENTICATE", "+")


def outcome(client):
    """The number that ends an exchange; `client.skipped` has what came before it."""
    return client.expect(OUTCOMES, timeout=20).verb


def plain(client, account, password=PASSWORD, authzid=""):
    """Logs in by PLAIN, also in the middle of a session. Returns the number that ends it: 903, 904 …"""
    begin(client, "PLAIN")
    respond(client, f"{authzid}\0{account}\0{password}")
    return outcome(client)


def external(client, authzid=""):
    begin(client, "EXTERNAL")
    respond(client, authzid)
    return outcome(client)


class Scram:
    """The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), for passwords that SASLprep leaves alone."""

    def __init__(self, user, password=PASSWORD, nonce=None, header="n,,"):
        self.password = password.encode()
        self.nonce = nonce or base64_of(os.urandom(18)).replace(",", ".")
        self.header = header
        self.bare = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={self.nonce}"
        self.first = (header + self.bare).encode()

    def last(self, challenge):
        """The last message, for the server's challenge."""
        fields = dict(part.split("=", 1) for part in challenge.split(","))
        assert fields["r"].startswith(self.nonce) and len(fields["r"]) >= len(self.nonce) + 18
        self.salt, self.iterations = base64.b64decode(fields["s"]), int(fields["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self.password, self.salt, self.iterations)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        unproven = f"c={base64_of(self.header)},r={fields['r']}"
        message = ",".join((self.bare, challenge, unproven)).encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        self.server_signature = hmac.digest(server_key, message, "sha256")
        return f"{unproven},p={base64_of(proof)}".encode()


def received(client):
    """The server's message, put together from its lines."""
    text = ""
    while True:
        chunk = client.expect("AUTHENTICATE").text
        text += "" if chunk == "+" else chunk
        if len(chunk) != 400:
            return base64.b64decode(text).decode()


def challenged(client, exchange):
    """Begins an exchange and returns the server's challenge."""
    begin(client, "SCRAM-SHA-256")
    respond(client, exchange.first)
    return received(client)


def scram(client, account, password=PASSWORD, **how):
    """Logs in by SCRAM-SHA-256, and is sure that it was this server. Returns the number that ends it."""
    exchange = Scram(account, password, **how)
    respond(client, exchange.last(challenged(client, exchange)))
    answer = client.expect(("AUTHENTICATE", *OUTCOMES), timeout=20)
    if answer.verb != "AUTHENTICATE":
        return answer.verb
    assert base64.b64decode(answer.text).decode() == "v=" + base64_of(exchange.server_signature)
    client.send("AUTHENTICATE +")
    return outcome(client)


def account_of(client, nick=None):
    """As which account somebody is logged in, as WHO tells; None without one."""
    nick = nick or client.nick
    (row,) = [m for m in only(client.ask(f"WHO {nick} %na"), "354") if m.params[1] == nick]
    return None if row.params[2] == "0" else row.params[2]


# People


def log_in(server, account, nick=None, password=LONG_ENOUGH, caps=(), **options):
    """A client that is logged in to its account from the start, by PLAIN."""
    client = negotiating(server.irc(**options), *caps)
    nick = nick or account
    client.send(f"NICK {nick}", f"USER {account} 0 * :{nick} real")  # before the log-in, as most do
    assert plain(client, account, password) == "903", client.received
    client.send("CAP END")
    return welcomed(client)


def with_account(server, account, *caps, nick=None):
    """On a server that tests share: under a nick nobody else has."""
    return log_in(server, account, nick or new_name("u"), PASSWORD, caps)


def passing(client, word, nick=None):
    client.send(f"PASS :{word}", f"NICK {nick or new_name('u')}", "USER u 0 * :x")
    return client


def token_of(client):
    """A new token of whoever is logged in there."""
    return [word.strip('.,:"') for m in client.ask("NS TOKEN ADD phone", timeout=20) for word in m.text.split()
            if word.startswith("brt_")][0]


def secure_config(certificate, more=""):
    return PROXIES + UNLIMITED + PROXIED + PROXIED + "tls = true\n" + PROXIED_FRAMES + tls_files(certificate) + more


def sasl_after(server, account, password):
    client = server.irc()
    client.send("CAP REQ :sasl")
    client.expect("CAP", None, "ACK")
    return plain(client, account, password)
